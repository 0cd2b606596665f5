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

/// The time in UTC, such as `2026-11-26T18:54:10.484Z`.
pub(crate) fn iso() -> String {
    let now = UNIX_EPOCH + since_epoch().min(LAST);
    humantime::format_rfc3339_millis(now).to_string()
}

/// The end of the year 9999, counted from 1970: the last that this format can express.
const LAST: Duration = Duration::from_secs(253_402_300_799);

/// Milliseconds since `start`, rounded to the microsecond.
pub(crate) fn millis_since(start: Instant) -> f64 {
    start.elapsed().as_micros() as f64 / 1000.0
}

/// Zero before 1970, because such a clock is wrong.
fn since_epoch() -> Duration {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default()
}
