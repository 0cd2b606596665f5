//! The gate between the network and tiny_http, which has no limits of its own.
//!
//! tiny_http reads a head of any length for as long as it takes, gives each connection a thread, and can neither list
//! nor close its connections. So it listens on this machine only, and the gate listens on the address that browsers
//! know:
//!
//! ```text
//! browser ─▶ gate ─ a whole request, on a connection of its own ─▶ tiny_http ─▶ reply ─▶ gate ─▶ browser
//! ```
//!
//! - One thread holds all connections without a complete request. They cost only the bytes that they have sent, which
//!   are limited, and so is their time. If there are too many, the one that has waited longest is closed: idle and
//!   slow connections never keep out somebody who sends a request at once.
//! - A complete request gets a thread, if a place is free. Requests, large bodies and event streams have separate
//!   places, for each client and for the network: none of them takes those of another.
//! - This machine counts as one client and not as part of the network: strangers do not keep its owner out.
//!
//! Each connection carries one request. So the gate need not look at what follows it, and tiny_http's threads are
//! free again as soon as they have read the head.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream as Visitor};
use mio::{Events, Interest, Poll, Registry, Token};
use socket2::SockRef;
use tiny_http::StatusCode;

use crate::preview::http::{Client, Reply};

/// Most bytes of a request's head. A head over the guard's own limit gets the guard's message; the rest is cut here.
const MAX_HEAD: usize = 64 * 1024;

/// Most bytes of a request's body: larger than any paste, so that a paste that is too long gets its own message.
const MAX_BODY: usize = 8 * 1024 * 1024;

/// Most bytes of a body that is read together with the head.
const SMALL_BODY: usize = 64 * 1024;

/// Most bytes of a refused request that are read and discarded.
const MAX_REST: usize = 4 * MAX_BODY;

/// Longest time for a request to arrive, and for the client to take one more piece of a reply.
const PATIENCE: Duration = Duration::from_secs(10);

/// Longest time for a large body to arrive, and for the client to take a whole reply.
const LONG_PATIENCE: Duration = Duration::from_secs(60);

/// Pause before looking for a free file descriptor again.
const BREATH: Duration = Duration::from_millis(50);

/// Most connections that are accepted before the open ones are served again.
const ACCEPTED: usize = 32;

/// Bytes of a thread's stack: large values are not on it.
const STACK: usize = 128 * 1024;

/// Bytes that are copied at once.
const CHUNK: usize = 16 * 1024;

/// Tells that a connection carries one request.
const CLOSE: &str = "Connection: close\r\n";

/// The header that tells tiny_http's side who the client is. It precedes the client's own headers, and the first
/// counts.
pub(in crate::preview) const CLIENT: &str = "preview-client";

/// The most that may be in use at once.
pub(in crate::preview) struct Limits {
    pub(in crate::preview) of_this_machine: usize,
    pub(in crate::preview) of_another: usize,
    pub(in crate::preview) of_all_others: usize,
}

impl Limits {
    /// Returns whether there is room for one more of a client, besides its `own` and those of `all` others.
    pub(in crate::preview) fn allow(&self, client: Client, own: usize, all_others: usize) -> bool {
        match client {
            Client::ThisMachine => own < self.of_this_machine,
            Client::Other(_) => own < self.of_another && all_others < self.of_all_others,
        }
    }
}

/// Limits of connections without a complete request.
const WAITING: Limits = Limits {
    of_this_machine: 256,
    of_another: 64,
    of_all_others: 256,
};

/// The purpose of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Request,
    LargeBody,
    Stream,
    Refusal,
}

impl Kind {
    /// A browser opens up to six connections to each of the preview's two addresses.
    fn limits(self) -> Limits {
        let (of_this_machine, of_another, of_all_others) = match self {
            Self::Request => (128, 32, 128),
            Self::LargeBody => (8, 2, 8),
            Self::Stream => (64, 24, 64),
            Self::Refusal => (32, 8, 32),
        };
        Limits {
            of_this_machine,
            of_another,
            of_all_others,
        }
    }
}

/// The requests of a preview, over both of its addresses.
#[derive(Default)]
pub(in crate::preview) struct Places {
    taken: Mutex<HashMap<(Kind, Client), usize>>,
}

impl Places {
    fn take(self: &Arc<Self>, kind: Kind, client: Client) -> Option<Place> {
        let mut taken = self.lock();
        let own = taken.get(&(kind, client)).copied().unwrap_or_default();
        let others = taken
            .iter()
            .filter(|((other, client), _)| *other == kind && *client != Client::ThisMachine);
        let all_others = others.map(|(_, count)| count).sum();
        let is_free = kind.limits().allow(client, own, all_others);
        is_free.then(|| {
            taken.insert((kind, client), own + 1);
            Place {
                places: Arc::clone(self),
                of: (kind, client),
            }
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(Kind, Client), usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A taken place, free again when it is dropped.
struct Place {
    places: Arc<Places>,
    of: (Kind, Client),
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        if let Some(count) = taken.get_mut(&self.of) {
            *count -= 1;
        }
        taken.retain(|_, count| *count > 0);
    }
}

/// A connection without a complete request.
struct Waiting {
    stream: Visitor,
    client: Client,
    deadline: Instant,
    bytes: Vec<u8>,
    /// The number of bytes that are known not to contain the end of the head.
    searched: usize,
    head: Option<Head>,
}

/// The state of a connection after a read.
enum Progress {
    /// More bytes are needed.
    Waits,
    Arrived(Head),
    Refused(Reply),
    /// Closed by the other side.
    Gone,
}

impl Waiting {
    /// Reads the bytes that have arrived, but no more than are needed.
    fn read(&mut self) -> Progress {
        let mut chunk = [0; CHUNK];
        loop {
            match self.arrived() {
                Ok(None) => {}
                Ok(Some(head)) => return Progress::Arrived(head),
                Err(reply) => return Progress::Refused(reply),
            }
            match self.stream.read(&mut chunk) {
                Ok(0) => return Progress::Gone,
                Ok(read) => self.bytes.extend_from_slice(&chunk[..read]),
                Err(err) if err.kind() == io::ErrorKind::WouldBlock => return Progress::Waits,
                Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Progress::Gone,
            }
        }
    }

    /// The head, once it is complete, with its body if that is small.
    fn arrived(&mut self) -> Result<Option<Head>, Reply> {
        if self.head.is_none() {
            self.head = self.find_head()?;
        }
        let is_whole = |head: &Head| {
            let is_small = head.body <= SMALL_BODY;
            !is_small || self.bytes.len() >= head.length + head.body
        };
        Ok(self.head.clone().filter(is_whole))
    }

    fn find_head(&mut self) -> Result<Option<Head>, Reply> {
        const END: &[u8] = b"\r\n\r\n";
        let mut windows = self.bytes[self.searched..].windows(END.len());
        if let Some(at) = windows.position(|window| window == END) {
            return Head::parse(&self.bytes[..self.searched + at + END.len()]).map(Some);
        }
        self.searched = self.bytes.len().saturating_sub(END.len() - 1);
        match self.bytes.len() > MAX_HEAD {
            true => Err(Reply::error(
                431,
                "too_large",
                "more than 64 KiB of headers",
            )),
            false => Ok(None),
        }
    }
}

/// The facts about a request that the gate needs.
#[derive(Clone, Debug, PartialEq)]
struct Head {
    /// Length of the head itself.
    length: usize,
    /// Bytes of the body.
    body: usize,
    /// Without the query.
    path: String,
}

impl Head {
    /// Reads a head: `bytes` end with the empty line.
    ///
    /// # Errors
    ///
    /// The reply to a request that is refused.
    fn parse(bytes: &[u8]) -> Result<Self, Reply> {
        let invalid = |message| Err(Reply::error(400, "invalid_request", message));
        let mut headers = [httparse::EMPTY_HEADER; 100];
        let mut request = httparse::Request::new(&mut headers);
        let parsed = request.parse(bytes);
        if parsed != Ok(httparse::Status::Complete(bytes.len())) || !bytes.is_ascii() {
            return invalid("not a request");
        }
        let values = |name: &'static str| {
            let headers = request.headers.iter();
            let named = headers.filter(move |header| header.name.eq_ignore_ascii_case(name));
            named.map(|header| String::from_utf8_lossy(header.value).to_ascii_lowercase())
        };
        // No browser sends a body of unknown length to such a server.
        if values("transfer-encoding").next().is_some() {
            return invalid("a body of unknown length");
        }
        if values("connection").any(|value| value.contains("upgrade")) {
            return invalid("web sockets are not supported here");
        }
        let mut lengths = values("content-length");
        let body = lengths.next().unwrap_or_else(|| "0".to_owned());
        if lengths.next().is_some() {
            return invalid("a body with two lengths");
        }
        if body.is_empty() || !body.bytes().all(|byte| byte.is_ascii_digit()) {
            return invalid("a body without a length");
        }
        let path = request.path.unwrap_or_default().split('?').next();
        match body.parse() {
            Ok(body) if body <= MAX_BODY => Ok(Self {
                length: bytes.len(),
                body,
                path: path.unwrap_or_default().to_owned(),
            }),
            _ => Err(Reply::error(413, "too_large", "more than 8 MB")),
        }
    }
}

/// The gate of one address.
#[derive(Clone)]
pub(in crate::preview) struct Gate {
    pub(in crate::preview) places: Arc<Places>,
    /// The address that tiny_http listens on.
    pub(in crate::preview) inside: SocketAddr,
    /// The paths whose replies come piece by piece.
    pub(in crate::preview) streams: &'static [&'static str],
    pub(in crate::preview) stopping: Arc<AtomicBool>,
}

impl Gate {
    /// Answers on a new thread. Without a free place or thread, the connection is closed.
    fn answer(&self, waiting: Waiting, asked: Result<Head, Reply>) {
        let Waiting {
            stream,
            client,
            bytes,
            ..
        } = waiting;
        let (kind, asked) = match asked {
            Ok(head) => (self.kind_of(&head), Ok(head)),
            Err(reply) => (Kind::Refusal, Err(reply)),
        };
        let (place, asked) = match self.places.take(kind, client) {
            Some(place) => (Some(place), asked),
            None => (
                self.places.take(Kind::Refusal, client),
                Err(Reply::error(
                    503,
                    "busy",
                    "too many requests at once; try again",
                )),
            ),
        };
        let Some(place) = place else {
            return;
        };
        let gate = self.clone();
        let thread = thread::Builder::new()
            .name("connection".to_owned())
            .stack_size(STACK);
        let _ = thread.spawn(move || {
            let stream = TcpStream::from(stream);
            let passed = match asked {
                Ok(head) => gate.pass(&stream, bytes, &head, place.of),
                Err(reply) => refuse(&stream, &reply),
            };
            // A browser that has gone is not worth a message.
            drop((passed, place));
        });
    }

    fn kind_of(&self, head: &Head) -> Kind {
        if head.body > SMALL_BODY {
            Kind::LargeBody
        } else if self.streams.contains(&head.path.as_str()) {
            Kind::Stream
        } else {
            Kind::Request
        }
    }

    /// Forwards a request, and sends back the reply.
    fn pass(
        &self,
        stream: &TcpStream,
        mut request: Vec<u8>,
        head: &Head,
        (kind, client): (Kind, Client),
    ) -> io::Result<()> {
        prepare(stream)?;
        if !read_body(stream, &mut request, head.length + head.body)? {
            let reply = Reply::error(408, "too_slow", "the request did not arrive in time");
            return refuse(stream, &reply);
        }
        let mut inside = TcpStream::connect(self.inside)?;
        inside.set_nodelay(true)?;
        inside.write_all(&announced(&request, client))?;
        inside.shutdown(Shutdown::Write)?;
        drop(request);
        let brought = bring_back(&mut inside, stream, kind);
        if brought.is_err() {
            // Closed at once, so that tiny_http's side fails with its next write and not the one after it.
            let _ = SockRef::from(&inside).set_linger(Some(Duration::ZERO));
        }
        brought
    }
}

/// The token of the listener. Those of connections count up from it, so that the first has waited longest.
const LISTENER: Token = Token(0);

/// The connections that wait at a gate.
pub(in crate::preview) struct Porch {
    gate: Gate,
    listener: TcpListener,
    poll: Poll,
    registry: Registry,
    waiting: BTreeMap<usize, Waiting>,
    next: usize,
}

impl Porch {
    /// # Errors
    ///
    /// A system that cannot wait for several connections at once.
    pub(in crate::preview) fn new(gate: Gate, listener: std::net::TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let mut listener = TcpListener::from_std(listener);
        let poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        registry.register(&mut listener, LISTENER, Interest::READABLE)?;
        Ok(Self {
            gate,
            listener,
            poll,
            registry,
            waiting: BTreeMap::new(),
            next: LISTENER.0 + 1,
        })
    }

    /// Accepts requests until the gate is `stopping`, which is noticed with the next connection.
    pub(in crate::preview) fn run(mut self) {
        let mut events = Events::with_capacity(256);
        while !self.gate.stopping.load(Ordering::SeqCst) {
            let again = self.accept();
            let patience = [again, self.close_overdue()].into_iter().flatten().min();
            match self.poll.poll(&mut events, patience) {
                Ok(()) => events.iter().for_each(|event| self.read(event.token())),
                // A signal, or a system without memory.
                Err(_) => thread::sleep(BREATH),
            }
        }
    }

    /// Accepts some of the new connections. Returns when to try again, if the system will not tell.
    fn accept(&mut self) -> Option<Duration> {
        for _ in 0..ACCEPTED {
            match self.listener.accept() {
                Ok((stream, peer)) => self.welcome(stream, peer),
                Err(err) if err.kind() == io::ErrorKind::WouldBlock => return None,
                // The client has gone, or no file descriptor is left: waiting connections close within seconds.
                Err(_) => return Some(BREATH),
            }
        }
        Some(Duration::ZERO)
    }

    fn welcome(&mut self, mut stream: Visitor, peer: SocketAddr) {
        let client = client(&stream, peer);
        self.make_room(client);
        let token = Token(self.next);
        if self
            .registry
            .register(&mut stream, token, Interest::READABLE)
            .is_ok()
        {
            self.next += 1;
            let waiting = Waiting {
                stream,
                client,
                deadline: Instant::now() + PATIENCE,
                bytes: Vec::new(),
                searched: 0,
                head: None,
            };
            self.waiting.insert(token.0, waiting);
        }
    }

    /// Closes the connection that has waited longest, of this client or of the network, if one more would be too
    /// many.
    fn make_room(&mut self, client: Client) {
        let count = |is_one: &dyn Fn(Client) -> bool| {
            let clients = self.waiting.values().map(|waiting| waiting.client);
            clients.filter(|other| is_one(*other)).count()
        };
        let own = count(&|other| other == client);
        let all_others = count(&|other| other != Client::ThisMachine);
        if WAITING.allow(client, own, all_others) {
            return;
        }
        let is_full = WAITING.allow(client, 0, all_others);
        let mut waiting = self.waiting.iter();
        let longest = waiting.find(|(_, waiting)| match is_full {
            true => waiting.client == client,
            false => waiting.client != Client::ThisMachine,
        });
        if let Some(longest) = longest.map(|(token, _)| *token) {
            self.waiting.remove(&longest);
        }
    }

    /// Closes overdue connections. Returns the time until the next one is due.
    fn close_overdue(&mut self) -> Option<Duration> {
        loop {
            let (&token, waiting) = self.waiting.first_key_value()?;
            let left = waiting.deadline.saturating_duration_since(Instant::now());
            if !left.is_zero() {
                return Some(left);
            }
            // Browsers open connections before they need them, and expect no reply on those.
            if waiting.bytes.is_empty() {
                self.waiting.remove(&token);
            } else {
                let reply = Reply::error(408, "too_slow", "the request did not arrive in time");
                self.leave(token, Err(reply));
            }
        }
    }

    fn read(&mut self, Token(token): Token) {
        let Some(waiting) = self.waiting.get_mut(&token) else {
            return;
        };
        match waiting.read() {
            Progress::Waits => {}
            Progress::Arrived(head) => self.leave(token, Ok(head)),
            Progress::Refused(reply) => self.leave(token, Err(reply)),
            Progress::Gone => {
                self.waiting.remove(&token);
            }
        }
    }

    fn leave(&mut self, token: usize, asked: Result<Head, Reply>) {
        if let Some(mut waiting) = self.waiting.remove(&token)
            && self.registry.deregister(&mut waiting.stream).is_ok()
        {
            self.gate.answer(waiting, asked);
        }
    }
}

/// Counts all addresses of this machine as one client.
fn client(stream: &Visitor, peer: SocketAddr) -> Client {
    let address = peer.ip().to_canonical();
    let own = stream.local_addr().map(|own| own.ip().to_canonical());
    match address.is_loopback() || own.is_ok_and(|own| own == address) {
        true => Client::ThisMachine,
        false => Client::Other(address),
    }
}

fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(PATIENCE))
}

/// Reads up to `end` and ignores what follows. Returns whether all of it came in time.
fn read_body(mut stream: &TcpStream, request: &mut Vec<u8>, end: usize) -> io::Result<bool> {
    let deadline = Instant::now() + LONG_PATIENCE;
    let mut chunk = [0; CHUNK];
    request.truncate(end);
    while request.len() < end {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(false);
        }
        stream.set_read_timeout(Some(left))?;
        let most = CHUNK.min(end - request.len());
        match stream.read(&mut chunk[..most])? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => request.extend_from_slice(&chunk[..read]),
        }
    }
    Ok(true)
}

/// The request as tiny_http receives it.
fn announced(request: &[u8], client: Client) -> Vec<u8> {
    let address = match client {
        Client::ThisMachine => IpAddr::V4(Ipv4Addr::LOCALHOST),
        Client::Other(address) => address,
    };
    with_headers(request, &format!("{CLOSE}{CLIENT}: {address}\r\n"))
}

/// A head, or the start of one, with more lines after its first.
fn with_headers(head: &[u8], lines: &str) -> Vec<u8> {
    let first = head.windows(2).position(|window| window == b"\r\n");
    let (first, rest) = head.split_at(first.map_or(0, |at| at + 2));
    [first, lines.as_bytes(), rest].concat()
}

/// Copies the reply, and adds that no other follows on this connection, which tiny_http does not say. An event stream
/// has no end, and sends a sign of life from time to time.
fn bring_back(inside: &mut TcpStream, stream: &TcpStream, kind: Kind) -> io::Result<()> {
    let deadline = (kind != Kind::Stream).then(|| Instant::now() + LONG_PATIENCE);
    let mut chunk = [0; CHUNK];
    let mut first = Vec::new();
    while !first.contains(&b'\n') {
        match inside.read(&mut chunk)? {
            0 => return Ok(()),
            read => first.extend_from_slice(&chunk[..read]),
        }
    }
    write(stream, &with_headers(&first, CLOSE), deadline)?;
    loop {
        match inside.read(&mut chunk)? {
            0 => return Ok(()),
            _ if kind == Kind::Stream && is_gone(stream)? => {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            read => write(stream, &chunk[..read], deadline)?,
        }
    }
}

/// Returns whether the browser has closed the connection: the first write after that still succeeds. What it sends
/// instead is not read.
fn is_gone(stream: &TcpStream) -> io::Result<bool> {
    stream.set_nonblocking(true)?;
    let peeked = stream.peek(&mut [0]);
    stream.set_nonblocking(false)?;
    match peeked {
        Ok(count) => Ok(count == 0),
        Err(err) => Ok(!matches!(
            err.kind(),
            io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
        )),
    }
}

fn write(mut stream: &TcpStream, bytes: &[u8], deadline: Option<Instant>) -> io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        if deadline.is_some_and(|deadline| Instant::now() > deadline) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        match stream.write(rest)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            written => rest = &rest[written..],
        }
    }
    Ok(())
}

/// Sends our own reply, then reads what still arrives: a browser may not read the reply before it has sent
/// everything.
fn refuse(mut stream: &TcpStream, reply: &Reply) -> io::Result<()> {
    prepare(stream)?;
    let reason = StatusCode(reply.status).default_reason_phrase();
    let mut head = format!("HTTP/1.1 {} {reason}\r\n{CLOSE}", reply.status);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", reply.body.len()));
    stream.write_all(&[head.as_bytes(), &reply.body].concat())?;
    stream.shutdown(Shutdown::Write)?;
    let deadline = Instant::now() + PATIENCE;
    let mut chunk = [0; CHUNK];
    let mut rest = MAX_REST;
    while rest > 0 {
        // A timeout of zero would mean none at all, and is an error.
        let left = deadline.saturating_duration_since(Instant::now());
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut chunk)? {
            0 => return Ok(()),
            read => rest = rest.saturating_sub(read),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(head: &str) -> u16 {
        Head::parse(head.as_bytes()).map_or_else(|reply| reply.status, |_| 200)
    }

    fn other(number: u8) -> Client {
        Client::Other(IpAddr::V4(Ipv4Addr::new(192, 168, 1, number)))
    }

    /// Takes as many places as there are.
    fn fill(places: &Arc<Places>, kind: Kind, client: Client) -> Vec<Place> {
        std::iter::from_fn(|| places.take(kind, client)).collect()
    }

    #[test]
    fn a_head_says_how_much_follows_and_what_is_asked() {
        let text = "POST /_/events?draft=a HTTP/1.1\r\nHost: a\r\ncontent-length: 12\r\n\r\n";
        let head = Head {
            length: text.len(),
            body: 12,
            path: "/_/events".to_owned(),
        };
        assert_eq!(Head::parse(text.as_bytes()).unwrap(), head);
        assert_eq!(Head::parse(b"GET / HTTP/1.0\r\n\r\n").unwrap().body, 0);
    }

    #[test]
    fn what_two_readers_could_read_in_two_ways_is_refused() {
        for (lines, expected) in [
            ("Content-Length: 3\r\nContent-Length: 3", 400),
            ("Content-Length: 3\r\nTransfer-Encoding: chunked", 400),
            ("Transfer-Encoding: chunked", 400),
            ("Content-Length: +3", 400),
            ("Content-Length: 3, 3", 400),
            ("Content-Length:", 400),
            ("Content-Length: 8388608", 200),
            ("Content-Length: 8388609", 413),
            ("Content-Length: 99999999999999999999999", 413),
            ("Connection: keep-alive, Upgrade", 400),
            ("X: \u{e4}", 400),
            ("X: a\rb", 400),
            (" folded: 1", 400),
        ] {
            let head = format!("POST / HTTP/1.1\r\n{lines}\r\n\r\n");
            assert_eq!(status(&head), expected, "{lines}");
        }
        for head in [
            "\r\n\r\n",
            "GET /\r\n\r\n",
            "GET / HTTP/2.0\r\n\r\n",
            "G\u{0}T / HTTP/1.1\r\n\r\n",
        ] {
            assert_eq!(status(head), 400, "{head:?}");
        }
    }

    #[test]
    fn streams_and_large_bodies_leave_the_places_of_requests_alone() {
        let places = Arc::default();
        let client = other(1);
        let held = [Kind::Stream, Kind::LargeBody, Kind::Refusal].map(|kind| {
            let taken = fill(&places, kind, client);
            assert!(!taken.is_empty(), "{kind:?}");
            taken
        });
        assert!(places.take(Kind::Request, client).is_some());
        drop(held);
        assert!(places.lock().is_empty());
    }

    #[test]
    fn one_client_leaves_places_to_another_and_the_network_to_this_machine() {
        for kind in [Kind::Request, Kind::LargeBody, Kind::Stream, Kind::Refusal] {
            let places = Arc::default();
            let one = fill(&places, kind, other(1));
            assert!(places.take(kind, other(2)).is_some(), "{kind:?}");
            let all: Vec<_> = (2..=9)
                .map(|each| fill(&places, kind, other(each)))
                .collect();
            assert!(places.take(kind, other(10)).is_none(), "{kind:?}");
            let own = fill(&places, kind, Client::ThisMachine);
            let Limits {
                of_this_machine,
                of_another,
                of_all_others,
            } = kind.limits();
            assert_eq!((own.len(), one.len()), (of_this_machine, of_another));
            let others = one.len() + all.iter().map(Vec::len).sum::<usize>();
            assert_eq!(others, of_all_others);
        }
    }

    #[test]
    fn what_tiny_http_gets_says_first_who_asks_and_that_nothing_follows() {
        let request =
            b"POST / HTTP/1.1\r\nPreview-Client: 1.2.3.4\r\nConnection: keep-alive\r\n\r\nab";
        let announced = String::from_utf8(announced(request, other(7))).unwrap();
        assert_eq!(
            announced,
            "POST / HTTP/1.1\r\nConnection: close\r\npreview-client: 192.168.1.7\r\n\
             Preview-Client: 1.2.3.4\r\nConnection: keep-alive\r\n\r\nab"
        );
    }
}
