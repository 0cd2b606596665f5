//! The numbers in brackets with which a model names its sources: `[2]`, `[1][3]`, `[1, 3]` and `[[2]]`. They leave the
//! text as it comes, however it is cut, and their places become those of ChatKit's citations. Code, links and what is
//! escaped stay as they are.

/// The longest marker, in bytes. A longer one is text.
const LONGEST: usize = 64;
/// Most digits of a number. A longer one is no number of a passage.
const DIGITS: usize = 4;

/// A text without its markers, as it comes.
#[derive(Default)]
pub(super) struct Markers {
    state: State,
    /// What may be a marker, with the spaces before it.
    held: String,
    /// The code that the text is in.
    code: Code,
    /// The backticks or tildes that have just come.
    fence: Fence,
    /// Where the line stands in what has come so far.
    line: Line,
    /// The length of the text without markers, and of what was taken out, in UTF-16 units.
    length: u64,
    /// Each place in the original text where something was taken out, with the length so far.
    taken: Vec<(u64, u64)>,
}

/// A text without markers, and those that stood in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Cleaned {
    pub(super) text: String,
    pub(super) markers: Vec<Marker>,
}

impl Cleaned {
    /// The same, and what follows.
    fn and(mut self, more: Cleaned) -> Cleaned {
        self.text.push_str(&more.text);
        let again = self.markers.last() == more.markers.first();
        self.markers
            .extend(more.markers.into_iter().skip(usize::from(again)));
        self
    }
}

/// The numbers of a marker, and the place where it stood, in UTF-16 units of the text without markers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Marker {
    pub(super) at: u64,
    pub(super) number: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// After a backslash.
    Escaped,
    /// `held` is spaces.
    Spaces,
    /// `held` ends in what may become a marker.
    Open,
    /// `held` ends in a marker, unless it is the text of a link.
    Closed,
    /// After `]`, which may end the text of a link.
    Bracket,
    /// In the address of a link.
    Address,
}

/// Code ends with as many of the same characters as it began with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Code {
    #[default]
    None,
    Inline(usize),
    Block(char, usize),
}

#[derive(Clone, Copy, Debug, Default)]
struct Fence {
    mark: char,
    count: usize,
    /// Whether it is the first thing in its line.
    is_first: bool,
}

/// What a line holds so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Line {
    /// Nothing but spaces.
    #[default]
    Empty,
    Begun,
}

impl Markers {
    /// The next piece.
    pub(super) fn take(&mut self, piece: &str) -> Cleaned {
        let mut cleaned = Cleaned::default();
        for c in piece.chars() {
            self.next(c, &mut cleaned.text, &mut cleaned.markers);
        }
        cleaned
    }

    /// The end. What looks like the beginning of a marker is text.
    pub(super) fn end(&mut self) -> Cleaned {
        let mut cleaned = Cleaned::default();
        match self.state {
            State::Closed => self.cite(&mut cleaned.markers),
            _ => self.release(&mut cleaned.text),
        }
        self.state = State::Text;
        cleaned
    }

    /// The place in the text without markers for one in the original text, in UTF-16 units.
    pub(super) fn place(&self, original: u64) -> u64 {
        let before = self.taken.iter().rev().find(|(at, _)| *at <= original);
        let taken = before.map_or(0, |(_, taken)| *taken);
        original.saturating_sub(taken).min(self.length)
    }

    fn next(&mut self, c: char, text: &mut String, markers: &mut Vec<Marker>) {
        if self.code != Code::None || matches!(self.fence.count, 1..) {
            return self.in_code(c, text, markers);
        }
        match (self.state, c) {
            (State::Escaped, _) => self.emit(c, State::Text, text),
            (State::Address, ')' | '\n') => self.emit(c, State::Text, text),
            (State::Address, _) => self.emit(c, State::Address, text),
            (State::Bracket, '(') => self.emit(c, State::Address, text),
            (State::Text | State::Bracket, ' ' | '\u{a0}') => self.hold(c, State::Spaces),
            (State::Spaces, ' ' | '\u{a0}') if self.held.len() < LONGEST => self.held.push(c),
            (State::Text | State::Bracket | State::Spaces, '[') => self.hold(c, State::Open),
            (State::Open, _) => self.open(c, text, markers),
            (State::Closed, '(') => {
                self.release(text);
                self.emit(c, State::Address, text);
            }
            // The definition of a link.
            (State::Closed, ':') if self.line == Line::Empty => {
                self.release(text);
                self.emit(c, State::Text, text);
            }
            (State::Closed, _) => {
                self.cite(markers);
                self.state = State::Text;
                self.next(c, text, markers);
            }
            (State::Text | State::Bracket | State::Spaces, _) => {
                self.release(text);
                match c {
                    '\\' => self.emit(c, State::Escaped, text),
                    ']' => self.emit(c, State::Bracket, text),
                    '`' | '~' => self.in_code(c, text, markers),
                    _ => self.emit(c, State::Text, text),
                }
            }
        }
    }

    /// A character after `[`.
    fn open(&mut self, c: char, text: &mut String, markers: &mut Vec<Marker>) {
        self.held.push(c);
        match Shape::of(&self.held) {
            Shape::Begun if self.held.len() < LONGEST => {}
            Shape::Whole => self.state = State::Closed,
            _ => {
                self.held.pop();
                self.release(text);
                self.state = State::Text;
                self.next(c, text, markers);
            }
        }
    }

    /// Code, and the marks that begin and end it.
    fn in_code(&mut self, c: char, text: &mut String, markers: &mut Vec<Marker>) {
        let Fence { mark, count, .. } = self.fence;
        let may_mark = match self.code {
            Code::None => matches!(c, '`' | '~'),
            Code::Inline(_) => c == '`',
            Code::Block(of, _) => c == of,
        };
        if may_mark && (count == 0 || c == mark) {
            if count == 0 {
                let is_first = self.line == Line::Empty;
                (self.fence.mark, self.fence.is_first) = (c, is_first);
            }
            self.fence.count += 1;
            return self.emit(c, State::Text, text);
        }
        let Fence {
            mark,
            count,
            is_first,
        } = std::mem::take(&mut self.fence);
        self.code = match self.code {
            Code::None if count >= 3 && is_first => Code::Block(mark, count),
            Code::None if count > 0 && mark == '`' => Code::Inline(count),
            Code::Inline(of) if of == count => Code::None,
            // A paragraph ends what was never closed.
            Code::Inline(_) if c == '\n' && self.line == Line::Empty => Code::None,
            Code::Block(of, least) if mark == of && count >= least && is_first => Code::None,
            code => code,
        };
        match self.code {
            Code::None => self.next(c, text, markers),
            _ => self.emit(c, State::Text, text),
        }
    }

    fn hold(&mut self, c: char, state: State) {
        self.held.push(c);
        self.state = state;
    }

    fn emit(&mut self, c: char, state: State, text: &mut String) {
        text.push(c);
        self.length += c.len_utf16() as u64;
        self.line = match c {
            '\n' => Line::Empty,
            ' ' if self.line == Line::Empty => Line::Empty,
            _ => Line::Begun,
        };
        self.state = state;
    }

    /// What was held is text.
    fn release(&mut self, text: &mut String) {
        let held = std::mem::take(&mut self.held);
        for c in held.chars() {
            self.emit(c, State::Text, text);
        }
    }

    /// What was held is a marker.
    fn cite(&mut self, markers: &mut Vec<Marker>) {
        let held = std::mem::take(&mut self.held);
        let length = held.encode_utf16().count() as u64;
        let before = self.taken.last().map_or(0, |(_, taken)| *taken);
        self.taken
            .push((self.length + before + length, before + length));
        let numbers = held.split(|c: char| !c.is_ascii_digit());
        for number in numbers.filter_map(|number| number.parse().ok()) {
            let marker = Marker {
                at: self.length,
                number,
            };
            if markers.last() != Some(&marker) {
                markers.push(marker);
            }
        }
    }
}

/// How far a text is on the way to a marker.
#[derive(Debug, PartialEq, Eq)]
enum Shape {
    Begun,
    Whole,
    Other,
}

impl Shape {
    /// Of a text that begins with `[`, after spaces.
    fn of(text: &str) -> Shape {
        let text = text.trim_start_matches([' ', '\u{a0}']);
        let (text, ends) = match text.strip_prefix("[[") {
            Some(rest) => (rest, "]]"),
            None => (&text[1..], "]"),
        };
        let (numbers, end) = match text.find(']') {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        let mut parts = numbers.split(',').rev();
        let last = parts.next().unwrap_or_default().trim_start_matches(' ');
        let is_number = |part: &str| {
            (1..=DIGITS).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        let are_numbers = parts.all(|part| is_number(part.trim_matches(' ')));
        let is_last = is_number(last.trim_end_matches(' '));
        let is_whole = is_last && end == ends;
        let is_begun = match end {
            "" => is_last || last.is_empty(),
            _ => is_last && ends.starts_with(end),
        };
        match are_numbers {
            true if is_whole => Shape::Whole,
            true if is_begun => Shape::Begun,
            _ => Shape::Other,
        }
    }
}

/// A whole text.
pub(super) fn cleaned(original: &str) -> (Cleaned, Markers) {
    let mut markers = Markers::default();
    let cleaned = markers.take(original);
    (cleaned.and(markers.end()), markers)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text without markers, with `‹1›` where they stood.
    fn shown(original: &str) -> String {
        let (Cleaned { text, markers }, _) = cleaned(original);
        let units: Vec<u16> = text.encode_utf16().collect();
        let mut shown = String::new();
        let mut last = 0;
        for Marker { at, number } in markers {
            let at = usize::try_from(at).unwrap();
            shown += &String::from_utf16(&units[last..at]).unwrap();
            shown += &format!("‹{number}›");
            last = at;
        }
        shown + &String::from_utf16(&units[last..]).unwrap()
    }

    #[test]
    fn markers_leave_with_the_space_before_them() {
        for (original, expected) in [
            ("Within 30 days [1].", "Within 30 days‹1›."),
            ("Yes[1][3] and [2, 4].", "Yes‹1›‹3› and‹2›‹4›."),
            ("Yes [[2]] and [ 5 ].", "Yes‹2› and‹5›."),
            ("A  [1] [2]\nB", "A‹1›‹2›\nB"),
            ("[1]", "‹1›"),
            ("Same [1][1].", "Same‹1›."),
            (
                "日本語です[1]。🙂 [2] e\u{301} [3]",
                "日本語です‹1›。🙂‹2› e\u{301}‹3›",
            ),
            ("שלום [1] עולם", "שלום‹1› עולם"),
        ] {
            assert_eq!(shown(original), expected, "{original}");
        }
    }

    #[test]
    fn what_is_no_marker_stays() {
        for original in [
            "",
            "[",
            "A [",
            "A [1",
            "A [1,",
            "A [[1]",
            "[a]",
            "[1a]",
            "[12345]",
            "[]",
            "[^1]",
            "\\[1]",
            "[1](https://x.example)",
            "[text](https://x.example/[1])",
            "![1](x.png)",
            "[1]: https://x.example",
            "`a[1]`",
            "``a ` [1] ``",
            "```\nx [1]\n```",
            "~~~\nx [1]\n```\n[2]\n~~~",
            "  ```js\nx = y[1]\n  ```",
            "[ ] task",
            "trailing  ",
        ] {
            assert_eq!(shown(original), original);
        }
    }

    #[test]
    fn text_after_code_and_links_is_read_again() {
        for (original, expected) in [
            ("`x` [1]", "`x`‹1›"),
            ("```\nx\n```\nA [1]", "```\nx\n```\nA‹1›"),
            ("[a](b) [1]", "[a](b)‹1›"),
            ("[a] [1]", "[a]‹1›"),
            ("a ` b\n\nc [1]", "a ` b\n\nc‹1›"),
            ("~5 [1]", "~5‹1›"),
            ("a \\\\[1]", "a \\\\‹1›"),
        ] {
            assert_eq!(shown(original), expected, "{original}");
        }
    }

    /// All texts of a few characters from those that matter, cut at every place.
    #[test]
    fn a_text_may_be_cut_anywhere() {
        let alphabet = ["[", "]", "1", ",", " ", "(", ")", "`", "\n", "é🙂", "\\"];
        let mut texts = vec![String::new()];
        for _ in 0..4 {
            let longer = texts
                .iter()
                .flat_map(|text| alphabet.map(|part| format!("{text}{part}")));
            texts = longer.collect();
        }
        texts.push("A [1], `[2]` and [3](x) [[4]].\n```\n[5]\n``` \n[6, 7]".to_owned());
        for original in texts {
            let (whole, _) = cleaned(&original);
            for (cut, _) in original.char_indices() {
                let mut markers = Markers::default();
                let first = markers.take(&original[..cut]);
                let second = markers.take(&original[cut..]);
                let all = first.and(second).and(markers.end());
                assert_eq!(all, whole, "{original:?} at {cut}");
            }
            // Nothing but markers and spaces leaves.
            let kept = |text: &str| {
                let kept = text.chars();
                kept.filter(|c| !matches!(c, '[' | ']' | ',' | ' ') && !c.is_ascii_digit())
                    .collect::<String>()
            };
            assert_eq!(kept(&whole.text), kept(&original));
        }
    }

    #[test]
    fn places_in_the_original_move_with_the_text() {
        let (Cleaned { text, .. }, markers) = cleaned("One [1] two 🙂[2] three.");
        assert_eq!(text, "One two 🙂 three.");
        // After `One`, `two`, and at the end.
        assert_eq!([3, 11, 24].map(|at| markers.place(at)), [3, 7, 17]);
        assert_eq!(markers.place(u64::MAX), 17);
    }
}
