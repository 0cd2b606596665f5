//! `robots.txt`, as [RFC 9309](https://www.rfc-editor.org/rfc/rfc9309) defines it, with `Crawl-delay` and `Sitemap`.
//!
//! The crates for this have had no release in years, and bring other parsers with them.

use std::time::Duration;

use percent_encoding::percent_decode_str;
use url::Url;

/// More rules than this are not read.
const MOST_RULES: usize = 10_000;
/// A longer pause between two requests is taken for this one.
const LONGEST_DELAY: f64 = 60.0;

/// What a site asks of us.
#[derive(Debug, Default)]
pub(super) struct Robots {
    rules: Vec<Rule>,
    /// The pause between two requests.
    pub(super) delay: Option<Duration>,
    /// Addresses of sitemaps, as written.
    pub(super) sitemaps: Vec<String>,
}

#[derive(Debug)]
struct Rule {
    allows: bool,
    /// What is between its `*`, decoded.
    parts: Vec<Vec<u8>>,
    /// Whether it ends with `$`.
    is_whole: bool,
    length: usize,
}

impl Robots {
    /// Reads the rules for `agent`, in lower case; without any, those for everybody.
    pub(super) fn parse(text: &str, agent: &str) -> Robots {
        let [mut own, mut common] = [Robots::default(), Robots::default()];
        let mut sitemaps = Vec::new();
        let (mut is_own, mut is_common, mut has_own) = (false, false, false);
        let mut was_agent = false;
        for line in text.trim_start_matches('\u{feff}').lines() {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            let (key, value) = (key.trim().to_lowercase(), value.trim());
            if key == "user-agent" {
                if !was_agent {
                    (is_own, is_common) = (false, false);
                }
                let name = value.split(['/', ' ']).next().unwrap_or_default();
                is_own |= name.eq_ignore_ascii_case(agent);
                is_common |= name == "*";
                has_own |= is_own;
                was_agent = true;
                continue;
            }
            if key == "sitemap" {
                sitemaps.push(value.to_owned());
                continue;
            }
            was_agent = false;
            if is_own {
                own.line(&key, value);
            }
            if is_common {
                common.line(&key, value);
            }
        }
        let found = if has_own { own } else { common };
        Robots { sitemaps, ..found }
    }

    fn line(&mut self, key: &str, value: &str) {
        match key {
            "allow" | "disallow" if !value.is_empty() && self.rules.len() < MOST_RULES => {
                self.rules.push(Rule::parse(key == "allow", value));
            }
            "crawl-delay" => {
                let seconds = value.parse().ok().filter(|seconds: &f64| *seconds >= 0.0);
                let seconds = seconds.map(|seconds| seconds.min(LONGEST_DELAY));
                self.delay = seconds.map(Duration::from_secs_f64).or(self.delay);
            }
            _ => {}
        }
    }

    /// Whether the page may be fetched: the longest rule decides, and of two that are as long the one that allows it.
    pub(super) fn allows(&self, url: &Url) -> bool {
        let mut path = url.path().to_owned();
        if let Some(query) = url.query() {
            path = format!("{path}?{query}");
        }
        let path = decoded(&path);
        let matching = self.rules.iter().filter(|rule| rule.matches(&path));
        let longest = matching.max_by_key(|rule| (rule.length, rule.allows));
        longest.is_none_or(|rule| rule.allows)
    }
}

impl Rule {
    fn parse(allows: bool, value: &str) -> Rule {
        let pattern = value.strip_suffix('$').unwrap_or(value);
        Rule {
            allows,
            parts: pattern.split('*').map(decoded).collect(),
            is_whole: value.ends_with('$'),
            length: value.len(),
        }
    }

    /// Takes each part at the first place where it is, which is enough: what follows `*` may be anywhere.
    fn matches(&self, path: &[u8]) -> bool {
        let (first, others) = self.parts.split_first().expect("a text has a first part");
        let Some(mut rest) = path.strip_prefix(first.as_slice()) else {
            return false;
        };
        let Some((last, between)) = others.split_last() else {
            return !self.is_whole || rest.is_empty();
        };
        for part in between {
            match find(rest, part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        match self.is_whole {
            true => rest.ends_with(last),
            false => find(rest, last).is_some(),
        }
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    match part {
        [] => Some(0),
        part => text.windows(part.len()).position(|window| window == part),
    }
}

fn decoded(text: &str) -> Vec<u8> {
    percent_decode_str(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(robots: &str, path: &str) -> bool {
        let url = Url::parse("https://a.example").unwrap().join(path).unwrap();
        Robots::parse(robots, "chatkit-embed").allows(&url)
    }

    #[test]
    fn the_longest_rule_decides() {
        let robots = "User-agent: *\nDisallow: /a # why\nAllow: /a/b\nDisallow: /*.pdf$\nDisallow: /q?x=\n\
                      Disallow: /caf%C3%A9\nDisallow:\nAllow: /same\nDisallow: /same\n";
        for (path, expected) in [
            ("/", true),
            ("/a", false),
            ("/abc", false),
            ("/a/b/c", true),
            ("/x/y.pdf", false),
            ("/x/y.pdf?z", true),
            ("/q?x=1", false),
            ("/q?y=1", true),
            ("/café/x", false),
            ("/same", true),
        ] {
            assert_eq!(allows(robots, path), expected, "{path}");
        }
        assert!(allows("", "/") && allows("nonsense\n\u{0}", "/"));
    }

    #[test]
    fn a_group_for_us_replaces_the_one_for_everybody() {
        let robots = "User-agent: *\nDisallow: /\n\nUser-agent: other\nuser-agent: ChatKit-Embed/1.0\nDisallow: /own\n\n\
                      User-agent: chatkit-embed\nDisallow: /more\nCrawl-delay: 0.5\n";
        assert!(allows(robots, "/x") && !allows(robots, "/own") && !allows(robots, "/more"));
        let robots = Robots::parse(robots, "chatkit-embed");
        assert_eq!(robots.delay, Some(Duration::from_millis(500)));
        assert!(!allows(
            "User-agent: *\nDisallow: /\nUser-agent: x\nAllow: /\n",
            "/"
        ));
    }

    #[test]
    fn delays_and_sitemaps_are_read_wherever_they_are() {
        let text = "\u{feff}Sitemap: https://a.example/s.xml\nUser-agent: *\nCrawl-delay: 9999\nSitemap:/t.xml\n";
        let robots = Robots::parse(text, "chatkit-embed");
        assert_eq!(robots.delay, Some(Duration::from_secs(60)));
        assert_eq!(robots.sitemaps, ["https://a.example/s.xml", "/t.xml"]);
        for wrong in ["-1", "x", "NaN", ""] {
            let text = format!("User-agent: *\nCrawl-delay: {wrong}\n");
            assert_eq!(Robots::parse(&text, "chatkit-embed").delay, None, "{wrong}");
        }
    }
}
