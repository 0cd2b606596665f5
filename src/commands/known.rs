//! What the agents of a site know, for `build` and `check`.

use std::fmt;

use crate::console;
use crate::price;
use crate::site::{Agent, Backend, Knowledge, Site};

/// Prints a line for each agent that knows pages, and up to `most` notes on its files.
pub(super) fn report(site: &Site, most: usize) {
    for widget in &site.widgets {
        let Backend::Agent(agent) = &widget.backend else {
            continue;
        };
        let Some(knowledge) = &agent.knowledge else {
            continue;
        };
        let known = Known { agent, knowledge };
        console::status("knowledge", format_args!("{}: {known}", widget.name));
        for (place, text) in knowledge.notes.iter().take(most) {
            console::note(place, text);
        }
        let more = knowledge.notes.len().saturating_sub(most);
        if more > 0 {
            console::note(
                &widget.name,
                &format!("{more} more notes; `check` shows all"),
            );
        }
    }
}

/// Smaller sums are not told apart.
const LEAST: f64 = 0.0001;

/// An agent and what it knows.
struct Known<'a> {
    agent: &'a Agent,
    knowledge: &'a Knowledge,
}

impl fmt::Display for Known<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Knowledge { pages, tokens, .. } = self.knowledge;
        let passages = self.knowledge.len();
        write!(
            f,
            "pages: {pages}, passages: {passages}, tokens: about {tokens}; "
        )?;
        let added = self.knowledge.tokens_of_a_request();
        match self.knowledge.is_whole {
            true => f.write_str("a message brings all of them")?,
            false => write!(f, "a message brings the best {}", session::MOST_PASSAGES)?,
        }
        let model = &self.agent.settings.model;
        let Some(price) = price::of(model) else {
            return Ok(());
        };
        let dollars = price.of(added as u64, 0, 0);
        if dollars < LEAST {
            return write!(f, ", for less than ${LEAST} with {model}");
        }
        write!(f, ", for ${dollars:.4} with {model}")?;
        if self.knowledge.is_whole {
            let cached = price.of(added as u64, added as u64, 0);
            write!(f, ", or ${cached:.4} if OpenAI has them in its cache")?;
        }
        Ok(())
    }
}
