//! All errors in a theme's files, where rendering stops at the first.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Error, Result};

use super::budget::Budget;
use super::scripts::{ENTRIES, Styles};
use super::templates::Templates;
use super::{ChatKit, Context, Renderer, SNIPPETS, Scripts, WidgetContext, modules};
use crate::site::{Site, Variables, Widget};
use crate::theme::{Theme, Themes};

/// The flaws of a theme, each once. Without a site to render, the smallest possible one is used.
pub(crate) fn flaws(theme: &Arc<Theme>, site: Option<(&Site, &Themes)>) -> Vec<Error> {
    let mut flaws = of_files(theme);
    if flaws.is_empty() {
        flaws = match site {
            Some((site, themes)) => of_pages(theme, site, themes),
            None => Site::stand_in(theme)
                .map_or_else(Vec::new, |site| of_pages(theme, &site, &Themes::of(theme))),
        };
    }
    let mut seen = BTreeSet::new();
    flaws.retain(|flaw| seen.insert(format!("{flaw:#}")));
    flaws
}

/// Errors that do not depend on a site: scripts, styles and templates that cannot be read.
fn of_files(theme: &Arc<Theme>) -> Vec<Error> {
    let scripts = ENTRIES.into_iter();
    let scripts = scripts.filter_map(|entry| modules::bundle(theme, entry).err());
    let variables = &Variables::default();
    let styles = Styles { theme, variables };
    let paths = theme.files().map(|(path, _)| path);
    let paths = paths.filter(|path| path.ends_with(".css"));
    let styles = paths.filter_map(|path| styles.minified(path).err());
    let templates = Templates::flaws(theme);
    scripts.chain(styles).chain(templates).collect()
}

/// Errors that only appear when something is rendered.
fn of_pages(theme: &Arc<Theme>, site: &Site, themes: &Themes) -> Vec<Error> {
    let scripts = Scripts::new(theme);
    let renderer = scripts.and_then(|scripts| Renderer::new(theme, &scripts, &site.variables));
    let renderer = match renderer {
        Ok(renderer) => renderer,
        Err(err) => return vec![err],
    };
    let mut flaws: Vec<_> = renderer
        .not_found(site.languages())
        .err()
        .into_iter()
        .collect();
    flaws.extend(renderer.check_texts(site).err());
    let mut budget = Budget::default();
    let has_it = |widget: &&Widget| {
        let its = themes.get(widget.look.theme.as_deref());
        its.is_some_and(|its| Arc::ptr_eq(its, theme))
    };
    for widget in site.widgets.iter().filter(has_it) {
        flaws.extend(page(&renderer, site, widget, &mut budget).err());
        let context = Context {
            widget: WidgetContext::new(&site.base_url, widget),
        };
        let copies = SNIPPETS.into_iter().filter_map(|kind| {
            let template = format!("snippets/{kind}.html");
            renderer.templates.render(&template, &context).err()
        });
        flaws.extend(copies);
    }
    flaws
}

fn page(renderer: &Renderer, site: &Site, widget: &Widget, budget: &mut Budget) -> Result<()> {
    let rendered = renderer.widget(site, widget, &ChatKit::of_openai())?;
    budget.check(&widget.name, &renderer.fetched(&rendered))
}
