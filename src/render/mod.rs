//! Turns a checked site and a theme into the bytes of every file. Pure: no IO, and everything in the order of names.

mod assets;
mod budget;
mod chatkit;
mod flaws;
mod headers;
mod icon;
mod listed;
mod loader;
mod modules;
mod page;
mod scripts;
mod search;
mod site;
mod templates;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};
use serde::Serialize;
use session::{SiteParts, SiteSettings, WidgetSettings};

use crate::chatkit::ColorScheme;
use crate::hint::Hinted;
use crate::site::{Backend, BaseUrl, Site, Variables, Widget, direction_of};
use crate::theme::{Texts, Theme, Themes};

pub(crate) use assets::Asset;
use assets::Assets;
use budget::Fetched;
pub(crate) use budget::gzipped;
pub(crate) use chatkit::ChatKit;
pub(crate) use flaws::flaws;
pub(crate) use headers::NOT_FOUND_POLICY;
use icon::PageIcon;
pub(crate) use listed::{Listed, without_aliases};
pub(crate) use loader::LoaderParts;
use loader::LoaderSettings;
use page::{PageSettings, texts_of};
pub(crate) use scripts::Scripts;
use scripts::Styles;
pub(crate) use search::snippets_are_on_demand;
pub(crate) use site::{Workshop, render, render_shared, render_widgets};
use templates::Templates;

/// The kinds of snippet, each a template `snippets/<kind>.html`.
pub(crate) const SNIPPETS: [&str; 6] = ["bubble", "popup", "inline", "iframe", "link", "direct"];

/// The snippets of one widget, without anything else.
///
/// # Errors
///
/// A theme or a template that is missing or invalid.
pub(crate) fn snippets(site: &Site, themes: &Themes, widget: &Widget) -> Result<Vec<Snippet>> {
    let theme = themes
        .get(widget.look.theme.as_deref())
        .expect("a widget without its theme is an error");
    let scripts = Scripts::new(theme)?;
    let renderer = Renderer::new(theme, &scripts, site.variables_of(widget))?;
    renderer.snippets(&site.base_url, widget)
}

/// A theme that is ready to render widgets, one after the other.
pub(crate) struct Renderer {
    theme: Arc<Theme>,
    assets: Assets,
    templates: Templates,
    loader_css: String,
    loader_js: String,
    /// A hash of the loader's script and its template.
    loader_code: String,
    /// By language, as requested so far.
    texts: Mutex<BTreeMap<String, Arc<Texts>>>,
}

/// All files of one widget.
#[derive(Debug)]
pub(crate) struct Rendered {
    /// `w/<widget>/index.html`
    pub(crate) page: String,
    /// `w/<widget>/settings.js`
    pub(crate) settings: String,
    /// `w/<widget>.js`
    pub(crate) loader: String,
    /// The values in that file.
    pub(crate) loader_parts: LoaderParts,
    /// Addresses of the shared assets that the page names.
    page_assets: Vec<String>,
    /// Assets that they refer to and that widgets need not share: the page's icon, and the logo.
    pub(crate) assets: Vec<Asset>,
    /// The part of the page's `Content-Security-Policy` that only a header can carry.
    pub(crate) frame_policy: String,
}

impl Rendered {
    /// The settings as JSON that is safe in a `<script>`.
    pub(crate) fn settings_json(&self) -> String {
        templates::escape(page::json_of(&self.settings))
    }
}

impl Renderer {
    /// `scripts` are those of the theme, `variables` those of the site.
    ///
    /// # Errors
    ///
    /// A template or a style of the theme that is missing or invalid.
    pub(crate) fn new(
        theme: &Arc<Theme>,
        scripts: &Scripts,
        variables: &Variables,
    ) -> Result<Self> {
        let styles = Styles { theme, variables };
        let assets = Assets::from_theme(scripts, &styles)?;
        let loader_js = scripts.script("loader/loader.js").unwrap_or_default();
        let template = theme.text("templates/loader.js")?;
        Ok(Self {
            templates: Templates::from_theme(theme, &assets)?,
            loader_css: styles.style("loader/loader.css")?,
            loader_code: assets::hex_digest(format!("{template}\0{loader_js}").as_bytes()),
            loader_js: loader_js.to_owned(),
            assets,
            theme: Arc::clone(theme),
            texts: Mutex::default(),
        })
    }

    /// Renders one widget of the site, with this ChatKit.
    ///
    /// # Errors
    ///
    /// A template that is missing or uses an unknown variable, and an icon that the theme does not have.
    pub(crate) fn widget(
        &self,
        site: &Site,
        widget: &Widget,
        chatkit: &ChatKit,
    ) -> Result<Rendered> {
        let context = Context {
            widget: WidgetContext::new(&site.base_url, widget),
        };
        let icon = icon::of_page(site, widget, &self.theme)?;
        let texts = self.texts(&widget.page.language)?;
        let (logo, logo_file) = icon::logo_of(widget).unzip();
        let settings = PageSettings::new(site, widget, &texts, chatkit, &self.assets, logo.clone());
        let module = page::module(&settings)?;
        let rest = assets::short_hash(&module);
        let page = PageContext {
            common: &context,
            icon: icon.address(),
            logo,
            chatkit,
            settings,
            settings_url: &page::module_address(&site.base_url, &widget.name, &rest),
            policy: headers::page_policy(widget, chatkit),
            texts: &texts,
        };
        let html = self.templates.render("page.html", &page)?;
        page.check(&html, &self.theme)?;
        let [panel, tone] = [assets::PANEL, assets::TONE].map(|path| self.assets.address(path));
        let loader = LoaderContext {
            common: &context,
            settings: LoaderSettings::new(
                site,
                widget,
                &self.theme,
                &texts,
                [&panel, &tone, &rest],
            )
            .with_context(|| format!("`widgets.{}`: `launcher.icon`", widget.name))?,
            css: self.loader_css.clone() + &loader::launcher_style(&widget.launcher, &widget.panel),
            source: &self.loader_js,
        };
        let icon = match icon {
            PageIcon::Drawing(drawing) => Some(drawing),
            PageIcon::Image(_) => None,
        };
        let assets = icon.into_iter().chain(logo_file.flatten()).collect();
        Ok(Rendered {
            page_assets: self.assets.named_in(&html),
            page: html,
            settings: module,
            loader: self.templates.render("loader.js", &loader)?,
            loader_parts: LoaderParts {
                code: self.loader_code.clone(),
                panel: page.settings.hash_of_panel()?,
                settings: serde_json::to_value(&loader.settings)?,
                css: loader.css,
            },
            frame_policy: headers::frame_policy(site, widget),
            assets,
        })
    }

    /// The files of a widget that a browser fetches.
    fn fetched<'a>(&'a self, rendered: &'a Rendered) -> Fetched<'a> {
        Fetched {
            page: &rendered.page,
            settings: &rendered.settings,
            page_assets: &rendered.page_assets,
            loader: &rendered.loader,
            loader_script: &self.loader_js,
            assets: &self.assets,
        }
    }

    /// The snippets of one widget for a site that is served at `base_url`, one for each kind.
    ///
    /// # Errors
    ///
    /// A template that is missing or uses an unknown variable.
    pub(crate) fn snippets(&self, base_url: &BaseUrl, widget: &Widget) -> Result<Vec<Snippet>> {
        let context = Context {
            widget: WidgetContext::new(base_url, widget),
        };
        let snippet = |kind| {
            let template = format!("snippets/{kind}.html");
            let code = self.templates.render(&template, &context)?;
            Ok(Snippet { kind, code })
        };
        SNIPPETS.into_iter().map(snippet).collect()
    }

    /// The form that Netlify detects, if a widget has one.
    ///
    /// # Errors
    ///
    /// A template that is missing or uses an unknown variable.
    fn form(&self, widget: &Widget) -> Result<Option<String>> {
        let Backend::Agent(agent) = &widget.backend else {
            return Ok(None);
        };
        let context = agent.netlify_fields().map(|fields| FormContext {
            name: session::netlify_form(&widget.name),
            fields: fields.iter().map(|field| field.name()).collect(),
        });
        let form = context.map(|context| self.templates.render("form.html", &context));
        form.transpose()
    }

    /// `404.html`, in the language of the site's pages, or in English if they have several.
    ///
    /// # Errors
    ///
    /// A template that is missing or uses an unknown variable.
    pub(crate) fn not_found<'a>(
        &self,
        languages: impl IntoIterator<Item = &'a str>,
    ) -> Result<String> {
        let language = languages
            .into_iter()
            .reduce(|one, other| if one == other { one } else { "en" })
            .unwrap_or("en");
        let texts = self.texts(language)?;
        let context = NotFoundContext {
            language: &texts.language,
            direction: direction_of(language),
            texts: &texts,
        };
        self.templates.render("404.html", &context)
    }

    /// Reads the texts of all languages of a site.
    ///
    /// # Errors
    ///
    /// An error in a file with texts.
    pub(crate) fn check_texts(&self, site: &Site) -> Result<()> {
        let languages: BTreeSet<_> = site.languages().collect();
        languages
            .into_iter()
            .try_for_each(|language| self.texts(language).map(drop))
    }

    fn texts(&self, language: &str) -> Result<Arc<Texts>> {
        let mut known = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(texts) = known.get(language) {
            return Ok(Arc::clone(texts));
        }
        let texts = Arc::new(self.theme.texts(language)?);
        known.insert(language.to_owned(), Arc::clone(&texts));
        Ok(texts)
    }

    /// The assets that all widgets share.
    pub(crate) fn assets(&self) -> impl Iterator<Item = &Asset> {
        self.assets.iter()
    }
}

/// What the function knows of a site: everything about back ends, nothing about looks. `kept` are widgets that are not in
/// `site`.
pub(crate) fn site_parts(site: &Site, kept: BTreeMap<String, WidgetSettings>) -> SiteParts {
    let mut knowledge = Vec::new();
    let widget = |widget: &Widget| {
        Some((
            widget.name.clone(),
            WidgetSettings {
                backend: widget.backend.function_settings(&mut knowledge)?,
                identity: widget.identity,
                allowed_origins: widget.allowed_origins.as_deref().map(texts_of),
                identity_secret_env: widget.identity_secret_env.clone(),
            },
        ))
    };
    let mut widgets = kept;
    widgets.extend(site.served().filter_map(widget));
    let own = widgets
        .values()
        .filter_map(|widget| widget.allowed_origins.as_ref());
    let own: BTreeSet<_> = own.flatten().cloned().collect();
    let settings = SiteSettings {
        url: site.base_url.origin().to_owned(),
        allowed_origins: texts_of(&site.allowed_origins),
        origins_of_widgets: own.into_iter().collect(),
        refuse_direct_calls: site.refuse_direct_calls,
    };
    SiteParts {
        settings,
        widgets,
        knowledge,
    }
}

/// Variables available in every template of a widget.
#[derive(Serialize)]
struct Context<'a> {
    widget: WidgetContext<'a>,
}

/// Variables available in `templates/page.html`.
#[derive(Serialize)]
struct PageContext<'a> {
    #[serde(flatten)]
    common: &'a Context<'a>,
    /// Address of the page's icon.
    icon: String,
    /// Address of the logo, or null.
    logo: Option<String>,
    chatkit: &'a ChatKit,
    settings: PageSettings<'a>,
    /// Address of the module with these settings.
    settings_url: &'a str,
    /// The page's `Content-Security-Policy`, but for the part that only a header can carry.
    policy: String,
    /// The texts that visitors read, in the page's language if it has some.
    texts: &'a Texts,
}

impl PageContext<'_> {
    /// Makes sure that a theme's own page is as safe as ours.
    ///
    /// # Errors
    ///
    /// A page without its policy, or with something before it that may load.
    fn check(&self, html: &str, theme: &Theme) -> Result<()> {
        ensure!(
            begins_with_policy(html, &self.policy),
            Hinted::new(
                format!(
                    "`{}` does not begin with its policy",
                    theme.place("templates/page.html")
                ),
                "put `<meta http-equiv=\"Content-Security-Policy\" content=\"{{ policy | safe }}\">` after the `charset`, before \
                 anything that loads"
            )
        );
        Ok(())
    }
}

/// Whether a page names its policy before anything that may load.
fn begins_with_policy(html: &str, policy: &str) -> bool {
    let mut parts = html.split("<!--");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.filter_map(|part| Some(part.split_once("-->")?.1));
    let html = first + &rest.collect::<String>();
    let Some((before, after)) = html.split_once(policy) else {
        return false;
    };
    let (earlier, start) = before.rsplit_once('<').unwrap_or_default();
    let end = after.split('>').next().unwrap_or_default();
    let [earlier, tag] = [earlier, &format!("{start}{end}")].map(str::to_ascii_lowercase);
    let loads = ["<link", "<script", "<style", "<img", "<body"];
    tag.starts_with("meta ")
        && tag.contains("content-security-policy")
        && !loads.iter().any(|tag| earlier.contains(tag))
}

/// Variables available in `templates/loader.js`.
#[derive(Serialize)]
struct LoaderContext<'a> {
    #[serde(flatten)]
    common: &'a Context<'a>,
    settings: LoaderSettings<'a>,
    css: String,
    source: &'a str,
}

/// A text to copy.
#[derive(Debug, Serialize)]
pub(crate) struct Snippet {
    /// One of `bubble`, `popup`, `inline`, `iframe`, `link`, `direct`.
    pub(crate) kind: &'static str,
    pub(crate) code: String,
}

/// Variables available in `templates/404.html`.
#[derive(Serialize)]
struct NotFoundContext<'a> {
    language: &'a str,
    direction: &'static str,
    texts: &'a Texts,
}

/// Variables available in `templates/form.html`.
#[derive(Serialize)]
struct FormContext {
    /// The form's name at Netlify.
    name: String,
    /// `name`, `email`, `message`: those that it has.
    fields: Vec<&'static str>,
}

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
    /// Instructions for search engines about the hosted page.
    robots: &'a str,
    /// `light`, `dark` or `auto`.
    scheme: ColorScheme,
    /// The launcher's label.
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
    fn new(base_url: &BaseUrl, widget: &'a Widget) -> Self {
        let Widget {
            name,
            page,
            launcher,
            panel,
            chatkit,
            // Part of the renderer.
            alias_of: _,
            brand: _,
            look: _,
            // Part of the settings of page and loader.
            allowed_origins: _,
            backend: _,
            fallback: _,
            identity: _,
            identity_secret_env: _,
            rules: _,
        } = widget;
        let root = base_url.root();
        Self {
            name,
            title: &page.title,
            description: page.description.as_deref(),
            language: &page.language,
            direction: page.direction(),
            robots: &page.robots,
            scheme: chatkit.color_scheme(),
            label: &launcher.label,
            width: panel.width,
            height: panel.height,
            page_url: format!("{root}/w/{name}/"),
            loader_url: format!("{root}/w/{name}.js"),
        }
    }
}
