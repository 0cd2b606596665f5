//! Exports that are cut off or garbled: there is always an answer, and never with a secret.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::import::{Target, read};

/// The place of each secret in the corpus.
const CANARY: &str = "canary";

const CORPUS: [&str; 4] = [
    include_str!("../../../tests/fixtures/import/agents/good/e-mcp.ts"),
    include_str!("../../../tests/fixtures/import/agents/good/n-several-tools.ts"),
    include_str!("../../../tests/fixtures/import/agents/bad/q-cut-off.ts"),
    include_str!("../../../tests/fixtures/import/agents/bad/q-no-quotes.ts"),
];

/// Everything that anybody could see of this.
fn shown(text: &str) -> String {
    let merged = json!({"backend": {"type": "agent", "instructions": "x"}});
    let target = Target {
        widget: "a",
        written: &Value::Null,
        merged: &merged,
        agent: None,
    };
    match read(text, "flow.ts", &target) {
        Ok(imported) => format!("{:?}{:?}", imported.edits, imported.notes),
        Err(problems) => {
            let rendered: String = problems.render().collect();
            // That would be a panic of the parser.
            assert!(!rendered.contains("this cannot be read"), "{text}");
            format!("{rendered}{:?}", problems.reports(None))
        }
    }
}

#[test]
fn an_export_that_is_cut_off_anywhere_shows_no_secret() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import/agents");
    let folders = ["good", "bad"].map(|name| folder.join(name));
    let paths = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap());
    let others = paths.map(|path| (fs::read_to_string(path.unwrap().path()).unwrap(), 11));
    let all = CORPUS.map(|text| (text.to_owned(), 1));
    for (text, step) in all.into_iter().chain(others) {
        let places = (0..text.len()).filter(|at| text.is_char_boundary(*at));
        for at in places.step_by(step) {
            let shown = shown(&text[..at]);
            assert!(!shown.contains(CANARY), "{at}: {shown}");
        }
    }
}

#[test]
fn a_stray_character_anywhere_shows_no_secret() {
    for text in CORPUS {
        let places = (0..text.len()).filter(|at| text.is_char_boundary(*at));
        for (index, at) in places.enumerate() {
            let stray = ['"', '`', '\'', '{', '\\', '\0'][index % 6];
            let shown = shown(&format!("{}{stray}{}", &text[..at], &text[at..]));
            assert!(!shown.contains(CANARY), "{at} {stray}: {shown}");
        }
    }
}

#[test]
fn a_secret_shows_in_none_of_the_ways_to_write_one() {
    let server = |settings: &str| {
        format!(
            "const secret = 'canary-1';\nnew Agent({{name: 'A', instructions: 'Help.', tools: [hostedMcpTool({{\
             serverLabel: 'shop', {settings}}})]}});"
        )
    };
    for settings in [
        "serverUrl: 'https://a.example/', authorization: secret",
        "serverUrl: 'https://a.example/', authorization: `Bearer ${secret}`",
        "serverUrl: 'https://a.example/', authorization: 'canary' + 12 + secret",
        "serverUrl: 'https://a.example/', authorization: () => 'canary'",
        "serverUrl: 'https://a.example/', authorization: {token: 'canary'}",
        "serverUrl: 'https://a.example/', authorization: get('canary')",
        "serverUrl: 'https://a.example/', authorization: JSON.stringify({expression: 'canary', format: 'cel'})",
        "serverUrl: 'https://a.example/', headers: {'X-Key': 'canary', authorization: secret}",
        "serverUrl: 'https://a.example/', headers: new Headers({'X-Key': 'canary'})",
        "serverUrl: 'https://a.example/', headers: [['X-Key', 'canary']]",
        "serverUrl: 'https://canary:canary@a.example/'",
        "serverUrl: 'https://a.example/?key=canary#canary'",
        "serverUrl: 'https://a.example/s/canary0123456789abcdefgh/mcp'",
        "serverUrl: 'http://a.example/?key=canary'",
        "serverUrl: 'canary'",
        "serverUrl: 'https://a.example/', apiKey: 'canary'",
        "serverUrl: 'https://a.example/', allowedTools: ['sk-canary12345']",
        "serverUrl: 'https://a.example/', serverLabel: 'sk-canary12345'",
        "serverUrl: 'https://a.example/', requireApproval: 'canary'",
        "connectorId: 'c', authorization: 'canary'",
    ] {
        let shown = shown(&server(settings));
        assert!(!shown.contains(CANARY), "{settings}: {shown}");
        assert!(
            shown.contains("shop") || shown.contains("tools"),
            "{settings}: {shown}"
        );
    }
    for text in [
        "new Agent({name: 'sk-canary12345', instructions: 'Help.'})",
        "new Agent({instructions: 'Help.', model: 'sk-canary12345'})",
        "new Agent({instructions: 'Use ghp_canary1234567 to log in.'})",
        "new Agent({instructions: `${get('canary')} Help.`})",
        "new Agent({instructions: 'Help.', tools: [fileSearchTool(['vs_sk-canary12345'])]})",
        "new Agent({instructions: 'Help.', tools: [fileSearchTool(['canary'])]})",
        "new Agent({instructions: 'Help.', tools: [webSearchTool({filters: {allowed_domains: ['canary']}})]})",
        "new Agent({instructions: 'Help.', tools: [tool({name: 'sk-canary12345'})]})",
        "new Agent({instructions: 'Help.'}); new OpenAI({apiKey: 'sk-canary12345'});",
        "new Agent({name: 'sk-canary12345', instructions: 'a'}); new Agent({instructions: 'use sk-canary12345'});",
    ] {
        let shown = shown(text);
        assert!(!shown.contains(CANARY), "{text}: {shown}");
    }
}

#[test]
fn text_of_many_lines_that_are_added_is_taken_whole() {
    let lines: Vec<_> = (0..90).map(|line| format!("'Line {line}\\n'")).collect();
    let sum = shown(&format!(
        "new Agent({{instructions: {}}})",
        lines.join(" +\n")
    ));
    assert!(
        sum.contains("Line 0\\nLine 1\\n") && sum.contains("Line 89"),
        "{sum}"
    );
    assert!(sum.ends_with("[]"), "{sum}");
}
