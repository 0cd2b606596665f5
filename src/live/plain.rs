//! What happens to visitors who come by plain http.

use super::finding::Notes;
use super::reach::target;
use super::visit::Probing;

const NAME: &str = "http";

/// Asks port 80, if the site is at the usual port of https.
pub(super) fn probe(probing: &Probing, notes: &Notes) {
    let site = &probing.visit.target;
    let Some(host) = site.origin.strip_prefix("https://") else {
        return;
    };
    if host != site.host {
        return;
    }
    let url = format!("http://{host}{}", site.first_page());
    // Nothing at port 80 is as good as a redirect: every snippet names https.
    let Ok(reply) = probing.browser.get(&url, None) else {
        return;
    };
    match target(&url, &reply) {
        Some(target) if target.scheme() == "https" => {
            notes.fine(NAME, "redirects to https");
        }
        _ => notes.todo(
            NAME,
            "is served without https, where ChatKit does not run: turn on the redirect to https at the host",
        ),
    }
}
