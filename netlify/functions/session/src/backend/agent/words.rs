//! What an agent itself tells visitors, in their language.

/// The texts of one language.
pub(super) struct Words {
    /// While it searches the web.
    pub(super) searching_web: &'static str,
    /// While it searches the owner's documents.
    pub(super) searching_files: &'static str,
    /// While it uses a tool.
    pub(super) using_tool: &'static str,
    /// The answer failed, and may not fail again.
    pub(super) try_again: &'static str,
    /// The upstream has too much to do.
    pub(super) busy: &'static str,
    /// The owner has something to mend.
    pub(super) unavailable: &'static str,
    /// The message is too long; `{limit}` is the number of characters.
    pub(super) too_long: &'static str,
    /// The thread has used its turns.
    pub(super) full: &'static str,
    /// The thread's state is not one of this visitor.
    pub(super) unknown: &'static str,
    /// Files, actions and the like.
    pub(super) unsupported: &'static str,
    /// The answer reached its largest length.
    pub(super) cut_off: &'static str,
    /// The upstream's filter has stopped the answer.
    pub(super) filtered: &'static str,
}

/// All languages, by their code in lower case.
const ALL: [(&str, Words); 2] = [
    (
        "en",
        Words {
            searching_web: "Searching the web…",
            searching_files: "Searching documents…",
            using_tool: "Looking something up…",
            try_again: "The answer could not be completed. Please try again.",
            busy: "There are too many questions right now. Please try again in a moment.",
            unavailable: "This chat is not available at the moment.",
            too_long: "This message is too long. It can have at most {limit} characters.",
            full: "This conversation has reached its maximum length. Start a new one to go on.",
            unknown: "This conversation cannot be continued. Please start a new one.",
            unsupported: "This chat does not support that.",
            cut_off: "The answer was cut off because it became too long.",
            filtered: "This question cannot be answered here.",
        },
    ),
    (
        "de",
        Words {
            searching_web: "Suche im Web …",
            searching_files: "Suche in Dokumenten …",
            using_tool: "Schlage etwas nach …",
            try_again: "Die Antwort konnte nicht abgeschlossen werden. Bitte versuchen Sie es noch einmal.",
            busy: "Im Moment gibt es zu viele Fragen. Bitte versuchen Sie es gleich noch einmal.",
            unavailable: "Dieser Chat ist im Moment nicht verfügbar.",
            too_long: "Diese Nachricht ist zu lang. Sie darf höchstens {limit} Zeichen haben.",
            full: "Diese Unterhaltung hat ihre größte Länge erreicht. Beginnen Sie eine neue, um fortzufahren.",
            unknown: "Diese Unterhaltung kann nicht fortgesetzt werden. Bitte beginnen Sie eine neue.",
            unsupported: "Das unterstützt dieser Chat nicht.",
            cut_off: "Die Antwort wurde abgebrochen, weil sie zu lang wurde.",
            filtered: "Diese Frage kann hier nicht beantwortet werden.",
        },
    ),
];

/// The texts in the language that a browser asks for (`Accept-Language`), or else in the widget's, or else in English.
pub(super) fn of(accepted: Option<&str>, widget: &str) -> &'static Words {
    let mut accepted: Vec<_> = accepted
        .unwrap_or_default()
        .split(',')
        .map(weighed)
        .collect();
    // Stable: of equal weights, the first counts.
    accepted.sort_by(|(one, _), (two, _)| two.total_cmp(one));
    let wanted = accepted.into_iter().filter(|(weight, _)| *weight > 0.0);
    let wanted = wanted.map(|(_, language)| language).chain([widget]);
    let found = wanted.into_iter().find_map(of_language);
    found.unwrap_or(&ALL[0].1)
}

/// A weight and a language, of `de-AT;q=0.8`.
fn weighed(range: &str) -> (f32, &str) {
    let (language, parameters) = range.split_once(';').unwrap_or((range, ""));
    let weight = parameters.trim().strip_prefix("q=");
    let weight = weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
    (weight, language.trim())
}

/// The texts in a language, or in the one that it is a kind of: `pt-AO` is `pt`.
fn of_language(tag: &str) -> Option<&'static Words> {
    let mut tag = tag.to_ascii_lowercase();
    loop {
        if let Some((_, words)) = ALL.iter().find(|(language, _)| *language == tag) {
            return Some(words);
        }
        tag.truncate(tag.rfind('-')?);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(accepted: Option<&str>, widget: &str) -> &'static str {
        of(accepted, widget).full
    }

    #[test]
    fn language_is_the_browsers_or_the_widgets_or_english() {
        let (english, german) = (full(Some("en"), "en"), full(Some("de"), "en"));
        assert_ne!(english, german);
        assert_eq!(full(Some("de-AT,en;q=0.5"), "en"), german);
        assert_eq!(full(Some("en;q=0.5, DE;q=0.9"), "en"), german);
        assert_eq!(full(Some("xx, de"), "en"), german);
        assert_eq!(full(Some("de;q=0"), "en"), english);
        assert_eq!(full(Some("xx"), "de-CH"), german);
        assert_eq!(full(None, "de"), german);
        assert_eq!(full(Some("*"), "xx"), english);
        assert_eq!(full(Some(";;q=,,-"), ""), english);
    }

    #[test]
    fn every_text_of_a_long_message_names_the_limit() {
        for (language, words) in &ALL {
            assert!(words.too_long.contains("{limit}"), "{language}");
        }
    }
}
