//! What an agent knows: files of the owner's website, read as pages, and split into passages.
//!
//! ```text
//! Markdown ─▶ HTML ─┐
//! HTML ─────────────┴▶ Page (title, address, blocks) ─split─▶ pieces of about 400 tokens
//! plain text ─────────▶ ┘
//! ```
//!
//! `compose` writes a page as Markdown, from which the same blocks are read again.

mod compose;
pub(crate) mod html;
mod library;
mod markdown;
mod plain;
mod split;
mod survey;

pub(crate) use compose::compose;
pub(crate) use html::parse as parse_html;
pub(crate) use library::{LARGEST_FILE, Library, Read};
pub(crate) use split::{Piece, split};
pub(crate) use survey::{survey, wishes};

/// A page of the owner's website.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    /// Its title, or else its first heading; empty if it has neither.
    pub(crate) title: String,
    /// The address that it gives itself: absolute, or a path.
    pub(crate) url: Option<String>,
    /// Headings and texts, in their order.
    pub(crate) blocks: Vec<Block>,
    /// What was left out, each with its line if it has one.
    pub(crate) notes: Vec<(Option<usize>, String)>,
}

/// A part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    Heading {
        /// 1 to 6.
        level: u8,
        text: String,
        /// The fragment of its address.
        anchor: Option<String>,
    },
    Text {
        text: String,
        kind: Kind,
    },
}

/// Where a text may be cut if it is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Between sentences.
    Paragraph,
    /// Between items.
    List,
    /// Between rows; the first is repeated.
    Table,
    /// Between lines.
    Code,
}

/// Removes characters that nobody sees and a model reads, and those that reverse texts.
fn visible(text: &str) -> String {
    let is_hidden = |c: char| {
        matches!(c,
            '\u{00ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
        ) || (c.is_control() && !matches!(c, '\n' | '\t'))
    };
    text.chars().filter(|c| !is_hidden(*c)).collect()
}
