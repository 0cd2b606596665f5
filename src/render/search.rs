//! `snippets/index.html` of a site with many widgets: a page that fills the snippets of one widget where it is read.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;

use super::listed::Listed;
use super::templates::Templates;
use super::{SNIPPETS, Snippet};
use crate::site::BaseUrl;

/// Sites with more widgets than this get no files with snippets: six files for each widget would be most of a build, and nobody
/// reads a page of them all.
const MOST_COPIES: usize = 50;

/// Whether snippets of a site with so many widgets are made when somebody asks for them.
pub(crate) fn snippets_are_on_demand(widgets: usize) -> bool {
    widgets > MOST_COPIES
}

/// The page's text.
///
/// # Errors
///
/// A template that is missing or uses an unknown variable.
pub(super) fn page(base_url: &BaseUrl, listed: &[Listed], templates: &Templates) -> Result<String> {
    let root = base_url.root();
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
    let data = Data::of(listed, snippets.collect());
    let origin = base_url.origin();
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
    fn of(listed: &'a [Listed], snippets: Vec<Snippet>) -> Self {
        let (mut kinds, mut labels, mut sizes) =
            (Known::default(), Known::default(), Known::default());
        // Nobody copies a snippet of an earlier name.
        let widgets = listed.iter().filter(|widget| widget.alias_of.is_none());
        let widgets = widgets.map(|widget| {
            (
                &*widget.name,
                &*widget.title,
                kinds.at(widget.kind.name()),
                labels.at(&*widget.label),
                sizes.at(widget.size),
                u8::from(widget.has_own_theme),
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
