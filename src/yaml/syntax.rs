//! Why a text is no YAML, or another one than it looks like, in words that say what to do.
//!
//! A parser says where it gave up, which is seldom where the slip is.

use super::node::Place;
use super::problem::Problem;
use super::strange;
use crate::environment::is_variable_name;

/// Lines before the one at which the parser gave up that may have led it astray.
const LINES_BEFORE: usize = 3;

const TITLE: &str = "not valid YAML";

/// What the parser says at the byte `at`, at the place of the slip if that can be found.
pub(super) fn problem(file: usize, text: &str, at: usize, info: &str) -> Problem {
    let at = at.min(text.trim_end().len());
    let place = |start: usize, len: usize| Place {
        file,
        span: start..start + len,
    };
    let own = text[at..].chars().next();
    let unprintable = own.filter(|c| strange::is_invisible(*c)).map(|c| (at, c));
    let tab = || tab(text, at).filter(|_| info.contains("tab"));
    let found = unprintable.or_else(|| stranger(text, at));
    if let Some((start, c)) = found.or_else(|| tab().map(|start| (start, '\t'))) {
        return strange::problem(c, "", place(start, c.len_utf8()));
    }
    let problem = Problem::at(place(at, own.map_or(0, char::len_utf8)), TITLE).label(info);
    match slip(text, at, info) {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

/// The character that only looks like one of YAML's signs, in the lines that end at `at`.
fn stranger(text: &str, at: usize) -> Option<(usize, char)> {
    let mut lines = lines_before(text, at);
    lines.find_map(|start| {
        let (offset, c) = stranger_of(line_at(text, start))?;
        Some((start + offset, c))
    })
}

/// The first of these: a gap that is none of the spaces before a key or a value, and a colon or a quote of another
/// kind. In the middle of a text they are all welcome.
pub(crate) fn stranger_of(line: &str) -> Option<(usize, char)> {
    let is_gap = |c: char| strange::is_invisible(c);
    let inner = line.trim_start_matches([' ', '\t']);
    let inner = inner.trim_start_matches("- ").trim_start_matches(' ');
    let start = line.len() - inner.len();
    let at = |offset: usize| Some((offset, line[offset..].chars().next()?));
    if inner.starts_with(is_gap) {
        return at(start);
    }
    if let Some(end) = inner.find([':', '\u{ff1a}', '-']).map(|sign| start + sign) {
        let sign = line[end..].chars().next()?;
        let after = end + sign.len_utf8();
        let is_key = !line[start..end].contains([' ', '"', '\'']);
        match sign {
            '\u{ff1a}' if is_key => return at(end),
            ':' | '-' if is_key && line[after..].starts_with(is_gap) => return at(after),
            _ => {}
        }
    }
    let is_closing = |c: char| matches!(c, '"' | '\'' | ']' | '}');
    // After what a sign has closed, and before a comment or nothing.
    let is_loose = |(at, c): &(usize, char)| {
        let rest = line[*at..].trim_start_matches(is_gap).trim_start();
        is_gap(*c)
            && line[..*at].ends_with(is_closing)
            && (rest.is_empty() || rest.starts_with('#'))
    };
    let is_mark = |(_, c): &(usize, char)| *c == '\u{feff}';
    let mut signs = line.char_indices();
    signs.find(|sign| is_loose(sign) || is_mark(sign))
}

/// The tab at which the parser gave up: before or after the place that it names.
fn tab(text: &str, at: usize) -> Option<usize> {
    let line = line_start(text, at);
    let before = text[line..at].rfind('\t').map(|tab| line + tab);
    before.or_else(|| text[at..].find('\t').map(|tab| at + tab))
}

/// What people write without knowing that it means something else in YAML.
fn slip(text: &str, at: usize, info: &str) -> Option<String> {
    let mut lines = lines_before(text, at).map(|start| line_at(text, start));
    let own = lines.next()?;
    if info.contains("quoted scalar, found unexpected") {
        return Some("close the quotes that start here".to_owned());
    }
    let value = value_of(own);
    if let Some(hint) = begins_badly(value, value != own.trim_start()) {
        return Some(hint);
    }
    if info.contains("mapping values") && value.contains(": ") {
        return Some("put text that contains `: ` in quotes".to_owned());
    }
    let glued = [own].into_iter().chain(lines).find_map(glued_key);
    let is_askew = info.contains("did not find expected key");
    glued.or_else(|| is_askew.then(|| "keys of one map start in the same column".to_owned()))
}

/// A text that begins with one of YAML's signs, and is meant to go on.
fn begins_badly(value: &str, has_key: bool) -> Option<String> {
    let first = value.chars().next()?;
    let close = match first {
        '[' => ']',
        '{' => '}',
        other => other,
    };
    let (inner, after) = value[first.len_utf8()..].split_once(close).unzip();
    let after = after.map(str::trim_start);
    let goes_on = after
        .is_some_and(|after| !after.is_empty() && !after.starts_with(['#', ',', ']', '}', ':']));
    let hint = match first {
        '`' => "put text that starts with a backtick in quotes".to_owned(),
        '*' | '&' | '!' | '%' | '@' | '|' | '>' | ',' | ']' | '}' | '?' => {
            format!("put text that starts with `{first}` in quotes")
        }
        '-' if value.starts_with("- ") && has_key => {
            "put text that starts with `- ` in quotes".to_owned()
        }
        '[' | '{' if inner.unwrap_or(value).contains(" #") => {
            "put text that starts with `#` in quotes: otherwise it is a comment".to_owned()
        }
        '[' | '{' if goes_on => format!("put text that starts with `{first}` in quotes"),
        '"' | '\'' if goes_on => {
            "put the whole text in quotes; if it contains quotes, use the other kind".to_owned()
        }
        _ => return None,
    };
    Some(hint)
}

/// `title:Chat`, which is a text: what to write in its place.
pub(crate) fn glued_key(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches("- ");
    let (key, value) = text.split_once(':')?;
    let is_key = !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let is_value = !value.is_empty() && !value.starts_with([' ', '/']);
    (is_key && is_value).then(|| format!("put a space after the colon: `{key}: {value}`"))
}

/// What follows a line's key.
fn value_of(line: &str) -> &str {
    let line = line.trim_start().trim_start_matches("- ");
    let value = line.split_once(": ").map_or(line, |(_, value)| value);
    value.trim()
}

/// A line that begins with `%` before the document. `%YAML 1.2` says what is so anyway.
pub(super) fn directive(file: usize, text: &str) -> Option<Problem> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let word = line.trim_end();
        if word.starts_with('%') && word.split_whitespace().ne(["%YAML", "1.2"]) {
            let span = at..at + word.len();
            let problem = Problem::at(Place { file, span }, "directives are not supported");
            return Some(problem.hint("remove the line: files are read as YAML 1.2"));
        }
        if !word.is_empty() && !word.starts_with(['%', '#']) {
            return None;
        }
        at += line.len();
    }
    None
}

/// A tag that nothing resolves: `!ENV X`, or a text that begins with `!`.
pub(super) fn tag(text: &str, value: &str, scalar: &Place) -> Problem {
    let place = word_before(text, scalar, '!');
    let tag = &text[place.span.clone()];
    let shown = first_line(value);
    let is_env = tag.to_ascii_lowercase().contains("env") && is_variable_name(value);
    let hint = match tag {
        "!!int" | "!!float" | "!!bool" | "!!null" => {
            let problem = Problem::at(place, format!("`{shown}` does not match the tag `{tag}`"));
            return problem.hint("remove the tag, or correct the value");
        }
        _ if tag.starts_with("!!") => "remove it".to_owned(),
        _ if value.contains("${") => format!("remove it: `{shown}` is replaced anyway"),
        _ if is_env => format!("write `${{{value}}}` for the variable `{value}`"),
        _ => "put text that starts with `!` in quotes; for a variable, write `${NAME}`".to_owned(),
    };
    let label = match shown {
        "" => "tags are not supported".to_owned(),
        shown => format!("tags are not supported: only `{shown}` would be left"),
    };
    let problem = Problem::at(place, format!("unknown tag `{tag}`"));
    problem.label(label).hint(hint)
}

/// The same before a map or a list.
pub(super) fn tag_of_nested(text: &str, nested: &Place) -> Problem {
    let place = word_before(text, nested, '!');
    let title = format!("unknown tag `{}`", &text[place.span.clone()]);
    Problem::at(place, title)
        .label("tags are not supported")
        .hint("remove it")
}

/// An anchor that no alias refers to, or a text that begins with `&`.
pub(super) fn anchor(text: &str, value: &str, scalar: &Place) -> Problem {
    let place = word_before(text, scalar, '&');
    let title = format!("unused anchor `{}`", &text[place.span.clone()]);
    let problem = Problem::at(place, title);
    let problem = problem.label(format!("only `{}` would be left", first_line(value)));
    problem.hint("put text that starts with `&` in quotes; remove an anchor that is not used")
}

/// The word that begins with `sign`, at the place or before it.
fn word_before(text: &str, place: &Place, sign: char) -> Place {
    let start = match text[place.span.start..].starts_with(sign) {
        true => Some(place.span.start),
        false => {
            let before = &text[..place.span.start];
            let mut signs = before.rmatch_indices(sign).map(|(at, _)| at);
            signs.find(|at| {
                !before[..*at].ends_with(sign) && is_edge(before[..*at].chars().next_back())
            })
        }
    };
    let Some(start) = start else {
        return place.clone();
    };
    let is_verbatim = text[start..].starts_with("!<");
    let is_end = |c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}') && !is_verbatim;
    let end = text[start..].find(is_end);
    Place {
        file: place.file,
        span: start..end.map_or(text.len(), |len| start + len),
    }
}

fn is_edge(before: Option<char>) -> bool {
    before.is_none_or(|c| c.is_whitespace() || matches!(c, '{' | '[' | ','))
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// The beginnings of the line at `at` and of those before it that hold something, the last one first.
fn lines_before(text: &str, at: usize) -> impl Iterator<Item = usize> {
    let own = line_start(text, at);
    let earlier = std::iter::successors(Some(own), |start| {
        Some(line_start(text, start.checked_sub(1)?))
    });
    earlier.take(LINES_BEFORE)
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

fn line_at(text: &str, start: usize) -> &str {
    text[start..].split('\n').next().unwrap_or_default()
}
