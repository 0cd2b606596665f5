//! The site as checked: whatever is here can be rendered. Nothing below sees `Config`.

mod backend;
mod base_url;
mod chatkit;
mod color;
mod launcher;
mod panel;
mod rules;
mod value;
mod variables;
mod widget;

use session::OriginPattern;

pub(crate) use backend::{Backend, Server, Upload};
pub(crate) use base_url::BaseUrl;
pub(crate) use launcher::{Colors, Icon, Launcher};
pub(crate) use panel::{HEIGHT, Panel, WIDTH};
pub(crate) use rules::Rules;
pub(crate) use variables::{Variable, Variables};
pub(crate) use widget::{Fallback, Widget};

use crate::chatkit::ChatKitOptions;
use crate::config::{BackendKind, Config, Documents, Problem, Problems, SiteSection, is_name};
pub(crate) use crate::config::{Corner, Device, LauncherShape, OpenOn};
use crate::environment::Environment;
use crate::theme::Theme;

/// Everything that one `site.yaml` describes.
#[derive(Debug)]
pub(crate) struct Site {
    /// Where it is served.
    pub(crate) base_url: BaseUrl,
    /// Origins of the host pages.
    pub(crate) allowed_origins: Vec<OriginPattern>,
    /// Whether callers of the function's own address are refused.
    pub(crate) refuse_direct_calls: bool,
    /// The theme's variables.
    pub(crate) variables: Variables,
    /// At least one, in the order of their names.
    pub(crate) widgets: Vec<Widget>,
}

impl Site {
    /// Checks what is written and fills in the defaults. `outside` goes before `site.url`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong and that the schema could not tell.
    pub(crate) fn from_config(
        config: Config,
        outside: Option<BaseUrl>,
        environment: &Environment,
    ) -> Result<Self, Problems> {
        let Config {
            site:
                SiteSection {
                    url,
                    allowed_origins,
                    theme,
                    variables,
                    refuse_direct_calls,
                },
            widgets,
            theme: theme_file,
            documents,
            problems,
        } = config;
        let mut found = Found(problems);
        let written = found.keep(BaseUrl::written(&url));
        // Those that are wrong are missing here.
        if widgets.is_empty() && found.0.is_empty() {
            let hint =
                "add at least one under `widgets`, such as `support: {backend: {type: hosted}}`";
            found.add(Problem::on("widgets", "there is no widget").hint(hint));
        }
        if !is_name(&theme) {
            let problem = Problem::on(
                "site.theme",
                format!("`{theme}` is not the name of a theme"),
            );
            found.add(
                problem.hint("it is a folder under `themes/`: small letters, digits and hyphens"),
            );
        }
        let allowed_origins = allowed_origins.iter().enumerate();
        let allowed_origins: Vec<_> = allowed_origins
            .filter_map(|(index, origin)| {
                let way = format!("site.allowed_origins.{index}");
                if origin.contains('[') {
                    let problem = Problem::on(&way, "an origin can not be an IPv6 address");
                    found.add(problem.label("browsers do not take one in the page's policy"));
                }
                found.keep(
                    OriginPattern::parse(origin)
                        .map_err(|err| Problem::on(&way, "not an origin").label(err.to_string())),
                )
            })
            .collect();
        let variables =
            Variables::from_config(theme_file.variables, variables, &documents, &mut found);
        let widgets: Vec<_> = widgets
            .into_iter()
            .filter_map(|(name, section)| {
                let mut own = Found::default();
                let widget = Widget::from_config(name.clone(), section, environment, &mut own);
                found.extend(own.below(&["widgets", &name]));
                widget
            })
            .collect();
        found.end(&documents)?;
        let base_url = outside.or(written);
        Ok(Self {
            base_url: base_url.expect("one that is wrong ends it before"),
            allowed_origins,
            refuse_direct_calls,
            variables,
            widgets,
        })
    }

    /// # Errors
    ///
    /// Icons of launchers and pages that there are not.
    pub(crate) fn check_icons(&self, theme: &Theme, documents: &Documents) -> Result<(), Problems> {
        let mut found = Found::default();
        for widget in &self.widgets {
            let icons = [
                ("launcher", Some(&widget.launcher.icon)),
                ("page", widget.page.icon.as_ref()),
            ];
            for (section, icon) in icons {
                let Some(Icon::Drawing(name)) = icon else {
                    continue;
                };
                if !theme.has_icon(name) {
                    let problem = Problem::on("icon", format!("unknown icon `lucide:{name}`"))
                        .label("Lucide has no icon of this name")
                        .hint(format!(
                            "https://lucide.dev/icons shows them all; for a drawing of your own, make \
                             `themes/default/icons/{name}.svg`"
                        ));
                    found.add(problem.below(&["widgets", &widget.name, section]));
                }
            }
        }
        found.end(documents)
    }
}

/// What is wrong with ChatKit's options for this kind of back end, at ways such as `chatkit.composer.tools`.
pub(crate) fn check_chatkit(options: &ChatKitOptions, backend: BackendKind) -> Vec<Problem> {
    let mut found = Found::default();
    chatkit::check(options, backend, &mut found);
    found.0
}

/// What is wrong with the part that is being checked.
#[derive(Default)]
struct Found(Vec<Problem>);

impl Found {
    fn add(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// The value, or nothing and one problem more.
    fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.add(problem)).ok()
    }

    fn extend(&mut self, problems: impl Iterator<Item = Problem>) {
        self.0.extend(problems);
    }

    fn below(self, steps: &[&str]) -> impl Iterator<Item = Problem> {
        self.0.into_iter().map(move |problem| problem.below(steps))
    }

    fn end(self, documents: &Documents) -> Result<(), Problems> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(documents.show(self.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Draft, Source};

    fn check(yaml: &str) -> Result<Site, Problems> {
        let text = format!("site: {{url: 'https://chat.example.com'}}\n{yaml}");
        let path = "site.yaml".into();
        let environment = Environment::default();
        let config = Draft::parse(vec![Source { path, text }]).finish(&environment, Vec::new())?;
        Site::from_config(config, None, &environment)
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
            ("widgets: {}", "there is no widget"),
            (
                "widgets: {'a\"><script>': {backend: {type: hosted}}}",
                "`a\"><script>` is not the name of a widget",
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
                "`url` can not be an IPv6 address",
            ),
            (
                "widgets: {a: {backend: {type: hosted, domain_key: y}}}",
                "`domain_key` belongs to `type: server`",
            ),
            (
                "widgets: {a: {backend: {type: hosted, workflow: latest}}}",
                "`latest` is not the id of a workflow",
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
                "widgets: {a: {backend: {type: hosted}, launcher: {color: red}}}",
                "`red` is not of the form `#rrggbb`",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, chatkit: {composer: {models: []}}}}",
                "`models` needs a server",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, chatkit: {header: {leftAction: {icon: home, action: {href: 'javascript:x'}}}}}}",
                "not an address that a visitor can be sent to",
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
                "not the glob of a path",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, rules: {devices: []}}}",
                "an empty list leaves nothing to show the launcher on",
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
                "`x` is not the id of a workflow",
                "not the glob of a path",
                "not the glob of a path",
                "`locale` can not be `xx`",
                "`x` is not an icon",
            ]
        );
    }
}
