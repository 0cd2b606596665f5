//! API keys in a text: whether there is one, and the text without it.

use std::ops::Range;

/// OpenAI's keys begin like this (`sk-…`, `sk-proj-…`, `sk-svcacct-…`).
const PREFIX: &str = "sk-";

/// Shorter tails are words, such as the locale `sk-SK`.
const SHORTEST_TAIL: usize = 6;

/// A tail that is followed by a dot is the name of a host, such as `sk-example.com`.
const HOST: char = '.';

/// Whether a text holds something like an OpenAI key.
pub(crate) fn holds_key(text: &str) -> bool {
    tails(text).next().is_some()
}

/// The text with stars in the place of keys, byte for byte, for what is shown of a file.
pub(crate) fn masked(text: &str) -> String {
    let mut masked = text.to_owned();
    for tail in tails(text) {
        masked.replace_range(tail.clone(), &"*".repeat(tail.len()));
    }
    masked
}

/// What comes after the prefix of each key.
fn tails(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices(PREFIX).filter_map(|(at, _)| {
        // `task-runner` holds the three letters too.
        let inside_a_word = text[..at].ends_with(|c: char| c.is_alphanumeric());
        let start = at + PREFIX.len();
        let count = text[start..]
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            .count();
        let is_host = text[start + count..].starts_with(HOST);
        let is_key = !inside_a_word && count >= SHORTEST_TAIL && !is_host;
        is_key.then(|| start..start + count)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_has_stars_for_keys() {
        let text = "ä: sk-proj-abcDEF123 # sk-0123456\nb: sk-SK\n";
        assert_eq!(
            masked(text),
            "ä: sk-************** # sk-*******\nb: sk-SK\n"
        );
    }

    #[test]
    fn words_that_hold_the_letters_are_no_keys() {
        for text in [
            "locale: sk-SK",
            "label: task-runner-support",
            "https://sk-example.com",
            "a: sk-",
            "",
        ] {
            assert!(!holds_key(text), "{text}");
        }
    }
}
