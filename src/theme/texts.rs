//! The messages for visitors, in the language of the page.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::Theme;
use crate::hint::{Hinted, closest};
use crate::yaml::{Kind, Node, Problem, Problems, Source};

/// The language that has every text. The others may lack some.
const COMPLETE: &str = "en";

/// Tags that use the texts of another: the script that is written in a region, and what two languages share.
const ALIASES: [(&str, &str); 5] = [
    ("zh-TW", "zh-Hant"),
    ("zh-HK", "zh-Hant"),
    ("zh-MO", "zh-Hant"),
    ("no", "nb"),
    ("nn", "nb"),
];

/// Placeholders for a number in a text.
const PLACEHOLDERS: [&str; 2] = ["{count}", "{time}"];

/// Texts by name, as in `texts/en.yaml`.
#[derive(Clone, Debug)]
pub(crate) struct Texts {
    /// BCP 47 tag of the language that they are in: the page's, as far as there are texts for it.
    pub(crate) language: String,
    all: BTreeMap<String, String>,
}

/// Templates only see the texts.
impl Serialize for Texts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.all.serialize(serializer)
    }
}

impl Texts {
    /// The texts with these names.
    pub(crate) fn only(&self, names: &[&str]) -> BTreeMap<&str, &str> {
        let all = self.all.iter().map(|(name, text)| (&**name, &**text));
        all.filter(|(name, _)| names.contains(name)).collect()
    }

    /// One text, by a name from the default theme's `texts/en.yaml`.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.all.get(name).expect("every name is in texts/en.yaml")
    }

    /// Lays a file over the existing texts.
    fn read(&mut self, source: Source) -> Result<()> {
        let mut problems = Vec::new();
        let tree = Node::parse(0, &source.text, &mut problems);
        if !matches!(tree.kind, Kind::Map(_) | Kind::Refused) {
            let problem = Problem::at(tree.place.clone(), "not a map of texts");
            problems.push(problem.label("expected lines such as `close: Close`"));
        }
        for entry in tree.entries() {
            let Some(known) = self.all.get_mut(&entry.key) else {
                let title = format!("unknown text `{}`", entry.key);
                let problem = Problem::at(entry.key_place.clone(), title);
                problems.push(
                    match closest(&entry.key, self.all.keys().map(String::as_str)) {
                        Some(near) => problem.hint(format!("did you mean `{near}`?")),
                        None => problem
                            .hint("`theme eject texts/en.yaml` copies the file with all of them"),
                    },
                );
                continue;
            };
            let lacks = |text: &str| {
                let held = |part: &&&str| known.contains(**part) && !text.contains(**part);
                PLACEHOLDERS.iter().find(held).copied()
            };
            let wrong = match &entry.value.kind {
                Kind::Text(text) if text.trim().is_empty() => Some("this is empty".to_owned()),
                Kind::Text(text) => match lacks(text) {
                    Some(part) => Some(format!("it must contain `{part}`")),
                    None => {
                        known.clone_from(text);
                        None
                    }
                },
                _ => Some("expected text; put it in quotes".to_owned()),
            };
            problems.extend(wrong.map(|label| {
                let title = format!("invalid text `{}`", entry.key);
                Problem::at(entry.value.place.clone(), title).label(label)
            }));
        }
        match problems.is_empty() {
            true => Ok(()),
            false => Err(Problems::new(problems, [source].into()).into()),
        }
    }
}

impl Theme {
    /// The texts in a language, such as `pt-PT`: its own file over that of `pt`, over English; and each file of the
    /// project over the embedded one.
    ///
    /// # Errors
    ///
    /// A file that is not a map of texts, has an unknown text, or is not named after a language.
    pub(crate) fn texts(&self, language: &str) -> Result<Texts> {
        let mut files = Vec::with_capacity(self.texts.len());
        for (name, file) in &self.texts {
            let tag = name.strip_suffix(".yaml").ok_or_else(|| {
                let message = format!("`{}` is not a language", file.place);
                Hinted::new(
                    message,
                    "name it after a language, such as `de.yaml` or `pt-BR.yaml`",
                )
            })?;
            files.push((tag, file));
        }
        let english = files.iter().find(|(tag, _)| *tag == COMPLETE);
        let (_, english) = english.context("the theme has no texts")?;
        let mut texts = Texts {
            language: COMPLETE.to_owned(),
            all: serde_yaml::from_str(english.text()?)?,
        };
        for tag in layers(language) {
            for (known, file) in &files {
                if known.eq_ignore_ascii_case(&tag) {
                    texts.read(file.source()?)?;
                    texts.language.clone_from(&tag);
                }
            }
        }
        Ok(texts)
    }
}

/// The languages whose files are laid over each other, the most general first: `en`, `zh`, `zh-Hant`, `zh-TW`.
fn layers(language: &str) -> Vec<String> {
    let parts = language.match_indices('-').map(|(at, _)| &language[..at]);
    let mut layers = vec![COMPLETE.to_owned()];
    for tag in parts.chain([language]) {
        let alias = ALIASES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(tag));
        layers.extend(alias.map(|(_, tag)| (*tag).to_owned()));
        layers.push(tag.to_owned());
    }
    layers
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::DEFAULT;
    use super::*;

    fn with_texts(files: &[(&str, &str)]) -> Result<Theme> {
        let folder = tempfile::tempdir()?;
        let texts = folder.path().join(DEFAULT).join("texts");
        std::fs::create_dir_all(&texts)?;
        for (name, text) in files {
            std::fs::write(texts.join(name), text)?;
        }
        Theme::load(folder.path(), DEFAULT)
    }

    fn said(theme: &Theme, language: &str) -> (String, String, String) {
        let texts = theme.texts(language).unwrap();
        let [close, retry] = ["close", "retry"].map(|name| texts.all[name].clone());
        (texts.language, close, retry)
    }

    #[test]
    fn a_language_falls_back_to_the_one_it_belongs_to_and_then_to_english() -> Result<()> {
        let theme = with_texts(&[
            ("pt-BR.yaml", "close: Fecha\n"),
            ("sw.yaml", "close: Funga\n"),
            ("de.yaml", "close: Zu\n"),
            ("ZH-hant.yaml", "close: 關\n"),
        ])?;
        for (language, of, close, retry) in [
            ("pt-br", "pt-br", "Fecha", "Tentar novamente"),
            ("pt", "pt", "Fechar", "Tentar novamente"),
            ("sw-TZ", "sw", "Funga", "Try again"),
            ("de-AT", "de", "Zu", "Erneut versuchen"),
            ("zh-HK", "zh-Hant", "關", "重試"),
            ("zh-CN", "zh", "关闭", "重试"),
            ("zh-Hant-TW", "zh-Hant", "關", "重試"),
            ("nn", "nb", "Lukk", "Prøv igjen"),
            ("xx", "en", "Close", "Try again"),
        ] {
            let expected = (of.to_owned(), close.to_owned(), retry.to_owned());
            assert_eq!(said(&theme, language), expected, "{language}");
        }
        Ok(())
    }

    #[test]
    fn a_file_is_named_like_a_language() -> Result<()> {
        let err = with_texts(&[("de.yml", "close: Zu\n")])?
            .texts("en")
            .unwrap_err();
        assert!(
            err.to_string().ends_with("de.yml` is not a language"),
            "{err}"
        );
        Ok(())
    }

    #[test]
    fn every_shipped_language_has_every_text() -> Result<()> {
        let theme = Theme::load(Path::new("nowhere"), DEFAULT)?;
        let english: BTreeMap<String, String> = serde_yaml::from_str(theme.text("texts/en.yaml")?)?;
        let mut count = 0;
        for (path, file) in theme.below("texts/") {
            let own: BTreeMap<String, String> = serde_yaml::from_str(file.text()?)?;
            assert!(own.keys().eq(english.keys()), "{path}");
            theme.texts(path.trim_end_matches(".yaml"))?;
            count += 1;
        }
        assert!(count > 20);
        Ok(())
    }
}
