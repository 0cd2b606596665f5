//! An upstream that answers at once, so that what is left is the server's own time; and a client.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::spawn;

use serde_json::Value;

use crate::program::ORIGIN;

const SESSION: &str = r#"{"id":"cksess_1","object":"chatkit.session","expires_at":4000000000,"client_secret":"ek_1","status":"active","user":"u"}"#;

/// A listening upstream, one thread for each connection.
pub(crate) fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    spawn(move || {
        for stream in listener.incoming().flatten() {
            spawn(move || serve(stream));
        }
    });
    address
}

fn serve(stream: TcpStream) -> io::Result<()> {
    let reply = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req_1\r\ncontent-length: {}\r\n\r\n{SESSION}",
        SESSION.len()
    );
    let mut peer = Peer::new(stream)?;
    while peer.receive()? {
        peer.send(&reply);
    }
    Ok(())
}

/// One end of a kept connection.
pub(crate) struct Peer {
    stream: TcpStream,
    input: Vec<u8>,
}

impl Peer {
    pub(crate) fn new(stream: TcpStream) -> io::Result<Peer> {
        stream.set_nodelay(true)?;
        Ok(Peer {
            stream,
            input: Vec::new(),
        })
    }

    pub(crate) fn connect(address: SocketAddr) -> Peer {
        Peer::new(TcpStream::connect(address).unwrap()).unwrap()
    }

    /// Sends a request and waits for the whole reply.
    pub(crate) fn ask(&mut self, request: &str) {
        self.stream.write_all(request.as_bytes()).unwrap();
        assert!(self.receive().unwrap(), "the server hung up");
    }

    pub(crate) fn send(&mut self, reply: &str) {
        self.stream.write_all(reply.as_bytes()).unwrap();
    }

    /// The same to somebody who may be gone.
    pub(crate) fn try_send(&mut self, text: &str) -> io::Result<()> {
        self.stream.write_all(text.as_bytes())
    }

    /// Reads one message; `false` at the end.
    pub(crate) fn receive(&mut self) -> io::Result<bool> {
        self.input.clear();
        let mut chunk = [0; 4096];
        loop {
            let count = self.stream.read(&mut chunk)?;
            self.input.extend_from_slice(&chunk[..count]);
            if count == 0 {
                return Ok(false);
            }
            let head = self.input.windows(4).position(|four| four == b"\r\n\r\n");
            if head.is_some_and(|at| self.input.len() >= at + 4 + length(&self.input[..at])) {
                return Ok(true);
            }
        }
    }

    /// The body of the last message.
    pub(crate) fn body(&self) -> &[u8] {
        let head = self.input.windows(4).position(|four| four == b"\r\n\r\n");
        &self.input[head.unwrap() + 4..]
    }

    /// Whether the last reply was a good one.
    pub(crate) fn is_good(&self) -> bool {
        self.input.starts_with(b"HTTP/1.1 200")
    }
}

/// A request with JSON, and with these header lines.
pub(crate) fn post(path: &str, headers: &str, body: &Value) -> String {
    let body = body.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nOrigin: {ORIGIN}\r\nContent-Type: application/json\r\n\
         {headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let rest = head.split("content-length: ").nth(1);
    rest.map_or(0, |rest| {
        rest.split("\r\n").next().unwrap().parse().unwrap()
    })
}
