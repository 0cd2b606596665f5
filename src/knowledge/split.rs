//! A page as passages: sections, cut where they are long, and joined where they are short.

use session::tokens;
use unicode_segmentation::UnicodeSegmentation as _;

use super::{Block, Kind, Page};

/// About the size of a passage, in tokens.
const TARGET: usize = 400;
/// A section with less is joined with the next one.
const SHORT: usize = 100;
/// A list or a table with less stays whole.
const WHOLE: usize = 800;

/// A part of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The headings that it stands below, the outermost first.
    pub(crate) headings: Vec<String>,
    /// The fragment of its address.
    pub(crate) anchor: Option<String>,
    pub(crate) text: String,
}

/// Splits a page at its headings. Sentences stay whole; so do lists and tables, up to twice the size of a passage.
pub(crate) fn split(page: &Page) -> Vec<Piece> {
    let mut pieces = Pieces::default();
    let mut headings: Vec<(u8, String)> = Vec::new();
    for block in &page.blocks {
        match block {
            Block::Heading {
                level,
                text,
                anchor,
            } => {
                headings.retain(|(above, _)| above < level);
                headings.push((*level, text.clone()));
                // The title need not be said twice.
                let own = headings.iter().filter(|(_, text)| *text != page.title);
                pieces.section(own.map(|(_, text)| text.clone()).collect(), anchor.clone());
            }
            Block::Text { text, kind } => pieces.text(text, *kind),
        }
    }
    pieces.end();
    pieces.done
}

#[derive(Default)]
struct Pieces {
    done: Vec<Piece>,
    current: Piece,
    /// The section that begins with the next text.
    next: Option<(Vec<String>, Option<String>)>,
}

impl Pieces {
    fn section(&mut self, headings: Vec<String>, anchor: Option<String>) {
        if tokens(&self.current.text) >= SHORT {
            self.end();
        }
        self.next = Some((headings, anchor));
    }

    fn text(&mut self, text: &str, kind: Kind) {
        if let Some((headings, anchor)) = self.next.take() {
            let joined = tokens(&self.current.text) + tokens(text);
            if !self.current.text.is_empty() && joined > TARGET {
                self.end();
            }
            if self.current.text.is_empty() {
                (self.current.headings, self.current.anchor) = (headings, anchor);
            } else if let Some(heading) = headings.last() {
                self.push(&format!("## {heading}"));
            }
        }
        let size = tokens(text);
        let is_whole = match kind {
            Kind::List | Kind::Table => size <= WHOLE,
            Kind::Paragraph | Kind::Code => size <= TARGET,
        };
        if is_whole {
            self.unit(text);
        } else {
            for part in parts(text, kind) {
                self.unit(&part);
            }
        }
    }

    /// Adds a text that stays whole.
    fn unit(&mut self, text: &str) {
        let filled = tokens(&self.current.text);
        if filled > 0 && filled + tokens(text) > TARGET {
            let Piece {
                headings, anchor, ..
            } = self.current.clone();
            self.end();
            (self.current.headings, self.current.anchor) = (headings, anchor);
        }
        self.push(text);
    }

    fn push(&mut self, text: &str) {
        if !self.current.text.is_empty() {
            self.current.text.push_str("\n\n");
        }
        self.current.text.push_str(text);
    }

    fn end(&mut self) {
        let piece = std::mem::take(&mut self.current);
        if !piece.text.is_empty() {
            self.done.push(piece);
        }
    }
}

/// A long text in parts of about the size of a passage.
fn parts(text: &str, kind: Kind) -> Vec<String> {
    match kind {
        Kind::Paragraph => gathered(text.split_sentence_bounds(), "", ""),
        Kind::List => gathered(text.split_inclusive('\n'), "", ""),
        Kind::Table => {
            let head = text.split_inclusive('\n').next().unwrap_or_default();
            // A table of one row, or with a long one on top, has no head that is worth repeating.
            let head = if tokens(head) > SHORT { "" } else { head };
            gathered(text[head.len()..].split_inclusive('\n'), head, "")
        }
        Kind::Code => {
            let lines = text.strip_prefix("```\n").unwrap_or(text);
            let lines = lines.strip_suffix("\n```").unwrap_or(lines);
            gathered(lines.split_inclusive('\n'), "```\n", "\n```")
        }
    }
}

/// Joins units to parts, each between `before` and `after`. A unit that is too long alone is cut.
fn gathered<'a>(units: impl Iterator<Item = &'a str>, before: &str, after: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut size = 0;
    let mut add = |unit: &str, parts: &mut Vec<String>| {
        let own = tokens(unit);
        if size > 0 && size + own > TARGET {
            parts.push(format!("{before}{}{after}", part.trim_end()));
            part.clear();
            size = 0;
        }
        part.push_str(unit);
        size += own;
    };
    for unit in units {
        if tokens(unit) <= TARGET {
            add(unit, &mut parts);
        } else {
            for chunk in chunks(unit) {
                add(chunk, &mut parts);
            }
        }
    }
    if !part.trim().is_empty() {
        parts.push(format!("{before}{}{after}", part.trim_end()));
    }
    parts
}

/// A text without any place to cut, in pieces of a passage's size at most.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        // A character has one token at most.
        let end = rest
            .char_indices()
            .nth(TARGET)
            .map_or(rest.len(), |(at, _)| at);
        let space = rest[..end].rfind(' ').filter(|_| end < rest.len());
        let (chunk, after) = rest.split_at(space.map_or(end, |at| at + 1));
        rest = after;
        Some(chunk)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heading(level: u8, text: &str) -> Block {
        Block::Heading {
            level,
            text: text.to_owned(),
            anchor: Some(text.to_lowercase()),
        }
    }

    fn text(text: impl Into<String>, kind: Kind) -> Block {
        Block::Text {
            text: text.into(),
            kind,
        }
    }

    fn pieces(blocks: Vec<Block>) -> Vec<Piece> {
        split(&Page {
            title: "Title".to_owned(),
            blocks,
            ..Page::default()
        })
    }

    fn long(sentence: &str, tokens: usize) -> String {
        let count = tokens / session::tokens(sentence) + 1;
        vec![sentence; count].join(" ")
    }

    #[test]
    fn a_section_is_a_passage_with_its_headings_and_anchor() {
        let filler = long("A sentence of some length.", 150);
        let found = pieces(vec![
            heading(1, "Title"),
            text(&filler, Kind::Paragraph),
            heading(2, "One"),
            text(&filler, Kind::Paragraph),
            heading(3, "Below"),
            text(&filler, Kind::Paragraph),
            heading(2, "Two"),
            text(&filler, Kind::Paragraph),
        ]);
        let found: Vec<_> = found
            .iter()
            .map(|piece| (piece.headings.join("/"), piece.anchor.as_deref()))
            .collect();
        assert_eq!(
            found,
            [
                (String::new(), Some("title")),
                ("One".to_owned(), Some("one")),
                ("One/Below".to_owned(), Some("below")),
                ("Two".to_owned(), Some("two")),
            ]
        );
    }

    #[test]
    fn short_sections_are_joined_and_keep_their_headings() {
        let found = pieces(vec![
            heading(2, "One"),
            text("A.", Kind::Paragraph),
            heading(2, "Two"),
            text("B.", Kind::Paragraph),
        ]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].headings, ["One"]);
        assert_eq!(found[0].text, "A.\n\n## Two\n\nB.");
    }

    #[test]
    fn long_texts_are_cut_between_sentences_rows_and_lines() {
        let sentences = long("This is the whole of one sentence.", 1500);
        let found = pieces(vec![text(&sentences, Kind::Paragraph)]);
        assert!(found.len() >= 4);
        assert!(found.iter().all(|piece| piece.text.ends_with('.')));
        let rows = vec!["| 1 | a cell with some words |"; 200].join("\n");
        let found = pieces(vec![text(format!("| A | B |\n{rows}"), Kind::Table)]);
        assert!(found.len() > 2);
        assert!(
            found
                .iter()
                .all(|piece| piece.text.starts_with("| A | B |\n| 1"))
        );
        let lines = vec!["let x = 1;"; 300].join("\n");
        let found = pieces(vec![text(format!("```\n{lines}\n```"), Kind::Code)]);
        assert!(
            found
                .iter()
                .all(|piece| piece.text.starts_with("```\n") && piece.text.ends_with("\n```"))
        );
    }

    #[test]
    fn a_list_of_twice_the_size_stays_whole() {
        let list = vec!["- an item of a list"; 120].join("\n");
        assert!(session::tokens(&list) > TARGET);
        let before = long("Before.", 200);
        let found = pieces(vec![
            text(before, Kind::Paragraph),
            text(&list, Kind::List),
            text("After.", Kind::Paragraph),
        ]);
        assert_eq!(found[1].text, list);
    }

    #[test]
    fn nothing_is_lost_and_no_passage_is_much_too_large() {
        for unit in ["x", "語", "word ", "A sentence. ", "- item\n", "🙂"] {
            for count in [1, 10, 399, 400, 401, 5000] {
                for kind in [Kind::Paragraph, Kind::List, Kind::Table, Kind::Code] {
                    let whole = unit.repeat(count);
                    let found = pieces(vec![text(&whole, kind)]);
                    let all: String = found.iter().map(|piece| piece.text.as_str()).collect();
                    let letters = |text: &str| {
                        text.chars()
                            .filter(|c| !c.is_whitespace() && *c != '`')
                            .count()
                    };
                    assert!(
                        letters(&all) >= letters(&whole),
                        "{unit:?} {count} {kind:?}"
                    );
                    let most = found.iter().map(|piece| session::tokens(&piece.text)).max();
                    assert!(
                        most <= Some(WHOLE + TARGET),
                        "{unit:?} {count} {kind:?}: {most:?}"
                    );
                }
            }
        }
    }
}
