//! One file per command: its arguments and its `run`.

pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod new;
pub(crate) mod schema;
