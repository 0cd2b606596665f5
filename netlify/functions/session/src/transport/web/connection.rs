//! One connection: its unanswered input, its unsent output, and its deadline.

use std::io::{ErrorKind, IoSlice, Read as _, Write as _};
use std::net::{IpAddr, Shutdown};
use std::task::Poll;
use std::time::{Duration, Instant};

use mio::net::TcpStream;

use crate::error::RequestError;
use crate::transport::web::input::{Asked, Input};
use crate::transport::web::limits::Limits;
use crate::transport::web::reply::Reply;

/// The event that a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// A request, or the rest of one.
    Reading,
    /// A worker's reply.
    Working,
    /// The client taking the reply.
    Writing,
    /// The client hanging up, so that the reply is not lost together with what it still sends.
    Closing,
    /// Nothing.
    Closed,
}

pub(super) struct Connection {
    stream: TcpStream,
    /// The client's address.
    pub(super) peer: IpAddr,
    pub(super) state: State,
    /// The time at which the connection is given up.
    pub(super) deadline: Instant,
    input: Input,
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
            input: Input::default(),
            output: None,
            sent: 0,
            keep_alive: true,
        }
    }

    pub(super) fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// The socket alone, for a reply that somebody else sends.
    pub(super) fn into_stream(self) -> TcpStream {
        self.stream
    }

    /// The number of bytes of incomplete requests that are kept.
    pub(super) fn kept(&self) -> usize {
        self.input.len()
    }

    /// Returns whether no part of a request has arrived.
    pub(super) fn is_idle(&self) -> bool {
        self.state == State::Reading && self.input.is_empty()
    }

    /// The next request, if it is complete, or one step towards it: a client that sends without end must take turns
    /// like any other. Pending until the client sends more.
    pub(super) fn read(&mut self, limits: &Limits) -> Poll<Option<Result<Asked, RequestError>>> {
        if let Some(asked) = self.input.next() {
            self.state = State::Working;
            // A worker answers in time; if one is lost, its client is not kept forever.
            self.deadline = Instant::now() + limits.answer + limits.write;
            return Poll::Ready(Some(asked));
        }
        self.allow_body();
        let mut chunk = [0; CHUNK];
        self.receive(&mut chunk).map(|count| {
            // The deadline counts from the first byte of a request: sending slowly does not extend it.
            if count > 0 && self.is_idle() {
                self.deadline = Instant::now() + limits.request;
            }
            self.input.push(&chunk[..count]);
            None
        })
    }

    /// The number of bytes received; 0 if no more will come, or if a signal interrupted.
    fn receive(&mut self, chunk: &mut [u8]) -> Poll<usize> {
        match self.stream.read(chunk) {
            Ok(count) => {
                if count == 0 {
                    self.state = State::Closed;
                }
                Poll::Ready(count)
            }
            Err(err) if err.kind() == ErrorKind::Interrupted => Poll::Ready(0),
            Err(err) if err.kind() == ErrorKind::WouldBlock => Poll::Pending,
            Err(_) => {
                self.state = State::Closed;
                Poll::Ready(0)
            }
        }
    }

    /// Tells once that the body may come, if the client waits for that. There is always room for so few bytes.
    fn allow_body(&mut self) {
        if self.input.takes_leave() {
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

    /// Writes a piece of the reply: a client that takes a long one as fast as it comes must take turns like any
    /// other. Pending until the client takes more.
    pub(super) fn write(&mut self, limits: &Limits) -> Poll<()> {
        let Some(reply) = &self.output else {
            return Poll::Pending;
        };
        let (head, body) = reply.rest(self.sent);
        let head = &head[..head.len().min(PIECE)];
        let body = &body[..body.len().min(PIECE - head.len())];
        match self
            .stream
            .write_vectored(&[IoSlice::new(head), IoSlice::new(body)])
        {
            Ok(0) => self.state = State::Closed,
            Ok(count) => {
                self.sent += count;
                if self.sent == reply.len() {
                    self.end_reply(limits);
                }
            }
            Err(err) if err.kind() == ErrorKind::Interrupted => {}
            Err(err) if err.kind() == ErrorKind::WouldBlock => return Poll::Pending,
            Err(_) => self.state = State::Closed,
        }
        Poll::Ready(())
    }

    /// Waits for the client's next step after the reply.
    fn end_reply(&mut self, limits: &Limits) {
        self.output = None;
        if self.keep_alive {
            self.state = State::Reading;
            let further = !self.input.is_empty();
            self.deadline = Instant::now() + if further { limits.request } else { limits.idle };
        } else {
            self.state = State::Closing;
            self.deadline = Instant::now() + LINGER;
            self.input.clear();
            // If the client has gone already, nothing needs to be told.
            let _ = self.stream.shutdown(Shutdown::Write);
        }
    }

    /// Discards some of what still arrives. Pending until more arrives.
    pub(super) fn drain(&mut self) -> Poll<()> {
        self.receive(&mut [0; CHUNK]).map(|_| ())
    }
}

/// Most bytes that are read at once.
const CHUNK: usize = 4096;
/// Most bytes that are written at once.
const PIECE: usize = 32 * 1024;
/// Time for which a closing connection is still read.
const LINGER: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::net::{TcpListener, TcpStream as Client};

    use super::*;
    use crate::transport::web::reply::Content;

    /// A connection, and who has connected.
    fn pair() -> (Connection, Client) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = Client::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, peer) = listener.accept().unwrap();
        stream.set_nonblocking(true).unwrap();
        let stream = TcpStream::from_std(stream);
        let connection = Connection::new(stream, peer.ip(), &Limits::default());
        (connection, client)
    }

    #[test]
    fn long_reply_is_written_in_pieces_and_arrives_whole() {
        let (mut connection, mut client) = pair();
        let body = "x".repeat(PIECE * 100);
        let limits = Limits::default();
        connection.reply(Content::text(200, &body).last_reply(), &limits);
        let reader = std::thread::spawn(move || {
            let mut reply = String::new();
            client.read_to_string(&mut reply).unwrap();
            reply
        });
        while connection.state == State::Writing {
            let before = connection.sent;
            if connection.write(&limits).is_pending() {
                std::thread::yield_now();
            }
            assert!(connection.sent - before <= PIECE);
        }
        assert_eq!(connection.state, State::Closing);
        let reply = reader.join().unwrap();
        assert_eq!(reply.split_once("\r\n\r\n").unwrap().1, body);
    }
}
