//! Errors that come with their fix.

use std::fmt;

/// An error with one sentence on what to do next. The console prints it as `hint:`, after all causes.
#[derive(Debug)]
pub(crate) struct Hinted {
    message: String,
    hint: String,
}

impl Hinted {
    /// `message` names the error, `hint` the fix.
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// The hint of the outermost error that has one, as a cause or as context.
    pub(crate) fn find(error: &anyhow::Error) -> Option<&str> {
        error
            .downcast_ref::<Self>()
            .map(|hinted| hinted.hint.as_str())
    }
}

impl fmt::Display for Hinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Hinted {}

/// The candidate that `word` is most likely a typo of, if one is close enough.
pub(crate) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + word.len().max(candidate.len()) / 4)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_is_found_below_and_as_a_context() {
        let hinted = || Hinted::new("wrong", "do this");
        let below = anyhow::Error::new(hinted()).context("a").context("b");
        let context = anyhow::anyhow!("cause").context(hinted()).context("b");
        assert_eq!(Hinted::find(&below), Some("do this"));
        assert_eq!(Hinted::find(&context), Some("do this"));
        assert_eq!(Hinted::find(&anyhow::anyhow!("cause")), None);
    }

    #[test]
    fn a_slip_finds_the_word_meant_and_a_stranger_finds_none() {
        let words = ["site", "defaults", "widgets"];
        assert_eq!(closest("widgits", words), Some("widgets"));
        assert_eq!(closest("stie", words), Some("site"));
        assert_eq!(closest("colour", words), None);
    }
}
