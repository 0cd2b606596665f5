//! The site as checked: whatever is here can be rendered. Nothing below sees `Config`.

mod backend;
mod base_url;
mod color;
mod launcher;
mod panel;
mod rules;
mod widget;

use anyhow::{Context as _, Result, ensure};
use session::OriginPattern;

pub(crate) use backend::Backend;
pub(crate) use base_url::BaseUrl;
pub(crate) use launcher::{Colors, Icon, Launcher};
pub(crate) use panel::{HEIGHT, Panel, WIDTH};
pub(crate) use rules::Rules;
pub(crate) use widget::{Fallback, Widget};

use crate::config::{Config, SiteSection};
pub(crate) use crate::config::{Corner, Device, LauncherShape, OpenOn};
use crate::environment::Environment;
use crate::hint::Hinted;

/// Everything that one `site.yaml` describes.
#[derive(Debug)]
pub(crate) struct Site {
    /// Where it is served.
    pub(crate) base_url: BaseUrl,
    /// Origins of the host pages.
    pub(crate) allowed_origins: Vec<OriginPattern>,
    /// Folder under `themes/`.
    pub(crate) theme: String,
    /// At least one, in the order of their names.
    pub(crate) widgets: Vec<Widget>,
}

impl Site {
    /// Checks what is written and fills in the defaults.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, by the way to it.
    pub(crate) fn from_config(
        config: Config,
        base_url: BaseUrl,
        environment: &Environment,
    ) -> Result<Self> {
        let Config {
            site:
                SiteSection {
                    // Already in `base_url`, unless something went before it.
                    url: _,
                    allowed_origins,
                    theme,
                },
            widgets,
        } = config;
        ensure!(
            !widgets.is_empty(),
            Hinted::new(
                "`widgets` is empty",
                "add at least one, such as `support: {backend: {type: hosted}}`"
            )
        );
        ensure!(
            is_name(&theme),
            Hinted::new(
                format!("`site.theme` is not the name of a theme: `{theme}`"),
                "it is a folder's name under `themes/`: small letters, digits and hyphens"
            )
        );
        let allowed_origins = allowed_origins
            .iter()
            .map(|origin| {
                OriginPattern::parse(origin)
                    .with_context(|| format!("`site.allowed_origins`: `{origin}`"))
            })
            .collect::<Result<_>>()?;
        let widgets = widgets
            .into_iter()
            .map(|(name, section)| {
                let way = format!("`widgets.{name}`");
                Widget::from_config(name, section, environment).context(way)
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            base_url,
            allowed_origins,
            theme,
            widgets,
        })
    }
}

/// Whether this can be a part of an address, a file's name and an attribute as it stands:
/// 1 to 64 of `a-z`, `0-9` and `-`.
fn is_name(name: &str) -> bool {
    let form = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(form)
}

fn between(key: &str, value: u16, min: u16, max: u16) -> Result<u16> {
    ensure!(
        (min..=max).contains(&value),
        "`{key}` must be {min} to {max}, not {value}"
    );
    Ok(value)
}

/// A text that screen readers say: an empty one would leave a button or a page without a name.
fn text_or(key: &str, text: Option<String>, default: &str) -> Result<String> {
    let text = text.unwrap_or_else(|| default.to_owned());
    ensure!(!text.trim().is_empty(), "`{key}` must not be empty");
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(yaml: &str) -> Result<Site> {
        let yaml = format!("site: {{url: 'https://chat.example.com'}}\n{yaml}");
        let base_url = BaseUrl::parse("https://chat.example.com", "a test")?;
        Site::from_config(Config::parse(&yaml)?, base_url, &Environment::default())
    }

    fn error(yaml: &str) -> String {
        format!("{:#}", check(yaml).unwrap_err())
    }

    #[test]
    fn a_widget_needs_no_more_than_a_back_end() -> Result<()> {
        let site = check("widgets: {a: {backend: {type: hosted}}}")?;
        assert_eq!(site.widgets[0].panel.width, 400);
        assert_eq!(site.widgets[0].launcher.label, "Chat with us");
        Ok(())
    }

    #[test]
    fn what_can_not_be_rendered_is_an_error_that_names_the_way_to_it() {
        for (yaml, message) in [
            ("widgets: {}", "`widgets` is empty"),
            (
                "widgets: {'a\"><script>': {backend: {type: hosted}}}",
                "`widgets.a\"><script>`: not a widget's name",
            ),
            ("widgets: {a: {}}", "`widgets.a`: missing `backend`"),
            (
                "widgets: {a: {backend: {type: server}}}",
                "`widgets.a`: `backend`: missing `url`",
            ),
            (
                "widgets: {a: {backend: {type: server, url: 'ftp://x', domain_key: y}}}",
                "`widgets.a`: `backend`: `url` must begin with https://",
            ),
            (
                "widgets: {a: {backend: {type: hosted, domain_key: y}}}",
                "`widgets.a`: `backend`: `domain_key` belongs to `type: server`",
            ),
            (
                "widgets: {a: {backend: {type: hosted, workflow: latest}}}",
                "`widgets.a`: `backend`: `workflow` is not a workflow's id: `latest`",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, session: {expires_after: 601}}}",
                "`widgets.a`: `session.expires_after` must be 1 to 600, not 601",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, panel: {width: 3}}}",
                "`widgets.a`: `panel.width` must be 280 to 1200, not 3",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, launcher: {color: red}}}",
                "`widgets.a`: `launcher.color`: must be of the form `#rrggbb`, not `red`",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, launcher: {icon: rocket}}}",
                "`widgets.a`: `launcher.icon`: not an icon: `rocket`",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, launcher: {size: 12}}}",
                "`widgets.a`: `launcher.size` must be 40 to 96, not 12",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, rules: {show: [docs]}}}",
                "`widgets.a`: `rules.show`: not the glob of a path: `docs`",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, rules: {devices: []}}}",
                "`widgets.a`: `rules`: `show` and `devices` must name something",
            ),
            (
                "widgets: {a: {backend: {type: hosted}, fallback: {label: x, url: 'javascript:alert(1)'}}}",
                "`widgets.a`: `fallback.url` must begin with https:, mailto: or tel:",
            ),
        ] {
            assert!(error(yaml).starts_with(message), "{}", error(yaml));
        }
    }
}
