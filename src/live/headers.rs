//! Whether files come with the headers of `_headers`.

use std::collections::{BTreeMap, BTreeSet};

use super::browser::Reply;
use super::built::Built;
use super::finding::Notes;

const NAME: &str = "headers";
const POLICY: &str = "Content-Security-Policy";
const SHARING: &str = "Access-Control-Allow-Origin";

/// Headers that are missing or different, each with an address.
#[derive(Default)]
pub(super) struct Headers {
    compared: usize,
    missing: BTreeMap<String, String>,
    different: BTreeMap<String, String>,
    /// A page that may not load frames of others, as ChatKit's.
    isolated: BTreeSet<String>,
}

impl Headers {
    /// Compares the headers of a reply with those of this build.
    pub(super) fn compare(&mut self, built: &Built, address: &str, reply: &Reply) {
        for (name, expected) in built.headers(address) {
            self.compared += 1;
            let wrong = match reply.header(name) {
                None => &mut self.missing,
                Some(value) if plain(&value) != plain(expected) => &mut self.different,
                Some(_) => continue,
            };
            wrong
                .entry(name.to_owned())
                .or_insert_with(|| address.to_owned());
        }
        let embedding = reply.header("Cross-Origin-Embedder-Policy");
        if embedding.is_some_and(|value| value.trim() != "unsafe-none") {
            self.isolated.insert(address.to_owned());
        }
    }

    pub(super) fn report(&self, notes: &Notes) {
        let is_fine = self.missing.is_empty() && self.different.is_empty();
        if is_fine && self.compared > 0 {
            notes.fine(NAME, "as in this build's `_headers`");
        }
        if let Some(address) = self.missing.get(POLICY) {
            notes.wrong(
                NAME,
                format!(
                    "`{POLICY}` is missing at {address}, so any website can show the chat as its own: the host ignores \
                     `dist/_headers`; set those headers in its own settings, or serve `dist` with the function's program"
                ),
            );
        }
        if let Some(address) = self.different.get(POLICY) {
            notes.wrong(
                NAME,
                format!(
                    "`{POLICY}` is another one at {address}: deploy again, or remove the one that the host adds"
                ),
            );
        }
        let sharing = [&self.missing, &self.different].map(|wrong| wrong.get(SHARING));
        if let [Some(address), _] | [None, Some(address)] = sharing {
            notes.wrong(
                NAME,
                format!(
                    "`{SHARING}: *` is missing at {address}, so browsers refuse that file to your websites: set the headers \
                     of `dist/_headers` at the host"
                ),
            );
        }
        if let Some(address) = self.isolated.first() {
            notes.wrong(
                NAME,
                format!(
                    "`Cross-Origin-Embedder-Policy` at {address} keeps ChatKit's frame out: remove it at the host"
                ),
            );
        }
        self.report_others(notes);
    }

    /// Those without which a chat still works.
    fn report_others(&self, notes: &Notes) {
        let all = self.missing.iter().chain(&self.different);
        let others: Vec<_> = all
            .filter(|(name, _)| *name != POLICY && *name != SHARING)
            .map(|(name, address)| format!("`{name}` ({address})"))
            .collect();
        if !others.is_empty() {
            let others = others.join(", ");
            notes.todo(
                NAME,
                format!(
                    "missing or different: {others}; set the headers of `dist/_headers` at the host"
                ),
            );
        }
    }
}

/// A value without the spaces and the case that hosts change.
fn plain(value: &str) -> String {
    value
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect::<String>()
        .to_ascii_lowercase()
}
