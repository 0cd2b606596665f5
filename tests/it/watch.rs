//! `watch`, as a browser and as a stranger on the network meet it: a preview that listens, and raw sockets.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::project::{Project, SMALLEST, project};

/// Longer than anything here takes, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// A preview of a project, which ends with the test.
struct Watch {
    process: Child,
    /// Host and port.
    address: String,
    token: String,
    project: Project,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn watch(project: Project, arguments: &str, variables: &[(&str, &str)]) -> Watch {
    let mut process = Command::new(env!("CARGO_BIN_EXE_chatkit-embed"))
        .args(["watch", "--no-open", "--port", "0"])
        .args(arguments.split_whitespace())
        .current_dir(project.path(""))
        .env_clear()
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut said = String::new();
    for line in BufReader::new(process.stdout.take().expect("its output")).lines() {
        said.push_str(&line.expect("a line"));
        said.push('\n');
        if said.contains(" ready in") {
            break;
        }
    }
    let (_, rest) = said.split_once("preview http://").expect("an address");
    let address = rest.split('/').next().expect("a host").to_owned();
    let mut watch = Watch {
        process,
        address,
        token: String::new(),
        project,
    };
    let page = watch.get("/");
    let (_, rest) = page
        .split_once("preview-token\" content=\"")
        .expect("a token in the page");
    watch.token = rest.split('"').next().expect("a token").to_owned();
    watch
}

impl Watch {
    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream
    }

    /// Sends bytes, and returns all that comes back.
    fn raw(&self, bytes: &str) -> String {
        let mut stream = self.connect();
        stream
            .write_all(bytes.as_bytes())
            .expect("a request is sent");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("a reply of text");
        reply
    }

    fn get(&self, path: &str) -> String {
        let host = &self.address;
        self.raw(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"))
    }

    fn post(&self, path: &str, headers: &str, body: &Value) -> (u16, Value) {
        let (host, body) = (&self.address, body.to_string());
        let reply = self.raw(&format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n{headers}\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        ));
        let (head, body) = reply.split_once("\r\n\r\n").expect("a head");
        (status(head), serde_json::from_str(body).expect("JSON"))
    }

    /// Calls the API as the studio does, or anybody who has loaded its page.
    fn api(&self, call: &str, body: &Value) -> (u16, Value) {
        let token = format!("X-Preview-Token: {}\r\n", self.token);
        self.post(&format!("/_/api/{call}"), &token, body)
    }

    fn state(&self) -> Value {
        let (host, token) = (&self.address, &self.token);
        let reply = self.raw(&format!(
            "GET /_/api/state HTTP/1.1\r\nHost: {host}\r\nX-Preview-Token: {token}\r\n\r\n"
        ));
        let (_, body) = reply.split_once("\r\n\r\n").expect("a head");
        serde_json::from_str(body).expect("JSON")
    }

    /// Begins a stream of events. Whether there was room for it.
    fn events(&self) -> (TcpStream, bool) {
        let mut stream = self.connect();
        let host = &self.address;
        let head = format!("GET /_/events HTTP/1.1\r\nHost: {host}\r\n\r\n");
        stream
            .write_all(head.as_bytes())
            .expect("a request is sent");
        let mut line = String::new();
        // One too many is told so, or closed where too many are told.
        let _ = BufReader::new(&stream).read_line(&mut line);
        (stream, line.starts_with("HTTP/1.1 200 "))
    }

    /// Follows events.
    fn follow(&self, query: &str) -> Followed {
        let mut stream = self.connect();
        let host = &self.address;
        let head = format!("GET /_/events{query} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        stream
            .write_all(head.as_bytes())
            .expect("a request is sent");
        let mut followed = Followed(BufReader::new(stream));
        // Events come from now on.
        followed.until("event: mode");
        followed
    }

    /// What it takes of this machine, by a line of `/proc/<id>/status`.
    #[cfg(target_os = "linux")]
    fn costs(&self, what: &str) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let text = std::fs::read_to_string(path).expect("a process");
        let line = text
            .lines()
            .find(|line| line.starts_with(what))
            .expect("a line of that name");
        line.split_whitespace()
            .nth(1)
            .expect("a value")
            .parse()
            .expect("a number")
    }
}

/// A stream of events.
struct Followed(BufReader<TcpStream>);

impl Followed {
    /// All that comes up to a line.
    fn until(&mut self, last: &str) -> String {
        let mut heard = String::new();
        while !heard.lines().any(|line| line == last) {
            let read = self.0.read_line(&mut heard).expect("an event in time");
            assert!(read > 0, "the stream has ended: {heard}");
        }
        heard
    }
}

fn status(head: &str) -> u16 {
    let status = head.split(' ').nth(1);
    status
        .unwrap_or_else(|| panic!("{head}"))
        .parse()
        .expect("a status")
}

/// Whether the other side closes a connection without a word.
fn is_closed(mut stream: &TcpStream) -> bool {
    match stream.read(&mut [0; 16]) {
        Ok(read) => read == 0,
        Err(err) => err.kind() == std::io::ErrorKind::ConnectionReset,
    }
}

#[test]
fn a_head_without_an_end_is_refused_and_not_kept() {
    let watch = watch(project().file("site.yaml", SMALLEST), "", &[]);
    let mut stream = watch.connect();
    stream.write_all(b"GET / HTTP/1.1\r\nX: ").unwrap();
    let chunk = [b'a'; 64 * 1024];
    // Far more than is read: at some point the other side hangs up.
    let is_refused = (0..4096).any(|_| stream.write_all(&chunk).is_err());
    assert!(is_refused, "256 MB of a head were taken");
    #[cfg(target_os = "linux")]
    assert!(
        watch.costs("VmRSS") < 100 * 1024,
        "{} kB",
        watch.costs("VmRSS")
    );
    let head = format!("GET / HTTP/1.1\r\nX: {}", "a".repeat(80 * 1024));
    assert!(watch.raw(&head).starts_with("HTTP/1.1 431 "));
    assert_eq!(status(&watch.get("/w/support/")), 200);
}

#[test]
fn a_request_that_takes_too_long_to_arrive_ends() {
    let watch = watch(project().file("site.yaml", SMALLEST), "", &[]);
    let [silent, head, body] = [
        "",
        "GET / HT",
        "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab",
    ];
    let started = Instant::now();
    let streams = [silent, head, body].map(|bytes| {
        let mut stream = watch.connect();
        stream.write_all(bytes.as_bytes()).unwrap();
        stream
    });
    let replies = streams.map(|mut stream| {
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        reply.split("\r\n").next().unwrap().to_owned()
    });
    let late = "HTTP/1.1 408 Request Timeout";
    assert_eq!(replies, ["", late, late]);
    let taken = started.elapsed().as_secs();
    assert!((9..25).contains(&taken), "{taken} s");
}

#[test]
fn idle_connections_are_bounded_and_keep_nobody_out() {
    let watch = watch(project().file("site.yaml", SMALLEST), "", &[]);
    #[cfg(target_os = "linux")]
    let threads = watch.costs("Threads");
    let idle: Vec<_> = (0..600).map(|_| watch.connect()).collect();
    assert_eq!(status(&watch.get("/w/support/")), 200);
    #[cfg(target_os = "linux")]
    assert!(
        watch.costs("Threads") < threads + 16,
        "{}",
        watch.costs("Threads")
    );
    // Those that waited longest made room for the others.
    assert!(idle[..300].iter().all(is_closed));
}

#[test]
fn streams_of_events_are_bounded_and_take_no_place_of_requests() {
    let watch = watch(project().file("site.yaml", SMALLEST), "", &[]);
    let streams: Vec<_> = (0..200).map(|_| watch.events()).collect();
    assert_eq!(streams.iter().filter(|(_, is_open)| *is_open).count(), 64);
    assert_eq!(status(&watch.get("/w/support/")), 200);
    assert_eq!(watch.api("network", &json!({"down": false})).0, 200);
    // Whoever goes away makes room: it is noticed when the next event is told.
    drop(streams);
    let started = Instant::now();
    while !watch.events().1 {
        assert!(started.elapsed() < PATIENCE, "no room for a stream");
        watch.api("network", &json!({"down": false}));
    }
}

#[test]
fn templates_that_are_written_in_another_way_lose_nothing_in_the_preview() {
    let project = project().file("site.yaml", SMALLEST).reformatted();
    let watch = watch(project, "", &[]);
    let page = watch.get("/w/support/");
    let stand_in = format!("\"chatkit\":\"http://{}/_/demo/chatkit.js\"", watch.address);
    assert!(page.contains(&stand_in), "{page}");
    assert!(!page.contains("platform.openai.com"), "{page}");
    assert!(
        page.trim_end()
            .ends_with("src=\"/_/live/live.js\"></script>"),
        "{page}"
    );
    let parts = |watch: &Watch| -> Value {
        let reply = watch.get("/w/support/loader.json");
        let (_, body) = reply.split_once("\r\n\r\n").expect("a head");
        serde_json::from_str(body).expect("JSON")
    };
    let mut events = watch.follow("");
    let before = parts(&watch);
    watch.project.write(
        "site.yaml",
        &SMALLEST.replace("hosted}}", "hosted}, launcher: {label: Hello}}"),
    );
    let heard = events.until("event: change") + &events.until("");
    assert!(
        heard.contains("\"w/support.js\"") && !heard.contains("index.html"),
        "{heard}"
    );
    let after = parts(&watch);
    assert_eq!(before["settings"]["name"], "support");
    assert_eq!(after["settings"]["label"], "Hello");
    assert_eq!(before["code"], after["code"]);
    assert_eq!(before["css"], after["css"]);
}

#[test]
fn the_state_lists_each_theme_with_what_can_be_set_in_it() {
    let own = "description: Ours.\nvariables:\n  corner: { value: 3px }\n  pace: { description: How fast., value: 180ms }\n";
    let project = project().file("site.yaml", SMALLEST);
    let watch = watch(project.file("themes/ours/theme.yaml", own), "", &[]);
    let state = watch.state();
    let theme = |name: &str| {
        let themes = state["themes"].as_array().expect("themes").iter();
        let mut named = themes.filter(|theme| theme["name"] == name);
        named.next().expect("the theme").clone()
    };
    let variable = |theme: &Value, name: &str| {
        let variables = theme["variables"].as_array().expect("variables").iter();
        let mut named = variables.filter(|variable| variable["name"] == name);
        named.next().expect("the variable").clone()
    };
    let (default, ours) = (theme("default"), theme("ours"));
    assert_eq!(
        variable(&default, "on-accent")["value"],
        json!({"light": "#ffffff", "dark": "#16161a"})
    );
    assert_eq!(variable(&default, "on-accent")["on"], "accent");
    assert_eq!(variable(&default, "focus")["brand"], "visible-color");
    assert_eq!(default["defaults"]["chatkit"]["theme"]["radius"], "round");
    assert_eq!(ours["description"], "Ours.");
    let corner = variable(&ours, "corner");
    assert_eq!([&corner["kind"], &corner["value"]], ["length", "3px"]);
    // What it leaves out is as in the default theme.
    assert_eq!(corner["brand"], "corner");
    assert_eq!(variable(&ours, "font")["kind"], "fonts");
    assert_eq!(
        variable(&ours, "pace"),
        json!({"name": "pace", "description": "How fast.", "kind": "duration", "value": "180ms", "on": null, "brand": null})
    );
}

#[test]
fn a_draft_is_told_to_those_who_name_it_and_to_nobody_else() {
    const ID: &str = "0123456789abcdef0123456789abcdef";
    let watch = watch(project().file("site.yaml", SMALLEST), "", &[]);
    let revision = watch.state()["revision"].clone();
    let draft = |label: &str| {
        let edits = json!([{"path": ["widgets", "support", "launcher", "label"], "value": label}]);
        let draft = json!({"id": ID, "revision": revision, "edits": edits});
        assert_eq!(watch.api("draft", &draft).1["ok"], true);
    };
    draft("One");
    assert_eq!(status(&watch.get(&format!("/~{ID}/w/support.js"))), 200);
    let mut owner = watch.follow(&format!("?draft={ID}"));
    let mut others = ["", "?draft=", "?draft=0123456789abcdef"].map(|query| watch.follow(query));
    draft("Two");
    assert!(owner.until("event: change").contains("event: change"));
    // What comes next is heard by all.
    watch.api("network", &json!({"down": false}));
    for other in &mut others {
        let heard = other.until("event: mode");
        assert!(!heard.contains("change") && !heard.contains(ID), "{heard}");
    }
}

#[test]
fn more_drafts_than_there_is_room_for_are_refused_in_words_and_so_are_large_ones() {
    let watch = watch(project().file("site.yaml", SMALLEST), "", &[]);
    let revision = watch.state()["revision"].clone();
    let draft = |number: usize, label: &str| {
        let edits = json!([{"path": ["widgets", "support", "launcher", "label"], "value": label}]);
        let draft = json!({"id": format!("{number:032}"), "revision": revision, "edits": edits});
        let (status, reply) = watch.api("draft", &draft);
        (status, reply["error"]["message"].to_string())
    };
    for number in 0..32 {
        assert_eq!(draft(number, "One").0, 200, "{number}");
    }
    let (status, words) = draft(32, "One");
    assert!(
        status == 429 && words.contains("close another tab"),
        "{words}"
    );
    assert_eq!(draft(0, "Two").0, 200);
    let (status, words) = draft(0, &"a".repeat(64 * 1024));
    assert!(status == 413 && words.contains("64 KiB"), "{words}");
}
