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

/// Bytes of a request's body: a paste with room to spare, so that a longer one is refused in its own words.
const MAX_BODY: usize = 8 * 1024 * 1024;

/// Bytes of a body that is read to its end, though it is refused.
const MAX_REST: usize = 256 * 1024 * 1024;

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
        for tried in port..=last {
            match TcpListener::bind((host_alone, tried)) {
                Ok(listener) => {
                    // Replies are written in two parts, and the second would wait for 40 ms.
                    let _ = socket2::SockRef::from(&listener).set_tcp_nodelay(true);
                    let address = listener.local_addr().context("a listener has an address")?;
                    return Ok(Self { listener, address });
                }
                Err(err) => {
                    let is_taken = err.kind() == std::io::ErrorKind::AddrInUse;
                    failed = Some((tried, err));
                    if !is_taken {
                        break;
                    }
                }
            }
        }
        let (tried, err) = failed.unwrap_or_else(|| (port, std::io::ErrorKind::AddrInUse.into()));
        let ports = match tried == port {
            true => format!("port {port}"),
            false => format!("ports {port} to {tried}"),
        };
        let hint = "give another one with --port, or an address of this machine with --host";
        Err(anyhow::Error::new(err).context(Hinted::new(
            format!("failed to listen on `{host}`, {ports}"),
            hint,
        )))
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Answers requests on threads of their own until the result is dropped. `admit` sees a request before its body is
    /// read, and `answer` those that it lets in.
    ///
    /// # Errors
    ///
    /// A system that gives no threads.
    pub(super) fn serve(
        self,
        name: &str,
        admit: impl Fn(&Request) -> Result<(), Reply> + Send + Sync + 'static,
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
            handler: Arc::new(Handler { admit, answer }),
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

/// What becomes of a request.
struct Handler<B, A> {
    admit: B,
    answer: A,
}

struct Serving<B, A> {
    /// Tells who knocks that browsers ask; when it is gone, so is the server.
    asked: SyncSender<()>,
    listener: TcpListener,
    current: Current,
    handler: Arc<Handler<B, A>>,
    stopping: Arc<AtomicBool>,
    busy: Arc<AtomicUsize>,
}

impl<B, A> Serving<B, A>
where
    B: Fn(&Request) -> Result<(), Reply> + Send + Sync + 'static,
    A: Fn(Request) -> Answer + Send + Sync + 'static,
{
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
        let handler = Arc::clone(&self.handler);
        let slot = Slot::take(&self.busy);
        // One that is refused gets a thread as well: its body may take a while to arrive. Without any thread left,
        // tiny_http says that something is wrong.
        let _ = thread::Builder::new()
            .name("request".to_owned())
            .spawn(move || match slot {
                Some(_slot) => respond(request, &handler.admit, &handler.answer),
                None => refuse(
                    request,
                    Reply::error(503, "busy", "too much at once; try again"),
                ),
            });
    }
}

/// One of the requests that are answered at the same time, until it is dropped.
struct Slot(Arc<AtomicUsize>);

impl Slot {
    fn take(busy: &Arc<AtomicUsize>) -> Option<Self> {
        let slot = Self(Arc::clone(busy));
        (busy.fetch_add(1, Ordering::SeqCst) < MAX_REQUESTS).then_some(slot)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
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

fn respond(
    mut request: tiny_http::Request,
    admit: &impl Fn(&Request) -> Result<(), Reply>,
    answer: &impl Fn(Request) -> Answer,
) {
    let mut asked = head_of(&request);
    if let Err(refusal) = admissible(&request, &asked).and_then(|()| admit(&asked)) {
        return refuse(request, refusal);
    }
    let limit = MAX_BODY as u64 + 1;
    let read = request.as_reader().take(limit).read_to_end(&mut asked.body);
    if asked.body.len() > MAX_BODY {
        return refuse(request, too_large());
    }
    if read.is_err() {
        return refuse(
            request,
            Reply::error(400, "invalid_request", "the body is cut off"),
        );
    }
    match answer(asked) {
        Answer::Reply(reply) => send(request, reply),
        Answer::Events(events, headers) => stream(request, &events, &headers),
    }
}

/// All of a request but its body.
fn head_of(request: &tiny_http::Request) -> Request {
    let (path, query) = request.url().split_once('?').unwrap_or((request.url(), ""));
    let headers = request.headers().iter();
    Request {
        method: request.method().to_string(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: headers
            .map(|header| {
                let name = header.field.as_str().as_str().to_ascii_lowercase();
                (name, header.value.as_str().to_owned())
            })
            .collect(),
        body: Vec::new(),
    }
}

/// Whether a body can be read at all, and how long it is.
fn admissible(request: &tiny_http::Request, head: &Request) -> Result<(), Reply> {
    let count = |name: &str| {
        head.headers
            .iter()
            .filter(|(known, _)| known == name)
            .count()
    };
    let lengths = count("content-length");
    if lengths > 1 || lengths + count("transfer-encoding") > 1 {
        return Err(Reply::error(
            400,
            "invalid_request",
            "a body of two lengths",
        ));
    }
    if is_upgrade(request) {
        let message = "there are no web sockets here";
        return Err(Reply::error(400, "invalid_request", message));
    }
    match request.body_length() {
        Some(length) if length > MAX_BODY => Err(too_large()),
        _ => Ok(()),
    }
}

fn too_large() -> Reply {
    let message = format!("more than {} MB", MAX_BODY >> 20);
    Reply::error(413, "too_large", &message)
}

/// Whether what follows the head is no body but another protocol, without an end.
fn is_upgrade(request: &tiny_http::Request) -> bool {
    let mut headers = request.headers().iter();
    let connection = headers.find(|header| header.field.equiv("Connection"));
    connection.is_some_and(|header| {
        let value = header.value.as_str();
        value.to_ascii_lowercase().contains("upgrade")
    })
}

/// Answers a request whose body goes by unread.
fn refuse(mut request: tiny_http::Request, refusal: Reply) {
    if request.body_length() > Some(MAX_REST) {
        // At the end of its connection, tiny_http would make room for all that was announced, and the program would
        // end. No page does this by accident.
        std::mem::forget(request.upgrade("close", response(&refusal)));
        return;
    }
    // No browser sends a body of unknown length to such a server as this.
    if request.body_length().is_some() && !is_upgrade(&request) {
        // Before that, a browser may not listen. One that goes away is no reason to say anything.
        let _ = std::io::copy(request.as_reader(), &mut std::io::sink());
    }
    send(request, refusal);
}

/// A browser that went away is no reason to say anything.
fn send(request: tiny_http::Request, reply: Reply) {
    let _ = request.respond(response(&reply));
}

fn response(reply: &Reply) -> Response<&[u8]> {
    let headers = reply.headers.iter().filter_map(|(name, value)| {
        let header = Header::from_bytes(name.as_bytes(), value.as_bytes());
        debug_assert!(header.is_ok(), "{name}: {value}");
        header.ok()
    });
    let length = reply.body.len();
    Response::new(
        StatusCode(reply.status),
        headers.collect(),
        &*reply.body,
        Some(length),
        None,
    )
    // Pages and scripts are small, and this machine is near: never in chunks.
    .with_chunked_threshold(usize::MAX)
}

/// Sends events in chunks, so that the browser sees when there are no more, and asks again.
fn stream(request: tiny_http::Request, events: &Receiver<String>, headers: &[(String, String)]) {
    let mut writer = request.into_writer();
    let mut head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\
                    Transfer-Encoding: chunked\r\nConnection: close\r\n"
        .to_owned();
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut write = |text: &str| {
        writer
            .write_all(text.as_bytes())
            .and_then(|()| writer.flush())
            .is_ok()
    };
    let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
    let mut is_open = write(&format!("{head}\r\n{}", chunk(": welcome\n\n")));
    while is_open {
        is_open = match events.recv_timeout(PING) {
            Ok(text) => write(&chunk(&text)),
            Err(RecvTimeoutError::Timeout) => write(&chunk(hub::PING)),
            Err(RecvTimeoutError::Disconnected) => {
                write(&chunk(""));
                false
            }
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
