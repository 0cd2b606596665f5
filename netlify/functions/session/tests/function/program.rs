//! The program as an operator runs it: ended by signals, and short of whatever a machine can be short of. Each shortage
//! costs at most the requests at hand.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use crate::ORIGIN;
use crate::fake::{Fake, reply};
use crate::web::{one, post, rest};

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

    /// How long a look at its health takes.
    #[track_caller]
    fn health(&self) -> Duration {
        let started = Instant::now();
        assert!(self.ask(HEALTH).ends_with("ok\n"));
        started.elapsed()
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
    let line = line_with(&mut program.log, "lines of the log are lost");
    assert!(!line.contains("not_found"), "{line}");
    // And it is not waited for at the end either.
    assert_eq!(program.ask_often("/nowhere", 1000), 1000);
    let (status, took) = program.end();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
}
