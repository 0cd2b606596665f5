//! `site.yaml` as written: the only place that knows YAML.

mod launcher;
mod merge;
mod panel;
mod rules;
mod secrets;
mod site;
mod widget;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_yaml::Value;

pub(crate) use launcher::{
    ColorSection, Corner, EachColor, LauncherSection, LauncherShape, TeaserSection,
};
pub(crate) use panel::{InlineSection, OpenOn, PanelSection, PopupSection};
pub(crate) use rules::{Device, RulesSection};
pub(crate) use site::SiteSection;
pub(crate) use widget::{
    BackendKind, BackendSection, FallbackSection, PageSection, SessionSection, WidgetSection,
};

use crate::fs;
use crate::hint::{Hinted, closest};

/// What `site.yaml` says, with `defaults` merged under every widget.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// What holds for the whole site.
    pub(crate) site: SiteSection,
    /// The widgets by name, in the order of their names.
    pub(crate) widgets: BTreeMap<String, WidgetSection>,
}

/// The file's own shape. A key that is not a field here is an error.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    site: SiteSection,
    #[serde(default)]
    #[expect(
        dead_code,
        reason = "read for its errors; what is merged is the YAML itself"
    )]
    defaults: WidgetSection,
    widgets: BTreeMap<String, WidgetSection>,
}

impl Config {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// A missing file, and everything that [`Config::parse`] refuses.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let bytes = fs::read_if_exists(path)?.ok_or_else(|| {
            Hinted::new(
                format!("there is no `{}`", path.display()),
                "go to the folder that holds your `site.yaml`, or name it with --config FILE",
            )
        })?;
        String::from_utf8(bytes)
            .map_err(|err| anyhow!("not UTF-8 text at byte {}", err.utf8_error().valid_up_to()))
            .and_then(|text| Self::parse(&text))
            .with_context(|| format!("invalid `{}`", path.display()))
    }

    /// # Errors
    ///
    /// What is not YAML, an unknown key, a value of the wrong type or range, and anything that looks
    /// like an API key.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        secrets::refuse(text)?;
        let mut document: Value = serde_yaml::from_str(text)?;
        document.apply_merge()?;
        let File {
            site,
            defaults: _,
            widgets,
        } = read::<File>(document.clone()).map_err(|err| with_place(text, err))?;

        let defaults = document.get("defaults").cloned().unwrap_or(Value::Null);
        if defaults.is_null() {
            return Ok(Self { site, widgets });
        }
        let widgets = widgets
            .into_keys()
            .map(|name| {
                let own = document["widgets"][&name].clone();
                let section = read(merge::deep(defaults.clone(), own))
                    .with_context(|| format!("widget `{name}` over `defaults`"))?;
                Ok((name, section))
            })
            .collect::<Result<_>>()?;
        Ok(Self { site, widgets })
    }
}

/// Turns YAML into a type; an error names the way to the value.
fn read<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|err| {
        let way = err.path().to_string();
        explain(&way, &err.into_inner().to_string())
    })
}

/// The same error with line and column, where reading the text once more can tell them.
fn with_place(text: &str, error: anyhow::Error) -> anyhow::Error {
    let deserializer = serde_yaml::Deserializer::from_str(text);
    match serde_path_to_error::deserialize::<_, File>(deserializer) {
        Err(err) if err.path().iter().count() > 0 || err.inner().location().is_some() => {
            let way = err.path().to_string();
            explain(&way, &err.into_inner().to_string())
        }
        _ => error,
    }
}

/// The error in the words of this program: where, what, and which key was probably meant.
fn explain(way: &str, message: &str) -> anyhow::Error {
    // The YAML crate puts the way to the value before some of its messages.
    let message = message.strip_prefix(&format!("{way}: ")).unwrap_or(message);
    // For an unknown key the way ends with that key, which the message names anyway.
    let way = match quoted(message).next() {
        Some(key) if message.starts_with("unknown field") => {
            way.strip_suffix(key).unwrap_or(way).trim_end_matches('.')
        }
        _ => way.trim_end_matches('.'),
    };
    let text = match way {
        "" => message.to_owned(),
        way => format!("`{way}`: {message}"),
    };
    match meant(message) {
        Some(meant) => Hinted::new(text, format!("did you mean `{meant}`?")).into(),
        None => anyhow!(text),
    }
}

/// The expected word that is nearest to the one that serde did not know.
fn meant(message: &str) -> Option<&str> {
    let mut words = quoted(message);
    let word = words.next().filter(|_| message.starts_with("unknown "))?;
    closest(word, words)
}

/// The words of a message that stand between backticks.
fn quoted(message: &str) -> impl Iterator<Item = &str> {
    message.split('`').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "site: {url: 'https://chat.example.com'}\n";

    fn error(text: &str) -> String {
        let err = Config::parse(text).unwrap_err();
        let hint = Hinted::find(&err).map(|hint| format!("\nhint: {hint}"));
        format!("{err:#}{}", hint.unwrap_or_default())
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_the_key_meant() {
        let text = format!("{SITE}widgits: {{}}\n");
        assert_eq!(
            error(&text),
            "unknown field `widgits`, expected one of `site`, `defaults`, `widgets` at line 2 column 1\n\
             hint: did you mean `widgets`?"
        );
    }

    #[test]
    fn an_error_deep_inside_names_the_way_to_it() {
        let text = format!("{SITE}widgets:\n  a:\n    chatkit:\n      theme: {{radius: md}}\n");
        let message = error(&text);
        assert!(
            message.starts_with("`widgets.a.chatkit.theme.radius`: unknown variant `md`"),
            "{message}"
        );
        assert!(message.contains("line 5"), "{message}");
    }

    #[test]
    fn a_duplicate_key_is_an_error() {
        let text = format!("{SITE}widgets:\n  a: {{backend: {{type: hosted}}}}\n  a: {{}}\n");
        assert!(error(&text).contains("duplicate"), "{}", error(&text));
    }

    #[test]
    fn defaults_are_merged_under_each_widget() -> Result<()> {
        let config = Config::parse(&format!(
            "{SITE}\
             defaults: {{panel: {{width: 500}}, launcher: {{label: Ask, position: bottom-left}}}}\n\
             widgets: {{a: {{launcher: {{label: Help}}}}}}\n"
        ))?;
        let widget = &config.widgets["a"];
        assert_eq!(widget.panel.width, Some(500));
        assert_eq!(widget.launcher.label.as_deref(), Some("Help"));
        assert_eq!(widget.launcher.position, Some(Corner::BottomLeft));
        Ok(())
    }

    #[test]
    fn an_anchor_can_be_merged_into_a_widget() -> Result<()> {
        let config = Config::parse(&format!(
            "{SITE}widgets:\n  a: &a\n    panel: {{width: 500}}\n  b:\n    <<: *a\n"
        ))?;
        assert_eq!(config.widgets["b"].panel.width, Some(500));
        Ok(())
    }
}
