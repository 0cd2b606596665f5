//! Tells open pages what happened, by server-sent events.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

/// Events that wait for a page that does not read them. One that falls behind is let go: it connects anew and
/// asks for the state.
const WAITING: usize = 256;

/// A comment: it means nothing to a page.
pub(super) const PING: &str = ": \n\n";

/// Who listens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Audience {
    /// Pages of the preview itself.
    Own,
    /// Host pages. They may have scripts of anybody, so they hear that something changed and not what is in the files.
    HostPage,
}

impl Audience {
    fn hears(self, event: &str) -> bool {
        self == Self::Own || matches!(event, "change" | "mode")
    }
}

/// The pages that listen.
#[derive(Default)]
pub(super) struct Hub {
    listeners: Mutex<Vec<(Audience, SyncSender<String>)>>,
}

impl Hub {
    /// What one more listener is to be sent, in the form of the wire. It begins with how things are.
    pub(super) fn listen(
        &self,
        audience: Audience,
        event: &str,
        data: &impl Serialize,
    ) -> Receiver<String> {
        let (sender, receiver) = sync_channel(WAITING);
        // The channel is empty and its other end is here.
        let _ = message(event, data).map(|text| sender.try_send(text));
        let mut listeners = self.lock();
        // Of those that went away, nobody else says so.
        listeners.retain(|(_, listener)| listener.try_send(PING.to_owned()).is_ok());
        listeners.push((audience, sender));
        receiver
    }

    /// Tells all of them.
    pub(super) fn tell(&self, event: &str, data: &impl Serialize) {
        let Some(text) = message(event, data) else {
            return;
        };
        self.lock().retain(|(audience, listener)| {
            !audience.hears(event) || listener.try_send(text.clone()).is_ok()
        });
    }

    /// Ends all streams.
    pub(super) fn close(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Audience, SyncSender<String>)>> {
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// An event in the form of the wire.
fn message(event: &str, data: &impl Serialize) -> Option<String> {
    let data = serde_json::to_string(data).ok()?;
    Some(format!("event: {event}\ndata: {data}\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_hears_what_is_told_and_one_that_never_reads_is_let_go() {
        let hub = Hub::default();
        let hears = hub.listen(Audience::Own, "mode", &0);
        assert_eq!(hears.recv().unwrap(), "event: mode\ndata: 0\n\n");
        hub.tell("change", &1);
        assert_eq!(hears.recv().unwrap(), "event: change\ndata: 1\n\n");
        let deaf = hub.listen(Audience::Own, "mode", &0);
        for number in 0..=WAITING {
            hub.tell("change", &number);
            hears.recv().unwrap();
        }
        assert_eq!(hub.lock().len(), 1);
        drop((deaf, hears));
        let _last = hub.listen(Audience::Own, "mode", &0);
        assert_eq!(hub.lock().len(), 1);
    }

    #[test]
    fn a_host_page_does_not_hear_what_is_in_the_files() {
        let hub = Hub::default();
        let hears = hub.listen(Audience::HostPage, "mode", &0);
        hub.tell("site", &"a line of site.yaml");
        hub.tell("session", &"a request");
        hub.tell("change", &1);
        drop(hub);
        let heard: Vec<_> = hears.iter().collect();
        assert_eq!(
            heard,
            ["event: mode\ndata: 0\n\n", "event: change\ndata: 1\n\n"]
        );
    }
}
