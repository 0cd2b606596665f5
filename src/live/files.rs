//! Whether pages, loaders and their assets are those of this build, and come as browsers need them.

use super::browser::Reply;
use super::built::Built;
use super::finding::Notes;
use super::headers::Headers;
use super::visit::Probing;
use super::words::Failure;

/// Paths that are listed before the rest is counted.
const MOST_LISTED: usize = 3;

/// Fetches everything that a visitor of the widgets may.
pub(super) fn probe(probing: &Probing, notes: &Notes) {
    let visit = &probing.visit;
    let mut wrong = Wrong::default();
    let mut headers = Headers::default();
    for widget in &visit.target.widgets {
        let name = &widget.name;
        for file in ["/index.html", "/settings.js", ".js"] {
            wrong.fetch(probing, &format!("w/{name}{file}"), &mut headers);
        }
    }
    let tried = visit.target.tried();
    let is_new = wrong.report(visit.elsewhere.as_ref(), "pages", notes);
    if is_new {
        notes.fine(
            "pages",
            format!("pages and loaders as in this build: {tried}"),
        );
        assets(probing, &mut headers, notes);
    }
    headers.report(notes);
    nowhere(probing, notes);
}

fn assets(probing: &Probing, headers: &mut Headers, notes: &Notes) {
    let mut wrong = Wrong::default();
    let mut count = 0;
    for (path, _) in probing.visit.built.assets() {
        wrong.fetch(probing, path, headers);
        count += 1;
    }
    if wrong.report(None, "assets", notes) {
        notes.fine(
            "assets",
            format!("{count} scripts, styles and images as in this build"),
        );
    }
}

/// A path that no build has. Where every path is a page, a mistake in a snippet is not noticed.
const NOWHERE: &str = "/w/chatkit-embed-check.js";

fn nowhere(probing: &Probing, notes: &Notes) {
    let url = probing.visit.target.at(NOWHERE);
    let Ok(reply) = probing.browser.get(&url, None) else {
        return;
    };
    if reply.is_success() {
        notes.todo(
            "404",
            format!(
                "{NOWHERE} does not exist, and the host answers HTTP {}: turn off its rule that every address is a page \
                 (a \"single-page app\")",
                reply.status
            ),
        );
    }
}

/// Files that are not as they should be, by what is wrong.
#[derive(Default)]
struct Wrong {
    /// With the reason.
    missing: Vec<(String, String)>,
    /// With the type that they come as.
    mistyped: Vec<(String, String)>,
    /// With their bytes.
    different: Vec<(String, Vec<u8>)>,
    /// Whether the host let a request wait, so that no other is worth it.
    hangs: bool,
}

impl Wrong {
    /// Fetches a file of this build, by its path in `dist`.
    fn fetch(&mut self, probing: &Probing, path: &str, headers: &mut Headers) {
        let visit = &probing.visit;
        let Some(expected) = visit.built.files.get(path) else {
            return;
        };
        if self.hangs {
            return;
        }
        let address = format!("/{}", path.strip_suffix("index.html").unwrap_or(path));
        let is_page = path.ends_with(".html");
        // Scripts and assets are fetched by pages of other websites.
        let origin = visit.target.embedder.as_deref().filter(|_| !is_page);
        match probing.browser.get(&visit.target.at(&address), origin) {
            Err(failure) => {
                self.hangs = matches!(failure, Failure::Timeout);
                self.missing.push((address, failure.words()));
            }
            Ok(reply) if reply.status != 200 => {
                self.missing.push((address, refused(reply.status)));
            }
            Ok(reply) => match mistyped(path, &reply) {
                Some(kind) => self.mistyped.push((address, kind)),
                None => {
                    headers.compare(&visit.built, &address, &reply);
                    if reply.body != *expected {
                        self.different.push((address, reply.body));
                    }
                }
            },
        }
    }

    /// Returns whether all is fine; if not, says so.
    fn report(&self, elsewhere: Option<&Built>, name: &str, notes: &Notes) -> bool {
        if let Some((_, why)) = self.missing.first() {
            let paths = listed(&self.missing);
            notes.wrong(name, format!("{paths} cannot be fetched: {why}"));
        }
        if let Some((_, kind)) = self.mistyped.first() {
            let paths = listed(&self.mistyped);
            notes.wrong(
                name,
                format!(
                    "{paths} is served as `{kind}`, which browsers refuse: a rule of the host answers in its place, or its \
                     types of files are wrong"
                ),
            );
        }
        if !self.different.is_empty() {
            notes.wrong(name, self.old(elsewhere));
        }
        self.missing.is_empty() && self.mistyped.is_empty() && self.different.is_empty()
    }

    fn old(&self, elsewhere: Option<&Built>) -> String {
        let paths = listed(&self.different);
        let is_of = |built: &&Built| {
            self.different.iter().all(|(address, bytes)| {
                let path = address.trim_start_matches('/');
                let page = format!("{path}index.html");
                let file = built.files.get(path).or_else(|| built.files.get(&page));
                file == Some(bytes)
            })
        };
        match elsewhere.filter(is_of) {
            Some(Built { origin, .. }) => format!(
                "{paths} were built for {origin}: visitors who come here are led there; use that address in snippets, or \
                 build for this one"
            ),
            None => format!(
                "{paths} differ from this build: an older one is deployed, so deploy again (or the host rewrites files, \
                 such as a CDN that \"optimises\" pages: turn that off)"
            ),
        }
    }
}

fn refused(status: u16) -> String {
    format!(
        "HTTP {status}; deploy again, and check that `dist` is what is published and that no rule of the host blocks this"
    )
}

/// The media type of a reply, if browsers take the file for something else with it.
fn mistyped(path: &str, reply: &Reply) -> Option<String> {
    let kind = session::content_type(path);
    let kind = kind.split(';').next().unwrap_or_default();
    let served = reply.media_type();
    let is_script = |kind: &str| kind.ends_with("javascript");
    (served != kind && !(is_script(kind) && is_script(&served))).then_some(served)
}

/// The first few paths, and how many more there are.
fn listed<T>(paths: &[(String, T)]) -> String {
    let shown = paths.iter().take(MOST_LISTED);
    let shown: Vec<_> = shown.map(|(path, _)| path.as_str()).collect();
    let shown = shown.join(", ");
    match paths.len().saturating_sub(MOST_LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
