//! One file per command: its arguments and its `run`.

mod brands;
pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod json;
pub(crate) mod knowledge;
mod known;
pub(crate) mod list;
mod live;
pub(crate) mod man;
pub(crate) mod new;
mod project;
pub(crate) mod schema;
mod sites;
pub(crate) mod snippet;
pub(crate) mod theme;
pub(crate) mod watch;
