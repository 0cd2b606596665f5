//! The address of a page → a path that every file system takes, below the folder.

use percent_encoding::percent_decode_str;
use sha2::{Digest as _, Sha256};
use url::Url;

/// Names that Windows keeps for itself.
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];
/// The longest name, in bytes.
const LONGEST_NAME: usize = 80;
/// The longest path, in bytes.
const LONGEST_PATH: usize = 200;

/// The path of a page: `/a/` is `a/index.md`, and `/a` is `a.md`.
pub(super) fn path_of(url: &Url) -> String {
    let segments: Vec<&str> = url.path().trim_start_matches('/').split('/').collect();
    let (last, folders) = segments.split_last().expect("a split has a part");
    let mut path = String::new();
    for folder in folders.iter().filter(|folder| !folder.is_empty()) {
        let name = name(folder);
        // A folder and the file of another page must not have the same name.
        let end = if name.ends_with(".md") { "_" } else { "" };
        path.push_str(&format!("{name}{end}/"));
    }
    let last = match last.is_empty() {
        true => "index".to_owned(),
        false => name(last),
    };
    let query = url.query().map(|query| format!("-{}", name(query)));
    path.push_str(&cut(&format!("{last}{}", query.unwrap_or_default())));
    if path.len() > LONGEST_PATH {
        path = format!("long/{}", hash(url.as_str()));
    }
    path + ".md"
}

/// The same path with a number, for pages whose addresses differ only in what a path cannot hold.
pub(super) fn numbered(path: &str, number: usize) -> String {
    let stem = path.strip_suffix(".md").unwrap_or(path);
    format!("{stem}-{number}.md")
}

fn name(segment: &str) -> String {
    let decoded = percent_decode_str(segment).decode_utf8_lossy();
    let is_safe = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let safe = decoded.chars().map(|c| if is_safe(c) { c } else { '-' });
    let safe: String = safe.collect();
    // A name with a dot in front is hidden, and Windows drops one at the end.
    let safe = cut(safe.trim_matches(['.', '-']));
    let stem = safe.split('.').next().unwrap_or_default().to_lowercase();
    let letters = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    match RESERVED.contains(&letters) {
        _ if safe.is_empty() => "_".to_owned(),
        true => format!("_{safe}"),
        false => safe,
    }
}

/// A name of a length that file systems take. A hash keeps two that were cut apart.
fn cut(name: &str) -> String {
    if name.len() <= LONGEST_NAME {
        return name.to_owned();
    }
    let end = name.floor_char_boundary(LONGEST_NAME - 9);
    format!("{}-{}", &name[..end], hash(name))
}

fn hash(text: &str) -> String {
    let hash = Sha256::digest(text);
    hash[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(url: &str) -> String {
        path_of(&Url::parse("https://a.example").unwrap().join(url).unwrap())
    }

    #[test]
    fn a_path_looks_like_its_address() {
        for (url, expected) in [
            ("/", "index.md"),
            ("/returns", "returns.md"),
            ("/returns/", "returns/index.md"),
            ("/a/b.html", "a/b.html.md"),
            ("/p?id=3&x", "p-id-3-x.md"),
            ("/caf%C3%A9", "café.md"),
            ("/a//b", "a/b.md"),
        ] {
            assert_eq!(path(url), expected);
        }
    }

    #[test]
    fn no_address_leads_out_of_the_folder_or_to_an_odd_name() {
        for (url, expected) in [
            ("/..%2f..%2fetc%2fpasswd", "etc-passwd.md"),
            ("/%2e%2e/%2e%2e/x", "x.md"),
            ("/..%5c..%5cx", "x.md"),
            ("/.git/config", "git/config.md"),
            ("/.env", "env.md"),
            ("/con", "_con.md"),
            ("/LPT1.txt", "_LPT1.txt.md"),
            ("/%00", "_.md"),
            ("/a:b", "a-b.md"),
            ("/a.md/b", "a.md_/b.md"),
            ("/x.", "x.md"),
        ] {
            assert_eq!(path(url), expected, "{url}");
        }
        assert!(path(&format!("/{}", "x".repeat(300))).len() < 90);
        assert!(path(&"/abc".repeat(300)).len() < 90);
        assert_ne!(path(&"/abc".repeat(300)), path(&"/abc".repeat(301)));
        assert_eq!(numbered("a/b.md", 2), "a/b-2.md");
    }
}
