//! What a rendering is made of, as it is on the disk.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;

use crate::config::{ThemeFile, named_variables, read_source, read_sources};
use crate::environment::Environment;
use crate::render::{Renderer, Scripts};
use crate::site::Variables;
use crate::theme::{self, Theme};
use crate::yaml::Source;

/// The site's files and variables at one moment.
#[derive(Clone)]
pub(in crate::preview) struct Files {
    /// `site.yaml` first, then the widgets in files of their own.
    pub(in crate::preview) sources: Arc<[Source]>,
    /// The process's variables and those of `.env`.
    pub(in crate::preview) environment: Arc<Environment>,
    /// Those that the files may name, in texts and by what they leave out.
    pub(in crate::preview) nameable: Arc<Environment>,
}

impl Files {
    /// Reads everything below the folder of `config`.
    ///
    /// # Errors
    ///
    /// A file that is missing, can not be read or is not text, and a `.env` that can not be parsed.
    pub(in crate::preview) fn read(config: &Path) -> Result<Self> {
        let folder = config.parent().unwrap_or(Path::new(""));
        let sources = read_sources(config)?.into();
        let environment = Arc::new(Environment::load(folder)?);
        Ok(Self {
            sources,
            nameable: Arc::clone(&environment),
            environment,
        })
    }

    /// Other sources with the same variables. If it is the network that edits (`is_open`), they may name only those that
    /// these sources name: everything else that is set on this machine is nobody's business. Variables that only the
    /// function reads, such as that of `workflow_env`, are not read at all then: see [`Preview::for_function`].
    ///
    /// [`Preview::for_function`]: crate::preview::state::Preview::for_function
    pub(in crate::preview) fn edited(&self, sources: Arc<[Source]>, is_open: bool) -> Self {
        let environment = Arc::clone(&self.environment);
        let nameable = match is_open {
            true => Arc::new(environment.only(named_variables(&self.sources))),
            false => Arc::clone(&environment),
        };
        Self {
            sources,
            environment,
            nameable,
        }
    }

    /// The same with these files read anew. The sources that did not change are not touched, because there
    /// may be many thousands.
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
            let known = self.sources.iter().position(|source| source.path == *path);
            let Some(index) = known.filter(|_| path.is_file()) else {
                // New or gone, or a whole folder: look at everything.
                return Self::read(config);
            };
            let sources: &mut Vec<Source> = sources.get_or_insert_with(|| self.sources.to_vec());
            sources[index] = read_source(path.clone())?;
        }
        if let Some(sources) = sources {
            files.sources = sources.into();
        }
        Ok(files)
    }

    /// Changes with every byte of the site's files.
    pub(in crate::preview) fn revision(&self) -> String {
        revision(&self.sources)
    }

    /// The file that holds a widget, if it has one of its own.
    pub(in crate::preview) fn file_of(&self, widget: &str) -> Option<&Source> {
        let mut others = self.sources.iter().skip(1);
        others.find(|source| source.path.file_stem().is_some_and(|stem| *stem == *widget))
    }
}

/// Changes with every byte of these files.
pub(in crate::preview) fn revision(sources: &[Source]) -> String {
    let mut hasher = DefaultHasher::new();
    for Source { path, text } in sources {
        (path, text).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// A theme and what was made of it.
pub(in crate::preview) struct LoadedTheme {
    pub(in crate::preview) theme: Arc<Theme>,
    scripts: Scripts,
    /// What was made last, and of which variables: most changes leave them as they are.
    renderer: Mutex<Option<(String, Arc<Renderer>)>>,
}

impl LoadedTheme {
    /// What renders widgets with these variables.
    ///
    /// # Errors
    ///
    /// A template or a style of the theme that is wrong.
    pub(in crate::preview) fn renderer(&self, variables: &Variables) -> Result<Arc<Renderer>> {
        let key = format!("{variables:?}");
        let mut known = self.renderer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, renderer)) = known.as_ref().filter(|(made_of, _)| *made_of == key) {
            return Ok(Arc::clone(renderer));
        }
        let renderer = Arc::new(Renderer::new(&self.theme, &self.scripts, variables)?);
        *known = Some((key, Arc::clone(&renderer)));
        Ok(renderer)
    }
}

/// The themes that were asked for.
pub(in crate::preview) struct Themes {
    /// The project's own `themes/`.
    folder: PathBuf,
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

    /// All that there are, with what each says of itself.
    pub(in crate::preview) fn list(&self) -> Vec<(String, String)> {
        let names = theme::names(&self.folder).unwrap_or_default();
        let about = |name: String| {
            let theme = Theme::own(Some(&self.folder), &name).ok()?;
            let file = ThemeFile::from_layers(&theme.settings());
            Some((name, file.description.unwrap_or_default()))
        };
        names.into_iter().filter_map(about).collect()
    }

    /// # Errors
    ///
    /// A theme that there is not, or that can not be put together.
    pub(in crate::preview) fn get(&self, name: &str) -> Result<Arc<LoadedTheme>> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
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

    /// Forgets what was read, because files of a theme changed.
    pub(in crate::preview) fn forget(&self) {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.clear();
    }
}
