//! Tells open pages what happened, by server-sent events.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// Events that wait for a page that does not read them. One that falls behind is let go: it connects anew and
/// asks for the state.
const WAITING: usize = 256;

/// A comment: it means nothing to a page.
pub(super) const PING: &str = ": \n\n";

/// The pages that listen.
#[derive(Default)]
pub(super) struct Hub {
    listeners: Mutex<Vec<SyncSender<String>>>,
}

impl Hub {
    /// What one more listener is to be sent, in the form of the wire. It begins with how things are.
    pub(super) fn listen(&self, event: &str, data: &impl Serialize) -> Receiver<String> {
        let (sender, receiver) = sync_channel(WAITING);
        // The channel is empty and its other end is here.
        let _ = message(event, data).map(|text| sender.try_send(text));
        let mut listeners = self.lock();
        // Of those that went away, nobody else says so.
        listeners.retain(|listener| listener.try_send(PING.to_owned()).is_ok());
        listeners.push(sender);
        receiver
    }

    /// Tells all of them.
    pub(super) fn tell(&self, event: &str, data: &impl Serialize) {
        let Some(text) = message(event, data) else {
            return;
        };
        self.lock()
            .retain(|listener| listener.try_send(text.clone()).is_ok());
    }

    /// Ends all streams.
    pub(super) fn close(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<SyncSender<String>>> {
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
        let hears = hub.listen("mode", &0);
        assert_eq!(hears.recv().unwrap(), "event: mode\ndata: 0\n\n");
        hub.tell("change", &1);
        assert_eq!(hears.recv().unwrap(), "event: change\ndata: 1\n\n");
        let deaf = hub.listen("mode", &0);
        for number in 0..=WAITING {
            hub.tell("change", &number);
            hears.recv().unwrap();
        }
        assert_eq!(hub.lock().len(), 1);
        drop((deaf, hears));
        let _last = hub.listen("mode", &0);
        assert_eq!(hub.lock().len(), 1);
    }
}
