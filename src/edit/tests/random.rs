//! Edits and files that nobody thought of.

use serde_json::{Value, json};

use super::*;
use crate::yaml::Kind;

/// Numbers that are the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % sides
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.roll(words.len())]
    }

    fn text(&mut self) -> &'static str {
        self.pick(&[
            "a",
            "two words",
            "yes",
            "12",
            "# no comment",
            "a: b",
            "- a",
            "über \u{1f600}",
            "",
            " x ",
            "one\ntwo",
            "'q'",
            "\"d\"",
            "{a}",
            "[",
            "*a",
            "&a",
            "null",
            "~",
            "x #y",
            "tab\there",
            "a\n\n b\n",
            "One:\n\n  - two\n\n# three",
            "!t",
            "%x",
            "@x",
            "`x",
            "\u{202e}",
            "?",
            "? a",
            "a:",
            "|",
            "> x",
            ",",
            "0x1f",
            "1e3",
            "\u{2028}",
            "\u{7f}",
            "é",
            "...",
            "---",
        ])
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.roll(if depth == 0 { 4 } else { 8 }) {
            0 => json!(self.roll(1000)),
            1 => json!(self.roll(2) == 0),
            2 | 3 => json!(self.text()),
            4 | 5 => {
                let count = self.roll(4);
                (0..count)
                    .map(|_| self.value(depth - 1))
                    .collect::<Vec<_>>()
                    .into()
            }
            _ => {
                let count = self.roll(4);
                let keys: Vec<_> = (0..count).map(|_| self.key()).collect();
                let pairs = keys.into_iter().map(|key| (key, self.value(depth - 1)));
                Value::Object(pairs.collect())
            }
        }
    }

    fn key(&mut self) -> String {
        self.pick(&[
            "a", "b", "c", "label", "prompt", "a b", "x-y", "yes", "12", "ü",
        ])
        .to_owned()
    }

    /// The value as a person may write it: with comments, in any style.
    fn written(&mut self, value: &Value, indent: usize, into: &mut String) {
        let margin = " ".repeat(indent);
        match value {
            Value::Object(map) if !map.is_empty() && self.roll(4) > 0 => {
                for (key, value) in map {
                    self.comment(&margin, into);
                    into.push_str(&format!("{margin}{}:", render::lines(&json!(key))[0]));
                    self.below(value, indent, into);
                }
            }
            Value::Array(items) if !items.is_empty() && self.roll(4) > 0 => {
                for item in items {
                    self.comment(&margin, into);
                    into.push_str(&format!("{margin}-"));
                    match item {
                        Value::Object(map) if !map.is_empty() => {
                            let mut inner = String::new();
                            for (key, value) in map {
                                inner.push_str(&format!(
                                    "{margin}  {}:",
                                    render::lines(&json!(key))[0]
                                ));
                                self.below(value, indent + 2, &mut inner);
                            }
                            into.push_str(&format!(" {}", inner.trim_start()));
                        }
                        _ => self.below(item, indent, into),
                    }
                }
            }
            _ => {
                into.push_str(&format!("{margin}{}", value));
                into.push_str(self.pick(&["\n", " # said\n"]));
            }
        }
    }

    fn below(&mut self, value: &Value, indent: usize, into: &mut String) {
        let mut inner = String::new();
        self.written(value, indent + 2, &mut inner);
        let is_block = matches!(value, Value::Object(_) | Value::Array(_))
            && !inner.trim_start().starts_with(['{', '[']);
        match is_block {
            true => into.push_str(&format!("{}\n{inner}", self.pick(&["", " # section"]))),
            false => into.push_str(&format!(" {}", inner.trim_start())),
        }
    }

    fn comment(&mut self, margin: &str, into: &mut String) {
        match self.roll(5) {
            0 => into.push_str(&format!("{margin}# note {}\n", self.roll(1000))),
            1 => into.push('\n'),
            _ => {}
        }
    }
}

/// A path to something in the value, or to something new.
fn some_way(dice: &mut Dice, value: &Value) -> Vec<String> {
    let mut way = Vec::new();
    let mut at = value;
    loop {
        let keys: Vec<_> = at.as_object().into_iter().flat_map(Map::keys).collect();
        let key = match keys.len() {
            0 => dice.key(),
            _ if dice.roll(4) == 0 => dice.key(),
            count => keys[dice.roll(count)].clone(),
        };
        way.push(key.clone());
        match at.get(&key) {
            Some(below @ Value::Object(_)) if dice.roll(4) > 0 => at = below,
            _ => return way,
        }
    }
}

fn after(value: &Value, edit: &Edit) -> Value {
    let mut root = Some(value.clone());
    super::change(&mut root, &edit.path, edit.value.as_ref(), false).unwrap();
    root.unwrap()
}

/// The last byte of what is written in a value; a map's own place ends where the next token begins.
fn end_of(node: &Node) -> usize {
    let own = node.place.span.end;
    match &node.kind {
        Kind::List(items) => items.last().map_or(own, end_of).max(node.place.span.start),
        Kind::Map(entries) => entries.last().map_or(own, |entry| {
            end_of(&entry.value).max(entry.key_place.span.end)
        }),
        _ => own,
    }
}

/// The lines before and after those that an edit has to do with.
fn around<'a>(text: &'a str, tree: &Node, value: &Value, edit: &Edit) -> (&'a str, &'a str) {
    let mut way = edit.path.as_slice();
    let lookup = |way: &[String]| way.iter().try_fold(value, |at, key| at.get(key));
    let is_alone = |way: &[String]| {
        let parent = lookup(&way[..way.len() - 1]).and_then(Value::as_object);
        parent.is_some_and(|parent| parent.len() == 1)
    };
    // What is not there yet is added to what is; what was alone takes its section with it.
    while way.len() > 1 && (lookup(way).is_none() || edit.value.is_none() && is_alone(way)) {
        way = &way[..way.len() - 1];
    }
    let mut node = tree;
    let mut start = 0;
    for key in way {
        let Some(entry) = node.entry(key) else {
            return ("", "");
        };
        start = entry.key_place.span.start;
        node = &entry.value;
    }
    let start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let end = end_of(node).max(start);
    let end = match text[..end].ends_with('\n') {
        true => end,
        false => text[end..].find('\n').map_or(text.len(), |at| end + at + 1),
    };
    (&text[..start], &text[end..])
}

#[test]
fn random_edits_give_exactly_what_was_asked_for_and_no_other_line_changes() {
    let mut failed = Vec::new();
    for seed in 1..=1000_u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let value =
            json!({"site": {"url": "x"}, "widgets": {"a": dice.value(4), "b": dice.value(3)}});
        let mut text = String::new();
        for (key, value) in value.as_object().unwrap() {
            dice.comment("", &mut text);
            text.push_str(&format!("{key}:"));
            dice.below(value, 0, &mut text);
        }
        let mut problems = Vec::new();
        let read = Node::parse(0, &text, &mut problems).to_json();
        assert!(
            problems.is_empty() && read == value,
            "{seed}: {text}\n{problems:?}"
        );
        let edit = Edit {
            path: some_way(&mut dice, &value),
            value: (dice.roll(4) > 0).then(|| dice.value(2)),
        };
        let crlf = dice.roll(8) == 0;
        let text = if crlf {
            text.replace('\n', "\r\n")
        } else {
            text
        };
        match apply(
            &sources(&[("site.yaml", &text)]),
            std::slice::from_ref(&edit),
        ) {
            Ok(files) => {
                let read = Node::parse(0, &files[0].text, &mut problems).to_json();
                assert_eq!(read, after(&value, &edit), "{seed}");
                let tree = Node::parse(0, &text, &mut problems);
                let (before, behind) = around(&text, &tree, &value, &edit);
                let new = &files[0].text;
                if !new.starts_with(before) || !new.ends_with(behind) {
                    let lines = diff(&text, new);
                    let lines = lines
                        .iter()
                        .map(|line| format!("{}{}", line.tag.sign(), line.text));
                    failed.push((seed, text, edit, lines.collect()));
                }
            }
            Err(problems) => failed.push((seed, text, edit, problems.titles())),
        }
    }
    let first = failed
        .first()
        .map(|(seed, text, edit, found)| format!("{seed}: {edit:?}\n{text}\n{}", found.join("\n")));
    assert_eq!(first, None, "{} failed", failed.len());
}

/// A file with anchors of all kinds: of a map, a list and a text, repeated, merged, and merged over.
const ANCHORS: &str = "\
site: &site {a: &text hello, b: *text}
widgets:
  a: &base # the base
    a: {b: &inner {c: 1}, label: x}
    b: &list
      # one
      - {a: 1}
      - two
    c: *inner
  b: *base
  c:
    <<: *base # all of it
    prompt: *list
  ü: {<<: [*inner, *base], a: 3}
";

#[test]
fn random_edits_of_a_file_with_anchors_change_nothing_else() {
    let mut problems = Vec::new();
    let value = Node::parse(0, ANCHORS, &mut problems).to_json();
    let mut refused = 0;
    for seed in 1..=500_u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let edit = Edit {
            path: some_way(&mut dice, &value),
            value: (dice.roll(3) > 0).then(|| dice.value(2)),
        };
        match apply(
            &sources(&[("site.yaml", ANCHORS)]),
            std::slice::from_ref(&edit),
        ) {
            Ok(files) => {
                let read = Node::parse(0, &files[0].text, &mut problems).to_json();
                assert_eq!(read, after(&value, &edit), "{edit:?}");
            }
            // `<<` cannot merge what is no map any more.
            Err(_) => {
                assert!(!edit.value.is_some_and(|value| value.is_object()));
                let was = edit.path.iter().try_fold(&value, |at, key| at.get(key));
                assert!(was.is_some_and(Value::is_object), "{:?}", edit.path);
                refused += 1;
            }
        }
    }
    assert!(refused < 15, "{refused}");
}

#[test]
fn random_orders_of_a_list_keep_the_comments_of_each_item() {
    for seed in 1..=500_u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let margin = dice.pick(&["  ", "    "]);
        let items: Vec<_> = (0..dice.roll(6) + 1).collect();
        let item =
            |index: usize| json!({"label": format!("L{index}"), "prompt": format!("P{index}")});
        let mut text = "widgets:\n  list:\n".to_owned();
        for index in &items {
            text.push_str(&format!(
                "{margin}# above {index}.\n{margin}- label: L{index} # beside {index}.\n\
                 {margin}  # inside {index}.\n{margin}  prompt: P{index}\n"
            ));
            dice.comment("", &mut text);
        }
        text.push_str("# the end\n");
        let mut kept = items.clone();
        for _ in 0..dice.roll(3) {
            kept.swap(dice.roll(items.len()), 0);
        }
        if kept.len() > 1 && dice.roll(2) == 0 {
            kept.remove(dice.roll(items.len()));
        }
        let mut then: Vec<_> = kept.iter().map(|index| item(*index)).collect();
        if dice.roll(2) == 0 {
            then.insert(dice.roll(kept.len() + 1), json!({"label": "new"}));
        }
        let edit = edit("widgets.list", json!(then));
        let files = apply(&sources(&[("site.yaml", &text)]), &[edit]).unwrap();
        let new = &files[0].text;
        for index in kept {
            for word in ["above", "beside", "inside"] {
                let comment = format!("# {word} {index}.");
                assert_eq!(new.matches(&comment).count(), 1, "{seed}: {text}\n{new}");
            }
        }
        assert!(new.ends_with("# the end\n"), "{new}");
    }
}

#[test]
fn a_large_site_is_changed_at_once() {
    let mut text = "widgets:\n".to_owned();
    for index in 0..1000 {
        text.push_str(&format!(
            "  w{index}:\n    # c\n    backend: {{type: hosted}}\n    launcher:\n      label: L{index}\n    page:\n      title: T\n"
        ));
    }
    let started = std::time::Instant::now();
    let files = apply(
        &sources(&[("site.yaml", &text)]),
        &[edit("widgets.w500.launcher.label", json!("New"))],
    );
    assert_eq!(*files.unwrap()[0].text, text.replace("L500\n", "New\n"));
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}
