//! The rules of `_headers`: the headers of each file. Pure.
//!
//! They are read like Netlify's own parser does (npm `@netlify/headers-parser`): a line that starts with `/` names a
//! path, and each following line with a colon is a header. `*` in a path matches anything, including the slash before
//! it if it is a whole segment; a segment that starts with `:` matches any one segment; case and a slash at the end
//! do not matter. All rules that match a file apply to it; of those for exactly the same path, the last one that sets
//! a header sets its value. Lines that are not rules are reported and otherwise ignored.

use std::collections::{HashMap, HashSet};

/// Headers that Netlify does not allow a site to set: <https://docs.netlify.com/manage/routing/headers/#limitations>.
/// `Basic-Auth` is Netlify's own, and contains passwords.
const REFUSED: [&str; 16] = [
    "accept-ranges",
    "age",
    "allow",
    "alt-svc",
    "basic-auth",
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "date",
    "location",
    "server",
    "set-cookie",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The headers of a rule.
type Headers = Vec<(String, String)>;

/// The rules of a site.
#[derive(Default)]
pub(super) struct Rules {
    /// By the whole segments that every matching path starts with, so that a site with many rules is read in one
    /// pass.
    by_start: HashMap<String, Vec<Rule>>,
}

struct Rule {
    /// Its position among all rules.
    order: usize,
    pattern: Vec<Token>,
    headers: Headers,
}

/// A part of a path.
enum Token {
    /// In lower case.
    Text(String),
    MaybeSlash,
    Anything,
    Segment,
}

impl Rules {
    /// The rules, and a remark on each line that is not one.
    pub(super) fn parse(text: &str) -> (Rules, Vec<String>) {
        let mut all: Vec<(&str, String, Rule)> = Vec::new();
        let mut notes = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if line.starts_with('/') {
                let (start, rule) = Rule::of(line, all.len());
                all.push((line, start, rule));
                continue;
            }
            let header = header(line);
            match (header, all.last_mut()) {
                (Ok(header), Some((_, _, rule))) => rule.headers.push(header),
                (Ok(_), None) => notes.push(format!(
                    "line {number} is ignored: a header needs a path before it"
                )),
                (Err(why), _) => notes.push(format!("line {number} is ignored: {why}")),
            }
        }
        drop_overridden(&mut all);
        let mut rules = Rules::default();
        for (_, start, rule) in all {
            rules.by_start.entry(start).or_default().push(rule);
        }
        (rules, notes)
    }

    /// The headers of the file at this path. A header that is set several times becomes a list.
    pub(super) fn of(&self, path: &str) -> Headers {
        let path = path.to_lowercase();
        let ends = path.match_indices('/').map(|(at, _)| at);
        let starts = ends.chain([path.len()]).map(|end| &path[..end]);
        let mut fitting: Vec<_> = starts
            .filter_map(|start| self.by_start.get(start))
            .flatten()
            .filter(|rule| fits(&rule.pattern, &path))
            .collect();
        fitting.sort_unstable_by_key(|rule| rule.order);
        let mut headers: Headers = Vec::new();
        for (name, value) in fitting.into_iter().flat_map(|rule| &rule.headers) {
            match headers
                .iter_mut()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
            {
                Some((_, list)) => list.extend([", ", value]),
                None => headers.push((name.clone(), value.clone())),
            }
        }
        headers
    }
}

/// Drops headers that a later rule for the same path sets too: "the later one overrides (does not concatenate)", as
/// Netlify's parser says (`merge.js`, 10.1.1).
fn drop_overridden(rules: &mut [(&str, String, Rule)]) {
    let mut set: HashSet<(&str, String)> = HashSet::new();
    for (path, _, rule) in rules.iter_mut().rev() {
        let key = |name: &str| (*path, name.to_ascii_lowercase());
        rule.headers.retain(|(name, _)| !set.contains(&key(name)));
        set.extend(rule.headers.iter().map(|(name, _)| key(name)));
    }
}

impl Rule {
    /// A rule without headers, and the segments that its paths start with.
    fn of(path: &str, order: usize) -> (String, Rule) {
        let path = path.to_lowercase();
        let mut pattern = Vec::new();
        let mut start = String::new();
        let mut is_literal = true;
        for segment in path
            .split('/')
            .map(str::trim_end)
            .filter(|text| !text.is_empty())
        {
            is_literal &= !segment.starts_with(':') && !segment.contains('*');
            if segment == "*" {
                if pattern.iter().all(Token::is_text) {
                    // Without its slash, the segment before it need not be complete.
                    start.truncate(start.rfind('/').unwrap_or(0));
                }
                pattern.extend([Token::MaybeSlash, Token::Anything]);
                continue;
            }
            pattern.push(Token::Text("/".to_owned()));
            if segment.starts_with(':') {
                pattern.push(Token::Segment);
                continue;
            }
            for (index, text) in segment.split('*').enumerate() {
                if index > 0 {
                    pattern.push(Token::Anything);
                }
                pattern.push(Token::Text(text.to_owned()));
            }
            if is_literal {
                start.extend(["/", segment]);
            }
        }
        if pattern.is_empty() {
            pattern.push(Token::Text("/".to_owned()));
        }
        let headers = Vec::new();
        (
            start,
            Rule {
                order,
                pattern,
                headers,
            },
        )
    }
}

impl Token {
    fn is_text(&self) -> bool {
        matches!(self, Token::Text(_))
    }
}

/// Returns whether a pattern matches a path in lower case. A slash at the path's end does not count.
fn fits(pattern: &[Token], path: &str) -> bool {
    let Some((first, rest)) = pattern.split_first() else {
        return path.is_empty() || path == "/";
    };
    let cut_at = |at: usize| path.get(at..).is_some_and(|path| fits(rest, path));
    match first {
        Token::Text(text) => path.starts_with(text.as_str()) && cut_at(text.len()),
        Token::MaybeSlash => fits(rest, path) || path.starts_with('/') && cut_at(1),
        Token::Anything => rest.is_empty() || (0..=path.len()).any(cut_at),
        Token::Segment => {
            let end = path.find('/').unwrap_or(path.len());
            (1..=end).any(cut_at)
        }
    }
}

/// A header, or the reason why the line is not a valid one.
fn header(line: &str) -> Result<(String, String), String> {
    let (name, value) = line
        .split_once(':')
        .ok_or("it is neither a path nor `Name: value`")?;
    let name = name.trim();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_name) {
        return Err("this is not the name of a header".to_owned());
    }
    if value.trim().is_empty() || value.contains(char::is_control) {
        return Err(format!("`{name}` has no value that can be sent"));
    }
    if REFUSED.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(format!("a site cannot set `{name}`"));
    }
    let values: Vec<_> = value.split(',').map(str::trim).collect();
    Ok((name.to_owned(), values.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rules: &str, path: &str) -> String {
        let (rules, notes) = Rules::parse(rules);
        assert!(notes.is_empty(), "{notes:?}");
        let headers = rules.of(path).into_iter();
        headers
            .map(|(name, value)| format!("{name}={value} "))
            .collect()
    }

    /// `true` where a rule for `pattern` applies to `path`.
    fn covers(pattern: &str, path: &str) -> bool {
        !of(&format!("{pattern}\n  A: 1\n"), path).is_empty()
    }

    #[test]
    fn every_rule_that_fits_applies_in_the_order_of_the_file() {
        let rules =
            "# all\n/w/x/\n\tB: default-src 'self'; x: y\n  C: 3\n\n/*\nA: 1\n/w/x.js\n  D: 4\n";
        assert_eq!(of(rules, "/"), "A=1 ");
        assert_eq!(of(rules, "/w/x/"), "B=default-src 'self'; x: y C=3 A=1 ");
        assert_eq!(of(rules, "/w/xy/"), "A=1 ");
        assert_eq!(of(rules, "/w/x.js"), "A=1 D=4 ");
    }

    #[test]
    fn header_that_is_set_several_times_is_a_list() {
        let rules = "/*\n  A: 1 ,2\n/a\n  a: 3\n  A: 4\n";
        assert_eq!(of(rules, "/a"), "A=1, 2, 3, 4 ");
    }

    #[test]
    fn later_rule_for_the_same_path_overrides_what_an_earlier_one_sets() {
        let rules = "/a\n  A: 1\n  B: 1\n/b\n  A: 2\n/a\n  a: 3\n  A: 4\n/a\n  C: 5\n";
        assert_eq!(of(rules, "/a"), "B=1 a=3, 4 C=5 ");
        assert_eq!(of(rules, "/b"), "A=2 ");
        assert_eq!(of("/a\n  A: 1\n/a\n  A: 1\n", "/a"), "A=1 ");
    }

    /// As the regular expressions of Netlify's parser have it.
    #[test]
    fn paths_are_matched_as_on_netlify() {
        for (pattern, path) in [
            ("/", "/"),
            ("/*", "/"),
            ("/*", "/a/b.css"),
            ("/w/x", "/w/x/"),
            ("/w/x/", "/w/x"),
            ("/W/X", "/w/x"),
            ("/w/x/*", "/w/x"),
            ("/w/x/*", "/w/x/a/b"),
            ("/w/x/*", "/w/x.js"),
            ("/w/x/*", "/w/x-eu/"),
            ("/w/x/index*", "/w/x/index.html"),
            ("/w/x/index*", "/w/x/index"),
            ("/w/x/index*", "/w/x/index/a"),
            ("/w/:name/a", "/w/x/a"),
            ("/:a/:b", "/w/x"),
            ("/*/a", "/w/x/a"),
            ("/*.js", "/w/x.js"),
            ("/w/*/b*d/*", "/w/a/bcd/e"),
        ] {
            assert!(covers(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("/", "/a"),
            ("/w/x", "/w/xy"),
            ("/w/x", "/w/x/y"),
            ("/w/x/*", "/w/y"),
            ("/w/x/index*", "/w/x/"),
            ("/w/x/index*", "/w/y/index.html"),
            ("/w/:name/a", "/w/x/y/a"),
            ("/w/:name/a", "/w//a"),
            ("/:a", "/w/x"),
            ("/*.js", "/w/x.css"),
        ] {
            assert!(!covers(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn line_that_is_no_rule_costs_a_note_and_nothing_else() {
        for (line, note) in [
            ("A", "neither a path nor"),
            ("A B: 1", "this is not the name of a header"),
            (": 1", "this is not the name of a header"),
            ("A:", "`A` has no value"),
            ("A: \u{1}", "`A` has no value"),
            ("Content-Length: 1", "a site cannot set"),
            ("Basic-Auth: me:secret", "a site cannot set"),
        ] {
            let (rules, notes) = Rules::parse(&format!("/a\n  B: 2\n  {line}\n  C: 3\n"));
            assert_eq!(rules.of("/a").len(), 2);
            assert_eq!(notes.len(), 1);
            assert!(
                notes[0].starts_with("line 3 ") && notes[0].contains(note),
                "{notes:?}"
            );
            assert!(!notes[0].contains("secret"));
        }
        let (_, notes) = Rules::parse("  A: 1\n/a\n  A: 1");
        assert_eq!(
            notes,
            ["line 1 is ignored: a header needs a path before it"]
        );
    }

    #[test]
    fn ten_thousand_widgets_are_looked_up_at_once() {
        let rules: String = (0..10_000)
            .map(|n| format!("/w/{n}/\n A: {n}\n/w/{n}/index*\n A: {n}\n"))
            .collect();
        let (rules, _) = Rules::parse(&rules);
        assert!(rules.by_start.values().all(|rules| rules.len() == 2));
        assert_eq!(
            rules.of("/w/77/index.html"),
            [("A".to_owned(), "77".to_owned())]
        );
    }
}
