//! The differences between two texts, line by line.

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

/// Unchanged lines that are shown around a change.
const CONTEXT: usize = 3;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct DiffLine {
    pub(crate) tag: Tag,
    /// Without its line ending.
    pub(crate) text: String,
}

/// The fate of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Tag {
    /// It is unchanged.
    #[serde(rename = " ")]
    Same,
    /// It is new.
    #[serde(rename = "+")]
    Added,
    /// It is gone.
    #[serde(rename = "-")]
    Removed,
    /// Not a line of the file, but the position of the next lines, as in `@@ -12,3 +12,4 @@`.
    #[serde(rename = "@")]
    Place,
}

impl Tag {
    /// The first character of a line of `diff -u`.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Same => " ",
            Self::Added => "+",
            Self::Removed => "-",
            Self::Place => "",
        }
    }
}

/// The differences, with three lines around each; empty if there are none.
pub(crate) fn diff(before: &str, after: &str) -> Vec<DiffLine> {
    let diff = TextDiff::from_lines(before, after);
    let mut lines = Vec::new();
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        lines.push(DiffLine {
            tag: Tag::Place,
            text: hunk.header().to_string(),
        });
        lines.extend(hunk.iter_changes().map(|change| DiffLine {
            tag: match change.tag() {
                ChangeTag::Equal => Tag::Same,
                ChangeTag::Delete => Tag::Removed,
                ChangeTag::Insert => Tag::Added,
            },
            text: change.value().trim_end_matches(['\n', '\r']).to_owned(),
        }));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_line_is_shown_with_three_around_it() {
        let before = "a\nb\nc\nd\ne\nf\ng\nh\n";
        let lines = diff(before, &before.replace('e', "E"));
        let shown: Vec<_> = lines
            .iter()
            .map(|line| format!("{}{}", line.tag.sign(), line.text))
            .collect();
        assert_eq!(
            shown,
            [
                "@@ -2,7 +2,7 @@",
                " b",
                " c",
                " d",
                "-e",
                "+E",
                " f",
                " g",
                " h"
            ]
        );
        assert_eq!(
            serde_json::to_value(&lines[4]).unwrap(),
            serde_json::json!({"tag": "-", "text": "e"})
        );
        assert_eq!(diff(before, before), []);
    }
}
