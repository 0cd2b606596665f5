//! What visitors read when something is to be said, in the language of the page.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::{Embedded, Theme};
use crate::hint::{Hinted, closest};

/// The language that knows every text. The others may lack some.
const COMPLETE: &str = "en";

/// Texts by name, as in `texts/en.yaml`.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Texts(BTreeMap<String, String>);

impl Texts {
    /// Those of these names.
    pub(crate) fn only(&self, names: &[&str]) -> BTreeMap<&str, &str> {
        let all = self.0.iter().map(|(name, text)| (&**name, &**text));
        all.filter(|(name, _)| names.contains(name)).collect()
    }
}

impl Theme {
    /// The texts in a language, such as `pt-BR`: its own file, over that of `pt`, over English.
    ///
    /// # Errors
    ///
    /// A file that is no map of texts, or has one that nobody reads.
    pub(crate) fn texts(&self, language: &str) -> Result<Texts> {
        let embedded = Embedded::get("default/texts/en.yaml").context("there are no texts")?;
        let mut texts: BTreeMap<String, String> = serde_yaml::from_slice(&embedded.data)?;
        let parts = language.match_indices('-').map(|(at, _)| &language[..at]);
        for tag in [COMPLETE].into_iter().chain(parts).chain([language]) {
            let mut files = self.below("texts/");
            let own = files.find(|(name, _)| {
                let known = name.strip_suffix(".yaml");
                known.is_some_and(|known| known.eq_ignore_ascii_case(tag))
            });
            let Some((_, file)) = own else {
                continue;
            };
            let own: BTreeMap<String, String> = serde_yaml::from_str(file.text()?)
                .with_context(|| format!("invalid `{}`", file.place))?;
            for (name, text) in own {
                let Some(known) = texts.get_mut(&name) else {
                    let message = format!("unknown text `{name}` in `{}`", file.place);
                    let hint = match closest(&name, texts.keys().map(String::as_str)) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "`theme eject texts/en.yaml` copies all that there are".to_owned(),
                    };
                    return Err(Hinted::new(message, hint).into());
                };
                *known = text;
            }
        }
        Ok(Texts(texts))
    }
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

    #[test]
    fn a_language_falls_back_to_the_one_it_belongs_to_and_then_to_english() -> Result<()> {
        let theme = with_texts(&[
            ("pt-BR.yaml", "close: Fecha\n"),
            ("sw.yaml", "close: Funga\n"),
        ])?;
        let close = |language| Ok::<_, anyhow::Error>(theme.texts(language)?.0["close"].clone());
        let retry = |language| Ok::<_, anyhow::Error>(theme.texts(language)?.0["retry"].clone());
        assert_eq!(
            (close("pt-br")?, close("pt")?),
            ("Fecha".into(), "Fechar".into())
        );
        assert_eq!(retry("pt-BR")?, "Tentar novamente");
        assert_eq!(
            (close("sw-TZ")?, retry("sw-TZ")?),
            ("Funga".into(), "Try again".into())
        );
        assert_eq!(close("xx")?, "Close");
        assert_ne!(retry("zh-TW")?, retry("zh-CN")?);
        Ok(())
    }

    #[test]
    fn a_text_that_nobody_reads_is_an_error_with_its_file() -> Result<()> {
        let err = with_texts(&[("de.yaml", "clsoe: Zu\n")])?
            .texts("de")
            .unwrap_err();
        assert!(
            err.to_string().starts_with("unknown text `clsoe` in"),
            "{err}"
        );
        assert_eq!(Hinted::find(&err), Some("did you mean `close`?"));
        let err = with_texts(&[("de.yaml", "close: [Zu]\n")])?
            .texts("de")
            .unwrap_err();
        assert!(err.to_string().ends_with("de.yaml`"), "{err}");
        Ok(())
    }

    #[test]
    fn every_shipped_language_has_every_text_with_what_it_must_hold() -> Result<()> {
        let theme = Theme::load(Path::new("nowhere"), DEFAULT)?;
        let english: BTreeMap<String, String> = serde_yaml::from_str(theme.text("texts/en.yaml")?)?;
        let mut count = 0;
        for (path, file) in theme.below("texts/") {
            let own: BTreeMap<String, String> = serde_yaml::from_str(file.text()?)?;
            count += 1;
            assert!(own.keys().eq(english.keys()), "{path}");
            for (name, text) in own {
                for held in ["{count}", "{time}"] {
                    let wanted = english[&name].contains(held);
                    assert_eq!(text.contains(held), wanted, "{path}: {name}");
                }
            }
        }
        assert!(count > 20);
        Ok(())
    }
}
