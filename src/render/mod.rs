//! From a checked site and a theme to the bytes of every file. Pure: no IO, and no order but that of names.

mod assets;
mod budget;
mod headers;
mod icon;
mod loader;
mod modules;
mod page;
mod scripts;
mod templates;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Serialize;
use session::{BackendSettings, ServerSettings, SiteSettings, WidgetSettings};

use crate::chatkit::ColorScheme;
use crate::output::{Output, Tree};
use crate::site::{Backend, Server, Site, Widget};
use crate::theme::Theme;

use assets::Assets;
use budget::Budget;
use loader::{LoaderSettings, PanelSettings};
use page::PageSettings;
use scripts::Scripts;
use templates::Templates;

/// The kinds of snippet, each a template `snippets/<kind>.html`.
const SNIPPETS: [&str; 6] = ["bubble", "popup", "inline", "iframe", "link", "direct"];

/// Renders everything.
///
/// # Errors
///
/// A template that is missing, wrong, or asks for what is not there.
pub(crate) fn render(site: &Site, theme: &Theme) -> Result<Output> {
    let scripts = Scripts::new(theme, &site.variables)?;
    let mut assets = Assets::from_theme(theme, &scripts)?;
    let templates = Templates::from_theme(theme, &assets)?;
    let loader_css = scripts.style("loader/loader.css")?;
    let loader_js = scripts.script("loader/loader.js").unwrap_or_default();

    let mut budget = Budget::default();
    let mut dist = Tree::default();
    let mut snippets = Tree::default();
    let mut entries = Vec::with_capacity(site.widgets.len());
    for widget in &site.widgets {
        let name = &widget.name;
        let context = Context {
            widget: WidgetContext::new(
                site,
                widget,
                icon::address(site, widget, theme, &mut assets)?,
            ),
        };
        let page = PageContext {
            common: &context,
            settings: PageSettings::new(site, widget),
        };
        let panel = assets.add_panel(
            &PanelSettings::new(widget),
            &loader::panel_style(&widget.panel),
        )?;
        let loader = LoaderContext {
            common: &context,
            settings: LoaderSettings::new(site, widget, theme, &panel)
                .with_context(|| format!("`widgets.{name}`: `launcher.icon`"))?,
            css: loader_css.clone() + &loader::launcher_style(&widget.launcher, &widget.panel),
            source: loader_js,
        };
        let page_html = templates.render("page.html", &page)?;
        let loader_js = templates.render("loader.js", &loader)?;
        budget.check(name, &page_html, &loader_js, &assets)?;
        dist.insert(format!("w/{name}/index.html"), page_html);
        dist.insert(
            format!("w/{name}/settings.json"),
            serde_json::to_vec(&page.settings)?,
        );
        dist.insert(format!("w/{name}.js"), loader_js);
        let mut codes = Vec::with_capacity(SNIPPETS.len());
        for kind in SNIPPETS {
            let code = templates.render(&format!("snippets/{kind}.html"), &context)?;
            snippets.insert(format!("{name}/{kind}.html"), code.as_str());
            codes.push(Snippet { kind, code });
        }
        entries.push(IndexEntry {
            widget: context.widget,
            snippets: codes,
            direct_connect: headers::connect_sources(site, widget),
        });
    }
    let index = IndexContext {
        origin: site.base_url.origin(),
        entries,
    };
    snippets.insert(
        "index.html",
        templates.render("snippets/index.html", &index)?,
    );
    dist.insert("404.html", templates.render("404.html", &Nothing {})?);
    dist.insert("_headers", headers::render(site));
    assets.insert_into(&mut dist);
    // For people, who refer to it by this name; no page does.
    dist.insert(
        "assets/chat-widget.d.ts",
        theme.text("loader/chat-widget.d.ts")?,
    );
    Ok(Output {
        dist,
        snippets,
        function: function_settings(site),
    })
}

/// What the function is told about the site: all of a widget's back end, nothing of its looks.
fn function_settings(site: &Site) -> Vec<u8> {
    let settings = SiteSettings {
        url: site.base_url.origin().to_owned(),
        allowed_origins: site
            .allowed_origins
            .iter()
            .map(ToString::to_string)
            .collect(),
        refuse_direct_calls: site.refuse_direct_calls,
    };
    let widget = |widget: &Widget| {
        let backend = match &widget.backend {
            Backend::Hosted(hosted) => BackendSettings::Hosted(hosted.clone()),
            Backend::Server(Server { url, signed, .. }) if *signed => {
                BackendSettings::Server(ServerSettings {
                    url: url.to_string(),
                    expires_after: None,
                })
            }
            // Its page asks for no session.
            Backend::Server(_) => return None,
        };
        Some((widget.name.clone(), WidgetSettings { backend }))
    };
    let widgets: BTreeMap<_, _> = site.widgets.iter().filter_map(widget).collect();
    session::encode(&settings, &widgets)
}

/// What every template of a widget knows.
#[derive(Serialize)]
struct Context<'a> {
    widget: WidgetContext<'a>,
}

/// What `templates/page.html` knows.
#[derive(Serialize)]
struct PageContext<'a> {
    #[serde(flatten)]
    common: &'a Context<'a>,
    settings: PageSettings<'a>,
}

/// What `templates/loader.js` knows.
#[derive(Serialize)]
struct LoaderContext<'a> {
    #[serde(flatten)]
    common: &'a Context<'a>,
    settings: LoaderSettings<'a>,
    css: String,
    source: &'a str,
}

/// What `templates/snippets/index.html` knows.
#[derive(Serialize)]
struct IndexContext<'a> {
    origin: &'a str,
    entries: Vec<IndexEntry<'a>>,
}

/// One widget on the page of all snippets.
#[derive(Serialize)]
struct IndexEntry<'a> {
    widget: WidgetContext<'a>,
    snippets: Vec<Snippet>,
    /// What a host page's `connect-src` needs where ChatKit runs in the host page itself.
    direct_connect: String,
}

/// A text to copy.
#[derive(Serialize)]
struct Snippet {
    kind: &'static str,
    code: String,
}

/// A template that needs to know nothing.
#[derive(Serialize)]
struct Nothing {}

/// One widget as templates see it.
#[derive(Serialize)]
struct WidgetContext<'a> {
    /// Its name.
    name: &'a str,
    /// Title of the hosted page.
    title: &'a str,
    /// Description of the hosted page, or null.
    description: Option<&'a str>,
    /// Language of the hosted page.
    language: &'a str,
    /// `ltr` or `rtl`.
    direction: &'static str,
    /// What search engines are asked to do with the hosted page.
    robots: &'a str,
    /// Address of the hosted page's icon.
    icon: String,
    /// `light`, `dark` or `auto`.
    scheme: ColorScheme,
    /// What the launcher does.
    label: &'a str,
    /// Width of the panel in CSS pixels.
    width: u16,
    /// Height of the panel in CSS pixels.
    height: u16,
    /// Address of the hosted page.
    page_url: String,
    /// Address of the loader.
    loader_url: String,
}

impl<'a> WidgetContext<'a> {
    fn new(site: &Site, widget: &'a Widget, icon: String) -> Self {
        let Widget {
            name,
            page,
            launcher,
            panel,
            chatkit,
            // The settings of page and loader hold these.
            backend: _,
            fallback: _,
            rules: _,
        } = widget;
        let origin = site.base_url.origin();
        Self {
            name,
            title: &page.title,
            description: page.description.as_deref(),
            language: &page.language,
            direction: page.direction(),
            robots: &page.robots,
            icon,
            scheme: chatkit.color_scheme(),
            label: &launcher.label,
            width: panel.width,
            height: panel.height,
            page_url: format!("{origin}/w/{name}/"),
            loader_url: format!("{origin}/w/{name}.js"),
        }
    }
}
