//! The log: one line of JSON per request. It holds no key, no token, no client secret and no user id.
//!
//! A line is written at once, or by the log's own thread: a server must not wait for the reader of its log, while on
//! Lambda the process may be frozen as soon as the reply is sent.

use std::io::{self, Write as _};
use std::mem::take;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use std::{panic, thread};

use serde::Serialize;

use crate::clock;

/// Most lines that wait to be written; further ones are only counted, and the number is logged later.
const MAX_WAITING: usize = 4096;
/// The longest wait for the remaining lines at the end.
const FLUSH: Duration = Duration::from_secs(1);

/// The destination of the lines.
pub(crate) struct Log {
    write: Arc<Write>,
    /// Set once a separate thread writes the lines.
    queue: OnceLock<Arc<Queue>>,
}

type Write = dyn Fn(&str) + Send + Sync;

/// The log line of one request.
#[derive(Serialize)]
pub(crate) struct Entry {
    /// Unix time in milliseconds.
    time: u64,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    widget: Option<String>,
    /// `true` if the browser sent a valid visitor token; absent if it was not checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) known_visitor: Option<bool>,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<&'static str>,
    /// Duration of the request, in milliseconds.
    ms: f64,
    /// `true` for the first request of this process.
    #[serde(skip_serializing_if = "is_false")]
    cold: bool,
    #[serde(flatten)]
    pub(crate) trace: Trace,
    /// Of an answer by an agent.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(crate) spent: Option<Spent>,
    /// What a visitor thinks of answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) feedback: Option<Feedback>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
    #[serde(skip)]
    started: Instant,
}

/// The calls to the upstream; empty if it was not asked.
#[derive(Default, Serialize)]
pub(crate) struct Trace {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upstream_status: Option<u16>,
    /// The time of all tries and the pauses between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upstream_ms: Option<f64>,
    /// The upstream's id for the request, so that its support can find it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upstream_id: Option<String>,
    /// The number of tries after the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retries: Option<u32>,
}

/// What an agent's answer took.
#[derive(Default, Serialize)]
pub(crate) struct Spent {
    model: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) input_tokens: Option<u64>,
    /// Those of the input tokens that the upstream had in its cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cached_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) output_tokens: Option<u64>,
    /// The number of calls of tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tools: Option<u32>,
    /// The number of passages that the model had, if the agent knows pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) passages: Option<usize>,
    /// The ids of those that the answer cites.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cited: Option<Vec<String>>,
    /// `true` if the model said that no passage holds the answer.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) unanswered: bool,
    /// Dollars for the tokens, if the price is known. Searches come on top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cost: Option<f64>,
    /// The ids of the answer's messages, to which feedback refers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) items: Vec<String>,
    /// From the request to the first word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_word_ms: Option<f64>,
}

impl Spent {
    pub(crate) fn of(model: &str) -> Spent {
        Spent {
            model: model.to_owned(),
            ..Spent::default()
        }
    }
}

/// A visitor's opinion of answers, by the ids that only their browser knows.
#[derive(Serialize)]
pub(crate) struct Feedback {
    /// `positive` or `negative`.
    pub(crate) kind: &'static str,
    pub(crate) items: Vec<String>,
}

#[derive(Serialize)]
struct Note<'a> {
    time: u64,
    /// The request that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    detail: &'a str,
}

impl<'a> Note<'a> {
    fn new(detail: &'a str) -> Note<'a> {
        Note {
            time: clock::unix_millis(),
            id: None,
            code: None,
            detail,
        }
    }
}

impl Log {
    pub(crate) fn new(write: impl Fn(&str) + Send + Sync + 'static) -> Log {
        Log {
            write: Arc::new(write),
            queue: OnceLock::new(),
        }
    }

    /// The only place that prints. A closed stderr is ignored.
    pub(crate) fn stderr() -> Log {
        Log::new(|line| {
            let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
        })
    }

    /// From now on, a separate thread writes the lines. Fails if there is no thread.
    pub(crate) fn write_behind(&self) -> io::Result<()> {
        if self.queue.get().is_none() {
            let queue = Arc::new(Queue::default());
            let (lines, write) = (Arc::clone(&queue), Arc::clone(&self.write));
            let thread = thread::Builder::new().name("log".to_owned());
            thread.spawn(move || lines.write(&*write))?;
            if let Err(second) = self.queue.set(queue) {
                second.close();
            }
        }
        Ok(())
    }

    /// From now on, a panic of this process is a log line, once [`write_behind`](Log::write_behind) is active:
    /// otherwise the panicking thread would write the message itself, and wait for the reader of the log.
    pub(crate) fn take_panics(&self) {
        if let Some(queue) = self.queue.get().cloned() {
            panic::set_hook(Box::new(move |panic| {
                queue.push(json(&Note::new(&panic.to_string())));
            }));
        }
    }

    /// Waits until every line is written, but not for long.
    pub(crate) fn flush(&self) {
        if let Some(queue) = self.queue.get() {
            queue.flush();
        }
    }

    pub(crate) fn write(&self, entry: &Entry) {
        self.line(entry);
    }

    pub(crate) fn note(&self, detail: &str) {
        self.line(&Note::new(detail));
    }

    /// A failure that came after the line of its request.
    pub(crate) fn failure(&self, id: &str, code: &'static str, detail: &str) {
        self.line(&Note {
            id: Some(id),
            code: Some(code),
            ..Note::new(detail)
        });
    }

    fn line(&self, record: &impl Serialize) {
        let line = json(record);
        match self.queue.get() {
            Some(queue) => queue.push(line),
            None => (self.write)(&line),
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        if let Some(queue) = self.queue.get() {
            queue.close();
            // If a serving thread panics, the process ends: its last line must be written now.
            if thread::panicking() {
                queue.flush();
            }
        }
    }
}

fn json(record: &impl Serialize) -> String {
    serde_json::to_string(record).expect("strings and numbers cannot fail")
}

/// Lines waiting for the thread that writes them.
#[derive(Default)]
struct Queue {
    lines: Mutex<Lines>,
    changed: Condvar,
}

#[derive(Default)]
struct Lines {
    waiting: Vec<String>,
    /// The number of lines without room since the last one that had some.
    lost: usize,
    /// `true` while lines are being written.
    are_written: bool,
    /// `true` if no more will come.
    closed: bool,
}

impl Lines {
    fn are_left(&self) -> bool {
        !self.waiting.is_empty() || self.lost > 0
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, line: String) {
        let mut lines = self.lock();
        if lines.waiting.len() < MAX_WAITING {
            lines.waiting.push(line);
        } else {
            lines.lost += 1;
        }
        drop(lines);
        self.changed.notify_all();
    }

    fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn flush(&self) {
        let lines = self.lock();
        let is_busy = |lines: &mut Lines| lines.are_written || lines.are_left();
        drop(self.changed.wait_timeout_while(lines, FLUSH, is_busy));
    }

    /// The thread's loop: writes lines until no more will come.
    fn write(&self, write: &Write) {
        loop {
            let mut lines = self.lock();
            lines.are_written = false;
            self.changed.notify_all();
            let is_idle = |lines: &mut Lines| !lines.are_left() && !lines.closed;
            let wait = self.changed.wait_while(lines, is_idle);
            lines = wait.unwrap_or_else(PoisonError::into_inner);
            if !lines.are_left() {
                return;
            }
            lines.are_written = true;
            let (waiting, lost) = (take(&mut lines.waiting), take(&mut lines.lost));
            drop(lines);
            for line in &waiting {
                write(line);
            }
            if lost > 0 {
                let detail =
                    format!("{lost} log lines were lost: they came faster than they were read");
                write(&json(&Note::new(&detail)));
            }
        }
    }
}

impl Entry {
    pub(crate) fn new(id: &str, cold: bool) -> Entry {
        Entry {
            time: clock::unix_millis(),
            id: id.to_owned(),
            widget: None,
            known_visitor: None,
            status: 0,
            code: None,
            ms: 0.0,
            cold,
            trace: Trace::default(),
            spent: None,
            feedback: None,
            detail: None,
            started: Instant::now(),
        }
    }

    /// The request's id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Logs a widget of the site. Anything else that a stranger sends in its place is not logged: it may be a token.
    pub(crate) fn set_widget(&mut self, name: &str) {
        self.widget = Some(name.to_owned());
    }

    /// Stops the clock.
    pub(crate) fn finish(&mut self, status: u16) {
        self.status = status;
        self.ms = clock::millis_since(self.started);
    }

    /// The duration of the request and its upstream calls, in the format of the header `Server-Timing`.
    pub(crate) fn server_timing(&self) -> String {
        let total = clock::millis_since(self.started);
        match self.trace.upstream_ms {
            Some(upstream) => format!("total;dur={total}, upstream;dur={upstream}"),
            None => format!("total;dur={total}"),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    /// A log whose reader takes a line for each `()`, and the lines that it took.
    fn slow_log() -> (Log, std::sync::mpsc::Sender<()>, Receiver<String>) {
        let (go, wait) = channel::<()>();
        let (took, lines) = channel();
        let wait = Mutex::new(wait);
        let log = Log::new(move |line| {
            let _ = wait.lock().unwrap().recv();
            let _ = took.send(line.to_owned());
        });
        log.write_behind().unwrap();
        (log, go, lines)
    }

    #[test]
    fn lines_that_nobody_reads_are_counted_and_the_number_is_written_later() {
        let (log, go, lines) = slow_log();
        log.note("first");
        // Until the reader is stuck with it.
        while log.queue.get().unwrap().lock().are_left() {
            thread::yield_now();
        }
        for _ in 0..MAX_WAITING + 7 {
            log.note("more");
        }
        drop(go);
        let lines: Vec<_> = lines.iter().take(MAX_WAITING + 2).collect();
        assert!(lines[0].contains("first"));
        assert!(lines[MAX_WAITING].contains("more"));
        assert!(lines[MAX_WAITING + 1].contains("\"7 log lines were lost"));
    }

    #[test]
    fn end_waits_for_the_lines_that_are_left_but_not_for_ever() {
        let (log, go, lines) = slow_log();
        log.note("stuck");
        let started = Instant::now();
        log.flush();
        assert!(started.elapsed() >= FLUSH);
        drop(go);
        log.flush();
        assert!(lines.try_recv().is_ok());
    }

    #[test]
    fn panic_is_a_line_that_nobody_waits_for() {
        let (log, go, lines) = slow_log();
        log.take_panics();
        let panicked = thread::spawn(|| panic!("on purpose, for the log")).join();
        // The one of before comes back, for other tests.
        drop(panic::take_hook());
        assert!(panicked.is_err());
        assert!(lines.try_recv().is_err(), "nothing is written yet");
        drop(go);
        log.flush();
        let line = lines
            .try_iter()
            .find(|line| line.contains("on purpose, for the log"));
        let line: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let detail = line["detail"].as_str().unwrap();
        assert!(detail.starts_with("panicked at ") && detail.contains("log.rs:"));
    }

    #[test]
    fn log_that_is_not_told_otherwise_writes_at_once() {
        let lines = Arc::new(Mutex::new(0));
        let count = Arc::clone(&lines);
        let log = Log::new(move |_| *count.lock().unwrap() += 1);
        log.note("one");
        assert_eq!(*lines.lock().unwrap(), 1);
    }
}
