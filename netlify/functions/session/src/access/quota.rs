//! Limits on the sessions that strangers can have: per address, per visitor, and for the whole process.
//!
//! Only browsers send a truthful `Origin` header, so anybody who writes their own requests passes every origin check.
//! These limits bound what that costs the site's owner. They apply if a [`Request`] carries its client's address; on
//! Netlify the gateway counts instead, before a function runs.
//!
//! Each limit is a token bucket, kept as the generic cell rate algorithm (GCRA): one number, the time at which the
//! bucket is full again. The buckets are a fixed table, and a key finds its bucket by a hash with a random seed. So
//! memory stays the same whatever strangers send, no lock is taken, and nothing needs cleaning up. (Crates that keep
//! one entry per key grow with the number of addresses until they are swept.) Two keys that share a bucket share its
//! limit: with 1,000 addresses in the same minute, 1.5 % do.

use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::access::visitor::Visitor;
use crate::error::RequestError;
use crate::http::Request;
use crate::settings::Settings;

const PER_ADDRESS: &str = "LIMIT_SESSIONS_PER_ADDRESS";
const PER_VISITOR: &str = "LIMIT_SESSIONS_PER_VISITOR";
const NEW_VISITORS: &str = "LIMIT_NEW_VISITORS_PER_ADDRESS";
const TOTAL: &str = "LIMIT_SESSIONS_TOTAL";
const PER_VISITOR_OF_AGENTS: &str = "LIMIT_MESSAGES_PER_VISITOR";
const PER_ADDRESS_OF_AGENTS: &str = "LIMIT_MESSAGES_PER_ADDRESS";

/// Messages that one address may send to agents in a minute, unless a variable says otherwise.
pub const MESSAGES_PER_ADDRESS: u32 = 60;

/// Buckets in a table for many keys: 512 KiB.
const MANY: usize = 1 << 16;

const MINUTE: Duration = Duration::from_secs(60);

/// The limits of one process.
pub(crate) struct Quotas {
    per_address: Quota,
    new_visitors: Quota,
    per_visitor: Quota,
    total: Quota,
    messages_per_visitor: Quota,
    messages_per_address: Quota,
}

impl Quotas {
    /// The error names a variable that is not a number, and is written for the site's owner.
    pub(crate) fn from_settings(settings: &Settings) -> Result<Quotas, String> {
        let quota = |name: &'static str, default, size| {
            let text = settings.value(name);
            let per_minute = text.as_deref().map_or(Ok(default), str::parse::<u32>);
            per_minute
                .map(|per_minute| Quota::new(name, per_minute, size))
                .map_err(|_| {
                    format!(
                        "invalid `{name}`: set it to a whole number per minute, or to 0 for no limit"
                    )
                })
        };
        Ok(Quotas {
            per_address: quota(PER_ADDRESS, 20, MANY)?,
            new_visitors: quota(NEW_VISITORS, 10, MANY)?,
            per_visitor: quota(PER_VISITOR, 10, MANY)?,
            total: quota(TOTAL, 600, 1)?,
            messages_per_visitor: quota(PER_VISITOR_OF_AGENTS, 20, MANY)?,
            messages_per_address: quota(PER_ADDRESS_OF_AGENTS, MESSAGES_PER_ADDRESS, MANY)?,
        })
    }

    /// Counts a request before anything else happens.
    pub(crate) fn admit_address(&self, request: &Request) -> Result<(), RequestError> {
        let Some(client) = request.client else {
            return Ok(());
        };
        self.per_address.take(network(client))
    }

    /// Counts a session that is about to be minted for `user`. The total comes last, so that a session refused by
    /// another limit takes nothing from everybody else.
    pub(crate) fn admit_session(
        &self,
        request: &Request,
        user: &str,
        visitor: &Visitor,
    ) -> Result<(), RequestError> {
        let Some(client) = request.client else {
            return Ok(());
        };
        // A user that the host site vouches for is not a stranger, however new the browser.
        if visitor.is_known || user != visitor.user() {
            self.per_visitor.take(user)?;
        } else {
            self.new_visitors.take(network(client))?;
        }
        self.total.take(())
    }

    /// Counts a message to an agent, which costs money.
    pub(crate) fn admit_message(&self, request: &Request, user: &str) -> Result<(), RequestError> {
        let Some(client) = request.client else {
            return Ok(());
        };
        // A visitor's own limit comes first: what it refuses takes nothing from everybody else at that address.
        self.messages_per_visitor.take(user)?;
        self.messages_per_address.take(network(client))
    }
}

/// The part of an address that one customer of an internet provider has: all of IPv4, the first half of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// One limit.
struct Quota {
    /// The variable that sets it.
    name: &'static str,
    per_minute: u32,
    /// 0 without a limit.
    size: usize,
    /// Nanoseconds from `started` at which each bucket is full again. Created when first needed, because on Netlify
    /// it never is, and visitors wait for the process to start.
    full_at: OnceLock<Box<[AtomicU64]>>,
    started: Instant,
    seed: RandomState,
}

impl Quota {
    /// 0 per minute means no limit.
    fn new(name: &'static str, per_minute: u32, size: usize) -> Quota {
        Quota {
            name,
            per_minute,
            size: if per_minute == 0 { 0 } else { size },
            full_at: OnceLock::new(),
            started: Instant::now(),
            seed: RandomState::new(),
        }
    }

    fn take(&self, key: impl std::hash::Hash) -> Result<(), RequestError> {
        self.take_at(key, self.started.elapsed())
            .map_err(|wait| RequestError::RateLimited {
                retry_after: Some(wait.as_secs().max(1).to_string()),
                detail: format!(
                    "more than {} per minute; `{}` sets that limit",
                    self.per_minute, self.name
                ),
            })
    }

    /// Takes a token from the key's bucket; the error is the time until there is one. `now` counts from `started`.
    fn take_at(&self, key: impl std::hash::Hash, now: Duration) -> Result<(), Duration> {
        if self.size == 0 {
            return Ok(());
        }
        let empty = || (0..self.size).map(|_| AtomicU64::new(0)).collect();
        let full_at = self.full_at.get_or_init(empty);
        let at = self.seed.hash_one(key) as usize % self.size;
        let one = MINUTE.as_nanos() as u64 / u64::from(self.per_minute);
        let now = now.as_nanos() as u64;
        let full = |full_at: u64| full_at.max(now) + one;
        let taken = full_at[at].fetch_update(Ordering::Relaxed, Ordering::Relaxed, |before| {
            (full(before) <= now + MINUTE.as_nanos() as u64).then_some(full(before))
        });
        match taken {
            Ok(_) => Ok(()),
            Err(before) => {
                let early = full(before) - now - MINUTE.as_nanos() as u64;
                Err(Duration::from_nanos(early) + Duration::from_millis(999))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quota(per_minute: u32) -> Quota {
        Quota::new("LIMIT", per_minute, MANY)
    }

    /// Counts the requests let through, of 1,000 at this second.
    fn taken(quota: &Quota, key: &str, second: u64) -> usize {
        let now = Duration::from_secs(second);
        let all = (0..1000).map(|_| quota.take_at(key, now));
        all.filter(Result::is_ok).count()
    }

    #[test]
    fn bucket_lets_a_minutes_worth_through_at_once_and_fills_up_evenly() {
        let quota = quota(20);
        assert_eq!(taken(&quota, "a", 100), 20);
        assert_eq!(taken(&quota, "a", 102), 0);
        assert_eq!(taken(&quota, "a", 103), 1);
        assert_eq!(taken(&quota, "a", 112), 3);
        assert_eq!(taken(&quota, "a", 1000), 20);
    }

    #[test]
    fn keys_do_not_share_a_limit() {
        let quota = quota(1);
        assert_eq!(taken(&quota, "a", 0), 1);
        // By chance two of them may share a bucket.
        let others = (0..100).map(|n| taken(&quota, &n.to_string(), 0));
        assert!(others.sum::<usize>() > 95);
    }

    #[test]
    fn refusal_says_when_to_come_back_and_that_is_soon_enough() {
        let quota = quota(7);
        taken(&quota, "a", 0);
        let wait = quota.take_at("a", Duration::ZERO).unwrap_err();
        assert_eq!(wait.as_secs(), 9, "60 s / 7, rounded up");
        assert!(
            quota
                .take_at("a", Duration::from_secs(wait.as_secs()))
                .is_ok()
        );
    }

    #[test]
    fn zero_is_no_limit_and_takes_no_memory() {
        let quota = quota(0);
        assert_eq!(taken(&quota, "a", 0), 1000);
        assert!(quota.full_at.get().is_none());
    }

    #[test]
    fn largest_limit_is_a_limit() {
        assert_eq!(taken(&quota(u32::MAX), "a", u64::MAX / 4_000_000_000), 1000);
    }

    #[test]
    fn many_threads_get_no_more_than_one() {
        let quota = quota(50);
        let count = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| count.fetch_add(taken(&quota, "a", 0), Ordering::Relaxed));
            }
        });
        assert_eq!(count.into_inner(), 50);
    }

    #[test]
    fn addresses_are_counted_as_their_owners_have_them() {
        let same = |a: &str, b: &str| network(a.parse().unwrap()) == network(b.parse().unwrap());
        assert!(same("2001:db8:0:1::1", "2001:db8:0:1:ffff::2"));
        assert!(!same("2001:db8:0:1::1", "2001:db8:0:2::1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
        assert!(same("192.0.2.1", "::ffff:192.0.2.1"));
        assert!(!same("::ffff:192.0.2.1", "::ffff:192.0.2.2"));
    }

    #[test]
    fn the_readme_names_every_limit_and_its_default() {
        let settings = Settings::from_lookup(|_| None);
        let Quotas {
            per_address,
            new_visitors,
            per_visitor,
            total,
            messages_per_visitor,
            messages_per_address,
        } = Quotas::from_settings(&settings).unwrap();
        let readme = include_str!("../../../../README.md");
        for Quota {
            name, per_minute, ..
        } in [
            per_address,
            new_visitors,
            per_visitor,
            total,
            messages_per_visitor,
            messages_per_address,
        ] {
            let row = |line: &str| {
                line.starts_with(&format!("| `{name}` |"))
                    && line.ends_with(&format!("| {per_minute} |"))
            };
            assert!(readme.lines().any(row), "{name}: {per_minute}");
        }
    }

    #[test]
    fn limit_that_is_no_number_is_named() {
        for bad in ["x", "-1", "1.5", "4294967296"] {
            let settings =
                Settings::from_lookup(move |name| (name == TOTAL).then(|| bad.to_owned()));
            let error = Quotas::from_settings(&settings).err().unwrap();
            assert!(
                error.starts_with("invalid `LIMIT_SESSIONS_TOTAL`"),
                "{error}"
            );
        }
    }
}
