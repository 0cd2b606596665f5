//! The checked site: everything in it can be rendered. Nothing below sees `Config`.

mod backend;
mod base_url;
mod brand;
mod chatkit;
mod color;
mod found;
mod launcher;
mod look;
mod panel;
mod rules;
mod value;
mod variables;
mod widget;

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Result, bail};
use session::OriginPattern;

pub(crate) use backend::{Agent, Backend, Knowledge, Server, Upload, Worst};
pub(crate) use base_url::BaseUrl;
pub(crate) use color::Rgb;
pub(crate) use launcher::{Colors, Icon, Launcher};
pub(crate) use panel::Panel;
pub(crate) use rules::Rules;
pub(crate) use variables::{ThemeVariable, Variable, Variables};
pub(crate) use widget::{Fallback, Widget, direction_of};

use self::found::{Context, Found};
use self::look::{Looks, check_theme_name};
use crate::chatkit::ChatKitOptions;
use crate::config::{BackendKind, Config, Documents, Draft, SiteSection, WidgetSection, is_name};
pub(crate) use crate::config::{Corner, Device, HEIGHT, LauncherShape, OpenOn, WIDTH};
use crate::environment::Environment;
use crate::knowledge::Read;
use crate::logo::Logo;
use crate::theme::{Theme, Themes};
use crate::yaml::{Problem, Problems, Source, Told};
pub(crate) use brand::{Brand, BrandLogo};

/// Everything that one `site.yaml` describes.
#[derive(Debug)]
pub(crate) struct Site {
    /// The address that it is served at.
    pub(crate) base_url: BaseUrl,
    /// Origins of the host pages, for widgets without their own.
    pub(crate) allowed_origins: Vec<OriginPattern>,
    /// Refuses callers of the function's own address.
    pub(crate) refuse_direct_calls: bool,
    /// The theme's variables.
    pub(crate) variables: Variables,
    /// At least one, in the order of their names.
    pub(crate) widgets: Vec<Widget>,
    /// The same widgets under their earlier names.
    pub(crate) aliases: Vec<Widget>,
}

/// The inputs for reading a site.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) environment: &'a Environment,
    /// Variables that texts in the files may name; mostly the same.
    pub(crate) nameable: &'a Environment,
    /// The value of `--base-url`.
    pub(crate) base_url: Option<&'a str>,
    /// Reads a text file of the project by its path from there; the error names it.
    pub(crate) read_text: &'a dyn Fn(&str) -> Result<String>,
    /// Reads the pages that a glob finds; the error names it.
    pub(crate) read_pages: &'a dyn Fn(&str) -> Result<Vec<Read>>,
    /// Reads a logo in a file of the project; the error names it.
    pub(crate) read_logo: &'a dyn Fn(&str) -> Result<Arc<Logo>>,
    pub(crate) purpose: Purpose,
}

impl<'a> Reading<'a> {
    /// The reading of a site that names no other file, at the address that it names itself.
    pub(crate) fn without_files(environment: &'a Environment, purpose: Purpose) -> Self {
        Self {
            environment,
            nameable: environment,
            base_url: None,
            read_text: &no_text,
            read_pages: &no_pages,
            read_logo: &no_logo,
            purpose,
        }
    }
}

/// A project without text files.
fn no_text(name: &str) -> Result<String> {
    bail!("`{name}` not found")
}

/// A project without logos.
fn no_logo(name: &str) -> Result<Arc<Logo>> {
    bail!("`{name}` not found")
}

/// A project without pages that an agent could know.
fn no_pages(_: &str) -> Result<Vec<Read>> {
    Ok(Vec::new())
}

/// The audience of the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Visitors on the internet.
    Deploy,
    /// Its author, on this machine.
    Preview,
}

impl Site {
    /// Reads a site. The draft has reported the themes that could not be loaded.
    ///
    /// # Errors
    ///
    /// All errors in the files, in the theme's settings and in the site's address.
    pub(crate) fn read(
        mut draft: Draft,
        themes: &Themes,
        reading: &Reading<'_>,
    ) -> Result<(Self, Documents)> {
        if reading.purpose == Purpose::Deploy {
            draft.refuse_idle_anchors();
        }
        let config = draft.finish(
            reading.nameable,
            themes.site.as_ref().map(|theme| theme.settings()),
        )?;
        let documents = config.documents.clone();
        let outside = BaseUrl::from_outside(reading.base_url, reading.environment);
        let (outside, err) = match outside {
            Ok(outside) => (outside, None),
            Err(err) => (None, Some(err)),
        };
        match (Self::from_config(config, outside, themes, reading), err) {
            (Ok(site), None) => Ok((site, documents)),
            (Ok(_), Some(err)) => Err(err),
            (Err(problems), err) => Err(problems.and(err).into()),
        }
    }

    /// The smallest site, to try a theme on. `None` if the theme's settings have errors.
    pub(crate) fn stand_in(theme: &Arc<Theme>) -> Option<Self> {
        let text =
            "site: {url: 'https://chat.example.com'}\nwidgets: {chat: {backend: {type: hosted}}}\n";
        let environment = &Environment::default();
        let config = Draft::parse(vec![Source::new("site.yaml", text)]);
        let config = config.finish(environment, Some(theme.settings())).ok()?;
        let reading = Reading::without_files(environment, Purpose::Preview);
        Self::from_config(config, None, &Themes::of(theme), &reading).ok()
    }

    /// Checks the values as written and fills in the defaults. `outside` overrides `site.url`.
    ///
    /// # Errors
    ///
    /// All errors.
    pub(crate) fn from_config(
        config: Config,
        outside: Option<BaseUrl>,
        themes: &Themes,
        reading: &Reading<'_>,
    ) -> Result<Self, Problems> {
        let Config {
            site:
                SiteSection {
                    url,
                    allowed_origins,
                    theme: theme_name,
                    brand,
                    variables,
                    refuse_direct_calls,
                },
            widgets,
            theme: theme_file,
            other_themes,
            documents,
            problems,
            told,
        } = config;
        let mut found = Found::default();
        let written = found.keep(BaseUrl::written(&url));
        let base_url = outside.or(written);
        if widgets.is_empty() && documents.knows_all_sections() {
            found.add(no_widgets());
        }
        check_theme_name("site.theme", &theme_name, &mut found);
        let allowed_origins = origins_from("site.allowed_origins", &allowed_origins, &mut found);
        let context = Context {
            environment: reading.nameable,
            theme: themes.site.as_deref(),
            read_text: reading.read_text,
            read_pages: reading.read_pages,
            read_logo: reading.read_logo,
            origins: &allowed_origins,
            is_public: reading.purpose == Purpose::Deploy
                && base_url.as_ref().is_some_and(|url| !url.is_local()),
        };
        let mut of_brand = Found::default();
        let checked_brand = Arc::new(Brand::from_config(brand.clone(), &context, &mut of_brand));
        found.extend(of_brand.below(&["site"]));
        let looks = Looks {
            themes,
            site: &theme_name,
            file: theme_file.as_ref(),
            others: &other_themes,
            brand: (&brand, &checked_brand),
            variables: &variables,
            documents: &documents,
        };
        let of_site = theme_file.as_ref().map(|theme| {
            let (of_theme, own) = (theme.variables.clone(), variables.clone());
            Variables::from_config(
                of_theme,
                &checked_brand,
                own,
                looks.places(None),
                &mut found,
            )
        });
        for (name, file) in &other_themes {
            let (own, places) = (BTreeMap::new(), looks.places(Some(name)));
            let (of_theme, brand) = (file.variables.clone(), &Brand::default());
            Variables::from_config(of_theme, brand, own, places, &mut found);
        }
        let checking = Checking {
            told: &told,
            context: &context,
            looks: &looks,
        };
        check_aliases(&widgets, &mut found);
        let aliases = widgets.iter().flat_map(|(name, section)| {
            let earlier = section.aliases.iter();
            // A widget may have thousands of them, and none needs the names of the others.
            let section = WidgetSection {
                aliases: Vec::new(),
                ..section.clone()
            };
            earlier.map(move |alias| (name, alias, section.clone()))
        });
        let aliases = aliases.filter_map(|(name, alias, section)| {
            // The widget itself has the same errors.
            let nobody = &mut Found::default();
            let widget = widget_from(alias.clone(), section, &checking, nobody)?;
            let alias_of = Some(name.clone());
            Some(Widget { alias_of, ..widget })
        });
        let aliases: Vec<_> = aliases.collect();
        let widgets: Vec<_> = widgets
            .into_iter()
            .filter_map(|(name, section)| widget_from(name, section, &checking, &mut found))
            .collect();
        let news = found.0.into_iter();
        let news = news.filter(|problem| !told.explains(problem));
        let all: Vec<_> = problems.into_iter().chain(news).collect();
        match base_url {
            Some(base_url) if all.is_empty() => Ok(Self {
                base_url,
                allowed_origins,
                refuse_direct_calls,
                variables: of_site.unwrap_or_default(),
                widgets,
                aliases,
            }),
            _ => Err(documents.show(all)),
        }
    }
}

impl Site {
    /// The languages of the widgets' pages.
    pub(crate) fn languages(&self) -> impl Iterator<Item = &str> {
        self.widgets.iter().map(|widget| &*widget.page.language)
    }

    /// The widgets under all their names, the earlier ones at the end.
    pub(crate) fn served(&self) -> impl Iterator<Item = &Widget> {
        self.widgets.iter().chain(&self.aliases)
    }

    /// The values of the variables of a widget's theme.
    pub(crate) fn variables_of<'a>(&'a self, widget: &'a Widget) -> &'a Variables {
        widget.look.variables.as_ref().unwrap_or(&self.variables)
    }

    /// Origins of the pages that may show a widget.
    pub(crate) fn origins_of<'a>(&'a self, widget: &'a Widget) -> &'a [OriginPattern] {
        widget
            .allowed_origins
            .as_ref()
            .unwrap_or(&self.allowed_origins)
    }
}

/// Each name leads to one widget.
fn check_aliases(widgets: &BTreeMap<String, WidgetSection>, found: &mut Found) {
    let mut known = BTreeMap::new();
    for (name, section) in widgets {
        for (index, alias) in section.aliases.iter().enumerate() {
            let index = index.to_string();
            let add = |problem: Problem| problem.below(&["widgets", name, "aliases", &index]);
            if !is_name(alias) {
                let problem = Problem::on("", format!("`{alias}` is not a valid widget name"));
                found.add(add(problem.hint("use the earlier name of the widget")));
            } else if widgets.contains_key(alias) {
                let problem = Problem::on("", format!("`{alias}` is the name of a widget"));
                found.add(add(problem.hint("remove the alias, or rename that widget")));
            } else if let Some(other) = known.insert(alias, name) {
                let problem =
                    Problem::on("", format!("`{alias}` is already an alias of `{other}`"));
                found.add(add(
                    problem.hint("keep it for the widget that took its place")
                ));
            }
        }
    }
}

/// What widgets are checked with.
struct Checking<'a> {
    /// The errors that were reported already.
    told: &'a Told,
    context: &'a Context<'a>,
    looks: &'a Looks<'a>,
}

/// A widget, unless it has errors.
fn widget_from(
    name: String,
    mut section: WidgetSection,
    checking: &Checking<'_>,
    found: &mut Found,
) -> Option<Widget> {
    let Checking {
        told,
        context,
        looks,
    } = checking;
    let mut own = Found::default();
    if told.is_about(&["widgets", &name, "backend", "type"]) {
        section.backend = None;
    } else if section.backend.is_none() {
        own.add(missing_back_end());
    }
    let widget = Widget::from_config(name.clone(), section, context, looks, &mut own);
    found.extend(own.below(&["widgets", &name]));
    widget
}

fn no_widgets() -> Problem {
    Problem::on("widgets", "no widgets")
        .hint(
            "add at least one under `widgets`, such as `support: {backend: {type: agent, domain_key: domain_pk_…, \
             instructions: You answer our customers.}}`",
        )
}

fn missing_back_end() -> Problem {
    Problem::on("", "missing `backend`").hint(
        "add `backend: {type: agent, instructions: …}` for a model, or `type: server` with `url` for a ChatKit server \
         of your own; both need a `domain_key`",
    )
}

fn origins_from(way: &str, origins: &[String], found: &mut Found) -> Vec<OriginPattern> {
    let origins = origins.iter().enumerate();
    let parsed = origins.filter_map(|(index, origin)| {
        let way = format!("{way}.{index}");
        if origin.contains('[') {
            let problem = Problem::on(&way, "an origin cannot be an IPv6 address");
            found.add(problem.label("browsers do not accept one in the page's policy"));
        }
        found.keep(
            OriginPattern::parse(origin)
                .map_err(|err| Problem::on(&way, "not an origin").label(err.to_string())),
        )
    });
    parsed.collect()
}

/// The errors in ChatKit's options for this kind of back end, at paths such as `chatkit.composer.tools`.
pub(crate) fn check_chatkit(options: &ChatKitOptions, backend: BackendKind) -> Vec<Problem> {
    let mut found = Found::default();
    chatkit::check(options, Some(backend), &mut found);
    found.0
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::theme::DEFAULT;

    fn check(yaml: &str) -> Result<Site, Problems> {
        let text = format!("site: {{url: 'https://chat.example.com'}}\n{yaml}");
        let draft = Draft::parse(vec![Source::new("site.yaml", text)]);
        let theme = Theme::load(Path::new("no-such-folder"), DEFAULT).unwrap();
        let themes = Themes::of(&Arc::new(theme));
        let environment = &Environment::default();
        let reading = Reading::without_files(environment, Purpose::Deploy);
        let read = Site::read(draft, &themes, &reading);
        read.map(|(site, _)| site)
            .map_err(|err| err.downcast().unwrap())
    }

    #[test]
    fn a_widget_needs_no_more_than_a_back_end() {
        let site = check("widgets: {a: {backend: {type: hosted}}}").unwrap();
        assert_eq!(site.widgets[0].panel.width, 400);
        assert_eq!(site.widgets[0].launcher.label, "Chat with us");
    }

    #[test]
    fn what_can_not_be_rendered_is_a_problem() {
        for (yaml, title) in [
            ("widgets: {}", "no widgets"),
            (
                "widgets: {'a\"><script>': {backend: {type: hosted}}}",
                "`a\"><script>` is not a valid widget name",
            ),
            ("widgets: {a: {}}", "missing `backend`"),
            (
                "widgets: {a: {backend: {type: server, domain_key: y}}}",
                "missing `url`",
            ),
            (
                "widgets: {a: {backend: {type: server, url: 'ftp://x', domain_key: y}}}",
                "`url` must begin with `https://`",
            ),
            (
                "widgets: {a: {backend: {type: server, url: 'http://[::1]:8000/', domain_key: y}}}",
                "`url` cannot be an IPv6 address",
            ),
            (
                "widgets: {a: {backend: {type: hosted, domain_key: y}}}",
                "`domain_key` belongs to `type: agent` or `type: server`",
            ),
            (
                "widgets: {a: {backend: {type: hosted, workflow: latest}}}",
                "`latest` is not a workflow id",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, session: {expires_after: 601}}}",
                "invalid value for `expires_after`",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, panel: {width: 3}}}",
                "invalid value for `width`",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, launcher: {color: reed}}}",
                "`reed` is not a colour",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, chatkit: {composer: {models: []}}}}",
                "`models` needs a server",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, chatkit: {header: {leftAction: {icon: home, action: {href: 'javascript:x'}}}}}}",
                "not an address that a link can open",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, chatkit: {startScreen: {prompts: [{label: a, prompt: [{type: input_tag, text: b}]}]}}}}",
                "missing `id` in a tag",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, launcher: {icon: rocket}}}",
                "`rocket` is not an icon",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, launcher: {icon: 'lucide:rocket-'}}}",
                "`lucide:rocket-` is not an icon",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, launcher: {size: 12}}}",
                "invalid value for `size`",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, rules: {show: [docs]}}}",
                "not a path pattern",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, rules: {devices: []}}}",
                "an empty list would never show the launcher",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, fallback: {label: x, url: 'javascript:alert(1)'}}}",
                "`url` must begin with `https:`, `mailto:` or `tel:`",
            ),
        ] {
            let titles = check(yaml).unwrap_err().titles();
            assert_eq!(titles, [title], "{yaml}");
        }
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let titles = check(
            "widgets:\n\
             \x20 a: {backend: {type: server}, launcher: {icon: x, label: ''}}\n\
             \x20 b: {}\n\
             \x20 c: {backend: {type: hosted, url: x, signed: true, workflow: x}, rules: {hide: [a, b]}}\n\
             \x20 d: {backend: {type: hosted}, chatkit: {locale: xx}, launcher: {icon: x}}\n",
        )
        .unwrap_err()
        .titles();
        assert_eq!(
            titles,
            [
                "missing `url`",
                "missing `domain_key`",
                "`x` is not an icon",
                "`label` is empty",
                "missing `backend`",
                "`url` belongs to `type: server`",
                "`signed` belongs to `type: server`",
                "`x` is not a workflow id",
                "not a path pattern",
                "not a path pattern",
                "`locale` cannot be `xx`",
                "`x` is not an icon",
            ]
        );
    }
}
