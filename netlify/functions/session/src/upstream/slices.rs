//! Waits for an upstream in slices: while a body is silent, reading it fails with [`ErrorKind::WouldBlock`] after each
//! [`SLICE`], and may simply be repeated. In between, the reader can see whether anybody still waits for the answer.

use std::fmt;
use std::io::ErrorKind;
use std::time::Duration;

use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, NextTimeout, Transport, time,
};
use ureq::{Error, Timeout};

/// The longest wait for the next byte of a body.
const SLICE: Duration = Duration::from_millis(250);

/// Wraps each connection of another connector.
#[derive(Debug)]
pub(crate) struct Slices;

impl<In: Transport> Connector<In> for Slices {
    type Out = Sliced<In>;

    fn connect(
        &self,
        _: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Sliced<In>>, Error> {
        Ok(chained.map(Sliced))
    }
}

/// A connection whose body is read in slices.
pub(crate) struct Sliced<T>(T);

impl<T: Transport> fmt::Debug for Sliced<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: Transport> Transport for Sliced<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.0.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        if timeout.reason != Timeout::RecvBody || *timeout.after <= SLICE {
            return self.0.await_input(timeout);
        }
        let after = time::Duration::Exact(SLICE);
        match self.0.await_input(NextTimeout { after, ..timeout }) {
            Err(Error::Timeout(_)) => Err(Error::Io(ErrorKind::WouldBlock.into())),
            outcome => outcome,
        }
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}
