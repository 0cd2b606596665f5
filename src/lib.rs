//! Turns one `site.yaml` into chat widgets that people paste into any website.
//!
//! The way of the data:
//!
//! ```text
//! site.yaml ──▶ Config ──check──▶ Site ┐
//! themes/ over embedded themes ─▶ Theme ┴─render─▶ Output ─write what changed─▶ dist/, snippets/, function settings
//! ```
//!
//! And back, for `import`: what is pasted ─▶ `import` ─▶ edits ─▶ `edit` ─▶ `site.yaml` with all its comments.
//!
//! What holds everywhere, so that each part can be read on its own:
//!
//! - `render` does no IO, prints nothing and never exits; the same input gives the same bytes.
//! - Nothing past `site::Site::from_config` sees `config::Config`.
//! - Nothing of a widget's session settings and no secret reaches `dist/` or `snippets/`.
//! - Only `console` prints, and only `fs` touches the disk.
//! - The function crate `session` knows nothing of this one; this one borrows its settings types.

mod advice;
mod chatkit;
mod cli;
mod commands;
mod config;
mod console;
mod edit;
mod environment;
mod explain;
mod fs;
#[cfg(fuzzing)]
pub mod fuzz;
mod hint;
mod import;
mod output;
mod placeholder;
mod preview;
mod render;
mod site;
mod theme;

pub use cli::main;
