//! What an agent knows, for the studio.

use super::*;

const KNOWING: &str = "\
site: {url: 'https://chat.example.com', allowed_origins: ['https://www.example.com']}
widgets:
  a:
    backend:
      type: agent
      domain_key: domain_pk_1
      instructions: Be brief.
      knowledge: {files: ['pages/*.md'], base_url: 'https://www.example.com'}
  b: {backend: {type: hosted}}
";

fn files() -> [(&'static str, &'static str); 4] {
    [
        ("site.yaml", KNOWING),
        ("pages/returns.md", "# Returns\n\nSend kettles back.\n"),
        ("pages/shipping.md", "# Shipping\n\nTwo days.\n"),
        ("secret/notes.md", "# Private\n\nNot for the agent.\n"),
    ]
}

fn asked(bench: &Bench, widget: &str, question: &str) -> (u16, Value) {
    bench.call(
        "knowledge",
        &json!({"id": ID, "widget": widget, "question": question}),
    )
}

#[test]
fn studio_sees_what_an_agent_knows_and_what_a_question_finds() {
    let bench = Bench::new(&files());
    let (status, reply) = asked(&bench, "a", "How do I send a kettle back?");
    assert_eq!(status, 200, "{reply}");
    let known = &reply["known"];
    assert_eq!(
        (&known["pages"], &known["passages"], &known["is_whole"]),
        (&json!(2), &json!(2), &json!(true))
    );
    let found = reply["found"].as_array().unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["url"], "https://www.example.com/returns#returns");
    assert!(found[0]["score"].as_f64().unwrap() > 0.0);
    assert!(
        reply["preamble"]
            .as_str()
            .unwrap()
            .contains("in a chat on its pages")
    );
    assert_eq!(asked(&bench, "a", "").1["found"], json!([]));
    for other in ["b", "no-such-widget"] {
        assert_eq!(asked(&bench, other, "x"), (200, json!({})));
    }
}

#[test]
fn draft_knows_what_it_names() {
    let bench = Bench::new(&files());
    let files = json!(["pages/*.md", "secret/*.md"]);
    let (_, reply) = bench.draft(
        ID,
        &json!([edit("widgets.a.backend.knowledge.files", files)]),
    );
    assert_eq!(reply["ok"], true, "{reply}");
    assert_eq!(asked(&bench, "a", "").1["known"]["pages"], 3);
}

#[test]
fn network_sees_no_pages_and_names_no_files() {
    let bench = Bench::open(&files());
    assert_eq!(asked(&bench, "a", "kettles").0, 403);
    let files = json!(["secret/*.md"]);
    let (_, reply) = bench.draft(
        ID,
        &json!([edit("widgets.a.backend.knowledge.files", files)]),
    );
    assert_eq!(reply["ok"], false, "{reply}");
    assert!(problems(&reply)[0].contains("over the network"), "{reply}");
    let files = json!(["pages/*.md"]);
    let (_, reply) = bench.draft(
        ID,
        &json!([edit("widgets.a.backend.knowledge.files", files)]),
    );
    assert_eq!(reply["ok"], true, "{reply}");
}
