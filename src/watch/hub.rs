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
    /// What one more listener is to be sent, in the form of the wire.
    pub(super) fn listen(&self) -> Receiver<String> {
        let (sender, receiver) = sync_channel(WAITING);
        let mut listeners = self.lock();
        // Of those that went away, nobody else says so.
        listeners.retain(|listener| listener.try_send(PING.to_owned()).is_ok());
        listeners.push(sender);
        receiver
    }

    /// Tells all of them.
    pub(super) fn tell(&self, event: &str, data: &impl Serialize) {
        let Ok(data) = serde_json::to_string(data) else {
            return;
        };
        let text = format!("event: {event}\ndata: {data}\n\n");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_hears_what_is_told_and_one_that_never_reads_is_let_go() {
        let hub = Hub::default();
        let hears = hub.listen();
        hub.tell("change", &1);
        assert_eq!(hears.recv().unwrap(), "event: change\ndata: 1\n\n");
        let deaf = hub.listen();
        for number in 0..=WAITING {
            hub.tell("change", &number);
            hears.recv().unwrap();
        }
        assert_eq!(hub.lock().len(), 1);
        drop((deaf, hears));
        let _last = hub.listen();
        assert_eq!(hub.lock().len(), 1);
    }
}
