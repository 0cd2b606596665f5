//! Stops asking an upstream for a moment after repeated failures, so that visitors get an error at once, and the
//! upstream is not flooded by everybody who has waited when it recovers.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Failures in a row after which the upstream rests.
const PATIENCE: u32 = 5;
/// The length of a rest. After it, one request tries the upstream; the others follow once that one succeeds.
const REST: Duration = Duration::from_secs(1);

/// The state of one upstream, shared by all requests.
pub(crate) struct Breaker {
    started: Instant,
    /// Failures in a row.
    failures: AtomicU32,
    /// In milliseconds from `started`.
    rests_until: AtomicU64,
}

impl Breaker {
    pub(crate) fn new() -> Breaker {
        Breaker {
            started: Instant::now(),
            failures: AtomicU32::new(0),
            rests_until: AtomicU64::new(0),
        }
    }

    /// Returns whether the upstream may be asked now. After a rest, only the first caller may, until it succeeds.
    pub(crate) fn allows(&self) -> bool {
        self.allows_at(self.started.elapsed())
    }

    fn allows_at(&self, now: Duration) -> bool {
        if self.failures.load(Ordering::Acquire) < PATIENCE {
            return true;
        }
        let until = self.rests_until.load(Ordering::Acquire);
        let now = now.as_millis() as u64;
        now >= until
            && self
                .rests_until
                .compare_exchange(until, after(now), Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
    }

    /// Records the outcome of a request.
    pub(crate) fn report(&self, succeeded: bool) {
        self.report_at(succeeded, self.started.elapsed());
    }

    fn report_at(&self, succeeded: bool, now: Duration) {
        if succeeded {
            return self.failures.store(0, Ordering::Release);
        }
        self.rests_until
            .store(after(now.as_millis() as u64), Ordering::Release);
        let more = |count: u32| Some(count.saturating_add(1));
        let _ = self
            .failures
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, more);
    }
}

fn after(now: u64) -> u64 {
    now + REST.as_millis() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn failed(count: u32) -> Breaker {
        let breaker = Breaker::new();
        for _ in 0..count {
            assert!(breaker.allows_at(at(10)));
            breaker.report_at(false, at(10));
        }
        breaker
    }

    #[test]
    fn upstream_that_fails_repeatedly_rests_for_a_second() {
        let breaker = failed(PATIENCE);
        assert!(!breaker.allows_at(at(10)));
        assert!(!breaker.allows_at(at(1009)));
        assert!(breaker.allows_at(at(1010)));
    }

    #[test]
    fn failures_with_a_success_between_them_are_no_reason_to_rest() {
        let breaker = failed(PATIENCE - 1);
        breaker.report_at(true, at(11));
        breaker.report_at(false, at(12));
        assert!(breaker.allows_at(at(12)));
    }

    #[test]
    fn one_request_tries_whether_the_upstream_is_back_before_the_others_do() {
        let breaker = failed(PATIENCE);
        assert!(breaker.allows_at(at(2000)));
        assert!(!breaker.allows_at(at(2000)));
        breaker.report_at(true, at(2100));
        assert!(breaker.allows_at(at(2100)) && breaker.allows_at(at(2100)));

        let breaker = failed(PATIENCE);
        assert!(breaker.allows_at(at(2000)));
        breaker.report_at(false, at(2100));
        assert!(!breaker.allows_at(at(3099)));
        // One whose answer never comes does not keep the others waiting.
        assert!(breaker.allows_at(at(3100)));
        assert!(!breaker.allows_at(at(3101)) && breaker.allows_at(at(4100)));
    }
}
