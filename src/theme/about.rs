//! The description of a theme's file: the first sentence of its first comment.

/// The start and end of comments, in the languages of a theme.
const COMMENTS: [(&str, &str); 6] = [
    ("/**", "*/"),
    ("/*", "*/"),
    ("{#-", "#}"),
    ("{#", "#}"),
    ("//", "\n"),
    ("#", "\n"),
];

/// The description of the file at `path`, or an empty string.
pub(crate) fn about(path: &str, text: &str) -> String {
    if let Some(name) = path
        .strip_prefix("icons/")
        .and_then(|file| file.strip_suffix(".svg"))
    {
        return format!("The icon `lucide:{name}`.");
    }
    let text = text.trim_start();
    let comment = COMMENTS.iter().find_map(|(start, end)| {
        let (comment, _) = text.strip_prefix(start)?.split_once(end)?;
        Some(comment.trim_end_matches('-'))
    });
    let words: Vec<_> = comment
        .unwrap_or_default()
        .split_whitespace()
        .filter(|word| *word != "*")
        .collect();
    let sentence = words.join(" ");
    match sentence.find(". ") {
        Some(end) => sentence[..=end].to_owned(),
        None => sentence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sentence_of_the_first_comment_says_what_a_file_is() {
        for text in [
            "/** One file. Two. */ const a = 1;",
            "/*\n * One\n * file. Two. */",
            "{#- One file. Two. -#}\n<p>",
            "{# One file. -#}",
            "# One file.\nkey: value\n",
        ] {
            assert_eq!(about("a", text), "One file.", "{text}");
        }
        assert_eq!(about("a.html", "<p>"), "");
        assert_eq!(about("icons/sun.svg", "<svg/>"), "The icon `lucide:sun`.");
    }
}
