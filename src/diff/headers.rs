//! `_headers`: its rules, what holds for a path, and policies source by source.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

/// The header with the policy.
pub(super) const POLICY: &str = "Content-Security-Policy";

/// A header that differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Header {
    /// The path of the rule, or of the file of a widget.
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

/// A directive of a policy with other sources.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Directive {
    /// Such as `frame-ancestors`.
    pub(crate) directive: String,
    pub(crate) added: Vec<String>,
    pub(crate) removed: Vec<String>,
}

/// Headers by name. Several rules for one path add up.
pub(super) type Values<'a> = BTreeMap<&'a str, Vec<&'a str>>;

/// The rules of a file, found by path: a file may have tens of thousands.
#[derive(Default)]
pub(super) struct Headers<'a> {
    /// By the path, or its part before `*`.
    rules: HashMap<(&'a str, bool), Vec<(&'a str, &'a str)>>,
}

impl<'a> Headers<'a> {
    pub(super) fn parse(text: &'a str) -> Self {
        let mut rules: HashMap<_, Vec<_>> = HashMap::new();
        let mut rule = ("", false);
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            if line.starts_with(char::is_whitespace) {
                let (name, value) = line.split_once(':').unwrap_or((line, ""));
                let header = (name.trim(), value.trim());
                rules.entry(rule).or_default().push(header);
            } else {
                rule = match line.strip_suffix('*') {
                    Some(start) => (start, true),
                    None => (line, false),
                };
            }
        }
        Self { rules }
    }

    /// Everything that a host sends with this path.
    pub(super) fn of(&self, path: &str) -> Values<'a> {
        let ends = (0..=path.len()).filter(|end| path.is_char_boundary(*end));
        let starts = ends.filter_map(|end| self.rules.get(&(&path[..end], true)));
        let exact = self.rules.get(&(path, false));
        collect(starts.chain(exact).flatten())
    }

    /// The rules for what no single widget has.
    fn shared(&self) -> BTreeMap<String, Values<'a>> {
        let rules = self
            .rules
            .iter()
            .filter(|((path, _), _)| !path.starts_with("/w/"));
        let star = |is_start| if is_start { "*" } else { "" };
        rules
            .map(|((path, is_start), headers)| {
                (format!("{path}{}", star(*is_start)), collect(headers))
            })
            .collect()
    }
}

fn collect<'a: 'b, 'b>(headers: impl IntoIterator<Item = &'b (&'a str, &'a str)>) -> Values<'a> {
    let mut values = Values::new();
    for (name, value) in headers {
        values.entry(name).or_default().push(value);
    }
    values
}

/// The headers that differ in rules for what widgets share.
pub(super) fn shared_changes(before: &Headers<'_>, after: &Headers<'_>) -> Vec<Header> {
    let (before, after) = (before.shared(), after.shared());
    let paths: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let none = Values::new();
    let headers = paths.into_iter().flat_map(|path| {
        let [before, after] = [&before, &after].map(|rules| rules.get(path).unwrap_or(&none));
        changes(path, before, after)
    });
    headers.collect()
}

/// The headers that differ.
pub(super) fn changes(path: &str, before: &Values<'_>, after: &Values<'_>) -> Vec<Header> {
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let text = |values: &Values<'_>, name: &str| values.get(name).map(|values| values.join(", "));
    let differing = names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name));
    differing
        .map(|name| Header {
            path: path.to_owned(),
            name: (*name).to_owned(),
            before: text(before, name),
            after: text(after, name),
        })
        .collect()
}

/// The directives with other sources. A policy may be in several parts, in headers and in the page.
pub(super) fn policy_changes(before: &[&str], after: &[&str]) -> Vec<Directive> {
    let (before, after) = (directives(before), directives(after));
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let none = BTreeSet::new();
    let changes = names.into_iter().filter_map(|name| {
        let is_new = !before.contains_key(name) || !after.contains_key(name);
        let before = before.get(name).unwrap_or(&none);
        let after = after.get(name).unwrap_or(&none);
        (is_new || before != after).then(|| Directive {
            directive: (*name).to_owned(),
            added: after
                .difference(before)
                .map(|&text| text.to_owned())
                .collect(),
            removed: before
                .difference(after)
                .map(|&text| text.to_owned())
                .collect(),
        })
    });
    changes.collect()
}

fn directives<'a>(parts: &[&'a str]) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut directives: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for directive in parts.iter().flat_map(|part| part.split(';')) {
        let mut words = directive.split_whitespace();
        if let Some(name) = words.next() {
            directives.entry(name).or_default().extend(words);
        }
    }
    directives
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_moves_to_another_rule_is_no_change() {
        let before = Headers::parse("/*\n  A: 1\n\n/w/a/\n  B: 2: 3\n/w/b/\n  B: 2: 3\n");
        let after = Headers::parse("/*\n  A: 1\n\n/w/*\n  B: 2: 3\n");
        assert_eq!(
            changes("/w/a/", &before.of("/w/a/"), &after.of("/w/a/")),
            []
        );
        let loader = changes("/w/a.js", &before.of("/w/a.js"), &after.of("/w/a.js"));
        assert_eq!((loader.len(), &*loader[0].name), (1, "B"));
        assert_eq!(shared_changes(&before, &after), []);
    }

    #[test]
    fn a_policy_is_the_same_in_one_part_or_in_two() {
        let whole = ["img-src 'self' data:; frame-ancestors 'self'"];
        let parts = [
            "img-src data: 'self'",
            "frame-ancestors 'self' https://a.example",
        ];
        let changes = policy_changes(&whole, &parts);
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].directive, "frame-ancestors");
        assert_eq!(changes[0].added, ["https://a.example"]);
    }
}
