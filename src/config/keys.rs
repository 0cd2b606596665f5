//! Keeps API keys out of files that people commit and that become public pages.

use crate::yaml::{Problem, holds_key};

/// Adds a problem for each line that holds something like an OpenAI key. The message never shows the line.
pub(crate) fn refuse(file: usize, text: &str, problems: &mut Vec<Problem>) {
    for (index, line) in text.lines().enumerate() {
        if holds_key(line) {
            // No place: a place would be shown with its line, and the line is the secret.
            let title = format!(
                "line {} contains what looks like an OpenAI API key",
                index + 1
            );
            problems.push(Problem::in_file(file, title).hint(
                "remove it and create a new key, because this one is no longer secret; \
                 set OPENAI_API_KEY in Netlify's settings, and in `.env` for this machine",
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_refused_by_line_and_not_repeated() {
        let mut problems = Vec::new();
        refuse(0, "site:\n  key: sk-proj-abcDEF123\n", &mut problems);
        assert_eq!(
            problems[0].title,
            "line 2 contains what looks like an OpenAI API key"
        );
        assert!(!format!("{problems:?}").contains("abcDEF123"));
    }
}
