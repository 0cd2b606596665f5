//! The answers that are open in this process: how many in all, and one for each visitor.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::RequestError;
use crate::settings::Settings;

const LIMIT: &str = "LIMIT_OPEN_ANSWERS";
const DEFAULT_LIMIT: usize = 256;

/// All of them.
pub(crate) struct Answers {
    /// Most answers at once; 0 means no limit.
    limit: usize,
    users: Mutex<HashSet<String>>,
}

/// A place among them, which is free again once this is dropped.
pub(crate) struct OpenAnswer<'a> {
    answers: &'a Answers,
    user: String,
}

impl Answers {
    /// The error names a variable that is not a number, and is written for the site's owner.
    pub(crate) fn from_settings(settings: &Settings) -> Result<Answers, String> {
        let text = settings.value(LIMIT);
        let limit = text.as_deref().map_or(Ok(DEFAULT_LIMIT), str::parse);
        let limit = limit.map_err(|_| {
            format!("invalid `{LIMIT}`: set it to a whole number of answers, or to 0 for no limit")
        })?;
        Ok(Answers {
            limit,
            users: Mutex::default(),
        })
    }

    /// Takes a place for the next answer to this user.
    pub(crate) fn open(&self, user: &str) -> Result<OpenAnswer<'_>, RequestError> {
        let mut users = self.users();
        if self.limit > 0 && users.len() >= self.limit {
            return Err(refused(format!(
                "{} answers are open already; `{LIMIT}` sets that limit",
                self.limit
            )));
        }
        if !users.insert(user.to_owned()) {
            return Err(refused(
                "the visitor's previous answer is still coming; there is one at a time".to_owned(),
            ));
        }
        Ok(OpenAnswer {
            answers: self,
            user: user.to_owned(),
        })
    }

    fn users(&self) -> MutexGuard<'_, HashSet<String>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenAnswer<'_> {
    fn drop(&mut self) {
        self.answers.users().remove(&self.user);
    }
}

fn refused(detail: String) -> RequestError {
    RequestError::RateLimited {
        retry_after: Some("1".to_owned()),
        detail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(limit: &'static str) -> Result<Answers, String> {
        Answers::from_settings(&Settings::from_lookup(move |_| Some(limit.to_owned())))
    }

    #[test]
    fn the_readme_names_the_limit_and_its_default() {
        let readme = include_str!("../../../../README.md");
        let row = |line: &str| {
            line.starts_with(&format!("| `{LIMIT}` |"))
                && line.ends_with(&format!("| {DEFAULT_LIMIT} |"))
        };
        assert!(readme.lines().any(row));
    }

    #[test]
    fn place_is_free_again_when_the_answer_has_ended() {
        let answers = answers("2").unwrap();
        let one = answers.open("a").ok().unwrap();
        assert!(answers.open("a").is_err(), "one at a time");
        let _two = answers.open("b").ok().unwrap();
        assert!(answers.open("c").is_err(), "two in all");
        drop(one);
        assert!(answers.open("a").is_ok());
    }

    #[test]
    fn zero_is_no_limit_and_what_is_no_number_is_named() {
        let answers = self::answers("0").unwrap();
        let open: Vec<_> = (0..1000).map(|n| answers.open(&n.to_string())).collect();
        assert!(open.iter().all(Result::is_ok));
        let error = self::answers("many").err().unwrap();
        assert!(error.starts_with("invalid `LIMIT_OPEN_ANSWERS`"), "{error}");
    }
}
