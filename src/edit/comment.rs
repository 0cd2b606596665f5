//! Comments above keys that an edit has added.

use crate::yaml::Node;

/// A comment, and the path of the key that it belongs to.
pub(crate) struct Comment<'a> {
    pub(crate) path: Vec<&'a str>,
    /// Its lines, without `#`. An empty line stays empty.
    pub(crate) text: &'a str,
}

/// The text with each comment above its key. A key that shares its line with others stays without.
pub(crate) fn commented(text: &str, comments: &[Comment<'_>]) -> String {
    let tree = Node::parse(0, text, &mut Vec::new());
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut places: Vec<_> = comments
        .iter()
        .filter_map(|comment| Some((line_of(text, &tree, &comment.path)?, comment.text)))
        .collect();
    places.sort_unstable_by_key(|(line, _)| *line);
    let mut new = String::with_capacity(text.len());
    let mut done = 0;
    for ((start, indent), lines) in places {
        new.push_str(&text[done..start]);
        for line in lines.split('\n') {
            match line {
                "" => new.push_str(line_end),
                line => new.extend([indent, "# ", line, line_end]),
            }
        }
        done = start;
    }
    new + &text[done..]
}

/// The start of the line that begins with the key at `path`, and the white space before the key.
fn line_of<'a>(text: &'a str, tree: &Node, path: &[&str]) -> Option<(usize, &'a str)> {
    let (key, way) = path.split_last()?;
    let map = way.iter().try_fold(tree, |map, step| map.get(step))?;
    let key = map.entry(key)?.key_place.span.start;
    let start = text[..key].rfind('\n').map_or(0, |end| end + 1);
    let indent = &text[start..key];
    indent
        .bytes()
        .all(|byte| byte == b' ')
        .then_some((start, indent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_goes_above_its_key_and_nowhere_else() {
        let comment = |path: &'static str| Comment {
            path: path.split('.').collect(),
            text: "\nOne.",
        };
        let text = "a:\r\n  b: {c: 1}\r\n  d: 2";
        assert_eq!(
            commented(text, &["a.d", "a.b", "a.b.c", "x"].map(comment)),
            "a:\r\n\r\n  # One.\r\n  b: {c: 1}\r\n\r\n  # One.\r\n  d: 2"
        );
    }
}
