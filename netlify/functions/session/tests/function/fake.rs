//! An HTTP server on 127.0.0.1 that notes every request, keeps connections, and answers as a test says.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{sleep, spawn};
use std::time::Duration;

/// One request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// Counts from 0.
    pub(crate) connection: usize,
    /// Such as `POST /v1/chatkit/sessions`.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(key, _)| key == name)?;
        Some(value)
    }
}

/// What the server does with a request.
pub(crate) enum Act {
    /// Sends this, head and body.
    Reply(String),
    /// Sends this and closes the connection.
    Cut(String),
    /// The same with bytes that may not be text.
    Bytes(Vec<u8>),
    /// Sends this, and then a byte every tenth of a second.
    Drip(String),
    /// Sends these pieces, each as soon as the test asks for it, and closes the connection.
    Pieces(Vec<String>, Arc<Mutex<Receiver<()>>>),
    /// Closes the connection without a word.
    Close,
    /// Says nothing until the client goes away.
    Hang,
}

/// A reply with a JSON body and further header lines.
pub(crate) fn reply(status: u16, headers: &[&str], body: &str) -> Act {
    let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    let length = body.len();
    Act::Reply(format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    ))
}

pub(crate) struct Fake {
    /// Host and port.
    pub(crate) address: String,
    received: Receiver<Received>,
}

impl Fake {
    pub(crate) fn start(answer: impl Fn(&Received) -> Act + Send + Sync + 'static) -> Fake {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (note, received) = channel();
        let answer = Arc::new(answer);
        spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                let (note, answer) = (note.clone(), Arc::clone(&answer));
                spawn(move || serve(connection, stream.unwrap(), &note, &*answer));
            }
        });
        Fake { address, received }
    }

    /// The next request; waits for it.
    pub(crate) fn next(&self) -> Received {
        self.received.recv().unwrap()
    }

    /// Whether a request came that nobody asked for yet.
    pub(crate) fn is_idle(&self) -> bool {
        self.received.try_recv().is_err()
    }
}

fn serve(
    connection: usize,
    stream: TcpStream,
    note: &Sender<Received>,
    answer: &dyn Fn(&Received) -> Act,
) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream);
    while let Some(received) = read(connection, &mut reader) {
        // The test may have ended before its connections.
        let _ = note.send(received.clone());
        match answer(&received) {
            Act::Reply(text) => {
                if reader.get_mut().write_all(text.as_bytes()).is_err() {
                    return;
                }
            }
            Act::Cut(text) => {
                let _ = reader.get_mut().write_all(text.as_bytes());
                return;
            }
            Act::Bytes(bytes) => {
                let _ = reader.get_mut().write_all(&bytes);
                return;
            }
            Act::Drip(text) => {
                let mut sent = reader.get_mut().write_all(text.as_bytes());
                while sent.is_ok() {
                    sleep(Duration::from_millis(100));
                    sent = reader.get_mut().write_all(b" ");
                }
                return;
            }
            Act::Pieces(pieces, go) => {
                for piece in pieces {
                    // A test that has ended asks for nothing more.
                    let asked = go.lock().unwrap().recv();
                    let sent = reader.get_mut().write_all(piece.as_bytes());
                    if asked.is_err() || sent.is_err() {
                        return;
                    }
                }
                return;
            }
            Act::Close => return,
            Act::Hang => {
                let _ = reader.read(&mut [0]);
                return;
            }
        }
    }
}

fn read(connection: usize, reader: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let target = lines[0].rsplit_once(' ')?.0.to_owned();
    let headers: Vec<_> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, value)| value.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    Some(Received {
        connection,
        target,
        headers,
        body: String::from_utf8(body).unwrap(),
    })
}
