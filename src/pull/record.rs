//! A pulled page as a file: front matter, and Markdown.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::page::Draft;

/// Keys about the pull itself. The rest of the file is what a person may edit.
const OURS: [&str; 4] = ["pulled:", "lastmod:", "etag:", "hash:"];

/// The front matter that a pull writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    #[serde(default)]
    pub(super) title: String,
    pub(super) url: String,
    /// Headings without an id have no address on a website.
    #[serde(default)]
    slugs: bool,
    /// When, in UTC.
    #[serde(default)]
    pub(super) pulled: String,
    /// As the sitemap had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lastmod: Option<String>,
    /// As the server had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) etag: Option<String>,
    /// Of the rest of the file, as pulled: with another one, somebody has edited it.
    pub(super) hash: String,
}

/// The text of a file for a page, and its front matter.
pub(super) fn write(draft: &Draft, pulled: &str, lastmod: Option<&str>) -> (String, Record) {
    let mut record = Record {
        title: draft.title.clone(),
        url: draft.url.to_string(),
        slugs: false,
        pulled: pulled.to_owned(),
        lastmod: lastmod.map(str::to_owned),
        etag: draft.etag.clone(),
        hash: String::new(),
    };
    record.hash = hash_of(&text(&record, &draft.body));
    (text(&record, &draft.body), record)
}

fn text(record: &Record, body: &str) -> String {
    let matter = serde_yaml::to_string(record).expect("texts are valid YAML");
    format!("---\n{matter}---\n\n{body}")
}

/// The front matter of a file and its body, if a pull has written it.
pub(super) fn parse(text: &str) -> Option<(Record, &str)> {
    let rest = text.strip_prefix("---")?.trim_start_matches('\r');
    let rest = rest.strip_prefix('\n')?;
    let end = rest.find("\n---")?;
    let record: Record = serde_yaml::from_str(&rest[..end]).ok()?;
    let body = rest[end + 4..].trim_start_matches(['\r', '\n']);
    (!record.hash.is_empty()).then_some((record, body))
}

/// A hash of everything in a file except what a pull notes about itself. Line ends do not count: Git may change them.
pub(super) fn hash_of(text: &str) -> String {
    let mut hasher = Sha256::new();
    let mut fences = 0;
    for line in text.lines() {
        fences += usize::from(line == "---");
        let is_ours = fences == 1 && OURS.iter().any(|key| line.starts_with(key));
        if !is_ours {
            hasher.update(line.trim_end());
            hasher.update("\n");
        }
    }
    let hash = hasher.finalize();
    hash[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn draft(title: &str) -> Draft {
        Draft {
            title: title.to_owned(),
            url: Url::parse("https://a.example/x").unwrap(),
            body: "# One\n\nText.\n".to_owned(),
            etag: Some("W/\"1\"".to_owned()),
        }
    }

    #[test]
    fn a_file_is_read_as_it_was_written_whatever_its_title() {
        for title in [
            "One",
            "a: b # c",
            "'",
            "- x",
            "true",
            "---",
            "",
            "é \"q\"",
            &"long ".repeat(99),
        ] {
            let (text, record) = write(&draft(title), "2026-11-27T10:00:00Z", Some("2026"));
            let (read, body) = parse(&text).unwrap();
            assert_eq!((read, body), (record.clone(), "# One\n\nText.\n"), "{text}");
            assert_eq!(hash_of(&text), record.hash, "{text}");
            assert_eq!(hash_of(&text.replace('\n', "\r\n")), record.hash);
            assert!(parse(&text.replace('\n', "\r\n")).is_some());
        }
    }

    #[test]
    fn what_a_person_changes_changes_the_hash_and_what_a_pull_notes_does_not() {
        let (text, record) = write(&draft("One"), "2026-11-27T10:00:00Z", None);
        let same = text.replace("2026-11-27", "2027-01-01");
        assert_eq!(hash_of(&same), record.hash);
        for edited in [
            text.replace("Text.", "Text!"),
            text.replace("title: One", "title: Two"),
            text.replace("slugs:", "tags: [a]\nslugs:"),
            format!("{text}\nhash: 1\n"),
        ] {
            assert_ne!(hash_of(&edited), record.hash, "{edited}");
        }
    }

    #[test]
    fn a_file_of_somebody_else_is_none_of_ours() {
        for text in [
            "",
            "# One",
            "---\nurl: x\n---\nText",
            "---\ntitle: [\n---\n",
            "---\nurl: x\nhash: ''\n---\n",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
