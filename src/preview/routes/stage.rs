//! The host page on which a widget is tried: a sample, or the user's own.

use crate::config::is_name;
use crate::html::escape;
use crate::preview::http::{Reply, Request, content_type};
use crate::preview::routes::trouble;
use crate::preview::state::Preview;
use crate::yaml::Report;

/// The host page with one widget in it. The query names `widget`, `mode`, `draft` and `host`.
pub(in crate::preview) fn page(preview: &Preview, request: &Request, sample: &str) -> Reply {
    let parameter = |name| request.parameter(name);
    let draft = parameter("draft").filter(|draft| !draft.is_empty());
    let Some(view) = preview.view(draft.as_deref()) else {
        return match draft {
            Some(_) => Reply::error(
                404,
                "not_found",
                "there is no such draft; reload the preview's page",
            ),
            None => trouble::elsewhere(),
        };
    };
    let widget = parameter("widget").unwrap_or_default();
    let mode = parameter("mode").unwrap_or_default();
    let own = preview.place.host_page.as_ref();
    let own = own.filter(|_| parameter("host").as_deref() == Some("own"));
    let Some(kind) = kind_of(&mode, own.is_some()) else {
        return Reply::error(400, "invalid_request", "no such mode");
    };
    if !is_name(&widget) {
        return Reply::error(400, "invalid_request", "name a widget: ?widget=support");
    }
    let snippet = match view.snippet(&widget, kind) {
        Ok(Some(snippet)) => snippet,
        Ok(None) => return Reply::error(404, "unknown_widget", "there is no such widget"),
        Err(_) => return trouble::elsewhere(),
    };
    // Marked as viewed, so that the page hears of changes.
    let _ = view.rendered(&widget, &preview.chatkit());
    let head = format!(
        "<meta name=\"studio\" content=\"{}\">\n<script type=\"module\" src=\"/_/stage/host.js\"></script>\n",
        preview.place.origin
    );
    match own {
        Some(own) => match own.html() {
            Ok((html, base)) => Reply::new(
                200,
                content_type(".html"),
                with_widget(&html, base.as_deref(), &head, &snippet),
            ),
            Err(err) => trouble::host_page(&Report::of_error(&err)),
        },
        None => {
            let page = sample
                .replace("{{ head }}", &head)
                .replace("{{ snippet }}", &snippet);
            Reply::new(200, content_type(".html"), page)
                .with("Content-Security-Policy", policy(preview))
        }
    }
}

/// The kind of snippet that shows a widget in a mode.
fn kind_of(mode: &str, is_own_page: bool) -> Option<&'static str> {
    match mode {
        "" | "bubble" => Some("bubble"),
        "popup" => Some("popup"),
        "inline" => Some("inline"),
        "iframe" => Some("iframe"),
        "link" => Some("link"),
        // In the user's own page, a link to it; otherwise the hosted page itself.
        "page" if is_own_page => Some("link"),
        "page" => Some("iframe"),
        _ => None,
    }
}

/// The sample page's own policy, which shows that a strict one is enough.
fn policy(preview: &Preview) -> String {
    let main = &preview.place.origin;
    format!(
        "default-src 'none'; script-src 'self' {main}; style-src 'self'; img-src 'self' {main} data: https:; \
         connect-src 'self' {main}; frame-src {main}; font-src 'self'; base-uri 'none'; form-action 'none'"
    )
}

/// The user's own page with a widget. The head's part goes first, because scripts of the page may run before the head
/// ends.
fn with_widget(html: &str, base: Option<&str>, head: &str, snippet: &str) -> String {
    let base = base.map(|url| format!("<base href=\"{}\">\n", escape(url)));
    // Scripts come before the base, which changes what later addresses are relative to.
    let head = format!("{head}{}", base.unwrap_or_default());
    let html = without_policy(html);
    let lower = html.to_ascii_lowercase();
    let after_tag = |tag: &str| {
        // `<header` starts with `<head` too.
        let is_tag = |(at, found): &(usize, &str)| {
            let next = lower[at + found.len()..].bytes().next();
            next.is_some_and(|next| next.is_ascii_whitespace() || matches!(next, b'>' | b'/'))
        };
        let (start, _) = lower.match_indices(&format!("<{tag}")).find(is_tag)?;
        Some(start + lower[start..].find('>')? + 1)
    };
    let at = after_tag("head").or_else(|| after_tag("html")).unwrap_or(0);
    let end = lower.rfind("</body").unwrap_or(html.len()).max(at);
    format!(
        "{}\n{head}{}{snippet}\n{}",
        &html[..at],
        &html[at..end],
        &html[end..]
    )
}

/// The page without its own policies: they would name the widget's real address, not this preview.
fn without_policy(html: &str) -> String {
    const POLICY: &str = "content-security-policy";
    let lower = html.to_ascii_lowercase();
    let mut rest = 0;
    let mut page = String::with_capacity(html.len());
    for (at, _) in lower.match_indices("<meta") {
        let end = at + lower[at..].find('>').unwrap_or(lower.len() - at);
        let policy = lower[at..end].find(POLICY);
        // Not text that merely mentions policies, as in a description.
        let is_meant =
            |policy: &usize| at + policy >= rest && lower[at..end].contains("http-equiv");
        if let Some(policy) = policy.filter(is_meant) {
            page.push_str(&html[rest..at + policy]);
            page.push_str("x-not-in-the-preview");
            rest = at + policy + POLICY.len();
        }
    }
    page.push_str(&html[rest..]);
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_widget_goes_into_any_page() {
        let base = "https://www.example.com/a?b&c";
        assert_eq!(
            with_widget(
                "<!doctype html><HTML><Head lang=x><p>Hi</body></html>",
                Some(base),
                "H",
                "S"
            ),
            "<!doctype html><HTML><Head lang=x>\nH<base href=\"https://www.example.com/a?b&amp;c\">\n<p>HiS\n</body></html>"
        );
        assert_eq!(
            with_widget(
                "<META content=\"x\" http-equiv=Content-Security-Policy><meta name=a content=content-security-policy>",
                None,
                "",
                ""
            ),
            "\n<META content=\"x\" http-equiv=x-not-in-the-preview><meta name=a content=content-security-policy>\n"
        );
        assert_eq!(
            with_widget("<header>a</header>", None, "H", "S"),
            "\nH<header>a</header>S\n"
        );
        let nested = "<meta content=\"<meta http-equiv=content-security-policy>\">";
        let html = with_widget(nested, None, "", "");
        assert_eq!(html.matches("x-not-in-the-preview").count(), 1);
        assert_eq!(with_widget("text", None, "H", "S"), "\nHtextS\n");
    }
}
