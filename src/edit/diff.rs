//! What a change did, line by line.

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

/// Lines around a change that did not change.
const CONTEXT: usize = 3;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct DiffLine {
    pub(crate) tag: Tag,
    /// Without its line end.
    pub(crate) text: String,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Tag {
    /// It did not change.
    #[serde(rename = " ")]
    Same,
    /// It is new.
    #[serde(rename = "+")]
    Added,
    /// It is gone.
    #[serde(rename = "-")]
    Removed,
    /// No line of the file: which lines follow, as in `@@ -12,3 +12,4 @@`.
    #[serde(rename = "@")]
    Place,
}

impl Tag {
    /// As at the beginning of a line of `diff -u`.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Same => " ",
            Self::Added => "+",
            Self::Removed => "-",
            Self::Place => "",
        }
    }
}

/// What is different, with three lines around it. Nothing if nothing is.
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
