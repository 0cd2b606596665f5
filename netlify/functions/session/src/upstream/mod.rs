//! How OpenAI is reached: where its name leads, and when it is left alone.

pub(crate) mod breaker;
pub(crate) mod names;
