//! Facts that several languages need: every copy says the same.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::project::{SMALLEST, project};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|err| panic!("{}: {err}", path.display()))
}

/// The text between two others.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).expect("the start of a list");
    rest.split_once(end).expect("the end of a list").0
}

/// The words in a list, whatever separates them in its language.
fn words(list: &str) -> BTreeSet<&str> {
    let words = list.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words.filter(|word| !word.is_empty()).collect()
}

#[test]
fn every_list_of_chatkits_locales_is_the_same() {
    let schema: Value = serde_json::from_str(&read(".site.schema.json")).expect("a schema");
    let locales = schema["$defs"]["Locale"]["enum"].as_array();
    let locales = locales.expect("a list").iter();
    let locales: BTreeSet<_> = locales.map(|tag| tag.as_str().expect("a tag")).collect();
    assert_eq!(locales.len(), 114);
    for (path, start, end) in [
        ("themes/default/static/js/locales.js", "LOCALES = (", ")"),
        (
            "tests/e2e/doubles/chatkit/options.mjs",
            "LOCALES = list(",
            ")",
        ),
    ] {
        let text = read(path);
        assert_eq!(words(between(&text, start, end)), locales, "{path}");
    }
}

#[test]
fn the_browser_tests_intercept_the_chatkit_that_pages_load() {
    let project = project().file("site.yaml", SMALLEST);
    project.run("build").success();
    let double = read("tests/e2e/doubles/chatkit.mjs");
    let path = between(&double, "CHATKIT_URL = `${CHATKIT_ORIGIN}", "`");
    let frame = read("tests/e2e/doubles/chatkit/frame.mjs");
    let origin = between(&frame, "CHATKIT_ORIGIN = \"", "\"");
    let settings = project.read("dist/w/support/settings.js");
    let script = between(&settings, "\"chatkit\":\"", "\"");
    assert_eq!(script, format!("{origin}{path}"));
}

#[test]
fn netlify_rewrites_every_address_of_the_function() {
    let addresses = read("netlify/functions/session/src/addresses.rs");
    let paths = addresses
        .split('"')
        .filter(|text| text.starts_with("/api/"));
    let paths: BTreeSet<_> = paths.collect();
    assert!(paths.contains("/api/chatkit/session"), "{paths:?}");
    let netlify = read("netlify.toml");
    for path in paths {
        let rewrite = format!("from = \"{path}\"\n");
        assert!(netlify.contains(&rewrite), "{rewrite}");
    }
}

#[test]
fn pages_send_as_much_of_a_thread_as_a_state_may_hold() {
    let script = read("themes/default/static/js/agent.js");
    let most = between(&script, "const MOST_BYTES = ", ";");
    let factors = most.split(" * ").map(|factor| factor.parse::<usize>());
    let most: usize = factors.map(|factor| factor.expect("a number")).product();
    assert_eq!(most, session::LARGEST_STATE);
}
