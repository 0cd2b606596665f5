//! A theme: templates, styles, scripts and icons, looked up file by file.
//!
//! The project's own `themes/<name>/` is laid over the embedded theme of that name, and both over the theme
//! `default`. So a project that wants another 404 page only needs that one file.

mod about;
mod icon;
mod texts;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use rust_embed::RustEmbed;

pub(crate) use about::about;
pub(crate) use icon::{LUCIDE_JSON, Shape, is_lucide};
pub(crate) use texts::Texts;

use crate::fs;
use crate::hint::{Hinted, closest};
use crate::yaml::Source;

/// The embedded themes.
#[derive(RustEmbed)]
#[folder = "themes/"]
struct Embedded;

/// The theme that every other one falls back to.
pub(crate) const DEFAULT: &str = "default";

/// A description, variables, and defaults for widgets.
const SETTINGS: &str = "theme.yaml";

/// The folder of the texts that visitors read.
const TEXTS: &str = "texts/";

/// The files of one theme, from all layers.
#[derive(Debug)]
pub(crate) struct Theme {
    /// By path below the theme's folder, with `/`: `templates/page.html`.
    files: BTreeMap<String, File>,
    /// `theme.yaml` of all layers that have one, the lowest first.
    settings: Vec<Source>,
    /// The files below `texts/` of all layers, the lowest first.
    texts: Vec<(String, File)>,
}

/// The themes of one site: its own, and those of widgets that have another one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Themes {
    /// `None` if it could not be loaded.
    pub(crate) site: Option<Arc<Theme>>,
    /// By name.
    pub(crate) others: BTreeMap<String, Arc<Theme>>,
}

impl Themes {
    /// Those of a site whose widgets all have this theme.
    pub(crate) fn of(theme: &Arc<Theme>) -> Self {
        Self {
            site: Some(Arc::clone(theme)),
            others: BTreeMap::new(),
        }
    }

    /// The theme of widgets that name this one, or none.
    pub(crate) fn get(&self, name: Option<&str>) -> Option<&Arc<Theme>> {
        match name {
            Some(name) => self.others.get(name),
            None => self.site.as_ref(),
        }
    }
}

/// One file of a theme.
#[derive(Clone, Debug)]
struct File {
    bytes: Cow<'static, [u8]>,
    /// The path that messages show.
    place: String,
}

impl Theme {
    /// Reads the theme `name`, with the project's files in `folder` over the embedded ones.
    ///
    /// # Errors
    ///
    /// An unknown theme, and a file that cannot be read.
    pub(crate) fn load(folder: &Path, name: &str) -> Result<Self> {
        let mut theme = Self {
            files: BTreeMap::new(),
            settings: Vec::new(),
            texts: Vec::new(),
        };
        theme.lay_over(folder, DEFAULT)?;
        if name != DEFAULT && !theme.lay_over(folder, name)? {
            return Err(unknown(folder, name));
        }
        Ok(theme)
    }

    /// The theme's own files, without those that it falls back to: the embedded ones, with those of the project over
    /// them if `folder` is given.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub(crate) fn own(folder: Option<&Path>, name: &str) -> Result<Self> {
        let mut theme = Self {
            files: BTreeMap::new(),
            settings: Vec::new(),
            texts: Vec::new(),
        };
        theme.lay_embedded(name)?;
        if let Some(folder) = folder {
            theme.lay_files_of(folder, name)?;
        }
        Ok(theme)
    }

    /// The paths with the bytes.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.below("").map(|(path, file)| (path, &*file.bytes))
    }

    /// Adds the files of a folder. Returns whether there were any.
    fn lay_over(&mut self, folder: &Path, name: &str) -> Result<bool> {
        let embedded = self.lay_embedded(name)?;
        Ok(self.lay_files_of(folder, name)? || embedded)
    }

    fn lay_embedded(&mut self, name: &str) -> Result<bool> {
        let mut found = false;
        for path in Embedded::iter() {
            let Some(relative) = path
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('/'))
            else {
                continue;
            };
            if let Some(file) = Embedded::get(&path) {
                found = true;
                let place = format!("embedded themes/{path}");
                let bytes = file.data;
                self.insert(relative.to_owned(), File { bytes, place })?;
            }
        }
        Ok(found)
    }

    fn lay_files_of(&mut self, folder: &Path, name: &str) -> Result<bool> {
        let mut found = false;
        let own = folder.join(name);
        let known = self.files.keys();
        let mut known: HashMap<_, _> = known
            .map(|path| (path.to_lowercase(), path.clone()))
            .collect();
        for relative in fs::files_below(&own)? {
            found = true;
            let path = own.join(&relative);
            let relative = with_slashes(&relative);
            let other = known.insert(relative.to_lowercase(), relative.clone());
            // Texts are named after languages, whose tags are the same in either case.
            let replaces_none = |other: &String| *other != relative && !relative.starts_with(TEXTS);
            if let Some(other) = other.filter(replaces_none) {
                return Err(differs_by_case(&path, &other));
            }
            let file = File {
                bytes: fs::read(&path)?.into(),
                place: path.display().to_string(),
            };
            self.insert(relative, file)?;
        }
        Ok(found)
    }

    fn insert(&mut self, path: String, file: File) -> Result<()> {
        if path == SETTINGS {
            self.settings.push(file.source()?);
        }
        if let Some(name) = path.strip_prefix(TEXTS) {
            self.texts.push((name.to_owned(), file.clone()));
        }
        self.files.insert(path, file);
        Ok(())
    }

    /// The theme's settings: its `theme.yaml` over those that it falls back to, the lowest first.
    pub(crate) fn settings(&self) -> Vec<Source> {
        self.settings.clone()
    }

    /// Returns whether any file is not an embedded one.
    pub(crate) fn has_own_files(&self) -> bool {
        let mut files = self.files.values();
        files.any(|file| matches!(file.bytes, Cow::Owned(_)))
    }

    /// The templates by name, `page.html`, with their text.
    ///
    /// # Errors
    ///
    /// A template that is not text.
    pub(crate) fn templates(&self) -> Result<Vec<(&str, &str)>> {
        self.below("templates/")
            .map(|(name, file)| Ok((name, file.text()?)))
            .collect()
    }

    /// The files that are served unchanged: paths below `static/` with their bytes.
    pub(crate) fn assets(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.below("static/")
            .map(|(path, file)| (path, &*file.bytes))
    }

    /// The text of one file.
    ///
    /// # Errors
    ///
    /// A file that is missing or not text.
    pub(crate) fn text(&self, path: &str) -> Result<&str> {
        self.files
            .get(path)
            .with_context(|| format!("the theme has no `{path}`"))?
            .text()
    }

    /// The path of a file, for messages.
    pub(crate) fn place<'a>(&'a self, path: &'a str) -> &'a str {
        self.files.get(path).map_or(path, |file| &file.place)
    }

    /// The shapes of the icon `name`: the theme's own, or Lucide's.
    ///
    /// # Errors
    ///
    /// An icon that does not exist, or that does more than draw.
    pub(crate) fn icon(&self, name: &str) -> Result<Vec<Shape>> {
        match self.files.get(&format!("icons/{name}.svg")) {
            Some(file) => {
                icon::parse(file.text()?).with_context(|| format!("invalid icon `{}`", file.place))
            }
            None => icon::lucide(name).with_context(|| format!("unknown icon `lucide:{name}`")),
        }
    }

    /// Returns whether the icon `name` exists, valid or not.
    pub(crate) fn has_icon(&self, name: &str) -> bool {
        self.files.contains_key(&format!("icons/{name}.svg")) || is_lucide(name)
    }

    /// The launcher's icons: names and drawings.
    pub(crate) fn icons(&self) -> Vec<(&str, &str)> {
        let files = self.below("icons/").filter_map(|(path, file)| {
            let name = path.strip_suffix(".svg")?;
            Some((name, file.text().ok()?))
        });
        files.collect()
    }

    fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a File)> {
        self.files
            .iter()
            .filter_map(move |(path, file)| Some((path.strip_prefix(folder)?, file)))
    }
}

impl File {
    /// The same for YAML.
    fn source(&self) -> Result<Source> {
        Ok(Source::new(&self.place, self.text()?))
    }

    fn text(&self) -> Result<&str> {
        std::str::from_utf8(&self.bytes).with_context(|| format!("`{}` is not UTF-8", self.place))
    }
}

/// The existing themes: the embedded ones, and the project's folders.
///
/// # Errors
///
/// A folder that cannot be read.
pub(crate) fn names(folder: &Path) -> Result<BTreeSet<String>> {
    let mut names: BTreeSet<String> = Embedded::iter()
        .filter_map(|path| Some(path.split_once('/')?.0.to_owned()))
        .collect();
    names.extend(fs::files_below(folder)?.iter().filter_map(|path| {
        let mut parts = path.iter();
        let first = parts.next()?.to_string_lossy().into_owned();
        // A file next to the folders belongs to no theme.
        parts.next().map(|_| first)
    }));
    Ok(names)
}

fn unknown(folder: &Path, name: &str) -> anyhow::Error {
    let names = names(folder).unwrap_or_default();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let message = format!("unknown theme `{name}`, expected one of {}", list(&names));
    let hint = match closest(name, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "to create it, put its files in `{}`",
            folder.join(name).display()
        ),
    };
    Hinted::new(message, hint).into()
}

/// Such a file would replace nothing here, and the other one on Windows and macOS.
fn differs_by_case(path: &Path, other: &str) -> anyhow::Error {
    Hinted::new(
        format!(
            "`{}` differs from `{other}` only by upper and lower case",
            path.display()
        ),
        format!("rename it: to replace `{other}`, its name must be the same to the letter"),
    )
    .into()
}

fn list(names: &[&str]) -> String {
    format!("`{}`", names.join("`, `"))
}

fn with_slashes(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_project_lies_over_the_embedded_one() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let templates = folder.path().join("acme/templates");
        std::fs::create_dir_all(&templates)?;
        std::fs::write(templates.join("404.html"), "Gone")?;
        let theme = Theme::load(folder.path(), "acme")?;
        assert_eq!(theme.text("templates/404.html")?, "Gone");
        assert!(theme.text("templates/page.html")?.contains("<html"));
        Ok(())
    }

    #[test]
    fn an_unknown_theme_is_an_error_that_lists_those_there_are() {
        let err = Theme::load(Path::new("no-such-folder"), "defualt").unwrap_err();
        assert!(
            err.to_string()
                .starts_with("unknown theme `defualt`, expected one of `default`")
        );
        assert_eq!(Hinted::find(&err), Some("did you mean `default`?"));
    }

    #[test]
    fn icons_are_the_theme_s_own_or_lucide_s() -> Result<()> {
        let theme = Theme::load(Path::new("nowhere"), DEFAULT)?;
        for name in ["message-circle", "headphones", "alert-circle"] {
            assert!(theme.has_icon(name));
            assert!(!theme.icon(name)?.is_empty(), "{name}");
        }
        assert!(!theme.has_icon("headfones"));
        assert!(theme.icon("headfones").is_err());
        Ok(())
    }

    #[test]
    fn every_shipped_file_says_what_it_is() -> Result<()> {
        for name in names(Path::new("no-such-folder"))? {
            for (path, bytes) in Theme::own(None, &name)?.files() {
                let text = std::str::from_utf8(bytes)?;
                assert!(about(path, text).ends_with('.'), "{name} {path}");
            }
        }
        Ok(())
    }

    #[test]
    fn every_shipped_icon_is_a_drawing() -> Result<()> {
        let theme = Theme::load(Path::new("no-such-folder"), DEFAULT)?;
        for (path, _) in theme.below("icons/") {
            let name = path.strip_suffix(".svg").context("not an SVG")?;
            assert!(!theme.icon(name)?.is_empty(), "{name}");
        }
        Ok(())
    }
}
