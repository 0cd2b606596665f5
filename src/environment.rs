//! The variables that the generator reads: those of the process, then those of `.env`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;

use crate::fs;
use crate::hint::Hinted;

/// A lookup of variables. An empty value counts as missing, because people leave `NAME=` in `.env`.
#[derive(Default)]
pub(crate) struct Environment {
    from_file: HashMap<String, String>,
    /// The only variables that may be read, if not all.
    only: Option<BTreeSet<String>>,
    /// What was asked for, and the answers.
    asked: Mutex<BTreeMap<String, Option<String>>>,
}

impl Environment {
    /// The process's variables, then those of `.env` in `folder`, if it exists.
    ///
    /// # Errors
    ///
    /// A `.env` that cannot be read or parsed.
    pub(crate) fn load(folder: &Path) -> Result<Self> {
        let path = folder.join(".env");
        let Some(bytes) = fs::read_if_exists(&path)? else {
            return Ok(Self::default());
        };
        // Editors on Windows start files with a byte order mark, which is not part of the text.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let from_file = dotenvy::from_read_iter(bytes)
            .collect::<Result<_, _>>()
            // The parser's own message quotes the line, and the line may hold a key.
            .map_err(|_| {
                Hinted::new(
                    format!("invalid `{}`", path.display()),
                    "each line is `NAME=value`, or starts with #; put values with spaces in quotes",
                )
            })?;
        Ok(Self {
            from_file,
            ..Self::default()
        })
    }

    /// These variables, which those of the process still override.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn of<const N: usize>(variables: [(&str, &str); N]) -> Self {
        let pairs = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            from_file: pairs.into(),
            ..Self::default()
        }
    }

    /// No variables at all, whatever is set.
    pub(crate) fn none() -> Self {
        Self::default().only(BTreeSet::new())
    }

    /// The same variables, restricted to these names.
    pub(crate) fn only(&self, names: BTreeSet<String>) -> Self {
        Self {
            from_file: self.from_file.clone(),
            only: Some(names),
            ..Self::default()
        }
    }

    /// The variable's value, trimmed.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let value = self.find(name);
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.insert(name.to_owned(), value.clone());
        value
    }

    /// The variables that were asked for so far, and their values.
    pub(crate) fn asked(&self) -> BTreeMap<String, Option<String>> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.clone()
    }

    fn find(&self, name: &str) -> Option<String> {
        if self
            .only
            .as_ref()
            .is_some_and(|names| !names.contains(name))
        {
            return None;
        }
        let of_process = std::env::var(name).ok();
        let of_file = || self.from_file.get(name).cloned();
        let said = |value: String| {
            let value = value.trim();
            (!value.is_empty()).then(|| value.to_owned())
        };
        of_process
            .and_then(said)
            .or_else(|| of_file().and_then(said))
    }
}
/// Letters, digits and `_`, not starting with a digit.
pub(crate) fn is_variable_name(name: &str) -> bool {
    let form = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.is_empty() && !name.as_bytes()[0].is_ascii_digit() && name.bytes().all(form)
}
