//! Looks up the upstream's addresses. ureq's own resolver starts a thread for each call; here a literal address is
//! used at once, and a name is looked up every 30 seconds, by one thread for everybody who waits.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Lifetime of a name's addresses.
const KEPT: Duration = Duration::from_secs(30);
/// Most names that are kept; an upstream has one, and so does a proxy.
const MAX_NAMES: usize = 16;
/// Most addresses of a name, which is ureq's own limit.
const MAX_ADDRESSES: usize = 16;

type Lookup = fn(&str) -> io::Result<Vec<SocketAddr>>;

/// Looks up names and keeps the results.
#[derive(Debug)]
pub(crate) struct Names {
    lookup: Lookup,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    by_name: Mutex<HashMap<String, Name>>,
    changed: Condvar,
}

/// The state of a name with its port.
#[derive(Debug)]
enum Name {
    /// A thread is looking it up.
    Asked,
    Found(Vec<SocketAddr>, Instant),
    /// Reported to everybody who waited; the next caller tries again.
    Failed(io::ErrorKind, String),
}

impl Default for Names {
    fn default() -> Names {
        Names::with(|name| Ok(name.to_socket_addrs()?.take(MAX_ADDRESSES).collect()))
    }
}

impl Names {
    fn with(lookup: Lookup) -> Names {
        Names {
            lookup,
            shared: Arc::default(),
        }
    }

    /// The addresses of a name with its port; `None` after `patience`.
    fn find(&self, name: &str, patience: Duration) -> io::Result<Option<Vec<SocketAddr>>> {
        let mut by_name = self.shared.lock();
        let is_kept = match by_name.get(name) {
            Some(Name::Asked) => true,
            Some(Name::Found(_, since)) => since.elapsed() < KEPT,
            Some(Name::Failed(..)) | None => false,
        };
        if !is_kept {
            if by_name.len() >= MAX_NAMES {
                by_name.retain(|_, name| matches!(name, Name::Asked));
            }
            self.ask(name)?;
            by_name.insert(name.to_owned(), Name::Asked);
        }
        let is_asked = |by_name: &mut HashMap<_, _>| matches!(by_name.get(name), Some(Name::Asked));
        let wait = self
            .shared
            .changed
            .wait_timeout_while(by_name, patience, is_asked);
        let (by_name, _) = wait.unwrap_or_else(PoisonError::into_inner);
        match by_name.get(name) {
            Some(Name::Found(addresses, _)) => Ok(Some(addresses.clone())),
            Some(Name::Failed(kind, message)) => Err(io::Error::new(*kind, message.clone())),
            Some(Name::Asked) | None => Ok(None),
        }
    }

    /// Starts the thread that looks it up. The thread waits for the lock, so the name is marked before it is found.
    fn ask(&self, name: &str) -> io::Result<()> {
        let (lookup, shared, name) = (self.lookup, Arc::clone(&self.shared), name.to_owned());
        let thread = Builder::new().name("names".to_owned());
        thread.spawn(move || {
            let found = match lookup(&name) {
                Ok(addresses) => Name::Found(addresses, Instant::now()),
                Err(err) => Name::Failed(err.kind(), err.to_string()),
            };
            shared.lock().insert(name, found);
            shared.changed.notify_all();
        })?;
        Ok(())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Name>> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        _: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let name = uri.scheme().zip(uri.authority());
        let name = name.and_then(|(scheme, host)| DefaultResolver::host_and_port(scheme, host));
        let name = name.ok_or_else(|| Error::BadUri(uri.to_string()))?;
        let addresses = match name.parse() {
            Ok(address) => vec![address],
            Err(_) => {
                let found = self.find(&name, *timeout.after)?;
                found.ok_or(Error::Timeout(timeout.reason))?
            }
        };
        let mut resolved = self.empty();
        for address in addresses.into_iter().take(MAX_ADDRESSES) {
            resolved.push(address);
        }
        match resolved.is_empty() {
            true => Err(Error::HostNotFound),
            false => Ok(resolved),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn name_is_looked_up_once_for_all_who_ask_within_half_a_minute() {
        static LOOKUPS: AtomicUsize = AtomicUsize::new(0);
        let names = Names::with(|_| {
            LOOKUPS.fetch_add(1, Ordering::Relaxed);
            Ok(vec![([192, 0, 2, 1], 443).into()])
        });
        thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| {
                    let found = names.find("a.example:443", 10 * SECOND).unwrap();
                    assert_eq!(found.unwrap(), [([192, 0, 2, 1], 443).into()]);
                });
            }
        });
        assert_eq!(LOOKUPS.load(Ordering::Relaxed), 1);
        for number in 0..100 {
            names
                .find(&format!("a{number}.example:443"), 10 * SECOND)
                .unwrap();
        }
        assert!(names.shared.lock().len() <= MAX_NAMES);
    }

    #[test]
    fn lookup_that_hangs_is_waited_for_no_longer_than_asked_and_started_once() {
        static LOOKUPS: AtomicUsize = AtomicUsize::new(0);
        let names = Names::with(|_| {
            LOOKUPS.fetch_add(1, Ordering::Relaxed);
            loop {
                thread::park();
            }
        });
        let started = Instant::now();
        for _ in 0..3 {
            let found = names.find("a.example:443", SECOND / 20).unwrap();
            assert_eq!(found, None);
        }
        assert!(started.elapsed() >= SECOND * 3 / 20);
        assert!(LOOKUPS.load(Ordering::Relaxed) <= 1);
    }

    #[test]
    fn name_that_was_not_found_is_looked_up_again() {
        static LOOKUPS: AtomicUsize = AtomicUsize::new(0);
        let names = Names::with(|_| match LOOKUPS.fetch_add(1, Ordering::Relaxed) {
            0 => Err(io::Error::other("no such name")),
            _ => Ok(vec![([192, 0, 2, 1], 443).into()]),
        });
        let error = names.find("a.example:443", 10 * SECOND).unwrap_err();
        assert_eq!(error.to_string(), "no such name");
        assert!(names.find("a.example:443", 10 * SECOND).unwrap().is_some());
    }
}
