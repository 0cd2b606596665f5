//! Leaves out what ChatKit would refuse: otherwise the visitor would see a blank box.

use super::value::Remark;
use crate::chatkit::ChatKitOptions;
use crate::config::{BackendKind, check_chatkit};
use crate::site;
use crate::yaml::{Entry, Kind, Node, Place, Problem, Source};

/// Most rounds. Each finds what the previous one broke, such as a map without a required key.
const ROUNDS: usize = 64;

/// The options without those that this back end would refuse, with a remark on each.
pub(super) fn fit(
    options: Node,
    source: &Source,
    backend: BackendKind,
    remarks: &mut Vec<Remark>,
) -> Option<Node> {
    let place = options.place.clone();
    // The site's own check names places from this root.
    let mut root = Node {
        place: place.clone(),
        kind: Kind::Map(vec![Entry {
            key: "chatkit".to_owned(),
            key_place: place,
            value: options,
        }]),
    };
    for _ in 0..ROUNDS {
        let options = root.get("chatkit")?;
        let problems = problems(options, source, backend);
        if problems.is_empty() {
            let Kind::Map(entries) = root.kind else {
                return None;
            };
            return entries.into_iter().next().map(|entry| entry.value);
        }
        for problem in problems {
            let problem = problem.located(&root);
            let place = problem.place()?.clone();
            // An error that is found twice, such as in a constant that is used twice, is removed twice.
            if remove(&mut root, &place) {
                remarks.push((place.span.start, format!("left out: {}", problem.summary())));
            }
        }
    }
    None
}

fn problems(options: &Node, source: &Source, backend: BackendKind) -> Vec<Problem> {
    let problems = check_chatkit(options, source);
    if !problems.is_empty() {
        return problems;
    }
    match serde_path_to_error::deserialize::<_, ChatKitOptions>(options.to_value()) {
        Ok(options) => site::check_chatkit(&options, backend),
        Err(err) => {
            let way = format!("chatkit.{}", err.path());
            vec![Problem::on(&way, err.inner().to_string())]
        }
    }
}

/// Removes what is at this place, or contains it. A key is removed with its value; the options as a whole stay.
fn remove(root: &mut Node, place: &Place) -> bool {
    let is_it = |node: &Node| node.place == *place || !node.is_nested() && node.place.holds(place);
    match &mut root.kind {
        Kind::Map(entries) => {
            let is_its = |entry: &Entry| {
                entry.key != "chatkit" && (entry.key_place.holds(place) || is_it(&entry.value))
            };
            match entries.iter().position(is_its) {
                Some(index) => {
                    entries.remove(index);
                    true
                }
                None => entries
                    .iter_mut()
                    .any(|entry| remove(&mut entry.value, place)),
            }
        }
        Kind::List(items) => match items.iter().position(is_it) {
            Some(index) => {
                items.remove(index);
                true
            }
            None => items.iter_mut().any(|item| remove(item, place)),
        },
        _ => false,
    }
}
