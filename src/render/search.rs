//! `snippets/index.html` of a site with many widgets: a page that fills the snippets of one widget where it is read.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;

use super::templates::Templates;
use super::{SNIPPETS, Snippet};
use crate::site::Site;

/// Sites with more widgets than this get no files with snippets: six files for each widget would be most of a build, and nobody
/// reads a page of them all.
const MOST_COPIES: usize = 50;

/// Whether snippets are made when somebody asks for them.
pub(crate) fn snippets_are_on_demand(site: &Site) -> bool {
    site.widgets.len() > MOST_COPIES
}

/// The page's text.
///
/// # Errors
///
/// A template that is missing or uses an unknown variable.
pub(super) fn page(site: &Site, templates: &Templates) -> Result<String> {
    let root = site.base_url.root();
    let blank = Blank {
        name: "[[name]]",
        title: "[[title]]",
        label: "[[label]]",
        width: "[[width]]",
        height: "[[height]]",
        page_url: format!("{root}/w/[[name]]/"),
        loader_url: format!("{root}/w/[[name]].js"),
    };
    let context = serde_json::json!({"widget": blank});
    let snippets = SNIPPETS.into_iter().map(|kind| {
        let code = templates.render(&format!("snippets/{kind}.html"), &context);
        // One that takes more from a widget than there is in the page.
        let code = code.unwrap_or_else(|_| format!("chatkit-embed snippet [[name]] {kind}"));
        Snippet { kind, code }
    });
    let data = Data::of(site, snippets.collect());
    let origin = site.base_url.origin();
    let context = serde_json::json!({"origin": origin, "data": data});
    templates.render("snippets/search.html", &context)
}

/// What the templates of snippets get in place of a widget.
#[derive(Serialize)]
struct Blank {
    name: &'static str,
    title: &'static str,
    label: &'static str,
    width: &'static str,
    height: &'static str,
    page_url: String,
    loader_url: String,
}

/// What the page knows. What many widgets have in common is there once.
#[derive(Serialize)]
struct Data<'a> {
    snippets: Vec<Snippet>,
    kinds: Vec<&'static str>,
    labels: Vec<&'a str>,
    sizes: Vec<(u16, u16)>,
    /// Name, title, positions of kind, label and size, and whether it has a theme of its own, whose snippets may differ.
    widgets: Vec<(&'a str, &'a str, usize, usize, usize, u8)>,
}

impl<'a> Data<'a> {
    fn of(site: &'a Site, snippets: Vec<Snippet>) -> Self {
        let (mut kinds, mut labels, mut sizes) =
            (Known::default(), Known::default(), Known::default());
        let widgets = site.widgets.iter().map(|widget| {
            (
                &*widget.name,
                &*widget.page.title,
                kinds.at(widget.backend.kind().name()),
                labels.at(&*widget.launcher.label),
                sizes.at((widget.panel.width, widget.panel.height)),
                u8::from(widget.look.theme.is_some()),
            )
        });
        let widgets = widgets.collect();
        Self {
            snippets,
            kinds: kinds.values,
            labels: labels.values,
            sizes: sizes.values,
            widgets,
        }
    }
}

/// Different values, each with its position.
struct Known<T> {
    values: Vec<T>,
    positions: BTreeMap<T, usize>,
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            positions: BTreeMap::new(),
        }
    }
}

impl<T: Copy + Ord> Known<T> {
    fn at(&mut self, value: T) -> usize {
        *self.positions.entry(value).or_insert_with(|| {
            self.values.push(value);
            self.values.len() - 1
        })
    }
}
