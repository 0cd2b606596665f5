//! Blocks of code in Markdown, which chats and documents show it in.

use std::ops::Range;

/// What begins and ends a block.
const FENCE: &str = "```";

/// Words after a fence whose block may be read.
const LANGUAGES: [&str; 9] = [
    "",
    "ts",
    "tsx",
    "typescript",
    "js",
    "jsx",
    "mjs",
    "javascript",
    "json",
];

/// The places of the code in a text, in bytes. A block may lack its end.
pub(super) fn blocks(text: &str) -> Vec<Range<usize>> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, bool)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let Some(language) = line.trim().strip_prefix(FENCE) else {
            continue;
        };
        open = match open {
            Some((from, is_read)) => {
                blocks.extend(is_read.then_some(from..start));
                None
            }
            None => Some((
                at,
                LANGUAGES.contains(&language.trim().to_ascii_lowercase().as_str()),
            )),
        };
    }
    if let Some((from, true)) = open {
        blocks.push(from..text.len());
    }
    blocks
}

/// Returns whether a text begins with a block.
pub(super) fn begins_with_block(text: &str) -> bool {
    text.trim_start().starts_with(FENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_blocks_of_code_that_can_be_read_are_taken() {
        let text = "Look:\n```ts\na\n```\n``` bash\nb\n```\n  ```\nc\n";
        let found: Vec<_> = blocks(text).into_iter().map(|span| &text[span]).collect();
        assert_eq!(found, ["a\n", "c\n"]);
        assert!(blocks("const a = 'b';").is_empty());
        assert!(begins_with_block("\n```\nc") && !begins_with_block(text));
    }
}
