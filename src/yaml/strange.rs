//! Characters that nobody sees or that look like others: word processors, chats and web pages put them into what
//! people copy.

use super::node::Place;
use super::problem::Problem;

/// Names as Unicode has them, of those that people meet.
const NAMES: [(char, &str); 39] = [
    ('\t', "tab"),
    ('\u{a0}', "no-break space"),
    ('\u{ab}', "left-pointing double angle quotation mark"),
    ('\u{ad}', "soft hyphen"),
    ('\u{bb}', "right-pointing double angle quotation mark"),
    ('\u{61c}', "Arabic letter mark"),
    ('\u{2002}', "en space"),
    ('\u{2003}', "em space"),
    ('\u{2007}', "figure space"),
    ('\u{2009}', "thin space"),
    ('\u{200a}', "hair space"),
    ('\u{200b}', "zero width space"),
    ('\u{200c}', "zero width non-joiner"),
    ('\u{200d}', "zero width joiner"),
    ('\u{200e}', "left-to-right mark"),
    ('\u{200f}', "right-to-left mark"),
    ('\u{2011}', "non-breaking hyphen"),
    ('\u{2013}', "en dash"),
    ('\u{2014}', "em dash"),
    ('\u{2018}', "left single quotation mark"),
    ('\u{2019}', "right single quotation mark"),
    ('\u{201c}', "left double quotation mark"),
    ('\u{201d}', "right double quotation mark"),
    ('\u{201e}', "double low-9 quotation mark"),
    ('\u{2026}', "horizontal ellipsis"),
    ('\u{2028}', "line separator"),
    ('\u{2029}', "paragraph separator"),
    ('\u{202a}', "left-to-right embedding"),
    ('\u{202b}', "right-to-left embedding"),
    ('\u{202c}', "pop directional formatting"),
    ('\u{202d}', "left-to-right override"),
    ('\u{202e}', "right-to-left override"),
    ('\u{202f}', "narrow no-break space"),
    ('\u{2060}', "word joiner"),
    ('\u{2066}', "left-to-right isolate"),
    ('\u{2212}', "minus sign"),
    ('\u{3000}', "ideographic space"),
    ('\u{feff}', "byte order mark"),
    ('\u{ff1a}', "fullwidth colon"),
];

/// Quotes that a word processor makes of straight ones, in pairs.
const QUOTES: [(char, char); 5] = [
    ('\u{201c}', '\u{201d}'),
    ('\u{2018}', '\u{2019}'),
    ('\u{201e}', '\u{201c}'),
    ('\u{201e}', '\u{201d}'),
    ('«', '»'),
];

/// The character for a message: `no-break space (U+00A0)`.
pub(crate) fn named(c: char) -> String {
    let name = NAMES.iter().find(|(known, _)| *known == c);
    let code = u32::from(c);
    match name {
        Some((_, name)) => format!("{name} (U+{code:04X})"),
        None if c.is_control() => format!("control character (U+{code:04X})"),
        None if c.is_whitespace() => format!("unusual space (U+{code:04X})"),
        None if is_invisible(c) => format!("invisible character (U+{code:04X})"),
        None => format!("`{c}` (U+{code:04X})"),
    }
}

/// Whether nothing shows the character but a gap, if at all. Line ends, tabs and spaces are no strangers.
pub(crate) fn is_invisible(c: char) -> bool {
    match c {
        ' ' | '\t' | '\n' | '\r' => false,
        // Those that Unicode calls default ignorable, and marks between lines.
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => true,
        _ => c.is_whitespace() || c.is_control(),
    }
}

/// Whether the character looks like a sign of ASCII: quotes, dashes, dots, and those of full width.
fn is_lookalike(c: char) -> bool {
    matches!(c,
        '«' | '»' | '\u{2010}'..='\u{2015}' | '\u{2018}'..='\u{201f}' | '\u{2026}' | '\u{2032}' | '\u{2033}'
        | '\u{2212}' | '\u{ff01}'..='\u{ff5e}')
}

/// The first character that does not belong in what programs read, such as a name or an address. An emoji has parts
/// that nobody sees.
pub(crate) fn in_data(text: &str) -> Option<char> {
    let is_emoji = text.starts_with("emoji:");
    let is_part =
        |c: char| is_emoji && matches!(c, '\u{200d}' | '\u{fe0f}' | '\u{e0020}'..='\u{e007f}');
    text.chars()
        .find(|c| (is_invisible(*c) || is_lookalike(*c)) && !is_part(*c))
}

/// Where YAML itself expects something else: in the name of a key that is not in quotes.
pub(crate) fn in_key(key: &str) -> Option<char> {
    key.chars().find(|c| is_no_part_of_a_key(*c))
}

fn is_no_part_of_a_key(c: char) -> bool {
    is_invisible(c) || is_quote(c) || c == '\u{ff1a}'
}

fn is_quote(c: char) -> bool {
    let mut pairs = QUOTES.iter();
    pairs.any(|(open, close)| c == *open || c == *close)
}

/// The quotes that are around the whole text, if a word processor made them.
pub(crate) fn quotes_around(text: &str) -> Option<char> {
    let inner = text
        .chars()
        .nth(2)
        .and(text.chars().next().zip(text.chars().next_back()))?;
    QUOTES.contains(&inner).then_some(inner.0)
}

/// What of a key's name is left without its strangers, and whether that is the whole name. A colon that YAML did not
/// take for one ends it; one half of a pair of quotes belongs to a text that was cut at a comma.
pub(crate) fn cleaned(name: &str) -> (String, bool) {
    let is_half = |c: char| is_quote(c) && !name.starts_with(is_quote);
    if name.contains(is_half) {
        return (String::new(), false);
    }
    let is_colon = |at: &usize| name[at + 1..].starts_with(is_invisible);
    let colon = name.match_indices(':').map(|(at, _)| at).find(is_colon);
    let end = name.find('\u{ff1a}').or(colon);
    let own = name[..end.unwrap_or(name.len())].trim();
    (own.replace(is_no_part_of_a_key, ""), end.is_none())
}

/// The place of the character itself, if it is written there; with an escape or a variable, that of the whole.
pub(crate) fn within(c: char, text: &str, whole: &Place) -> Place {
    let written = text.get(whole.span.clone());
    let Some(at) = written.and_then(|written| written.find(c)) else {
        return whole.clone();
    };
    let start = whole.span.start + at;
    Place {
        file: whole.file,
        span: start..start + c.len_utf8(),
    }
}

/// A character that does not belong `there`, such as ` in a key`. What to do about it stands under its place.
pub(crate) fn problem(c: char, there: &str, place: Place) -> Problem {
    let problem = Problem::at(place, format!("unexpected {}{there}", named(c)));
    problem.label(match c {
        '\t' => "indent with spaces",
        '\u{ff1a}' => "write `:` and a space",
        _ if c.is_whitespace() => "write a plain space, or none",
        _ if is_invisible(c) => "remove it: it is invisible",
        _ if is_quote(c) => "write straight quotes, `\"` or `'`",
        _ => "write the plain ASCII character",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_is_called_by_its_name_and_its_number() {
        for (c, expected) in [
            ('\u{a0}', "no-break space (U+00A0)"),
            ('\u{200b}', "zero width space (U+200B)"),
            ('\u{7}', "control character (U+0007)"),
            ('\u{2005}', "unusual space (U+2005)"),
            ('\u{2062}', "invisible character (U+2062)"),
            ('а', "`а` (U+0430)"),
        ] {
            assert_eq!(named(c), expected);
        }
    }

    #[test]
    fn names_and_addresses_hold_no_strangers_and_an_emoji_holds_its_own() {
        for text in [
            "https://bücher.example/ä",
            "a-b_c.d…".trim_end_matches('…'),
            "emoji:👩‍🚀",
            "emoji:❤️",
        ] {
            assert_eq!(in_data(text), None, "{text}");
        }
        for (text, c) in [
            ("wf_…", '…'),
            ("a\u{a0}b", '\u{a0}'),
            ("“a”", '“'),
            ("a–b", '–'),
            ("emoji:\u{200b}💬", '\u{200b}'),
            ("https：//x", '：'),
        ] {
            assert_eq!(in_data(text), Some(c), "{text}");
        }
    }

    #[test]
    fn quotes_of_a_word_processor_are_found_around_a_text_alone() {
        for text in ["“Hello”", "‘Hello’", "„Hallo“", "«Bonjour»"] {
            assert!(quotes_around(text).is_some(), "{text}");
        }
        for text in ["“Hello” and more", "it’s", "“", "“”", "Hello"] {
            assert_eq!(quotes_around(text), None, "{text}");
        }
    }
}
