//! The site's files, served beside the function.

use std::fs;
use std::path::Path;

use session::server::Files;

use crate::Bench;
use crate::web::{Web, assert_status, limits};

fn site_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("w/support/index.html", "<p>chat");
    write("w/support.js", "loader");
    write("assets/a b.css", "css");
    write("404.html", "<p>lost");
    write(".env", "OPENAI_API_KEY=x");
    write("_redirects", "/a /b");
    write(
        "_headers",
        "/*\n  X-Content-Type-Options: nosniff\n/assets/*\n  Cache-Control: immutable\n\
         /w/support/*\n  Content-Security-Policy: frame-ancestors 'self'\n",
    );
    folder
}

fn site_server(folder: &Path) -> Web {
    let files = Files::load(folder).unwrap();
    Web::start(Bench::new("127.0.0.1:9", &[]), files, limits())
}

#[test]
fn files_of_the_site_are_served_with_its_headers() {
    let folder = site_folder();
    let web = site_server(folder.path());
    let page = web.get("/w/support/");
    assert_status(&page, 200);
    for line in [
        "X-Content-Type-Options: nosniff",
        "Content-Security-Policy: frame-ancestors 'self'",
        "Content-Type: text/html; charset=utf-8",
        "Cache-Control: public, max-age=0, must-revalidate",
        "Content-Length: 7",
    ] {
        assert!(page.contains(&format!("{line}\r\n")), "{line}: {page}");
    }
    assert!(page.ends_with("\r\n\r\n<p>chat"));
    assert!(web.get("/w/support.js?v=1").contains("text/javascript"));
    let asset = web.get("/assets/a%20b.css");
    assert!(asset.contains("Cache-Control: immutable") && !asset.contains("must-revalidate"));
    let moved = web.get("/w/support");
    assert_status(&moved, 301);
    assert!(moved.contains("Location: /w/support/\r\n"));
    let head = web.send(b"HEAD /w/support/ HTTP/1.0\r\n\r\n");
    assert!(head.contains("Content-Length: 7") && head.ends_with("\r\n\r\n"));
    let tag = page
        .split("ETag: ")
        .nth(1)
        .unwrap()
        .split("\r\n")
        .next()
        .unwrap();
    let same = web.send(
        format!("GET /w/support/ HTTP/1.0\r\nIf-None-Match: \"x\", W/{tag}\r\n\r\n").as_bytes(),
    );
    assert_status(&same, 304);
    assert!(same.ends_with("\r\n\r\n"));
}

#[test]
fn nothing_outside_the_site_is_served() {
    let folder = site_folder();
    let web = site_server(folder.path());
    for path in [
        "/_headers",
        "/_redirects",
        "/.env",
        "/../Cargo.toml",
        "/w/../.env",
        "/%2e%2e/x",
        "/w/support/%2e%2e/",
        "//etc/passwd",
        "/w//support/",
        "/w/support/\\..",
        "/assets/",
        "/assets",
        "w/support.js",
        "file:///etc/passwd",
    ] {
        let reply = web.get(path);
        assert_status(&reply, 404);
        assert!(reply.ends_with("<p>lost"), "{path}: {reply}");
    }
    let root = web.get("/");
    assert_status(&root, 403);
    assert!(
        root.ends_with("only runs chat widgets; there is no page here.\n"),
        "{root}"
    );
    fs::write(folder.path().join("index.html"), "<p>start").unwrap();
    let reply = site_server(folder.path()).get("/");
    assert_status(&reply, 200);
    assert!(reply.ends_with("<p>start"));
}

#[test]
fn health_is_told_and_other_paths_are_the_functions() {
    let web = Web::alone();
    assert!(web.get("/healthz").ends_with("\r\n\r\nok\n"));
    for (path, status) in [
        ("/", 403),
        ("/x", 404),
        ("/api/chatkit/session", 405),
        ("/.netlify/functions/session", 405),
    ] {
        assert_status(&web.get(path), status);
    }
}

#[test]
fn rules_that_can_not_be_read_are_an_error_with_the_line() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("_headers"), "/a/:b\n").unwrap();
    let error = Files::load(folder.path()).err().unwrap().to_string();
    assert!(error.contains("_headers`: line 1: "), "{error}");
}
