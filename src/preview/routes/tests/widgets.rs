//! Widgets that are added, renamed and removed, and those in separate files.

use std::time::Duration;

use super::*;

const OWN: &str = "\
# Only for shops.
backend: {type: hosted} # ours
launcher:
  label: Ask
";

/// A site with the widget `a` in `site.yaml`, and `x` in a file of its own.
fn bench() -> Bench {
    Bench::new(&[("site.yaml", SITE), ("widgets/x.yaml", OWN)])
}

fn names(bench: &Bench) -> Vec<String> {
    let state = bench.state();
    let widgets = state["widgets"].as_array().unwrap().iter();
    widgets
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

fn hosted() -> Value {
    json!({"backend": {"type": "hosted"}})
}

fn saved(bench: &Bench, edits: &Value) {
    let (status, reply) = bench.save(&bench.revision(), edits);
    assert_eq!(status, 200, "{reply}");
}

#[test]
fn change_of_a_widget_in_its_own_file_goes_to_that_file() {
    let bench = bench();
    let edits = json!([edit("widgets.x.launcher.label", json!("Help"))]);
    saved(&bench, &edits);
    assert_eq!(bench.text("site.yaml"), SITE);
    assert_eq!(bench.text("widgets/x.yaml"), OWN.replace("Ask", "Help"));
    assert!(bench.get("/w/x.js").1.contains("Help"));
}

#[test]
fn draft_of_a_widget_in_its_own_file_is_shown_and_changes_no_file() {
    let bench = bench();
    let edits = json!([edit("widgets.x.launcher.label", json!("Help"))]);
    let (status, reply) = bench.draft(ID, &edits);
    assert_eq!((status, &reply["ok"]), (200, &json!(true)), "{reply}");
    let written = reply["widgets"].as_array().unwrap().iter();
    let x = written.clone().find(|widget| widget["name"] == "x");
    let x = x.unwrap();
    assert_eq!(x["written"]["launcher"]["label"], "Help");
    assert!(x["file"].as_str().unwrap().ends_with("widgets/x.yaml"));
    assert!(bench.get(&format!("/~{ID}/w/x.js")).1.contains("Help"));
    assert!(!bench.get("/w/x.js").1.contains("Help"));
    assert_eq!(bench.text("widgets/x.yaml"), OWN);
}

/// The names of the widgets whose settings a reply has.
fn told(reply: &Value) -> Vec<&str> {
    let told = reply["widgets"].as_array().unwrap().iter();
    told.map(|widget| widget["name"].as_str().unwrap())
        .collect()
}

#[test]
fn state_names_every_widget_and_has_the_settings_of_none() {
    let bench = bench();
    let state = bench.state();
    assert_eq!(state["widgets"], json!(["a", "x"]));
    assert!(!state.to_string().contains("Ask"), "{state}");
}

#[test]
fn settings_of_a_widget_are_those_of_the_revision_that_was_asked_for() {
    let bench = bench();
    let revision = bench.revision();
    bench.write("widgets/x.yaml", &OWN.replace("Ask", "Help"));
    bench.notice("widgets/x.yaml");
    let label = |revision: &Value| {
        let asked = json!({"revision": revision, "names": ["x", "nobody"]});
        let (status, reply) = bench.call("widgets", &asked);
        assert_eq!((status, told(&reply)), (200, vec!["x"]), "{reply}");
        assert_eq!(reply["widgets"][0]["backend"], "hosted");
        reply["widgets"][0]["written"]["launcher"]["label"].clone()
    };
    assert_eq!(label(&revision), "Ask");
    assert_eq!(label(&bench.revision()), "Help");
    let unknown = json!({"revision": "0", "names": ["x"]});
    assert_eq!(bench.call("widgets", &unknown).0, 409);
}

#[test]
fn draft_tells_of_the_widget_that_is_shown_and_of_those_that_are_edited() {
    let bench = Bench::new(&[
        ("site.yaml", SITE),
        ("widgets/x.yaml", OWN),
        ("widgets/y.yaml", OWN),
    ]);
    let draft = |widget: Value, edits: Value| {
        let body =
            json!({"id": ID, "revision": bench.revision(), "widget": widget, "edits": edits});
        let (status, reply) = bench.call("draft", &body);
        assert_eq!((status, &reply["ok"]), (200, &json!(true)), "{reply}");
        assert_eq!(
            told(&reply),
            reply["snippets"]
                .as_object()
                .unwrap()
                .keys()
                .collect::<Vec<_>>()
        );
        told(&reply).join(" ")
    };
    let edits = || json!([edit("widgets.x.launcher.label", json!("Help"))]);
    assert_eq!(draft(json!("y"), json!([])), "y");
    assert_eq!(draft(json!("a"), edits()), "a x");
    assert_eq!(draft(Value::Null, edits()), "x");
}

#[test]
fn problem_in_a_widget_of_its_own_file_names_the_file() {
    let bench = bench();
    let edits = json!([edit("widgets.x.launcher.labell", json!("Help"))]);
    let (status, reply) = bench.save(&bench.revision(), &edits);
    assert_eq!(status, 422);
    let told = reply["problems"][0]["rendered"].as_str().unwrap();
    assert!(told.contains("x.yaml"), "{told}");
    assert_eq!(bench.text("widgets/x.yaml"), OWN);
}

#[test]
fn new_widget_goes_to_the_site_and_is_served() {
    let bench = bench();
    assert_eq!(bench.get("/w/b/").0, 404);
    saved(&bench, &json!([edit("widgets.b", hosted())]));
    assert_eq!(names(&bench), ["a", "b", "x"]);
    assert!(bench.text("site.yaml").contains("b:"));
    assert_eq!(bench.get("/w/b/").0, 200);
}

#[test]
fn renamed_widget_is_served_under_its_new_name_alone() {
    let bench = bench();
    let edits = json!([edit("widgets.a", Value::Null), edit("widgets.b", hosted())]);
    assert_eq!(bench.get("/w/a/").0, 200);
    saved(&bench, &edits);
    assert_eq!(names(&bench), ["b", "x"]);
    assert_eq!((bench.get("/w/a/").0, bench.get("/w/b/").0), (404, 200));
}

#[test]
fn renamed_widget_leaves_no_file_of_its_own_behind() {
    let bench = bench();
    let edits = json!([edit("widgets.x", Value::Null), edit("widgets.y", hosted())]);
    saved(&bench, &edits);
    assert_eq!(names(&bench), ["a", "y"]);
    assert!(!bench.path("widgets/x.yaml").exists());
    assert_eq!((bench.get("/w/x/").0, bench.get("/w/y/").0), (404, 200));
}

#[test]
fn earlier_name_leads_to_the_file_of_its_own() {
    let bench = bench();
    assert_eq!(bench.get("/w/old/").0, 404);
    bench.write("widgets/x.yaml", &format!("{OWN}aliases: [old]\n"));
    bench.notice("widgets/x.yaml");
    assert_eq!((bench.get("/w/x/").0, bench.get("/w/old/").0), (200, 200));
    assert_eq!(bench.get("/w/ol/").0, 404);
}

#[test]
fn removed_widget_is_gone_and_the_others_stay_as_they_were() {
    let bench = bench();
    saved(&bench, &json!([edit("widgets.x", Value::Null)]));
    assert_eq!(names(&bench), ["a"]);
    assert!(!bench.path("widgets/x.yaml").exists());
    assert_eq!(bench.text("site.yaml"), SITE);
    assert_eq!(bench.get("/w/x/").0, 404);
}

#[test]
fn removed_file_is_noticed_and_a_new_one_is_served() {
    let bench = bench();
    fs::remove_file(bench.path("widgets/x.yaml")).unwrap();
    bench.notice("widgets/x.yaml");
    bench.write("widgets/y.yaml", OWN);
    bench.notice("widgets/y.yaml");
    assert_eq!(names(&bench), ["a", "y"]);
    assert_eq!((bench.get("/w/x/").0, bench.get("/w/y/").0), (404, 200));
}

#[test]
fn name_that_no_address_can_hold_is_a_problem() {
    let bench = bench();
    for name in ["B", "a b", "../x"] {
        let edits = json!([{"path": ["widgets", name], "value": hosted()}]);
        let (status, reply) = bench.save(&bench.revision(), &edits);
        assert_eq!(status, 422, "{name}: {reply}");
    }
    assert_eq!(bench.text("site.yaml"), SITE);
}

#[test]
fn errors_in_a_widget_that_nobody_views_are_found_and_told() {
    let bench = bench();
    let events = bench.events("");
    let checker = Arc::clone(&bench.preview);
    let checker = std::thread::spawn(move || checker.check_all());
    let hear = |wanted: &str| {
        let next = || events.recv_timeout(Duration::from_secs(10)).unwrap();
        while !next().contains(wanted) {}
    };
    bench.write("widgets/x.yaml", "backend: {type: hosted}\nlabel: x\n");
    bench.notice("widgets/x.yaml");
    hear("unknown key `label`");
    bench.write("widgets/x.yaml", OWN);
    bench.notice("widgets/x.yaml");
    hear(r#""ok":true"#);
    assert_eq!(bench.state()["problems"], json!([]));
    bench.preview.end();
    checker.join().unwrap();
}

#[test]
fn what_a_new_widget_can_start_with_is_in_the_language_of_the_first_one_and_can_be_saved() {
    let site = "\
site: {url: 'https://chat.a.example', allowed_origins: ['https://www.a.example']}
defaults: {page: {language: de-CH}}
widgets: {a: {backend: {type: hosted}}}
";
    let bench = Bench::new(&[("site.yaml", site), ("widgets/x.yaml", OWN)]);
    let asked = bench.request("GET", "/_/api/starters", &Value::Null);
    let (status, reply) = bench.ask(&asked);
    assert_eq!((status, &reply["language"]), (200, &json!("de")), "{reply}");
    let templates = reply["templates"].as_array().unwrap();
    assert_eq!(templates[0]["name"], "support");
    let internal = templates.iter().find(|each| each["name"] == "internal");
    let internal = internal.unwrap();
    assert_eq!(internal["widget"], "help");
    let widget = &internal["languages"]["de"];
    assert_eq!(widget["page"]["title"], "Helpdesk von a.example");
    saved(&bench, &json!([edit("widgets.help", widget.clone())]));
    assert!(bench.get("/w/help.js").1.contains("Den Helpdesk fragen"));
}

#[test]
fn in_a_site_without_widgets_the_defaults_tell_the_language() {
    let site =
        "site: {url: 'https://chat.a.example'}\ndefaults: {page: {language: ja}}\nwidgets: {}\n";
    let bench = Bench::new(&[("site.yaml", site)]);
    let asked = bench.request("GET", "/_/api/starters", &Value::Null);
    assert_eq!(bench.ask(&asked).1["language"], "ja");
    assert_eq!(bench.call("starters", &Value::Null).0, 405);
}
