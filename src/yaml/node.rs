//! YAML as a tree in which every value knows its place, so that a message can show the line that it is about.
//!
//! `serde_yaml` loses places inside of maps and stops at the first error. This tree keeps them; what is read
//! from it into types goes through `serde_yaml::Value`.

use std::ops::Range;

use serde_yaml::{Mapping, Number, Value};

/// Bytes of one file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    /// Which file: an index into the list of sources.
    pub(crate) file: usize,
    /// Where in its text, in bytes.
    pub(crate) span: Range<usize>,
}

impl Place {
    /// Whether the other one is in here.
    pub(crate) fn holds(&self, other: &Self) -> bool {
        self.file == other.file
            && self.span.start <= other.span.start
            && other.span.end <= self.span.end
    }
}

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// Something that was refused already. Whatever follows from it is not worth another word.
    Refused,
    /// Written as `null` or `~`; if its place is empty, nothing is written there at all.
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key, its place, and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_place: Place,
    pub(crate) value: Node,
}

impl Entry {
    /// The place of the value at the end of `way` from here, or of the last one on the way that is there.
    pub(crate) fn place_of(&self, way: &[String]) -> Place {
        // A whole map is no place to point at; its key is.
        let is_nested = self.value.is_nested();
        match self.value.place_of(way) {
            found if is_nested && found == self.value.place => self.key_place.clone(),
            found if is_nested => found,
            _ => self.value.place.clone(),
        }
    }
}

impl Node {
    /// The value of a key, if this is a map that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry of a key, if this is a map that has it.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The text, if this is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The entries, if this is a map.
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The entries of the map at `key`, which is made if it is missing or empty. `None` if this is not a map,
    /// or something else is there.
    pub(crate) fn section(&mut self, key: &str) -> Option<&mut Vec<Entry>> {
        let place = self.place.clone();
        let Kind::Map(entries) = &mut self.kind else {
            return None;
        };
        let at = entries.iter().position(|entry| entry.key == key);
        let at = at.unwrap_or_else(|| {
            entries.push(Entry {
                key: key.to_owned(),
                key_place: place.clone(),
                value: Self {
                    place,
                    kind: Kind::Null,
                },
            });
            entries.len() - 1
        });
        let kind = &mut entries[at].value.kind;
        if matches!(kind, Kind::Null) {
            *kind = Kind::Map(Vec::new());
        }
        match kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The place of the value at the end of `way`, or of the last one on the way that is there.
    pub(crate) fn place_of(&self, way: &[String]) -> Place {
        let Some((step, rest)) = way.split_first() else {
            return self.place.clone();
        };
        match &self.kind {
            Kind::List(items) => {
                match step.parse().ok().and_then(|index: usize| items.get(index)) {
                    Some(item) => item.place_of(rest),
                    None => self.place.clone(),
                }
            }
            _ => match self.entry(step) {
                Some(entry) => entry.place_of(rest),
                None => self.place.clone(),
            },
        }
    }

    /// Keys and indexes to the deepest value that is at `place`, or around it.
    pub(crate) fn way_to(&self, place: &Place) -> Option<Vec<String>> {
        let is_at = |other: &Place| {
            other.file == place.file
                && (other.span.contains(&place.span.start) || other.span == place.span)
        };
        let inner = |step: String, value: &Self, key: Option<&Place>| {
            let rest = value.way_to(place);
            let rest = rest.or_else(|| key.filter(|key| is_at(key)).map(|_| Vec::new()))?;
            Some([vec![step], rest].concat())
        };
        let found = match &self.kind {
            Kind::Map(entries) => entries
                .iter()
                .find_map(|entry| inner(entry.key.clone(), &entry.value, Some(&entry.key_place))),
            Kind::List(items) => {
                let mut items = items.iter().enumerate();
                items.find_map(|(index, item)| inner(index.to_string(), item, None))
            }
            _ => None,
        };
        found.or_else(|| is_at(&self.place).then(Vec::new))
    }

    /// Whether this is a list or a map.
    pub(crate) fn is_nested(&self) -> bool {
        matches!(self.kind, Kind::List(_) | Kind::Map(_))
    }

    /// This laid upon `under`: maps are merged key by key, everything else is replaced. A section without a
    /// content (`launcher:`) changes nothing, as it says nothing; one that is `null` takes away what is below it.
    /// Maps of another `type` have other keys, so they are replaced too.
    pub(crate) fn over(self, under: &Self) -> Self {
        if let (Some(own), Some(below)) = (self.get("type"), under.get("type"))
            && own.to_value() != below.to_value()
        {
            return self;
        }
        match (self.kind, &under.kind) {
            (Kind::Null, Kind::Map(_)) if self.place.span.is_empty() => under.clone(),
            (Kind::Map(own), Kind::Map(below)) => {
                let mut entries = own;
                for entry in below {
                    match entries.iter_mut().find(|own| own.key == entry.key) {
                        Some(own) => {
                            let empty = Self {
                                place: own.value.place.clone(),
                                kind: Kind::Null,
                            };
                            own.value = std::mem::replace(&mut own.value, empty).over(&entry.value);
                        }
                        None => entries.push(entry.clone()),
                    }
                }
                Self {
                    place: self.place,
                    kind: Kind::Map(entries),
                }
            }
            (kind, _) => Self {
                place: self.place,
                kind,
            },
        }
    }

    /// The value without its places, and without keys that have no value: a section without a content.
    pub(crate) fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Refused | Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(value) => Value::Number(value.clone()),
            Kind::Text(text) => Value::String(text.clone()),
            Kind::List(items) => Value::Sequence(items.iter().map(Self::to_value).collect()),
            Kind::Map(entries) => {
                let said = entries
                    .iter()
                    .filter(|entry| !matches!(entry.value.kind, Kind::Null));
                let pairs =
                    said.map(|entry| (Value::from(entry.key.as_str()), entry.value.to_value()));
                Value::Mapping(pairs.collect::<Mapping>())
            }
        }
    }

    /// The value as JSON. What has no value is null.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        self.to_json_with(str::to_owned)
    }

    /// The value as JSON, with every text in another form. Keys stay as they are.
    pub(crate) fn to_json_with(&self, form: fn(&str) -> String) -> serde_json::Value {
        match &self.kind {
            Kind::Refused | Kind::Null => serde_json::Value::Null,
            Kind::Bool(value) => (*value).into(),
            Kind::Number(value) => serde_json::to_value(value).unwrap_or_default(),
            Kind::Text(text) => form(text).into(),
            Kind::List(items) => items.iter().map(|item| item.to_json_with(form)).collect(),
            Kind::Map(entries) => {
                let pairs = entries.iter();
                let pairs = pairs.map(|entry| (entry.key.clone(), entry.value.to_json_with(form)));
                serde_json::Value::Object(pairs.collect())
            }
        }
    }

    /// How many values this is, itself included.
    pub(super) fn size(&self) -> usize {
        1 + match &self.kind {
            Kind::List(items) => items.iter().map(Self::size).sum(),
            Kind::Map(entries) => entries.iter().map(|entry| entry.value.size()).sum(),
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way_of(text: &str, word: &str) -> String {
        let tree = Node::parse(0, text, &mut Vec::new());
        let start = text.find(word).unwrap();
        let span = start..start + word.len();
        tree.way_to(&Place { file: 0, span }).unwrap().join(".")
    }

    #[test]
    fn the_way_to_a_place_ends_at_the_deepest_value() {
        let text = "a:\n  b: {c: one, d: [two, {e: three}]}\nf: four\n";
        assert_eq!(way_of(text, "one"), "a.b.c");
        assert_eq!(way_of(text, "c:"), "a.b.c");
        assert_eq!(way_of(text, "two"), "a.b.d.0");
        assert_eq!(way_of(text, "three"), "a.b.d.1.e");
        assert_eq!(way_of(text, "f:"), "f");
        let tree = Node::parse(0, text, &mut Vec::new());
        assert_eq!(
            tree.way_to(&Place {
                file: 1,
                span: 0..1
            }),
            None
        );
    }
}
