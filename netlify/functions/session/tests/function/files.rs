//! The site's files, served beside the function.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use session::transport::web::Files;

use crate::Bench;
use crate::pack;
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
fn line_that_is_no_rule_never_keeps_the_server_from_starting() {
    let folder = site_folder();
    let rules = "  A: 1\n/w/:b/index*\n  B: 2\nhello\n/*/c\n  C\n";
    fs::write(folder.path().join("_headers"), rules).unwrap();
    let web = site_server(folder.path());
    assert!(web.get("/w/support/index.html").contains("B: 2\r\n"));
}

#[test]
#[cfg(unix)]
fn links_are_followed_inside_the_site_alone() {
    use std::os::unix::fs::symlink;

    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "secret").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    // As Kubernetes mounts a ConfigMap.
    fs::create_dir_all(at("..2026/w/support")).unwrap();
    fs::write(at("..2026/w/support/index.html"), "<p>chat").unwrap();
    fs::write(at("..2026/404.html"), "<p>lost").unwrap();
    symlink("..2026", at("..data")).unwrap();
    symlink("..data/w", at("w")).unwrap();
    symlink("..data/404.html", at("404.html")).unwrap();
    // And as nobody should.
    symlink(outside.path(), at("out")).unwrap();
    symlink(outside.path().join("secret"), at("secret")).unwrap();
    symlink("../..", at("..2026/w/round")).unwrap();
    symlink("nowhere", at("gone")).unwrap();

    let web = site_server(folder.path());
    assert!(web.get("/w/support/").ends_with("<p>chat"));
    for path in [
        "/out/secret",
        "/secret",
        "/gone",
        "/..data/404.html",
        "/w/round/w/support/",
    ] {
        assert_status(&web.get(path), 404);
    }
}

#[test]
fn file_is_served_as_it_is_when_it_is_asked_for() {
    let folder = site_folder();
    let web = site_server(folder.path());
    assert!(web.get("/w/support/").ends_with("<p>chat"));
    fs::write(folder.path().join("w/support/index.html"), "<p>new").unwrap();
    assert!(web.get("/w/support/").ends_with("<p>new"));
    fs::remove_dir_all(folder.path().join("w")).unwrap();
    assert_status(&web.get("/w/support/"), 404);
}

/// The first line, or all that the program says before it ends.
fn start(folder: &Path, dist: Option<&str>) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_session"));
    command.env_clear().current_dir(folder).env("PORT", "0");
    command.env("SITE_PACK", pack());
    command.envs(dist.map(|dist| ("DIST_DIR", dist)));
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut said = String::new();
    for line in lines.by_ref().map(Result::unwrap) {
        said += &line;
        if line.contains("listening on") {
            child.kill().unwrap();
        }
    }
    (child.wait().unwrap().code(), said)
}

#[test]
fn folder_that_is_missing_is_told_and_an_error_where_it_was_named() {
    let folder = tempfile::tempdir().unwrap();
    let (_, said) = start(folder.path(), None);
    assert!(said.contains("no folder `dist` found"), "{said}");
    let (code, said) = start(folder.path(), Some("elsewhere"));
    assert_eq!(code, Some(2));
    assert!(said.contains("failed to read `elsewhere`"), "{said}");
}

#[test]
fn redirects_are_ignored_and_that_is_told_once() {
    let folder = site_folder();
    let path = folder.path().to_str();
    let (_, said) = start(folder.path(), path);
    assert_eq!(said.matches("_redirects` is ignored").count(), 1, "{said}");
    fs::remove_file(folder.path().join("_redirects")).unwrap();
    assert!(!start(folder.path(), path).1.contains("_redirects"));
}
