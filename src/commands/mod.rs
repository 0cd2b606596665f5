//! One file per command: its arguments and its `run`.

pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod import;
mod knowledge;
pub(crate) mod new;
mod project;
pub(crate) mod schema;
pub(crate) mod theme;
pub(crate) mod watch;
