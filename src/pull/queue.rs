//! The pages that are still to be fetched, each once.

use std::collections::{HashSet, VecDeque};

use url::Url;

/// A page to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) url: Url,
    /// When it was changed last, as the sitemap has it.
    pub(super) lastmod: Option<String>,
}

/// The pages that are still to be fetched.
#[derive(Debug, Default)]
pub(super) struct Queue {
    first: VecDeque<Target>,
    /// Pages with a query, which come last.
    later: VecDeque<Target>,
    seen: HashSet<String>,
    /// Addresses with a query whose page is there without it, and one of them.
    pub(super) dropped: (usize, Option<Url>),
}

impl Queue {
    /// Adds a page of a sitemap, or one that has to be looked at.
    pub(super) fn add(&mut self, url: Url, lastmod: Option<String>) {
        if self.seen.insert(url.to_string()) {
            self.first.push_back(Target { url, lastmod });
        }
    }

    /// Adds a page that another one links to.
    pub(super) fn link(&mut self, url: Url) {
        if self.seen.insert(url.to_string()) {
            let queue = match url.query() {
                None => &mut self.first,
                Some(_) => &mut self.later,
            };
            queue.push_back(Target { url, lastmod: None });
        }
    }

    /// Notes that a page has been fetched on the way to another one. Returns whether that was news.
    pub(super) fn see(&mut self, url: &Url) -> bool {
        self.seen.insert(url.to_string())
    }

    /// The next page. One with a query is passed over if the same address without it is there.
    pub(super) fn next(&mut self) -> Option<Target> {
        if let Some(target) = self.first.pop_front() {
            return Some(target);
        }
        loop {
            let target = self.later.pop_front()?;
            let mut bare = target.url.clone();
            bare.set_query(None);
            if !self.seen.contains(bare.as_str()) {
                return Some(target);
            }
            self.dropped.0 += 1;
            self.dropped.1.get_or_insert(target.url);
        }
    }

    /// Pages that are waiting.
    pub(super) fn len(&self) -> usize {
        self.first.len() + self.later.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_comes_once_and_those_with_a_query_last() {
        let url = |path: &str| Url::parse("https://a.example").unwrap().join(path).unwrap();
        let mut queue = Queue::default();
        for path in ["/p?id=1", "/?sort=up", "/", "/a", "/a", "/p?id=2"] {
            queue.link(url(path));
        }
        assert!(queue.see(&url("/moved")) && !queue.see(&url("/a")));
        queue.link(url("/moved"));
        let next = std::iter::from_fn(|| queue.next().map(|target| target.url.to_string()));
        let expected = ["/", "/a", "/p?id=1", "/p?id=2"].map(|path| url(path).to_string());
        assert_eq!(next.collect::<Vec<_>>(), expected);
        assert_eq!(queue.dropped, (1, Some(url("/?sort=up"))));
    }
}
