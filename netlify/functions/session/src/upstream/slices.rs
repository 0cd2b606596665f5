//! Waits for an upstream in slices, so that nothing is waited for longer than anybody wants it.
//!
//! While a body is silent, reading it fails with [`ErrorKind::WouldBlock`] after each [`SLICE`], and may simply be
//! repeated: in between, the reader can see whether anybody still waits for the answer. Waiting for the head goes on
//! until its time is up, the process is about to end, or [nobody waits](end_with) any longer.

use std::cell::RefCell;
use std::fmt;
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, NextTimeout, Transport, time,
};
use ureq::{Error, Timeout};

/// The longest wait for the next byte of a body.
pub(crate) const SLICE: Duration = Duration::from_millis(250);

thread_local! {
    /// Set once nobody waits any longer for the call that this thread makes.
    static ENDED: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
}

/// From now on, calls of this thread end soon after `ended` is set. (ureq has no way to end one from outside.)
pub(crate) fn end_with(ended: Arc<AtomicBool>) {
    ENDED.set(Some(ended));
}

fn has_ended() -> bool {
    ENDED.with_borrow(|ended| {
        ended
            .as_ref()
            .is_some_and(|ended| ended.load(Ordering::Acquire))
    })
}

/// Wraps each connection of another connector.
#[derive(Debug)]
pub(crate) struct Slices {
    /// `true` once the process is about to end.
    pub(crate) stopped: Arc<AtomicBool>,
}

impl<In: Transport> Connector<In> for Slices {
    type Out = Sliced<In>;

    fn connect(
        &self,
        _: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Sliced<In>>, Error> {
        let sliced = |inner| Sliced {
            inner,
            stopped: Arc::clone(&self.stopped),
        };
        Ok(chained.map(sliced))
    }
}

/// A connection that is read in slices.
pub(crate) struct Sliced<T> {
    inner: T,
    stopped: Arc<AtomicBool>,
}

impl<T: Transport> fmt::Debug for Sliced<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: Transport> Transport for Sliced<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let until = Instant::now().checked_add(*timeout.after);
        loop {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let slice = left.map_or(SLICE, |left| left.min(SLICE));
            let after = time::Duration::Exact(slice);
            match self.inner.await_input(NextTimeout { after, ..timeout }) {
                Err(Error::Timeout(_)) if left.is_none_or(|left| left > slice) => {
                    if timeout.reason == Timeout::RecvBody {
                        return Err(Error::Io(ErrorKind::WouldBlock.into()));
                    }
                    if self.stopped.load(Ordering::Acquire) || has_ended() {
                        return Err(Error::Io(ErrorKind::Interrupted.into()));
                    }
                }
                outcome => return outcome,
            }
        }
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}
