//! The connection to OpenAI: the addresses behind its name, and rests after failures.

pub(crate) mod breaker;
pub(crate) mod names;
pub(crate) mod slices;
