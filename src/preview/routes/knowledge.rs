//! What an agent knows, for the studio: its pages, and the passages that a question finds.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use session::Query;

use crate::preview::http::Reply;
use crate::preview::state::Preview;
use crate::price;
use crate::site::{Agent, Backend, Knowledge};

/// Notes that are shown; `check` shows all.
const MOST_NOTES: usize = 5;
/// The longest question, in bytes.
const LONGEST: usize = 2000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// The draft.
    id: String,
    widget: String,
    /// Empty for none.
    question: String,
}

/// The reply: `preamble`, `known` (null if the agent knows no pages) and `found`, the best passage first; or `{}` for a
/// widget that has no agent.
pub(super) fn answer(preview: &Arc<Preview>, asked: &Asked) -> Result<Reply, Reply> {
    if preview.place.is_open {
        let message = "the network can reach this preview (--host), so it shows no pages; start it without --host for that";
        return Err(Reply::error(403, "pages_are_hidden", message));
    }
    let view = preview.view(Some(&asked.id)).or_else(|| preview.view(None));
    let part = view.and_then(|view| view.part(&asked.widget).ok());
    let widget = part.as_ref().and_then(|part| part.widget(&asked.widget));
    let Some(Backend::Agent(agent)) = widget.map(|widget| &widget.backend) else {
        return Ok(Reply::json(200, &json!({})));
    };
    let question = &asked.question[..asked.question.floor_char_boundary(LONGEST)];
    let known = agent.knowledge.as_ref();
    let reply = json!({
        "preamble": agent.settings.preamble,
        "known": known.map(|known| summary(agent, known)),
        "found": known.map(|known| found(known, question)),
    });
    Ok(Reply::json(200, &reply))
}

fn summary(agent: &Agent, known: &Knowledge) -> Value {
    let added = known.tokens_of_a_request();
    let price = price::of(&agent.settings.model);
    let notes = known.notes.iter().take(MOST_NOTES);
    json!({
        "pages": known.pages,
        "passages": known.len(),
        "tokens": known.tokens,
        "is_whole": known.is_whole,
        "most": session::MOST_PASSAGES,
        "dollars": price.map(|price| price.of(added as u64, 0, 0)),
        "notes": notes.map(|(place, text)| format!("{place}: {text}")).collect::<Vec<_>>(),
        "more_notes": known.notes.len().saturating_sub(MOST_NOTES),
    })
}

fn found(known: &Knowledge, question: &str) -> Value {
    let query = Query {
        question,
        ..Query::default()
    };
    let found = known.search(&query).into_iter().map(|(passage, score)| {
        json!({
            "title": passage.title,
            "heading": passage.heading,
            "url": passage.url,
            "text": passage.text,
            "score": score,
        })
    });
    found.collect()
}
