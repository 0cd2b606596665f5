//! tiny_http, behind the [`Gate`] that adds the limits it lacks.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use session::{Body, CHAT_PATH, Service, handle};
use tiny_http::{Header, Response, Server as Http, StatusCode};

use super::EVENTS;
use crate::console;
use crate::hint::Hinted;
use crate::preview::http::gate::{self, Gate, Places, Porch};
use crate::preview::http::guard::bare;
use crate::preview::http::{Client, Reply, Request};
use crate::preview::state::hub;

/// Number of further ports that are tried if one is taken.
const PORTS: u16 = 20;

/// Interval of the signs of life in an event stream.
const PING: Duration = Duration::from_secs(15);

/// Longest wait for the gate to notice the end.
const DOOR: Duration = Duration::from_secs(1);

/// The answer to a request.
pub(in crate::preview) enum Answer {
    Reply(Reply),
    /// A stream that goes on until the page closes.
    Events(Receiver<String>, Vec<(String, String)>),
    /// What the code of the function replies, as it comes.
    Function(Arc<Service>, session::Request),
}

/// A listener that can be bound before anything can answer.
pub(in crate::preview) struct Listener {
    listener: TcpListener,
    pub(in crate::preview) address: SocketAddr,
}

impl Listener {
    /// Takes `port` or, if it is taken, one of the next; 0 means any free port.
    ///
    /// # Errors
    ///
    /// A host that is not this machine's, or ports that are all taken.
    pub(in crate::preview) fn bind(host: &str, port: u16) -> Result<Self> {
        let last = port.saturating_add(if port == 0 { 0 } else { PORTS });
        let mut failed = None;
        for tried in port..=last {
            match TcpListener::bind((bare(host), tried)) {
                Ok(listener) => {
                    // Replies are written in two parts; otherwise the second would wait for 40 ms.
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
        let hint = "choose another port with --port, or an address of this machine with --host";
        Err(anyhow::Error::new(err).context(Hinted::new(
            format!("failed to listen on `{host}`, {ports}"),
            hint,
        )))
    }

    pub(in crate::preview) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Answers requests on separate threads until the result is dropped. `places` are shared by the whole preview.
    ///
    /// # Errors
    ///
    /// A system without free threads or ports.
    pub(in crate::preview) fn serve(
        self,
        name: &str,
        places: &Arc<Places>,
        answer: impl Fn(Request) -> Answer + Send + Sync + 'static,
    ) -> Result<Running> {
        let inside = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let inside = inside.context("failed to listen on this machine")?;
        // Replies are written in two parts; otherwise the second would wait for 40 ms.
        let _ = socket2::SockRef::from(&inside).set_tcp_nodelay(true);
        let stopping = Arc::new(AtomicBool::new(false));
        let gate = Gate {
            places: Arc::clone(places),
            inside: inside.local_addr().context("a listener has an address")?,
            streams: &[EVENTS, CHAT_PATH],
            stopping: Arc::clone(&stopping),
        };
        let porch = Porch::new(gate, self.listener).context("failed to wait for connections")?;
        let current = Arc::default();
        let serving = Serving {
            listener: inside,
            current: Arc::clone(&current),
            answer: Arc::new(answer),
            stopping: Arc::clone(&stopping),
        };
        let door = door(self.address);
        let named = |name: String| thread::Builder::new().name(name);
        let threads = [
            named(format!("{name} gate")).spawn(move || porch.run()),
            named(name.to_owned()).spawn(move || serving.run()),
        ];
        let threads: std::io::Result<_> = threads.into_iter().collect();
        Ok(Running {
            stopping,
            current,
            door,
            threads: threads.context("failed to start a thread")?,
        })
    }
}

/// A running server.
pub(in crate::preview) struct Running {
    stopping: Arc<AtomicBool>,
    current: Current,
    /// The address at which the gate notices the end.
    door: SocketAddr,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect_timeout(&self.door, DOOR);
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = &*current {
            server.unblock();
        }
        drop(current);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// The address at which this machine reaches its own listener.
fn door(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    address
}

/// The server that currently waits for requests.
type Current = Arc<Mutex<Option<Arc<Http>>>>;

struct Serving<A> {
    listener: TcpListener,
    current: Current,
    answer: Arc<A>,
    stopping: Arc<AtomicBool>,
}

impl<A: Fn(Request) -> Answer + Send + Sync + 'static> Serving<A> {
    /// tiny_http stops for good when it fails to accept one connection, so it is created again then.
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

    /// Answers on a new thread; the gate limits their number. If no thread is left, tiny_http replies with an error.
    fn take(&self, request: tiny_http::Request) {
        let answer = Arc::clone(&self.answer);
        let _ = thread::Builder::new()
            .name("request".to_owned())
            .spawn(move || respond(request, &*answer));
    }
}

fn respond(mut request: tiny_http::Request, answer: &impl Fn(Request) -> Answer) {
    match read(&mut request).map(answer) {
        Some(Answer::Reply(reply)) => send(request, &reply),
        Some(Answer::Events(events, headers)) => stream(request, &events, &headers),
        Some(Answer::Function(service, asked)) => call_function(request, &service, &asked),
        None => send(
            request,
            &Reply::error(400, "invalid_request", "not a request"),
        ),
    }
}

/// A request with its body, which the gate has sent in full.
fn read(request: &mut tiny_http::Request) -> Option<Request> {
    let (path, query) = request.url().split_once('?').unwrap_or((request.url(), ""));
    let headers = request.headers().iter().map(|header| {
        let name = header.field.as_str().as_str().to_ascii_lowercase();
        (name, header.value.as_str().to_owned())
    });
    let mut asked = Request {
        method: request.method().to_string(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: headers.collect(),
        ..Request::default()
    };
    let client: IpAddr = asked.header(gate::CLIENT)?.parse().ok()?;
    if !client.is_loopback() {
        asked.client = Client::Other(client);
    }
    request.as_reader().read_to_end(&mut asked.body).ok()?;
    Some(asked)
}

/// Sends a reply. A browser that has gone is not worth a message.
fn send(request: tiny_http::Request, reply: &Reply) {
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
    );
    // Never in chunks: pages and scripts are small, and this machine is near.
    let _ = request.respond(response.with_chunked_threshold(usize::MAX));
}

/// Sends what the function replies: all of it at once, or pieces as they come, until the client goes.
fn call_function(request: tiny_http::Request, service: &Service, asked: &session::Request) {
    let session::Response {
        status,
        headers,
        body,
    } = handle(service, asked);
    let pieces = match body {
        Body::Stream(pieces) => pieces,
        Body::Bytes(body) => {
            let reply = Reply {
                status,
                headers,
                body,
            };
            return send(request, &reply);
        }
    };
    let mut writer = request.into_writer();
    let mut head = format!("HTTP/1.1 {status} OK\r\nTransfer-Encoding: chunked\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut bytes = format!("{head}\r\n").into_bytes();
    for piece in pieces.map(Some).chain([None]) {
        match piece {
            // Who has gone is noticed only by writing: a zero before the length of the next chunk, which means nothing.
            Some(piece) if piece.is_empty() => bytes.push(b'0'),
            piece => {
                let piece = piece.unwrap_or_default();
                bytes.extend(format!("{:x}\r\n", piece.len()).as_bytes());
                bytes.extend(piece);
                bytes.extend(b"\r\n");
            }
        }
        if writer
            .write_all(&bytes)
            .and_then(|()| writer.flush())
            .is_err()
        {
            return;
        }
        bytes.clear();
    }
}

/// Sends events in chunks, so that the browser notices the end of the stream and connects again.
fn stream(request: tiny_http::Request, events: &Receiver<String>, headers: &[(String, String)]) {
    let mut writer = request.into_writer();
    let mut head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\
                    Transfer-Encoding: chunked\r\n"
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

/// Prints the port in use if the wanted one is taken.
pub(in crate::preview) fn say_port(wanted: u16, taken: u16) {
    if wanted != 0 && wanted != taken {
        console::status("port", format_args!("{wanted} is in use, using {taken}"));
    }
}
