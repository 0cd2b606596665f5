//! From the text of a file to its tree. What is wrong with it as YAML is said all at once.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, Tag};
use serde_yaml::Number;

use super::node::{Entry, Kind, Node, Place};
use super::problem::Problem;
use super::{strange, syntax};

/// Values that aliases may add to a file, and values that anchors may hold for them: those of an anchor inside another
/// count twice. A hundred lines can otherwise stand for billions of values.
const MAX_FROM_ALIASES: usize = 100_000;

/// Entries of a map that are searched one by one. The keys of a larger one are remembered.
const FEW: usize = 32;

/// Maps in maps in maps. What a person writes has about ten.
const MAX_DEPTH: usize = 64;

impl Node {
    /// Reads one file. What is wrong with it as YAML is added to `problems`. The tree is [`Kind::Refused`] where
    /// that is unreadable: as a whole, if the lines do not fit together.
    pub(crate) fn parse(file: usize, text: &str, problems: &mut Vec<Problem>) -> Self {
        problems.extend(syntax::directive(file, text));
        let mut builder = Builder::new(file, text, problems);
        let read = each_event(text, |event, span| builder.on_event(event, span));
        builder.finish(read.err())
    }
}

/// Hands over one event after the other. The parser has a loop of its own, which calls itself for each level, and a file
/// may have so many levels that the stack overflows.
fn each_event<'t>(text: &'t str, mut each: impl FnMut(Event<'t>, Span)) -> Result<(), ScanError> {
    for event in Parser::new_from_str(text) {
        let (event, span) = event?;
        each(event, span);
    }
    Ok(())
}

/// Anchors of single values that no alias refers to. `&text hello` may be one that is not needed any more, or a text of
/// which a word would be lost.
pub(crate) fn idle_anchors(file: usize, text: &str) -> Vec<Problem> {
    // Most files have none, and need not be read twice.
    if !text.contains('&') {
        return Vec::new();
    }
    let mut anchors = Anchors::default();
    // What is no YAML was told as such.
    let _ = each_event(text, |event, span| anchors.on_event(event, span));
    let mut problems = Vec::new();
    let builder = Builder::new(file, text, &mut problems);
    let idle = anchors
        .scalars
        .into_iter()
        .filter(|(id, ..)| !anchors.used.contains(id));
    let idle = idle.map(|(_, value, span)| syntax::anchor(text, &value, &builder.place(span)));
    idle.collect()
}

/// Collects anchors, and what refers to them.
#[derive(Default)]
struct Anchors {
    /// Ids with their values.
    scalars: Vec<(usize, String, Span)>,
    used: HashSet<usize>,
}

impl Anchors {
    fn on_event(&mut self, event: Event<'_>, span: Span) {
        match event {
            Event::Scalar(text, _, anchor, _) if anchor > 0 && !text.is_empty() => {
                self.scalars.push((anchor, text.into_owned(), span));
            }
            Event::Alias(id) => {
                self.used.insert(id);
            }
            _ => {}
        }
    }
}

/// Makes a tree of the parser's events.
struct Builder<'a> {
    file: usize,
    text: &'a str,
    /// Byte of the first character of each line.
    lines: Vec<usize>,
    /// Line and column of the last place, and its byte: the next one on a long line is not counted from its start.
    last: Cell<(usize, usize, usize)>,
    problems: &'a mut Vec<Problem>,
    /// Maps and lists that are not closed yet, each with the id of its anchor.
    open: Vec<(Open, usize)>,
    anchors: HashMap<usize, Node>,
    in_anchors: usize,
    from_aliases: usize,
    /// Whether a line is indented with something else than spaces, so that nobody knows what belongs where.
    is_askew: bool,
    root: Option<Node>,
}

enum Open {
    List(Vec<Node>, Place),
    Map(Entries, Place, Option<Key>),
    /// Too deep: read to its end and forgotten.
    Ignored(Place),
}

/// A key that waits for its value.
struct Key {
    name: String,
    place: Place,
    /// Whether it was refused with all that it may hold.
    is_refused: bool,
}

impl<'a> Builder<'a> {
    fn new(file: usize, text: &'a str, problems: &'a mut Vec<Problem>) -> Self {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            file,
            text,
            lines: std::iter::once(0).chain(starts).collect(),
            last: Cell::new((0, 0, 0)),
            problems,
            open: Vec::new(),
            anchors: HashMap::new(),
            in_anchors: 0,
            from_aliases: 0,
            is_askew: false,
            root: None,
        }
    }

    fn finish(mut self, err: Option<ScanError>) -> Node {
        if let Some(err) = &err {
            let at = self.offset(err.marker());
            let problem = syntax::problem(self.file, self.text, at, err.info());
            // What led the parser astray may have been told as a part of a key.
            if self
                .problems
                .iter()
                .all(|told| told.place() != problem.place())
            {
                self.problems.push(problem);
            }
        }
        let is_unreadable = err.is_some() || self.is_askew;
        let whole = |kind| Node {
            place: Place {
                file: self.file,
                span: 0..0,
            },
            kind,
        };
        match self.root.take() {
            _ if is_unreadable => whole(Kind::Refused),
            Some(Node {
                kind: Kind::Null, ..
            })
            | None => whole(Kind::Map(Vec::new())),
            Some(root) => root,
        }
    }

    /// The parser counts characters; everybody else counts bytes.
    fn offset(&self, marker: &Marker) -> usize {
        let line = marker.line().saturating_sub(1);
        let Some(&start) = self.lines.get(line) else {
            return self.text.len();
        };
        let column = marker.col();
        let (skipped, from) = match self.last.get() {
            (last, skipped, at) if last == line && skipped <= column => (skipped, at),
            _ => (0, start),
        };
        let rest = self.text[from..].char_indices().nth(column - skipped);
        let at = rest.map_or(self.text.len(), |(at, _)| from + at);
        self.last.set((line, column, at));
        at
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
        let open = match open {
            Open::List(_, place) | Open::Map(_, place, _) if self.open.len() >= MAX_DEPTH => {
                if self.open.len() == MAX_DEPTH {
                    let label = "nothing inside this is read";
                    self.problem(place.clone(), "nested too deeply", label);
                }
                Open::Ignored(place)
            }
            open => open,
        };
        self.open.push((open, anchor));
    }

    fn close(&mut self, end: Span) {
        let end = self.offset(&end.end);
        let Some((open, anchor)) = self.open.pop() else {
            return;
        };
        let (mut place, kind) = match open {
            Open::List(items, place) => (place, Kind::List(items)),
            Open::Map(entries, place, _) => (place, Kind::Map(self.merged(entries.list))),
            Open::Ignored(place) => (place, Kind::Refused),
        };
        place.span.end = end.max(place.span.start);
        self.add(Node { place, kind }, anchor);
    }

    fn add(&mut self, node: Node, anchor: usize) {
        if anchor > 0 {
            self.keep(anchor, &node);
        }
        if let Some((Open::Map(_, _, None), _)) = self.open.last() {
            let read = self.key(node);
            if let Some((Open::Map(_, _, key), _)) = self.open.last_mut() {
                *key = Some(read);
            }
            return;
        }
        match self.open.last_mut() {
            None if self.root.is_none() => self.root = Some(node),
            None => {
                let label = "a file holds one document; this starts another";
                self.problem(node.place, "more than one document", label);
            }
            Some((Open::Ignored(_), _)) => {}
            Some((Open::List(items, _), _)) => items.push(node),
            Some((Open::Map(entries, _, key), _)) => {
                if let Some(key) = key.take() {
                    entries.add(key, node, self.problems);
                }
            }
        }
    }

    /// Keeps the value of an anchor for its aliases.
    fn keep(&mut self, anchor: usize, node: &Node) {
        let before = self.in_anchors;
        self.in_anchors = before.saturating_add(node.size());
        let mut kept = Node {
            place: node.place.clone(),
            kind: Kind::Refused,
        };
        if self.in_anchors <= MAX_FROM_ALIASES {
            kept = node.clone();
        } else if before <= MAX_FROM_ALIASES {
            let label = format!("with this one, anchors hold over {MAX_FROM_ALIASES} values");
            self.problem(node.place.clone(), "too much in anchors", &label);
        }
        self.anchors.insert(anchor, kept);
    }

    /// What stands before a `:`.
    fn key(&mut self, node: Node) -> Key {
        let Node { place, kind } = node;
        let written = &self.text[place.span.clone()];
        let is_plain = !written.starts_with(['"', '\'']);
        let name = match kind {
            Kind::Text(name) => name,
            // Names such as `2024`, `yes` or nothing at all are texts here, as they are in JSON.
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => written.to_owned(),
            Kind::List(_) | Kind::Map(_) | Kind::Refused => {
                if !matches!(kind, Kind::Refused) {
                    self.problem(place.clone(), "a key must be text", "this is not one");
                }
                return Key {
                    name: String::new(),
                    place,
                    is_refused: true,
                };
            }
        };
        match strange::in_key(&name).filter(|_| is_plain) {
            Some(c) => self.key_with(c, &name, place),
            None => Key {
                name,
                place,
                is_refused: false,
            },
        }
    }

    /// A key with a character that is none of YAML's signs and was meant for one. What it holds is looked at, unless
    /// nobody knows where it begins.
    fn key_with(&mut self, c: char, name: &str, place: Place) -> Key {
        // A gap that is no space may stand for one of the spaces before the key.
        self.is_askew |= name.starts_with(c) && c.is_whitespace();
        let own = strange::within(c, self.text, &place);
        self.problems.push(strange::problem(c, " in a key", own));
        let (cleaned, is_whole) = strange::cleaned(name);
        Key {
            name: cleaned,
            place,
            is_refused: !is_whole,
        }
    }

    fn alias(&mut self, id: usize, place: Place) {
        let nothing = Node {
            place: place.clone(),
            kind: Kind::Refused,
        };
        let Some(node) = self.anchors.get(&id) else {
            self.problem(
                place,
                "unknown alias",
                "there is no anchor with this name before it",
            );
            self.add(nothing, 0);
            return;
        };
        self.from_aliases = self.from_aliases.saturating_add(node.size());
        if self.from_aliases > MAX_FROM_ALIASES {
            // Once is enough: a bomb has thousands of them.
            if self.from_aliases - node.size() <= MAX_FROM_ALIASES {
                let label =
                    format!("with this one, aliases expand to over {MAX_FROM_ALIASES} values");
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
        if merges.is_empty() {
            return own;
        }
        let mut known: HashSet<String> = own.iter().map(|entry| entry.key.clone()).collect();
        for Entry { value, .. } in merges {
            let sources = match value.kind {
                Kind::List(items) => items,
                kind => vec![Node {
                    place: value.place,
                    kind,
                }],
            };
            for source in sources {
                let entries = match source.kind {
                    Kind::Map(entries) => entries,
                    Kind::Refused => continue,
                    _ => {
                        self.problem(source.place, "`<<` merges maps", "this is not one");
                        continue;
                    }
                };
                for entry in entries {
                    if known.insert(entry.key.clone()) {
                        own.push(entry);
                    }
                }
            }
        }
        own
    }

    /// What a scalar with a tag is: YAML's own say of which kind it is to be.
    fn tagged(&mut self, tag: &Tag, text: &str, place: &Place) -> Kind {
        let kind = resolve(text);
        let fits = match own_tag(tag).as_deref() {
            Some("str") => return Kind::Text(text.to_owned()),
            Some("null") => matches!(kind, Kind::Null),
            Some("bool") => matches!(kind, Kind::Bool(_)),
            Some("int") => matches!(&kind, Kind::Number(number) if !number.is_f64()),
            Some("float") => matches!(kind, Kind::Number(_)),
            _ => false,
        };
        if fits {
            return kind;
        }
        self.problems.push(syntax::tag(self.text, text, place));
        Kind::Refused
    }

    /// Of maps and lists, a tag that says what they are is the only one that means something.
    fn refuse_tag_of_nested(&mut self, tag: Option<&Tag>, own: &str, place: &Place) {
        if tag.is_some_and(|tag| own_tag(tag).as_deref() != Some(own)) {
            self.problems.push(syntax::tag_of_nested(self.text, place));
        }
    }
}

impl Builder<'_> {
    fn on_event(&mut self, event: Event<'_>, span: Span) {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let mut place = self.place(span);
                // For a value that is not there, the parser makes one up.
                let is_written = self.text.get(place.span.clone()) == Some(&*text);
                let kind = match tag.as_deref() {
                    Some(tag) => self.tagged(tag, &text, &place),
                    None if style == ScalarStyle::Plain => resolve(&text),
                    None => Kind::Text(text.into_owned()),
                };
                if !is_written && matches!(kind, Kind::Null) {
                    place.span.end = place.span.start;
                }
                self.add(Node { place, kind }, anchor);
            }
            Event::SequenceStart(anchor, tag) => {
                let place = self.place(span);
                self.refuse_tag_of_nested(tag.as_deref(), "seq", &place);
                self.open(Open::List(Vec::new(), place), anchor);
            }
            Event::MappingStart(anchor, tag) => {
                let place = self.place(span);
                self.refuse_tag_of_nested(tag.as_deref(), "map", &place);
                self.open(Open::Map(Entries::default(), place, None), anchor);
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

/// The name of one of YAML's own tags, such as `str` of `!!str`.
fn own_tag(Tag { handle, suffix }: &Tag) -> Option<String> {
    let whole = format!("{handle}{suffix}");
    whole.strip_prefix("tag:yaml.org,2002:").map(str::to_owned)
}

/// The entries of a map that is not closed yet.
#[derive(Default)]
struct Entries {
    list: Vec<Entry>,
    /// The keys with their indexes, if there are more than a few.
    known: HashMap<String, usize>,
}

impl Entries {
    fn add(&mut self, key: Key, mut value: Node, problems: &mut Vec<Problem>) {
        let Key {
            name,
            place,
            is_refused,
        } = key;
        if let Some(earlier) = self.get(&name).filter(|_| name != "<<") {
            let problem = Problem::at(place, format!("duplicate key `{name}`"))
                .label("defined again here")
                .context(earlier.key_place.clone(), "first defined here");
            problems.push(problem);
            return;
        }
        // One that has no name was refused with all that it holds.
        if name.is_empty() && is_refused {
            return;
        }
        if is_refused {
            value.kind = Kind::Refused;
        }
        self.list.push(Entry {
            key: name,
            key_place: place,
            value,
        });
        let first_new = match self.list.len() {
            0..=FEW => return,
            many if many == FEW + 1 => 0,
            many => many - 1,
        };
        let new = self.list.iter().enumerate().skip(first_new);
        self.known
            .extend(new.map(|(at, entry)| (entry.key.clone(), at)));
    }

    fn get(&self, name: &str) -> Option<&Entry> {
        match self.list.len() {
            0..=FEW => self.list.iter().find(|entry| entry.key == name),
            _ => self.known.get(name).map(|at| &self.list[*at]),
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

    #[test]
    fn any_number_of_levels_is_read_without_an_overflow() {
        let lines = (0..3_000).map(|level| format!("{}a:\n", " ".repeat(level)));
        let deep: String = lines.collect();
        assert_eq!(titles(&deep), ["nested too deeply"]);
        let dashes = format!("a:\n  {}x\n", "- ".repeat(20_000));
        assert_eq!(titles(&dashes), ["nested too deeply"]);
    }

    /// Each anchor holds what those inside it hold.
    #[test]
    fn anchors_in_anchors_hold_no_more_than_aliases_may_add() {
        let values = "x, ".repeat(5_000);
        let anchors: String = (0..40).map(|level| format!("&a{level} [")).collect();
        let text = format!("a: {anchors}{values}x{}\n", "]".repeat(40));
        assert_eq!(titles(&text), ["too much in anchors"]);
    }

    #[test]
    fn a_map_of_many_keys_and_a_long_line_are_read_in_one_pass() {
        let keys: String = (0..100_000).map(|key| format!("k{key}: {key}\n")).collect();
        let (node, problems) = parse(&format!("{keys}k0: 1\nk99999: 1\n<<: {{k1: 2, new: 3}}\n"));
        let told: Vec<_> = problems.iter().map(|problem| &*problem.title).collect();
        assert_eq!(told, ["duplicate key `k0`", "duplicate key `k99999`"]);
        assert_eq!(node.entries().len(), 100_001);
        let line = format!("ä: [{}]\n", "é, ".repeat(200_000));
        let (node, problems) = parse(&line);
        assert!(problems.is_empty());
        let last = ["ä", "199999"].map(str::to_owned);
        let place = node.place_of(&last);
        assert_eq!(&line[place.span.clone()], "é");
        assert_eq!(place.span.end, line.len() - ", ]\n".len());
    }
}
