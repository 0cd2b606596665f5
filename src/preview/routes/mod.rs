//! The addresses of the preview. No request reaches the disk: everything is served from memory, except the files next
//! to the user's own page, which are found by searching its folder.

mod api;
pub(in crate::preview) mod demo;
mod golive;
pub(in crate::preview) mod host_page;
mod knowledge;
mod logo;
mod stage;
mod start;
mod starters;
mod trouble;
mod website;

use std::borrow::Cow;
use std::sync::Arc;

use rust_embed::RustEmbed;
use serde::Deserialize;
use session::{CHAT_PATH, SESSION_PATH, Service, handle};
use url::Url;

use crate::preview::http::guard::Guard;
use crate::preview::http::server::Answer;
use crate::preview::http::{EVENTS, Reply, Request, content_type};
use crate::preview::state::hub::{Audience, Listener};
use crate::preview::state::view::{Part, Trouble, View};
use crate::preview::state::{Place, Preview};
use crate::render::{NOT_FOUND_POLICY, Rendered};
use crate::site::Backend;
use crate::theme::LUCIDE_JSON;

/// The preview's own files for browsers, served below `/_/`: the page at `/` (`studio`, or `start` without a site), the host page (`stage`), the
/// updates of open pages (`live`), the stand-in chat (`demo`), and shared files (`shared`).
#[derive(RustEmbed)]
#[folder = "src/preview/web/"]
struct Web;

/// The folders that visitors' pages and the host page need.
const FOR_VISITORS: [&str; 4] = ["stage/", "live/", "demo/", "shared/"];

/// Lucide's icons, which themes use too.
const LUCIDE: &str = "shared/lucide.json";

/// The script that keeps a page up to date, added to every page for visitors. It goes after the page's last byte, where
/// browsers accept a script after any HTML, so that nothing in the page has to be found.
const LIVE: &str = "<script type=\"module\" src=\"/_/live/live.js\"></script>\n";

/// The policy of the page at `/`, which frames its neighbours on this machine.
fn studio_policy(preview: &Preview) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; \
         connect-src 'self'; font-src 'self'; frame-src 'self' {stage}; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
        stage = preview.place.stage
    )
}

/// Answers a request to the preview's own address.
pub(in crate::preview) fn main(preview: &Arc<Preview>, guard: &Guard, request: &Request) -> Answer {
    if request.path == EVENTS {
        return events(preview, request, Audience::Own);
    }
    if request.path == CHAT_PATH {
        return chat(preview, guard, request);
    }
    let reply = match request.path.as_str() {
        SESSION_PATH => session(preview, guard, request),
        demo::SESSIONS => {
            let authorization = request.header("authorization");
            demo::mint(authorization, &preview.place.token)
        }
        path if path.starts_with("/_/api/") => api::answer(preview, guard, request),
        _ if !matches!(request.method.as_str(), "GET" | "HEAD") => {
            Reply::method_not_allowed("GET, HEAD")
        }
        "/" if preview.disk().is_new => start::page(preview),
        "/" => studio_page(preview),
        path => file(preview, guard, request, path),
    };
    Answer::Reply(finish(preview, guard, request, reply))
}

/// Answers a request to the host page's address.
pub(in crate::preview) fn stage(
    preview: &Arc<Preview>,
    guard: &Guard,
    request: &Request,
) -> Answer {
    if request.path == EVENTS {
        return events(preview, request, Audience::HostPage);
    }
    let reply = match request.path.as_str() {
        _ if !matches!(request.method.as_str(), "GET" | "HEAD") => {
            Reply::method_not_allowed("GET, HEAD")
        }
        "/" => stage::page(preview, request, &embedded_text("stage/stage.html")),
        path => shared_file(path)
            .or_else(|| part_of_host_page(preview, request))
            .unwrap_or_else(Reply::not_found),
    };
    Answer::Reply(finish(preview, guard, request, reply))
}

/// Adds the headers of every reply. Browsers must not cache: the next reply may differ.
fn finish(preview: &Preview, guard: &Guard, request: &Request, mut reply: Reply) -> Reply {
    let has = |reply: &Reply, name: &str| {
        let mut headers = reply.headers.iter();
        headers.any(|(known, _)| known.eq_ignore_ascii_case(name))
    };
    for (name, value) in [
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ] {
        if !has(&reply, name) {
            reply = reply.with(name, value);
        }
    }
    // Only our own pages may read what a visitor's browser would be allowed to read.
    if let Some(origin) = request.header("origin")
        && !has(&reply, "Access-Control-Allow-Origin")
        // Error pages contain lines of files.
        && reply.status < 500
        && is_for_visitors(&request.path)
        && is_ours(preview, guard, origin)
    {
        reply = reply
            .with("Access-Control-Allow-Origin", origin)
            .with("Vary", "Origin");
    }
    reply
}

/// Returns whether a visitor's browser would receive this. The page at `/` holds the token, so no host page may read
/// it.
fn is_for_visitors(path: &str) -> bool {
    path != "/" && path.strip_prefix("/_/").is_none_or(is_shared)
}

fn is_shared(name: &str) -> bool {
    FOR_VISITORS.iter().any(|folder| name.starts_with(folder))
}

fn is_ours(preview: &Preview, guard: &Guard, origin: &str) -> bool {
    guard.is_own_origin(origin)
        || preview
            .place
            .origins
            .iter()
            .any(|known| known.matches(origin))
}

fn events(preview: &Preview, request: &Request, audience: Audience) -> Answer {
    match request.method.as_str() {
        "GET" => {
            let draft = request.parameter("draft");
            Answer::Events(
                preview.listen(Listener { audience, draft }),
                vec![("Cache-Control".to_owned(), "no-store".to_owned())],
            )
        }
        _ => Answer::Reply(Reply::method_not_allowed("GET")),
    }
}

fn studio_page(preview: &Preview) -> Reply {
    let page = embedded_text("studio/index.html");
    let page = page.replace("{{ token }}", preview.place.token.as_str());
    Reply::new(200, content_type(".html"), page)
        .with("Content-Security-Policy", studio_policy(preview))
        .with("X-Frame-Options", "DENY")
}

fn embedded(name: &str) -> Reply {
    if name == LUCIDE {
        return Reply::new(200, content_type(name), LUCIDE_JSON);
    }
    match Web::get(name) {
        Some(file) => Reply::new(200, content_type(name), file.data.into_owned()),
        None => Reply::not_found(),
    }
}

fn embedded_text(name: &str) -> String {
    let file = Web::get(name)
        .map(|file| file.data)
        .unwrap_or(Cow::Borrowed(b""));
    String::from_utf8_lossy(&file).into_owned()
}

/// A file of the built site, or of the preview itself.
fn file(preview: &Preview, guard: &Guard, request: &Request, path: &str) -> Reply {
    if let Some(name) = path
        .strip_prefix("/_/")
        .filter(|name| name.starts_with("studio/") || name.starts_with("start/"))
    {
        return embedded(name);
    }
    if let Some(reply) = shared_file(path) {
        return reply;
    }
    if let Some(name) = path.strip_prefix("/assets/") {
        return asset(preview, guard, request, name);
    }
    let (draft, below) = split_prefix(path);
    let disk = preview.disk();
    let Some(view) = preview.view(draft) else {
        return match draft {
            Some(_) => Reply::not_found(),
            None => trouble::page(&disk.problems),
        };
    };
    let mut answer = widget_file(preview, &view, below);
    // Viewers of this page hear of changes since the newest view, which may be newer than this one.
    if let Some(now) = preview.view(draft).filter(|now| !Arc::ptr_eq(now, &view)) {
        answer = widget_file(preview, &now, below);
    }
    match answer {
        Ok(Some(reply)) => reply,
        Ok(None) => not_found(&view),
        Err(problems) => trouble::page(&problems),
    }
}

/// A file next to the user's own page. Nobody else in the network receives one. A service worker of that page would
/// answer for everything that is tried here.
fn part_of_host_page(preview: &Preview, request: &Request) -> Option<Reply> {
    let Place {
        host_page, is_open, ..
    } = &preview.place;
    let is_worker = request.header("service-worker").is_some();
    let page = host_page.as_ref().filter(|_| !is_open && !is_worker)?;
    page.part(&request.path)
}

/// A file that pages at both addresses need.
fn shared_file(path: &str) -> Option<Reply> {
    let name = path.strip_prefix("/_/")?;
    (is_shared(name) || name.starts_with("trouble/")).then(|| embedded(name))
}

/// The draft of the page that sent the request, if it shows one.
fn draft_of_referrer(guard: &Guard, request: &Request) -> Option<String> {
    let page = Url::parse(request.header("referer")?).ok()?;
    let is_own = guard.is_own_origin(&page.origin().ascii_serialization());
    let (draft, _) = split_prefix(page.path());
    draft.filter(|_| is_own).map(str::to_owned)
}

/// The id of the draft in a path, and the path after its prefix.
fn split_prefix(path: &str) -> (Option<&str>, &str) {
    let parts = path
        .strip_prefix("/~")
        .and_then(|rest| rest.split_once('/'));
    match parts {
        Some((id, below)) => (Some(id), below),
        None => (None, path.trim_start_matches('/')),
    }
}

/// A file of a widget; `None` if it does not exist.
fn widget_file(preview: &Preview, view: &View, path: &str) -> Result<Option<Reply>, Trouble> {
    let Some(path) = path.strip_prefix("w/") else {
        return Ok(None);
    };
    let (name, file) = match path.split_once('/') {
        Some((name, file)) => (name, file),
        None => match path.strip_suffix(".js") {
            Some(name) => (name, ".js"),
            None => return Ok(None),
        },
    };
    let Some(rendered) = view.rendered(name, &preview.chatkit())? else {
        return Ok(None);
    };
    preview.keep(&rendered.assets);
    Ok(match file {
        "" | "index.html" => {
            let page = format!("{}{}{LIVE}", rendered.page, told(&rendered));
            let reply = Reply::new(200, content_type(".html"), page);
            let policy = rendered.frame_policy.clone();
            Some(reply.with("Content-Security-Policy", policy))
        }
        "settings.js" => {
            let settings = rendered.settings.clone();
            Some(Reply::new(200, content_type(".js"), settings))
        }
        // For the host page, which need not run a loader again to take over its settings.
        "loader.json" => Some(Reply::json(200, &rendered.loader_parts)),
        ".js" => Some(Reply::new(
            200,
            content_type(".js"),
            rendered.loader.clone(),
        )),
        _ => None,
    })
}

/// The settings of a page as data, which the preview's script compares with those of the next version.
fn told(rendered: &Rendered) -> String {
    let settings = rendered.settings_json();
    format!("<script id=\"preview-settings\" type=\"application/json\">{settings}</script>\n")
}

/// A file that all widgets share, or the icon of a page.
fn asset(preview: &Preview, guard: &Guard, request: &Request, name: &str) -> Reply {
    let draft = draft_of_referrer(guard, request);
    let of_theme = |view: Arc<View>| view.asset(name);
    let found = preview
        .kept(name)
        .or_else(|| preview.view(draft.as_deref()).and_then(of_theme))
        .or_else(|| preview.view(None).and_then(of_theme))
        .or_else(|| preview.drafts().into_iter().find_map(of_theme));
    match found {
        Some(bytes) => Reply::new(200, content_type(name), bytes),
        None => Reply::not_found(),
    }
}

fn not_found(view: &View) -> Reply {
    let part = view.part("").ok();
    let page = part.and_then(|part| part.renderer.not_found(part.site.languages()).ok());
    match page {
        Some(page) => Reply::new(404, content_type(".html"), page)
            .with("Content-Security-Policy", NOT_FOUND_POLICY),
        None => Reply::not_found(),
    }
}

/// The session endpoint: the same code that is deployed.
fn session(preview: &Arc<Preview>, guard: &Guard, request: &Request) -> Reply {
    /// The facts that are needed before the session code reads the request itself.
    #[derive(Deserialize)]
    struct Which {
        widget: String,
    }
    let widget = serde_json::from_slice(&request.body)
        .map(|Which { widget }| widget)
        .unwrap_or_default();
    match service_of(preview, guard, request, &widget) {
        Ok(service) => {
            let response = handle(&service, &for_function(preview, request));
            Reply {
                status: response.status,
                headers: response.headers,
                body: response.body.into_bytes(),
            }
        }
        Err(reply) => reply,
    }
}

/// The endpoint of agents: the same code that is deployed, with the instructions and the pages as they are now.
fn chat(preview: &Arc<Preview>, guard: &Guard, request: &Request) -> Answer {
    let bearer = request.header("authorization").unwrap_or_default();
    let widget = session::widget_of(bearer).unwrap_or_default();
    if has_old_files(preview, guard, request, &widget) {
        preview.read(&[]);
    }
    let service = match service_of(preview, guard, request, &widget) {
        Ok(service) => service,
        Err(reply) => return Answer::Reply(finish(preview, guard, request, reply)),
    };
    Answer::Function(service, for_function(preview, request))
}

/// Returns whether the instructions or the pages of a widget have changed since the site was read.
fn has_old_files(preview: &Arc<Preview>, guard: &Guard, request: &Request, widget: &str) -> bool {
    let Some((part, view)) = part_of(preview, guard, request, widget) else {
        return false;
    };
    let widget = part.widget(widget);
    let Some(Backend::Agent(agent)) = widget.map(|widget| &widget.backend) else {
        return false;
    };
    let file = agent.file.as_deref();
    let has_old_instructions = file.is_some_and(|name| {
        let now = view.files.text(name);
        now.is_ok_and(|text| text != agent.settings.instructions)
    });
    let knowledge = agent.knowledge.as_ref();
    has_old_instructions
        || knowledge.is_some_and(|known| !known.is_current(&|glob| view.files.pages(glob)))
}

/// The code of the function for a widget as this page shows it.
///
/// # Errors
///
/// The reply instead.
fn service_of(
    preview: &Arc<Preview>,
    guard: &Guard,
    request: &Request,
    widget: &str,
) -> Result<Arc<Service>, Reply> {
    if preview.is_down() {
        return Err(Reply::error(
            503,
            "network_down",
            "the preview simulates a network failure",
        ));
    }
    let Some((part, view)) = part_of(preview, guard, request, widget) else {
        let message = "the site has an error; the preview's page shows it";
        return Err(Reply::error(500, "not_configured", message));
    };
    let is_demo = preview.is_demo();
    let service = part.service(is_demo, || {
        let demo = is_demo.then_some((preview.place.origin.as_str(), &preview.place.token));
        demo::service(&part, &preview.for_function(&view), &preview.hub, demo)
    });
    Ok(Arc::clone(service))
}

/// The part of the site with a widget, as this page shows it.
fn part_of(
    preview: &Arc<Preview>,
    guard: &Guard,
    request: &Request,
    widget: &str,
) -> Option<(Arc<Part>, Arc<View>)> {
    let draft = draft_of_referrer(guard, request);
    let view = preview.view(draft.as_deref());
    let view = view.or_else(|| preview.view(None))?;
    Some((view.part(widget).ok()?, view))
}

fn for_function(preview: &Preview, request: &Request) -> session::Request {
    session::Request {
        method: request.method.clone(),
        path: request.path.clone(),
        headers: request.headers.clone(),
        body: request.body.clone(),
        id: preview.next_id(),
        deadline: None,
        client: None,
        // The guard has refused every other name.
        host_is_vouched: true,
    }
}

#[cfg(test)]
mod tests;
