//! Turns the files of a site into a checked site, in the same way for all commands and the preview.

use std::sync::Arc;

use anyhow::{Error, Result};

use crate::config::{Documents, Draft};
use crate::render;
use crate::site::{Reading, Site};
use crate::theme::{DEFAULT, Theme};
use crate::yaml::{Problems, Source};

/// Checks these files, whether or not they are on the disk like this; `site.yaml` is the first. `load` loads a theme by
/// name, and `theme_of` returns the theme in the result.
///
/// # Errors
///
/// Any error in the site or its theme.
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
