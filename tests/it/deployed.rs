//! A deployed site on this machine, made of the real pieces: what `build` wrote and the real function, with an upstream,
//! behind a front that may break one thing.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread::{sleep, spawn};
use std::time::{Duration, SystemTime};

use flate2::{Compression, write::GzEncoder};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use session::transport::web::{Files, Limits, Server};
use session::{Service, Settings, Site};

use crate::project::{Project, project};

/// An agent, a workflow and a server at `SERVER`, which becomes an address of this machine.
pub(crate) const SITE: &str = "\
site: {url: 'http://localhost:1', allowed_origins: ['https://*.acme.com']}
widgets:
  desk: {backend: {type: agent, domain_key: domain_pk_1, instructions: Be brief.}}
  flow: {backend: {type: hosted, workflow: wf_123}}
  own: {backend: {type: server, url: 'SERVER/chatkit', domain_key: domain_pk_1}}
";

/// What no output may have.
pub(crate) const KEY: &str = "sk-proj-canary0123456789abcdef0123456789abcdef";
pub(crate) const SECRET: &str = "ek_canary0123456789";

/// A request as it came.
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    /// All of the head, in lower case.
    pub(crate) head: String,
    raw: Vec<u8>,
}

type Change = Box<dyn Fn(String) -> String>;

/// What the front does with a request.
pub(crate) enum Act {
    /// Lets the site answer.
    Pass,
    /// Lets the site answer, and changes the answer.
    Change(Change),
    /// Lets the site answer, and packs the body.
    Repack,
    /// Answers itself: head and body.
    Say(String),
    /// Says nothing.
    Hang,
    /// Begins an answer, and goes on with a byte every tenth of a second.
    Drip,
}

pub(crate) type Front = Arc<dyn Fn(&Asked) -> Act + Send + Sync>;

/// A front that breaks nothing.
pub(crate) fn open() -> Front {
    Arc::new(|_| Act::Pass)
}

/// A front that does something else with some paths.
pub(crate) fn at(path: &'static str, act: impl Fn(&Asked) -> Act + Send + Sync + 'static) -> Front {
    Arc::new(move |asked| match asked.path.starts_with(path) {
        true => act(asked),
        false => Act::Pass,
    })
}

/// An answer of this status and type.
pub(crate) fn say(status: u16, kind: &str, body: &str) -> Act {
    let length = body.len();
    Act::Say(format!(
        "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}"
    ))
}

/// Changes a text in answers, wherever it stands.
pub(crate) fn change(from: &'static str, to: &'static str) -> Act {
    Act::Change(Box::new(move |text| text.replace(from, to)))
}

/// A redirect to an address.
pub(crate) fn redirect(to: &str) -> Act {
    Act::Say(format!(
        "HTTP/1.1 301 X\r\nConnection: close\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"
    ))
}

/// The front's certificate, or none.
pub(crate) type Tls = Option<Arc<ServerConfig>>;

/// A site that is deployed, and the project that it was built from.
pub(crate) struct Deployed {
    pub(crate) project: Project,
    pub(crate) address: String,
    /// Host and port of the front.
    pub(crate) front: String,
}

/// The usual variables of the function, with an upstream on this machine.
pub(crate) fn variables(upstream: &str) -> Vec<(String, String)> {
    let base = format!("http://{upstream}/v1");
    [
        ("OPENAI_API_KEY", KEY),
        (
            "CHATKIT_SERVER_SECRET",
            "canary-0123456789abcdef0123456789abcdef",
        ),
        ("OPENAI_BASE_URL", &base),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

impl Deployed {
    /// Builds and deploys a site at the front's own address.
    pub(crate) fn start(yaml: &str, variables: Vec<(String, String)>, front: Front) -> Deployed {
        Deployed::with(yaml, variables, front, None, None)
    }

    /// The same with a certificate, and at another address, to which the front is the proxy.
    pub(crate) fn with(
        yaml: &str,
        variables: Vec<(String, String)>,
        front: Front,
        tls: Tls,
        address: Option<&str>,
    ) -> Deployed {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let own = format!("{scheme}://localhost:{port}");
        let address = address.map_or(own, str::to_owned);
        let yaml = yaml.replace("SERVER", &format!("http://{}", chatkit_server()));
        let project = project().file("site.yaml", &yaml);
        project
            .run(&format!("build --base-url {address} --pack pack"))
            .success();
        let site = serve(&project, variables);
        spawn(move || answer_all(&listener, &front, tls.as_ref(), &site));
        Deployed {
            project,
            address,
            front: format!("127.0.0.1:{port}"),
        }
    }
}

/// Serves what was built, with the function, and returns host and port.
fn serve(project: &Project, variables: Vec<(String, String)>) -> String {
    let site = Site::from_bytes(std::fs::read(project.path("pack")).unwrap());
    let settings = Settings::from_lookup(move |name| {
        let (_, value) = variables.iter().find(|(key, _)| key == name)?;
        Some(value.clone())
    });
    let service = Service::new(settings, site).with_log(|_| {});
    let files = Files::load(&project.path("dist")).unwrap();
    let server = Server::bind("127.0.0.1:0".parse().unwrap(), files, Limits::default()).unwrap();
    let address = server.address().to_string();
    // It ends with the process.
    spawn(move || server.run(&service).unwrap());
    address
}

/// A ChatKit server that lets everybody in.
fn chatkit_server() -> String {
    upstream(|_| {
        let headers = "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Headers: Content-Type, Authorization\r\n";
        Some(Act::Say(format!(
            "HTTP/1.1 200 OK\r\nConnection: close\r\n{headers}Content-Length: 0\r\n\r\n"
        )))
    })
}

/// An upstream that mints sessions and answers, or does what `act` says.
pub(crate) fn upstream(act: impl Fn(&Asked) -> Option<Act> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let front: Front = Arc::new(move |asked| act(asked).unwrap_or_else(|| minted(asked)));
    spawn(move || answer_all(&listener, &front, None, ""));
    address
}

fn minted(asked: &Asked) -> Act {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let end = now.unwrap().as_secs() + 600;
    if asked.path.ends_with("/chatkit/sessions") {
        let body = format!(r#"{{"client_secret":"{SECRET}","expires_at":{end}}}"#);
        return say(200, "application/json", &body);
    }
    let part = r#"{"type":"output_text","text":"OK","annotations":[]}"#;
    let place = r#""item_id":"msg_1","output_index":0,"content_index":0"#;
    let item = |content: &str| {
        format!(r#"{{"id":"msg_1","type":"message","role":"assistant","content":[{content}]}}"#)
    };
    let events = [
        format!(
            r#"{{"type":"response.output_item.added","output_index":0,"item":{}}}"#,
            item("")
        ),
        format!(r#"{{"type":"response.output_text.delta",{place},"delta":"OK"}}"#),
        format!(r#"{{"type":"response.content_part.done",{place},"part":{part}}}"#),
        format!(
            r#"{{"type":"response.output_item.done","output_index":0,"item":{}}}"#,
            item(part)
        ),
        r#"{"type":"response.completed","response":{"id":"resp_1"}}"#.to_owned(),
    ];
    let events: String = events
        .iter()
        .map(|event| format!("data: {event}\n\n"))
        .collect();
    say(200, "text/event-stream", &events)
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

fn answer_all(listener: &TcpListener, front: &Front, tls: Option<&Arc<ServerConfig>>, site: &str) {
    for stream in listener.incoming().flatten() {
        let (front, tls, site) = (Arc::clone(front), tls.cloned(), site.to_owned());
        // A client may go away at any time.
        spawn(move || accept(stream, &front, tls, &site));
    }
}

fn secured(stream: TcpStream, tls: Arc<ServerConfig>) -> Box<dyn Stream> {
    let connection = ServerConnection::new(tls).unwrap();
    Box::new(StreamOwned::new(connection, stream))
}

fn accept(
    mut stream: TcpStream,
    front: &Front,
    tls: Option<Arc<ServerConfig>>,
    site: &str,
) -> Option<()> {
    let mut first = [0];
    stream.peek(&mut first).ok()?;
    let is_handshake = first == [22];
    let mut stream: Box<dyn Stream> = match tls {
        Some(tls) if is_handshake => secured(stream, tls),
        // Through a proxy: port 443 speaks TLS, and 80 does not.
        Some(tls) => {
            let asked = read(&mut stream)?;
            if asked.method != "CONNECT" {
                return None;
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").ok()?;
            match asked.path.ends_with(":443") {
                true => secured(stream, tls),
                false => Box::new(stream),
            }
        }
        None => Box::new(stream),
    };
    let asked = read(&mut stream)?;
    let reply = match front(&asked) {
        Act::Pass => pass(&asked, site)?,
        Act::Change(change) => {
            let text = String::from_utf8_lossy(&pass(&asked, site)?).into_owned();
            change(text).into_bytes()
        }
        Act::Repack => packed(&pass(&asked, site)?),
        Act::Say(text) => text.into_bytes(),
        Act::Hang => {
            let _ = stream.read(&mut [0]);
            return None;
        }
        Act::Drip => {
            stream
                .write_all(
                    b"HTTP/1.1 200 X\r\nContent-Type: text/html\r\nContent-Length: 9999\r\n\r\n",
                )
                .ok()?;
            loop {
                sleep(Duration::from_millis(100));
                stream.write_all(b" ").ok()?;
                stream.flush().ok()?;
            }
        }
    };
    stream.write_all(&reply).ok()?;
    stream.flush().ok()
}

/// The site's own answer.
fn pass(asked: &Asked, site: &str) -> Option<Vec<u8>> {
    let mut site = TcpStream::connect(site).ok()?;
    site.write_all(&asked.raw).ok()?;
    let mut reply = Vec::new();
    site.read_to_end(&mut reply).ok()?;
    Some(reply)
}

/// The same answer, as gzip.
fn packed(reply: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(reply).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body.as_bytes()).unwrap();
    let body = encoder.finish().unwrap();
    let is_kept = |line: &&str| !line.starts_with("Content-Length");
    let head: Vec<_> = head.split("\r\n").filter(is_kept).collect();
    let head = head.join("\r\n");
    let length = body.len();
    let head = format!("{head}\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\n\r\n");
    [head.as_bytes(), &body].concat()
}

/// Reads one request, which becomes the last one of its connection.
fn read(stream: &mut impl Read) -> Option<Asked> {
    let mut raw = Vec::new();
    let mut byte = [0];
    while !raw.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        raw.push(byte[0]);
    }
    let text = String::from_utf8(raw).ok()?;
    let head = text.to_ascii_lowercase();
    let mut words = text.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let length = head.split("content-length: ").nth(1);
    let length = length.map_or(0, |rest| rest.lines().next().unwrap().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    let mut raw = text
        .replacen("\r\n", "\r\nConnection: close\r\n", 1)
        .into_bytes();
    raw.extend(body);
    Some(Asked {
        method,
        path,
        head,
        raw,
    })
}

/// The output of a command without the addresses of this run.
pub(crate) fn plain(output: &[u8], deployed: &Deployed) -> String {
    let text = String::from_utf8_lossy(output).into_owned();
    for secret in [KEY, SECRET, "canary", "Bearer", "v1."] {
        assert!(!text.contains(secret), "{text}");
    }
    text.replace(&deployed.address, "SITE")
}

/// Writes a file of this text and returns its path.
pub(crate) fn written(project: &Project, name: &str, text: &str) -> String {
    project.write(name, text);
    let path = project.path(name);
    Path::to_str(&path).unwrap().to_owned()
}
