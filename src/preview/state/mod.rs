//! The state of the preview: the files on the disk, the drafts, and their viewers.

mod drafts;
pub(in crate::preview) mod files;
pub(in crate::preview) mod hub;
pub(in crate::preview) mod view;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use serde_json::json;
use session::OriginPattern;

use crate::console;
use crate::environment::Environment;
use crate::preview::http::Client;
use crate::preview::http::guard::Token;
use crate::preview::routes::demo;
use crate::preview::routes::host_page::HostPage;
use crate::preview::state::drafts::Drafts;
use crate::preview::state::files::{Files, Themes};
use crate::preview::state::hub::{Hub, Listener};
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
    disk: RwLock<Disk>,
    drafts: Mutex<Drafts<Arc<View>>>,
    revisions: Mutex<VecDeque<(String, Arc<[Source]>)>>,
    assets: Mutex<VecDeque<Asset>>,
    /// `true` if the stand-in chat answers in place of OpenAI.
    demo: AtomicBool,
    /// `true` if sessions and chat fail, as without a network.
    down: AtomicBool,
    requests: AtomicU64,
    /// Number of readings.
    generation: AtomicU64,
    /// Held while files are read; `true` if a reading failed, so that its changes are still to be read.
    reading: Mutex<bool>,
    saving: Mutex<()>,
    /// Files that are to be checked as a whole.
    unchecked: (Mutex<Work>, Condvar),
}

#[derive(Default)]
struct Work {
    /// With the number of their reading.
    files: Option<(u64, Files)>,
    is_over: bool,
}

/// The state of the files on the disk.
#[derive(Clone)]
pub(in crate::preview) struct Disk {
    /// As they are now, good or bad.
    pub(in crate::preview) files: Option<Files>,
    /// The last good state.
    pub(in crate::preview) view: Option<Arc<View>>,
    pub(in crate::preview) problems: Trouble,
}

impl Preview {
    pub(in crate::preview) fn new(place: Place, themes: Themes) -> Arc<Self> {
        Arc::new(Self {
            place,
            themes: Arc::new(themes),
            hub: Arc::default(),
            disk: RwLock::new(Disk {
                files: None,
                view: None,
                problems: Arc::default(),
            }),
            drafts: Mutex::default(),
            revisions: Mutex::default(),
            assets: Mutex::default(),
            demo: AtomicBool::new(true),
            down: AtomicBool::new(false),
            requests: AtomicU64::new(1),
            generation: AtomicU64::new(0),
            reading: Mutex::default(),
            saving: Mutex::default(),
            unchecked: Default::default(),
        })
    }

    pub(in crate::preview) fn disk(&self) -> Disk {
        let disk = self.disk.read().unwrap_or_else(PoisonError::into_inner);
        disk.clone()
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

    /// Reads the changed files and shows them. `changed` is empty at the start.
    ///
    /// The viewed widgets come first. [`Preview::check_all`] checks everything else afterwards.
    pub(in crate::preview) fn read(&self, changed: &[PathBuf]) {
        // Of two readings at once, the one that started first must not end last.
        let mut has_failed = lock(&self.reading);
        let is_all = *has_failed || changed.is_empty();
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
        // Running checks are out of date.
        self.generation.fetch_add(1, Ordering::SeqCst);
        let files = match &before.files {
            Some(files) if !is_all => files.read_again(config, &of_site),
            _ => Files::read(config),
        };
        *has_failed = files.is_err();
        match files {
            Ok(files) => {
                let is_of_all = |path: &PathBuf| {
                    is_of_theme(path) || path.file_name().is_some_and(|name| name == ".env")
                };
                self.show(&before, files.clone());
                if is_all || changed.iter().any(is_of_all) {
                    self.show_drafts(&files);
                }
            }
            Err(err) => self.set_problems(vec![Report::of_error(&err)], None),
        }
    }

    fn show(&self, before: &Disk, files: Files) {
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
        let mut disk = self.disk.write().unwrap_or_else(PoisonError::into_inner);
        disk.files = Some(files.clone());
        disk.view = Some(Arc::clone(&view));
        drop(disk);
        if let Some(old) = &before.view {
            self.tell_changes(old, &view, None);
        }
        let (work, wake) = &self.unchecked;
        lock(work).files = Some((self.generation.load(Ordering::SeqCst), files));
        wake.notify_one();
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
        let mut disk = self.disk.write().unwrap_or_else(PoisonError::into_inner);
        if files.is_some() {
            disk.files = files;
        }
        let before = std::mem::replace(&mut disk.problems, Arc::clone(&problems));
        let revision = disk.files.as_ref().map(Files::revision);
        let sources = disk.files.as_ref().map(|files| Arc::clone(&files.sources));
        drop(disk);
        say(&before, &problems);
        if let (Some(revision), Some(sources)) = (&revision, sources) {
            self.remember(revision, sources);
        }
        let site = json!({"revision": revision, "ok": problems.is_empty(), "problems": *problems});
        self.hub.tell("site", &site);
    }

    /// Checks all files, again after each change, until [`Preview::end`].
    pub(in crate::preview) fn check_all(&self) {
        let (work, wake) = &self.unchecked;
        loop {
            let mut waiting = lock(work);
            let (generation, files) = loop {
                if waiting.is_over {
                    return;
                }
                match waiting.files.take() {
                    Some(files) => break files,
                    None => {
                        waiting = wake.wait(waiting).unwrap_or_else(PoisonError::into_inner);
                    }
                }
            };
            drop(waiting);
            let problems = self.view_of(files, "").check();
            // There may be newer files by now, or soon; the errors of these are out of date then.
            let _alone = lock(&self.reading);
            if self.generation.load(Ordering::SeqCst) == generation {
                self.set_problems(problems, None);
            }
        }
    }

    /// Reads everything again, without waiting for a file event.
    pub(in crate::preview) fn read_again(&self) {
        self.read(&[]);
    }

    /// Held while somebody saves.
    pub(in crate::preview) fn saving(&self) -> MutexGuard<'_, ()> {
        lock(&self.saving)
    }

    /// Ends all streams and checks.
    pub(in crate::preview) fn end(&self) {
        let (work, wake) = &self.unchecked;
        lock(work).is_over = true;
        wake.notify_all();
        self.hub.close();
    }

    /// Keeps the files of a revision, for the comparison when somebody saves.
    pub(in crate::preview) fn remember(&self, revision: &str, sources: Arc<[Source]>) {
        let mut revisions = lock(&self.revisions);
        if revisions.iter().all(|(known, _)| known != revision) {
            if revisions.len() == REVISIONS {
                revisions.pop_front();
            }
            revisions.push_back((revision.to_owned(), sources));
        }
    }

    /// The files of a revision that somebody has seen.
    pub(in crate::preview) fn sources_of(&self, revision: &str) -> Option<Arc<[Source]>> {
        let revisions = lock(&self.revisions);
        let mut known = revisions.iter();
        known
            .find(|(known, _)| known == revision)
            .map(|(_, sources)| Arc::clone(sources))
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
        let mut kept = lock(&self.assets);
        for asset in assets {
            // The most recently requested go to the end.
            let known = kept.iter().position(|known| known.name == asset.name);
            let asset = known
                .and_then(|at| kept.remove(at))
                .unwrap_or_else(|| asset.clone());
            if kept.len() == ASSETS {
                kept.pop_front();
            }
            kept.push_back(asset);
        }
    }

    pub(in crate::preview) fn kept(&self, name: &str) -> Option<Vec<u8>> {
        let assets = lock(&self.assets);
        let mut known = assets.iter();
        known
            .find(|asset| asset.name == name)
            .map(|asset| asset.bytes.clone())
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

    /// Returns whether the stand-in chat answers. It always does while the network can reach the preview: otherwise
    /// anybody could use the key by asking for a session.
    pub(in crate::preview) fn is_demo(&self) -> bool {
        self.place.is_open || self.demo.load(Ordering::SeqCst)
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
        self.demo.store(demo, Ordering::SeqCst);
        self.tell_mode();
    }

    pub(in crate::preview) fn is_down(&self) -> bool {
        self.down.load(Ordering::SeqCst)
    }

    pub(in crate::preview) fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
        self.tell_mode();
    }

    /// The events from now on, after the current state: a page that was away may have missed changes.
    pub(in crate::preview) fn listen(&self, listener: Listener) -> Receiver<String> {
        self.hub.listen(listener, "mode", &self.mode())
    }

    fn tell_mode(&self) {
        self.hub.tell("mode", &self.mode());
    }

    fn mode(&self) -> serde_json::Value {
        json!({"demo": self.is_demo(), "down": self.is_down()})
    }
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
