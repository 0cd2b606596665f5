//! The look of a widget: its theme, and the values of that theme's variables.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::brand::Brand;
use super::found::{Context, Found};
use super::variables::{Places, Variables};
use crate::config::{BrandSection, Documents, ThemeFile, ValueSection, is_name};
use crate::theme::{Theme, Themes};
use crate::yaml::Problem;

/// What a widget has of its own. By default, it looks as the site does.
#[derive(Debug, Default)]
pub(crate) struct Look {
    /// The theme, if it is not that of the site.
    pub(crate) theme: Option<String>,
    /// The variables, if they are not those of the site.
    pub(crate) variables: Option<Variables>,
}

/// What a widget says about its look.
pub(super) struct OwnLook<'a> {
    pub(super) theme: Option<String>,
    /// As written, and checked.
    pub(super) brand: (&'a BrandSection, &'a Brand),
    pub(super) variables: BTreeMap<String, ValueSection>,
}

/// What the looks of a site's widgets are made from.
pub(super) struct Looks<'a> {
    pub(super) themes: &'a Themes,
    /// The name of the site's theme.
    pub(super) site: &'a str,
    /// The site's theme, unless it has errors.
    pub(super) file: Option<&'a ThemeFile>,
    /// The themes that widgets name, without those that have errors.
    pub(super) others: &'a BTreeMap<String, ThemeFile>,
    /// The brand of the site, as written and checked.
    pub(super) brand: (&'a BrandSection, &'a Arc<Brand>),
    /// Values of the site.
    pub(super) variables: &'a BTreeMap<String, ValueSection>,
    pub(super) documents: &'a Documents,
}

impl Looks<'_> {
    /// The look of a widget that has these settings.
    pub(super) fn of(
        &self,
        widget: &str,
        OwnLook {
            theme,
            brand,
            variables,
        }: OwnLook<'_>,
        found: &mut Found,
    ) -> Look {
        if let Some(name) = &theme {
            check_theme_name("theme", name, found);
        }
        let theme = theme.filter(|name| name != self.site);
        let (file, of_site) = match &theme {
            Some(name) => (self.others.get(name), BTreeMap::new()),
            None if variables.is_empty() && brand.0 == self.brand.0 => return Look::default(),
            None => (self.file, self.variables.clone()),
        };
        let variables = file.map(|file| {
            let layers = [of_site, variables];
            let places = self.places(theme.as_deref());
            Variables::of_widget(
                widget,
                file.variables.clone(),
                brand.1,
                layers,
                places,
                found,
            )
        });
        Look { theme, variables }
    }

    /// The files that the values of a theme's variables are written in.
    pub(super) fn places(&self, theme: Option<&str>) -> Places<'_> {
        let Documents {
            root,
            theme: of_site,
            other_themes,
            ..
        } = self.documents;
        Places {
            root,
            theme: match theme {
                Some(name) => other_themes.get(name),
                None => of_site.as_ref(),
            },
        }
    }

    /// The checked brand of a widget: mostly that of the site, whose errors were reported already.
    pub(super) fn brand_of(
        &self,
        section: &BrandSection,
        context: &Context<'_>,
        found: &mut Found,
    ) -> Arc<Brand> {
        let (of_site, checked) = self.brand;
        match section == of_site {
            true => Arc::clone(checked),
            false => Arc::new(Brand::from_config(section.clone(), context, found)),
        }
    }

    /// The theme of a look, unless it could not be loaded.
    pub(super) fn theme_of(&self, look: &Look) -> Option<&Theme> {
        self.themes.get(look.theme.as_deref()).map(|theme| &**theme)
    }
}

/// Adds a problem if this is not a name that a theme can have.
pub(super) fn check_theme_name(way: &str, name: &str, found: &mut Found) {
    if !is_name(name) {
        let problem = Problem::on(way, format!("`{name}` is not a valid theme name"));
        found.add(
            problem.hint("it is a folder under `themes/`: lower-case letters, digits and hyphens"),
        );
    }
}
