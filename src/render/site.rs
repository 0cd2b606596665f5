//! All files of a site, its widgets on all cores.

use std::collections::BTreeMap;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Error, Result};
use rayon::prelude::*;
use serde::Serialize;

use super::assets::Asset;
use super::budget::Budget;
use super::chatkit::ChatKit;
use super::listed::{Listed, without_aliases};
use super::scripts::Scripts;
use super::search::{self, snippets_are_on_demand};
use super::{Renderer, Snippet, WidgetContext, headers};
use crate::output::{Part, Sink};
use crate::site::{Site, Widget};
use crate::theme::{Theme, Themes};

/// Widgets that are rendered and not yet taken: enough to keep all cores busy, and little memory.
const MOST_WAITING: usize = 32;

/// Renders everything into `sink`. Returns all widgets, as the files that they share list them.
///
/// # Errors
///
/// Those of [`render_widgets`].
pub(crate) fn render(site: &Site, themes: &Themes, sink: &mut impl Sink) -> Result<Vec<Listed>> {
    let workshop = Workshop::default();
    let press = Press::new(site, themes, &workshop)?;
    let with_snippets = !snippets_are_on_demand(site.widgets.len());
    let (listed, entries) = press.widgets(with_snippets, sink)?;
    press.shared(&listed, entries, sink)?;
    Ok(listed)
}

/// Renders the widgets of a part of a site that has so many that [`snippets_are_on_demand`]: the files of each as soon as
/// they are ready, in any order, so that no more than a few widgets are in memory. All parts have one workshop. Returns
/// the widgets for [`render_shared`].
///
/// # Errors
///
/// A template that is missing, invalid, or uses an unknown variable, and an error of the sink: the first one in the order
/// of the widgets, whatever is ready first.
pub(crate) fn render_widgets(
    site: &Site,
    themes: &Themes,
    workshop: &Workshop,
    sink: &mut impl Sink,
) -> Result<Vec<Listed>> {
    let press = Press::new(site, themes, workshop)?;
    press.widgets(false, sink).map(|(listed, _)| listed)
}

/// Renders the files that all widgets share, for the widgets of all parts of such a site. `site` is any of them.
///
/// # Errors
///
/// As above.
pub(crate) fn render_shared(
    site: &Site,
    themes: &Themes,
    workshop: &Workshop,
    listed: &mut [Listed],
    sink: &mut impl Sink,
) -> Result<()> {
    listed.sort_by(|one, other| one.place().cmp(&other.place()));
    Press::new(site, themes, workshop)?.shared(listed, Vec::new(), sink)
}

/// The scripts of a site's themes, which take a while to make and which all parts of the site share.
#[derive(Default)]
pub(crate) struct Workshop {
    /// By the name of the theme, `None` for the site's.
    scripts: Mutex<BTreeMap<Option<String>, Arc<Scripts>>>,
}

impl Workshop {
    fn scripts_of(&self, name: Option<&str>, theme: &Theme) -> Result<Arc<Scripts>> {
        let mut known = self.scripts.lock().unwrap_or_else(PoisonError::into_inner);
        let name = name.map(str::to_owned);
        if let Some(scripts) = known.get(&name) {
            return Ok(Arc::clone(scripts));
        }
        let scripts = Arc::new(Scripts::new(theme)?);
        known.insert(name, Arc::clone(&scripts));
        Ok(scripts)
    }
}

/// Everything that the widgets of a site are rendered with.
struct Press<'a> {
    site: &'a Site,
    themes: &'a Themes,
    of_site: Renderer,
    workshop: &'a Workshop,
    budget: Budget,
    chatkit: ChatKit,
}

/// The files of one widget, and what others say of it.
struct Printed<'a> {
    files: Vec<(Part, String, Vec<u8>)>,
    listed: Listed,
    entry: Option<IndexEntry<'a>>,
}

/// A widget's number, and its files.
type Sent<'a> = (usize, Result<Printed<'a>>);

impl<'a> Press<'a> {
    fn new(site: &'a Site, themes: &'a Themes, workshop: &'a Workshop) -> Result<Self> {
        let theme = themes
            .get(None)
            .expect("a site without its theme is an error");
        let scripts = workshop.scripts_of(None, theme)?;
        Ok(Self {
            site,
            themes,
            of_site: Renderer::new(theme, &scripts, &site.variables)?,
            workshop,
            budget: Budget::default(),
            chatkit: ChatKit::of_openai(),
        })
    }

    /// Renders all widgets, with files for their snippets or without.
    fn widgets(
        &self,
        with_snippets: bool,
        sink: &mut impl Sink,
    ) -> Result<(Vec<Listed>, Vec<IndexEntry<'a>>)> {
        let mut told = Vec::new();
        let mut first: Option<(usize, Error)> = None;
        let (sender, printed) = sync_channel(MOST_WAITING);
        rayon::in_place_scope(|scope| {
            scope.spawn(|_| self.print_all(with_snippets, sender));
            for (at, printed) in printed {
                // What comes after an error is not needed, what comes before it may hold an earlier one.
                if first.as_ref().is_some_and(|(earlier, _)| *earlier < at) {
                    continue;
                }
                match printed.and_then(|printed| take(printed, sink)) {
                    Ok((listed, entry)) => told.push((at, listed, entry)),
                    Err(err) => first = Some((at, err)),
                }
            }
        });
        match first {
            Some((_, err)) => Err(err),
            None => {
                told.sort_by_key(|(at, ..)| *at);
                let told = told.into_iter();
                let (listed, entries): (Vec<_>, Vec<_>) =
                    told.map(|(_, listed, entry)| (listed, entry)).unzip();
                Ok((listed, entries.into_iter().flatten().collect()))
            }
        }
    }

    fn print_all(&self, with_snippets: bool, sender: SyncSender<Sent<'a>>) {
        let served: Vec<&'a Widget> = self.site.served().collect();
        let served = served.into_par_iter().enumerate();
        served.for_each_init(
            || (Looks::new(self), sender.clone()),
            |(looks, sender), (at, widget)| {
                let printed = looks
                    .of(widget)
                    .and_then(|own| self.print(widget, own, with_snippets));
                sender
                    .send((at, printed))
                    .expect("all of them are received");
            },
        );
    }

    /// The files of a widget, rendered by the renderer of its own look, if it has one.
    fn print(
        &self,
        widget: &'a Widget,
        own: Option<&Renderer>,
        with_snippets: bool,
    ) -> Result<Printed<'a>> {
        let renderer = own.unwrap_or(&self.of_site);
        let name = &widget.name;
        let rendered = renderer.widget(self.site, widget, &self.chatkit)?;
        self.budget.check(name, &renderer.fetched(&rendered))?;
        let mut files = Vec::new();
        let mut dist = |path: String, bytes| files.push((Part::Dist, path, bytes));
        dist(format!("w/{name}/index.html"), rendered.page.into_bytes());
        dist(
            format!("w/{name}/settings.js"),
            rendered.settings.into_bytes(),
        );
        dist(format!("w/{name}.js"), rendered.loader.into_bytes());
        if let Some(form) = renderer.form(widget)? {
            dist(format!("w/{name}/form.html"), form.into_bytes());
        }
        let of_look = own.into_iter().flat_map(Renderer::assets).cloned();
        let assets: Vec<_> = rendered.assets.into_iter().chain(of_look).collect();
        let listed = Listed::new(widget, assets.iter().map(|asset| asset.name.clone()));
        for Asset { name, bytes } in assets {
            dist(format!("assets/{name}"), bytes);
        }
        // Nobody copies a snippet of an earlier name.
        if !with_snippets || widget.alias_of.is_some() {
            return Ok(Printed {
                files,
                listed,
                entry: None,
            });
        }
        let snippets = renderer.snippets(&self.site.base_url, widget)?;
        for Snippet { kind, code } in &snippets {
            let path = format!("{name}/{kind}.html");
            files.push((Part::Snippets, path, code.clone().into_bytes()));
        }
        let entry = Some(IndexEntry {
            widget: WidgetContext::new(&self.site.base_url, widget),
            snippets,
            direct_connect: headers::connect_sources(self.site, widget, &self.chatkit),
            image: headers::images(self.site, widget),
        });
        Ok(Printed {
            files,
            listed,
            entry,
        })
    }

    /// Renders the files that all widgets share.
    fn shared(
        &self,
        listed: &[Listed],
        entries: Vec<IndexEntry<'_>>,
        sink: &mut impl Sink,
    ) -> Result<()> {
        let path = "index.html".to_owned();
        let index = self.index(listed, entries)?;
        sink.take(Part::Snippets, path, index.into_bytes())?;
        let renderer = &self.of_site;
        let widgets = without_aliases(listed);
        let not_found = renderer.not_found(widgets.map(|listed| &*listed.language))?;
        let headers = headers::render(self.site, listed);
        let mut dist = |path: String, bytes| sink.take(Part::Dist, path, bytes);
        dist("404.html".to_owned(), not_found.into_bytes())?;
        dist("_headers".to_owned(), headers.into_bytes())?;
        for Asset { name, bytes } in renderer.assets() {
            dist(format!("assets/{name}"), bytes.clone())?;
        }
        // For people, who link to it by this name; no page does.
        let types = renderer.theme.text("loader/chat-widget.d.ts")?;
        dist("assets/chat-widget.d.ts".to_owned(), types.into())
    }

    /// `snippets/index.html`
    fn index(&self, listed: &[Listed], entries: Vec<IndexEntry<'_>>) -> Result<String> {
        let templates = &self.of_site.templates;
        if snippets_are_on_demand(without_aliases(listed).count()) {
            return search::page(&self.site.base_url, listed, templates);
        }
        let index = IndexContext {
            origin: self.site.base_url.origin(),
            chatkit: &self.chatkit,
            entries,
        };
        templates.render("snippets/index.html", &index)
    }
}

fn take<'a>(
    printed: Printed<'a>,
    sink: &mut impl Sink,
) -> Result<(Listed, Option<IndexEntry<'a>>)> {
    for (part, path, bytes) in printed.files {
        sink.take(part, path, bytes)?;
    }
    sink.end_of_widget();
    Ok((printed.listed, printed.entry))
}

/// The renderers of widgets with a look of their own.
struct Looks<'a> {
    press: &'a Press<'a>,
    /// The last renderer, and the look that it is for: thousands of them would not fit into memory.
    last: Option<(String, Renderer)>,
}

impl<'a> Looks<'a> {
    fn new(press: &'a Press<'a>) -> Self {
        Self { press, last: None }
    }

    /// The renderer of a widget, or `None` if that of the site renders it.
    fn of(&mut self, widget: &Widget) -> Result<Option<&Renderer>> {
        let look = &widget.look;
        if look.variables.is_none() {
            return Ok(None);
        }
        let key = format!("{look:?}");
        if self.last.as_ref().is_none_or(|(known, _)| *known != key) {
            let theme = self.press.themes.get(look.theme.as_deref());
            let theme = theme.expect("a widget without its theme is an error");
            let scripts = self
                .press
                .workshop
                .scripts_of(look.theme.as_deref(), theme)?;
            let variables = self.press.site.variables_of(widget);
            self.last = Some((key, Renderer::new(theme, &scripts, variables)?));
        }
        Ok(self.last.as_ref().map(|(_, renderer)| renderer))
    }
}

/// Variables available in `templates/snippets/index.html`.
#[derive(Serialize)]
struct IndexContext<'a> {
    origin: &'a str,
    chatkit: &'a ChatKit,
    entries: Vec<IndexEntry<'a>>,
}

/// One widget on the page of all snippets.
#[derive(Serialize)]
struct IndexEntry<'a> {
    widget: WidgetContext<'a>,
    snippets: Vec<Snippet>,
    /// Sources that a host page's `connect-src` needs if ChatKit runs in the host page itself.
    direct_connect: String,
    /// Sources that it needs for the launcher.
    image: String,
}
