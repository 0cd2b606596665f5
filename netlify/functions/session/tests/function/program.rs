//! The program as an operator runs it: ended by signals, and short of whatever a machine can be short of. Each shortage
//! costs at most the requests at hand.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use session::transport::web::Files;

use crate::fake::{Fake, reply};
use crate::web::{Web, assert_status, limits, minting, one, post, rest};
use crate::{Bench, ORIGIN, pack};

/// A server in a process of its own.
struct Program {
    child: Child,
    log: BufReader<ChildStderr>,
    port: String,
}

impl Program {
    /// With these variables beside the usual ones.
    fn start(variables: &[(&str, &str)]) -> Program {
        let mut child = Command::new(env!("CARGO_BIN_EXE_session"))
            .env_remove("AWS_LAMBDA_RUNTIME_API")
            .envs([("PORT", "0"), ("OPENAI_API_KEY", "sk-x")])
            .envs([("CHATKIT_WORKFLOW_ID", "wf_x")])
            .envs([("BASE_URL", "https://chat.example.com")])
            .env("SITE_PACK", pack())
            .envs(variables.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let line = line_with(&mut log, "listening on");
        let port = line.rsplit_once(':').unwrap().1;
        let port = port.trim_end_matches("\"}\n").to_owned();
        Program { child, log, port }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(format!("127.0.0.1:{}", self.port)).unwrap();
        let patience = Some(Duration::from_secs(20));
        stream.set_read_timeout(patience).unwrap();
        stream
    }

    /// Sends the request on a connection of its own.
    fn ask(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        one(&mut stream)
    }

    /// Sends so many requests without waiting; the number of replies.
    fn ask_often(&self, path: &str, times: usize) -> usize {
        let mut stream = self.connect();
        let mut reading = stream.try_clone().unwrap();
        let many = format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").repeat(times - 1);
        let last = format!("GET {path} HTTP/1.0\r\n\r\n");
        let writer = spawn(move || stream.write_all((many + &last).as_bytes()));
        let replies = rest(&mut reading).matches("HTTP/1.1 ").count();
        writer.join().unwrap().unwrap();
        replies
    }

    /// The time that a look at its health takes.
    #[track_caller]
    fn health(&self) -> Duration {
        let started = Instant::now();
        assert!(self.ask(HEALTH).ends_with("ok\n"));
        started.elapsed()
    }

    /// Sets one of the system's limits, such as `--nofile=64`.
    #[cfg(target_os = "linux")]
    fn limit(&self, limit: &str) {
        let id = self.child.id().to_string();
        let set = Command::new("prlimit").args(["--pid", &id, limit]).status();
        assert!(set.unwrap().success());
    }

    fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").arg(id).status().unwrap().success());
    }

    /// Ends it with a signal; the status, and how long that took.
    fn end(mut self) -> (ExitStatus, Duration) {
        let started = Instant::now();
        self.terminate();
        (self.child.wait().unwrap(), started.elapsed())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

/// The first line of the log that holds this text.
fn line_with(log: &mut BufReader<ChildStderr>, text: &str) -> String {
    loop {
        let mut line = String::new();
        assert!(
            log.read_line(&mut line).unwrap() > 0,
            "no line with `{text}`"
        );
        if line.contains(text) {
            return line;
        }
    }
}

#[test]
fn program_ends_well_on_a_signal_and_finishes_what_has_begun() {
    let (go, wait) = channel();
    let wait = Mutex::new(wait);
    let upstream = Fake::start(move |_| {
        wait.lock().unwrap().recv().unwrap();
        reply(200, &[], r#"{"client_secret":"x","expires_at":5}"#)
    });
    let base = format!("http://{}/v1", upstream.address);
    let mut program = Program::start(&[("OPENAI_BASE_URL", &base)]);
    let mut stream = program.connect();
    stream.write_all(HEALTH.as_bytes()).unwrap();
    assert!(one(&mut stream).ends_with("ok\n"));
    let mut idle = program.connect();
    let body = r#"{"widget":"support"}"#;
    let request = post(body, "").replace(ORIGIN, "https://chat.example.com");
    stream.write_all(request.as_bytes()).unwrap();
    // Where no site is compiled in, the reply comes without the upstream.
    if !upstream_is_asked(&upstream) {
        let _ = go.send(());
    }
    program.terminate();
    assert_eq!(idle.read(&mut [0]).unwrap(), 0);
    let _ = go.send(());
    assert!(one(&mut stream).starts_with("HTTP/1.1 "));
    assert_eq!(program.child.wait().unwrap().code(), Some(0));
}

fn upstream_is_asked(upstream: &Fake) -> bool {
    let until = Instant::now() + Duration::from_millis(500);
    while Instant::now() < until {
        if !upstream.is_idle() {
            return true;
        }
        sleep(Duration::from_millis(5));
    }
    false
}

#[test]
fn log_that_nobody_reads_costs_lines_and_no_reply() {
    let mut program = Program::start(&[]);
    assert_eq!(program.ask_often("/nowhere", 8000), 8000);
    assert!(program.health() < Duration::from_secs(1));
    let line = line_with(&mut program.log, "log lines were lost");
    assert!(!line.contains("not_found"), "{line}");
    // And it is not waited for at the end either.
    assert_eq!(program.ask_often("/nowhere", 1000), 1000);
    let (status, took) = program.end();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn half_of_a_request_does_not_delay_the_end() {
    let program = Program::start(&[]);
    let mut half = program.connect();
    half.write_all(&HEALTH.as_bytes()[..20]).unwrap();
    let mut body = program.connect();
    let request = post("{}", "");
    body.write_all(&request.as_bytes()[..request.len() - 1])
        .unwrap();
    program.health();
    let (status, took) = program.end();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert_eq!(rest(&mut half), "");
    assert_eq!(rest(&mut body), "");
}

#[cfg(target_os = "linux")]
#[test]
fn clients_beyond_the_file_limit_make_room_for_others() {
    for files in [48, 64, 100] {
        let mut program = Program::start(&[]);
        program.limit(&format!("--nofile={files}"));
        let idle: Vec<_> = (0..120).map(|_| program.connect()).collect();
        for _ in 0..5 {
            let took = program.health();
            assert!(took < Duration::from_secs(1), "{files}: {took:?}");
        }
        drop(idle);
        program.terminate();
        let mut log = String::new();
        program.log.read_to_string(&mut log).unwrap();
        let notes = log.matches("failed to accept").count();
        assert!((1..=4).contains(&notes), "{log}");
    }
}

/// The clock of the program stands still at this time.
#[cfg(target_os = "linux")]
fn with_clock_at(seconds: &str, folder: &std::path::Path) -> Program {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/function/clock.c");
    let library = folder.join(format!("clock{seconds}.so"));
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", &format!("-DSECONDS={seconds}"), "-o"])
        .args([library.as_path(), source.as_ref()])
        .status();
    assert!(built.unwrap().success());
    Program::start(&[("LD_PRELOAD", library.to_str().unwrap())])
}

#[cfg(target_os = "linux")]
#[test]
fn clock_before_1970_or_after_9999_costs_the_date_alone() {
    let folder = tempfile::tempdir().unwrap();
    for seconds in ["-2000000000", "300000000000"] {
        let program = with_clock_at(seconds, folder.path());
        let health = program.ask(HEALTH);
        assert!(
            health.ends_with("ok\n") && !health.contains("Date: "),
            "{health}"
        );
        for _ in 0..3 {
            let reply = program.ask(&post(r#"{"widget":"support"}"#, ""));
            assert!(reply.starts_with("HTTP/1.1 ") && !reply.contains("Date: "));
        }
        program.health();
        assert_eq!(program.end().0.code(), Some(0));
    }
    let program = with_clock_at("0", folder.path());
    assert!(program.ask(HEALTH).contains("Date: Thu, 01 Jan 1970"));
}

#[test]
fn kept_connection_ends_after_the_time_that_is_set() {
    let program = Program::start(&[("KEEP_ALIVE_SECONDS", "1")]);
    let mut stream = program.connect();
    stream.write_all(HEALTH.as_bytes()).unwrap();
    let started = Instant::now();
    assert!(rest(&mut stream).ends_with("ok\n"));
    let took = started.elapsed();
    assert!(
        took > Duration::from_millis(900) && took < Duration::from_secs(4),
        "{took:?}"
    );
}

#[test]
fn setting_that_can_not_be_used_is_an_error_at_the_start() {
    for (name, value, error) in [
        ("KEEP_ALIVE_SECONDS", "0", "invalid `KEEP_ALIVE_SECONDS`: "),
        ("KEEP_ALIVE_SECONDS", "1m", "invalid `KEEP_ALIVE_SECONDS`: "),
        ("LISTEN_ADDRESS", "localhost", "invalid `LISTEN_ADDRESS`: "),
        (
            "DIST_DIR",
            "nowhere",
            "failed to read `nowhere`\n  caused by: ",
        ),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_session"))
            .env_remove("AWS_LAMBDA_RUNTIME_API")
            .envs([("PORT", "0"), (name, value)])
            .env("SITE_PACK", pack())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.starts_with(&format!("error: {error}")), "{said}");
        assert_eq!(output.status.code(), Some(2));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn system_without_threads_costs_the_requests_that_need_one() {
    crate::volume::alone("program::without_threads");
}

/// Sets how much address space this process may have beyond what it has; a thread's stack needs 2 MiB.
#[cfg(target_os = "linux")]
fn allow(more: Option<u64>) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    // A thread that has just begun takes more for a moment, so the smallest of some sizes counts.
    let sizes = (0..10).map(|_| {
        sleep(Duration::from_millis(2));
        address_space()
    });
    let size = sizes.min().unwrap();
    // The soft limit alone, so that it can be lifted again.
    let limit = Rlimit {
        current: more.map(|more| (size + more) * 1024),
        ..getrlimit(Resource::As)
    };
    setrlimit(Resource::As, limit).unwrap();
}

/// Kilobytes of addresses that this process has.
#[cfg(target_os = "linux")]
fn address_space() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let size = status.lines().find_map(|line| line.strip_prefix("VmSize:"));
    let size = size.unwrap().trim().trim_end_matches(" kB");
    size.parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "runs in a process of its own, started by a test before"]
fn without_threads() {
    let upstream = minting();
    let bench = Bench::new(&upstream.address, &[]);
    let web = Web::start(bench, Files::default(), limits());
    let ask = || {
        let mut stream = web.connect();
        let request = post(r#"{"widget":"support"}"#, "");
        stream.write_all(request.as_bytes()).unwrap();
        stream
    };
    assert!(web.get("/healthz").ends_with("ok\n"));
    allow(Some(1024));
    assert_status(&one(&mut ask()), 429);
    assert!(web.get("/healthz").ends_with("ok\n"));
    allow(None);
    assert_status(&one(&mut ask()), 200);
    // Now there is one worker, and it does the work of all.
    allow(Some(1024));
    let mut all: Vec<_> = (0..5).map(|_| ask()).collect();
    for stream in &mut all {
        assert_status(&one(stream), 200);
    }
    allow(None);
    let lines = web.stop().lines().join("\n");
    assert!(
        lines.contains("failed to start a thread, 0 are running"),
        "{lines}"
    );
}
