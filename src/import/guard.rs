//! The limits on a paste, checked before a parser sees it: any input gets an answer, and soon.

use crate::yaml::{Place, Problem};

/// Most bytes. An export has about three thousand.
pub(crate) const MAX_SIZE: usize = 1024 * 1024;

/// Most nested brackets. Code that people write has about twenty.
const MAX_DEPTH: usize = 100;

/// Most `<` without a `>`: each may start a type or not, and a parser tries both.
const MAX_ANGLES: usize = 400;

/// Most tokens. Many can nest without a bracket, as in `a ? b : c ? d : e`; the parser's stack is sized for this
/// many.
const MAX_TOKENS: usize = 60_000;

/// The number of tokens, or the error that makes the paste unreadable.
pub(super) fn count(text: &str) -> Result<usize, Problem> {
    if text.len() > MAX_SIZE {
        let at = on_character(text, MAX_SIZE);
        let len = text[at..].chars().next().map_or(0, char::len_utf8);
        let problem = Problem::at(place(at, len), "too long: at most 1 MiB is read");
        return Err(problem
            .label("nothing is read after this")
            .hint("paste only the options"));
    }
    refuse_characters(text)?;
    count_tokens(text)
}

/// Refuses characters that hide what the text really says, and those that no editor shows.
fn refuse_characters(text: &str) -> Result<(), Problem> {
    let hidden = |c: char| match c {
        '\0' => Some("a NUL character"),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Some("a character that changes the direction of the text around it")
        }
        '\u{2028}' | '\u{2029}' => Some("a line break that most editors do not show"),
        '\u{feff}' => Some("a mark that belongs at the start of a file"),
        _ => None,
    };
    let found = text
        .char_indices()
        .find_map(|(at, c)| Some((at, c, hidden(c)?)));
    match found {
        None => Ok(()),
        Some((at, c, what)) => Err(Problem::at(
            place(at, c.len_utf8()),
            format!("U+{:04X} is not allowed here", u32::from(c)),
        )
        .label(what)
        .hint("remove it; if you need it, write it as an escape")),
    }
}

/// Counts tokens. A parser recurses for each bracket, and for many other tokens, and its stack is finite. Only a
/// parser knows exactly what is a string; this is close enough.
fn count_tokens(text: &str) -> Result<usize, Problem> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut angles = 0_usize;
    let mut tokens = 0_usize;
    let mut at = 0;
    while at < bytes.len() {
        let is_word = |at: usize| bytes[at].is_ascii_alphanumeric();
        match bytes[at] {
            quote @ (b'"' | b'\'') => at = end_of_text(bytes, at, quote),
            b'/' if bytes[at..].starts_with(b"//") => at = end_of_line(bytes, at),
            b'/' if bytes[at..].starts_with(b"/*") => {
                at = find(bytes, at + 2, b"*/").map_or(bytes.len(), |end| end + 1);
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'<' => angles += 1,
            b'>' => angles = angles.saturating_sub(1),
            b';' => angles = 0,
            _ => {}
        }
        // A word counts at its end, everything else at once.
        let goes_on = at + 1 < bytes.len() && is_word(at + 1);
        let counts = match bytes.get(at) {
            Some(_) if is_word(at) => !goes_on,
            Some(byte) => !byte.is_ascii_whitespace(),
            None => true,
        };
        tokens += usize::from(counts);
        if depth > MAX_DEPTH || angles > MAX_ANGLES {
            let title = "nested too deeply";
            return Err(Problem::at(place(at, 1), title).label("nothing is read after this"));
        }
        if tokens > MAX_TOKENS {
            let at = on_character(text, at.min(text.len() - 1));
            let len = text[at..].chars().next().map_or(0, char::len_utf8);
            return Err(
                Problem::at(place(at, len), "too much code around the options")
                    .label("nothing is read after this")
                    .hint("paste only the options"),
            );
        }
        at += 1;
    }
    Ok(tokens)
}

/// The start of the character at `at`.
pub(super) fn on_character(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The place of the closing quote, or of the end of the line: a string ends there at the latest.
fn end_of_text(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'\n' => return at,
            byte if byte == quote => return at,
            _ => {}
        }
        at += 1;
    }
    at
}

fn end_of_line(bytes: &[u8], start: usize) -> usize {
    find(bytes, start, b"\n").unwrap_or(bytes.len())
}

fn find(bytes: &[u8], start: usize, what: &[u8]) -> Option<usize> {
    let found = bytes.get(start..)?;
    let at = found.windows(what.len()).position(|part| part == what)?;
    Some(start + at)
}

fn place(at: usize, len: usize) -> Place {
    Place {
        file: 0,
        span: at..at + len,
    }
}
