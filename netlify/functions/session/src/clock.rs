//! The time of day, as used in logs and tokens.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Unix time in seconds.
pub(crate) fn unix_seconds() -> u64 {
    since_epoch().as_secs()
}

/// Unix time in milliseconds.
pub(crate) fn unix_millis() -> u64 {
    since_epoch().as_millis() as u64
}

/// Milliseconds since `start`, rounded to the microsecond.
pub(crate) fn millis_since(start: Instant) -> f64 {
    start.elapsed().as_micros() as f64 / 1000.0
}

/// Zero before 1970, because such a clock is wrong.
fn since_epoch() -> Duration {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default()
}
