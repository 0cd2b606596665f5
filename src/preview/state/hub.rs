//! Tells open pages what happened, by server-sent events.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard};

use serde::Serialize;

use super::lock::lock;

/// Most events that wait for a page that does not read them. A page that falls further behind is disconnected: it
/// connects again and asks for the state.
const WAITING: usize = 256;

/// A comment, which a page ignores.
pub(in crate::preview) const PING: &str = ": \n\n";

/// The pages that listen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::preview) enum Audience {
    /// Pages of the preview itself.
    Own,
    /// Host pages. They may contain foreign scripts, so they hear that something changed, but not what is in the
    /// files.
    HostPage,
}

/// A listening page, as it described itself when it connected.
#[derive(Debug)]
pub(in crate::preview) struct Listener {
    pub(in crate::preview) audience: Audience,
    /// The draft that it shows; none means the files on the disk. Whoever knows a draft's id may overwrite it, so a
    /// page only hears of the draft that it names.
    pub(in crate::preview) draft: Option<String>,
}

impl Listener {
    fn hears(&self, event: &str) -> bool {
        self.audience == Audience::Own || event == "mode"
    }
}

/// The listening pages.
#[derive(Default)]
pub(in crate::preview) struct Hub {
    listeners: Mutex<Vec<(Listener, SyncSender<String>)>>,
}

impl Hub {
    /// A new listener's stream of events, in wire format. It starts with the current state.
    pub(in crate::preview) fn listen(
        &self,
        listener: Listener,
        event: &str,
        data: &impl Serialize,
    ) -> Receiver<String> {
        let (sender, receiver) = sync_channel(WAITING);
        // The channel is empty and its other end is here.
        let _ = message(event, data).map(|text| sender.try_send(text));
        let mut listeners = self.lock();
        // Nothing else notices listeners that have gone.
        listeners.retain(|(_, sender)| sender.try_send(PING.to_owned()).is_ok());
        listeners.push((listener, sender));
        receiver
    }

    /// Tells everybody who may hear it.
    pub(in crate::preview) fn tell(&self, event: &str, data: &impl Serialize) {
        self.tell_those(|listener| listener.hears(event), event, data);
    }

    /// Tells the viewers of a draft, or without one the viewers of the files on the disk, that it has changed.
    pub(in crate::preview) fn tell_change(&self, draft: Option<&str>, data: &impl Serialize) {
        let shows = |listener: &Listener| listener.draft.as_deref() == draft;
        self.tell_those(shows, "change", data);
    }

    fn tell_those(&self, hears: impl Fn(&Listener) -> bool, event: &str, data: &impl Serialize) {
        let Some(text) = message(event, data) else {
            return;
        };
        self.lock()
            .retain(|(listener, sender)| !hears(listener) || sender.try_send(text.clone()).is_ok());
    }

    /// The drafts that somebody views, or viewed until recently.
    pub(in crate::preview) fn drafts(&self) -> BTreeSet<String> {
        let listeners = self.lock();
        let drafts = listeners.iter().map(|(listener, _)| listener.draft.clone());
        drafts.flatten().collect()
    }

    /// Ends all streams.
    pub(in crate::preview) fn close(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Listener, SyncSender<String>)>> {
        lock(&self.listeners)
    }
}

/// An event in wire format.
fn message(event: &str, data: &impl Serialize) -> Option<String> {
    let data = serde_json::to_string(data).ok()?;
    Some(format!("event: {event}\ndata: {data}\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listen(hub: &Hub, audience: Audience, draft: Option<&str>) -> Receiver<String> {
        let draft = draft.map(str::to_owned);
        hub.listen(Listener { audience, draft }, "mode", &0)
    }

    /// The events that were heard, without signs of life.
    fn heard(hears: &Receiver<String>) -> Vec<String> {
        hears.try_iter().filter(|text| text != PING).collect()
    }

    #[test]
    fn a_listener_hears_what_is_told_and_one_that_never_reads_is_let_go() {
        let hub = Hub::default();
        let hears = listen(&hub, Audience::Own, None);
        assert_eq!(hears.recv().unwrap(), "event: mode\ndata: 0\n\n");
        hub.tell_change(None, &1);
        assert_eq!(hears.recv().unwrap(), "event: change\ndata: 1\n\n");
        let deaf = listen(&hub, Audience::Own, None);
        for number in 0..=WAITING {
            hub.tell("site", &number);
            hears.recv().unwrap();
        }
        assert_eq!(hub.lock().len(), 1);
        drop((deaf, hears));
        let _last = listen(&hub, Audience::Own, None);
        assert_eq!(hub.lock().len(), 1);
    }

    #[test]
    fn a_host_page_does_not_hear_what_is_in_the_files() {
        let hub = Hub::default();
        let hears = listen(&hub, Audience::HostPage, None);
        hub.tell("site", &"a line of site.yaml");
        hub.tell("session", &"a request");
        hub.tell_change(None, &1);
        assert_eq!(
            heard(&hears),
            ["event: mode\ndata: 0\n\n", "event: change\ndata: 1\n\n"]
        );
    }

    #[test]
    fn only_those_who_named_a_draft_hear_of_it() {
        let hub = Hub::default();
        let [own, host_page] =
            [Audience::Own, Audience::HostPage].map(|one| listen(&hub, one, Some("mine")));
        let others =
            [None, Some(""), Some("other")].map(|draft| listen(&hub, Audience::Own, draft));
        hub.tell_change(Some("mine"), &1);
        let told = ["event: mode\ndata: 0\n\n", "event: change\ndata: 1\n\n"];
        assert_eq!(
            (heard(&own), heard(&host_page)),
            (told.map(String::from).into(), told.map(String::from).into())
        );
        for other in others {
            assert_eq!(heard(&other), told[..1]);
        }
        drop(own);
        let _next = listen(&hub, Audience::Own, None);
        assert!(hub.drafts().contains("mine"));
        drop(host_page);
        // That it went away is noticed with the next one that comes.
        let _next = listen(&hub, Audience::Own, None);
        assert!(!hub.drafts().contains("mine"));
    }
}
