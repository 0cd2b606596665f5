//! Replies that come piece by piece, such as a model's answer: each has a thread, which waits for its pieces and for
//! its client. The system's buffer is all that lies between the two.

use std::io::{self, ErrorKind, Write as _};
use std::net::{Shutdown, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, Scope};
use std::time::Duration;

use crate::Service;
use crate::http::Stream;
use crate::transport::web::parse::Head;
use crate::transport::web::reply::head_of_stream;

/// Stack of a thread, in bytes: there are many of them, and little is nested.
const STACK: usize = 256 * 1024;

/// A reply without its client.
pub(super) struct Outgoing<'s> {
    head: Vec<u8>,
    /// Whether each piece is a chunk. A client of HTTP/1.0 takes everything until the connection closes.
    chunked: bool,
    pieces: Stream<'s>,
}

impl<'s> Outgoing<'s> {
    /// `asked` is the head of the request.
    pub(super) fn new(
        asked: &Head,
        status: u16,
        headers: &[(String, String)],
        pieces: Stream<'s>,
    ) -> Outgoing<'s> {
        Outgoing {
            head: head_of_stream(status, headers, asked.takes_chunks),
            chunked: asked.takes_chunks,
            pieces,
        }
    }

    /// Sends everything. Fails if the client goes before the end.
    fn send(self, socket: &mut TcpStream) -> io::Result<()> {
        // Sent together with the first piece, if that is there.
        let mut output = self.head;
        for piece in self.pieces {
            if piece.is_empty() {
                socket.write_all(&output)?;
                output.clear();
                if is_gone(socket)? {
                    return Err(ErrorKind::ConnectionAborted.into());
                }
                continue;
            }
            match self.chunked {
                true => {
                    output.extend(format!("{:x}\r\n", piece.len()).as_bytes());
                    output.extend(piece);
                    output.extend(b"\r\n");
                }
                false => output.extend(piece),
            }
            socket.write_all(&output)?;
            output.clear();
        }
        if self.chunked {
            output.extend(b"0\r\n\r\n");
        }
        socket.write_all(&output)?;
        socket.shutdown(Shutdown::Write)
    }
}

/// Returns whether the client has closed the connection. What it sends instead is not read.
fn is_gone(socket: &TcpStream) -> io::Result<bool> {
    socket.set_nonblocking(true)?;
    let peeked = socket.peek(&mut [0]);
    socket.set_nonblocking(false)?;
    match peeked {
        Ok(count) => Ok(count == 0),
        Err(err) => Ok(!matches!(
            err.kind(),
            ErrorKind::WouldBlock | ErrorKind::Interrupted
        )),
    }
}

/// Sends a reply, on a thread of its own. `open` counts them. If the system has no thread, the connection closes.
pub(super) fn start<'scope, 's: 'scope>(
    outgoing: Outgoing<'s>,
    socket: TcpStream,
    service: &'s Service,
    open: &'scope AtomicUsize,
    scope: &'scope Scope<'scope, '_>,
) {
    open.fetch_add(1, Ordering::AcqRel);
    let thread = Builder::new().stack_size(STACK);
    let started = thread.spawn_scoped(scope, || {
        carry(outgoing, socket);
        open.fetch_sub(1, Ordering::AcqRel);
    });
    if let Err(err) = started {
        open.fetch_sub(1, Ordering::AcqRel);
        let note = format!("failed to start a thread for an answer: {err}");
        service.log().note(&note);
    }
}

/// Sends everything, unless the client goes first. A panic cuts the reply off, which the client sees: the last chunk is
/// missing.
fn carry(outgoing: Outgoing<'_>, mut socket: TcpStream) {
    // Unwind safe: nothing of it is used again.
    let _ = catch_unwind(AssertUnwindSafe(|| outgoing.send(&mut socket)));
}

/// A socket that waits: at most as long as `patience` for a client that takes nothing.
pub(super) fn waiting(socket: mio::net::TcpStream, patience: Duration) -> io::Result<TcpStream> {
    let socket = TcpStream::from(socket);
    socket.set_nonblocking(false)?;
    socket.set_write_timeout(Some(patience))?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    /// A reply with this body to a request of this version of HTTP.
    fn reply(
        version: &str,
        pieces: impl Iterator<Item = Vec<u8>> + Send + 'static,
    ) -> Outgoing<'static> {
        let head = format!("POST / HTTP/{version}\r\nHost: a\r\n\r\n");
        let asked = Head::parse(head.as_bytes()).unwrap();
        Outgoing::new(&asked, 200, &[], Box::new(pieces))
    }

    /// Both ends of a connection, the server's first.
    fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, _) = listener.accept().unwrap();
        stream.set_nonblocking(true).unwrap();
        let stream = mio::net::TcpStream::from_std(stream);
        (waiting(stream, Duration::from_secs(5)).unwrap(), client)
    }

    fn body(mut client: TcpStream) -> String {
        let mut text = String::new();
        client.read_to_string(&mut text).unwrap();
        let (_, body) = text.split_once("Connection: close\r\n\r\n").unwrap();
        body.to_owned()
    }

    #[test]
    fn each_piece_is_a_chunk_and_an_empty_one_is_none() {
        let sent = |version, pieces: &[&str]| {
            let pieces: Vec<_> = pieces.iter().map(|piece| (*piece).into()).collect();
            let (mut server, client) = pair();
            reply(version, pieces.into_iter())
                .send(&mut server)
                .unwrap();
            body(client)
        };
        assert_eq!(
            sent("1.1", &["ab", "", "c"]),
            "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
        );
        assert_eq!(sent("1.1", &[]), "0\r\n\r\n");
        assert_eq!(sent("1.0", &["ab", "", "c"]), "abc");
    }

    #[test]
    fn piece_leaves_when_it_comes() {
        let (sender, pieces): (_, Receiver<Vec<u8>>) = channel();
        let (server, mut client) = pair();
        let thread = std::thread::spawn(move || carry(reply("1.0", pieces.into_iter()), server));
        for piece in ["one", "two"] {
            sender.send(piece.into()).unwrap();
            let mut text = Vec::new();
            while !text.ends_with(piece.as_bytes()) {
                let mut byte = [0];
                client.read_exact(&mut byte).unwrap();
                text.push(byte[0]);
            }
        }
        drop(sender);
        thread.join().unwrap();
    }

    #[test]
    fn client_that_has_gone_is_noticed_while_nothing_comes() {
        let (mut server, client) = pair();
        drop(client);
        let nothing = std::iter::repeat_with(Vec::new);
        assert!(reply("1.1", nothing).send(&mut server).is_err());
    }

    #[test]
    fn another_request_is_no_farewell() {
        let (mut server, mut client) = pair();
        client.write_all(b"more").unwrap();
        let pieces = [vec![], b"x".to_vec()].into_iter();
        reply("1.0", pieces).send(&mut server).unwrap();
    }

    #[test]
    fn panic_cuts_the_reply_off() {
        let (server, client) = pair();
        let mut count = 0;
        let pieces = std::iter::repeat_with(move || {
            count += 1;
            assert!(count < 2, "on purpose");
            b"x".to_vec()
        });
        carry(reply("1.1", pieces), server);
        assert_eq!(body(client), "1\r\nx\r\n");
    }
}
