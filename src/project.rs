//! From the files of a site to the site: the one way that all commands and the preview go.

use std::sync::Arc;

use anyhow::{Error, Result};

use crate::config::{Documents, Draft};
use crate::render;
use crate::site::{Reading, Site};
use crate::theme::{DEFAULT, Theme};
use crate::yaml::{Problems, Source};

/// Checks these files, be they on the disk like this or not; `site.yaml` is the first. `load` gives what is kept of the
/// theme of a name, and `theme_of` the theme in that.
///
/// # Errors
///
/// Everything that is wrong with the site and with its theme.
pub(crate) fn check<T>(
    sources: Vec<Source>,
    load: impl FnOnce(&str) -> Result<T>,
    theme_of: impl Fn(&T) -> &Arc<Theme>,
    reading: &Reading<'_>,
) -> Result<(Site, Documents, T)> {
    let mut draft = Draft::parse(sources);
    let theme = load(draft.theme().unwrap_or(DEFAULT));
    let theme = draft.keep_theme(theme)?;
    let known = theme.as_ref().map(theme_of);
    let (site, documents) =
        Site::read(draft, known.map(|theme| &**theme), reading).map_err(|err| match known {
            Some(theme) if theme.has_own_files() => with_flaws(err, render::flaws(theme, None)),
            _ => err,
        })?;
    let theme = theme.expect("without one, the site could not be read");
    Ok((site, documents, theme))
}

/// The errors of a site, and those of its theme.
fn with_flaws(err: Error, flaws: Vec<Error>) -> Error {
    match err.downcast::<Problems>() {
        Ok(problems) => problems.and(flaws).into(),
        Err(err) => err,
    }
}
