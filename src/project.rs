//! Turns the files of a site into a checked site, in the same way for all commands and the preview.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Error, Result};

use crate::config::{Documents, Draft};
use crate::render;
use crate::site::{Reading, Site};
use crate::theme::{DEFAULT, Theme, Themes};
use crate::yaml::{Problems, Source};

/// Checks these files, whether or not they are on the disk like this; `site.yaml` is the first. `load` loads a theme by
/// name, and `theme_of` returns the theme in the result. Themes that widgets name come with their names.
///
/// # Errors
///
/// Any error in the site or its theme.
pub(crate) fn check<T>(
    sources: Vec<Source>,
    load: impl Fn(&str) -> Result<T>,
    theme_of: impl Fn(&T) -> &Arc<Theme>,
    reading: &Reading<'_>,
) -> Result<(Site, Documents, Loaded<T>)> {
    let mut draft = Draft::parse(sources);
    let name = draft.theme().unwrap_or(DEFAULT).to_owned();
    let theme = draft.keep_theme(load(&name))?;
    let mut others = BTreeMap::new();
    for name in draft.other_themes(&name) {
        let settings = |theme: &T| theme_of(theme).settings();
        let other = draft.keep_other_theme(&name, load(&name), settings);
        others.extend(other.map(|other| (name, other)));
    }
    let known = others
        .iter()
        .map(|(name, theme)| (name.clone(), Arc::clone(theme_of(theme))));
    let themes = Themes {
        site: theme.as_ref().map(|theme| Arc::clone(theme_of(theme))),
        others: known.collect(),
    };
    let (site, documents) = Site::read(draft, &themes, reading).map_err(|err| {
        let all = themes.site.iter().chain(themes.others.values());
        let own = all.filter(|theme| theme.has_own_files());
        let flaws: Vec<_> = own.flat_map(|theme| render::flaws(theme, None)).collect();
        if flaws.is_empty() {
            err
        } else {
            with_flaws(err, flaws)
        }
    })?;
    let theme = theme.expect("without one, the site could not be read");
    Ok((
        site,
        documents,
        Loaded {
            theme,
            others,
            themes,
        },
    ))
}

/// The themes of a site, as they were loaded.
pub(crate) struct Loaded<T> {
    /// The site's own.
    pub(crate) theme: T,
    /// Those that widgets name.
    pub(crate) others: BTreeMap<String, T>,
    /// All of them.
    pub(crate) themes: Themes,
}

/// The errors of a site, and those of its theme.
fn with_flaws(err: Error, flaws: Vec<Error>) -> Error {
    match err.downcast::<Problems>() {
        Ok(problems) => problems.and(flaws).into(),
        Err(err) => err,
    }
}
