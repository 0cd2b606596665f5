//! Lists in block style, item by item: an unchanged item keeps its lines wherever it moves.

use std::ops::Range;

use serde_json::Value;

use super::render;
use crate::yaml::{Entry, Kind, Node};

/// Rearranges the first list whose items differ in number or order. Items that changed inside are left as they are.
/// `None` if there is no such list, or none in block style.
pub(super) fn rearranged(
    text: &str,
    node: &Node,
    current: &Value,
    intended: &Value,
) -> Option<String> {
    match (&node.kind, current, intended) {
        (Kind::Map(entries), Value::Object(current), Value::Object(intended)) => entries
            .iter()
            .filter(|entry| is_own(node, entry))
            .find_map(|entry| {
                let (now, then) = (current.get(&entry.key)?, intended.get(&entry.key)?);
                rearranged(text, &entry.value, now, then)
            }),
        (Kind::List(items), Value::Array(now), Value::Array(then))
            if now != then && !then.is_empty() =>
        {
            let plan = plan(now, then);
            let stays = |(index, step): (usize, &Step)| *step == Step::Old(index);
            if now.len() == then.len() && plan.iter().enumerate().all(stays) {
                let mut pairs = items.iter().zip(now).zip(then);
                return pairs.find_map(|((item, now), then)| rearranged(text, item, now, then));
            }
            let list = Lines::of(text, node, items)?;
            Some(list.with(&plan, then))
        }
        _ => None,
    }
}

/// Returns whether an entry is in the map itself, and not repeated there by an alias or a merge key.
fn is_own(map: &Node, entry: &Entry) -> bool {
    let Range { start, end } = map.place.span;
    let (key, value) = (&entry.key_place.span, &entry.value.place.span);
    start <= key.start && key.end <= value.start && value.start <= end
}

/// The origin of an item of the new list.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    /// This item of the old list, or a similar one.
    Old(usize),
    /// A new item.
    New,
}

/// For each item of the new list, the item of the old one that it is: an equal one or, if there is none, a similar
/// one that is not needed elsewhere.
fn plan(now: &[Value], then: &[Value]) -> Vec<Step> {
    let mut used = vec![false; now.len()];
    let mut plan = vec![Step::New; then.len()];
    // Old places first, so that of several equal items each stays where it is.
    for (index, item) in then.iter().enumerate() {
        if now.get(index) == Some(item) {
            used[index] = true;
            plan[index] = Step::Old(index);
        }
    }
    for (step, item) in plan.iter_mut().zip(then) {
        let same = |(index, old): (usize, &Value)| (!used[index] && old == item).then_some(index);
        if *step == Step::New
            && let Some(index) = now.iter().enumerate().find_map(same)
        {
            used[index] = true;
            *step = Step::Old(index);
        }
    }
    for (at, item) in then.iter().enumerate() {
        let free = now.iter().enumerate().filter(|(index, _)| !used[*index]);
        let best = free
            .map(|(index, old)| (likeness(old, item), usize::from(index == at), index))
            .max();
        if plan[at] == Step::New
            && let Some((like, same_place, index)) = best
            && (like > 0 || same_place > 0)
        {
            used[index] = true;
            plan[at] = Step::Old(index);
        }
    }
    plan
}

/// The number of keys with the same value in both.
fn likeness(one: &Value, other: &Value) -> usize {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => one
            .iter()
            .filter(|(key, value)| other.get(*key) == Some(value))
            .count(),
        _ => 0,
    }
}

/// A list's lines.
struct Lines<'a> {
    text: &'a str,
    /// The lines of each item, including the comment lines above it.
    items: Vec<Range<usize>>,
    /// The white space before the dashes.
    indent: &'a str,
    line_end: &'a str,
}

impl<'a> Lines<'a> {
    /// `None` unless this is a list in block style with a line for each item.
    fn of(text: &'a str, list: &Node, items: &[Node]) -> Option<Self> {
        let start = items.first()?.place.span.start;
        let first_line = line_start(text, start);
        let (indent, item) = text[first_line..start].split_once('-')?;
        // Only spaces, except for an anchor: in a list of lists, the line would start another one.
        let is_block = indent.bytes().all(|byte| byte == b' ')
            && item
                .trim_start()
                .bytes()
                .next()
                .is_none_or(|byte| byte == b'&');
        if !is_block {
            return None;
        }
        // A dash in this column and none further left: the inside of an item is further right.
        let end = list.place.span.end;
        let mut dashes = Vec::new();
        let mut at = first_line;
        for line in text[first_line..].split_inclusive('\n') {
            if at >= end.max(start + 1) {
                break;
            }
            let dash = line.strip_prefix(indent);
            let dash = dash.and_then(|line| line.strip_prefix('-'));
            if dash.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\n', '\r'])) {
                dashes.push(at);
            }
            at += line.len();
        }
        if dashes.len() != items.len() {
            return None;
        }
        let starts: Vec<_> = dashes
            .iter()
            .map(|dash| above(text, *dash, indent.len()))
            .collect();
        let last = dashes
            .last()
            .map(|dash| content_end(text, *dash, indent.len()))?;
        let ends = starts.iter().skip(1).copied().chain([last]);
        let items = starts.iter().zip(ends).map(|(start, end)| *start..end);
        Some(Self {
            text,
            items: items.collect(),
            indent,
            line_end: if text.contains("\r\n") { "\r\n" } else { "\n" },
        })
    }

    fn with(&self, plan: &[Step], then: &[Value]) -> String {
        let (Some(first), Some(last)) = (self.items.first(), self.items.last()) else {
            return self.text.to_owned();
        };
        let mut new = self.text[..first.start].to_owned();
        let mut push = |part: &str| {
            if !new.is_empty() && !new.ends_with('\n') {
                new.push_str(self.line_end);
            }
            new.push_str(part);
        };
        for (step, value) in plan.iter().zip(then) {
            match step {
                Step::Old(index) => push(&self.text[self.items[*index].clone()]),
                Step::New => {
                    for line in render::item(value) {
                        push(&format!("{}{line}{}", self.indent, self.line_end));
                    }
                }
            }
        }
        push(&self.text[last.end..]);
        new
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The start of the comment lines, and blank lines above them, that belong to the line at `at`.
fn above(text: &str, at: usize, indent: usize) -> usize {
    let mut start = at;
    while start > 0 {
        let line_start = line_start(text, start - 1);
        let line = &text[line_start..start];
        let content = line.trim();
        let belongs = content.is_empty() || content.starts_with('#') && indent_of(line) == indent;
        if !belongs {
            break;
        }
        start = line_start;
    }
    start
}

/// The end of the last line of the item whose dash is in the line at `at`.
fn content_end(text: &str, at: usize, indent: usize) -> usize {
    let mut end = at;
    let mut next = at;
    for (index, line) in text[at..].split_inclusive('\n').enumerate() {
        next += line.len();
        let content = line.trim();
        if index > 0 && !content.is_empty() && indent_of(line) <= indent {
            break;
        }
        if !content.is_empty() {
            end = next;
        }
    }
    end
}
