//! Whether a ChatKit server of the owner's lets the site's pages in. A message is not sent: nobody knows what it costs.

use url::Url;

use super::browser::Reply;
use super::finding::Notes;
use super::target::Server;
use super::visit::Probing;

/// Asks each server what a browser asks before the first message.
pub(super) fn probe(probing: &Probing, notes: &Notes) {
    let target = &probing.visit.target;
    for widget in &target.widgets {
        let Some(server) = &widget.server else {
            continue;
        };
        let name = format!("server of {}", widget.name);
        if origin_of(&server.url).as_ref() == Some(&target.origin) {
            notes.not_tried(
                name,
                "it is at the site's own address: open the widget's page, and send it a message",
            );
            continue;
        }
        let preflight = probing
            .browser
            .preflight(&server.url, &target.origin, headers(server));
        match preflight {
            Ok(reply) if admits(&reply, &target.origin, server) => notes.fine(
                name,
                "lets the site's pages in; send it a message to see whether it answers",
            ),
            Ok(reply) => notes.wrong(name, refused(&reply, &target.origin, server)),
            Err(failure) => notes.wrong(name, format!("{}: {}", server.url, failure.words())),
        }
    }
}

fn origin_of(url: &str) -> Option<String> {
    Some(Url::parse(url).ok()?.origin().ascii_serialization())
}

/// The headers that its pages send, besides those that need no permission.
fn headers(server: &Server) -> &'static str {
    match server.is_signed {
        true => "authorization,content-type",
        false => "content-type",
    }
}

fn admits(reply: &Reply, origin: &str, server: &Server) -> bool {
    let allowed = reply.header("Access-Control-Allow-Headers");
    let allowed = allowed.unwrap_or_default().to_ascii_lowercase();
    let allows = |name: &str| {
        let mut names = allowed.split(',').map(str::trim);
        // A star does not include `Authorization`.
        names.any(|known| known == name || (known == "*" && name != "authorization"))
    };
    reply.is_success() && reply.admits(origin) && headers(server).split(',').all(allows)
}

fn refused(reply: &Reply, origin: &str, server: &Server) -> String {
    let Server { url, .. } = server;
    format!(
        "{url} keeps the site's pages out (HTTP {}): answer `OPTIONS` with `Access-Control-Allow-Origin: {origin}` and \
         `Access-Control-Allow-Headers: {}`",
        reply.status,
        headers(server)
    )
}
