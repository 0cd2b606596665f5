//! A site as it would be served: each widget is rendered when somebody asks for it.
//!
//! Nothing here renders the whole site: even with ten thousand widgets, the one that is viewed is ready in the time
//! that one takes.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use session::{OriginPattern, Service};

use super::lock::lock;
use crate::config::{Draft, reports as reports_of};
use crate::preview::state::files::{Files, LoadedTheme, Themes, short_hash};
use crate::project::{self, Loaded};
use crate::render::{ChatKit, Rendered, Renderer, Snippet};
use crate::site::{BaseUrl, Purpose, Reading, Site, Widget};
use crate::yaml::{Problems, Report, Source};

/// Number of widgets that are kept up to date: more than browsers show at once.
const LOOKED_AT: usize = 32;

/// Errors, for the pages that show them.
pub(in crate::preview) type Trouble = Arc<Vec<Report>>;

/// One state of the files, served below one address.
pub(in crate::preview) struct View {
    pub(in crate::preview) files: Files,
    /// The address that it is served at.
    base_url: BaseUrl,
    /// `--base-url`, for the snippets that people copy.
    given_url: Option<String>,
    /// Origins that may frame the pages and ask for sessions.
    origins: Vec<OriginPattern>,
    themes: Arc<Themes>,
    /// By the widget's own file; `None` for all in `site.yaml`.
    parts: Mutex<HashMap<Option<PathBuf>, Arc<OnceLock<MadePart>>>>,
    /// By the widget's name.
    rendered: Mutex<HashMap<String, Kept>>,
}

/// A rendered widget.
struct Kept {
    /// The time of the last request.
    asked: Instant,
    /// Address of the ChatKit that it loads.
    chatkit: String,
    rendered: Arc<Rendered>,
    renderer: Arc<Renderer>,
}

/// A part, or its errors.
type MadePart = Result<Arc<Part>, Trouble>;

/// A site with the widgets of one file.
pub(in crate::preview) struct Part {
    pub(in crate::preview) site: Site,
    /// The address that visitors will use.
    base_url: BaseUrl,
    pub(in crate::preview) renderer: Arc<Renderer>,
    /// The themes of the site and its widgets.
    themes: Loaded<Arc<LoadedTheme>>,
    /// The services that mint sessions: in demo mode, and otherwise.
    services: [OnceLock<Arc<Service>>; 2],
}

impl Part {
    pub(in crate::preview) fn widget(&self, name: &str) -> Option<&Widget> {
        self.site.served().find(|widget| widget.name == name)
    }

    /// The renderer of a widget.
    fn renderer_of(&self, widget: &Widget) -> anyhow::Result<Arc<Renderer>> {
        if widget.look.variables.is_none() {
            return Ok(Arc::clone(&self.renderer));
        }
        let own = widget.look.theme.as_ref();
        let theme = own.and_then(|name| self.themes.others.get(name));
        let theme = theme.unwrap_or(&self.themes.theme);
        theme.renderer(self.site.variables_of(widget))
    }

    /// The service of a mode, created when it is first needed.
    pub(in crate::preview) fn service(
        &self,
        demo: bool,
        make: impl FnOnce() -> Service,
    ) -> &Arc<Service> {
        self.services[usize::from(demo)].get_or_init(|| Arc::new(make()))
    }
}

/// Short hashes of a widget's files, by path below the root.
pub(in crate::preview) type Stamps = BTreeMap<String, String>;

impl View {
    pub(in crate::preview) fn new(
        files: Files,
        themes: Arc<Themes>,
        base_url: BaseUrl,
        given_url: Option<String>,
        origins: Vec<OriginPattern>,
    ) -> Self {
        Self {
            files,
            base_url,
            given_url,
            origins,
            themes,
            parts: Mutex::default(),
            rendered: Mutex::default(),
        }
    }

    /// The part that holds a widget.
    ///
    /// # Errors
    ///
    /// All errors of that part.
    pub(in crate::preview) fn part(&self, widget: &str) -> Result<Arc<Part>, Trouble> {
        let own = self.files.file_of(widget);
        let key = own.map(|source| source.path.clone());
        let part = Arc::clone(lock(&self.parts).entry(key).or_default());
        let part = part.get_or_init(|| {
            let site = &self.files.sources[0];
            // A site without any widget would be an error, which is not the case here.
            let other = own.or_else(|| {
                let is_empty = !Draft::parse(vec![site.clone()]).has_widgets();
                self.files.sources.get(1).filter(|_| is_empty)
            });
            self.make([Some(site), other].into_iter().flatten().cloned().collect())
        });
        part.clone()
    }

    fn make(&self, sources: Vec<Source>) -> Result<Arc<Part>, Trouble> {
        let count = sources.len();
        self.try_make(sources)
            .map_err(|err| Arc::new(reports(&err, count)))
    }

    fn try_make(&self, sources: Vec<Source>) -> anyhow::Result<Arc<Part>> {
        let reading = Reading {
            environment: &self.files.environment,
            nameable: &self.files.nameable,
            base_url: self.given_url.as_deref(),
            read_text: &|name| self.files.text(name),
            read_pages: &|glob| self.files.pages(glob),
            read_logo: &|name| self.files.logo(name),
            purpose: Purpose::Preview,
        };
        let load = |name: &str| self.themes.get(name);
        let (mut site, _, themes) =
            project::check(sources, load, |loaded| &loaded.theme, &reading)?;
        let base_url = std::mem::replace(&mut site.base_url, self.base_url.clone());
        // Pages on the internet get nothing from a preview, whatever they may do with the site.
        let own = site.widgets.iter_mut().chain(&mut site.aliases);
        let own = own.filter_map(|widget| widget.allowed_origins.as_mut());
        for origins in own.chain([&mut site.allowed_origins]) {
            origins.retain(OriginPattern::is_loopback);
            origins.extend(self.origins.iter().cloned());
        }
        Ok(Arc::new(Part {
            base_url,
            renderer: themes.theme.renderer(&site.variables)?,
            themes,
            site,
            services: Default::default(),
        }))
    }

    /// A widget's files with this ChatKit; `None` if the widget does not exist.
    ///
    /// # Errors
    ///
    /// All errors of the part that holds it.
    pub(in crate::preview) fn rendered(
        &self,
        name: &str,
        chatkit: &ChatKit,
    ) -> Result<Option<Arc<Rendered>>, Trouble> {
        let mut known = lock(&self.rendered);
        if let Some(kept) = known
            .get_mut(name)
            .filter(|kept| kept.chatkit == chatkit.script)
        {
            kept.asked = Instant::now();
            return Ok(Some(Arc::clone(&kept.rendered)));
        }
        drop(known);
        let part = self.part(name)?;
        let Some(widget) = part.widget(name) else {
            return Ok(None);
        };
        let renderer = part.renderer_of(widget).map_err(|err| trouble(&err))?;
        let rendered = renderer.widget(&part.site, widget, chatkit);
        let rendered = Arc::new(rendered.map_err(|err| trouble(&err))?);
        let kept = Kept {
            renderer,
            asked: Instant::now(),
            chatkit: chatkit.script.clone(),
            rendered: Arc::clone(&rendered),
        };
        let mut known = lock(&self.rendered);
        known.insert(name.to_owned(), kept);
        Ok(Some(rendered))
    }

    /// Renders these widgets, for their current viewers.
    ///
    /// # Errors
    ///
    /// All errors of the first one that cannot be rendered.
    pub(in crate::preview) fn render_all(
        &self,
        widgets: impl IntoIterator<Item = String>,
        chatkit: &ChatKit,
    ) -> Result<(), Trouble> {
        let mut widgets = widgets.into_iter();
        widgets.try_for_each(|name| self.rendered(&name, chatkit).map(drop))
    }

    /// The snippets that people copy; `None` if the widget does not exist.
    ///
    /// # Errors
    ///
    /// All errors of the part that holds it.
    pub(in crate::preview) fn snippets(&self, name: &str) -> Result<Option<Vec<Snippet>>, Trouble> {
        let part = self.part(name)?;
        let Some(widget) = part.widget(name) else {
            return Ok(None);
        };
        let snippets = part
            .renderer_of(widget)
            .and_then(|renderer| renderer.snippets(&part.base_url, widget));
        snippets.map(Some).map_err(|err| trouble(&err))
    }

    /// The snippet of one kind, as the preview itself uses it.
    ///
    /// # Errors
    ///
    /// All errors of the part that holds it.
    pub(in crate::preview) fn snippet(
        &self,
        name: &str,
        kind: &str,
    ) -> Result<Option<String>, Trouble> {
        let part = self.part(name)?;
        let Some(widget) = part.widget(name) else {
            return Ok(None);
        };
        let snippets = part
            .renderer_of(widget)
            .and_then(|renderer| renderer.snippets(&self.base_url, widget));
        let mut snippets = snippets.map_err(|err| trouble(&err))?.into_iter();
        Ok(snippets
            .find(|snippet| snippet.kind == kind)
            .map(|snippet| snippet.code))
    }

    /// A file of the themes: of the site's, or of a widget that was requested recently.
    pub(in crate::preview) fn asset(&self, name: &str) -> Option<Vec<u8>> {
        let of_site = self.part("").ok().map(|part| Arc::clone(&part.renderer));
        let known = lock(&self.rendered);
        let of_widgets = known.values().map(|kept| Arc::clone(&kept.renderer));
        let all: Vec<_> = of_site.into_iter().chain(of_widgets).collect();
        drop(known);
        all.iter().find_map(|renderer| {
            let found = renderer.assets().find(|asset| asset.name == name);
            found.map(|asset| asset.bytes.clone())
        })
    }

    /// All errors of all files. Takes time in proportion to the size of the site.
    pub(in crate::preview) fn check(&self) -> Vec<Report> {
        let part = self.make(self.files.sources.to_vec());
        let checked = part.and_then(|part| {
            let checked = part.renderer.check_texts(&part.site);
            checked.map_err(|err| trouble(&err))
        });
        checked.map_or_else(|trouble| trouble.to_vec(), |()| Vec::new())
    }

    /// The widgets that were requested recently and may be viewed, the latest at the end.
    pub(in crate::preview) fn looked_at(&self) -> Vec<String> {
        let rendered = lock(&self.rendered);
        let asked = rendered.iter();
        let mut asked: Vec<_> = asked.map(|(name, kept)| (kept.asked, name)).collect();
        asked.sort();
        let old = asked.len().saturating_sub(LOOKED_AT);
        asked[old..]
            .iter()
            .map(|(_, name)| (*name).clone())
            .collect()
    }

    /// The stamps of a widget with this ChatKit; `None` if it does not exist or has an error.
    pub(in crate::preview) fn stamps(&self, name: &str, chatkit: &ChatKit) -> Option<Stamps> {
        let rendered = self.rendered(name, chatkit).ok().flatten()?;
        let Rendered {
            page,
            settings,
            loader,
            ..
        } = &*rendered;
        Some(Stamps::from([
            (format!("w/{name}/index.html"), short_hash(page)),
            (format!("w/{name}/settings.js"), short_hash(settings)),
            (format!("w/{name}.js"), short_hash(loader)),
        ]))
    }
}

/// The reports of an error. The first `count` files are the site's.
fn reports(err: &anyhow::Error, count: usize) -> Vec<Report> {
    match err.downcast_ref::<Problems>() {
        Some(problems) => reports_of(problems, count),
        None => vec![Report::of_error(err)],
    }
}

/// The same for an error outside the site's files.
fn trouble(err: &anyhow::Error) -> Trouble {
    Arc::new(reports(err, 0))
}
