//! The inputs of a rendering, as they are on the disk.

use std::collections::{BTreeSet, HashMap};
use std::ffi::{OsStr, OsString};
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use anyhow::{Result, ensure};
use serde::Serialize;

use super::lock::lock;
use crate::config::{ThemeFile, named_globs, named_variables, read_source, read_sources};
use crate::environment::Environment;
use crate::fs;
use crate::knowledge::{Library, Read};
use crate::logo::{Logo, Logos};
use crate::render::{Renderer, Scripts};
use crate::site::{ThemeVariable, Variables};
use crate::theme::{self, DEFAULT, Theme};
use crate::yaml::{Node, Source};

/// The key of a widget with its earlier names.
const ALIASES: &str = "aliases";

/// The site's files and variables at one moment.
#[derive(Clone)]
pub(in crate::preview) struct Files {
    /// `site.yaml` first, then the widgets in separate files.
    pub(in crate::preview) sources: Arc<[Source]>,
    /// The hash of these sources, made when it is first needed.
    revision: Arc<OnceLock<String>>,
    /// The places of the separate files in `sources`, by their names without ending, made when they are first needed.
    places: Arc<OnceLock<HashMap<OsString, usize>>>,
    /// The process's variables and those of `.env`.
    pub(in crate::preview) environment: Arc<Environment>,
    /// The variables that the files may name, explicitly or by leaving out a setting.
    pub(in crate::preview) nameable: Arc<Environment>,
    /// The pages that agents know.
    library: Arc<Library>,
    /// The logos of brands.
    logos: Arc<Logos>,
    /// The globs of pages that the files may name; `None` for all.
    globs: Option<Arc<BTreeSet<String>>>,
}

impl Files {
    /// Reads everything below the folder of `config`.
    ///
    /// # Errors
    ///
    /// A file that is missing, unreadable or not text, and a `.env` that cannot be parsed.
    pub(in crate::preview) fn read(config: &Path) -> Result<Self> {
        let folder = config.parent().unwrap_or(Path::new(""));
        let sources = read_sources(config)?.into();
        let environment = Arc::new(Environment::load(folder)?);
        Ok(Self {
            sources,
            revision: Arc::default(),
            places: Arc::default(),
            nameable: Arc::clone(&environment),
            environment,
            library: Arc::new(Library::new(folder)),
            logos: Arc::new(Logos::new(folder)),
            globs: None,
        })
    }

    /// Other sources with the same variables. If the network edits (`is_open`), they may only name variables and globs
    /// that these sources name already: everything else on this machine is private. Variables that only the
    /// function reads, such as that of `workflow_env`, are not read at all then: see [`Preview::for_function`].
    ///
    /// [`Preview::for_function`]: crate::preview::state::Preview::for_function
    pub(in crate::preview) fn edited(&self, sources: Arc<[Source]>, is_open: bool) -> Self {
        let environment = Arc::clone(&self.environment);
        let nameable = match is_open {
            true => Arc::new(environment.only(named_variables(&self.sources))),
            false => Arc::clone(&environment),
        };
        let globs = is_open.then(|| Arc::new(named_globs(&self.sources)));
        Self {
            sources,
            revision: Arc::default(),
            places: Arc::default(),
            environment,
            nameable,
            library: Arc::clone(&self.library),
            logos: Arc::clone(&self.logos),
            globs,
        }
    }

    /// The same with these files read again. Unchanged sources are not touched, because there may be thousands.
    ///
    /// # Errors
    ///
    /// The same as for [`Files::read`].
    pub(in crate::preview) fn read_again(
        &self,
        config: &Path,
        changed: &[PathBuf],
    ) -> Result<Self> {
        let folder = config.parent().unwrap_or(Path::new(""));
        let mut files = self.clone();
        let mut sources = None;
        for path in changed {
            if path.file_name().is_some_and(|name| name == ".env") {
                files.environment = Arc::new(Environment::load(folder)?);
                files.nameable = Arc::clone(&files.environment);
                continue;
            }
            let Some(index) = self.place(path).filter(|_| path.is_file()) else {
                // New, removed, or a whole folder: read everything.
                return Ok(Self {
                    library: Arc::clone(&self.library),
                    logos: Arc::clone(&self.logos),
                    ..Self::read(config)?
                });
            };
            let sources: &mut Vec<Source> = sources.get_or_insert_with(|| self.sources.to_vec());
            sources[index] = read_source(path.clone())?;
        }
        if let Some(sources) = sources {
            files.sources = sources.into();
            files.revision = Arc::default();
        }
        Ok(files)
    }

    /// The place of a file in the sources.
    fn place(&self, path: &Path) -> Option<usize> {
        let other = || self.places().get(path.file_stem()?).copied();
        let is_first = self.sources[0].path == path;
        let place = if is_first { Some(0) } else { other() };
        place.filter(|place| self.sources[*place].path == path)
    }

    fn places(&self) -> &HashMap<OsString, usize> {
        self.places.get_or_init(|| {
            let others = self.sources.iter().enumerate().skip(1).rev();
            let stem = |source: &Source| Some(source.path.file_stem()?.to_owned());
            let named = others.filter_map(|(place, source)| Some((stem(source)?, place)));
            // Of two files for one name, which is an error, the first one counts.
            named.collect()
        })
    }

    /// A text file of the project, as it is now.
    ///
    /// # Errors
    ///
    /// A file that is missing, elsewhere, unreadable or not text.
    pub(in crate::preview) fn text(&self, name: &str) -> Result<String> {
        let config = &self.sources[0].path;
        fs::read_project_text(config.parent().unwrap_or(Path::new("")), name)
    }

    /// The logo in a file of the project, as it is now.
    ///
    /// # Errors
    ///
    /// A file that is missing, elsewhere, or no logo.
    pub(in crate::preview) fn logo(&self, name: &str) -> Result<Arc<Logo>> {
        self.logos.read(name)
    }

    /// The pages that a glob finds, as they are now.
    ///
    /// # Errors
    ///
    /// A glob that is not one or that must not be named, and a file that cannot be read.
    pub(in crate::preview) fn pages(&self, glob: &str) -> Result<Vec<Read>> {
        let is_named = |globs: &Arc<BTreeSet<String>>| globs.contains(glob);
        ensure!(
            self.globs.as_ref().is_none_or(is_named),
            "`{glob}` is not in the files: over the network, nobody can name others"
        );
        self.library.read(glob)
    }

    /// A hash that changes with every byte of the site's files.
    pub(in crate::preview) fn revision(&self) -> String {
        let known = self.revision.get_or_init(|| revision(&self.sources));
        known.clone()
    }

    /// The separate file that holds a widget with this name, or with this earlier name, if there is one.
    pub(in crate::preview) fn file_of(&self, widget: &str) -> Option<&Source> {
        if let Some(place) = self.places().get(OsStr::new(widget)) {
            return Some(&self.sources[*place]);
        }
        let mut others = self.sources.iter().skip(1);
        others.find(|source| !widget.is_empty() && was_called(source, widget))
    }
}

/// Whether the widget in this file had this name. There may be thousands of files, so only those are parsed that may say so.
fn was_called(source: &Source, name: &str) -> bool {
    if !source.text.contains(ALIASES) || !source.text.contains(name) {
        return false;
    }
    let widget = Node::parse(0, &source.text, &mut Vec::new());
    let aliases = widget.get(ALIASES).map(Node::to_json).unwrap_or_default();
    let mut aliases = aliases.as_array().into_iter().flatten();
    aliases.any(|alias| alias.as_str() == Some(name))
}

/// A hash that changes with every byte of these files.
pub(in crate::preview) fn revision(sources: &[Source]) -> String {
    let files = sources.iter();
    let files: Vec<_> = files.map(|Source { path, text }| (path, text)).collect();
    short_hash(files)
}

/// A hash in 16 characters, for this run.
pub(super) fn short_hash(value: impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// A theme and its renderer.
pub(in crate::preview) struct LoadedTheme {
    pub(in crate::preview) theme: Arc<Theme>,
    scripts: Scripts,
    /// The last renderer and its variables, which most changes leave as they are.
    renderer: Mutex<Option<(String, Arc<Renderer>)>>,
}

impl LoadedTheme {
    /// The renderer of widgets with these variables.
    ///
    /// # Errors
    ///
    /// An invalid template or style of the theme.
    pub(in crate::preview) fn renderer(&self, variables: &Variables) -> Result<Arc<Renderer>> {
        let key = format!("{variables:?}");
        let mut known = lock(&self.renderer);
        if let Some((_, renderer)) = known.as_ref().filter(|(made_of, _)| *made_of == key) {
            return Ok(Arc::clone(renderer));
        }
        let renderer = Arc::new(Renderer::new(&self.theme, &self.scripts, variables)?);
        *known = Some((key, Arc::clone(&renderer)));
        Ok(renderer)
    }
}

/// A theme that a site can choose, as the studio shows it.
#[derive(Serialize)]
pub(in crate::preview) struct ListedTheme {
    name: String,
    description: String,
    variables: Vec<ThemeVariable>,
    /// For widgets, as written.
    defaults: serde_json::Value,
}

/// The themes that were asked for.
pub(in crate::preview) struct Themes {
    /// The project's own `themes/`.
    folder: PathBuf,
    /// Held while one is loaded, so that none comes back after [`Themes::forget`].
    loaded: Mutex<HashMap<String, Arc<LoadedTheme>>>,
}

impl Themes {
    pub(in crate::preview) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            loaded: Mutex::default(),
        }
    }

    pub(in crate::preview) fn folder(&self) -> &Path {
        &self.folder
    }

    /// All existing themes that can be read.
    pub(in crate::preview) fn list(&self) -> Vec<ListedTheme> {
        let names = theme::names(&self.folder).unwrap_or_default();
        let below = self.settings_of(DEFAULT).unwrap_or_default();
        let listed = |name: String| {
            let own = self.settings_of(&name)?;
            let is_default = name == DEFAULT;
            let mut layers = if is_default { vec![] } else { below.clone() };
            layers.extend_from_slice(&own);
            let file = ThemeFile::from_layers(&layers);
            Some(ListedTheme {
                name,
                description: ThemeFile::from_layers(&own).description.unwrap_or_default(),
                variables: ThemeVariable::all(file.variables),
                defaults: ThemeFile::defaults_of(&layers),
            })
        };
        names.into_iter().filter_map(listed).collect()
    }

    /// `theme.yaml` of a theme, without that of the theme that it falls back to.
    fn settings_of(&self, name: &str) -> Option<Vec<Source>> {
        let theme = Theme::own(Some(&self.folder), name).ok()?;
        Some(theme.settings())
    }

    /// # Errors
    ///
    /// A theme that does not exist or cannot be loaded.
    pub(in crate::preview) fn get(&self, name: &str) -> Result<Arc<LoadedTheme>> {
        let mut loaded = lock(&self.loaded);
        if let Some(theme) = loaded.get(name) {
            return Ok(Arc::clone(theme));
        }
        let theme = Arc::new(Theme::load(&self.folder, name)?);
        let theme = Arc::new(LoadedTheme {
            scripts: Scripts::new(&theme)?,
            renderer: Mutex::default(),
            theme,
        });
        loaded.insert(name.to_owned(), Arc::clone(&theme));
        Ok(theme)
    }

    /// Forgets the themes, because their files changed.
    pub(in crate::preview) fn forget(&self) {
        lock(&self.loaded).clear();
    }
}
