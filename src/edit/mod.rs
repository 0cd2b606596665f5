//! Changes `site.yaml` and `widgets/*.yaml`, and leaves everything else in them byte for byte: comments, order,
//! quotes, anchors, line endings.
//!
//! ```text
//! files ─▶ values as written ─edits─▶ values as intended ─reconcile─▶ files ─read again─▶ the same values, or an error
//! ```
//!
//! Rules that affect the result:
//!
//! - A list is replaced item by item: unchanged items keep their lines, and comment lines above an item move, or
//!   disappear, with it.
//! - A comment above a removed key stays, as it may be about what follows. Comments inside disappear.
//! - A map on one line stays on one line, unless it gets a text of several lines, or another `type` and many keys, and
//!   nothing around it is in its way.
//! - A section disappears with its last key, except `site`, `widgets` and a widget.
//! - A key below an alias (`support: *base`) gets its own copy: `support: {<<: *base, …}`. If a key below an anchor
//!   is changed, other places that repeat the anchor keep the old values.
//! - A value merged with `<<` stays a map: replacing it by something else is refused.
//! - A new widget goes to `site.yaml`, under `widgets`. One that has the name of a removed widget among its `aliases`, or
//!   that is among those of the removed one, is no new one: it stays where that is.

mod comment;
mod diff;
mod list;
mod reconcile;
mod rename;
mod render;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::fs;
use crate::yaml::{Node, Problem, Problems, Source};

pub(crate) use comment::{Comment, commented};
pub(crate) use diff::{DiffLine, Tag, diff};

/// Most keys of an edit's path, far more than any setting has.
const MAX_DEPTH: usize = 64;

/// One change.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edit {
    /// The keys as if one file held everything, `["widgets", "support", "launcher", "label"]`, wherever the widget's
    /// own file is. No indexes: a list is set as a whole.
    pub(crate) path: Vec<String>,
    /// The new value. `None` removes the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Value>,
}

impl Edit {
    /// Sets the value at `path`.
    pub(crate) fn set(path: &[&str], value: Value) -> Self {
        Self {
            path: path.iter().map(|step| (*step).to_owned()).collect(),
            value: Some(value),
        }
    }
}

/// The files after all edits, in order. The first source is `site.yaml`, each further one a widget, as
/// [`crate::config::read_sources`] returns them. Missing sections and widgets are created. The file of a removed
/// widget is missing from the result, and that of a renamed one has another path. Only files that an edit is about are parsed, because there may be thousands.
///
/// # Errors
///
/// An edited file that is not YAML, an edit whose path leads through something other than a map, and a file in which
/// the change would alter something else. The result never has values that were not asked for.
pub(crate) fn apply(sources: &[Source], edits: &[Edit]) -> Result<Vec<Source>, Problems> {
    let (sources, edits) = rename::renamed(sources, edits);
    let refused = |problems| Problems::new(problems, (&*sources).into());
    let located = edits.iter();
    let located = located.map(|edit| (*edit, locate(&sources, &edit.path)));
    let located: Vec<_> = located.collect();
    let mut problems = Vec::new();
    let mut edited = BTreeMap::new();
    for (_, (file, _)) in &located {
        edited.entry(*file).or_insert_with(|| {
            let tree = Node::parse(*file, &sources[*file].text, &mut problems);
            let intended = Some(tree.to_json());
            (tree, intended)
        });
    }
    if !problems.is_empty() {
        return Err(refused(problems));
    }
    for (edit, (file, path)) in located {
        let Some((tree, intended)) = edited.get_mut(&file) else {
            continue;
        };
        make(edit, path, file > 0, tree, intended).map_err(|problem| refused(vec![problem]))?;
    }
    let mut changed = Vec::with_capacity(sources.len());
    for (file, source) in sources.iter().enumerate() {
        match edited.get(&file) {
            None => changed.push(source.clone()),
            Some((_, None)) => {}
            Some((tree, Some(value))) => {
                let text = reconcile::reconcile(&source.text, value)
                    .map_err(|way| refused(vec![unchangeable(tree, &way)]))?;
                changed.push(Source::new(&source.path, text));
            }
        }
    }
    Ok(changed)
}

/// Makes an edit in the values of one file, which were those of `tree` before the first one.
fn make(
    edit: &Edit,
    path: &[String],
    own_file: bool,
    tree: &Node,
    intended: &mut Option<Value>,
) -> Result<(), Problem> {
    if edit.path.len() > MAX_DEPTH {
        let title = format!("an edit goes {} keys deep", edit.path.len());
        let problem = Problem::at(tree.place_of(&[]), title);
        return Err(problem.hint(format!("no setting is deeper than {MAX_DEPTH}")));
    }
    change(intended, path, edit.value.as_ref(), own_file).map_err(|steps| {
        let title = match steps {
            0 => "an edit must name a key".to_owned(),
            _ => format!("`{}` is not a map", path[..steps].join(".")),
        };
        Problem::at(tree.place_of(&path[..steps]), title).label("no key can be added here")
    })
}

fn unchangeable(tree: &Node, way: &[String]) -> Problem {
    let hint = "edit the file by hand; if it is one long line, put each key on its own line";
    let place = tree.place_of(way);
    Problem::at(place, "cannot change this without changing more").hint(hint)
}

/// Saves the files: those that differ are written, those that are missing in `after` are deleted.
///
/// # Errors
///
/// A file that cannot be written. Each file is complete, before or after.
pub(crate) fn save(before: &[Source], after: &[Source]) -> Result<()> {
    let old: HashMap<_, _> = before
        .iter()
        .map(|source| (&source.path, &source.text))
        .collect();
    for Source { path, text } in after {
        if old.get(path) == Some(&text) {
            continue;
        }
        // A byte order mark, which editors on Windows write, is not part of the text, and stays.
        let mark = fs::read_if_exists(path)?.filter(|bytes| bytes.starts_with(BOM));
        let mark = mark.map_or(&[][..], |_| BOM);
        fs::write_if_changed(path, &[mark, text.as_bytes()].concat())?;
    }
    let kept: HashSet<_> = after.iter().map(|source| &source.path).collect();
    for Source { path, .. } in before {
        if !kept.contains(path) {
            fs::remove_if_exists(path)?;
        }
    }
    Ok(())
}

const BOM: &[u8] = b"\xef\xbb\xbf";

/// The file that holds the value at `path`, and the path in it.
fn locate<'a>(sources: &[Source], path: &'a [String]) -> (usize, &'a [String]) {
    let [section, name, below @ ..] = path else {
        return (0, path);
    };
    let is_own = |source: &Source| stem(&source.path) == Some(name);
    match sources.iter().skip(1).position(is_own) {
        Some(at) if section == "widgets" => (at + 1, below),
        _ => (0, path),
    }
}

fn stem(path: &Path) -> Option<&str> {
    path.file_stem()?.to_str()
}

/// Makes the change in the values of one file. The error is the number of steps that led through maps.
fn change(
    root: &mut Option<Value>,
    path: &[String],
    value: Option<&Value>,
    own_file: bool,
) -> Result<(), usize> {
    let Some((key, way)) = path.split_last() else {
        return match value {
            // A whole widget that is its own file.
            _ if !own_file => Err(0),
            None => {
                *root = None;
                Ok(())
            }
            Some(value @ Value::Object(_)) => {
                *root = Some(without_nulls(value));
                Ok(())
            }
            Some(_) => Err(0),
        };
    };
    let mut map = object(root.get_or_insert(Value::Null)).ok_or(0_usize)?;
    if value.is_none() && !is_there(map, way) {
        return Ok(());
    }
    for (index, step) in way.iter().enumerate() {
        let below = map.entry(step.clone()).or_insert(Value::Null);
        map = object(below).ok_or(index + 1)?;
    }
    match value.filter(|value| !value.is_null()) {
        Some(value) => {
            map.insert(key.clone(), without_nulls(value));
        }
        None => {
            let was_last = map.shift_remove(key).is_some() && map.is_empty();
            let kept = match own_file {
                true => 0,
                false if path[0] == "widgets" => 2,
                false if path[0] == "defaults" => 0,
                false => 1,
            };
            if was_last && way.len() > kept {
                return change(root, way, None, own_file);
            }
        }
    }
    Ok(())
}

/// Returns whether the path leads to a map.
fn is_there(map: &Map<String, Value>, way: &[String]) -> bool {
    match way.split_first() {
        None => true,
        Some((step, rest)) => match map.get(step) {
            Some(Value::Object(below)) => is_there(below, rest),
            None | Some(Value::Null) => false,
            // The change itself reports what is in the way.
            Some(_) => true,
        },
    }
}

/// The map itself, or the one that an empty section becomes.
fn object(value: &mut Value) -> Option<&mut Map<String, Value>> {
    if value.is_null() {
        *value = Value::Object(Map::new());
    }
    value.as_object_mut()
}

/// Leaves out keys without a value, as a file does.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), without_nulls(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(without_nulls).collect::<Vec<_>>().into(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests;
