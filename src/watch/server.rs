//! tiny_http, with the care that it needs: it has no limits of its own.

use std::io::{Read as _, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tiny_http::{Header, Response, Server as Http, StatusCode};

use super::http::{Reply, Request};
use super::hub;
use crate::console;
use crate::hint::Hinted;

/// Bytes of a request's body: a paste with room to spare.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// Requests that are answered at the same time.
const MAX_REQUESTS: usize = 128;

/// Ports that are tried after one that is taken.
const PORTS: u16 = 20;

/// How often a stream of events says that it is alive.
const PING: Duration = Duration::from_secs(15);

/// How often connections that were left waiting are set going while browsers ask …
const KNOCK: Duration = Duration::from_millis(10);

/// … for this long after the last request …
const BUSY: Duration = Duration::from_secs(2);

/// … and else.
const IDLE: Duration = Duration::from_secs(1);

/// What a request is answered with.
pub(super) enum Answer {
    Reply(Reply),
    /// A stream that goes on until the page goes away.
    Events(Receiver<String>, Vec<(String, String)>),
}

/// A listener that can be bound before there is anything to answer with.
pub(super) struct Listener {
    listener: TcpListener,
    pub(super) address: SocketAddr,
}

impl Listener {
    /// Takes `port` or, where it is taken, one of the next; 0 is any that is free.
    ///
    /// # Errors
    ///
    /// A host that is not this machine's, and ports that are all taken.
    pub(super) fn bind(host: &str, port: u16) -> Result<Self> {
        let host_alone = host.trim_start_matches('[').trim_end_matches(']');
        let last = port.saturating_add(if port == 0 { 0 } else { PORTS });
        let mut failed = None;
        for port in port..=last {
            match TcpListener::bind((host_alone, port)) {
                Ok(listener) => {
                    // Replies are written in two parts, and the second would wait for 40 ms.
                    let _ = socket2::SockRef::from(&listener).set_tcp_nodelay(true);
                    let address = listener.local_addr().context("a listener has an address")?;
                    return Ok(Self { listener, address });
                }
                Err(err) => failed = Some(err),
            }
        }
        let hint = "give another one with --port, or an address of this machine with --host";
        Err(anyhow::Error::new(
            failed.unwrap_or_else(|| std::io::Error::from(std::io::ErrorKind::AddrInUse)),
        )
        .context(Hinted::new(
            format!("failed to listen on `{host}`, ports {port} to {last}"),
            hint,
        )))
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Answers requests on threads of their own until `stopping`.
    ///
    /// # Errors
    ///
    /// A system that gives no threads.
    pub(super) fn serve(
        self,
        name: &str,
        answer: impl Fn(Request) -> Answer + Send + Sync + 'static,
    ) -> Result<Running> {
        let stopping = Arc::new(AtomicBool::new(false));
        let current = Arc::default();
        let (asked, asks) = sync_channel(1);
        let door = door(self.address);
        thread::Builder::new()
            .name("knock".to_owned())
            .spawn(move || knock(door, &asks))
            .context("failed to start a thread")?;
        let serving = Serving {
            asked,
            current: Arc::clone(&current),
            listener: self.listener,
            answer: Arc::new(answer),
            stopping: Arc::clone(&stopping),
            busy: Arc::default(),
        };
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || serving.run())
            .context("failed to start a thread")?;
        Ok(Running {
            stopping,
            current,
            thread: Some(thread),
        })
    }
}

/// A server at work.
pub(super) struct Running {
    stopping: Arc<AtomicBool>,
    current: Current,
    thread: Option<thread::JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = &*current {
            server.unblock();
        }
        drop(current);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The server that waits for requests now.
type Current = Arc<Mutex<Option<Arc<Http>>>>;

struct Serving<A> {
    /// Tells who knocks that browsers ask; when it is gone, so is the server.
    asked: SyncSender<()>,
    listener: TcpListener,
    current: Current,
    answer: Arc<A>,
    stopping: Arc<AtomicBool>,
    busy: Arc<AtomicUsize>,
}

impl<A: Fn(Request) -> Answer + Send + Sync + 'static> Serving<A> {
    /// tiny_http stops for good when one connection can not be accepted, so it is made anew then.
    fn run(self) {
        while !self.stopping.load(Ordering::SeqCst) {
            let server = self
                .listener
                .try_clone()
                .ok()
                .and_then(|listener| Http::from_listener(listener, None).ok());
            if let Some(server) = server.map(Arc::new) {
                *self.current() = Some(Arc::clone(&server));
                self.serve(&server);
                *self.current() = None;
            }
            if !self.stopping.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(50));
            }
        }
    }

    fn current(&self) -> MutexGuard<'_, Option<Arc<Http>>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, server: &Http) {
        while !self.stopping.load(Ordering::SeqCst) {
            match server.recv() {
                Ok(request) => self.take(request),
                Err(_) => return,
            }
        }
    }

    fn take(&self, request: tiny_http::Request) {
        let _ = self.asked.try_send(());
        if self.busy.fetch_add(1, Ordering::SeqCst) >= MAX_REQUESTS {
            self.busy.fetch_sub(1, Ordering::SeqCst);
            let _ = request.respond(Response::empty(503));
            return;
        }
        let answer = Arc::clone(&self.answer);
        let busy = Arc::clone(&self.busy);
        let spawned = thread::Builder::new()
            .name("request".to_owned())
            .spawn(move || {
                respond(request, &*answer);
                busy.fetch_sub(1, Ordering::SeqCst);
            });
        if spawned.is_err() {
            self.busy.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// Sets connections going that were left waiting.
///
/// tiny_http takes a thread for free until that has begun with what it was woken for. Of the connections that a browser
/// opens at once, some then wait for a thread that is busy as long as another connection lives. The next connection of
/// all gives them one, so here is one that says nothing.
fn knock(door: SocketAddr, asks: &Receiver<()>) {
    let started = Instant::now();
    let (mut asked, mut knocked) = (started, started);
    loop {
        let patience = if asked.elapsed() < BUSY { KNOCK } else { IDLE };
        match asks.recv_timeout(patience) {
            Ok(()) => asked = Instant::now(),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if knocked.elapsed() >= KNOCK {
            knocked = Instant::now();
            let _ = TcpStream::connect_timeout(&door, IDLE);
        }
    }
}

/// Where this machine reaches a listener of its own.
fn door(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    address
}

fn respond(mut request: tiny_http::Request, answer: &impl Fn(Request) -> Answer) {
    let is_too_large = request
        .body_length()
        .is_some_and(|length| length > MAX_BODY);
    let lengths = |name: &str| {
        let headers = request.headers().iter();
        headers
            .filter(|header| header.field.as_str().as_str().eq_ignore_ascii_case(name))
            .count()
    };
    let is_ambiguous = lengths("Content-Length") > 1
        || lengths("Content-Length") + lengths("Transfer-Encoding") > 1;
    if is_too_large || is_ambiguous {
        // The body is never read: tiny_http would make room for all that is announced.
        let status = if is_too_large { 413 } else { 400 };
        std::mem::forget(request.upgrade("close", Response::empty(status)));
        return;
    }
    let mut body = Vec::new();
    let limit = MAX_BODY as u64 + 1;
    let read = request.as_reader().take(limit).read_to_end(&mut body);
    if read.is_err() || body.len() > MAX_BODY {
        std::mem::forget(request.upgrade("close", Response::empty(413)));
        return;
    }
    let (path, query) = match request.url().split_once('?') {
        Some((path, query)) => (path.to_owned(), query.to_owned()),
        None => (request.url().to_owned(), String::new()),
    };
    let headers = request.headers().iter();
    let asked = Request {
        method: request.method().to_string(),
        path,
        query,
        headers: headers
            .map(|header| {
                let name = header.field.as_str().as_str().to_ascii_lowercase();
                (name, header.value.as_str().to_owned())
            })
            .collect(),
        body,
    };
    match answer(asked) {
        Answer::Reply(reply) => send(request, reply),
        Answer::Events(events, headers) => stream(request, &events, &headers),
    }
}

/// A browser that went away is no reason to say anything.
fn send(request: tiny_http::Request, reply: Reply) {
    let headers = reply.headers.iter().filter_map(|(name, value)| {
        let header = Header::from_bytes(name.as_bytes(), value.as_bytes());
        debug_assert!(header.is_ok(), "{name}: {value}");
        header.ok()
    });
    let length = reply.body.len();
    let response = Response::new(
        StatusCode(reply.status),
        headers.collect(),
        &*reply.body,
        Some(length),
        None,
    )
    // Pages and scripts are small, and this machine is near: never in chunks.
    .with_chunked_threshold(usize::MAX);
    let _ = request.respond(response);
}

fn stream(request: tiny_http::Request, events: &Receiver<String>, headers: &[(String, String)]) {
    let mut writer = request.into_writer();
    let mut head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n".to_owned();
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n: welcome\n\n");
    let mut write = |text: &str| {
        writer
            .write_all(text.as_bytes())
            .and_then(|()| writer.flush())
            .is_ok()
    };
    let mut is_open = write(&head);
    while is_open {
        is_open = match events.recv_timeout(PING) {
            Ok(text) => write(&text),
            Err(RecvTimeoutError::Timeout) => write(hub::PING),
            Err(RecvTimeoutError::Disconnected) => false,
        };
    }
}

/// Says which port it is when the wanted one is taken.
pub(super) fn say_port(wanted: u16, taken: u16) {
    if wanted != 0 && wanted != taken {
        console::status(
            "port",
            format_args!("{wanted} is in use, so this is {taken}"),
        );
    }
}
