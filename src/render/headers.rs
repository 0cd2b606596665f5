//! `_headers`: the headers that Netlify sends with each file.

use std::fmt::Write as _;

use url::Url;

use super::chatkit::ChatKit;
use crate::site::{Backend, Icon, Site, Widget};

/// The headers of every file. Any website may use assets and loaders. The referrer keeps its origin, because ChatKit
/// checks the page's domain.
const EVERYWHERE: &str = "\
/*
  X-Content-Type-Options: nosniff
  Referrer-Policy: strict-origin-when-cross-origin

/assets/*
  Cache-Control: public, max-age=31536000, immutable
  Access-Control-Allow-Origin: *
  Cross-Origin-Resource-Policy: cross-origin
";

/// The policy of `404.html`.
pub(crate) const NOT_FOUND_POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The file's text.
///
/// A page that opens a hosted page keeps no reference to it (`Cross-Origin-Opener-Policy`), so it cannot send the
/// visitor elsewhere in the meantime. Frames are not affected: there the outer page's policy counts.
///
/// Page paths are written in full: for Netlify, `/w/docs/*` would match `/w/docs.js` and `/w/docs-eu/` too.
/// A path with a slash at its end also holds without it.
pub(super) fn render(site: &Site) -> String {
    let not_found = format!("\n/404.html\n  Content-Security-Policy: {NOT_FOUND_POLICY}\n");
    let mut text = EVERYWHERE.to_owned() + &not_found;
    let chatkit = ChatKit::of_openai();
    for widget in site.served() {
        let name = &widget.name;
        if let Backend::Agent(agent) = &widget.backend
            && agent.netlify_fields().is_some()
        {
            write!(
                text,
                "
/w/{name}/form.html
  Content-Security-Policy: {NOT_FOUND_POLICY}
"
            )
            .expect("a String takes every write");
        }
        for script in [".js", "/settings.js"] {
            write!(
                text,
                "
/w/{name}{script}
  Cache-Control: public, max-age=300, stale-while-revalidate=86400
  Access-Control-Allow-Origin: *
  Cross-Origin-Resource-Policy: cross-origin
"
            )
            .expect("a String takes every write");
        }
        let policy = content_security_policy(site, widget, &chatkit);
        for path in ["", "index*"] {
            write!(
                text,
                "
/w/{name}/{path}
  Cache-Control: public, max-age=0, must-revalidate
  Cross-Origin-Opener-Policy: same-origin
  Content-Security-Policy: {policy}
"
            )
            .expect("a String takes every write");
        }
    }
    text
}

/// The sources that a page with ChatKit connects to, besides its own host: those of sessions, and the back end.
pub(super) fn connect_sources(site: &Site, widget: &Widget, chatkit: &ChatKit) -> String {
    let own = site.base_url.origin();
    format!("{own} {}", back_end_sources(widget, chatkit))
}

fn back_end_sources(widget: &Widget, ChatKit { origin, .. }: &ChatKit) -> String {
    let mut sources = format!("https://api.openai.com {origin}");
    for address in widget.backend.addresses() {
        let origin = address.origin().ascii_serialization();
        write!(sources, " {origin}").expect("a String takes every write");
    }
    sources
}

/// The directive that a host page's policy needs if the launcher's icon is a remote image: `; img-src …`.
pub(super) fn launcher_image(widget: &Widget) -> String {
    image_origin(&widget.launcher.icon).map_or_else(String::new, |at| format!("; img-src {at}"))
}

/// The origin of an icon, if it is a remote image.
fn image_origin(icon: &Icon) -> Option<String> {
    match icon {
        Icon::Image(url) => Some(Url::parse(url).ok()?.origin().ascii_serialization()),
        Icon::Drawing(_) | Icon::Emoji(_) => None,
    }
}

/// The hosted page's policy: ChatKit, the page's own files, its back end, and nothing else.
///
/// `frame-ancestors` keeps other sites from showing the chat as theirs. Styles may be inline, because ChatKit's
/// element brings its own.
pub(super) fn content_security_policy(site: &Site, widget: &Widget, chatkit: &ChatKit) -> String {
    let ChatKit { origin, fonts, .. } = chatkit;
    let image = image_origin(widget.page_icon()).map_or_else(String::new, |at| format!(" {at}"));
    let mut ancestors = "'self'".to_owned();
    for origin in site.origins_of(widget) {
        write!(ancestors, " {origin}").expect("a String takes every write");
    }
    [
        "default-src 'none'",
        &format!("script-src 'self' {origin}"),
        "style-src 'self' 'unsafe-inline'",
        &format!("connect-src 'self' {}", back_end_sources(widget, chatkit)),
        &format!("frame-src {origin}"),
        &format!("img-src 'self' data:{image}"),
        &format!("font-src 'self'{fonts}"),
        "base-uri 'none'",
        "form-action 'none'",
        &format!("frame-ancestors {ancestors}"),
    ]
    .join("; ")
}
