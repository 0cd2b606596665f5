//! `_headers`: the headers that Netlify sends with each file.

use std::collections::BTreeSet;
use std::fmt::{Display, Write as _};

use url::Url;

use super::chatkit::ChatKit;
use super::listed::Listed;
use crate::site::{BrandLogo, Icon, Site, Widget};

const POLICY: &str = "Content-Security-Policy";

/// The headers of every file, and of those whose names change with their content. Any website may use assets. The referrer
/// keeps its origin, because ChatKit checks the page's domain.
const EVERYWHERE: &str = "\
/*
  X-Content-Type-Options: nosniff
  Referrer-Policy: strict-origin-when-cross-origin

/assets/*
  Cache-Control: public, max-age=31536000, immutable
  Access-Control-Allow-Origin: *
  Cross-Origin-Resource-Policy: cross-origin
";

/// The headers of pages, their settings and loaders, which any website may use. A page of yesterday finds its assets where it
/// was found itself, in the browser's cache.
///
/// A page that opens a hosted page keeps no reference to it (`Cross-Origin-Opener-Policy`), so it cannot send the
/// visitor elsewhere in the meantime. Frames are not affected: there the outer page's policy counts.
const OF_WIDGETS: &str = "
/w/*
  Cache-Control: public, max-age=300, stale-while-revalidate=86400
  Access-Control-Allow-Origin: *
  Cross-Origin-Resource-Policy: cross-origin
  Cross-Origin-Opener-Policy: same-origin
";

/// The policy of `404.html`.
pub(crate) const NOT_FOUND_POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The file's text: as long for ten thousand widgets as for one, if the same websites may show them all.
///
/// A page's policy stands in the page, but for `frame-ancestors`, which browsers take from a header alone. Hosts differ in what
/// they make of two rules that set the same header, and a browser obeys both of two policies. So no header is set for a path by
/// two rules: either all widgets have the same policy, or each has its own.
pub(super) fn render(site: &Site, listed: &[Listed]) -> String {
    let not_found = format!("\n/404.html\n  {POLICY}: {NOT_FOUND_POLICY}\n");
    let mut text = EVERYWHERE.to_owned() + &not_found + OF_WIDGETS;
    let of_site = policy_of(&site.allowed_origins);
    let policy = |widget: &Listed| {
        widget
            .origins
            .as_ref()
            .map_or_else(|| of_site.clone(), policy_of)
    };
    let policies = || listed.iter().map(policy);
    let Some(first) = policies().next() else {
        return text;
    };
    if policies().all(|policy| policy == first) {
        text += &format!("  {POLICY}: {first}\n");
        return text;
    }
    for (widget, policy) in listed.iter().zip(policies()) {
        // In full: for Netlify, `/w/docs/*` would match `/w/docs.js` and `/w/docs-eu/` too. A path with a slash at its end
        // also holds without it.
        for path in ["", "index*"] {
            let name = &widget.name;
            write!(text, "/w/{name}/{path}\n  {POLICY}: {policy}\n")
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

/// The directive that a host page's policy needs if launcher or panel show an image: `; img-src …`.
pub(super) fn images(site: &Site, widget: &Widget) -> String {
    let of_logo = match widget.brand.logo {
        Some(BrandLogo::File(_)) => Some(site.base_url.origin().to_owned()),
        _ => logo_origin(widget),
    };
    let all = [image_origin(&widget.launcher.icon), of_logo];
    let all: BTreeSet<_> = all.into_iter().flatten().collect();
    match all.is_empty() {
        true => String::new(),
        false => format!("; img-src {}", Vec::from_iter(all).join(" ")),
    }
}

/// The origin of the logo, if it is elsewhere.
fn logo_origin(widget: &Widget) -> Option<String> {
    match widget.brand.logo.as_ref()? {
        BrandLogo::Url(url) => Some(url.origin().ascii_serialization()),
        BrandLogo::File(_) => None,
    }
}

/// The origin of an icon, if it is a remote image.
fn image_origin(icon: &Icon) -> Option<String> {
    match icon {
        Icon::Image(url) => Some(Url::parse(url).ok()?.origin().ascii_serialization()),
        Icon::Drawing(_) | Icon::Emoji(_) => None,
    }
}

/// Who may frame a hosted page: other sites cannot show the chat as theirs.
pub(super) fn frame_policy(site: &Site, widget: &Widget) -> String {
    policy_of(site.origins_of(widget))
}

fn policy_of(origins: impl IntoIterator<Item: Display>) -> String {
    let mut policy = "frame-ancestors 'self'".to_owned();
    for origin in origins {
        write!(policy, " {origin}").expect("a String takes every write");
    }
    policy
}

/// The rest of the hosted page's policy: ChatKit, the page's own files, its back end, and nothing else. Styles may be inline,
/// because ChatKit's element brings its own.
pub(super) fn page_policy(widget: &Widget, chatkit: &ChatKit) -> String {
    let ChatKit { origin, fonts, .. } = chatkit;
    let images = [image_origin(widget.page_icon()), logo_origin(widget)];
    let images = images.into_iter().flatten();
    let image: String = images.map(|at| format!(" {at}")).collect();
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
    ]
    .join("; ")
}
