//! From the text of a file to its tree. What is wrong with it as YAML is said all at once.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, SpannedEventReceiver};
use serde_yaml::Number;

use super::document::{Entry, Kind, Node, Place};
use super::problem::Problem;

/// Values that aliases may add to a file. A hundred lines can otherwise stand for billions of values.
const MAX_FROM_ALIASES: usize = 100_000;

/// Maps in maps in maps. What a person writes has about ten.
const MAX_DEPTH: usize = 64;

impl Node {
    /// Reads one file. What is wrong with it as YAML is added to `problems`; the tree then holds what could
    /// be read.
    pub(crate) fn parse(file: usize, text: &str, problems: &mut Vec<Problem>) -> Self {
        let mut builder = Builder::new(file, text, problems);
        let mut parser = Parser::new_from_str(text);
        if let Err(err) = parser.load(&mut builder, true) {
            let at = builder.offset(err.marker());
            let place = Place {
                file,
                span: at..builder.text[at..]
                    .chars()
                    .next()
                    .map_or(at, |c| at + c.len_utf8()),
            };
            builder
                .problems
                .push(Problem::at(place, "not valid YAML").label(err.info()));
        }
        builder.finish()
    }
}

/// Makes a tree of the parser's events.
struct Builder<'a> {
    file: usize,
    text: &'a str,
    /// Byte of the first character of each line.
    lines: Vec<usize>,
    problems: &'a mut Vec<Problem>,
    /// Maps and lists that are not closed yet, each with the id of its anchor.
    open: Vec<(Open, usize)>,
    anchors: HashMap<usize, Node>,
    from_aliases: usize,
    root: Option<Node>,
}

enum Open {
    List(Vec<Node>, Place),
    Map(Vec<Entry>, Place, Option<(String, Place)>),
    /// Too deep, or a second document: read to its end and forgotten.
    Ignored,
}

impl<'a> Builder<'a> {
    fn new(file: usize, text: &'a str, problems: &'a mut Vec<Problem>) -> Self {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            file,
            text,
            lines: std::iter::once(0).chain(starts).collect(),
            problems,
            open: Vec::new(),
            anchors: HashMap::new(),
            from_aliases: 0,
            root: None,
        }
    }

    fn finish(self) -> Node {
        let nothing = Node {
            place: Place {
                file: self.file,
                span: 0..0,
            },
            kind: Kind::Map(Vec::new()),
        };
        match self.root {
            Some(Node {
                kind: Kind::Null, ..
            })
            | None => nothing,
            Some(root) => root,
        }
    }

    /// The parser counts characters; everybody else counts bytes.
    fn offset(&self, marker: &Marker) -> usize {
        let line = marker.line().saturating_sub(1);
        let Some(&start) = self.lines.get(line) else {
            return self.text.len();
        };
        let rest = &self.text[start..];
        let column = rest.char_indices().nth(marker.col());
        column.map_or(self.text.len(), |(at, _)| start + at)
    }

    fn place(&self, span: Span) -> Place {
        let start = self.offset(&span.start);
        Place {
            file: self.file,
            span: start..self.offset(&span.end).max(start),
        }
    }

    fn problem(&mut self, place: Place, title: &str, label: &str) {
        self.problems.push(Problem::at(place, title).label(label));
    }

    fn open(&mut self, open: Open, anchor: usize) {
        let too_deep = self.open.len() == MAX_DEPTH;
        if too_deep && let Open::List(_, place) | Open::Map(_, place, _) = &open {
            self.problem(
                place.clone(),
                "nested too deeply",
                "nothing in here is read",
            );
        }
        let ignored = self.open.len() >= MAX_DEPTH;
        self.open
            .push((if ignored { Open::Ignored } else { open }, anchor));
    }

    fn close(&mut self, end: Span) {
        let end = self.offset(&end.end);
        let Some((open, anchor)) = self.open.pop() else {
            return;
        };
        let (mut place, kind) = match open {
            Open::List(items, place) => (place, Kind::List(items)),
            Open::Map(entries, place, _) => (place, Kind::Map(self.merged(entries))),
            Open::Ignored => return,
        };
        place.span.end = end.max(place.span.start);
        self.add(Node { place, kind }, anchor);
    }

    fn add(&mut self, node: Node, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None if self.root.is_none() => self.root = Some(node),
            None => {
                let label = "a file holds one document; this begins another";
                self.problem(node.place, "more than one document", label);
            }
            Some((Open::Ignored, _)) => {}
            Some((Open::List(items, _), _)) => items.push(node),
            Some((Open::Map(entries, _, key), _)) => match key.take() {
                None => match &node.kind {
                    Kind::Text(text) => *key = Some((text.clone(), node.place)),
                    // Names such as `2024`, `yes` or nothing at all are texts here, as they are in JSON.
                    Kind::Null | Kind::Bool(_) | Kind::Number(_) => {
                        *key = Some((self.text[node.place.span.clone()].to_owned(), node.place));
                    }
                    Kind::List(_) | Kind::Map(_) => {
                        *key = Some((String::new(), node.place.clone()));
                        self.problem(node.place, "a key must be a text", "this is not one");
                    }
                },
                Some((key, key_place)) => {
                    let earlier = entries.iter().find(|entry| entry.key == key);
                    if let Some(earlier) = earlier.filter(|_| key != "<<") {
                        let problem = Problem::at(key_place, format!("duplicate key `{key}`"))
                            .label("this one is the second")
                            .context(earlier.key_place.clone(), "the first is here")
                            .aside();
                        self.problems.push(problem);
                    } else {
                        entries.push(Entry {
                            key,
                            key_place,
                            value: node,
                        });
                    }
                }
            },
        }
    }

    fn alias(&mut self, id: usize, place: Place) {
        let nothing = Node {
            place: place.clone(),
            kind: Kind::Null,
        };
        let Some(node) = self.anchors.get(&id) else {
            self.problem(
                place,
                "unknown alias",
                "there is no anchor of this name before it",
            );
            self.add(nothing, 0);
            return;
        };
        self.from_aliases = self.from_aliases.saturating_add(node.size());
        if self.from_aliases > MAX_FROM_ALIASES {
            // Once is enough: a bomb has thousands of them.
            if self.from_aliases - node.size() <= MAX_FROM_ALIASES {
                let label =
                    format!("with this one, aliases stand for over {MAX_FROM_ALIASES} values");
                self.problem(place, "too many aliases", &label);
            }
            self.add(nothing, 0);
            return;
        }
        let node = node.clone();
        self.add(node, 0);
    }

    /// `<<: *anchor` adds the keys of the map at the anchor that are not there yet.
    fn merged(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        let (merges, mut own): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|entry| entry.key == "<<");
        for Entry { value, .. } in merges {
            let sources = match value.kind {
                Kind::List(items) => items,
                kind => vec![Node {
                    place: value.place,
                    kind,
                }],
            };
            for source in sources {
                let Kind::Map(entries) = source.kind else {
                    self.problem(source.place, "`<<` merges maps", "this is not one");
                    continue;
                };
                for entry in entries {
                    if own.iter().all(|own| own.key != entry.key) {
                        own.push(entry);
                    }
                }
            }
        }
        own
    }
}

impl<'input> SpannedEventReceiver<'input> for Builder<'_> {
    fn on_event(&mut self, event: Event<'input>, span: Span) {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let mut place = self.place(span);
                // For a value that is not there, the parser makes one up.
                let is_written = self.text.get(place.span.clone()) == Some(&*text);
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let kind = if plain {
                    resolve(&text)
                } else {
                    Kind::Text(text.into_owned())
                };
                if !is_written && matches!(kind, Kind::Null) {
                    place.span.end = place.span.start;
                }
                self.add(Node { place, kind }, anchor);
            }
            Event::SequenceStart(anchor, _) => {
                let place = self.place(span);
                self.open(Open::List(Vec::new(), place), anchor);
            }
            Event::MappingStart(anchor, _) => {
                let place = self.place(span);
                self.open(Open::Map(Vec::new(), place, None), anchor);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(id) => {
                let place = self.place(span);
                self.alias(id, place);
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
    }
}

/// What a scalar without quotes is, by the core schema of YAML 1.2: `yes` is a text, `0x1f` a number.
fn resolve(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Kind::Null,
        "true" | "True" | "TRUE" => return Kind::Bool(true),
        "false" | "False" | "FALSE" => return Kind::Bool(false),
        _ => {}
    }
    let begins_a_number = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.');
    if !text.bytes().next().is_some_and(begins_a_number) {
        return Kind::Text(text.to_owned());
    }
    let digits = |prefix, radix| {
        let digits = text.strip_prefix(prefix)?;
        u64::from_str_radix(digits, radix).ok()
    };
    let hex = digits("0x", 16)
        .or_else(|| digits("0o", 8))
        .map(Number::from);
    let whole = || text.parse::<i64>().ok().map(Number::from);
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    let real = || {
        text.parse::<f64>()
            .ok()
            .filter(|_| has_digit)
            .map(Number::from)
    };
    match hex.or_else(whole).or_else(real) {
        Some(number) => Kind::Number(number),
        None => Kind::Text(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_yaml::Value;

    use super::*;

    fn parse(text: &str) -> (Node, Vec<Problem>) {
        let mut problems = Vec::new();
        let node = Node::parse(0, text, &mut problems);
        (node, problems)
    }

    fn titles(text: &str) -> Vec<String> {
        parse(text)
            .1
            .into_iter()
            .map(|problem| problem.title)
            .collect()
    }

    /// The tree and the crate that the rest of the world reads YAML with see the same values.
    #[test]
    fn the_tree_holds_what_serde_yaml_reads() {
        for text in [
            "a: 1\nb: [x, 'y', \"z\\n\"]\nc: {d: [~], e: true, f: 1.5, g: -3}\n",
            "a: |\n  one\n  two\nb: >-\n  three\n  four\n",
            "a: yes\nb: 0x1f\nc: 0o17\nd: 1e3\ne: .5\nf: '1'\nh: 1.2.3\ni: 2026-11-22\n",
            "a: &x {b: 1}\nc: *x\n",
            "ключ: значение\n\"q\": \u{1F600}\n",
        ] {
            let (node, problems) = parse(text);
            assert!(problems.is_empty(), "{text}");
            assert_eq!(
                node.to_value(),
                serde_yaml::from_str::<Value>(text).unwrap(),
                "{text}"
            );
        }
    }

    #[test]
    fn places_are_bytes_of_the_text() {
        let text = "ä: {b: 'ö', c: [1, 22]}\n";
        let (node, _) = parse(text);
        let at = |way: &[&str]| {
            let way: Vec<_> = way.iter().map(|step| (*step).to_owned()).collect();
            &text[node.place_of(&way).span]
        };
        assert_eq!(at(&["ä", "b"]), "'ö'");
        assert_eq!(at(&["ä", "c", "1"]), "22");
        assert_eq!(at(&["ä", "c"]), "c");
        assert_eq!(at(&["ä", "nothing"]), "ä");
    }

    #[test]
    fn merge_keys_add_what_is_not_there() {
        let (node, problems) =
            parse("a: &a {x: 1, y: 2}\nb: {<<: *a, x: 3}\nc: {<<: [*a, {z: 4}]}\n");
        assert!(problems.is_empty());
        let expected = "a: {x: 1, y: 2}\nb: {x: 3, y: 2}\nc: {x: 1, y: 2, z: 4}\n";
        assert_eq!(
            node.to_value(),
            serde_yaml::from_str::<Value>(expected).unwrap()
        );
    }

    #[test]
    fn what_is_wrong_is_said_all_at_once() {
        assert_eq!(
            titles("a: 1\na: 2\nb: {c: 1, c: 2}\n"),
            ["duplicate key `a`", "duplicate key `c`"]
        );
        assert_eq!(titles("a: 1\n---\nb: 2\n"), ["more than one document"]);
        assert_eq!(titles("a: [1\n"), ["not valid YAML"]);
        assert_eq!(titles("a: *nowhere\n"), ["not valid YAML"]);
        assert_eq!(titles("<<: 1\n"), ["`<<` merges maps"]);
    }

    #[test]
    fn an_alias_bomb_is_refused_quickly() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..40 {
            let below = format!("*a{}", level - 1);
            text.push_str(&format!(
                "a{level}: &a{level} [{}]\n",
                [below.as_str(); 9].join(", ")
            ));
        }
        assert_eq!(titles(&text), ["too many aliases"]);
        let deep = format!("a: {}{}\n", "[".repeat(9_000), "]".repeat(9_000));
        assert!(!titles(&deep).is_empty());
    }
}
