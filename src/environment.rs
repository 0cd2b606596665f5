//! The variables that the generator reads: those of the process, then those of `.env`.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context as _, Result};

/// A look-up of variables. An empty value counts as absent, as people leave `NAME=` in `.env`.
#[derive(Default)]
pub(crate) struct Environment {
    from_file: HashMap<String, String>,
}

impl Environment {
    /// The process's variables over those of `.env` in `folder`, if there is one.
    ///
    /// # Errors
    ///
    /// A `.env` that can not be read or parsed.
    pub(crate) fn load(folder: &Path) -> Result<Self> {
        let path = folder.join(".env");
        if !path.exists() {
            return Ok(Self::default());
        }
        // The parser's own message quotes the line, and the line may hold a key.
        let from_file = dotenvy::from_path_iter(&path)
            .and_then(Iterator::collect)
            .map_err(|err| match err {
                dotenvy::Error::LineParse(_, _) => {
                    anyhow::anyhow!("a line is not of the form `NAME=value`")
                }
                other => other.into(),
            })
            .with_context(|| format!("failed to read `{}`", path.display()))?;
        Ok(Self { from_file })
    }

    /// These variables, over which those of the process still go.
    #[cfg(test)]
    pub(crate) fn of<const N: usize>(variables: [(&str, &str); N]) -> Self {
        let pairs = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            from_file: pairs.into(),
        }
    }

    /// The variable's value, trimmed.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let value = std::env::var(name)
            .ok()
            .or_else(|| self.from_file.get(name).cloned())?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }
}
