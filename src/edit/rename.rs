//! Renames widgets where they are, so that their files or lines keep their comments.
//!
//! Edits have no word for it: a widget disappears under one name and appears under another, and one of the two has the
//! other's name among its `aliases`.

use std::borrow::Cow;
use std::path::Path;

use serde_json::Value;

use super::{Edit, stem};
use crate::config::is_name;
use crate::yaml::{Node, Source};

/// The key of all widgets in `site.yaml`.
const WIDGETS: &str = "widgets";
/// The key of a widget with its earlier names.
const ALIASES: &str = "aliases";

/// The files after the renames among the edits, and the edits that are left to make in them. A rename that the text of a
/// file does not allow is left as it is: a removal and a new widget.
pub(super) fn renamed<'a, 'b>(
    sources: &'a [Source],
    edits: &'b [Edit],
) -> (Cow<'a, [Source]>, Vec<&'b Edit>) {
    let mut sources = Cow::Borrowed(sources);
    let mut left: Vec<_> = edits.iter().collect();
    for edit in edits {
        let (Some(new), Some(value)) = (widget(edit), &edit.value) else {
            continue;
        };
        let is_old = |edit: &&Edit| {
            let gone = widget(edit).filter(|_| edit.value.is_none());
            gone.is_some_and(|old| {
                names(value).any(|name| name == old)
                    || names(&written(&sources, old)).any(|name| name == new)
            })
        };
        let Some(at) = left.iter().position(is_old) else {
            continue;
        };
        if let Some(moved) = widget(left[at]).and_then(|old| moved(&sources, old, new)) {
            sources = Cow::Owned(moved);
            left.remove(at);
        }
    }
    (sources, left)
}

/// The widget that an edit sets or removes as a whole.
fn widget(edit: &Edit) -> Option<&str> {
    match &*edit.path {
        [section, name] if section == WIDGETS => Some(name),
        _ => None,
    }
}

/// The earlier names of a widget.
fn names(widget: &Value) -> impl Iterator<Item = &str> {
    let names = widget[ALIASES].as_array().into_iter().flatten();
    names.filter_map(Value::as_str)
}

/// The place of the widget's own file.
fn file_of(sources: &[Source], widget: &str) -> Option<usize> {
    let others = sources.iter().skip(1);
    let mut stems = others.map(|source| stem(&source.path));
    stems.position(|name| name == Some(widget)).map(|at| at + 1)
}

fn parsed(text: &str) -> Option<Node> {
    let mut problems = Vec::new();
    let tree = Node::parse(0, text, &mut problems);
    problems.is_empty().then_some(tree)
}

fn written(sources: &[Source], widget: &str) -> Value {
    let file = file_of(sources, widget);
    let tree = parsed(&sources[file.unwrap_or(0)].text);
    let json = tree.map(|tree| tree.to_json()).unwrap_or_default();
    match file {
        Some(_) => json,
        None => json[WIDGETS][widget].clone(),
    }
}

/// The files with a widget under its new name.
fn moved(sources: &[Source], old: &str, new: &str) -> Option<Vec<Source>> {
    // The name becomes that of a file.
    if !is_name(new) || file_of(sources, new).is_some() {
        return None;
    }
    let mut sources = sources.to_vec();
    match file_of(&sources, old) {
        Some(at) => {
            let path = &sources[at].path;
            let end = path.extension().unwrap_or_default();
            let path = path.with_file_name(Path::new(new).with_extension(end));
            sources[at] = Source::new(path, sources[at].text.clone());
            // As they are read from the disk.
            sources[1..].sort_by(|a, b| a.path.cmp(&b.path));
        }
        None => {
            let text = with_key(&sources[0].text, old, new)?;
            sources[0] = Source::new(&sources[0].path, text);
        }
    }
    Some(sources)
}

/// The text of `site.yaml` with another name for a widget, if that changes nothing else.
fn with_key(text: &str, old: &str, new: &str) -> Option<String> {
    let tree = parsed(text)?;
    let span = tree.get(WIDGETS)?.entry(old)?.key_place.span.clone();
    let mut intended = tree.to_json();
    let widgets = intended[WIDGETS].as_object_mut()?;
    let value = widgets.remove(old)?;
    if widgets.insert(new.to_owned(), value).is_some() {
        return None;
    }
    let mut text = text.to_owned();
    text.replace_range(span, new);
    (parsed(&text)?.to_json() == intended).then_some(text)
}
