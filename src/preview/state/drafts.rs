//! The drafts that are being edited, by id, and the limits on them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::preview::http::Client;
use crate::preview::http::gate::Limits;

/// Strangers take no places of this machine, and one stranger leaves some to the others.
const LIMITS: Limits = Limits {
    of_this_machine: 32,
    of_another: 8,
    of_all_others: 32,
};

/// Time for which a draft without listeners counts as in use: its page may still be loading.
const IDLE: Duration = Duration::from_secs(60);

/// The drafts, each with the view that it shows.
pub(in crate::preview) struct Drafts<View> {
    kept: BTreeMap<String, Draft<View>>,
}

struct Draft<View> {
    /// The client that started it.
    of: Client,
    /// The time of the last request for it.
    used: Instant,
    view: View,
}

impl<View> Default for Drafts<View> {
    fn default() -> Self {
        Self {
            kept: BTreeMap::new(),
        }
    }
}

impl<View: Clone> Drafts<View> {
    /// The view of a draft, for somebody who asks for it.
    pub(in crate::preview) fn ask(&mut self, id: &str) -> Option<View> {
        let draft = self.kept.get_mut(id)?;
        draft.used = Instant::now();
        Some(draft.view.clone())
    }

    /// The same without counting as use.
    pub(in crate::preview) fn get(&self, id: &str) -> Option<&View> {
        self.kept.get(id).map(|draft| &draft.view)
    }

    pub(in crate::preview) fn all(&self) -> Vec<(String, View)> {
        let drafts = self.kept.iter();
        drafts
            .map(|(id, draft)| (id.clone(), draft.view.clone()))
            .collect()
    }

    /// Replaces the view of a draft. Returns the old one; `None` if the draft does not exist.
    pub(in crate::preview) fn replace(&mut self, id: &str, view: View) -> Option<View> {
        let draft = self.kept.get_mut(id)?;
        draft.used = Instant::now();
        Some(std::mem::replace(&mut draft.view, view))
    }

    /// Starts a draft for a client. Returns whether there was room: only drafts that are not in use give way.
    pub(in crate::preview) fn begin(
        &mut self,
        (id, of): (&str, Client),
        view: View,
        is_heard: impl Fn(&str) -> bool,
        now: Instant,
    ) -> bool {
        while !self.kept.contains_key(id) && !self.has_room(of) {
            let Some(idle) = self.longest_idle(of, &is_heard, now) else {
                return false;
            };
            self.kept.remove(&idle);
        }
        let used = now;
        self.kept
            .entry(id.to_owned())
            .or_insert(Draft { of, used, view });
        true
    }

    fn has_room(&self, of: Client) -> bool {
        LIMITS.allow(of, self.count(|other| other == of), self.count_others())
    }

    fn count(&self, is_one: impl Fn(Client) -> bool) -> usize {
        let drafts = self.kept.values();
        drafts.filter(|draft| is_one(draft.of)).count()
    }

    fn count_others(&self) -> usize {
        self.count(|other| other != Client::ThisMachine)
    }

    /// The draft to remove for a client's new one: one of its own or, if the network has too many, one of the
    /// network's.
    fn longest_idle(
        &self,
        of: Client,
        is_heard: impl Fn(&str) -> bool,
        now: Instant,
    ) -> Option<String> {
        let is_full = !LIMITS.allow(of, 0, self.count_others());
        let drafts = self.kept.iter().filter(|(id, draft)| {
            let is_candidate = match is_full {
                true => draft.of != Client::ThisMachine,
                false => draft.of == of,
            };
            let idle = now.saturating_duration_since(draft.used);
            is_candidate && idle >= IDLE && !is_heard(id)
        });
        let longest = drafts.min_by_key(|(_, draft)| draft.used);
        longest.map(|(id, _)| id.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn other(number: u8) -> Client {
        Client::Other(Ipv4Addr::new(192, 168, 1, number).into())
    }

    /// Begins as many drafts of a client as there is room for.
    fn fill(drafts: &mut Drafts<()>, of: Client, heard: &str, now: Instant) -> usize {
        let begun = (0..100).filter(|number| {
            drafts.begin((&format!("{of:?} {number}"), of), (), |id| id == heard, now)
        });
        begun.count()
    }

    #[test]
    fn no_stranger_takes_the_place_of_this_machine_and_one_leaves_some_to_the_others() {
        let (mut drafts, now) = (Drafts::default(), Instant::now());
        assert!(drafts.begin(("own", Client::ThisMachine), (), |_| false, now));
        let later = now + 2 * IDLE;
        let begun: Vec<_> = (1..=6)
            .map(|number| fill(&mut drafts, other(number), "", later))
            .collect();
        assert_eq!(begun, [8, 8, 8, 8, 0, 0]);
        assert!(drafts.get("own").is_some());
        assert_eq!(fill(&mut drafts, Client::ThisMachine, "", now), 31);
    }

    #[test]
    fn a_draft_in_use_stays_and_the_one_that_is_idle_for_longest_makes_room() {
        let (mut drafts, now) = (Drafts::default(), Instant::now());
        for (number, id) in ["heard", "first", "second"].into_iter().enumerate() {
            let now = now + Duration::from_secs(number as u64);
            assert!(drafts.begin((id, other(1)), (), |_| false, now));
        }
        assert_eq!(fill(&mut drafts, other(1), "", now), 5);
        let mut begin = |id, seconds| {
            let now = now + Duration::from_secs(seconds);
            drafts.begin((id, other(1)), (), |id| id == "heard", now)
        };
        assert!(!begin("too early", 59));
        assert!(begin("first", 59), "it is there already");
        assert!(begin("in time", 62));
        assert!(drafts.get("heard").is_some() && drafts.get("second").is_some());
        // All others are idle by now, and the one that is heard still stays.
        let much_later = now + 100 * IDLE;
        assert_eq!(fill(&mut drafts, other(1), "heard", much_later), 7);
        assert!(drafts.get("heard").is_some());
    }
}
