//! The state of the preview: the files on the disk, the drafts, and their viewers.
//!
//! Whoever takes several locks takes them in this order:
//!
//! 1. `errand`, for a whole visit of the deployed site or a whole publication, and then `saving`, for a whole save
//! 2. `readings`, while files are read and the viewed widgets are rendered
//! 3. that of one part of a [`View`], while it is made
//! 4. that of [`Themes`], and then that of a theme's renderer, while they are loaded
//! 5. `mode`, while it is told
//! 6. any other. It is held for a moment, in which no other lock is taken
//!
//! 3 and 4 make those wait who need the same thing, so that it is made once.

mod checks;
mod deployed;
mod drafts;
pub(in crate::preview) mod files;
pub(in crate::preview) mod hub;
mod lock;
mod recent;
pub(in crate::preview) mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::Instant;

use serde::Serialize;
use serde_json::json;
use session::OriginPattern;

use crate::console;
use crate::environment::Environment;
use crate::init;
use crate::preview::http::Client;
use crate::preview::http::guard::Token;
use crate::preview::routes::demo;
use crate::preview::routes::host_page::HostPage;
use crate::preview::state::checks::{Checks, Job};
use crate::preview::state::deployed::{Deployed, Memory};
use crate::preview::state::drafts::Drafts;
use crate::preview::state::files::{Files, Themes};
use crate::preview::state::hub::{Hub, Listener};
use crate::preview::state::lock::lock;
use crate::preview::state::recent::Recent;
use crate::preview::state::view::{Trouble, View};
use crate::render::{Asset, ChatKit};
use crate::site::BaseUrl;
use crate::yaml::{Report, Source};

/// Number of file revisions that a save can still be compared with.
const REVISIONS: usize = 32;

/// Number of single widgets' assets that are kept: a page may still ask for the previous one.
const ASSETS: usize = 256;

/// The addresses of the preview, and its arguments from the command line.
pub(in crate::preview) struct Place {
    /// `site.yaml`.
    pub(in crate::preview) config: PathBuf,
    /// `http://127.0.0.1:3000`.
    pub(in crate::preview) origin: String,
    /// Origin of the host pages.
    pub(in crate::preview) stage: String,
    /// Other names of the two.
    pub(in crate::preview) origins: Vec<OriginPattern>,
    /// `--base-url`.
    pub(in crate::preview) given_url: Option<String>,
    pub(in crate::preview) host_page: Option<HostPage>,
    /// `true` if the network can reach it.
    pub(in crate::preview) is_open: bool,
    pub(in crate::preview) token: Token,
}

/// The state that requests and file changes share.
pub(in crate::preview) struct Preview {
    pub(in crate::preview) place: Place,
    pub(in crate::preview) themes: Arc<Themes>,
    pub(in crate::preview) hub: Arc<Hub>,
    errand: Mutex<()>,
    saving: Mutex<()>,
    readings: Mutex<Readings>,
    mode: Mutex<Mode>,
    disk: Mutex<Disk>,
    deployed: Mutex<Memory>,
    drafts: Mutex<Drafts<Arc<View>>>,
    /// Sources by their revision.
    revisions: Recent<Arc<[Source]>>,
    /// Assets by their name.
    assets: Recent<Vec<u8>>,
    checks: Checks,
    requests: AtomicU64,
}

/// The readings of the files so far.
#[derive(Default)]
struct Readings {
    count: u64,
    /// `true` if the last one failed, so that its changes are still to be read.
    has_failed: bool,
}

/// Who answers in the chat.
#[derive(Serialize)]
struct Mode {
    /// `true` if the stand-in answers in place of OpenAI. It always does while the network can reach the preview:
    /// otherwise anybody could use the key by asking for a session.
    demo: bool,
    /// `true` if sessions and chat fail, as without a network.
    down: bool,
}

/// The state of the files on the disk.
#[derive(Clone, Default)]
pub(in crate::preview) struct Disk {
    /// As they are now, good or bad.
    pub(in crate::preview) files: Option<Files>,
    /// The last good state.
    pub(in crate::preview) view: Option<Arc<View>>,
    pub(in crate::preview) problems: Trouble,
    /// `true` as long as there is no site: the folder has no `site.yaml`, and had none since the start.
    pub(in crate::preview) is_new: bool,
}

impl Preview {
    pub(in crate::preview) fn new(place: Place, themes: Themes) -> Arc<Self> {
        Arc::new(Self {
            place,
            themes: Arc::new(themes),
            hub: Arc::default(),
            errand: Mutex::default(),
            saving: Mutex::default(),
            readings: Mutex::default(),
            mode: Mutex::new(Mode {
                demo: true,
                down: false,
            }),
            disk: Mutex::default(),
            deployed: Mutex::default(),
            drafts: Mutex::default(),
            revisions: Recent::new(REVISIONS),
            assets: Recent::new(ASSETS),
            checks: Checks::default(),
            requests: AtomicU64::new(1),
        })
    }

    pub(in crate::preview) fn disk(&self) -> Disk {
        lock(&self.disk).clone()
    }

    /// The view that is served below a prefix: a draft's or, without one, that of the disk.
    pub(in crate::preview) fn view(&self, draft: Option<&str>) -> Option<Arc<View>> {
        match draft {
            None => self.disk().view,
            Some(id) => lock(&self.drafts).ask(id),
        }
    }

    /// A view of these files below a prefix.
    pub(in crate::preview) fn view_of(&self, files: Files, prefix: &str) -> View {
        View::new(
            files,
            Arc::clone(&self.themes),
            BaseUrl::of_preview(&self.place.origin, prefix),
            self.place.given_url.clone(),
            self.place.origins.clone(),
        )
    }

    /// Reads the changed files and shows them, or all files if `changed` is empty.
    ///
    /// The viewed widgets come first. [`Preview::check_all`] checks everything else afterwards.
    pub(in crate::preview) fn read(&self, changed: &[PathBuf]) {
        // Of two readings at once, the one that started first must not end last.
        let mut readings = lock(&self.readings);
        let is_all = readings.has_failed || changed.is_empty();
        let config = &self.place.config;
        let is_of_theme = |path: &PathBuf| path.starts_with(self.themes.folder());
        if is_all || changed.iter().any(is_of_theme) {
            self.themes.forget();
        }
        let of_site: Vec<_> = changed
            .iter()
            .filter(|path| !is_of_theme(path))
            .cloned()
            .collect();
        let before = self.disk();
        if changed
            .iter()
            .any(|path| is_of_theme(path) || is_variables(path))
        {
            lock(&self.deployed).others += 1;
        }
        // Running checks are out of date.
        readings.count += 1;
        let files = match &before.files {
            Some(files) if !is_all => files.read_again(config, &of_site),
            _ => Files::read(config),
        };
        readings.has_failed = files.is_err();
        match files {
            Ok(files) => {
                let is_of_all = |path: &PathBuf| is_of_theme(path) || is_variables(path);
                self.show(&before, files.clone(), readings.count);
                if is_all || changed.iter().any(is_of_all) {
                    self.show_drafts(&files);
                }
            }
            Err(err) => {
                lock(&self.disk).is_new = before.files.is_none() && init::is_new(config);
                self.set_problems(vec![Report::of_error(&err)], None);
            }
        }
    }

    /// Shows the files that a reading has found.
    fn show(&self, before: &Disk, files: Files, reading: u64) {
        let view = Arc::new(self.view_of(files.clone(), ""));
        let drafts = self.drafts();
        // A theme can also break widgets that only a draft shows.
        let looked_at: BTreeSet<_> = before
            .view
            .iter()
            .chain(&drafts)
            .flat_map(|view| view.looked_at())
            .collect();
        let made = view.render_all(looked_at, &self.chatkit());
        if let Err(trouble) = made.and_then(|()| view.part("").map(drop)) {
            self.set_problems(trouble.to_vec(), Some(files));
            return;
        }
        let mut disk = lock(&self.disk);
        disk.is_new = false;
        disk.files = Some(files.clone());
        disk.view = Some(Arc::clone(&view));
        drop(disk);
        if let Some(old) = &before.view {
            self.tell_changes(old, &view, None);
        }
        self.checks.put(Job { files, reading });
    }

    /// Renders the drafts again with the current themes and variables. A draft that they break stays as it was;
    /// [`Preview::show`] reports the errors.
    fn show_drafts(&self, files: &Files) {
        let drafts = lock(&self.drafts).all();
        for (id, old) in drafts {
            let files = files.edited(Arc::clone(&old.files.sources), self.place.is_open);
            let view = Arc::new(self.view_of(files, &prefix_of(&id)));
            if view.render_all(old.looked_at(), &self.chatkit()).is_err() {
                continue;
            }
            let drafts = lock(&self.drafts);
            // The editor may have been faster.
            if drafts.get(&id).is_some_and(|now| Arc::ptr_eq(now, &old)) {
                self.put_draft(drafts, &id, view);
            }
        }
    }

    /// Tells the viewers of `old` what is different in `new`.
    fn tell_changes(&self, old: &View, new: &View, draft: Option<&str>) {
        let chatkit = self.chatkit();
        let stamps_in = |view: &View, name: &str| view.stamps(name, &chatkit).unwrap_or_default();
        let mut stamps = BTreeMap::new();
        for name in old.looked_at() {
            let before = stamps_in(old, &name);
            // A removed widget has no stamps any more, which is a change too.
            let after = stamps_in(new, &name);
            for path in before.keys() {
                let stamp = after.get(path).cloned().unwrap_or_default();
                if before.get(path) != Some(&stamp) {
                    stamps.insert(path.clone(), stamp);
                }
            }
        }
        if !stamps.is_empty() {
            let prefix = draft.map(prefix_of).unwrap_or_default();
            let change = json!({"prefix": prefix, "stamps": stamps});
            self.hub.tell_change(draft, &change);
        }
    }

    /// Stores the problems, and reports them if they differ from before.
    fn set_problems(&self, problems: Vec<Report>, files: Option<Files>) {
        let problems = Arc::new(problems);
        let mut disk = lock(&self.disk);
        if files.is_some() {
            disk.files = files;
            disk.is_new = false;
        }
        let before = std::mem::replace(&mut disk.problems, Arc::clone(&problems));
        let files = disk.files.clone();
        let is_new = disk.is_new;
        drop(disk);
        // The page at `/` asks for a site; that is no error.
        if !is_new {
            say(&before, &problems);
        }
        let revision = files.as_ref().map(Files::revision);
        if let (Some(revision), Some(files)) = (&revision, files) {
            self.remember(revision, files.sources);
        }
        let site = json!({"revision": revision, "ok": problems.is_empty(), "problems": *problems});
        self.hub.tell("site", &site);
    }

    /// Checks all files, again after each change, until [`Preview::end`].
    ///
    /// In threads of its own, one fewer than there are processors: what is viewed never waits for the rest.
    pub(in crate::preview) fn check_all(&self) {
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        let threads = rayon::ThreadPoolBuilder::new().num_threads((processors - 1).max(1));
        let pool = threads.build();
        while let Some(Job { files, reading }) = self.checks.next() {
            // Not while the readings are locked, because it takes its time.
            files.revision();
            let view = self.view_of(files, "");
            let problems = match &pool {
                Ok(pool) => pool.install(|| view.check()),
                Err(_) => view.check(),
            };
            drop(view);
            // There may be newer files by now, or soon; the errors of these are out of date then.
            let readings = lock(&self.readings);
            if readings.count == reading {
                self.set_problems(problems, None);
            }
        }
    }

    /// Held while somebody saves.
    pub(in crate::preview) fn saving(&self) -> MutexGuard<'_, ()> {
        lock(&self.saving)
    }

    /// Held during what takes its time on the internet; `None` if there is such an errand already.
    pub(in crate::preview) fn errand(&self) -> Option<MutexGuard<'_, ()>> {
        match self.errand.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(err)) => Some(err.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// A name for what these files come to with the current themes and variables.
    pub(in crate::preview) fn stamp(&self, files: &Files) -> String {
        format!("{} {}", files.revision(), lock(&self.deployed).others)
    }

    /// Whether visitors see these files, as far as anybody has looked.
    pub(in crate::preview) fn deployed(&self, files: &Files) -> Deployed {
        let now = self.stamp(files);
        lock(&self.deployed).of(&now)
    }

    /// Takes note that the site was visited, and of the stamp of what visitors see, if that is known.
    pub(in crate::preview) fn visited(&self, seen: Option<String>) {
        lock(&self.deployed).seen = seen;
    }

    /// Takes note that files were saved here.
    pub(in crate::preview) fn saved(&self) {
        lock(&self.deployed).has_saved = true;
    }

    /// Ends all streams and checks.
    pub(in crate::preview) fn end(&self) {
        self.checks.end();
        self.hub.close();
    }

    /// Keeps the files of a revision, for the comparison when somebody saves.
    pub(in crate::preview) fn remember(&self, revision: &str, sources: Arc<[Source]>) {
        self.revisions.keep(revision, || sources);
    }

    /// The files of a revision that somebody has seen.
    pub(in crate::preview) fn sources_of(&self, revision: &str) -> Option<Arc<[Source]>> {
        self.revisions.get(revision)
    }

    /// Makes room for a draft, if it is new. Until [`Preview::set_draft`], it shows the last good files on the disk,
    /// or else these files. Returns whether there was room.
    pub(in crate::preview) fn begin_draft(&self, id: &str, of: Client, files: &Files) -> bool {
        if self.view(Some(id)).is_some() {
            return true;
        }
        let good = self.disk().view.map(|view| view.files.clone());
        let view = self.view_of(good.unwrap_or_else(|| files.clone()), &prefix_of(id));
        let heard = self.hub.drafts();
        let is_heard = |id: &str| heard.contains(id);
        lock(&self.drafts).begin((id, of), Arc::new(view), is_heard, Instant::now())
    }

    /// Replaces the view of a draft.
    ///
    /// # Errors
    ///
    /// The errors in the widgets that are viewed. The old view stays then.
    pub(in crate::preview) fn set_draft(&self, id: &str, view: Arc<View>) -> Result<(), Trouble> {
        let before = lock(&self.drafts).get(id).cloned();
        if let Some(before) = before {
            view.render_all(before.looked_at(), &self.chatkit())?;
        }
        self.put_draft(lock(&self.drafts), id, view);
        Ok(())
    }

    fn put_draft(&self, mut drafts: MutexGuard<'_, Drafts<Arc<View>>>, id: &str, view: Arc<View>) {
        let before = drafts.replace(id, Arc::clone(&view));
        drop(drafts);
        if let Some(before) = before {
            self.tell_changes(&before, &view, Some(id));
        }
    }

    /// Keeps the assets of a page that was served.
    pub(in crate::preview) fn keep(&self, assets: &[Asset]) {
        for asset in assets {
            self.assets.keep(&asset.name, || asset.bytes.clone());
        }
    }

    pub(in crate::preview) fn kept(&self, name: &str) -> Option<Vec<u8>> {
        self.assets.get(name)
    }

    /// All drafts, without counting as use.
    pub(in crate::preview) fn drafts(&self) -> Vec<Arc<View>> {
        let drafts = lock(&self.drafts).all();
        drafts.into_iter().map(|(_, view)| view).collect()
    }

    /// A new id, to find a request in the log.
    pub(in crate::preview) fn next_id(&self) -> String {
        format!("preview-{}", self.requests.fetch_add(1, Ordering::Relaxed))
    }

    /// Returns whether the stand-in chat answers.
    pub(in crate::preview) fn is_demo(&self) -> bool {
        lock(&self.mode).demo
    }

    /// The ChatKit that pages load: the stand-in or OpenAI's.
    pub(in crate::preview) fn chatkit(&self) -> ChatKit {
        match self.is_demo() {
            true => demo::chatkit(&self.place.origin),
            false => ChatKit::of_openai(),
        }
    }

    /// Returns whether OpenAI may answer: its key is set, and nobody else can use it.
    pub(in crate::preview) fn can_be_real(&self) -> bool {
        if self.place.is_open {
            return false;
        }
        let files = self.disk().files;
        files.is_some_and(|files| files.environment.get(session::OPENAI_API_KEY).is_some())
    }

    /// The variables for the function. None while the network can reach the preview: the demo needs none, so a draft
    /// that names one, in whatever key, gets the same answer whether it is set or not.
    pub(in crate::preview) fn for_function(&self, view: &View) -> Arc<Environment> {
        match self.place.is_open {
            true => Arc::new(Environment::none()),
            false => Arc::clone(&view.files.environment),
        }
    }

    pub(in crate::preview) fn set_demo(&self, demo: bool) {
        self.change_mode(|mode| mode.demo = demo || self.place.is_open);
    }

    pub(in crate::preview) fn is_down(&self) -> bool {
        lock(&self.mode).down
    }

    pub(in crate::preview) fn set_down(&self, down: bool) {
        self.change_mode(|mode| mode.down = down);
    }

    /// The events from now on, after the current state: a page that was away may have missed changes.
    pub(in crate::preview) fn listen(&self, listener: Listener) -> Receiver<String> {
        // Held until it listens, so that it misses no change.
        let mode = lock(&self.mode);
        self.hub.listen(listener, "mode", &*mode)
    }

    fn change_mode(&self, change: impl FnOnce(&mut Mode)) {
        // Held until it is told, so that the last of two changes is told last.
        let mut mode = lock(&self.mode);
        change(&mut mode);
        self.hub.tell("mode", &*mode);
    }
}

fn is_variables(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == ".env")
}

/// Prints new errors on the terminal, and that there are no more.
fn say(before: &[Report], after: &[Report]) {
    if before == after {
        return;
    }
    for problem in after {
        console::problem(&problem.rendered);
    }
    if after.is_empty() {
        console::status("site", "no more errors");
    }
}

/// The path below which a draft is served.
pub(in crate::preview) fn prefix_of(draft: &str) -> String {
    format!("/~{draft}")
}
