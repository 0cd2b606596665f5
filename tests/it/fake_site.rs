//! A website on this machine, for `knowledge pull`.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

/// An answer: status, headers with `\r\n` after each, body.
#[derive(Clone)]
pub(crate) struct Answer(pub(crate) u16, pub(crate) String, pub(crate) Vec<u8>);

#[derive(Default)]
struct State {
    /// The answers to a path, the next one first. The last one stays.
    answers: BTreeMap<String, Vec<Answer>>,
    requests: Vec<String>,
    /// A path that is never answered, and who is told that somebody waits for it.
    stalled: Option<(String, Sender<TcpStream>)>,
}

/// A website. What it is not told is 404.
pub(crate) struct FakeSite {
    pub(crate) address: String,
    state: Arc<Mutex<State>>,
}

/// An empty website.
pub(crate) fn fake_site() -> FakeSite {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let state = Arc::new(Mutex::new(State::default()));
    let shared = Arc::clone(&state);
    // It ends with the process.
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let shared = Arc::clone(&shared);
            thread::spawn(move || answer(stream, &shared));
        }
    });
    FakeSite { address, state }
}

impl FakeSite {
    /// Answers requests for a path, in place of earlier answers. `{site}` is the site's address.
    pub(crate) fn set(&self, path: &str, answers: Vec<Answer>) -> &FakeSite {
        let state = &mut self.state.lock().expect("no thread panics");
        state.answers.insert(path.to_owned(), answers);
        self
    }

    /// A page of HTML.
    pub(crate) fn page(&self, path: &str, html: &str) -> &FakeSite {
        let headers = "Content-Type: text/html\r\n".to_owned();
        let body = html.replace("{site}", &self.address).into_bytes();
        self.set(path, vec![Answer(200, headers, body)])
    }

    /// A page with a heading and enough words.
    pub(crate) fn article(&self, path: &str, title: &str, rest: &str) -> &FakeSite {
        let html = format!(
            "<main><h1>{title}</h1><p>All that there is to say about {title}.</p>{rest}</main>"
        );
        self.page(path, &html)
    }

    /// A text, such as `robots.txt`.
    pub(crate) fn text(&self, path: &str, text: &str) -> &FakeSite {
        let body = text.replace("{site}", &self.address).into_bytes();
        self.set(path, vec![Answer(200, String::new(), body)])
    }

    /// `/sitemap.xml` with these pages, each with its `lastmod` after a space if it has one.
    pub(crate) fn sitemap(&self, pages: &[&str]) -> &FakeSite {
        let urls = pages.iter().map(|page| {
            let (path, lastmod) = page.split_once(' ').unwrap_or((page, ""));
            let lastmod = match lastmod {
                "" => String::new(),
                date => format!("<lastmod>{date}</lastmod>"),
            };
            format!("<url><loc>{{site}}{path}</loc>{lastmod}</url>")
        });
        let urls: String = urls.collect();
        self.text("/sitemap.xml", &format!("<urlset>{urls}</urlset>"))
    }

    /// A redirect.
    pub(crate) fn redirect(&self, path: &str, to: &str) -> &FakeSite {
        let to = to.replace("{site}", &self.address);
        self.set(
            path,
            vec![Answer(301, format!("Location: {to}\r\n"), Vec::new())],
        )
    }

    /// Never answers this path. Each connection that waits for it is received.
    pub(crate) fn stall(&self, path: &str) -> Receiver<TcpStream> {
        let (sender, receiver) = channel();
        let mut state = self.state.lock().expect("no thread panics");
        state.stalled = Some((path.to_owned(), sender));
        receiver
    }

    /// Answers every path again.
    pub(crate) fn go_on(&self) {
        self.state.lock().expect("no thread panics").stalled = None;
    }

    /// The paths that were asked for since the last call.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().expect("no thread panics").requests)
    }
}

fn answer(stream: TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let path = lines.first()?.split(' ').nth(1)?.to_owned();
    let known = lines
        .iter()
        .find_map(|line| line.strip_prefix("if-none-match: "));
    let Answer(status, headers, body) = {
        let mut state = state.lock().ok()?;
        state.requests.push(path.clone());
        if let Some((stalled, sender)) = &state.stalled
            && *stalled == path
        {
            return sender.send(stream).ok();
        }
        let missing = vec![Answer(404, String::new(), Vec::new())];
        let answers = state.answers.entry(path).or_insert(missing);
        match answers.len() {
            1 => answers[0].clone(),
            _ => answers.remove(0),
        }
    };
    let is_known = known.is_some_and(|tag| headers.contains(&format!("ETag: {tag}\r\n")));
    let (status, body) = if is_known {
        (304, Vec::new())
    } else {
        (status, body)
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n"
    );
    let mut stream = stream;
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(&body).ok()
}
