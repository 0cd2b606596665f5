//! Going live: the list, the visit, and publishing.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use super::*;

/// An answer of a hook, and the heads of the requests that come.
fn hook(status: u16) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, heads) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut bytes = [0; 4096];
            let count = stream.read(&mut bytes).unwrap();
            let head = String::from_utf8_lossy(&bytes[..count]).into_owned();
            let reply = format!(
                "HTTP/1.1 {status} X\r\nLocation: http://{address}/again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            // Before the answer: whoever has it can look.
            sender.send(head).unwrap();
            stream.write_all(reply.as_bytes()).unwrap();
        }
    });
    (format!("http://{address}/build_hooks/{SECRET}"), heads)
}

const SECRET: &str = "canary65f0c1";

/// A site at an address of this machine where nobody listens.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    SITE.replace(
        "https://chat.example.com",
        &format!("http://{}", listener.local_addr().unwrap()),
    )
}

fn list(bench: &Bench) -> Value {
    let (status, reply) = bench.call("golive", &json!({"widget": "a"}));
    assert_eq!(status, 200, "{reply}");
    reply
}

fn message(reply: &Value) -> &str {
    reply["error"]["message"].as_str().unwrap()
}

const BY_HOOK: &str = "{\"how\": \"hook\"}";

fn publish_by_hook(bench: &Bench) -> (u16, Value) {
    bench.call("publish", &serde_json::from_str(BY_HOOK).unwrap())
}

#[test]
fn the_list_is_that_of_check_with_the_code_for_the_real_address() {
    let bench = Bench::new(&[("site.yaml", SITE)]);
    let reply = list(&bench);
    let names: Vec<_> = reply["left"].as_array().unwrap().iter().collect();
    assert!(
        names.iter().any(|left| left["state"] == "todo"
            && left["text"].as_str().unwrap().contains("is an example")),
        "{reply}"
    );
    assert_eq!(reply["address"], "https://chat.example.com");
    assert_eq!(reply["is_example"], true);
    let code = reply["snippets"][0]["code"].as_str().unwrap();
    assert!(code.contains("https://chat.example.com/w/a.js"), "{code}");
    assert_eq!(
        (&reply["hook"], &reply["git"]),
        (&json!(null), &json!(null))
    );
}

#[test]
fn an_example_is_not_visited() {
    let bench = Bench::new(&[("site.yaml", SITE)]);
    let (status, reply) = bench.call("live", &json!({}));
    assert_eq!(status, 500);
    assert!(message(&reply).contains("is an example"), "{reply}");
}

#[test]
fn a_site_that_is_down_is_a_finding() {
    let bench = Bench::new(&[("site.yaml", &nowhere())]);
    let (status, reply) = bench.call("live", &json!({}));
    assert_eq!(status, 200, "{reply}");
    assert_eq!(reply["findings"][0]["state"], "wrong", "{reply}");
    assert_eq!(reply["deployed"], "unknown");
}

#[test]
fn errors_in_the_files_come_first() {
    let bench = Bench::new(&[(
        "site.yaml",
        "site: {url: 'https://chat.acme.com'}\nwidgits: {}\n",
    )]);
    for (call, body) in [("golive", json!({"widget": "a"})), ("live", json!({}))] {
        let (status, reply) = bench.call(call, &body);
        assert_eq!(status, 422, "{call}: {reply}");
    }
}

#[test]
fn nobody_on_the_network_goes_live() {
    let (url, heads) = hook(200);
    let variables = format!("BUILD_HOOK_URL={url}\n");
    let bench = Bench::open(&[("site.yaml", SITE), (".env", &variables)]);
    for (call, body) in [
        ("golive", json!({"widget": "a"})),
        ("live", json!({})),
        ("publish", json!({"how": "hook"})),
    ] {
        let (status, reply) = bench.call(call, &body);
        let code = &reply["error"]["code"];
        assert_eq!((status, code), (403, &json!("going_live_is_off")), "{call}");
    }
    assert!(heads.try_recv().is_err());
}

#[test]
fn only_the_page_of_the_preview_goes_live() {
    let (url, heads) = hook(200);
    let variables = format!("BUILD_HOOK_URL={url}\n");
    let bench = Bench::new(&[("site.yaml", SITE), (".env", &variables)]);
    for call in ["golive", "live", "publish"] {
        let path = format!("/_/api/{call}");
        let request = || bench.request("POST", &path, &json!({"how": "hook"}));
        let stolen = with_header(request(), "x-preview-token", None);
        assert_eq!(bench.ask(&stolen).0, 403, "{call}");
        let foreign = with_header(request(), "origin", Some("https://evil.example"));
        assert_eq!(bench.ask(&foreign).0, 403, "{call}");
        let form = with_header(request(), "content-type", Some("text/plain"));
        assert_eq!(bench.ask(&form).0, 415, "{call}");
        let read = bench.request("GET", &path, &Value::Null);
        assert_eq!(bench.ask(&read).0, 405, "{call}");
    }
    assert!(heads.try_recv().is_err());
}

#[test]
fn one_errand_runs_at_a_time() {
    let bench = Bench::new(&[("site.yaml", SITE)]);
    let errand = bench.preview.errand().unwrap();
    for (call, body) in [("live", json!({})), ("publish", json!({"how": "hook"}))] {
        let (status, reply) = bench.call(call, &body);
        assert_eq!(
            (status, &reply["error"]["code"]),
            (409, &json!("busy")),
            "{call}"
        );
    }
    assert_eq!(list(&bench)["is_example"], true, "others are answered");
    drop(errand);
    assert_ne!(bench.call("live", &json!({})).0, 409);
}

#[test]
fn the_hook_is_asked_once_and_its_address_stays_here() {
    let (url, heads) = hook(200);
    let variables = format!("BUILD_HOOK_URL={url}\n");
    let bench = Bench::new(&[("site.yaml", SITE), (".env", &variables)]);
    let told = list(&bench);
    assert_eq!(told["hook"], json!({"why": null}));
    assert!(heads.try_recv().is_err(), "a look builds nothing");
    let (status, reply) = publish_by_hook(&bench);
    assert_eq!(status, 200, "{reply}");
    let head = heads.recv().unwrap();
    assert!(
        head.starts_with(&format!("POST /build_hooks/{SECRET} HTTP/1.1")),
        "{head}"
    );
    assert!(heads.try_recv().is_err());
    for reply in [told, reply, bench.state()] {
        assert!(!reply.to_string().contains(SECRET), "{reply}");
    }
}

#[test]
fn a_hook_that_fails_is_said_without_its_address_and_not_followed() {
    for (status, said) in [(404, "HTTP 404"), (500, "HTTP 500"), (302, "HTTP 302")] {
        let (url, heads) = hook(status);
        let variables = format!("BUILD_HOOK_URL={url}\n");
        let bench = Bench::new(&[("site.yaml", SITE), (".env", &variables)]);
        let (code, reply) = publish_by_hook(&bench);
        assert_eq!(code, 500);
        assert!(message(&reply).contains(said), "{reply}");
        assert!(!reply.to_string().contains(SECRET), "{reply}");
        assert_eq!(heads.try_iter().count(), 1);
    }
    let variables = format!("BUILD_HOOK_URL=http://127.0.0.1:9/{SECRET}\n");
    let bench = Bench::new(&[("site.yaml", SITE), (".env", &variables)]);
    let (code, reply) = publish_by_hook(&bench);
    assert_eq!(code, 500);
    assert!(message(&reply).contains("cannot be reached"), "{reply}");
    assert!(!reply.to_string().contains(SECRET), "{reply}");
}

#[test]
fn a_hook_is_https_or_on_this_machine() {
    for value in [
        "http://api.netlify.com/build_hooks/canary65f0c1",
        "canary65f0c1",
        "file:///canary65f0c1",
    ] {
        let variables = format!("BUILD_HOOK_URL={value}\n");
        let bench = Bench::new(&[("site.yaml", SITE), (".env", &variables)]);
        let told = list(&bench);
        let why = told["hook"]["why"].as_str().unwrap();
        assert!(why.contains("beginning with https://"), "{why}");
        let (status, reply) = publish_by_hook(&bench);
        assert_eq!(status, 500, "{value}");
        assert!(!format!("{told}{reply}").contains(SECRET), "{value}");
    }
    let bench = Bench::new(&[("site.yaml", SITE)]);
    assert!(message(&publish_by_hook(&bench).1).contains("no build hook"));
}

#[test]
fn what_is_saved_is_not_deployed_yet() {
    let bench = Bench::new(&[("site.yaml", SITE)]);
    assert_eq!(bench.state()["deployed"], "unknown");
    let edits = json!([edit("widgets.a.launcher.label", json!("Help"))]);
    assert_eq!(bench.save(&bench.revision(), &edits).0, 200);
    assert_eq!(bench.state()["deployed"], "not_yet");
    let files = bench.preview.disk().files.unwrap();
    bench.preview.visited(Some(bench.preview.stamp(&files)));
    assert_eq!(bench.state()["deployed"], "current");
    bench.notice("site.yaml");
    assert_eq!(bench.state()["deployed"], "current", "the same once more");
    bench.write(".env", "DOMAIN_KEY=domain_pk_1\n");
    bench.notice(".env");
    assert_eq!(bench.state()["deployed"], "not_yet");
}

/// A repository with an upstream, and a bench in it.
struct Repository {
    bench: Bench,
    upstream: tempfile::TempDir,
}

impl Repository {
    fn new() -> Self {
        let bench = Bench::new(&[("site.yaml", SITE), ("notes.txt", "mine\n")]);
        let upstream = tempfile::tempdir().unwrap();
        let there = upstream.path().to_str().unwrap();
        git(upstream.path(), &["init", "--quiet", "--bare"]);
        let folder = bench.folder.path();
        git(folder, &["init", "--quiet", "--initial-branch=main"]);
        git(folder, &["config", "user.name", "Kim"]);
        git(folder, &["config", "user.email", "kim@acme.com"]);
        git(folder, &["config", "commit.gpgsign", "false"]);
        git(folder, &["remote", "add", "origin", there]);
        git(folder, &["add", "."]);
        git(folder, &["commit", "--quiet", "-m", "First"]);
        git(folder, &["push", "--quiet", "-u", "origin", "main"]);
        Self { bench, upstream }
    }

    fn publish(&self, plan: &Value) -> (u16, Value) {
        self.bench
            .call("publish", &json!({"how": "git", "plan": plan}))
    }

    /// The files of the last commit that was pushed.
    fn pushed(&self) -> String {
        let args = ["show", "--format=%s", "--name-only", "main"];
        git(self.upstream.path(), &args)
    }
}

fn git(folder: &std::path::Path, args: &[&str]) -> String {
    let mut command = Command::new("git");
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
        command.env_remove(name);
    }
    let output = command.arg("-C").arg(folder).args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn only_the_site_s_files_are_committed_and_pushed_as_shown() {
    let here = Repository::new();
    assert_eq!(list(&here.bench)["git"], json!(null), "nothing has changed");
    here.bench.write("site.yaml", &format!("{SITE}# changed\n"));
    here.bench
        .write("widgets/b c.yaml", "backend: {type: hosted}\n");
    here.bench.write("notes.txt", "changed\n");
    git(here.bench.folder.path(), &["add", "notes.txt"]);
    let plan = list(&here.bench)["git"].clone();
    let expected = json!({
        "files": ["site.yaml", "widgets/b c.yaml"],
        "remote": "origin",
        "branch": "main",
        "waiting": [],
    });
    assert_eq!(plan, expected);
    let (status, reply) = here.publish(&plan);
    assert_eq!(status, 200, "{reply}");
    assert_eq!(
        here.pushed(),
        "Change the chat widgets\n\nsite.yaml\nwidgets/b c.yaml\n"
    );
    let left = git(here.bench.folder.path(), &["status", "--porcelain"]);
    assert_eq!(left, "M  notes.txt\n");
    assert_eq!(list(&here.bench)["git"], json!(null));
}

#[test]
fn another_commit_than_the_one_shown_is_refused() {
    let here = Repository::new();
    here.bench.write("site.yaml", &format!("{SITE}# changed\n"));
    let plan = list(&here.bench)["git"].clone();
    here.bench
        .write("widgets/b.yaml", "backend: {type: hosted}\n");
    let (status, reply) = here.publish(&plan);
    assert_eq!(status, 500);
    assert!(
        message(&reply).contains("changed in the meantime"),
        "{reply}"
    );
    let mut other = list(&here.bench)["git"].clone();
    other["remote"] = json!("--receive-pack=touch x");
    assert_eq!(here.publish(&other).0, 500);
    assert!(here.pushed().starts_with("First"));
}

#[test]
fn a_push_that_fails_says_so_and_can_be_repeated() {
    let here = Repository::new();
    here.bench.write("site.yaml", &format!("{SITE}# changed\n"));
    let plan = list(&here.bench)["git"].clone();
    let gone = here.upstream.path().join("HEAD");
    let head = fs::read(&gone).unwrap();
    fs::remove_file(&gone).unwrap();
    let (status, reply) = here.publish(&plan);
    assert_eq!(status, 500);
    assert!(
        message(&reply).contains("committed, but not pushed"),
        "{reply}"
    );
    fs::write(&gone, head).unwrap();
    let plan = list(&here.bench)["git"].clone();
    assert_eq!(plan["files"], json!([]));
    assert_eq!(plan["waiting"], json!(["Change the chat widgets"]));
    assert_eq!(here.publish(&plan).0, 200);
    assert!(here.pushed().starts_with("Change the chat widgets"));
}
