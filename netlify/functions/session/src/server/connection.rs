//! One connection: what was read and not yet answered, what is to be written, and until when.

use std::io::{ErrorKind, IoSlice, Read as _, Write as _};
use std::mem;
use std::net::{IpAddr, Shutdown};
use std::time::{Duration, Instant};

use mio::net::TcpStream;

use crate::error::MintError;
use crate::http::OVERSIZED;
use crate::server::limits::Limits;
use crate::server::parse::{self, Head, MAX_HEAD};
use crate::server::reply::Reply;

/// For what a connection waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// For a request, or the rest of one.
    Reading,
    /// For a worker.
    Working,
    /// For the client to take the reply.
    Writing,
    /// For the client to hang up, so that the reply is not lost with what it still sends.
    Closing,
    /// For nothing.
    Closed,
}

/// What a client asked for.
pub(super) struct Asked {
    pub(super) head: Head,
    pub(super) body: Vec<u8>,
}

pub(super) struct Connection {
    stream: TcpStream,
    /// Who connected.
    pub(super) peer: IpAddr,
    pub(super) state: State,
    /// When it is given up.
    pub(super) deadline: Instant,
    input: Vec<u8>,
    /// How much of the input holds no end of a head.
    searched: usize,
    /// Read already, while its body is on the way.
    head: Option<Head>,
    output: Option<Reply>,
    sent: usize,
    keep_alive: bool,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, peer: IpAddr, limits: &Limits) -> Connection {
        Connection {
            stream,
            peer,
            state: State::Reading,
            deadline: Instant::now() + limits.request,
            input: Vec::new(),
            searched: 0,
            head: None,
            output: None,
            sent: 0,
            keep_alive: true,
        }
    }

    pub(super) fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// Whether nothing of a request has come.
    pub(super) fn is_idle(&self) -> bool {
        self.state == State::Reading && self.input.is_empty() && self.head.is_none()
    }

    /// Reads what is there and returns the next request, if it is whole.
    pub(super) fn read(&mut self, limits: &Limits) -> Option<Result<Asked, MintError>> {
        loop {
            if let Some(asked) = self.take() {
                self.state = State::Working;
                return Some(asked);
            }
            let mut chunk = [0; 4096];
            match self.stream.read(&mut chunk) {
                Ok(0) => self.state = State::Closed,
                Ok(count) => {
                    // From its first byte on, a request has so long: a drip does not prolong it.
                    if self.is_idle() {
                        self.deadline = Instant::now() + limits.request;
                    }
                    self.input.extend_from_slice(&chunk[..count]);
                    continue;
                }
                Err(err) if err.kind() == ErrorKind::Interrupted => continue,
                Err(err) if err.kind() == ErrorKind::WouldBlock => {}
                Err(_) => self.state = State::Closed,
            }
            return None;
        }
    }

    /// The next request of the input. A body over the limit is not waited for.
    fn take(&mut self) -> Option<Result<Asked, MintError>> {
        if self.head.is_none() {
            self.head = match self.take_head()? {
                Ok(head) => Some(head),
                Err(err) => return Some(Err(err)),
            };
        }
        let length = self.head.as_ref()?.length;
        if length >= OVERSIZED {
            let mut head = self.head.take()?;
            head.keep_alive = false;
            self.input = Vec::new();
            let body = vec![b' '; OVERSIZED];
            return Some(Ok(Asked { head, body }));
        }
        if self.input.len() < length {
            self.allow_body();
            return None;
        }
        let rest = self.input.split_off(length);
        let body = mem::replace(&mut self.input, rest);
        self.searched = 0;
        let head = self.head.take()?;
        Some(Ok(Asked { head, body }))
    }

    fn take_head(&mut self) -> Option<Result<Head, MintError>> {
        // Some clients end a body with a line break that is not part of it.
        while self.input.starts_with(b"\r\n") {
            self.input.drain(..2);
            self.searched = 0;
        }
        match parse::head_end(&self.input, self.searched) {
            Some(end) if end <= MAX_HEAD => {
                let rest = self.input.split_off(end);
                let head = mem::replace(&mut self.input, rest);
                Some(Head::parse(&head))
            }
            None if self.input.len() <= MAX_HEAD => {
                self.searched = self.input.len();
                None
            }
            _ => Some(Err(parse::bad("its headers are too long"))),
        }
    }

    /// Says once that the body may come, if the client waits for that. So few bytes always find room.
    fn allow_body(&mut self) {
        let head = self.head.as_mut();
        if head.is_some_and(|head| mem::take(&mut head.expects_continue)) {
            let _ = self.stream.write(b"HTTP/1.1 100 Continue\r\n\r\n");
        }
    }

    pub(super) fn reply(&mut self, reply: Reply, limits: &Limits) {
        self.keep_alive = reply.keeps_alive();
        self.output = Some(reply);
        self.sent = 0;
        self.state = State::Writing;
        self.deadline = Instant::now() + limits.write;
    }

    /// Writes as much as the client takes.
    pub(super) fn write(&mut self, limits: &Limits) {
        let Some(reply) = &self.output else { return };
        while self.sent < reply.len() {
            let (head, body) = reply.rest(self.sent);
            match self
                .stream
                .write_vectored(&[IoSlice::new(head), IoSlice::new(body)])
            {
                Ok(0) => return self.state = State::Closed,
                Ok(count) => self.sent += count,
                Err(err) if err.kind() == ErrorKind::Interrupted => {}
                Err(err) if err.kind() == ErrorKind::WouldBlock => return,
                Err(_) => return self.state = State::Closed,
            }
        }
        self.output = None;
        if self.keep_alive {
            self.state = State::Reading;
            let further = !self.input.is_empty();
            self.deadline = Instant::now() + if further { limits.request } else { limits.idle };
        } else {
            self.state = State::Closing;
            self.deadline = Instant::now() + LINGER;
            self.input = Vec::new();
            // A client that is gone already has nothing to be told.
            let _ = self.stream.shutdown(Shutdown::Write);
        }
    }

    /// Throws away what still comes; not all at once, because it may never end.
    pub(super) fn drain(&mut self) {
        let mut chunk = [0; 4096];
        for _ in 0..16 {
            match self.stream.read(&mut chunk) {
                Ok(0) => return self.state = State::Closed,
                Ok(_) => {}
                Err(err) if err.kind() == ErrorKind::Interrupted => {}
                Err(err) if err.kind() == ErrorKind::WouldBlock => return,
                Err(_) => return self.state = State::Closed,
            }
        }
    }
}

/// How long a client that was told to go is listened to.
const LINGER: Duration = Duration::from_secs(2);
