//! Turns pasted text into `chatkit:` options: the export of chatkit.studio, or what became of it in a code base.
//!
//! ```text
//! text ─guard─▶ program ─find─▶ the object ─value─▶ plain data with places ─meant─▶ ChatKit's keys ─fit─▶ edits
//! ```
//!
//! Nothing that is pasted is ever run. Whatever cannot be imported is reported with its line.

mod cut;
mod find;
mod fit;
mod guard;
mod meant;
mod parse;
mod value;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use self::cut::Cut;
use crate::config::{BackendKind, ChatKitNames, refuse_keys};
use crate::edit::Edit;
use crate::yaml::{Kind, Node, Problem, Problems, Source};

pub(crate) use guard::MAX_SIZE;

/// The destination of the options.
pub(crate) struct Target<'a> {
    /// The widget's name. It need not exist.
    pub(crate) widget: &'a str,
    /// Its own keys as written, or `null`. They stay unless the paste sets them.
    pub(crate) written: &'a Value,
    /// The same with inherited values: the back end decides which options make sense.
    pub(crate) merged: &'a Value,
}

/// The result of a paste.
#[derive(Debug)]
pub(crate) struct Imported {
    /// For [`crate::edit::apply`].
    pub(crate) edits: Vec<Edit>,
    /// Options that were left out or changed, in the order of the lines.
    pub(crate) notes: Vec<Note>,
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
/// Text that is not a program, has no options, or contains an API key or deceptive characters, each with its line.
pub(crate) fn read(text: &str, file_name: &str, target: &Target<'_>) -> Result<Imported, Problems> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = Source {
        path: file_name.into(),
        text: text.to_owned(),
    };
    read_source(&source, target).map_err(|problems| Problems::new(problems, Arc::new([source])))
}

fn read_source(source: &Source, target: &Target<'_>) -> Result<Imported, Vec<Problem>> {
    let tokens = guard::count(&source.text).map_err(|problem| vec![problem])?;
    let mut problems = Vec::new();
    refuse_keys(0, &source.text, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    let names = ChatKitNames::collect();
    let parse::Read {
        mut options,
        mut remarks,
        themed,
        cuts,
    } = parse::read(&source.text, tokens, &names).map_err(|problem| vec![problem])?;
    let place = options.place.clone();
    meant::put_right(&mut options, &names, &mut remarks);
    if themed && !has_scheme(&options) {
        let auto = Node {
            place: place.clone(),
            kind: Kind::Text("auto".to_owned()),
        };
        meant::put(&mut options, &["theme", "colorScheme"], auto);
        let message = "`theme.colorScheme` is now `auto`: it follows the visitor's system";
        remarks.push((place.span.start, message.to_owned()));
    }
    remove_empty(&mut options);
    let backend = &target.merged["backend"];
    let kind = backend["type"].as_str().and_then(BackendKind::named);
    let kind = kind.unwrap_or_default();
    if !kind.takes_files(backend) {
        leave_files_out(&mut options, &mut remarks);
    }
    let options = fit::fit(options, source, kind, &mut remarks).ok_or_else(|| {
        vec![Problem::at(place, "these options cannot be imported").hint("import them in parts")]
    })?;
    let mut edits = Vec::new();
    let mut way = vec![
        "widgets".to_owned(),
        target.widget.to_owned(),
        "chatkit".to_owned(),
    ];
    let mut collector = Collector {
        cuts: &cuts,
        remarks: &mut remarks,
        edits: &mut edits,
    };
    collector.collect(&options, &target.written["chatkit"], &mut way);
    Ok(Imported {
        edits,
        notes: notes(&source.text, remarks),
    })
}

/// The remarks by line, each once: the same may be found on two paths.
fn notes(text: &str, remarks: Vec<value::Remark>) -> Vec<Note> {
    let ends: Vec<_> = text.match_indices('\n').map(|(at, _)| at).collect();
    let notes = remarks.into_iter().map(|(at, message)| Note {
        line: ends.partition_point(|end| *end < at) + 1,
        message,
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

/// Creates edits from options: one for each value that differs from the current one.
struct Collector<'c> {
    cuts: &'c [Cut],
    remarks: &'c mut Vec<value::Remark>,
    edits: &'c mut Vec<Edit>,
}

/// Maps that count as one value: pasting one replaces the current one instead of merging with it.
const WHOLE: [&str; 3] = ["accept", "maxSize", "action"];

impl Collector<'_> {
    fn collect(&mut self, node: &Node, there: &Value, way: &mut Vec<String>) {
        let is_whole = way.last().is_some_and(|key| WHOLE.contains(&key.as_str()));
        let mixes = !is_whole && (there.is_null() || there.is_object());
        match &node.kind {
            Kind::Null => self.null(node, there, way),
            Kind::Map(entries) if mixes => {
                for entry in entries {
                    way.push(entry.key.clone());
                    self.collect(&entry.value, &there[&entry.key], way);
                    way.pop();
                }
            }
            // The file has `theme: dark`, and the paste has more.
            Kind::Map(entries)
                if there.is_string() && way.last().is_some_and(|key| key == "theme") =>
            {
                let mut theme = Map::new();
                theme.insert("colorScheme".to_owned(), there.clone());
                theme.extend(
                    entries
                        .iter()
                        .map(|entry| (entry.key.clone(), as_written(&entry.value))),
                );
                self.set(way, theme.into(), there);
            }
            Kind::List(items) => {
                let mut list: Vec<_> = items.iter().map(as_written).collect();
                let span = &node.place.span;
                if let Some(cut) = self.cuts.iter().find(|cut| span.contains(&cut.at)) {
                    let there = there.as_array().and_then(|there| there.get(list.len()..));
                    let more = there.unwrap_or_default();
                    self.remarks.push((cut.at, cut.message(&way[3..], more)));
                    list.extend_from_slice(more);
                }
                self.set(way, list.into(), there);
            }
            _ => self.set(way, as_written(node), there),
        }
    }

    /// In code, `null` says that nothing is set here.
    fn null(&mut self, node: &Node, there: &Value, way: &[String]) {
        if !there.is_null() {
            let message = format!("`{}` is removed, because it is `null`", way[3..].join("."));
            self.remarks.push((node.place.span.start, message));
            self.edits.push(Edit {
                path: way.to_vec(),
                value: None,
            });
        }
    }

    fn set(&mut self, way: &[String], value: Value, there: &Value) {
        if value != *there {
            self.edits.push(Edit {
                path: way.to_vec(),
                value: Some(value),
            });
        }
    }
}

/// The value as a file holds it, where `${` starts a variable.
fn as_written(node: &Node) -> Value {
    node.to_json_with(|text| text.replace("${", "$${"))
}

fn has_scheme(options: &Node) -> bool {
    let theme = options.get("theme");
    theme.is_some_and(|theme| {
        theme.get("colorScheme").is_some() || !matches!(theme.kind, Kind::Map(_))
    })
}

/// Leaves out attachments if the server has no upload: ChatKit would call it anyway.
fn leave_files_out(options: &mut Node, remarks: &mut Vec<value::Remark>) {
    let Some(composer) = options.section("composer") else {
        return;
    };
    if let Some(index) = composer.iter().position(|entry| entry.key == "attachments") {
        let on = |node: &Node| matches!(node.kind, Kind::Bool(true));
        let is_on = composer[index].value.get("enabled").is_some_and(on);
        let entry = composer.remove(index);
        if is_on {
            let message = "`composer.attachments` is left out: first say how files reach your server, with \
                           `backend.upload: {type: two_phase}`, and import again";
            remarks.push((entry.key_place.span.start, message.to_owned()));
        }
    }
    remove_empty(options);
}

/// Removes empty sections, which have no meaning.
fn remove_empty(node: &mut Node) {
    if let Kind::Map(entries) = &mut node.kind {
        entries.retain_mut(|entry| {
            remove_empty(&mut entry.value);
            !matches!(&entry.value.kind, Kind::Map(keys) if keys.is_empty())
        });
    }
}
