//! Renaming a widget: it stays where it is, with its comments.

use serde_json::json;

use super::*;

const SITE: &str = "\
site: {url: 'https://chat.example.com'}
widgets:
  # For everybody.
  support: # short
    backend: {type: hosted} # ours
    launcher: {label: Ask}
  sales: {backend: {type: hosted}}
";

const OWN: &str = "# Docs, by Kim.\nbackend: {type: hosted} # ours\n";

/// The files after a rename, with the new widget's value.
fn renamed(files: &[(&str, &str)], old: &str, new: &str, value: Value) -> Vec<(String, String)> {
    let edits = [
        edit(&format!("widgets.{old}"), Value::Null),
        edit(&format!("widgets.{new}"), value),
    ];
    let after = apply(&sources(files), &edits).unwrap_or_else(|err| panic!("{:?}", err.titles()));
    let shown = |source: Source| (source.path.display().to_string(), source.text.to_string());
    after.into_iter().map(shown).collect()
}

fn file(name: &str, text: &str) -> (String, String) {
    (name.to_owned(), text.to_owned())
}

#[test]
fn renamed_widget_keeps_its_place_and_its_comments() {
    let value = json!({
        "backend": {"type": "hosted"},
        "launcher": {"label": "Ask"},
        "aliases": ["support"],
    });
    let text = SITE.replace("  support:", "  help:").replace(
        "    launcher: {label: Ask}\n",
        "    launcher: {label: Ask}\n    aliases:\n      - support\n",
    );
    let after = renamed(&[("site.yaml", SITE)], "support", "help", value);
    assert_eq!(after, [file("site.yaml", &text)]);
}

#[test]
fn renamed_widget_in_a_file_of_its_own_moves_with_it() {
    let files = [
        ("site.yaml", SITE),
        ("widgets/clients/docs.yml", OWN),
        ("widgets/faq.yaml", OWN),
    ];
    let value = json!({"backend": {"type": "hosted"}, "aliases": ["docs"]});
    let text = format!("{OWN}aliases:\n- docs\n");
    let after = renamed(&files, "docs", "manual", value);
    let moved = file("widgets/clients/manual.yml", &text);
    let others = [file("site.yaml", SITE), file("widgets/faq.yaml", OWN)];
    assert_eq!(after, [others[0].clone(), moved.clone(), others[1].clone()]);
    // And back, which undo does: now it is the old name that goes, and the new one was an alias.
    let files: Vec<_> = after
        .iter()
        .map(|(path, text)| (&**path, &**text))
        .collect();
    let value = json!({"backend": {"type": "hosted"}});
    let back = renamed(&files, "manual", "docs", value);
    let moved = file("widgets/clients/docs.yml", OWN);
    assert_eq!(back, [others[0].clone(), moved, others[1].clone()]);
}

#[test]
fn files_stay_in_the_order_in_which_they_are_read() {
    let files = [
        ("site.yaml", SITE),
        ("widgets/a.yaml", OWN),
        ("widgets/b.yaml", OWN),
    ];
    let value = json!({"backend": {"type": "hosted"}, "aliases": ["a"]});
    let names: Vec<_> = renamed(&files, "a", "c", value)
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    assert_eq!(names, ["site.yaml", "widgets/b.yaml", "widgets/c.yaml"]);
}

#[test]
fn widget_that_has_nothing_to_do_with_the_removed_one_is_a_new_one() {
    let files = [("site.yaml", SITE), ("widgets/docs.yaml", OWN)];
    let after = renamed(
        &files,
        "docs",
        "manual",
        json!({"backend": {"type": "hosted"}}),
    );
    assert_eq!(after.len(), 1);
    assert!(after[0].1.contains("  manual:\n"), "{}", after[0].1);
}

#[test]
fn name_that_is_none_names_no_file() {
    let files = [("site.yaml", SITE), ("widgets/docs.yaml", OWN)];
    for name in ["../docs2", "a/b", "a: b"] {
        let value = json!({"backend": {"type": "hosted"}, "aliases": ["docs"]});
        let after = renamed(&files, "docs", name, value);
        assert_eq!(after.len(), 1, "{name}");
        assert_eq!(after[0].0, "site.yaml");
    }
}

#[test]
fn widget_that_an_anchor_brings_becomes_a_new_one() {
    let text = "shared: &all\n  a: {backend: {type: hosted}}\nwidgets:\n  <<: *all\n";
    let value = json!({"backend": {"type": "hosted"}, "aliases": ["a"]});
    let after = renamed(&[("site.yaml", text)], "a", "c", value.clone());
    let tree = crate::yaml::Node::parse(0, &after[0].1, &mut Vec::new());
    let shared = json!({"a": {"backend": {"type": "hosted"}}});
    assert_eq!(
        tree.to_json(),
        json!({"shared": shared, "widgets": {"c": value}})
    );
}
