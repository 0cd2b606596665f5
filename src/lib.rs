//! Turns one `site.yaml` into chat widgets that people paste into any website.
//!
//! The flow of data:
//!
//! ```text
//! site.yaml ──▶ Config ──check──▶ Site ┐
//! themes/ over embedded themes ─▶ Theme ┴─render─▶ files ─write what changed─▶ dist/, snippets/, function settings
//! ```
//!
//! And back, for `import`: pasted code ─▶ `import` ─▶ edits ─▶ `edit` ─▶ `site.yaml` with all its comments.
//!
//! `check --live` compares: site ─▶ `live` ─▶ a deployed site ─▶ findings.
//!
//! `diff` compares the same files with those of the last build: render ─▶ `diff` ─▶ changes.
//!
//! `knowledge pull` goes the same way: a website ─▶ `pull` ─▶ Markdown files, which `knowledge` reads.
//!
//! Floors, from the ground up; a module imports only from floors below its own, and files never import in a circle:
//! `chatkit hint html price fs environment yaml knowledge logo pull config edit console theme site placeholder advice explain
//! import output function render live diff phases project init publish preview commands cli`
//!
//! Invariants, so that each part can be read on its own (a test reads this page and enforces them):
//!
//! - `render` and `site` touch no file, print nothing and never exit: the same input gives the same bytes.
//! - Nothing but `site::Site` sees `config::Config`.
//! - Only `console` prints. Only `fs` uses `std::fs`.
//! - `yaml` knows none of our keys.
//! - The function crate `session` knows nothing of this one; this one borrows its settings types.
//! - No secret reaches `dist/` or `snippets/`; `output` refuses an API key, wherever it comes from.

mod advice;
mod chatkit;
mod cli;
mod commands;
mod config;
mod console;
mod diff;
mod edit;
mod environment;
mod explain;
mod fs;
mod function;
#[cfg(fuzzing)]
pub mod fuzz;
mod hint;
mod html;
mod import;
mod init;
mod knowledge;
mod live;
mod logo;
mod output;
#[doc(hidden)]
pub mod phases;
mod placeholder;
mod preview;
mod price;
mod project;
mod publish;
mod pull;
mod render;
mod site;
mod theme;
mod yaml;

pub use cli::main;
