//! Checks a tree by the schema, and reports every problem, not just the first.

use std::ops::RangeInclusive;

use rayon::prelude::*;
use serde_json::Value;
use serde_yaml::{Mapping, Value as Yaml};

use super::annotation::is_of_type;
use super::shape::{is_type, nearest, one_of, takes_null, takes_text, words};
use crate::hint::closest;
use crate::yaml::{Entry, Kind, Node, Place};
use crate::yaml::{Problem, Source, Told};
use crate::yaml::{strange, syntax};

/// Keys that people know from elsewhere, and why they cannot be used here.
const EXPLAINED: [(&str, &str); 11] = [
    ("api", "it is derived from `backend`"),
    ("onClientTool", NO_FUNCTIONS),
    ("onAction", NO_FUNCTIONS),
    ("onTagSearch", NO_FUNCTIONS),
    ("onRequestPreview", NO_FUNCTIONS),
    ("onSearch", NO_FUNCTIONS),
    ("onSelect", NO_FUNCTIONS),
    (
        "onClick",
        "use `action` instead: `close`, `new_thread`, `toggle_theme` or `{href: …}`",
    ),
    ("starterPrompts", "ChatKit calls them `startScreen.prompts`"),
    ("uploadStrategy", "it is set in `backend`, as `upload`"),
    ("appearance", "ChatKit calls it `colorScheme`"),
];

const NO_FUNCTIONS: &str =
    "a file cannot hold a function; only your own page that calls ChatKit can";

/// Keys whose texts people or models read, or that name fonts. A no-break space is fine there; in all other texts, it is an
/// invisible mistake.
const PROSE: [&str; 19] = [
    "data",
    "description",
    "family",
    "fontFamily",
    "fontFamilyMono",
    "frameTitle",
    "greeting",
    "group",
    "instructions",
    "label",
    "line",
    "name",
    "placeholder",
    "placeholderOverride",
    "prompt",
    "shortLabel",
    "state_variables",
    "text",
    "title",
];

/// Other keys that take any text, so that quotes fix a value of another kind.
const ANY_TEXT: [&str; 4] = ["domain_key", "id", "initialThread", "workflow_version"];

/// The whole numbers that browsers hold exactly.
const EXACT: RangeInclusive<f64> = -9_007_199_254_740_991.0..=9_007_199_254_740_991.0;

/// The name of the root in messages.
const FILE: &str = "the file";

/// Adds the problems of `node` to `problems`.
///
/// Returns the values, with a valid stand-in for each that is not, so that the rest can be checked further; and the
/// paths of those, where later checks need not report anything.
pub(super) fn check(
    schema: &Value,
    node: &Node,
    sources: &[Source],
    problems: &mut Vec<Problem>,
) -> (Yaml, Told) {
    let mut checker = Checker {
        root: schema,
        sources,
        problems: Vec::new(),
        told: Told::default(),
        way: Vec::new(),
        partial: false,
        prose: false,
    };
    let value = checker.value(schema, node, FILE);
    problems.append(&mut checker.problems);
    (value, checker.told)
}

/// Entries of a map, such as widgets, that are worth the start of other threads.
const MANY: usize = 64;

struct Checker<'a> {
    root: &'a Value,
    sources: &'a [Source],
    problems: Vec<Problem>,
    told: Told,
    /// Keys and indexes from the root to the current value.
    way: Vec<String>,
    /// Whether this is inside `defaults`, which may be incomplete.
    partial: bool,
    /// Whether people read the texts here.
    prose: bool,
}

impl<'a> Checker<'a> {
    fn value(&mut self, schema: &'a Value, node: &Node, name: &str) -> Yaml {
        let schema = self.choose(self.resolve(schema), node);
        match self.fitting(schema, node, name) {
            Some(value) => value,
            None => {
                self.told.add(&self.way);
                self.stand_in(schema)
            }
        }
    }

    /// The value, or `None` and a problem.
    fn fitting(&mut self, schema: &'a Value, node: &Node, name: &str) -> Option<Yaml> {
        if let Kind::Text(text) = &node.kind
            && let Some(problem) = self.stranger(schema, text, node, name)
        {
            self.problems.push(problem);
            return None;
        }
        let words = words(schema);
        let wrong = match &node.kind {
            Kind::Refused => return None,
            Kind::Null if is_type(schema, "object") || takes_null(schema) => {
                return Some(Yaml::Null);
            }
            Kind::Null => self.no_value(schema, node, name),
            Kind::Text(text) if schema.get("anyOf").is_some() => {
                let title = format!("`{name}` cannot be `{text}`");
                let label = format!("expected {}", self.describe(schema));
                Some(Problem::at(node.place.clone(), title).label(label))
            }
            Kind::Text(text) if !words.is_empty() => word(&words, text, node, name),
            Kind::Text(text) if is_type(schema, "string") => self.text(schema, text, node, name),
            Kind::Number(_) if is_type(schema, "number") || is_type(schema, "integer") => {
                self.number(schema, node, name)
            }
            Kind::Bool(_) if is_type(schema, "boolean") => None,
            Kind::List(items) if is_type(schema, "array") => {
                return Some(self.list(schema, items, name));
            }
            Kind::Map(entries) if is_type(schema, "object") => {
                return Some(self.map(schema, entries, node, name));
            }
            // Anything at all.
            _ if schema.get("type").is_none()
                && schema.get("anyOf").is_none()
                && words.is_empty() =>
            {
                None
            }
            _ => Some(self.wrong(schema, node, name)),
        };
        match wrong {
            None => Some(node.to_value()),
            Some(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    fn list(&mut self, schema: &'a Value, items: &[Node], name: &str) -> Yaml {
        let mut values = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            self.way.push(index.to_string());
            values.push(self.value(&schema["items"], item, name));
            self.way.pop();
        }
        Yaml::Sequence(values)
    }

    fn map(&mut self, schema: &'a Value, entries: &[Entry], node: &Node, name: &str) -> Yaml {
        let mut values = Mapping::with_capacity(entries.len());
        let kind = self.kind(schema, entries);
        for (key, value) in self.entries(schema, entries, kind) {
            values.insert(key.into(), value);
        }
        let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
        for key in required.iter().filter_map(Value::as_str) {
            let known = self.resolve(&schema["properties"][key]);
            // A value that is missing was reported, but a section may be empty.
            let is_empty =
                |node: &Node| matches!(node.kind, Kind::Null) && is_type(known, "object");
            let mut there = entries.iter().filter(|entry| !is_empty(&entry.value));
            let is_there = there.any(|entry| entry.key == key);
            if !is_there && !self.partial {
                let title = format!("missing `{key}` in {}", quoted(name));
                let label = format!("expected `{key}`: {}", self.describe(known));
                self.problems
                    .push(Problem::at(node.place.clone(), title).label(label));
                self.told.add(&[&self.way[..], &[key.to_owned()]].concat());
            }
            if !values.contains_key(key) {
                values.insert(key.into(), self.stand_in(known));
            }
        }
        // Where `type` is missing or wrong, keep the keys that fit its stand-in.
        if let Some(kind) = values.get("type").and_then(Yaml::as_str).map(str::to_owned) {
            let property = |key: &Yaml| &schema["properties"][key.as_str().unwrap_or_default()];
            values.retain(|key, _| is_of_type(property(key), Some(&kind)));
        }
        Yaml::Mapping(values)
    }

    /// The values of all keys that have one, checked on all cores if they are many.
    fn entries<'n>(
        &mut self,
        schema: &'a Value,
        entries: &'n [Entry],
        kind: Option<&str>,
    ) -> Vec<(&'n str, Yaml)> {
        if entries.len() <= MANY {
            let checked = entries.iter().filter_map(|entry| {
                self.way.push(entry.key.clone());
                let value = self.entry(schema, entry, kind);
                self.way.pop();
                let value = value.filter(|value| !value.is_null())?;
                Some((&*entry.key, value))
            });
            return checked.collect();
        }
        let parts = entries.par_chunks(MANY).map(|part| {
            let mut checker = self.beginning_here();
            let checked = checker.entries(schema, part, kind);
            (checked, checker)
        });
        let parts: Vec<_> = parts.collect();
        let mut all = Vec::with_capacity(entries.len());
        for (checked, mut checker) in parts {
            all.extend(checked);
            self.problems.append(&mut checker.problems);
            self.told.add_all(checker.told);
        }
        all
    }

    /// One that has found nothing yet.
    fn beginning_here(&self) -> Self {
        Self {
            problems: Vec::new(),
            told: Told::default(),
            way: self.way.clone(),
            ..*self
        }
    }

    /// The `type` of a map whose keys depend on it, if it has a valid one.
    fn kind<'n>(&self, schema: &Value, entries: &'n [Entry]) -> Option<&'n str> {
        let known = self.resolve(schema["properties"].get("type")?);
        let entry = entries.iter().find(|entry| entry.key == "type")?;
        match &entry.value.kind {
            // A widget may override the `type` of `defaults`.
            Kind::Text(text) if !self.partial => {
                words(known).contains(&text.as_str()).then_some(text)
            }
            _ => None,
        }
    }

    /// The value of one key, or `None` if a map of this `type` has no such key.
    fn entry(&mut self, schema: &'a Value, entry: &Entry, kind: Option<&str>) -> Option<Yaml> {
        let additional = &schema["additionalProperties"];
        let known = &schema["properties"][&entry.key];
        let (partial, prose) = (self.partial, self.prose);
        let value = if !is_of_type(known, kind) {
            let is_set = !matches!(entry.value.kind, Kind::Null);
            let problem = is_set.then(|| of_another_type(known, entry));
            self.problems.extend(problem);
            None
        } else if known.is_object() {
            self.partial |= entry.key == "defaults" && std::ptr::eq(schema, self.root);
            self.prose = PROSE.contains(&entry.key.as_str());
            Some(self.value(known, &entry.value, &entry.key))
        } else if additional.is_object() {
            self.problems.extend(self.stranger_in_name(schema, entry));
            Some(self.value(additional, &entry.value, &entry.key))
        } else if *additional == Value::Bool(false) {
            let problem = self.unknown(schema, entry);
            self.problems.push(problem);
            None
        } else {
            Some(entry.value.to_value())
        };
        (self.partial, self.prose) = (partial, prose);
        value
    }

    /// A valid value in place of one that is not.
    fn stand_in(&self, schema: &'a Value) -> Yaml {
        let schema = self.resolve(schema);
        if let Some(word) = words(schema).first() {
            return Yaml::from(*word);
        }
        if let Some(first) = schema["anyOf"].get(0) {
            return self.stand_in(first);
        }
        match schema["type"].as_str() {
            Some("boolean") => true.into(),
            Some("integer" | "number") => schema["minimum"].as_i64().unwrap_or(1).into(),
            Some("array") => Yaml::Sequence(Vec::new()),
            Some("object") => {
                let required = schema["required"].as_array().into_iter().flatten();
                let pairs = required.filter_map(Value::as_str);
                let pairs =
                    pairs.map(|key| (key.into(), self.stand_in(&schema["properties"][key])));
                Yaml::Mapping(pairs.collect())
            }
            _ => schema["examples"][0].as_str().unwrap_or("x").into(),
        }
    }

    /// A character that is invisible or looks like another, where it cannot be intended.
    fn stranger(&self, schema: &Value, text: &str, node: &Node, name: &str) -> Option<Problem> {
        let source = &self.sources[node.place.file].text;
        let is_nested = is_type(schema, "object") || is_type(schema, "array");
        let is_text = is_type(schema, "string") && words(schema).is_empty();
        let found = if is_nested {
            // Lines that are meant for keys and values.
            text.lines().find_map(syntax::stranger_of).map(|(_, c)| c)
        } else if self.prose && is_text {
            let is_plain = source[node.place.span.clone()].starts_with(text);
            let quotes = strange::quotes_around(text).filter(|_| is_plain);
            let control = |c: &char| c.is_control() && strange::is_invisible(*c);
            quotes.or_else(|| text.chars().find(control))
        } else if name == FILE {
            None
        } else {
            strange::in_data(text)
        };
        let c = found?;
        let place = strange::within(c, source, &node.place);
        let problem = strange::problem(c, &format!(" in {}", quoted(name)), place);
        Some(match self.prose && is_text && !c.is_control() {
            true => problem.hint(format!(
                "visitors would see these quotes; if that is intended, write `'{text}'`"
            )),
            false => problem,
        })
    }

    /// The same in a name that becomes part of an address.
    fn stranger_in_name(&self, schema: &Value, entry: &Entry) -> Option<Problem> {
        schema["propertyNames"].get("pattern")?;
        let c = strange::in_data(&entry.key)?;
        let source = &self.sources[entry.key_place.file].text;
        let place = strange::within(c, source, &entry.key_place);
        Some(strange::problem(c, " in a name", place))
    }

    fn number(&self, schema: &'a Value, node: &Node, name: &str) -> Option<Problem> {
        let Kind::Number(number) = &node.kind else {
            return None;
        };
        let is_whole = number.is_i64() || number.is_u64();
        let value = number.as_f64().unwrap_or(f64::NAN);
        let bound = |key, default| schema[key].as_f64().unwrap_or(default);
        let range = bound("minimum", f64::MIN)..=bound("maximum", f64::MAX);
        if !range.contains(&value) || (is_type(schema, "integer") && !is_whole) {
            return Some(self.wrong(schema, node, name));
        }
        let is_round = value.fract() == 0.0 && !EXACT.contains(&value);
        is_round.then(|| {
            Problem::at(node.place.clone(), format!("too many digits for `{name}`"))
                .label("browsers would change the last digits")
                .hint("put it in quotes to make it text")
        })
    }

    fn unknown(&self, schema: &Value, entry: &Entry) -> Problem {
        let names: Vec<_> = schema["properties"]
            .as_object()
            .map(|properties| properties.keys().map(String::as_str).collect())
            .unwrap_or_default();
        let key = entry.key.as_str();
        let near =
            closest(key, names.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        let is_odd = |c: &char| !c.is_ascii() && (near.is_some() || strange::is_invisible(*c));
        let (title, place) = match key.chars().find(is_odd) {
            // It may look just like the key that is meant.
            Some(c) => {
                let source = &self.sources[entry.key_place.file].text;
                let place = strange::within(c, source, &entry.key_place);
                let name = strange::named(c);
                (format!("unknown key `{key}`, written with {name}"), place)
            }
            None => (format!("unknown key `{key}`"), entry.key_place.clone()),
        };
        let problem = Problem::at(place, title).label(format!("expected {}", one_of(&names, key)));
        if let Some((_, why)) = EXPLAINED.iter().find(|(name, _)| *name == key) {
            return problem.hint(*why);
        }
        match syntax::glued_key(key).or(near) {
            Some(hint) => problem.hint(hint),
            None => problem,
        }
    }

    fn text(&self, schema: &Value, text: &str, node: &Node, name: &str) -> Option<Problem> {
        if text.is_empty() && schema["minLength"] == 1 {
            let problem = Problem::at(node.place.clone(), format!("`{name}` is empty"));
            return Some(problem.label("expected text"));
        }
        if !takes_text(schema, text) {
            let title = format!("invalid value for `{name}`");
            let label = format!("expected {}", self.describe(schema));
            return Some(Problem::at(node.place.clone(), title).label(label));
        }
        self.cut_off(node, name)
    }

    /// ` #` begins a comment. With a word right after the sign, it may be intended as part of the text.
    fn cut_off(&self, node: &Node, name: &str) -> Option<Problem> {
        let Place { file, span } = &node.place;
        let source = &self.sources[*file].text;
        let is_quoted = source[span.clone()].starts_with(['"', '\'', '|', '>']);
        let line = source[span.end..].split('\n').next()?.trim_end();
        let comment = line.trim_start();
        let is_cut = comment.len() < line.len()
            && comment.starts_with('#')
            && comment[1..].starts_with(char::is_alphanumeric);
        if is_quoted || !is_cut {
            return None;
        }
        let start = span.end + line.len() - comment.len();
        let word = comment.split_whitespace().next().unwrap_or_default();
        let place = Place {
            file: *file,
            span: start..start + word.len(),
        };
        let problem = Problem::at(
            place,
            format!("is `{word}` part of `{name}`, or a comment?"),
        );
        Some(problem.label("`#` after a space starts a comment").hint(
            "if it is part of the value, put the whole value in quotes; if it is a comment, put a space after the `#`",
        ))
    }

    fn no_value(&self, schema: &Value, node: &Node, name: &str) -> Option<Problem> {
        let Source { text, .. } = &self.sources[node.place.file];
        let line = text[node.place.span.start..]
            .lines()
            .next()
            .unwrap_or_default();
        let hint = match line.trim_start_matches([':', ' ']).chars().next() {
            Some('#') => "put it in quotes: otherwise `#` starts a comment",
            Some('&') => "put it in quotes: otherwise `&` starts an anchor",
            _ => "give it one, or remove the key",
        };
        let problem = Problem::at(node.place.clone(), format!("`{name}` has no value"));
        Some(
            problem
                .label(format!("expected {}", self.describe(schema)))
                .hint(hint),
        )
    }

    fn wrong(&self, schema: &'a Value, node: &Node, name: &str) -> Problem {
        let found = match &node.kind {
            Kind::Null | Kind::Refused => "nothing".to_owned(),
            Kind::Bool(value) => format!("`{value}`"),
            Kind::Number(number) => format!("the number `{number}`"),
            Kind::Text(_) => "a text".to_owned(),
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => "a map".to_owned(),
        };
        let title = format!("invalid value for {}", quoted(name));
        let label = format!("expected {}, found {found}", self.describe(schema));
        let problem = Problem::at(node.place.clone(), title).label(label);
        match self.meant(schema, node, name) {
            Some(hint) => problem.hint(hint),
            None => problem,
        }
    }

    /// What to write instead, where a value of another kind leaves little doubt.
    fn meant(&self, schema: &'a Value, node: &Node, name: &str) -> Option<String> {
        match &node.kind {
            Kind::Text(text) if is_type(schema, "boolean") => {
                // Words of YAML 1.1, which are texts in YAML 1.2.
                match text.to_ascii_lowercase().as_str() {
                    "yes" | "on" => Some("write `true`".to_owned()),
                    "no" | "off" => Some("write `false`".to_owned()),
                    _ => None,
                }
            }
            Kind::Text(text) if is_type(schema, "array") && text.starts_with('-') => {
                Some("put a space after the `-`".to_owned())
            }
            Kind::Text(text) if is_type(schema, "object") => {
                syntax::glued_key(text).or_else(|| self.as_map(schema, node, text))
            }
            Kind::Bool(value) if is_type(schema, "object") => {
                self.as_map(schema, node, &value.to_string())
            }
            Kind::Bool(_) | Kind::Number(_) if self.takes_any_text(schema, name) => {
                Some("put it in quotes to make it text".to_owned())
            }
            _ => None,
        }
    }

    /// The map that a single value is short for: `hosted` for `{type: hosted}`.
    fn as_map(&self, schema: &'a Value, node: &Node, value: &str) -> Option<String> {
        let properties = schema["properties"].as_object()?;
        let takes = |(key, property): &(&String, &'a Value)| {
            let property = self.resolve(property);
            match &node.kind {
                Kind::Text(text) => words(property).contains(&text.as_str()) || **key == "text",
                _ => **key == "enabled" && is_type(property, "boolean"),
            }
        };
        let (key, _) = properties.iter().find(takes)?;
        Some(format!("write `{{{key}: {value}}}`"))
    }

    fn takes_any_text(&self, schema: &Value, name: &str) -> bool {
        let is_free = words(schema).is_empty() && schema.get("pattern").is_none();
        is_type(schema, "string") && is_free && (self.prose || ANY_TEXT.contains(&name))
    }

    /// Follows references to the definitions.
    fn resolve(&self, schema: &'a Value) -> &'a Value {
        let name = schema["$ref"].as_str();
        match name.and_then(|way| way.strip_prefix("#/$defs/")) {
            Some(name) => self.resolve(&self.root["$defs"][name]),
            None => schema,
        }
    }

    /// The schema for this value, of the several that a key takes.
    fn choose(&self, schema: &'a Value, node: &Node) -> &'a Value {
        let kinds: &[&str] = match &node.kind {
            Kind::Null | Kind::Refused => &[],
            Kind::Bool(_) => &["boolean"],
            Kind::Number(number) if number.is_f64() => &["number"],
            Kind::Number(_) => &["integer", "number"],
            Kind::Text(_) => &["string"],
            Kind::List(_) => &["array"],
            Kind::Map(_) => &["object"],
        };
        let choices = schema["anyOf"].as_array().into_iter().flatten();
        let mut fitting = choices
            .map(|choice| self.resolve(choice))
            .filter(|choice| kinds.iter().any(|kind| is_type(choice, kind)));
        let first = fitting.next();
        match &node.kind {
            // Of several schemas of texts, the one that takes this text.
            Kind::Text(text) => first
                .into_iter()
                .chain(fitting)
                .find(|choice| takes_text(choice, text)),
            _ => first,
        }
        .unwrap_or(schema)
    }

    /// The values that a key takes, for a sentence that begins with "expected".
    fn describe(&self, schema: &'a Value) -> String {
        let schema = self.resolve(schema);
        let words = words(schema);
        if !words.is_empty() {
            return one_of(&words, "");
        }
        if schema.get("const") == Some(&Value::Null) {
            return "`null`".to_owned();
        }
        if let Some(choices) = schema["anyOf"].as_array() {
            let choices: Vec<_> = choices.iter().map(|choice| self.describe(choice)).collect();
            return choices.join(" or ");
        }
        let number = |kind: &str| match (&schema["minimum"], &schema["maximum"]) {
            (Value::Null, Value::Null) => kind.to_owned(),
            (least, most) if most.as_f64().is_none_or(|most| most >= *EXACT.end()) => {
                format!("{kind}, {least} or more")
            }
            (Value::Null, most) => format!("{kind}, {most} or less"),
            (least, most) => format!("{kind} from {least} to {most}"),
        };
        match schema["type"].as_str() {
            Some("boolean") => "`true` or `false`".to_owned(),
            Some("integer") => number("a whole number"),
            Some("number") => number("a number"),
            Some("string") => match schema["examples"][0].as_str() {
                Some(example) => format!("text such as `{example}`"),
                None => "a text".to_owned(),
            },
            Some("array") => "a list".to_owned(),
            _ => "a map".to_owned(),
        }
    }
}

/// A key of another `type`. Without this, the mistake would only appear in the browser.
fn of_another_type(known: &Value, entry: &Entry) -> Problem {
    let kinds = known["x-type"].as_array().into_iter().flatten();
    let kinds: Vec<_> = kinds
        .filter_map(Value::as_str)
        .map(|kind| format!("`type: {kind}`"))
        .collect();
    let place = match entry.value.is_nested() {
        true => &entry.key_place,
        false => &entry.value.place,
    };
    let title = format!("`{}` belongs to {}", entry.key, kinds.join(" or "));
    Problem::at(place.clone(), title)
}

fn word(words: &[&str], text: &str, node: &Node, name: &str) -> Option<Problem> {
    if words.contains(&text) {
        return None;
    }
    let problem = Problem::at(node.place.clone(), format!("`{name}` cannot be `{text}`"))
        .label(format!("expected {}", one_of(words, text)));
    Some(match nearest(text, words) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem,
    })
}

fn quoted(name: &str) -> String {
    match name {
        FILE => name.to_owned(),
        name => format!("`{name}`"),
    }
}
