//! `${NAME}` and `${NAME:-default}` in texts: values that differ from machine to machine.

use std::collections::BTreeSet;

use super::backend::BackendKind;
use crate::environment::{Environment, is_variable_name};
use crate::yaml::{self, Entry, strange};
use crate::yaml::{Kind, Node};
use crate::yaml::{Problem, Source};

/// Replaces the references in all texts below `node`. `$${` is a literal `${`.
pub(super) fn expand(node: &mut Node, environment: &Environment, problems: &mut Vec<Problem>) {
    match &mut node.kind {
        Kind::List(items) => {
            for item in items {
                expand(item, environment, problems);
            }
        }
        Kind::Map(entries) => {
            for entry in entries {
                expand(&mut entry.value, environment, problems);
            }
        }
        Kind::Text(text) if text.contains("${") => match replaced(text, environment) {
            Ok(new) if yaml::holds_key(&new) => {
                let problem = Problem::at(node.place.clone(), "this variable holds an API key")
                    .label("settings can become part of public pages")
                    .hint("remove it: no setting needs the key, which the function reads itself");
                problems.push(problem);
                node.kind = Kind::Refused;
            }
            Ok(new) => *text = new,
            Err(problem) => {
                let problem = Problem::at(node.place.clone(), problem);
                problems.push(
                    problem.hint(
                        "set it in the environment or in `.env`, or write `${NAME:-default}`",
                    ),
                );
                node.kind = Kind::Refused;
            }
        },
        Kind::Text(_) | Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Refused => {}
    }
}

fn replaced(text: &str, environment: &Environment) -> Result<String, String> {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, reference) = rest.split_at(at);
        if let Some(literal) = before.strip_suffix('$') {
            result.push_str(literal);
            result.push_str("${");
            rest = &reference[2..];
            continue;
        }
        result.push_str(before);
        let Some(end) = reference.find('}') else {
            return Err("`${` without `}`".to_owned());
        };
        let inside = &reference[2..end];
        let (name, default) = match inside.split_once(":-") {
            Some((name, default)) => (name, Some(default.to_owned())),
            None => (inside, None),
        };
        if !is_variable_name(name) {
            let title = format!("`{name}` is not a valid variable name");
            return Err(match strange::in_data(name) {
                Some(c) => format!("unexpected {}: {title}", strange::named(c)),
                None => title,
            });
        }
        let value = environment.get(name).or(default);
        result.push_str(&value.ok_or_else(|| format!("the variable `{name}` is not set"))?);
        rest = &reference[end + 1..];
    }
    result.push_str(rest);
    Ok(result)
}

/// The variables that these files reference: in their texts, and through the kinds of their back ends. A file that is
/// not YAML references none.
pub(crate) fn named(sources: &[Source]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let kinds = BackendKind::all().iter();
    let kinds = kinds.filter(|kind| !kind.variables().is_empty());
    let words: Vec<_> = kinds.map(|kind| kind.name()).chain(["${"]).collect();
    let may_name = |source: &&Source| words.iter().any(|word| source.text.contains(word));
    for source in sources.iter().filter(may_name) {
        let tree = Node::parse(0, &source.text, &mut Vec::new());
        names_below(&tree, &mut names);
    }
    names
}

fn names_below(node: &Node, names: &mut BTreeSet<String>) {
    match &node.kind {
        Kind::List(items) => items.iter().for_each(|item| names_below(item, names)),
        Kind::Map(entries) => {
            for entry in entries {
                if let Some(kind) = kind_of(&entry.key, &entry.value) {
                    names.extend(kind.variables().iter().map(|name| (*name).to_owned()));
                }
                names_below(&entry.value, names);
            }
        }
        Kind::Text(text) => {
            let references = text.split("${").skip(1);
            names.extend(references.filter_map(|reference| {
                let name = reference.split(['}', ':']).next()?;
                is_variable_name(name).then(|| name.to_owned())
            }));
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Refused => {}
    }
}

/// The globs of pages that these files name.
pub(crate) fn globs(sources: &[Source]) -> BTreeSet<String> {
    let mut globs = BTreeSet::new();
    for source in sources
        .iter()
        .filter(|source| source.text.contains("knowledge"))
    {
        globs_below(&Node::parse(0, &source.text, &mut Vec::new()), &mut globs);
    }
    globs
}

fn globs_below(node: &Node, globs: &mut BTreeSet<String>) {
    for Entry { key, value, .. } in node.entries() {
        let files = value.get("files").filter(|_| key == "knowledge");
        if let Some(Kind::List(items)) = files.map(|files| &files.kind) {
            globs.extend(items.iter().filter_map(Node::text).map(str::to_owned));
        }
        globs_below(value, globs);
    }
}

/// The kind of back end that an entry such as `type: server` names.
fn kind_of(key: &str, value: &Node) -> Option<BackendKind> {
    match &value.kind {
        Kind::Text(text) if key == "type" => BackendKind::named(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variables_that_a_file_names_are_those_of_its_texts() {
        let source = |text: &str| Source::new("site.yaml", text);
        let text = "# ${COMMENT}\na: [\"\\x24{HOST}\", \"${PORT:-1}/${PATH}\"]\nb: ${";
        let names = named(&[source(text), source("c: ${OTHER}\n")]);
        assert!(
            names.iter().eq(["HOST", "OTHER", "PATH", "PORT"]),
            "{names:?}"
        );
        assert_eq!(
            named(&[source("backend: {type: server}")]),
            BTreeSet::from(["DOMAIN_KEY".to_owned()])
        );
    }

    #[test]
    fn references_are_replaced_and_the_rest_stays() {
        let environment = Environment::of([("HOST", "chat.example.com")]);
        for (text, expected) in [
            ("https://${HOST}/", Ok("https://chat.example.com/")),
            ("${PORT:-8080}", Ok("8080")),
            ("${HOST:-other}", Ok("chat.example.com")),
            ("${EMPTY:-}", Ok("")),
            ("$${HOST} costs $5", Ok("${HOST} costs $5")),
            ("${PORT}", Err("the variable `PORT` is not set")),
            ("${PORT", Err("`${` without `}`")),
            ("${a b}", Err("`a b` is not a valid variable name")),
        ] {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(replaced(text, &environment), expected, "{text}");
        }
    }
}
