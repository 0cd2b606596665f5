//! The passages that one turn may quote: all of a small collection, and of a large one those that searches find.

use serde_json::{Value, json};

use super::markers::Marker;
use super::protocol::{Annotation, Source};
use super::state::State;
use crate::error::RequestError;
use crate::knowledge::{Knowledge, Passage, Query};
use crate::site::{AgentSettings, KnowledgeSettings, Site};

/// Passages that a search finds.
pub const MOST_PASSAGES: usize = 10;
/// The longest query of a model, in bytes.
const LONGEST_QUERY: usize = 1000;
/// The name of the tool with which a model searches.
pub(super) const TOOL: &str = "search_knowledge";

/// Precedes the passages.
const INTRODUCED: &str = "\
Passages of the website follow, each with its number in brackets, its title and its address.";
const CITED: &str = "\
After a statement that comes from a passage, write the number of that passage in brackets, such as [2] or [1][3]. Do not \
list the sources otherwise.";
const NOT_CITED: &str = "Do not mention the numbers.";
/// The marker stays out of the text like any other, and the log says so.
const NOT_FOUND: &str = "If no passage contains the answer, end your message with [0].";
const SEARCHABLE: &str = "\
These are what a search for the visitor's message has found. If they do not suffice, search with other words by the tool \
`search_knowledge`.";
const NOTHING: &str = "Nothing was found.";

/// The passages of a turn, each with a number.
pub(super) struct Passages<'s> {
    knowledge: Knowledge<'s>,
    /// Those with the numbers 1, 2 and so on.
    numbered: Vec<u32>,
    /// The number of those that the instructions hold; the others are results of the model's own searches.
    told: usize,
    settings: KnowledgeSettings,
}

impl<'s> Passages<'s> {
    /// The passages for the newest question of a thread. `None` if the agent knows no pages.
    pub(super) fn of(
        site: &'s Site,
        agent: &AgentSettings,
        state: &State,
    ) -> Result<Option<Passages<'s>>, RequestError> {
        let Some(settings) = agent.knowledge else {
            return Ok(None);
        };
        let knowledge = site.knowledge(settings)?;
        let mut passages = Passages {
            knowledge,
            numbered: Vec::new(),
            told: 0,
            settings,
        };
        if settings.is_whole {
            passages.numbered.extend(0..knowledge.len());
        } else {
            let [question, before, answer] = state.context();
            passages.find(&Query {
                question: &question,
                before: &before,
                answer: &answer,
            });
        }
        passages.told = passages.numbered.len();
        Ok(Some(passages))
    }

    /// Whether there are more than those that are numbered.
    pub(super) fn is_searchable(&self) -> bool {
        !self.settings.is_whole
    }

    /// The number of passages that the model has.
    pub(super) fn len(&self) -> usize {
        self.numbered.len()
    }

    /// The passages as a part of the instructions.
    pub(super) fn text(&self) -> String {
        let cited = match self.settings.sources {
            true => CITED,
            false => NOT_CITED,
        };
        let searchable = if self.is_searchable() { SEARCHABLE } else { "" };
        let mut text = [INTRODUCED, cited, NOT_FOUND, searchable].join(" ");
        text.truncate(text.trim_end().len());
        if self.told == 0 {
            text.push_str("\n\n");
            text.push_str(NOTHING);
        }
        for at in 0..self.told {
            self.write(at, &mut text);
        }
        text
    }

    /// The result of a model's own search: passages that it has not had, with further numbers. `arguments` is the JSON
    /// that the model has written.
    pub(super) fn search(&mut self, arguments: &str) -> String {
        let arguments: Value = serde_json::from_str(arguments).unwrap_or_default();
        let query = arguments["query"].as_str().unwrap_or_default();
        let query = &query[..query.floor_char_boundary(LONGEST_QUERY)];
        let first = self.numbered.len();
        self.find(&Query {
            question: query,
            ..Query::default()
        });
        let mut text = String::new();
        for at in first..self.numbered.len() {
            self.write(at, &mut text);
        }
        match text.is_empty() {
            true => NOTHING.to_owned(),
            false => text.trim_start().to_owned(),
        }
    }

    /// The citation of a marker. `None` if there is no such passage, or the owner wants none.
    pub(super) fn annotation(&self, marker: &Marker) -> Option<Annotation> {
        let passage = self.numbered(marker.number)?;
        let title = passage.name();
        let source = match passage.url {
            "" => Source::File {
                filename: title.clone(),
                title,
            },
            url => Source::Url {
                title,
                url: url.to_owned(),
            },
        };
        self.settings.sources.then_some(Annotation {
            source,
            index: Some(marker.at),
        })
    }

    /// The id of the passage with this number.
    pub(super) fn id(&self, number: usize) -> Option<u64> {
        self.numbered(number).map(|passage| passage.id)
    }

    fn numbered(&self, number: usize) -> Option<Passage<'s>> {
        let at = self.numbered.get(number.checked_sub(1)?)?;
        self.knowledge.passage(*at)
    }

    fn find(&mut self, query: &Query<'_>) {
        // Those that the model has already are not worth one of its searches.
        let most = MOST_PASSAGES + self.numbered.len();
        let hits = self.knowledge.search(query, most);
        let hits = hits.iter().map(|hit| hit.passage);
        let new: Vec<_> = hits.filter(|hit| !self.numbered.contains(hit)).collect();
        self.numbered.extend(new.iter().take(MOST_PASSAGES));
    }

    /// Writes the passage at this position, as the model reads it.
    fn write(&self, at: usize, text: &mut String) {
        let Some(passage) = self.numbered(at + 1) else {
            return;
        };
        let Passage {
            title,
            heading,
            url,
            text: own,
            ..
        } = passage;
        *text += &format!("\n\n[{}] {title}", at + 1);
        for part in [heading, url] {
            if !part.is_empty() {
                *text += &format!(" · {part}");
            }
        }
        for line in own.lines() {
            text.push('\n');
            // A line of a page must not look like the beginning of another passage.
            let is_head =
                line.starts_with('[') && line[1..].starts_with(|c: char| c.is_ascii_digit());
            text.push_str(if is_head { " " } else { "" });
            text.push_str(line);
        }
    }
}

/// The tool, as a Responses API wants it.
pub(super) fn tool() -> Value {
    json!({
        "type": "function",
        "name": TOOL,
        "description": "Searches the pages of the website. Finds pages that share words with the query, in the language of the website.",
        "strict": true,
        "parameters": {
            "type": "object",
            "properties": {
                "query": {"type": "string", "description": "A few words that the page may contain."}
            },
            "required": ["query"],
            "additionalProperties": false,
        },
    })
}
