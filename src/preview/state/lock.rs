//! Locks that survive a panic: one request that fails must not end all others.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Waits for a lock and takes it.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
