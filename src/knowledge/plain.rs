//! Plain text: paragraphs, with an empty line between them.

use super::{Block, Kind, Page, visible};

/// Reads a plain text.
pub(super) fn parse(text: &str) -> Page {
    let text = visible(text);
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    let paragraphs = lines.split(|line| line.is_empty());
    let paragraphs = paragraphs.filter(|paragraph| !paragraph.is_empty());
    let blocks = paragraphs.map(|paragraph| Block::Text {
        text: paragraph.join("\n"),
        kind: Kind::Paragraph,
    });
    Page {
        blocks: blocks.collect(),
        ..Page::default()
    }
}
