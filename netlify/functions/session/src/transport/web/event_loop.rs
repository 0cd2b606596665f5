//! The one thread that reads from and writes to all connections.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::task::Poll;
use std::thread::Scope;
use std::time::{Duration, Instant, SystemTime};

use mio::event::Event;
use mio::net::TcpListener;
use mio::{Events, Interest, Token, Waker};

use crate::Service;
use crate::addresses::Endpoint;
use crate::endpoint::{Step, Waiting};
use crate::error::RequestError;
use crate::http::{Body, Request, Response};
use crate::transport::web::client;
use crate::transport::web::connection::{Connection, State};
use crate::transport::web::files::Files;
use crate::transport::web::input::Asked;
use crate::transport::web::limits::Limits;
use crate::transport::web::parse::Head;
use crate::transport::web::reply::{Content, Reply};
use crate::transport::web::streams::{self, Outgoing};
use crate::transport::web::workers::{Done, Job, Queue, Shared};

const LISTENER: Token = Token(0);
const WAKER: Token = Token(1);
/// Most steps for one connection, most accepts, and most replies from workers before others have their turn.
const TURN: usize = 64;
/// Interval of checking deadlines.
const TICK: Duration = Duration::from_millis(250);
/// Time for which fewer connections are kept after the system ran out of resources.
const SHORTAGE: Duration = Duration::from_secs(60);
/// The longest wait at the end for letters to the site's owner that are on their way.
const LAST_LETTERS: Duration = Duration::from_secs(2);

/// An HTTP server, bound to its port.
pub struct Server {
    poll: mio::Poll,
    /// `None` once the server was told to stop.
    listener: Option<TcpListener>,
    address: SocketAddr,
    stopper: Stopper,
    files: Files,
    limits: Limits,
    /// Most open connections now: the limit, or fewer after the system ran out of resources.
    most: usize,
    /// The end of the time with fewer connections.
    short_until: Option<Instant>,
    connections: HashMap<Token, Connection>,
    next_token: usize,
    /// Connections whose turn ended before their work, so that no event will wake them.
    unfinished: Vec<Token>,
    /// Prefix of every request's id, so that two runs of a container do not share ids.
    run_id: u32,
}

/// Stops a [`Server`] from another thread, or from a signal handler.
#[derive(Clone)]
pub struct Stopper {
    stop: Arc<AtomicBool>,
    waker: Arc<Waker>,
}

impl Stopper {
    /// Accepts no more connections; requests that have arrived are still answered.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        // A server that has ended needs no waking.
        let _ = self.waker.wake();
    }
}

impl Server {
    /// Binds the port; clients may connect from now on.
    pub fn bind(address: SocketAddr, files: Files, limits: Limits) -> io::Result<Server> {
        let poll = mio::Poll::new()?;
        let mut listener = TcpListener::bind(address)?;
        let registry = poll.registry();
        registry.register(&mut listener, LISTENER, Interest::READABLE)?;
        let mut run_id = [0; 4];
        // Only to tell runs apart: without random numbers, their times differ.
        let _ = getrandom::fill(&mut run_id);
        Ok(Server {
            address: listener.local_addr()?,
            listener: Some(listener),
            stopper: Stopper {
                stop: Arc::default(),
                waker: Arc::new(Waker::new(registry, WAKER)?),
            },
            poll,
            files,
            most: limits.connections,
            short_until: None,
            limits,
            connections: HashMap::new(),
            next_token: WAKER.0 + 1,
            unfinished: Vec::new(),
            run_id: u32::from_be_bytes(run_id),
        })
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A handle that stops it.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Answers requests until it is stopped. A separate thread writes the log.
    pub fn run(mut self, service: &Service) -> io::Result<()> {
        service.log().write_behind()?;
        // Whatever starts this behind a gateway may freeze it.
        if !self.limits.has_gateway {
            service.background().stay_awake();
        }
        let (sender, done) = channel();
        let waker = Arc::clone(&self.stopper.waker);
        let (queue, shared) = Queue::new(service, &waker, sender, &self.limits);
        let outcome = std::thread::scope(|scope| {
            let mut workers = Workers {
                queue,
                shared: &shared,
                scope,
            };
            self.serve(&mut workers, &done)
        });
        service.background().finish(LAST_LETTERS);
        service.log().flush();
        outcome
    }

    fn serve(
        &mut self,
        workers: &mut Workers<'_, '_, '_>,
        done: &Receiver<Done>,
    ) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        let mut next_tick = Instant::now() + TICK;
        let mut end = None;
        loop {
            let wait = match self.unfinished.is_empty() {
                true => next_tick.saturating_duration_since(Instant::now()),
                false => Duration::ZERO,
            };
            match self.poll.poll(&mut events, Some(wait)) {
                Err(err) if err.kind() != ErrorKind::Interrupted => return Err(err),
                _ => {}
            }
            let unfinished = std::mem::take(&mut self.unfinished);
            for token in events.iter().map(Event::token).chain(unfinished) {
                match token {
                    LISTENER => self.accept(workers),
                    WAKER => {}
                    token => self.advance(token, workers),
                }
            }
            self.take_replies(workers, done);
            let now = Instant::now();
            if self.stopper.stop.load(Ordering::Acquire) {
                self.listener = None;
                // Complete requests are answered; incomplete ones are not waited for.
                let unfinished = match end {
                    None => self.unfinished.as_slice(),
                    Some(_) => &[],
                };
                self.connections.retain(|token, connection| {
                    connection.state != State::Reading || unfinished.contains(token)
                });
                let end = *end.get_or_insert(now + self.limits.drain);
                let shared = workers.shared;
                let is_done =
                    self.connections.is_empty() && shared.streams.load(Ordering::Acquire) == 0;
                if is_done || now >= end {
                    shared.service.stop();
                    return Ok(());
                }
            }
            if now >= next_tick {
                next_tick = now + TICK;
                self.connections
                    .retain(|_, connection| connection.deadline > now);
                self.shed();
                self.accept_more(workers, now);
                // Also what a failed accept has left.
                self.accept(workers);
            }
        }
    }

    /// Passes on replies from workers; not all at once, because they keep coming.
    fn take_replies(&mut self, workers: &mut Workers<'_, '_, '_>, done: &Receiver<Done>) {
        for _ in 0..TURN {
            let Ok(Done { connection, reply }) = done.try_recv() else {
                return;
            };
            if let Some(waiting) = self.connections.get_mut(&connection) {
                waiting.reply(reply, &self.limits);
                self.advance(connection, workers);
            }
        }
        self.unfinished.push(WAKER);
    }

    fn accept(&mut self, workers: &mut Workers<'_, '_, '_>) {
        for _ in 0..TURN {
            let Some(listener) = &self.listener else {
                return;
            };
            match listener.accept() {
                Ok((stream, peer)) => {
                    if self.connections.len() >= self.most {
                        self.make_room();
                    }
                    let token = Token(self.next_token);
                    self.next_token += 1;
                    let mut connection = Connection::new(stream, peer.ip(), &self.limits);
                    // Otherwise a small reply waits for the client's delayed acknowledgement.
                    let _ = connection.stream().set_nodelay(true);
                    let both = Interest::READABLE | Interest::WRITABLE;
                    let registry = self.poll.registry();
                    if registry.register(connection.stream(), token, both).is_ok() {
                        self.connections.insert(token, connection);
                        self.advance(token, workers);
                    }
                }
                Err(err) if err.kind() == ErrorKind::WouldBlock => return,
                Err(err) if is_one_connection(err.kind()) => {}
                Err(err) => return self.accept_fewer(&err, workers),
            }
        }
        self.unfinished.push(LISTENER);
    }

    /// The limit on open files is reached: for a while, keeps fewer connections, so that the upstream's can still be
    /// opened.
    fn accept_fewer(&mut self, err: &io::Error, workers: &Workers<'_, '_, '_>) {
        self.short_until = Some(Instant::now() + SHORTAGE);
        let fewer = (self.connections.len() * 3 / 4).max(fewest());
        if fewer < self.most {
            self.most = fewer;
            let note = format!("failed to accept a connection, now keeping {fewer}: {err}");
            workers.shared.service.log().note(&note);
        }
        let before = self.connections.len();
        self.make_room();
        if self.connections.len() < before {
            // There is room now for the connection that waits.
            self.unfinished.push(LISTENER);
        }
    }

    /// The system may have recovered by now. If not, the next failed accept tells.
    fn accept_more(&mut self, workers: &Workers<'_, '_, '_>, now: Instant) {
        if self.short_until.take_if(|end| *end <= now).is_some() {
            self.most = self.limits.connections;
            let note = format!("keeping up to {} connections again", self.most);
            workers.shared.service.log().note(&note);
        }
    }

    /// Closes the connections that have waited longest, an eighth of all at once, because searching takes time: idle
    /// ones first, then those with an incomplete request, then those that do not take their reply. Only those that
    /// wait for a worker stay, and there are never many.
    fn make_room(&mut self) {
        let most = self.most - self.most / 8;
        let excess = self.connections.len().saturating_sub(most);
        let mut waiting: Vec<_> = self
            .connections
            .iter()
            .filter(|(_, connection)| connection.state != State::Working)
            .map(|(token, connection)| {
                let rank = match connection.state {
                    State::Writing => 2,
                    _ => u8::from(!connection.is_idle()),
                };
                (rank, connection.deadline, token.0)
            })
            .collect();
        waiting.sort_unstable();
        for (_, _, token) in waiting.into_iter().take(excess) {
            self.connections.remove(&Token(token));
        }
    }

    /// Closes the connections that keep most of an incomplete request, if all together keep too much: anybody can begin
    /// a large message, and only a complete one is looked at.
    fn shed(&mut self) {
        let kept = self
            .connections
            .iter()
            .map(|(token, connection)| (connection.kept(), *token));
        let mut kept: Vec<_> = kept.filter(|(bytes, _)| *bytes > 0).collect();
        let mut total: usize = kept.iter().map(|(bytes, _)| bytes).sum();
        kept.sort_unstable();
        while total > self.limits.incomplete {
            let Some((bytes, token)) = kept.pop() else {
                return;
            };
            total -= bytes;
            self.connections.remove(&token);
        }
    }

    /// Does everything for one connection that needs no waiting.
    fn advance(&mut self, token: Token, workers: &mut Workers<'_, '_, '_>) {
        for _ in 0..TURN {
            let Some(connection) = self.connections.get_mut(&token) else {
                return;
            };
            match connection.state {
                State::Reading => match connection.read(&self.limits) {
                    Poll::Ready(Some(asked)) => self.answer(token, asked, workers),
                    Poll::Ready(None) => {}
                    Poll::Pending => return,
                },
                State::Writing => {
                    if connection.write(&self.limits).is_pending() {
                        return;
                    }
                }
                State::Working => return,
                State::Closing => {
                    if connection.drain().is_pending() {
                        return;
                    }
                }
                State::Closed => {
                    self.connections.remove(&token);
                }
            }
        }
        self.unfinished.push(token);
    }

    fn answer(
        &mut self,
        token: Token,
        asked: Result<Asked, RequestError>,
        workers: &mut Workers<'_, '_, '_>,
    ) {
        let id = format!("{:08x}-{}", self.run_id, token.0);
        let service = workers.shared.service;
        let Some(connection) = self.connections.get_mut(&token) else {
            return;
        };
        let (mut head, body) = match asked {
            Ok(Asked { head, body }) => (head, body),
            Err(err) => {
                let response = crate::endpoint::refuse(service, &id, err);
                return connection.reply(Content::from(response).last_reply(), &self.limits);
            }
        };
        // The connection is not reused once the server is stopping.
        head.keep_alive &= self.listener.is_some();
        if let Some(content) = self.files.answer(&head) {
            return connection.reply(content.reply_to(&head), &self.limits);
        }
        let trusted = self.limits.trusted_proxies;
        let client = client::address(connection.peer, &head.headers, trusted);
        let mut request = request(&mut head, body, id, client, &self.limits);
        if self.limits.has_gateway {
            request.client = None;
            request.host_is_vouched = true;
        }
        let reply = match crate::endpoint::begin(service, &request) {
            Step::Done(Response {
                status,
                headers,
                body: Body::Stream(pieces),
            }) => {
                let outgoing = Outgoing::new(&head, status, &headers, pieces);
                return self.hand_over(token, outgoing, workers);
            }
            Step::Done(response) => Some(Content::from(response).reply_to(&head)),
            Step::Waits(waiting) => workers.push(token, head, waiting),
        };
        if let Some(reply) = reply {
            connection.reply(reply, &self.limits);
        }
    }

    /// Gives a connection to a thread of its own, which sends a body as it comes.
    fn hand_over<'s>(
        &mut self,
        token: Token,
        outgoing: Outgoing<'s>,
        workers: &Workers<'_, '_, 's>,
    ) {
        let Some(mut connection) = self.connections.remove(&token) else {
            return;
        };
        // If it cannot be deregistered, it is not registered.
        let _ = self.poll.registry().deregister(connection.stream());
        // If the socket fails, there is nobody to tell.
        if let Ok(socket) = streams::waiting(connection.into_stream(), self.limits.write) {
            let shared = workers.shared;
            streams::start(
                outgoing,
                socket,
                shared.service,
                &shared.streams,
                workers.scope,
            );
        }
    }
}

/// The request for the function; `head` keeps what the reply depends on.
fn request(head: &mut Head, body: Vec<u8>, id: String, client: IpAddr, limits: &Limits) -> Request {
    let is_streamed = Endpoint::at(&head.path).is_some_and(|(endpoint, _)| endpoint.is_streamed());
    let patience = match is_streamed {
        true => limits.streamed_answer,
        false => Some(limits.answer),
    };
    let deadline = patience.map(|patience| SystemTime::now() + patience);
    Request {
        method: head.method.clone(),
        path: head.path.clone(),
        headers: std::mem::take(&mut head.headers),
        body,
        id,
        deadline,
        client: Some(client),
        host_is_vouched: false,
    }
}

/// The workers, and the scope that they run in.
struct Workers<'scope, 'env, 's> {
    queue: Queue,
    shared: &'scope Shared<'s>,
    scope: &'scope Scope<'scope, 'env>,
}

impl Workers<'_, '_, '_> {
    /// Passes the request on, or refuses it at once if there are too many.
    fn push(&mut self, connection: Token, head: Head, waiting: Box<Waiting>) -> Option<Reply> {
        let job = Job {
            connection,
            head,
            waiting,
        };
        let refused = self.queue.push(job, self.shared, self.scope).err()?;
        let response = crate::endpoint::refuse_for_now(self.shared.service, *refused.waiting);
        Some(Content::from(response).reply_to(&refused.head))
    }
}

/// So few connections are never the reason that files cannot be opened: a fraction of what the system allows.
fn fewest() -> usize {
    #[cfg(unix)]
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    #[cfg(not(unix))]
    let files = None::<u64>;
    let part = files.map_or(64, |files| files / 8);
    usize::try_from(part).map_or(64, |part| part.clamp(4, 64))
}

/// Returns whether accepting failed for one client only.
fn is_one_connection(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Interrupted
            | ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::TimedOut
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::Sender;

    use super::*;
    use crate::{Settings, Site};

    /// Runs a test with a server that waits for no events. Returns what it has noted.
    fn with_server(
        test: impl FnOnce(&mut Server, &mut Workers<'_, '_, '_>, &Sender<Done>, &Receiver<Done>),
    ) -> String {
        let lines: Arc<Mutex<String>> = Arc::default();
        let log = Arc::clone(&lines);
        let service = Service::new(
            Settings::from_lookup(|_| None),
            Site::from_bytes(Vec::new()),
        )
        .with_log(move |line| log.lock().unwrap().push_str(line));
        let address = "127.0.0.1:0".parse().unwrap();
        let mut server = Server::bind(address, Files::default(), Limits::default()).unwrap();
        let (sender, done) = channel();
        let waker = Arc::clone(&server.stopper.waker);
        let (queue, shared) = Queue::new(&service, &waker, sender.clone(), &server.limits);
        std::thread::scope(|scope| {
            let mut workers = Workers {
                queue,
                shared: &shared,
                scope,
            };
            test(&mut server, &mut workers, &sender, &done);
        });
        lines.lock().unwrap().clone()
    }

    #[test]
    fn replies_of_workers_have_their_turns_like_anything_else() {
        with_server(|server, workers, sender, done| {
            for _ in 0..=TURN {
                let reply = Content::text(200, "ok").last_reply();
                let connection = Token(99);
                sender.send(Done { connection, reply }).unwrap();
            }
            server.take_replies(workers, done);
            assert_eq!(server.unfinished, [WAKER], "the last one has the next turn");
            server.unfinished.clear();
            server.take_replies(workers, done);
            assert_eq!(server.unfinished, []);
            assert!(done.try_recv().is_err());
        });
    }

    #[test]
    fn fewer_connections_are_kept_for_a_while_after_the_system_had_no_room() {
        let noted = with_server(|server, workers, _, _| {
            let all = server.limits.connections;
            let before = Instant::now();
            let short = io::Error::other("too many open files");
            server.accept_fewer(&short, workers);
            let fewer = server.most;
            assert!(fewer < all);
            server.accept_more(workers, before + SHORTAGE / 2);
            assert_eq!(server.most, fewer);
            server.accept_more(workers, Instant::now() + SHORTAGE);
            assert_eq!(server.most, all);
            server.accept_more(workers, Instant::now() + SHORTAGE * 3);
        });
        assert_eq!(noted.matches("failed to accept a connection").count(), 1);
        assert_eq!(noted.matches("connections again").count(), 1);
    }
}
