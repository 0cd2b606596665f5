//! The rules of `_headers`: what is sent with which file. Pure.
//!
//! A line that begins with `/` names a path; the indented lines under it are headers. A path ends with `/*`
//! for everything below it. All rules that fit a file apply to it.

use std::collections::HashMap;

/// The headers of a rule.
type Headers = Vec<(String, String)>;

/// The rules of a site.
#[derive(Default)]
pub(super) struct Rules {
    exact: HashMap<String, Headers>,
    /// Without the `*`, with the slash before it.
    below: HashMap<String, Headers>,
}

impl Rules {
    /// The error is what is wrong, with the line's number.
    pub(super) fn parse(text: &str) -> Result<Rules, String> {
        let mut rules = Rules::default();
        let mut current: Option<&mut Headers> = None;
        for (number, line) in (1..).zip(text.lines()) {
            let words = line.trim();
            if words.is_empty() || words.starts_with('#') {
                continue;
            }
            if line.starts_with([' ', '\t']) {
                let header = words.split_once(':').zip(current.as_mut());
                let ((name, value), headers) =
                    header.ok_or_else(|| format!("line {number}: no header of a path"))?;
                headers.push((name.trim().to_owned(), value.trim().to_owned()));
                continue;
            }
            let (map, path) = match words.strip_suffix('*') {
                Some(path) if path.ends_with('/') => (&mut rules.below, path),
                _ => (&mut rules.exact, words),
            };
            if !path.starts_with('/') || path.contains(['*', ':']) {
                return Err(format!(
                    "line {number}: a path begins with `/` and may end with `/*`"
                ));
            }
            current = Some(map.entry(path.to_owned()).or_default());
        }
        Ok(rules)
    }

    /// What is sent with the file at this path; the rule that names more of the path comes later.
    pub(super) fn of(&self, path: &str) -> Headers {
        let folders = path
            .match_indices('/')
            .map(|(at, _)| &path[..=at])
            .filter_map(|folder| self.below.get(folder));
        folders
            .chain(self.exact.get(path))
            .flatten()
            .cloned()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str =
        "# all\n/*\n  A: 1\n\n/w/x/*\n\tB: default-src 'self'; x: y\n  C: 3\n/w/x.js\n  D: 4\n";

    fn of(path: &str) -> String {
        let headers = Rules::parse(RULES).unwrap().of(path);
        let headers = headers
            .iter()
            .map(|(name, value)| format!("{name}={value} "));
        headers.collect()
    }

    #[test]
    fn every_rule_that_fits_applies() {
        assert_eq!(of("/"), "A=1 ");
        assert_eq!(of("/w/x/"), "A=1 B=default-src 'self'; x: y C=3 ");
        assert_eq!(of("/w/x/a/b.css"), "A=1 B=default-src 'self'; x: y C=3 ");
        assert_eq!(of("/w/x"), "A=1 ");
        assert_eq!(of("/w/xy/"), "A=1 ");
        assert_eq!(of("/w/x.js"), "A=1 D=4 ");
    }

    #[test]
    fn what_is_no_rule_is_an_error_with_its_line() {
        for (text, line) in [
            ("  A: 1\n", "line 1"),
            ("/a\n  A\n", "line 2"),
            ("a\n", "line 1"),
            ("/a\n\n/b/:c\n", "line 3"),
            ("/a/*/b\n", "line 1"),
        ] {
            let error = Rules::parse(text).err().unwrap();
            assert!(error.starts_with(line), "{text:?}: {error}");
        }
    }
}
