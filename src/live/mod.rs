//! What a deployed site really does, seen from outside, as a browser asks.
//!
//! ```text
//! site ─▶ Target ┐
//! site ─render─▶ Built ─▶ Visit ─▶ reach ─▶ certificate, plain, files, function, server, domain ─▶ findings
//! ```
//!
//! Nothing at the site changes, apart from one session for each widget that is tried. No secret leaves a probe.

mod agent;
mod browser;
mod built;
mod certificate;
mod domain;
mod files;
mod finding;
mod function;
mod headers;
mod plain;
mod reach;
mod roots;
mod server;
mod session;
mod target;
mod visit;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) use built::Built;
pub(crate) use finding::{Finding, State};
pub(crate) use roots::roots;
pub(crate) use target::Target;
pub(crate) use visit::Visit;

use browser::Browser;
use finding::{Event, Notes};
use visit::Probing;

/// Time for all probes together. The whole command promises 30 s.
const PATIENCE: Duration = Duration::from_secs(20);

type Probe = fn(&Probing, &Notes);

/// The probes of a site that answers, in the order of the report, and their names.
const PROBES: [(&str, Probe); 6] = [
    ("certificate", certificate::probe),
    ("http", plain::probe),
    ("files", files::probe),
    ("function", function::probe),
    ("server", server::probe),
    ("domain", domain::probe),
];

/// Probes the site, and returns what was found within [`PATIENCE`], whatever the host does.
pub(crate) fn probe(visit: Visit) -> Vec<Finding> {
    let until = Instant::now() + PATIENCE;
    let browser = Browser::new(visit.roots.as_deref(), until);
    let probing = Arc::new(Probing { visit, browser });
    let (sender, events) = channel();
    // Threads that hang are left behind: each of their requests has an end as well.
    thread::spawn(move || run(&probing, &sender));
    collect(&events, until)
}

fn run(probing: &Arc<Probing>, sender: &Sender<Event>) {
    let notes = |at| Notes {
        at,
        sender: sender.clone(),
    };
    let first = notes(0);
    let answers = reach::probe(probing, &first);
    if !answers {
        first.not_tried(
            "the rest",
            "the site itself has to answer at this address first",
        );
    }
    first.done();
    for (at, (_, probe)) in PROBES.into_iter().enumerate() {
        let (notes, probing) = (notes(at + 1), Arc::clone(probing));
        if answers {
            thread::spawn(move || {
                probe(&probing, &notes);
                notes.done();
            });
        } else {
            notes.done();
        }
    }
}

/// All findings in the order of the probes, with a word on those that did not come to their end.
fn collect(events: &Receiver<Event>, until: Instant) -> Vec<Finding> {
    let names = ["site"].into_iter().chain(PROBES.map(|(name, _)| name));
    let mut open: BTreeMap<usize, &str> = names.enumerate().collect();
    let mut found = Vec::new();
    while !open.is_empty() {
        let left = until.saturating_duration_since(Instant::now());
        match events.recv_timeout(left) {
            Ok(Event::Found(at, finding)) => found.push((at, finding)),
            Ok(Event::Done(at)) => drop(open.remove(&at)),
            Err(_) => break,
        }
    }
    let unfinished = open.into_iter().map(|(at, name)| {
        let name = name.to_owned();
        let text = format!(
            "not finished within {} s, because the host is slow: run this again",
            PATIENCE.as_secs()
        );
        let state = State::NotTried;
        (at, Finding { name, state, text })
    });
    found.extend(unfinished);
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, finding)| finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_end_in_time_is_named_next_to_what_was_found() {
        let (sender, events) = channel();
        for at in 0..PROBES.len() {
            let notes = Notes {
                at,
                sender: sender.clone(),
            };
            notes.fine(format!("{at}"), "good");
            // The files.
            if at != 3 {
                notes.done();
            }
        }
        let found = collect(&events, Instant::now() + Duration::from_millis(50));
        let names: Vec<_> = found.iter().map(|finding| &*finding.name).collect();
        assert_eq!(names, ["0", "1", "2", "3", "files", "4", "5", "domain"]);
        assert_eq!(found[4].state, State::NotTried);
    }
}
