//! The languages in which an agent speaks to visitors. A file of `languages` has the texts of one.

mod ar;
mod cs;
mod da;
mod de;
mod en;
mod es;
mod fi;
mod fr;
mod he;
mod it;
mod ja;
mod ko;
mod nb;
mod nl;
mod pl;
mod pt;
mod pt_pt;
mod ru;
mod sv;
mod tr;
mod uk;
mod zh;
mod zh_hant;

use super::words::Words;

/// All languages, by their code in lower case: those of the default theme.
const ALL: [(&str, Words); 23] = [
    ("ar", ar::WORDS),
    ("cs", cs::WORDS),
    ("da", da::WORDS),
    ("de", de::WORDS),
    ("en", en::WORDS),
    ("es", es::WORDS),
    ("fi", fi::WORDS),
    ("fr", fr::WORDS),
    ("he", he::WORDS),
    ("it", it::WORDS),
    ("ja", ja::WORDS),
    ("ko", ko::WORDS),
    ("nb", nb::WORDS),
    ("nl", nl::WORDS),
    ("pl", pl::WORDS),
    ("pt", pt::WORDS),
    ("pt-pt", pt_pt::WORDS),
    ("ru", ru::WORDS),
    ("sv", sv::WORDS),
    ("tr", tr::WORDS),
    ("uk", uk::WORDS),
    ("zh", zh::WORDS),
    ("zh-hant", zh_hant::WORDS),
];

/// Tags that use the texts of another: the script that is written in a region, and what two languages share.
const ALIASES: [(&str, &str); 5] = [
    ("zh-tw", "zh-hant"),
    ("zh-hk", "zh-hant"),
    ("zh-mo", "zh-hant"),
    ("no", "nb"),
    ("nn", "nb"),
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
    found.unwrap_or(&en::WORDS)
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
        let alias = ALIASES.iter().find(|(alias, _)| *alias == tag);
        let known = alias.map_or(&*tag, |(_, language)| language);
        if let Some((_, words)) = ALL.iter().find(|(language, _)| *language == known) {
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
    fn kinds_of_a_language_use_its_texts_and_regions_their_script() {
        for (asked, tag) in [
            ("pt-AO", "pt"),
            ("pt-PT", "pt-pt"),
            ("zh-CN", "zh"),
            ("zh-Hans-HK", "zh"),
            ("zh-TW", "zh-hant"),
            ("zh-HK", "zh-hant"),
            ("zh-Hant-MO", "zh-hant"),
            ("no", "nb"),
            ("nn-NO", "nb"),
        ] {
            let (_, words) = ALL.iter().find(|(known, _)| *known == tag).unwrap();
            assert_eq!(full(Some(asked), "en"), words.full, "{asked}");
        }
    }

    #[test]
    fn languages_are_those_of_the_theme() {
        let themes = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../themes/default/texts");
        let files = std::fs::read_dir(themes).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let tags = names.map(|name| name.strip_suffix(".yaml").unwrap().to_ascii_lowercase());
        let mut tags: Vec<_> = tags.collect();
        tags.sort();
        assert_eq!(tags, ALL.map(|(language, _)| language));
    }

    #[test]
    fn no_text_is_empty_or_one_of_another_language_and_one_names_the_limit() {
        for (language, words) in &ALL {
            assert!(words.too_long.contains("{limit}"), "{language}");
            for text in texts(words) {
                assert_eq!(text.trim(), text, "{language}");
                assert!(!text.is_empty(), "{language}");
                assert_eq!(text.contains('{'), text == words.too_long, "{text}");
            }
            if *language != "en" {
                let english = texts(&en::WORDS);
                let same = texts(words)
                    .into_iter()
                    .filter(|text| english.contains(text));
                assert_eq!(same.count(), 0, "{language}");
            }
        }
    }

    /// All of them. In full, so that a new one that is not tested does not compile.
    fn texts(words: &Words) -> [&'static str; 21] {
        let Words {
            searching_web,
            searching_files,
            using_tool,
            try_again,
            busy,
            unavailable,
            too_long,
            full,
            unknown,
            unsupported,
            cut_off,
            filtered,
            form_title,
            form_name,
            form_email,
            form_message,
            form_attach,
            form_send,
            form_sent,
            form_failed,
            form_check,
        } = *words;
        [
            searching_web,
            searching_files,
            using_tool,
            try_again,
            busy,
            unavailable,
            too_long,
            full,
            unknown,
            unsupported,
            cut_off,
            filtered,
            form_title,
            form_name,
            form_email,
            form_message,
            form_attach,
            form_send,
            form_sent,
            form_failed,
            form_check,
        ]
    }
}
