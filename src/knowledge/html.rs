//! HTML: the main content of a page, without what visitors do not see.

use std::collections::HashMap;

use html5ever::tendril::TendrilSink as _;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

use super::{Block, Kind, Page, visible};

/// Elements of this depth are passed over: no page has it, and a hostile one would end the stack.
const DEEPEST: usize = 200;
/// A document of this depth is read no further.
const TOO_DEEP: usize = 2000;
/// Bytes that are read before the depth is looked at.
const PIECE: usize = 8 * 1024;

/// Reads a page of a website.
pub(crate) fn parse(text: &str) -> Page {
    let dom = document(text);
    let mut head = Head::default();
    head.read(&dom.document, 0);
    let root = main_content(&dom.document);
    let is_body = root.as_ref().is_none_or(|root| name(root) == "body");
    let mut blocks = Blocks {
        skips_frame: is_body,
        ..Blocks::default()
    };
    if let Some(root) = root {
        blocks.children(&root, 0);
    }
    let mut page = blocks.page();
    if page.title.is_empty() {
        page.title = head.title;
    }
    page.url = head.canonical;
    page
}

/// What becomes of headings without an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Addresses {
    /// They get the one that GitHub would give them.
    OfText,
    /// They have no address of their own.
    Written,
}

/// Reads a piece of HTML without a head.
pub(super) fn fragment(text: &str, addresses: Addresses) -> Page {
    let dom = document(text);
    let mut blocks = Blocks {
        slugs: (addresses == Addresses::OfText).then(HashMap::new),
        ..Blocks::default()
    };
    blocks.children(&dom.document, 0);
    blocks.page()
}

/// Reads a document in pieces. What follows after a piece that is nested too deeply is left out: the time to read it
/// grows with the square of the depth.
pub(crate) fn document(text: &str) -> RcDom {
    let mut parser = parse_document(RcDom::default(), ParseOpts::default());
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.ceil_char_boundary(PIECE.min(rest.len())));
        parser.process(piece.into());
        let depth =
            std::iter::successors(Some(parser.tokenizer.sink.sink.document.clone()), |node| {
                node.children.borrow().last().cloned()
            });
        rest = match depth.count() {
            depth if depth > TOO_DEEP => "",
            _ => after,
        };
    }
    parser.finish()
}

/// What the head of a page says about it.
#[derive(Default)]
struct Head {
    title: String,
    canonical: Option<String>,
}

impl Head {
    fn read(&mut self, node: &Handle, depth: usize) {
        match name(node) {
            "title" if self.title.is_empty() => self.title = collapsed(&text_of(node, 0)),
            "link" if attribute(node, "rel").is_some_and(|rel| rel == "canonical") => {
                self.canonical = attribute(node, "href").filter(|url| !url.trim().is_empty());
            }
            // Its title is that of a picture.
            "body" | "svg" => return,
            _ => {}
        }
        if depth < DEEPEST {
            for child in node.children.borrow().iter() {
                self.read(child, depth + 1);
            }
        }
    }
}

/// The element with the page's own text.
fn main_content(document: &Handle) -> Option<Handle> {
    let is_main = |node: &Handle| {
        name(node) == "main" || attribute(node, "role").is_some_and(|role| role == "main")
    };
    first(document, &is_main, 0)
        .or_else(|| only_article(document))
        .or_else(|| first(document, &|node| name(node) == "body", 0))
}

/// A page with several articles is a list of them.
fn only_article(document: &Handle) -> Option<Handle> {
    let article = first(document, &|node| name(node) == "article", 0)?;
    let other = |node: &Handle| name(node) == "article" && !std::rc::Rc::ptr_eq(node, &article);
    first(document, &other, 0).is_none().then_some(article)
}

fn first(node: &Handle, is_it: &impl Fn(&Handle) -> bool, depth: usize) -> Option<Handle> {
    if is_it(node) {
        return Some(node.clone());
    }
    if depth >= DEEPEST || is_skipped(node) {
        return None;
    }
    let children = node.children.borrow();
    children
        .iter()
        .find_map(|child| first(child, is_it, depth + 1))
}

/// The blocks of a page, as they are found.
#[derive(Default)]
struct Blocks {
    blocks: Vec<Block>,
    /// Text that belongs to no block yet.
    loose: String,
    /// Leaves out what frames the content, such as the menu.
    skips_frame: bool,
    /// The ids that were given to headings without one, and how often each.
    slugs: Option<HashMap<String, usize>>,
    /// An id just before a heading, which is its address.
    anchor: Option<String>,
}

impl Blocks {
    fn page(mut self) -> Page {
        self.end_paragraph();
        let titles = self.blocks.iter().filter_map(|block| match block {
            Block::Heading { level, text, .. } => Some((*level, text)),
            Block::Text { .. } => None,
        });
        let title = titles.min_by_key(|(level, _)| *level);
        Page {
            title: title.map(|(_, text)| text.clone()).unwrap_or_default(),
            blocks: self.blocks,
            ..Page::default()
        }
    }

    fn children(&mut self, node: &Handle, depth: usize) {
        if depth < DEEPEST {
            for child in node.children.borrow().iter() {
                self.node(child, depth + 1);
            }
        }
    }

    fn node(&mut self, node: &Handle, depth: usize) {
        if let NodeData::Text { contents } = &node.data {
            self.loose.push_str(&contents.borrow());
            return;
        }
        let tag = name(node);
        if is_skipped(node) || self.skips_frame && matches!(tag, "header" | "footer") {
            return;
        }
        match tag {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading(node, tag.as_bytes()[1] - b'0'),
            "ul" | "ol" | "menu" | "dl" => {
                let mut lines = Vec::new();
                list(node, 0, &mut lines);
                self.block(lines.join("\n"), Kind::List);
            }
            "table" => self.block(table(node).join("\n"), Kind::Table),
            "pre" => {
                let text = visible(&text_of(node, 0));
                let text = text.trim_matches('\n').trim_end();
                if !text.is_empty() {
                    self.block(format!("```\n{text}\n```"), Kind::Code);
                }
            }
            "br" => self.loose.push(' '),
            tag if is_inline(tag) => {
                if let Some(id) = attribute(node, "id").or_else(|| attribute(node, "name")) {
                    self.anchor.get_or_insert(id);
                }
                inline(node, depth, &mut self.loose);
            }
            _ => {
                self.end_paragraph();
                if let Some(id) = attribute(node, "id") {
                    self.anchor = Some(id);
                }
                self.children(node, depth);
                self.end_paragraph();
            }
        }
    }

    fn heading(&mut self, node: &Handle, level: u8) {
        self.end_paragraph();
        let mut text = String::new();
        inline(node, 0, &mut text);
        let text = collapsed(&text);
        // Documentation tools put a link to itself behind each heading.
        let text = text.trim_end_matches(['¶', '#', '§', '🔗']).trim_end();
        let around = self.anchor.take();
        if text.is_empty() {
            return;
        }
        let own = attribute(node, "id").or(around);
        let anchor = own.or_else(|| self.slug(text));
        self.blocks.push(Block::Heading {
            level,
            text: text.to_owned(),
            anchor,
        });
    }

    /// The id that GitHub gives to a heading.
    fn slug(&mut self, text: &str) -> Option<String> {
        let slugs = self.slugs.as_mut()?;
        let lower = text.to_lowercase();
        let kept = lower.chars().filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            c => c.is_alphanumeric().then_some(c),
        });
        let slug: String = kept.collect();
        let count = slugs.entry(slug.clone()).or_default();
        *count += 1;
        match *count {
            _ if slug.is_empty() => None,
            1 => Some(slug),
            count => Some(format!("{slug}-{}", count - 1)),
        }
    }

    fn block(&mut self, text: String, kind: Kind) {
        self.end_paragraph();
        if !text.trim().is_empty() {
            self.anchor = None;
            self.blocks.push(Block::Text { text, kind });
        }
    }

    fn end_paragraph(&mut self) {
        let text = collapsed(&std::mem::take(&mut self.loose));
        if !text.is_empty() {
            self.anchor = None;
            self.blocks.push(Block::Text {
                text,
                kind: Kind::Paragraph,
            });
        }
    }
}

/// The lines of a list. What is in an item besides text and lists is text.
fn list(node: &Handle, depth: usize, lines: &mut Vec<String>) {
    let is_ordered = name(node) == "ol";
    let mut number = 0;
    for item in node.children.borrow().iter() {
        if is_skipped(item) || !matches!(name(item), "li" | "dt" | "dd" | "div") {
            continue;
        }
        if name(item) == "div" {
            list(item, depth, lines);
            continue;
        }
        number += 1;
        let mark = match name(item) {
            "dt" => String::new(),
            "dd" => ": ".to_owned(),
            _ if is_ordered => format!("{number}. "),
            _ => "- ".to_owned(),
        };
        let mut text = String::new();
        let mut below = Vec::new();
        for child in item.children.borrow().iter() {
            match name(child) {
                "ul" | "ol" | "dl" if depth < DEEPEST => list(child, depth + 1, &mut below),
                _ => {
                    inline_node(child, depth, &mut text);
                    text.push_str(if is_inline(name(child)) { "" } else { " " });
                }
            }
        }
        let text = collapsed(&text);
        if !text.is_empty() || !below.is_empty() {
            lines.push(format!("{}{mark}{text}", "  ".repeat(depth)));
            lines.append(&mut below);
        }
    }
}

/// The rows of a table; its caption comes first.
fn table(node: &Handle) -> Vec<String> {
    let mut rows = Vec::new();
    for child in node.children.borrow().iter() {
        match name(child) {
            _ if is_skipped(child) => {}
            "thead" | "tbody" | "tfoot" => rows.extend(table(child)),
            "caption" => {
                let mut text = String::new();
                inline(child, 0, &mut text);
                rows.push(collapsed(&text));
            }
            "tr" => {
                let cells = child.children.borrow();
                let cells = cells
                    .iter()
                    .filter(|cell| matches!(name(cell), "td" | "th"));
                let cells = cells.map(|cell| {
                    let mut text = String::new();
                    inline(cell, 0, &mut text);
                    collapsed(&text)
                });
                rows.push(format!("| {} |", cells.collect::<Vec<_>>().join(" | ")));
            }
            _ => {}
        }
    }
    rows
}

/// The text of everything in an element, in one line.
fn inline(node: &Handle, depth: usize, text: &mut String) {
    let is_code = matches!(name(node), "code" | "kbd" | "samp");
    if is_code {
        text.push('`');
    }
    if depth < DEEPEST {
        for child in node.children.borrow().iter() {
            inline_node(child, depth + 1, text);
        }
    }
    if is_code {
        text.push('`');
    }
    // An address is worth reading where it says how to reach somebody.
    let href = attribute(node, "href").filter(|_| name(node) == "a");
    let href = href.unwrap_or_default();
    if let Some(to) = href.strip_prefix("mailto:").or(href.strip_prefix("tel:"))
        && !text.ends_with(to)
    {
        text.push_str(&format!(" ({to})"));
    }
}

fn inline_node(node: &Handle, depth: usize, text: &mut String) {
    if let NodeData::Text { contents } = &node.data {
        text.push_str(&contents.borrow());
    } else if name(node) == "br" {
        text.push(' ');
    } else if !is_skipped(node) {
        inline(node, depth, text);
        if !is_inline(name(node)) {
            text.push(' ');
        }
    }
}

/// Everything that is written in an element.
fn text_of(node: &Handle, depth: usize) -> String {
    let mut all = String::new();
    if let NodeData::Text { contents } = &node.data {
        all.push_str(&contents.borrow());
    }
    if depth < DEEPEST && !is_skipped(node) {
        for child in node.children.borrow().iter() {
            all.push_str(&text_of(child, depth + 1));
        }
    }
    all
}

/// What visitors do not see, and what is not for reading.
fn is_skipped(node: &Handle) -> bool {
    if let NodeData::Comment { .. } = node.data {
        return true;
    }
    let is_tool = matches!(
        name(node),
        "script"
            | "style"
            | "template"
            | "noscript"
            | "svg"
            | "math"
            | "nav"
            | "aside"
            | "form"
            | "button"
            | "select"
            | "textarea"
            | "iframe"
            | "object"
            | "canvas"
            | "audio"
            | "video"
            | "dialog"
    );
    is_tool || is_hidden(node)
}

fn is_hidden(node: &Handle) -> bool {
    let is = |name: &str, value: &str| attribute(node, name).is_some_and(|own| own == value);
    if attribute(node, "hidden").is_some()
        || is("aria-hidden", "true")
        || is("role", "navigation")
        || is("role", "search")
    {
        return true;
    }
    let style = attribute(node, "style").unwrap_or_default().to_lowercase();
    let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
    style.split(';').any(|rule| {
        matches!(
            rule.trim_end_matches("!important"),
            "display:none" | "visibility:hidden" | "opacity:0" | "font-size:0" | "font-size:0px"
        )
    })
}

fn is_inline(tag: &str) -> bool {
    matches!(
        tag,
        "a" | "abbr"
            | "b"
            | "bdi"
            | "bdo"
            | "cite"
            | "code"
            | "data"
            | "del"
            | "dfn"
            | "em"
            | "font"
            | "i"
            | "img"
            | "ins"
            | "kbd"
            | "label"
            | "mark"
            | "picture"
            | "q"
            | "rp"
            | "rt"
            | "ruby"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "u"
            | "var"
            | "wbr"
            | ""
    )
}

/// The name of an element; empty for anything else.
/// The name of an element, and nothing for any other node.
pub(crate) fn name(node: &Handle) -> &str {
    match &node.data {
        NodeData::Element { name, .. } => &name.local,
        _ => "",
    }
}

/// The value of an element's attribute.
pub(crate) fn attribute(node: &Handle, name: &str) -> Option<String> {
    let NodeData::Element { attrs, .. } = &node.data else {
        return None;
    };
    let attrs = attrs.borrow();
    let found = attrs
        .iter()
        .find(|attribute| *attribute.name.local == *name);
    found.map(|attribute| attribute.value.to_string())
}

/// Without what nobody sees, and with single spaces.
fn collapsed(text: &str) -> String {
    let text = visible(text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(page: &Page) -> Vec<&str> {
        let texts = page.blocks.iter().map(|block| match block {
            Block::Heading { text, .. } | Block::Text { text, .. } => text.as_str(),
        });
        texts.collect()
    }

    #[test]
    fn the_main_content_is_read_without_what_frames_it() {
        let page = parse(
            "<html><head><title>Returns | Morrow</title><link rel=canonical href=/returns/></head><body>\
             <header>Logo</header><nav><ul><li>Home</ul></nav><main><h1 id=top>Returns<a class=headerlink href=#top>¶</a></h1>\
             <p>Within <b>thirty</b> days.<p>Or <a href='mailto:a@b.c'>write</a>.<aside>Ad</aside></main><footer>Imprint</footer>",
        );
        assert_eq!(page.title, "Returns");
        assert_eq!(page.url.as_deref(), Some("/returns/"));
        assert_eq!(
            texts(&page),
            ["Returns", "Within thirty days.", "Or write (a@b.c)."]
        );
    }

    #[test]
    fn scripts_and_hidden_texts_are_left_out() {
        let page = parse(
            "<body><script>x</script><style>x</style><template>x</template><p hidden>x</p><p aria-hidden=true>x</p>\
             <p style='color:red; DISPLAY : none !important'>x</p><!-- x --><noscript>x</noscript><p>Seen</p>\
             <p>Se\u{e0041}en\u{202e}</p>",
        );
        assert_eq!(texts(&page), ["Seen", "Seen"]);
    }

    #[test]
    fn an_id_around_or_before_a_heading_is_its_anchor() {
        let page = parse(
            "<main><section id=one><h2>One</h2><p>x</section><a name=two></a><h2>Two</h2><p id=p>x<h2>Three</h2></main>",
        );
        let anchors: Vec<_> = page
            .blocks
            .iter()
            .filter_map(|block| match block {
                Block::Heading { anchor, .. } => Some(anchor.as_deref()),
                Block::Text { .. } => None,
            })
            .collect();
        assert_eq!(anchors, [Some("one"), Some("two"), None]);
    }

    #[test]
    fn a_hostile_page_takes_little_of_the_stack() {
        let deep = format!("<main>{}text", "<div>".repeat(50_000));
        assert_eq!(parse(&deep).blocks, []);
        let lists = format!("<main>{}text", "<ul><li>".repeat(20_000));
        let _ = parse(&lists);
        let tables = format!("<main>{}text", "<table><tr><td>".repeat(20_000));
        let _ = parse(&tables);
    }

    #[test]
    fn a_page_without_a_heading_has_its_title() {
        assert_eq!(parse("<title>A  b</title><p>x").title, "A b");
    }
}
