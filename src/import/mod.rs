//! Turns pasted text into `chatkit:` options: the export of chatkit.studio, or what became of it in a code base. An
//! export of Agent Builder becomes a `backend:`, see [`agent`].
//!
//! ```text
//! text ─guard─▶ program ─find─▶ the object ─value─▶ plain data with places ─meant─▶ ChatKit's keys ─fit─▶ edits
//!                       └─agent─▶ edits
//! ```
//!
//! Nothing that is pasted is ever run. Whatever cannot be imported is reported with its line.

mod agent;
mod cut;
mod fence;
mod find;
mod fit;
mod guard;
mod meant;
mod options;
mod parse;
mod value;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use self::agent::Export;
use self::options::{Options, Widget};
use crate::config::{BackendKind, ChatKitNames, refuse_keys};
use crate::edit::Edit;
use crate::yaml::{Problem, Problems, Source, holds_key, masked};

pub(crate) use guard::MAX_SIZE;

/// The destination of the options.
pub(crate) struct Target<'a> {
    /// The widget's name. It need not exist.
    pub(crate) widget: &'a str,
    /// Its own keys as written, or `null`. They stay unless the paste sets them.
    pub(crate) written: &'a Value,
    /// The same with inherited values: the back end decides which options make sense.
    pub(crate) merged: &'a Value,
    /// The agent of an export that answers, if it has several.
    pub(crate) agent: Option<&'a str>,
}

/// The result of a paste.
#[derive(Debug)]
pub(crate) struct Imported {
    /// For [`crate::edit::apply`].
    pub(crate) edits: Vec<Edit>,
    /// Options that were left out or changed, in the order of the lines.
    pub(crate) notes: Vec<Note>,
    /// `true` if the widget's back end is an agent now.
    pub(crate) is_agent: bool,
}

/// A remark on a line of the paste.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Note {
    /// Starts at 1.
    pub(crate) line: usize,
    pub(crate) message: String,
}

/// Reads pasted text. `file_name` is its name in messages.
///
/// # Errors
///
/// Text that is not a program, has no options and no agent, or contains an API key or deceptive characters, each with
/// its line; and several agents, of which none is chosen.
pub(crate) fn read(text: &str, file_name: &str, target: &Target<'_>) -> Result<Imported, Problems> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = Source::new(file_name, text);
    read_source(&source, target).map_err(|problems| {
        let problems = match agent::may_hold_secrets(text) {
            true => problems
                .into_iter()
                .map(|problem| agent::unseen(problem, &source))
                .collect(),
            false => problems,
        };
        Problems::new(problems, Arc::new([source]))
    })
}

fn read_source(source: &Source, target: &Target<'_>) -> Result<Imported, Vec<Problem>> {
    let text = &source.text;
    let tokens = guard::count(text).map_err(|problem| vec![problem])?;
    if agent::is_python(text) {
        return Err(vec![agent::python()]);
    }
    let mut keys = Vec::new();
    refuse_keys(0, text, &mut keys);
    // The keys of an export may be those of its servers, which are left out anyway.
    if !keys.is_empty() && !agent::makes_agents(text) {
        return Err(keys);
    }
    let names = ChatKitNames::collect();
    let read = parse::read(text, tokens, &names).map_err(|problem| vec![problem])?;
    let mut changes = Changes::default();
    let backend = &target.merged["backend"];
    let kind = backend["type"].as_str().and_then(BackendKind::named);
    let (kind, takes_files) = match &read.export {
        Some(export) => {
            changes.add_agent(export, text, target)?;
            (BackendKind::Agent, false)
        }
        None if !keys.is_empty() => return Err(keys),
        None if target.agent.is_some() => {
            let problem = Problem::in_file(0, "there is no agent in this");
            return Err(vec![
                problem.hint("leave `--agent` out, or import an export of Agent Builder"),
            ]);
        }
        None => {
            let kind = kind.unwrap_or_default();
            (kind, kind.takes_files(backend))
        }
    };
    let is_agent = read.export.is_some();
    if let Some(options) = read.options {
        changes.remarks.extend(read.remarks);
        let options = Options {
            options,
            themed: read.themed,
            cuts: &read.cuts,
        };
        let widget = Widget {
            name: target.widget,
            chatkit: &target.written["chatkit"],
            kind,
            takes_files,
        };
        let edits = options::edits(options, &names, source, &widget, &mut changes.remarks);
        changes
            .edits
            .extend(edits.map_err(|problem| vec![problem])?);
    }
    Ok(Imported {
        edits: changes.edits,
        notes: notes(text, changes.remarks),
        is_agent,
    })
}

/// What comes of a paste.
#[derive(Default)]
struct Changes {
    edits: Vec<Edit>,
    remarks: Vec<value::Remark>,
}

impl Changes {
    /// Turns one agent of an export into the widget's back end.
    fn add_agent(
        &mut self,
        export: &Export,
        text: &str,
        target: &Target<'_>,
    ) -> Result<(), Vec<Problem>> {
        let lines = Lines::of(text);
        let agent = agent::choose(export, target.agent, &|at| lines.number(at));
        let agent = agent.map_err(|problem| vec![problem])?;
        let widget = agent::Target {
            widget: target.widget,
            written: target.written,
            merged: target.merged,
        };
        let (edits, remarks) = agent::edits(agent, &widget).map_err(|problem| vec![problem])?;
        self.edits.extend(edits);
        self.remarks.extend(remarks);
        self.remarks.extend(agent.remarks.iter().cloned());
        self.remarks.extend(export.remarks.iter().cloned());
        for other in export.agents.iter().filter(|other| other.at != agent.at) {
            let message = format!("`{}` is left out: one agent answers here", other.title());
            self.remarks.push((other.at, message));
        }
        let told: Vec<_> = self
            .remarks
            .iter()
            .map(|(at, _)| lines.number(*at))
            .collect();
        for (at, line) in lines.starts().zip(text.lines()) {
            if holds_key(line) && !told.contains(&lines.number(at)) {
                let message = "what looks like an OpenAI API key is left out; create a new one, because this one is no \
                               longer secret";
                self.remarks.push((at, message.to_owned()));
            }
        }
        Ok(())
    }
}

/// The lines of a text.
struct Lines {
    ends: Vec<usize>,
}

impl Lines {
    fn of(text: &str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at).collect();
        Self { ends }
    }

    /// The number of the line that a byte is in, from 1.
    fn number(&self, at: usize) -> usize {
        self.ends.partition_point(|end| *end < at) + 1
    }

    fn starts(&self) -> impl Iterator<Item = usize> {
        std::iter::once(0).chain(self.ends.iter().map(|end| end + 1))
    }
}

/// The remarks by line, each once: the same may be found on two paths.
fn notes(text: &str, remarks: Vec<value::Remark>) -> Vec<Note> {
    let lines = Lines::of(text);
    let notes = remarks.into_iter().map(|(at, message)| Note {
        line: lines.number(at),
        message: masked(&message),
    });
    let mut notes: Vec<_> = notes.collect::<BTreeSet<_>>().into_iter().collect();
    if let Some(more) = notes.len().checked_sub(MAX_NOTES).filter(|more| *more > 0) {
        notes.truncate(MAX_NOTES);
        let line = notes.last().map_or(1, |note| note.line);
        let message = format!("{more} more like this");
        notes.push(Note { line, message });
    }
    notes
}

/// Nobody reads more.
const MAX_NOTES: usize = 100;
