//! Drafts: what they show, to whom, and how many there may be.

use std::net::Ipv4Addr;
use std::sync::mpsc::Receiver;

use super::*;
use crate::preview::http::Client;

fn label(text: &str) -> Value {
    json!([edit("widgets.a.launcher.label", json!(text))])
}

fn loader(bench: &Bench, id: &str) -> String {
    bench.get(&format!("/~{id}/w/a.js")).1
}

#[test]
fn draft_is_shown_below_its_own_address_alone_until_it_is_replaced() {
    let bench = Bench::new(&[("site.yaml", SITE)]);
    let (status, reply) = bench.draft(ID, &label("First"));
    assert_eq!((status, &reply["ok"]), (200, &json!(true)), "{reply}");
    assert_eq!(reply["prefix"], format!("/~{ID}"));
    assert!(!reply["snippets"]["a"].as_array().unwrap().is_empty());
    assert!(loader(&bench, ID).contains("First"));
    bench.draft("otherone", &label("Other"));
    assert_eq!(bench.draft(ID, &label("Second")).0, 200);
    let (mine, others) = (loader(&bench, ID), loader(&bench, "otherone"));
    assert!(mine.contains("Second") && !mine.contains("First"));
    assert!(others.contains("Other"));
    let disk = bench.get("/w/a.js").1;
    assert!(
        ["First", "Second", "Other"]
            .iter()
            .all(|text| !disk.contains(text))
    );
    assert_eq!(bench.text("site.yaml"), SITE);
    assert_eq!(bench.get("/~nobodys0/w/a.js").0, 404);
}

#[test]
fn draft_with_problems_tells_them_and_keeps_showing_what_was_good() {
    let bench = Bench::new(&[("site.yaml", SITE)]);
    bench.draft(ID, &label("Good"));
    let bad = json!([edit("widgets.a.launcher.labell", json!("x"))]);
    let (status, reply) = bench.draft(ID, &bad);
    assert_eq!((status, &reply["ok"]), (200, &json!(false)));
    let told = problems(&reply);
    assert!(told[0].contains("`labell`"), "{told:?}");
    assert_eq!(reply["snippets"], json!({}));
    assert!(loader(&bench, ID).contains("Good"));
}

#[test]
fn draft_that_begins_with_problems_shows_the_files_on_the_disk() {
    let bench = Bench::new(&[("site.yaml", SITE)]);
    let bad = json!([edit("widgets.a.launcher.labell", json!("x"))]);
    assert_eq!(bench.draft(ID, &bad).1["ok"], false);
    assert_eq!(bench.get(&format!("/~{ID}/w/a/")).0, 200);
}

#[test]
fn draft_of_files_that_have_changed_is_stale() {
    let bench = Bench::new(&[("site.yaml", SITE)]);
    let body = json!({"id": ID, "revision": bench.revision(), "edits": label("Help")});
    bench.write("site.yaml", &format!("{SITE}#\n"));
    bench.notice("site.yaml");
    let (status, reply) = bench.call("draft", &body);
    assert_eq!((status, &reply["error"]["code"]), (409, &json!("stale")));
}

#[test]
fn id_that_another_page_could_guess_or_that_breaks_an_address_is_refused() {
    let bench = Bench::new(&[("site.yaml", SITE)]);
    for id in [
        "",
        "short",
        "with-dash",
        "Upper000",
        "a/b/c/d/e",
        &"a".repeat(33),
    ] {
        assert_eq!(bench.draft(id, &label("Help")).0, 400, "{id}");
    }
}

#[test]
fn drafts_have_a_limit_for_each_client_and_a_known_one_still_changes() {
    let bench = Bench::new(&[("site.yaml", SITE)]);
    let begin = |number: usize, client| {
        let body =
            json!({"id": format!("draft{number:03}"), "revision": bench.revision(), "edits": []});
        let mut request = bench.request("POST", "/_/api/draft", &body);
        request.client = client;
        bench.ask(&request)
    };
    let count = |numbers: std::ops::Range<usize>, client| {
        numbers
            .take_while(|number| begin(*number, client).0 == 200)
            .count()
    };
    let stranger = Client::Other(Ipv4Addr::new(192, 168, 1, 1).into());
    assert_eq!(count(100..200, stranger), 8);
    assert_eq!(count(200..300, Client::ThisMachine), 32);
    let (status, reply) = begin(300, Client::ThisMachine);
    let code = &reply["error"]["code"];
    assert_eq!((status, code), (429, &json!("too_many_drafts")));
    assert_eq!(begin(200, Client::ThisMachine).0, 200);
    assert_eq!(
        bench.get("/~draft100/w/a/").0,
        200,
        "nobody's is pushed out"
    );
    assert_eq!(bench.get("/~draft300/w/a/").0, 404);
}

#[test]
fn draft_with_too_many_bytes_is_refused() {
    let bench = Bench::new(&[("site.yaml", SITE)]);
    let (status, reply) = bench.draft(ID, &label(&"x".repeat(64 * 1024)));
    assert_eq!(
        (status, &reply["error"]["code"]),
        (413, &json!("too_large"))
    );
}

#[test]
fn viewers_hear_of_changes_in_what_they_view_and_of_nothing_else() {
    let bench = Bench::new(&[("site.yaml", SITE)]);
    bench.draft(ID, &json!([]));
    let (of_draft, of_disk) = (bench.events(&format!("?draft={ID}")), bench.events(""));
    let changes = |events: &Receiver<String>| -> Vec<Value> {
        let events = events.try_iter();
        let changes =
            events.filter_map(|text| Some(text.strip_prefix("event: change\ndata: ")?.to_owned()));
        changes
            .map(|data| serde_json::from_str(&data).unwrap())
            .collect()
    };
    bench.draft(ID, &label("Help"));
    assert!(changes(&of_draft).is_empty(), "nobody has looked yet");
    loader(&bench, ID);
    bench.get("/w/a.js");
    bench.draft(ID, &label("More help"));
    let heard = changes(&of_draft);
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0]["prefix"], format!("/~{ID}"));
    assert!(heard[0]["stamps"]["w/a.js"].is_string(), "{heard:?}");
    bench.draft(ID, &label("More help"));
    assert!(changes(&of_draft).is_empty(), "it is the same");
    assert!(changes(&of_disk).is_empty(), "a draft is nobody else's");
    bench.save(&bench.revision(), &label("Saved"));
    let heard = changes(&of_disk);
    assert_eq!((heard.len(), &heard[0]["prefix"]), (1, &json!("")));
    assert!(changes(&of_draft).is_empty());
}

#[test]
fn draft_follows_the_theme_and_the_variables_of_the_disk() {
    let site = SITE.replace(
        "{type: hosted}",
        "{type: hosted}, launcher: {label: 'Call ${PHONE}'}",
    );
    let bench = Bench::new(&[("site.yaml", &site), (".env", "PHONE=123\n")]);
    bench.draft(
        ID,
        &json!([edit("widgets.a.launcher.icon", json!("lucide:star"))]),
    );
    assert!(loader(&bench, ID).contains("Call 123"));
    bench.write(".env", "PHONE=456\n");
    bench.notice(".env");
    assert!(loader(&bench, ID).contains("Call 456"));
    assert!(bench.get("/w/a.js").1.contains("Call 456"));
}
