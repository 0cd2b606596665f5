//! Pages as Markdown, such that the same blocks are read from it again.

use super::{Block, Kind, Page, markdown};

/// Characters that begin something in Markdown, wherever they are.
const SPECIAL: &str = "\\`*_[]{}<>&#|~^";
/// Characters that begin something at the start of a block.
const SPECIAL_FIRST: &str = "-+:=.)";

/// The blocks of a page as Markdown. The reader finds the same blocks in it, except that an anchor which
/// Markdown cannot hold is left out, and that numbers begin with 1.
pub(crate) fn compose(page: &Page) -> String {
    let mut text = String::new();
    let mut bullet = false;
    for block in &page.blocks {
        let is_list = matches!(block, Block::Text { kind, .. } if *kind == Kind::List);
        // Two lists would be read as one if they had the same bullets.
        bullet = is_list && !bullet;
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&written(block, bullet));
        text.push('\n');
    }
    text
}

/// A block, with as few escapes as possible.
fn written(block: &Block, bullet: bool) -> String {
    let block = &with_plain_anchor(block);
    let candidates: [fn(&Block, bool) -> String; 3] = [
        |block, bullet| draft(block, bullet, &str::to_owned),
        |block, bullet| draft(block, bullet, &escaped),
        |block, _| as_html(block),
    ];
    let is_same = |text: &String| {
        // What follows and what precedes must not join it.
        let framed = format!("---\nslugs: false\n---\n\nA\n\n{text}\n\nZ\n");
        let read = markdown::parse(&framed).blocks;
        matches!(read.as_slice(), [_, one, _] if one == block)
    };
    let mut drafts = candidates.iter().map(|draft| draft(block, bullet));
    let found = drafts.find(is_same);
    found.unwrap_or_else(|| draft(block, bullet, &escaped))
}

/// The block, without an anchor that is no name.
fn with_plain_anchor(block: &Block) -> Block {
    let mut block = block.clone();
    if let Block::Heading { anchor, .. } = &mut block {
        let is_plain = |id: &String| {
            let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
            !id.is_empty() && id.chars().all(is_plain)
        };
        *anchor = anchor.take().filter(is_plain);
    }
    block
}

fn draft(block: &Block, bullet: bool, escape: &dyn Fn(&str) -> String) -> String {
    match block {
        Block::Heading {
            level,
            text,
            anchor,
        } => {
            let id = anchor.iter().map(|id| format!(" {{#{id}}}"));
            let id: String = id.collect();
            format!("{} {}{id}", "#".repeat(usize::from(*level)), escape(text))
        }
        Block::Text { text, kind } => match kind {
            Kind::Paragraph => escape(text),
            Kind::List => list(text, bullet, escape),
            Kind::Table => table(text, escape),
            Kind::Code => code(text),
        },
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for (at, c) in text.char_indices() {
        let is_number = || text[..at].bytes().all(|byte| byte.is_ascii_digit());
        if SPECIAL.contains(c) || SPECIAL_FIRST.contains(c) && is_number() {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A line of a list: how deep it is, its mark, and its text.
fn item(line: &str) -> (usize, &str, &str) {
    let text = line.trim_start_matches(' ');
    let depth = (line.len() - text.len()) / 2;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mark = match text {
        _ if text.starts_with("- ") || text.starts_with(": ") => 2,
        _ if digits > 0 && text[digits..].starts_with(". ") => digits + 2,
        _ => 0,
    };
    (depth, &text[..mark], &text[mark..])
}

/// Items are indented by what their parents' marks take.
fn list(text: &str, bullet: bool, escape: &dyn Fn(&str) -> String) -> String {
    let mut widths: Vec<usize> = Vec::new();
    let lines = text.split('\n').map(|line| {
        let (depth, mark, text) = item(line);
        widths.truncate(depth);
        let indent: usize = widths.iter().sum();
        widths.push(mark.len().max(2));
        let mark = match mark {
            "- " if !bullet => "* ".to_owned(),
            mark if !bullet => mark.replace('.', ")"),
            mark => mark.to_owned(),
        };
        format!("{}{mark}{}", " ".repeat(indent), escape(text))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The cells of a row; nothing for a caption.
fn cells(row: &str) -> Option<Vec<&str>> {
    let inner = row.strip_prefix("| ")?.strip_suffix(" |")?;
    Some(inner.split(" | ").collect())
}

fn table(text: &str, escape: &dyn Fn(&str) -> String) -> String {
    let mut lines = Vec::new();
    for row in text.split('\n') {
        let cells = cells(row).unwrap_or_default();
        let escaped: Vec<_> = cells.iter().map(|cell| escape(cell)).collect();
        lines.push(format!("| {} |", escaped.join(" | ")));
        if lines.len() == 1 {
            lines.push(format!("|{}", "---|".repeat(cells.len())));
        }
    }
    lines.join("\n")
}

/// A fence that is longer than any in the code.
fn code(text: &str) -> String {
    let code = text.strip_prefix("```\n").unwrap_or(text);
    let code = code.strip_suffix("\n```").unwrap_or(code);
    let runs = code.split(|c| c != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or(0).max(2) + 1);
    format!("{fence}\n{code}\n{fence}")
}

/// A list or a table that Markdown has no signs for. It has no empty lines, which would end it.
fn as_html(block: &Block) -> String {
    let Block::Text { text, kind } = block else {
        return String::new();
    };
    match kind {
        Kind::Table => table_html(text),
        Kind::List => list_html(text),
        Kind::Paragraph | Kind::Code => String::new(),
    }
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn table_html(text: &str) -> String {
    let rows = text.split('\n').map(|row| match cells(row) {
        None => format!("<caption>{}</caption>", html(row)),
        Some(cells) => {
            let cells = cells
                .iter()
                .map(|cell| format!("<td>{}</td>", html(cell.trim())));
            format!("<tr>{}</tr>", cells.collect::<String>())
        }
    });
    format!("<table>\n{}\n</table>", rows.collect::<Vec<_>>().join("\n"))
}

/// Nested lists; one with terms is a `<dl>`.
fn list_html(text: &str) -> String {
    let mut out = String::new();
    // The closing tags of what is open: a list and its item by turns.
    let mut open: Vec<(&str, &str)> = Vec::new();
    for line in text.split('\n') {
        let (depth, mark, text) = item(line);
        let (list, tag) = match mark {
            "" => ("dl", "dt"),
            ": " => ("dl", "dd"),
            "- " => ("ul", "li"),
            _ => ("ol", "li"),
        };
        while open.len() > depth + 1 {
            close(&mut out, open.pop());
        }
        if let Some((_, tag)) = open.get(depth).copied() {
            out.push_str(&format!("</{tag}>\n"));
            open.pop();
        } else {
            out.push_str(&format!("<{list}>"));
        }
        open.push((list, tag));
        out.push_str(&format!("<{tag}>{}", html(text)));
    }
    while !open.is_empty() {
        close(&mut out, open.pop());
    }
    out
}

fn close(out: &mut String, open: Option<(&str, &str)>) {
    if let Some((list, tag)) = open {
        out.push_str(&format!("</{tag}></{list}>"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::html;

    /// Reads a page of a website, writes it as Markdown, and reads that.
    fn around(page: &str) -> (Vec<Block>, Vec<Block>, String) {
        let page = html::parse(page);
        let text = compose(&page);
        let read = markdown::parse(&format!("---\nslugs: false\n---\n{text}"));
        (page.blocks, read.blocks, text)
    }

    #[test]
    fn plain_pages_look_as_a_person_would_write_them() {
        let (before, after, text) = around(
            "<main><h1 id=top>Returns &amp; refunds</h1><p>Within <b>30 days</b>, for <code>C#</code>.</p>\
             <ul><li>One<ol><li>Two</ol><li>Three</ul><ol><li>A<ul><li>B</ul></ol>\
             <table><tr><th>From<th>To<tr><td>1<td>2</table><pre>let x = `1`;\n\n  y</pre>\
             <h2>No anchor</h2><p>1. Not a list, *not* bold, &lt;b>.",
        );
        assert_eq!(before, after);
        assert_eq!(
            text,
            "# Returns & refunds {#top}\n\nWithin 30 days, for `C#`.\n\n\
             - One\n  1. Two\n- Three\n\n1) A\n   * B\n\n\
             | From | To |\n|---|---|\n| 1 | 2 |\n\n```\nlet x = `1`;\n\n  y\n```\n\n\
             ## No anchor\n\n1\\. Not a list, \\*not\\* bold, \\<b\\>.\n"
        );
    }

    #[test]
    fn odd_lists_and_tables_are_read_again_as_they_were() {
        for page in [
            "<dl><dt>Term<dd>One<dd>Two<dt>Other<dd>Three</dl>",
            "<ul><li>a<dl><dt>t<dd>d</dl></ul>",
            "<ul><li><ul><li>b</ul></ul>",
            "<ol><li>a<li>- b<li># c</ol>",
            "<table><caption>Prices</caption><tr><td>1<tr><td>2<td>3</table>",
            "<table><tr><td><td>a|b<tr><td>c | d<td></table>",
            "<table><tr></tr></table>",
            "<h2 id='a b'>- [x] {#y} C#</h2><p>: x</p><p>---</p><p>===</p><p>[a]: b</p><p>[^1]: c</p>",
            "<pre>```\n````\n```</pre><pre>\ta\n\n\n</pre>",
            "<ul><li>a</ul><ul><li>b</ul><ol><li>c</ol><ol><li>d</ol><p>- e",
            "<p>a\\<p>&amp;amp; &lt;script><p>~~a~~ ^b^ http://x.example <a@b.example>",
        ] {
            let (mut before, after, text) = around(page);
            for block in &mut before {
                *block = with_plain_anchor(block);
            }
            assert_eq!(before, after, "{page}: {text}");
        }
    }

    #[test]
    fn whatever_is_on_a_page_is_stable() {
        let pieces = [
            "<p>",
            "<h2>",
            "<h3 id=a>",
            "<ul>",
            "<ol>",
            "<li>",
            "</ul>",
            "</ol>",
            "<dl>",
            "<dt>",
            "<dd>",
            "</dl>",
            "<table>",
            "<tr>",
            "<td>",
            "<caption>",
            "</table>",
            "<pre>",
            "</pre>",
            "<code>",
            "</code>",
            "text",
            " two words ",
            "*",
            "_",
            "`",
            "1. ",
            "- ",
            "#",
            "&amp;",
            "&lt;b&gt;",
            "|",
            "\n",
            ": ",
            "\\",
            "[x]",
            "~~~",
        ];
        let mut seed = 7_u64;
        let mut next = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % below
        };
        for _ in 0..1500 {
            let page: String = (0..next(14)).map(|_| pieces[next(pieces.len())]).collect();
            let (_, first, text) = around(&format!("<main>{page}"));
            let again = compose(&Page {
                blocks: first.clone(),
                ..Page::default()
            });
            let second = markdown::parse(&format!("---\nslugs: false\n---\n{again}"));
            assert_eq!(second.blocks, first, "{page:?}: {text}");
        }
    }
}
