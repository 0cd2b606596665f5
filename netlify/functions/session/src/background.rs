//! Work that goes on after a reply: on threads of its own, so many and no more.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::Duration;

/// Most threads at once.
const MOST: usize = 64;
/// Stack of a thread, in bytes: little is nested.
const STACK: usize = 256 * 1024;

/// All of it.
#[derive(Default)]
pub(crate) struct Background {
    running: Arc<Running>,
    /// `true` if the process goes on between requests.
    awake: AtomicBool,
}

#[derive(Default)]
struct Running {
    count: Mutex<usize>,
    fewer: Condvar,
}

/// A place among them, which is free again once this is dropped.
struct Place(Arc<Running>);

impl Background {
    /// From now on, the process goes on between requests. Elsewhere it may be frozen as soon as a reply is sent, so
    /// whoever starts something has to wait for it before.
    pub(crate) fn stay_awake(&self) {
        self.awake.store(true, Ordering::Relaxed);
    }

    /// Returns whether the process goes on between requests.
    pub(crate) fn is_awake(&self) -> bool {
        self.awake.load(Ordering::Relaxed)
    }

    /// Starts something. Fails, in words for the site's owner, if too much is running or the system has no thread.
    pub(crate) fn start(&self, work: impl FnOnce() + Send + 'static) -> Result<(), String> {
        let place = self.running.place();
        let place = place.ok_or_else(|| format!("{MOST} others have not arrived yet"))?;
        let thread = Builder::new().stack_size(STACK).spawn(move || {
            let _place = place;
            work();
        });
        thread
            .map(drop)
            .map_err(|err| format!("failed to start a thread: {err}"))
    }

    /// Waits until nothing is running, but not for long.
    pub(crate) fn finish(&self, patience: Duration) {
        let count = self.running.count();
        let any = |count: &mut usize| *count > 0;
        drop(self.running.fewer.wait_timeout_while(count, patience, any));
    }
}

impl Running {
    fn count(&self) -> MutexGuard<'_, usize> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(self: &Arc<Self>) -> Option<Place> {
        let mut count = self.count();
        let is_free = *count < MOST;
        is_free.then(|| {
            *count += 1;
            Place(Arc::clone(self))
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *self.0.count() -= 1;
        self.0.fewer.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn so_much_is_started_and_no_more_and_the_end_waits_for_it() {
        let background = Background::default();
        let (go, wait) = channel::<()>();
        let wait = Arc::new(Mutex::new(wait));
        for _ in 0..MOST {
            let wait = Arc::clone(&wait);
            let work = move || _ = wait.lock().unwrap_or_else(PoisonError::into_inner).recv();
            background.start(work).unwrap();
        }
        let error = background.start(|| ()).unwrap_err();
        assert!(error.contains("64 others"), "{error}");
        background.finish(Duration::from_millis(1));
        assert_eq!(*background.running.count(), MOST, "the end is not endless");
        drop(go);
        background.finish(Duration::from_secs(10));
        assert_eq!(*background.running.count(), 0);
        background.start(|| panic!("on purpose")).unwrap();
        background.finish(Duration::from_secs(10));
        assert_eq!(*background.running.count(), 0, "a panic leaves its place");
    }
}
