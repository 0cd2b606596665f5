//! `diff`: what a build would change for visitors.

use serde_json::{Value, json};
use snapbox::str;

use crate::project::{Project, project};

/// Two widgets, one of them also under an earlier name.
const SITE: &str = "\
site: {url: 'https://chat.example.com', allowed_origins: ['https://www.example.com']}
widgets:
  sales: {backend: {type: hosted}}
  support: {backend: {type: hosted}, aliases: [help], launcher: {label: Ask}}
";

/// The site after its last build.
fn built() -> Project {
    let project = project().file("site.yaml", SITE);
    project.run("build").success();
    project
}

/// Replaces a part of the site's file.
fn change(project: &Project, before: &str, after: &str) {
    assert!(SITE.contains(before));
    project.write("site.yaml", &SITE.replace(before, after));
}

fn json_of(project: &Project, code: i32) -> Value {
    let output = project.run("diff --json").code(code).get_output().clone();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

fn said(project: &Project, code: i32) -> String {
    let output = project.run("diff").code(code).get_output().clone();
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn the_same_build_changes_nothing() {
    let project = built();
    project.run("diff").code(0).stdout_eq(str![[r#"
     diff a build would change nothing
  widgets 0 changed, 0 added, 0 removed, 3 unchanged; compared with `dist`

"#]]);
    project.run("diff --quiet").code(0).stdout_eq("");
    let document = json_of(&project, 0);
    assert_eq!(document["changes"], false);
    assert_eq!(document["unchanged"], 3);
}

#[test]
fn nothing_is_written() {
    let project = built();
    let files = project.files(".");
    change(&project, "label: Ask", "label: Help");
    project.run("diff").code(1);
    project.run("diff --out nowhere").code(1);
    change(&project, "label: Ask", "label: Ask");
    assert_eq!(project.files("."), files);
}

#[test]
fn options_have_their_names_and_widgets_that_change_alike_are_together() {
    let project = built();
    change(&project, "label: Ask", "label: Help, offset_x: 30");
    project.run("diff").code(1).stdout_eq(str![[r#"
  changed help, support
          launcher.label: "Ask" → "Help"
          launcher.offset_x: 20 → 30
          loader, on every host page: [..] → [..] bytes, [..] → [..] after gzip, where it grows most
  widgets 2 changed, 0 added, 0 removed, 1 unchanged; compared with `dist`

"#]]);
}

#[test]
fn every_option_that_browsers_get_has_its_name() {
    let project = built();
    change(
        &project,
        "launcher: {label: Ask}",
        "launcher: {label: Ask, icon: 'emoji:🙂', shape: square, position: top-left, phone: {offset_y: 4}, z_index: 9}, \
         panel: {open: load, width: 500}, rules: {hide: [/a], devices: [phone]}, \
         page: {title: Q & A, description: About, robots: index}, chatkit: {header: {title: {text: Hi}}}",
    );
    let text = said(&project, 1);
    for line in [
        "chatkit.header.title.text: not set → \"Hi\"",
        "launcher.icon: \"a drawing\" → \"🙂\"",
        "launcher.phone.offset_y: not set → 4",
        "launcher.position: \"bottom-right\" → \"top-left\"",
        "launcher.shape: not set → \"square\"",
        "launcher.z_index: not set → 9",
        "page.description: not set → \"About\"",
        "page.robots: \"noindex\" → \"index\"",
        "page.title: \"Chat\" → \"Q & A\"",
        "panel.open: \"click\" → \"load\"",
        "panel.width: not set → 500",
        "rules.devices: not set → [\"phone\"]",
        "rules.hide: not set → [\"/a\"]",
    ] {
        assert!(
            text.contains(&format!("          {line}\n")),
            "{line}\n{text}"
        );
    }
    assert!(!text.contains("the HTML of its page changes"), "{text}");
}

#[test]
fn policies_are_compared_source_by_source() {
    let project = built();
    change(
        &project,
        "https://www.example.com",
        "https://shop.example.com",
    );
    project.run("diff").code(1).stdout_eq(str![[r#"
  changed help, sales, support
          allowed_origins: +https://shop.example.com -https://www.example.com
          policy frame-ancestors: +https://shop.example.com -https://www.example.com
...
  widgets 3 changed, 0 added, 0 removed, 0 unchanged; compared with `dist`

"#]]);
    let policy = &json_of(&project, 1)["changed"][1]["policy"];
    let expected = json!([{
        "directive": "frame-ancestors",
        "added": ["https://shop.example.com"],
        "removed": ["https://www.example.com"],
    }]);
    assert_eq!(*policy, expected);
}

#[test]
fn addresses_that_disappear_are_named_with_what_that_means() {
    let project = built();
    change(
        &project,
        "support: {backend: {type: hosted}, aliases: [help]",
        "new: {backend: {type: hosted}, aliases: [old]",
    );
    project.run("diff").code(1).stdout_eq(str![[r#"
    added new: /w/new/, /w/new.js
    added old, an earlier name of new: /w/old/, /w/old.js
  removed help: /w/help.js, /w/help/
          after the next deploy, pages that still hold its snippet show nothing; remove it there, or add the name to `aliases`
  removed support: /w/support.js, /w/support/
          after the next deploy, pages that still hold its snippet show nothing; remove it there, or add the name to `aliases`
  widgets 0 changed, 2 added, 2 removed, 1 unchanged; compared with `dist`

"#]]);
    let document = json_of(&project, 1);
    let addresses = &document["removed"][0]["addresses"];
    assert_eq!(addresses[0], "/w/help.js");
    assert_eq!(document["added"][1]["name"], "old");
}

#[test]
fn without_an_earlier_build_everything_is_new() {
    let project = project().file("site.yaml", SITE);
    project.run("diff").code(1).stdout_eq(str![[r#"
     diff no build in `dist`: everything is new
    added help, an earlier name of support: /w/help/, /w/help.js
    added sales: /w/sales/, /w/sales.js
    added support: /w/support/, /w/support.js
  widgets 0 changed, 3 added, 0 removed, 0 unchanged; compared with `dist`

"#]]);
    assert_eq!(json_of(&project, 1)["is_first"], true);
    assert!(!project.path("dist").exists());
}

#[test]
fn what_all_widgets_share_is_listed_once() {
    let project = built();
    let style = include_str!("../../themes/default/static/css/page.css");
    let own = format!("{style}.new{{color:red}}");
    project.write("themes/default/static/css/page.css", &own);
    let style = include_str!("../../themes/default/loader/loader.css");
    let own = format!("{style}.new{{color:red}}");
    project.write("themes/default/loader/loader.css", &own);
    project.run("diff").code(1).stdout_eq(str![[r#"
   shared assets/page.css: [..] → [..] bytes, [..] → [..] after gzip
   shared loader/loader.css, in 3 loaders: [..] → [..] bytes, [..] → [..] after gzip
  widgets 0 changed, 0 added, 0 removed, 3 unchanged; compared with `dist`

"#]]);
    let document = json_of(&project, 1);
    assert_eq!(document["shared"][1]["widgets"], 3);
}

#[test]
fn files_that_no_build_of_ours_wrote_are_reported_as_changed_and_no_more() {
    let project = built();
    for path in ["w/sales/index.html", "w/sales/settings.js", "w/sales.js"] {
        project.write(&format!("dist/{path}"), "\u{1b}[31m of an older version");
    }
    project.write("dist/_headers", "no rule\n  nothing\n");
    let text = said(&project, 1);
    assert!(text.contains("the HTML of its page changes"), "{text}");
    assert!(text.contains("in a way that has no name"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn a_changed_header_is_a_change() {
    let project = built();
    let headers = project.read("dist/_headers");
    let older = headers.replace("  X-Content-Type-Options: nosniff\n", "");
    let older = older.replace("max-age=300", "max-age=60");
    project.write("dist/_headers", &older);
    let text = said(&project, 1);
    let shared = "  headers /* X-Content-Type-Options: not set → nosniff\n";
    assert!(text.contains(shared), "{text}");
    let of_loaders = "/w/….js Cache-Control: public, max-age=60,";
    assert!(text.contains(of_loaders), "{text}");
    let header = &json_of(&project, 1)["headers"][0];
    assert_eq!(
        (&header["name"], &header["before"]),
        (&json!("X-Content-Type-Options"), &Value::Null)
    );
}

#[test]
fn trouble_is_two() {
    let project = built();
    change(&project, "type: hosted", "type: hosed");
    project.run("diff").code(2).stdout_eq("");
    let document = json_of(&project, 2);
    assert_eq!(document["ok"], false);
    assert_eq!(document["errors"][0]["line"], 3);
    project.run("diff --unknown").code(2);
    change(&project, "label: Ask", "label: sk-proj-0123456789abcdef");
    project.run("diff").code(2);
}

#[test]
fn long_lists_are_cut_and_counted() {
    let project = built();
    let more: String = (10..40)
        .map(|n| format!("  w{n}: {{backend: {{type: hosted}}}}\n"))
        .collect();
    project.write("site.yaml", &format!("{SITE}{more}"));
    let text = said(&project, 1);
    assert!(
        text.contains("        … and 10 more new widgets; `--json` has all\n"),
        "{text}"
    );
    assert_eq!(
        json_of(&project, 1)["added"].as_array().map(Vec::len),
        Some(30)
    );
    project.run("build").success();
    // Every widget in its own way.
    let more: String = (10..40)
        .map(|n| {
            let size = n + 47;
            format!("  w{n}: {{backend: {{type: hosted}}, launcher: {{size: {size}}}}}\n")
        })
        .collect();
    project.write("site.yaml", &format!("{SITE}{more}"));
    let text = said(&project, 1);
    assert!(text.contains("launcher.size: 56 → 57\n"), "{text}");
    assert!(
        text.contains("        … and 10 more kinds of change;"),
        "{text}"
    );
}
