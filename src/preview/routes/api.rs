//! The API of the studio: the state, drafts, differences, and saving.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::sync::{Arc, MutexGuard};

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{golive, knowledge, logo, start, starters, website};
use crate::config::{BackendKind, Draft, Outline, OutlinedWidget, is_name, reports, schema};
use crate::edit::{self, DiffLine, Edit};
use crate::fs;
use crate::import::{self, Imported, Target};
use crate::preview::http::guard::Guard;
use crate::preview::http::{Client, Reply, Request};
use crate::preview::state::files::{Files, LoadedTheme, revision};
use crate::preview::state::view::View;
use crate::preview::state::{Preview, prefix_of};
use crate::theme::DEFAULT;
use crate::yaml::{Problems, Report, Source};

/// Up to this many files, a draft reports the problems of all of them; beyond, only of the widgets that it is about.
const ALL: usize = 100;

/// Most bytes of a draft's edits.
const MAX_DRAFT: usize = 64 * 1024;

/// Answers a request below `/_/api/`.
pub(in crate::preview) fn answer(
    preview: &Arc<Preview>,
    guard: &Guard,
    request: &Request,
) -> Reply {
    if !preview.place.token.is(request.header("x-preview-token")) {
        let message = "reload this page: the preview was restarted";
        return Reply::error(403, "wrong_token", message);
    }
    let origin = request.header("origin");
    if origin.is_some_and(|origin| !guard.is_own_origin(origin)) {
        return Reply::error(
            403,
            "origin_not_allowed",
            "only the preview's own page may do this",
        );
    }
    let call = request.path.trim_start_matches("/_/api/");
    let answered = match (request.method.as_str(), call) {
        ("GET", "state") => state(preview),
        ("POST", "widgets") => body(request).and_then(|asked| opened(preview, &asked)),
        ("GET", "starters") => starters(preview),
        ("POST", "draft") => {
            drafted(request).and_then(|asked| draft(preview, request.client, &asked))
        }
        ("POST", "diff") => body(request).and_then(|asked| diff(preview, &asked)),
        ("POST", "save") => body(request).and_then(|asked| save(preview, &asked)),
        ("POST", "init") => body(request).and_then(|asked| init(preview, &asked)),
        ("POST", "logo") => may_save(preview).and_then(|()| logo::keep(preview, request)),
        ("POST", "website") => may_save(preview)
            .and_then(|()| body(request))
            .and_then(|asked| website::take(preview, &asked)),
        ("POST", "import") => body(request).and_then(|asked| paste(preview, asked)),
        ("POST", "mode") => body(request).and_then(|asked| mode(preview, &asked)),
        ("POST", "network") => body(request).and_then(|asked| network(preview, &asked)),
        ("POST", "knowledge") => body(request).and_then(|asked| knowledge::answer(preview, &asked)),
        ("POST", "golive") => body(request).and_then(|asked| golive_list(preview, &asked)),
        ("POST", "live") => body(request).and_then(|Nothing {}| visit(preview)),
        ("POST", "publish") => body(request).and_then(|asked| publish(preview, asked)),
        (_, "state" | "starters") => Err(Reply::method_not_allowed("GET")),
        (
            _,
            "widgets" | "draft" | "diff" | "save" | "init" | "logo" | "website" | "import" | "mode"
            | "network" | "knowledge" | "golive" | "live" | "publish",
        ) => Err(Reply::method_not_allowed("POST")),
        _ => Err(Reply::not_found()),
    };
    answered.unwrap_or_else(|refusal| refusal)
}

/// A reply, or the reply to an error.
type Answered = Result<Reply, Reply>;

fn body<'a, T: Deserialize<'a>>(request: &'a Request) -> Result<T, Reply> {
    let is_json = request
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/json"));
    if !is_json {
        return Err(Reply::error(415, "unsupported_media_type", "send JSON"));
    }
    serde_json::from_slice(&request.body)
        .map_err(|err| Reply::error(400, "invalid_request", &err.to_string()))
}

/// The content of a draft. It is kept, so its size is limited.
fn drafted(request: &Request) -> Result<DraftAsked, Reply> {
    if request.body.len() > MAX_DRAFT {
        let message = "more than 64 KiB of changes cannot be previewed; save or undo some of them";
        return Err(Reply::error(413, "too_large", message));
    }
    body(request)
}

fn failed(err: &anyhow::Error) -> Reply {
    match err.downcast_ref::<Problems>() {
        Some(problems) => unprocessable(reports(problems, usize::MAX)),
        None => {
            let report = Report::of_error(err);
            let help = report
                .help
                .map(|help| format!(" ({help})"))
                .unwrap_or_default();
            Reply::error(500, "failed", &format!("{}{help}", report.message))
        }
    }
}

fn unprocessable(problems: Vec<Report>) -> Reply {
    Reply::json(422, &json!({"problems": problems}))
}

/// The files as they are now.
fn files(preview: &Preview) -> Result<Files, Reply> {
    let disk = preview.disk();
    disk.files
        .ok_or_else(|| unprocessable(disk.problems.to_vec()))
}

#[derive(Serialize)]
struct Widget {
    name: String,
    file: String,
    backend: Option<Value>,
    written: Value,
    inherited: Value,
}

fn widgets(preview: &Preview, outline: Outline) -> Vec<Widget> {
    let Outline {
        widgets, inherited, ..
    } = outline;
    let widget = |widget: OutlinedWidget| Widget {
        inherited: with_instructions(preview, &widget.merged, inherited.clone()),
        name: widget.name,
        file: shown(&widget.file),
        backend: widget.backend,
        written: widget.written,
    };
    widgets.into_iter().map(widget).collect()
}

/// With the text of `instructions_file` as what the widget inherits for `instructions`, so that the studio shows it.
/// Nobody on the network sees a file.
fn with_instructions(preview: &Preview, merged: &Value, mut inherited: Value) -> Value {
    let name = merged["backend"]["instructions_file"].as_str();
    let folder = preview.place.config.parent().unwrap_or(Path::new(""));
    let text = name
        .filter(|_| !preview.place.is_open)
        .and_then(|name| fs::read_project_text(folder, name).ok());
    if let (Some(text), Some(inherited)) = (text, inherited.as_object_mut()) {
        let backend = inherited.entry("backend").or_insert_with(|| json!({}));
        if let Some(backend) = backend.as_object_mut() {
            backend.insert("instructions".to_owned(), json!(text));
        }
    }
    inherited
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// The settings in these files, of the widgets that are `wanted`. A theme that cannot be read adds nothing; its errors
/// are among the site's problems.
fn outline(
    preview: &Preview,
    sources: Vec<Source>,
    wanted: &BTreeSet<&str>,
) -> (Outline, Option<Arc<LoadedTheme>>) {
    let draft = Draft::parse(sources);
    let theme = preview.themes.get(draft.theme().unwrap_or(DEFAULT)).ok();
    let settings = theme.as_ref().map(|theme| theme.theme.settings());
    (draft.outline(&settings.unwrap_or_default(), wanted), theme)
}

/// The settings of these widgets alone. Files of others are not parsed.
fn outline_of(preview: &Preview, sources: &[Source], names: &BTreeSet<&str>) -> Outline {
    let is_asked = |source: &Source| {
        let name = source.path.file_stem().and_then(|name| name.to_str());
        name.is_some_and(|name| names.contains(name))
    };
    let (site, others) = sources.split_at(1);
    let others = others.iter().filter(|source| is_asked(source));
    outline(preview, site.iter().chain(others).cloned().collect(), names).0
}

/// The names of all widgets: those in `site.yaml`, and those of the other files. None of these is parsed, because there
/// may be thousands.
fn names(of_site: Vec<String>, sources: &[Source]) -> Vec<String> {
    let known: HashSet<_> = of_site.iter().cloned().collect();
    let others = sources.iter().skip(1);
    let others = others.filter_map(|source| Some(source.path.file_stem()?.to_string_lossy()));
    let others = others.filter(|name| !known.contains(&**name));
    let others: Vec<_> = others.map(Cow::into_owned).collect();
    [of_site, others].concat()
}

fn state(preview: &Preview) -> Answered {
    let disk = preview.disk();
    let place = &preview.place;
    let sources = disk.files.as_ref().map(|files| &*files.sources);
    let site = sources.map(|sources| sources[..1].to_vec());
    let outlined = site.map(|site| outline(preview, site, &BTreeSet::new()));
    let (outline, theme) = outlined.unzip();
    let theme = theme.flatten();
    let icons = theme.as_ref().map(|theme| theme.theme.icons());
    let icons = icons.unwrap_or_default();
    let revision = disk.files.as_ref().map(Files::revision);
    if let (Some(revision), Some(files)) = (&revision, &disk.files) {
        preview.remember(revision, Arc::clone(&files.sources));
    }
    let is_real = preview.can_be_real();
    let nothing = || Value::Object(Map::new());
    Ok(Reply::json(
        200,
        &json!({
            "revision": revision,
            "config": shown(&place.config),
            "site": outline.as_ref().map_or_else(nothing, |outline| outline.site.clone()),
            "defaults": outline.as_ref().map_or_else(nothing, |outline| outline.defaults.clone()),
            "widgets": outline.zip(sources)
                .map_or_else(Vec::new, |(outline, sources)| names(outline.names, sources)),
            "problems": *disk.problems,
            "schema": schema(),
            "icons": icons.iter().map(|(name, svg)| json!({"name": name, "svg": svg})).collect::<Vec<_>>(),
            "themes": preview.themes.list(),
            "mode": {
                "demo": preview.is_demo(),
                "real": is_real,
                "why": (!is_real && !place.is_open).then(|| format!("{} is not set", session::OPENAI_API_KEY)),
                "down": preview.is_down(),
                "fixed": place.is_open.then_some(WHY_FIXED),
            },
            "saving": {
                "allowed": !place.is_open,
                "why": place.is_open.then_some(WHY_NOT_SAVED),
            },
            "deployed": disk.files.as_ref().map(|files| preview.deployed(files)),
            "stage": place.stage,
            "own_host_page": place.host_page.as_ref().map(crate::preview::routes::host_page::HostPage::name),
        }),
    ))
}

const WHY_NOT_SAVED: &str = "the network can reach this preview (--host), so it changes no files; start it without --host to save";

/// Also for this machine: the mode is the same for everybody, and a proxy or a tunnel makes a stranger look like this
/// machine.
const WHY_FIXED: &str = "the network can reach this preview (--host), so the demo and the network stay on for everybody; \
                         start it without --host to change that";

/// The names of widgets in the files of a revision.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Opened {
    revision: String,
    names: Vec<String>,
}

/// The settings of the widgets that somebody has opened. Those that do not exist are left out.
fn opened(preview: &Preview, asked: &Opened) -> Answered {
    let sources = base(preview, &asked.revision)?;
    let names = asked.names.iter().map(String::as_str).collect();
    let widgets = widgets(preview, outline_of(preview, &sources, &names));
    Ok(Reply::json(200, &json!({"widgets": widgets})))
}

/// Edits to the files of a revision.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edits {
    revision: String,
    edits: Vec<Edit>,
}

impl Edits {
    /// The files after the edits.
    fn apply(&self, sources: &[Source]) -> Result<Vec<Source>, Reply> {
        applied(sources, &self.edits)
    }
}

fn applied(sources: &[Source], edits: &[Edit]) -> Result<Vec<Source>, Reply> {
    edit::apply(sources, edits).map_err(|problems| unprocessable(reports(&problems, usize::MAX)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftAsked {
    id: String,
    revision: String,
    /// The widget that is shown.
    widget: Option<String>,
    edits: Vec<Edit>,
}

impl DraftAsked {
    /// The widgets that the reply is about: the one that is shown, and those that the edits are about.
    fn names(&self) -> BTreeSet<&str> {
        let edited = self.edits.iter().filter_map(|edit| match &*edit.path {
            [section, name, ..] if section == "widgets" => Some(&**name),
            _ => None,
        });
        edited.chain(self.widget.as_deref()).collect()
    }
}

fn draft(preview: &Preview, client: Client, asked: &DraftAsked) -> Answered {
    let id = &asked.id;
    check_id(id)?;
    let files = files(preview)?;
    if files.revision() != asked.revision {
        let message = "the files have changed; request the state again";
        return Err(Reply::error(409, "stale", message));
    }
    let sources = applied(&files.sources, &asked.edits)?;
    if !preview.begin_draft(id, client, &files) {
        let message = "too many drafts are open in this preview; close another tab of the studio, wait a minute, and reload";
        return Err(Reply::error(429, "too_many_drafts", message));
    }
    let widgets = widgets(preview, outline_of(preview, &sources, &asked.names()));
    let is_small = sources.len() <= ALL;
    let prefix = prefix_of(id);
    let files = files.edited(sources.into(), preview.place.is_open);
    let view = Arc::new(preview.view_of(files, &prefix));
    let mut problems = problems_of(&view, &widgets, is_small);
    if problems.is_empty()
        && let Err(trouble) = preview.set_draft(id, Arc::clone(&view))
    {
        problems = trouble.to_vec();
    }
    let snippets = match problems.is_empty() {
        true => snippets_of(&view, &widgets),
        false => Map::new(),
    };
    Ok(Reply::json(
        200,
        &json!({
            "ok": problems.is_empty(),
            "problems": problems,
            "prefix": prefix,
            "widgets": widgets,
            "snippets": snippets,
        }),
    ))
}

fn check_id(id: &str) -> Result<(), Reply> {
    match (8..=32).contains(&id.len()) && is_name(id) && !id.contains('-') {
        true => Ok(()),
        false => {
            let message = "an id has 8 to 32 lower-case letters and digits";
            Err(Reply::error(400, "invalid_request", message))
        }
    }
}

/// The snippets that people copy, by widget.
fn snippets_of(view: &View, widgets: &[Widget]) -> Map<String, Value> {
    let snippets = widgets.iter().filter_map(|widget| {
        let snippets = view.snippets(&widget.name).ok()??;
        Some((widget.name.clone(), json!(snippets)))
    });
    snippets.collect()
}

fn texts(sources: &[Source]) -> BTreeMap<&Path, &str> {
    let sources = sources.iter();
    sources
        .map(|source| (&*source.path, &*source.text))
        .collect()
}

fn problems_of(view: &View, widgets: &[Widget], is_small: bool) -> Vec<Report> {
    if is_small {
        return view.check();
    }
    let mut problems: Vec<Report> = Vec::new();
    for widget in widgets {
        if let Err(trouble) = view.part(&widget.name) {
            problems.extend(trouble.iter().cloned());
        }
    }
    problems.dedup();
    problems
}

/// The differences in one file.
#[derive(Serialize)]
struct FileDiff {
    path: String,
    diff: Vec<DiffLine>,
}

fn differences(before: &[Source], after: &[Source]) -> Vec<FileDiff> {
    let (before, after) = (texts(before), texts(after));
    let paths: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
    let text = |texts: &BTreeMap<&Path, &'_ str>, path| {
        texts.get(path).copied().unwrap_or_default().to_owned()
    };
    let diffs = paths.into_iter().filter_map(|path| {
        let (before, after) = (text(&before, path), text(&after, path));
        (before != after).then(|| FileDiff {
            path: shown(path),
            diff: edit::diff(&before, &after),
        })
    });
    diffs.collect()
}

/// The files of a revision, such as the one that edits were made for.
fn base(preview: &Preview, revision: &str) -> Result<Arc<[Source]>, Reply> {
    let message = "the preview no longer remembers these files; reload its page";
    preview
        .sources_of(revision)
        .ok_or_else(|| Reply::error(409, "stale", message))
}

fn diff(preview: &Preview, asked: &Edits) -> Answered {
    let before = base(preview, &asked.revision)?;
    let after = asked.apply(&before)?;
    Ok(Reply::json(
        200,
        &json!({"files": differences(&before, &after)}),
    ))
}

/// Refuses to let somebody in the network write files.
fn may_save(preview: &Preview) -> Result<(), Reply> {
    match preview.place.is_open {
        true => Err(Reply::error(403, "saving_is_off", WHY_NOT_SAVED)),
        false => Ok(()),
    }
}

fn save(preview: &Preview, asked: &Edits) -> Answered {
    may_save(preview)?;
    // One save at a time: a second one sees the files that the first has written.
    let _alone = preview.saving();
    let before = base(preview, &asked.revision)?;
    // What counts is what is on the disk, whether or not the change has been noticed yet.
    let now = Files::read(&preview.place.config).map_err(|err| failed(&err))?;
    let after = asked.apply(&before)?;
    if revision(&before) != now.revision() {
        let message = "the files have changed in the meantime; nothing was saved";
        let merges = asked.apply(&now.sources).is_ok();
        preview.remember(&now.revision(), Arc::clone(&now.sources));
        return Err(Reply::json(
            409,
            &json!({
                "error": {"code": "changed_on_disk", "message": message},
                "theirs": differences(&before, &now.sources),
                "mine": differences(&before, &after),
                "revision": now.revision(),
                "merges": merges,
            }),
        ));
    }
    let files = now.edited(after.clone().into(), false);
    let problems = preview.view_of(files, "").check();
    if !problems.is_empty() {
        return Err(unprocessable(problems));
    }
    edit::save(&before, &after).map_err(|err| failed(&err))?;
    preview.saved();
    let saved = revision(&after);
    preview.remember(&saved, after.into());
    preview.read(&[]);
    Ok(Reply::json(200, &json!({"revision": saved})))
}

fn init(preview: &Preview, asked: &start::Asked) -> Answered {
    may_save(preview)?;
    start::create(preview, asked).map_err(|err| failed(&err))
}

fn starters(preview: &Preview) -> Answered {
    starters::list(preview, &files(preview)?).map_err(|err| failed(&err))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paste {
    text: String,
    widget: String,
    /// The back end, for a widget that the files do not have yet.
    backend: Option<Value>,
}

/// The name of pasted options in messages.
const PASTE: &str = "paste";

fn paste(preview: &Preview, asked: Paste) -> Answered {
    let Paste {
        text,
        widget,
        backend,
    } = asked;
    if !is_name(&widget) {
        let message = "name the widget with 1 to 64 lower-case letters, digits and hyphens";
        return Err(Reply::error(400, "invalid_request", message));
    }
    let files = files(preview)?;
    let outline = outline_of(preview, &files.sources, &BTreeSet::from([&*widget]));
    let known = outline.widgets.first();
    let backend = backend.unwrap_or_else(|| BackendKind::default().starter());
    let (written, merged) = match known {
        Some(known) => (known.written.clone(), known.merged.clone()),
        None => (Value::Null, json!({"backend": backend})),
    };
    let target = Target {
        widget: &widget,
        written: &written,
        merged: &merged,
        agent: None,
    };
    let Imported { edits, notes, .. } = import::read(&text, PASTE, &target)
        .map_err(|problems| unprocessable(reports(&problems, 0)))?;
    Ok(Reply::json(200, &json!({"edits": edits, "notes": notes})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

const WHY_NOT_LIVE: &str = "the network can reach this preview (--host), so it neither visits nor publishes the site; \
                            start it without --host for that";

fn golive_list(preview: &Preview, asked: &golive::Asked) -> Answered {
    private(preview)?;
    golive::list(preview, asked).map_err(|err| failed(&err))
}

fn visit(preview: &Preview) -> Answered {
    private(preview)?;
    let _alone = errand(preview)?;
    golive::visit(preview).map_err(|err| failed(&err))
}

fn publish(preview: &Preview, asked: golive::Publication) -> Answered {
    private(preview)?;
    let _alone = errand(preview)?;
    golive::publish(preview, asked).map_err(|err| failed(&err))
}

/// Refuses to let somebody in the network send requests from this machine, or learn which variables it has.
fn private(preview: &Preview) -> Result<(), Reply> {
    match preview.place.is_open {
        true => Err(Reply::error(403, "going_live_is_off", WHY_NOT_LIVE)),
        false => Ok(()),
    }
}

fn errand(preview: &Preview) -> Result<MutexGuard<'_, ()>, Reply> {
    let message = "the site is being checked or published already; wait until that is done";
    preview
        .errand()
        .ok_or_else(|| Reply::error(409, "busy", message))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mode {
    demo: bool,
}

fn mode(preview: &Preview, asked: &Mode) -> Answered {
    changeable(preview)?;
    if !asked.demo && !preview.can_be_real() {
        let message = "OPENAI_API_KEY is not set: put it in `.env`";
        return Err(Reply::error(409, "not_configured", message));
    }
    preview.set_demo(asked.demo);
    Ok(Reply::json(200, &json!({"demo": asked.demo})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Network {
    down: bool,
}

fn network(preview: &Preview, asked: &Network) -> Answered {
    changeable(preview)?;
    preview.set_down(asked.down);
    Ok(Reply::json(200, &json!({"down": asked.down})))
}

/// Refuses to let somebody in the network change a setting that holds for everybody.
fn changeable(preview: &Preview) -> Result<(), Reply> {
    match preview.place.is_open {
        true => Err(Reply::error(403, "mode_is_fixed", WHY_FIXED)),
        false => Ok(()),
    }
}
