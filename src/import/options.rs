//! Options as changes of a widget.

use serde_json::{Map, Value};

use super::cut::Cut;
use super::value::Remark;
use super::{fit, meant};
use crate::config::{BackendKind, ChatKitNames};
use crate::edit::Edit;
use crate::yaml::{Kind, Node, Problem, Source};

/// Options as they were read.
pub(super) struct Options<'o> {
    pub(super) options: Node,
    /// `true` if something differed between light and dark.
    pub(super) themed: bool,
    /// Lists of which the export only shows the start.
    pub(super) cuts: &'o [Cut],
}

/// The widget that takes the options.
pub(super) struct Widget<'w> {
    pub(super) name: &'w str,
    /// Its `chatkit` as written, or `null`.
    pub(super) chatkit: &'w Value,
    pub(super) kind: BackendKind,
    /// `true` if visitors can send files to its back end.
    pub(super) takes_files: bool,
}

/// The changes of the widget's `chatkit`, as far as its back end allows them.
///
/// # Errors
///
/// Options that have nothing which can be taken.
pub(super) fn edits(
    read: Options<'_>,
    names: &ChatKitNames,
    source: &Source,
    widget: &Widget<'_>,
    remarks: &mut Vec<Remark>,
) -> Result<Vec<Edit>, Problem> {
    let Options {
        mut options,
        themed,
        cuts,
    } = read;
    let place = options.place.clone();
    meant::put_right(&mut options, names, remarks);
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
    if !widget.takes_files {
        leave_files_out(&mut options, widget.kind, remarks);
    }
    let options = fit::fit(options, source, widget.kind, remarks).ok_or_else(|| {
        Problem::at(place, "these options cannot be imported").hint("import them in parts")
    })?;
    let mut edits = Vec::new();
    let mut way = vec![
        "widgets".to_owned(),
        widget.name.to_owned(),
        "chatkit".to_owned(),
    ];
    let mut collector = Collector {
        cuts,
        remarks,
        edits: &mut edits,
    };
    collector.collect(&options, widget.chatkit, &mut way);
    Ok(edits)
}

/// Creates edits from options: one for each value that differs from the current one.
struct Collector<'c> {
    cuts: &'c [Cut],
    remarks: &'c mut Vec<Remark>,
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
fn leave_files_out(options: &mut Node, kind: BackendKind, remarks: &mut Vec<Remark>) {
    let Some(composer) = options.section("composer") else {
        return;
    };
    if let Some(index) = composer.iter().position(|entry| entry.key == "attachments") {
        let on = |node: &Node| matches!(node.kind, Kind::Bool(true));
        let is_on = composer[index].value.get("enabled").is_some_and(on);
        let entry = composer.remove(index);
        if is_on {
            let message = match kind {
                BackendKind::Agent => "`composer.attachments` is left out: an agent takes no files",
                BackendKind::Server | BackendKind::Hosted => {
                    "`composer.attachments` is left out: first say how files reach your server, with \
                     `backend.upload: {type: two_phase}`, and import again"
                }
            };
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
