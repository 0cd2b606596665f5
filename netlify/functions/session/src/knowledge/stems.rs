//! Texts as stems: what a question and a passage have in common.

use snowball_stemmers_rs::{Algorithm, Stemmer};

/// The longest word that is looked at, in bytes: no language has longer ones, and encoded data has.
const LONGEST_WORD: usize = 64;

/// Turns texts of one language into stems.
pub(super) struct Stems {
    /// `None` for a language without a stemmer.
    stemmer: Option<Stemmer>,
}

impl Stems {
    /// `language` is a tag such as `de` or `pt-BR`.
    pub(super) fn of(language: &str) -> Stems {
        Stems {
            stemmer: algorithm(language).map(Stemmer::create),
        }
    }

    /// Calls `take` with each stem of a text, in order. A name such as `max_size` gives its parts, and itself. Languages
    /// without spaces give pairs of characters.
    pub(super) fn each(&self, text: &str, mut take: impl FnMut(&str)) {
        let lower = text.to_lowercase();
        for name in lower.split(|c: char| !(c.is_alphanumeric() || is_joiner(c))) {
            let parts = || name.split(is_joiner).filter(|part| !part.is_empty());
            for part in parts() {
                self.word(part, &mut take);
            }
            if parts().nth(1).is_some() {
                let whole: String = parts().collect();
                if whole.len() <= LONGEST_WORD {
                    take(&whole);
                }
            }
        }
    }

    fn word(&self, word: &str, take: &mut impl FnMut(&str)) {
        if word.chars().any(is_unspaced) {
            let mut before = None;
            for (at, c) in word.char_indices() {
                let end = at + c.len_utf8();
                match before {
                    Some(start) => take(&word[start..end]),
                    None if end == word.len() => take(word),
                    None => {}
                }
                before = Some(at);
            }
        } else if word.len() <= LONGEST_WORD {
            match &self.stemmer {
                Some(stemmer) => take(&stemmer.stem(word)),
                None => take(word),
            }
        }
    }
}

fn is_joiner(c: char) -> bool {
    matches!(c, '_' | '-' | '.' | '\'' | '’')
}

/// Whether a character is of a script that does not separate words.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' // Thai, Lao
        | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' // Burmese, Khmer
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' // Kana, Han
        | '\u{20000}'..='\u{3ffff}'
    )
}

/// About the number of tokens of a text: four characters have one, and so has each character of a script that writes a
/// word in one or two.
pub fn tokens(text: &str) -> usize {
    let quarters = text.chars().map(|c| match c {
        c if is_unspaced(c) || ('\u{ac00}'..='\u{d7af}').contains(&c) => 4,
        c if c.is_ascii() => 1,
        _ => 2,
    });
    quarters.sum::<usize>().div_ceil(4)
}

fn algorithm(language: &str) -> Option<Algorithm> {
    let primary = language.split(['-', '_']).next().unwrap_or_default();
    Some(match primary {
        "ar" => Algorithm::Arabic,
        "ca" => Algorithm::Catalan,
        "cs" => Algorithm::Czech,
        "da" => Algorithm::Danish,
        "de" => Algorithm::German,
        "el" => Algorithm::Greek,
        "en" => Algorithm::English,
        "es" => Algorithm::Spanish,
        "et" => Algorithm::Estonian,
        "eu" => Algorithm::Basque,
        "fi" => Algorithm::Finnish,
        "fr" => Algorithm::French,
        "hi" => Algorithm::Hindi,
        "hu" => Algorithm::Hungarian,
        "hy" => Algorithm::Armenian,
        "id" => Algorithm::Indonesian,
        "it" => Algorithm::Italian,
        "lt" => Algorithm::Lithuanian,
        "nb" | "nn" | "no" => Algorithm::Norwegian,
        "nl" => Algorithm::Dutch,
        "pl" => Algorithm::Polish,
        "pt" => Algorithm::Portuguese,
        "ro" => Algorithm::Romanian,
        "ru" => Algorithm::Russian,
        "sr" => Algorithm::Serbian,
        "sv" => Algorithm::Swedish,
        "ta" => Algorithm::Tamil,
        "tr" => Algorithm::Turkish,
        "uk" => Algorithm::Ukrainian,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(language: &str, text: &str) -> Vec<String> {
        let mut all = Vec::new();
        Stems::of(language).each(text, |stem| all.push(stem.to_owned()));
        all
    }

    #[test]
    fn words_of_one_family_share_a_stem() {
        assert_eq!(
            stems("en", "Returning returns, RETURNED!"),
            ["return", "return", "return"]
        );
        assert_eq!(stems("de-AT", "Häuser"), stems("de", "haus"));
        assert_eq!(stems("xx", "Returning"), ["returning"]);
    }

    #[test]
    fn a_name_gives_its_parts_and_itself() {
        assert_eq!(
            stems("xx", "set `max_size` to 3.5"),
            ["set", "max", "size", "maxsize", "to", "3", "5", "35"]
        );
    }

    #[test]
    fn scripts_without_spaces_give_pairs() {
        assert_eq!(stems("ja", "返品は可能"), ["返品", "品は", "は可", "可能"]);
        assert_eq!(stems("zh", "茶"), ["茶"]);
    }

    #[test]
    fn tokens_are_about_those_of_a_model() {
        assert_eq!(tokens(""), 0);
        assert_eq!(tokens("word"), 1);
        assert_eq!(tokens("返品"), 2);
    }
}
