//! Notices changes to the site's files.
//!
//! Folders are watched, not files: editors that save by renaming would leave a watch on the old file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{
    Config, ErrorKind, Event, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode,
    Watcher as _,
};

use crate::config::{WIDGETS, is_yaml};
use crate::console;

/// A change is reported once nothing more has happened for this long …
const QUIET: Duration = Duration::from_millis(4);

/// … or after this long, while a tool is writing many files.
const LONGEST: Duration = Duration::from_millis(80);

/// Interval of polling where the system sends no file events.
const POLL: Duration = Duration::from_millis(400);

/// Interval of looking for missing folders.
const MISSING: Duration = Duration::from_secs(1);

/// A message that wakes the loop.
enum Message {
    Changed(Vec<PathBuf>),
    /// The system lost track: anything may have changed.
    Lost,
    /// The system watches no more folders.
    Full(notify::Error),
    Stop,
}

/// Stops a watcher from another thread.
#[derive(Clone)]
pub(in crate::preview) struct Stop(Sender<Message>);

impl Stop {
    pub(in crate::preview) fn stop(&self) {
        let _ = self.0.send(Message::Stop);
    }
}

/// The system's own watcher, or one that polls.
enum Inner {
    System(RecommendedWatcher),
    Poll(PollWatcher),
}

/// Watches the files of one site.
pub(in crate::preview) struct Watcher {
    config: PathBuf,
    inner: Inner,
    watched: BTreeSet<PathBuf>,
    messages: Receiver<Message>,
    sender: Sender<Message>,
}

impl Watcher {
    /// `poll` is for file systems without file events: network drives, some containers.
    ///
    /// # Errors
    ///
    /// A system without any watcher.
    pub(in crate::preview) fn new(config: &Path, poll: bool) -> Result<Self> {
        let (sender, messages) = channel();
        let inner = match poll {
            true => polling(sender.clone())?,
            false => match system(sender.clone()) {
                Ok(inner) => inner,
                Err(err) => {
                    say_polling(&err);
                    polling(sender.clone())?
                }
            },
        };
        let mut watcher = Self {
            config: config.to_owned(),
            inner,
            watched: BTreeSet::new(),
            messages,
            sender,
        };
        watcher.watch_folders()?;
        Ok(watcher)
    }

    pub(in crate::preview) fn stop(&self) -> Stop {
        Stop(self.sender.clone())
    }

    /// Calls `changed` with the paths, relative if the path of `site.yaml` is, until it is stopped.
    pub(in crate::preview) fn run(mut self, mut changed: impl FnMut(&[PathBuf])) {
        let mut again = false;
        loop {
            let is_pending = std::mem::take(&mut again);
            let first = match self.next(is_pending) {
                Some(Message::Stop) | None => return,
                Some(message) => message,
            };
            let started = Instant::now();
            let mut paths = BTreeSet::new();
            let mut lost = self.add(first, &mut paths);
            while !paths.is_empty() || lost {
                let left = LONGEST.saturating_sub(started.elapsed()).min(QUIET);
                match self.messages.recv_timeout(left) {
                    Ok(Message::Stop) => return,
                    Ok(message) => lost |= self.add(message, &mut paths),
                    Err(_) => break,
                }
            }
            // A second look finds what was in a new folder before it was watched.
            again = !lost && (is_pending || paths.iter().any(|path| path.is_dir()));
            self.forget_replaced(&paths);
            if self.watch_folders().is_err() {
                lost = true;
            }
            if lost {
                // A path that is not a file means "read everything".
                paths.extend([WIDGETS, THEMES].map(|name| self.folder().join(name)));
            }
            if !paths.is_empty() {
                let paths: Vec<_> = paths.into_iter().collect();
                self.settle(&paths);
                changed(&paths);
            }
        }
    }

    /// The next message. With `again`, returns in time for a second look. If the site's folder is missing, looks for
    /// it from time to time.
    fn next(&mut self, again: bool) -> Option<Message> {
        loop {
            let is_there = self.folder_or_dot().is_dir();
            let patience = match (again, is_there) {
                (true, _) => LONGEST,
                (false, false) => MISSING,
                (false, true) => return self.messages.recv().ok(),
            };
            match self.messages.recv_timeout(patience) {
                Ok(message) => return Some(message),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) if again => return Some(Message::Lost),
                Err(RecvTimeoutError::Timeout) => {
                    if self.folder_or_dot().is_dir() {
                        self.watched.clear();
                        return Some(Message::Lost);
                    }
                }
            }
        }
    }

    /// Forgets a folder that was replaced by a new one of the same name.
    fn forget_replaced(&mut self, paths: &BTreeSet<PathBuf>) {
        let root = self.root();
        for name in [WIDGETS, THEMES] {
            if paths.contains(&self.folder().join(name)) {
                let folder = root.join(name);
                self.unwatch(&folder);
                self.watched.remove(&folder);
            }
        }
    }

    /// Waits for files that are being replaced: they are missing for a moment, or empty.
    fn settle(&self, paths: &[PathBuf]) {
        let is_half = || {
            paths.contains(&self.config)
                && self.config.metadata().map_or(0, |metadata| metadata.len()) == 0
        };
        let started = Instant::now();
        while is_half() && started.elapsed() < LONGEST {
            std::thread::sleep(QUIET);
        }
    }

    /// Adds the paths of a message. Returns whether the system lost track.
    fn add(&mut self, message: Message, paths: &mut BTreeSet<PathBuf>) -> bool {
        let changed = match message {
            Message::Changed(changed) => changed,
            Message::Full(err) => {
                // Polling may work, and without it nothing would report changes.
                let _ = self.poll_from_now_on(&err);
                return true;
            }
            Message::Lost | Message::Stop => return true,
        };
        let root = self.root();
        let mut lost = false;
        for path in changed {
            if path == root {
                // Replaced by another folder of the same name, which is not watched.
                self.unwatch(&root);
                self.watched.clear();
                lost = true;
            } else if let Some(path) = self.relevant(&path) {
                paths.insert(path);
            }
        }
        lost
    }

    /// The path as the rest of the program knows it, if a site depends on it.
    fn relevant(&self, path: &Path) -> Option<PathBuf> {
        if self.target().is_some_and(|target| target == path) {
            return Some(self.config.clone());
        }
        let root = self.root();
        let relative = path.strip_prefix(&root).ok().or_else(|| {
            // Paths are reported as they were passed in, or resolved.
            path.strip_prefix(self.folder_or_dot()).ok()
        })?;
        let is_hidden = |part: &std::ffi::OsStr| part.as_encoded_bytes().starts_with(b".");
        if relative == Path::new(".env") {
            return Some(self.folder().join(relative));
        }
        if relative.iter().any(is_hidden) {
            return None;
        }
        let is_site = self
            .config
            .file_name()
            .is_some_and(|name| relative == Path::new(name));
        let first = relative.iter().next()?;
        let is_widget = first == WIDGETS && (relative.iter().count() == 1 || is_yaml(relative));
        let is_theme = first == THEMES;
        // A moved folder of widgets is reported as a folder.
        let is_folder = first == WIDGETS && path.is_dir();
        (is_site || is_widget || is_theme || is_folder).then(|| self.folder().join(relative))
    }

    /// The folder of `site.yaml`; empty for the working directory.
    fn folder(&self) -> &Path {
        self.config.parent().unwrap_or(Path::new(""))
    }

    fn folder_or_dot(&self) -> PathBuf {
        match self.folder() {
            folder if folder.as_os_str().is_empty() => PathBuf::from("."),
            folder => folder.to_owned(),
        }
    }

    /// The folder of the site, as the system reports it.
    fn root(&self) -> PathBuf {
        let root = self.folder_or_dot();
        root.canonicalize().unwrap_or(root)
    }

    /// The file that `site.yaml` is a link to.
    fn target(&self) -> Option<PathBuf> {
        let is_link = self.config.is_symlink();
        is_link.then(|| self.config.canonicalize().ok()).flatten()
    }

    /// The folders to watch, each alone or with everything below it.
    fn folders(&self) -> Vec<(PathBuf, RecursiveMode)> {
        let root = self.root();
        let below = [WIDGETS, THEMES].map(|name| (root.join(name), RecursiveMode::Recursive));
        let of_target = self.target();
        let of_target = of_target.as_deref().and_then(Path::parent);
        let of_target = of_target.filter(|folder| *folder != root);
        let mut folders: Vec<_> = of_target.into_iter().map(Path::to_owned).collect();
        folders.push(root);
        let mut folders: Vec<_> = folders
            .into_iter()
            .map(|folder| (folder, RecursiveMode::NonRecursive))
            .collect();
        folders.extend(below.into_iter().filter(|(folder, _)| folder.is_dir()));
        folders
    }

    /// Watches existing folders that are not watched yet.
    fn watch_folders(&mut self) -> Result<()> {
        let folders = self.folders();
        self.watched.retain(|folder| folder.is_dir());
        for (folder, mode) in folders {
            if self.watched.contains(&folder) || !folder.is_dir() {
                continue;
            }
            if let Err(err) = self.watch(&folder, mode) {
                if matches!(self.inner, Inner::Poll(_)) {
                    return Err(err)
                        .with_context(|| format!("failed to watch `{}`", folder.display()));
                }
                // Such as no inotify watches left.
                self.poll_from_now_on(&err)?;
                return self.watch_folders();
            }
            self.watched.insert(folder);
        }
        Ok(())
    }

    fn poll_from_now_on(&mut self, err: &notify::Error) -> Result<()> {
        if matches!(self.inner, Inner::System(_)) {
            say_polling(err);
            self.inner = polling(self.sender.clone())?;
            self.watched.clear();
        }
        Ok(())
    }

    /// Stops watching a folder. The result does not matter: a missing folder is not watched any more.
    fn unwatch(&mut self, folder: &Path) {
        let _ = match &mut self.inner {
            Inner::System(watcher) => watcher.unwatch(folder),
            Inner::Poll(watcher) => watcher.unwatch(folder),
        };
    }

    fn watch(&mut self, folder: &Path, mode: RecursiveMode) -> notify::Result<()> {
        match &mut self.inner {
            Inner::System(watcher) => watcher.watch(folder, mode),
            Inner::Poll(watcher) => watcher.watch(folder, mode),
        }
    }
}

/// The folder of a project's themes.
pub(in crate::preview) const THEMES: &str = "themes";

fn system(sender: Sender<Message>) -> notify::Result<Inner> {
    let tell = move |event| forward(&sender, event, cfg!(target_os = "linux"));
    notify::recommended_watcher(tell).map(Inner::System)
}

fn polling(sender: Sender<Message>) -> Result<Inner> {
    // File times have whole seconds only; contents tell more.
    let config = Config::default()
        .with_poll_interval(POLL)
        .with_compare_contents(true);
    let watcher = PollWatcher::new(move |event| forward(&sender, event, false), config);
    watcher.map(Inner::Poll).context("failed to watch files")
}

fn say_polling(err: &notify::Error) {
    console::status(
        "watch",
        format_args!(
            "polling the folders every {} ms, because the system sends no file events: {err}",
            POLL.as_millis()
        ),
    );
}

/// `tells_end`: whether the system reports the end of a write, not just each part of it.
fn forward(sender: &Sender<Message>, event: notify::Result<Event>, tells_end: bool) {
    let message = match event {
        Ok(event) if event.need_rescan() => Message::Lost,
        Ok(event) if is_change(event.kind, tells_end) => Message::Changed(event.paths),
        Ok(_) => return,
        Err(err) if matches!(err.kind, ErrorKind::MaxFilesWatch) => Message::Full(err),
        Err(_) => Message::Lost,
    };
    // The loop has ended, and this thread will soon.
    let _ = sender.send(message);
}

/// Reads and partial writes are reported too: what counts is the end of a write.
fn is_change(kind: EventKind, tells_end: bool) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Metadata(_)) => !tells_end,
        _ => true,
    }
}
