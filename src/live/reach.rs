//! Whether the site answers at all, at its own address, and as itself.

use url::Url;

use super::browser::Reply;
use super::finding::{Notes, State};
use super::visit::Probing;

const NAME: &str = "site";
const MOST_REDIRECTS: usize = 5;

/// Asks for the first page. Returns whether the other probes make sense.
pub(super) fn probe(probing: &Probing, notes: &Notes) -> bool {
    let path = probing.visit.target.first_page();
    let start = probing.visit.target.at(&path);
    match followed(probing, &start) {
        Ok((url, reply)) => judge(probing, notes, &url, &reply),
        Err(Stop { state, text }) => {
            notes.add(NAME, state, format!("{start}: {text}"));
            false
        }
    }
}

/// Why there is nothing more to try.
struct Stop {
    state: State,
    text: String,
}

impl Stop {
    fn wrong(text: String) -> Stop {
        let state = State::Wrong;
        Stop { state, text }
    }
}

/// The reply after all redirects at the same origin, and its address.
fn followed(probing: &Probing, start: &str) -> Result<(String, Reply), Stop> {
    let mut seen = vec![start.to_owned()];
    loop {
        let url = seen[seen.len() - 1].clone();
        let reply = probing
            .browser
            .get(&url, None)
            .map_err(|failure| Stop::wrong(failure.words()))?;
        let Some(target) = target(&url, &reply) else {
            return Ok((url, reply));
        };
        let origin = target.origin().ascii_serialization();
        if origin != probing.visit.target.origin {
            return Err(match &probing.visit.elsewhere {
                Some(own) if own.origin == origin => Stop {
                    state: State::Fine,
                    text: format!("redirects to {origin}, the address of the site in `site.yaml`"),
                },
                _ => Stop::wrong(elsewhere(&target, &probing.visit.target.origin)),
            });
        }
        if seen.iter().any(|known| known == target.as_str()) || seen.len() > MOST_REDIRECTS {
            return Err(Stop::wrong(format!(
                "redirects in a circle, at last to {target}: look at the redirects of the host, and at those of a CDN \
                 in front of it"
            )));
        }
        seen.push(target.into());
    }
}

/// Where a reply redirects to.
pub(super) fn target(url: &str, reply: &Reply) -> Option<Url> {
    if !matches!(reply.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let mut target = Url::parse(url)
        .ok()?
        .join(&reply.header("location")?)
        .ok()?;
    // Tokens of log-in pages are nobody's business.
    target.set_query(None);
    target.set_fragment(None);
    let _ = target.set_username("");
    let _ = target.set_password(None);
    Some(target)
}

fn elsewhere(target: &Url, origin: &str) -> String {
    let other = target.origin().ascii_serialization();
    let host = origin.strip_prefix("https://");
    if host.is_some() && other.strip_prefix("http://") == host {
        return "redirects from https to http, where ChatKit does not run: turn that redirect around at the host".into();
    }
    format!(
        "redirects to {other}: if that is the site's main address, set `site.url` to it, build, deploy and paste the new \
         snippets; if it is a log-in page, the host protects the site with a password, or a network asks you to log in"
    )
}

/// Judges the reply at the end.
fn judge(probing: &Probing, notes: &Notes, url: &str, reply: &Reply) -> bool {
    let start = probing.visit.target.at(&probing.visit.target.first_page());
    if let Some(text) = refusal(reply.status) {
        notes.wrong(NAME, format!("{url}: {text}"));
        return false;
    }
    if !is_ours(probing, &reply.body) {
        let title = title(&reply.body);
        notes.wrong(
            NAME,
            format!(
                "{url} is another page{title}: log in to your network if it asks for that; otherwise check the address, \
                 and that `dist` is what is deployed there"
            ),
        );
        return false;
    }
    match url == start {
        true => notes.fine(NAME, format!("{url} answers")),
        false => notes.todo(
            NAME,
            format!("{start} redirects to {url}, which costs visitors time: turn off such rewriting at the host"),
        ),
    }
    true
}

/// What is wrong with a status, and what to do.
fn refusal(status: u16) -> Option<String> {
    let what = match status {
        200..=299 => return None,
        401 | 403 | 407 => {
            "the host asks for a password or lets nobody in: turn off its protection of the site"
        }
        404 | 410 => {
            "the page is not there: build and deploy, and check that `dist` is the folder that is published"
        }
        500..=599 => "the host fails: look at its log, and at its status page",
        _ => "an answer that no page gives: check the address",
    };
    Some(format!("HTTP {status}; {what}"))
}

/// Returns whether this is the page of the first widget, of this build or of another one.
fn is_ours(probing: &Probing, body: &[u8]) -> bool {
    let name = &probing.visit.target.widgets[0].name;
    let built = probing
        .visit
        .built
        .files
        .get(&format!("w/{name}/index.html"));
    let text = String::from_utf8_lossy(body);
    built.is_some_and(|built| built == body) || text.contains(&format!("/w/{name}/settings.js?v="))
}

/// Longer titles are cut.
const LONGEST_TITLE: usize = 60;

/// The title of a stranger's page: `, "Welcome",`.
fn title(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let rest = text.split_once("<title>").map(|(_, rest)| rest);
    let title = rest.and_then(|rest| rest.split_once("</title>"));
    let title = title.map(|(title, _)| title.trim()).unwrap_or_default();
    let plain: String = title
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_TITLE)
        .collect();
    match plain.as_str() {
        "" => String::new(),
        plain => format!(" (`{plain}`)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_of_strangers_are_short_and_plain() {
        assert_eq!(title(b"<title>\n Hotel\x1b[2J </title>"), " (`Hotel[2J`)");
        assert_eq!(title(b"<title>"), "");
        let long = format!("<title>{}</title>", "a".repeat(500));
        assert_eq!(title(long.as_bytes()).len(), LONGEST_TITLE + 5);
    }

    #[test]
    fn a_redirect_to_plain_http_is_told_from_one_to_another_host() {
        let said = |to: &str| elsewhere(&Url::parse(to).unwrap(), "https://chat.acme.com");
        assert!(said("http://chat.acme.com/w/").starts_with("redirects from https to http"));
        assert!(said("https://www.acme.com/").starts_with("redirects to https://www.acme.com: "));
        let local = elsewhere(
            &Url::parse("https://www.acme.com/").unwrap(),
            "http://localhost:8080",
        );
        assert!(local.starts_with("redirects to https://www.acme.com: "));
    }
}
