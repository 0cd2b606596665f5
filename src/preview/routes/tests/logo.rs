//! A logo that somebody gives to the studio.

use super::*;

const DRAWING: &str =
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><path d='M0 0h9v9z'/></svg>";

/// Sends a file as the studio does.
fn give(bench: &Bench, bytes: &[u8]) -> (u16, Value) {
    let mut request = bench.request("POST", "/_/api/logo", &Value::Null);
    request.body = bytes.to_vec();
    bench.ask(&request)
}

#[test]
fn a_logo_is_written_beside_the_site_under_a_name_of_ours() {
    let bench = Bench::new(&[("site.yaml", SITE), ("logo-2.svg", "mine")]);
    let first = give(&bench, DRAWING.as_bytes());
    assert_eq!(first, (200, json!({"name": "logo.svg"})));
    assert_eq!(bench.text("logo.svg"), DRAWING);
    assert_eq!(
        give(&bench, DRAWING.as_bytes()),
        first,
        "it is there already"
    );
    let other = DRAWING.replace("h9v9", "h8v8");
    let name = &give(&bench, other.as_bytes()).1["name"];
    assert_eq!(name, "logo-3.svg", "other files stay as they are");
    assert_eq!(bench.text("logo-2.svg"), "mine");
}

#[test]
fn what_is_no_logo_is_refused_in_words_and_not_written() {
    let bench = Bench::new(&[("site.yaml", SITE)]);
    let scripted = DRAWING.replace("<path", "<script>alert(1)</script><path");
    let large = vec![0; 6 * 1024 * 1024];
    for (bytes, words) in [
        (scripted.as_bytes(), "script"),
        (b"hello".as_slice(), "is not a picture"),
        (&large, "at most 5 MB"),
    ] {
        let (status, reply) = give(&bench, bytes);
        let message = reply["error"]["message"].to_string();
        assert!(status == 400 && message.contains(words), "{message}");
    }
    let files = fs::read_dir(bench.folder.path()).unwrap();
    assert_eq!(files.count(), 1);
}

#[test]
fn nobody_in_the_network_gives_a_file_and_nobody_without_the_token() {
    let bench = Bench::open(&[("site.yaml", SITE)]);
    assert_eq!(give(&bench, DRAWING.as_bytes()).0, 403);
    let bench = Bench::new(&[("site.yaml", SITE)]);
    let mut request = bench.request("POST", "/_/api/logo", &Value::Null);
    request
        .headers
        .retain(|(name, _)| name != "x-preview-token");
    request.body = DRAWING.as_bytes().to_vec();
    assert_eq!(bench.ask(&request).0, 403);
    assert!(!bench.path("logo.svg").exists());
}
