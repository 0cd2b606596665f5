//! The programs that are compared: how they are started, and what they take.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::spawn;
use std::time::{Duration, Instant};
use std::{env, fs};

use crate::upstream::Peer;

const EVENTS: usize = 2000;

/// All visitors have one address.
const NO_LIMITS: [&str; 6] = [
    "LIMIT_SESSIONS_PER_ADDRESS",
    "LIMIT_SESSIONS_PER_VISITOR",
    "LIMIT_NEW_VISITORS_PER_ADDRESS",
    "LIMIT_SESSIONS_TOTAL",
    "LIMIT_MESSAGES_PER_ADDRESS",
    "LIMIT_MESSAGES_PER_VISITOR",
];

/// The core of the servers that are compared.
const SERVERS: &str = "0";

/// The core of the clients, and of the upstream.
const CLIENTS: &str = "1";
pub(crate) const ORIGIN: &str = "https://chat.example.com";

/// Puts this program, and each thread that it starts from now on, on another core than the servers: both would else
/// be measured with the clients' work on top.
pub(crate) fn keep_off_the_servers() {
    let own = std::process::id().to_string();
    let moved = Command::new("taskset")
        .args(["-pc", CLIENTS, &own])
        .stdout(Stdio::null())
        .status();
    assert!(moved.unwrap().success(), "needs `taskset` and two cores");
}

/// How to start one of the programs.
pub(crate) struct Program {
    pub(crate) name: &'static str,
    command: Vec<PathBuf>,
}

impl Program {
    pub(crate) fn session() -> Program {
        Program {
            name: "session",
            command: vec![env!("CARGO_BIN_EXE_session").into()],
        }
    }

    /// `npm install` in `express/` goes before.
    pub(crate) fn express() -> Program {
        let script = folder().join("express/server.mjs");
        assert!(
            script.with_file_name("node_modules").exists(),
            "run `npm install` in `tests/bench/express` first"
        );
        Program {
            name: "express",
            command: vec!["node".into(), script],
        }
    }

    /// `PYTHON` is one with the packages of `agent/requirements.txt`.
    pub(crate) fn chatkit() -> Program {
        let python = env::var_os("PYTHON").expect("`PYTHON` is needed");
        Program {
            name: "openai-chatkit",
            command: vec![python.into(), folder().join("agent/server.py")],
        }
    }

    pub(crate) fn empty() -> Program {
        let binary = env::temp_dir().join("chatkit-embed-bench-empty");
        let built = Command::new("rustc")
            .args(["-O", "--target", "x86_64-unknown-linux-musl", "-o"])
            .args([&binary, &folder().join("empty.rs")])
            .status();
        assert!(built.unwrap().success());
        Program {
            name: "empty",
            command: vec![binary],
        }
    }

    /// `before` goes before the command, such as `taskset -c 0`.
    fn start(&self, before: &[&str], upstream: SocketAddr, variable: (&str, &str)) -> Child {
        // As a function it logs more than a pipe holds, and nobody reads.
        let stderr = match variable.0 {
            "PORT" => Stdio::piped(),
            _ => Stdio::null(),
        };
        let before = before.iter().map(PathBuf::from);
        let mut words = before.chain(self.command.iter().cloned());
        Command::new(words.next().unwrap())
            .args(words)
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("SITE_PACK", env::var_os("SITE_PACK").unwrap_or_default())
            .env("BASE_URL", ORIGIN)
            .env("OPENAI_BASE_URL", format!("http://{upstream}/v1"))
            .env("OPENAI_API_KEY", "sk-0123456789abcdef0123456789abcdef")
            .env("CHATKIT_WORKFLOW_ID", "wf_bench")
            .env("CHATKIT_SERVER_SECRET", "0123456789abcdef0123456789abcdef")
            .env("OPENAI_AGENTS_DISABLE_TRACING", "1")
            .env("LIMIT_OPEN_ANSWERS", "1000")
            .envs(NO_LIMITS.map(|name| (name, "0")))
            .env("NODE_ENV", "production")
            .env(variable.0, variable.1)
            .stderr(stderr)
            .spawn()
            .unwrap()
    }

    /// From the start of the process until it connects to its runtime API.
    pub(crate) fn time_to_first_event(&self) -> Duration {
        let api = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = api.local_addr().unwrap();
        let started = Instant::now();
        let mut child = self.start(
            &[],
            address,
            ("AWS_LAMBDA_RUNTIME_API", &address.to_string()),
        );
        let (mut stream, _) = api.accept().unwrap();
        if self.name != "empty" {
            stream.read_exact(&mut [0]).unwrap();
        }
        let time = started.elapsed();
        let _ = child.kill();
        let _ = child.wait();
        time
    }

    /// The most memory it ever had as a function, after many events, in bytes.
    pub(crate) fn memory_as_function(&self, upstream: SocketAddr, event: &str) -> u64 {
        let api = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = api.local_addr().unwrap();
        let child = self.start(
            &[],
            upstream,
            ("AWS_LAMBDA_RUNTIME_API", &address.to_string()),
        );
        let running = Running { child, address };
        let mut peer = Peer::new(api.accept().unwrap().0).unwrap();
        let reply = format!(
            "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: 1\r\ncontent-length: {}\r\n\r\n{event}",
            event.len()
        );
        for _ in 0..EVENTS {
            assert!(peer.receive().unwrap());
            peer.send(&reply);
            assert!(peer.receive().unwrap());
            peer.send("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n");
        }
        running.peak_memory()
    }

    /// As a web server, on a core of its own.
    pub(crate) fn serve(&self, upstream: SocketAddr) -> Running {
        let core = ["taskset", "-c", SERVERS];
        let mut child = self.start(&core, upstream, ("PORT", "0"));
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        // Before it, a function without a folder to serve says so.
        while !line.contains("listening on") {
            line.clear();
            assert_ne!(log.read_line(&mut line).unwrap(), 0, "it has ended");
        }
        let port = line
            .rsplit_once(':')
            .unwrap()
            .1
            .trim_end_matches(|last: char| !last.is_ascii_digit());
        let address = format!("127.0.0.1:{port}").parse().unwrap();
        // A log that nobody reads would stop the program.
        spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Running { child, address }
    }

    /// Of the program's file, as it is and packed, in bytes.
    pub(crate) fn sizes(&self) -> (u64, u64) {
        let size = fs::metadata(&self.command[0]).unwrap().len();
        let packed = Command::new("gzip")
            .arg("-9c")
            .arg(&self.command[0])
            .output();
        (size, packed.unwrap().stdout.len() as u64)
    }
}

pub(crate) struct Running {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Running {
    /// The most memory it ever had, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.status("VmHWM:")
    }

    /// The memory that it has now, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    fn status(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.unwrap().trim().trim_end_matches(" kB");
        kib.parse::<u64>().unwrap() * 1024
    }

    /// The time that it has had a core, also for the system's work.
    pub(crate) fn processor_time(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let after_name = stat.rsplit_once(") ").unwrap().1;
        let ticks = after_name.split(' ').skip(11).take(2);
        let ticks: u64 = ticks.map(|ticks| ticks.parse::<u64>().unwrap()).sum();
        // A hundredth of a second each, on every Linux.
        Duration::from_millis(ticks * 10)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/bench")
}
