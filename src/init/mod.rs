//! A project of your own: answers to six questions ─▶ files ─▶ a folder that every command works in.
//!
//! `init` asks on a terminal, and `watch` on a page; both write the same files by this module.

mod answers;
mod files;
mod owner;
mod starters;
mod widget;
mod write;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use serde_json::Value;

pub(crate) use answers::{Answers, color, default_name, name, website};
pub(crate) use files::Host;
pub(crate) use owner::Owner;
pub(crate) use starters::{Language, Starter, Template};
pub(crate) use widget::{NewWidget, added};
pub(crate) use write::Written;

use crate::fs;
use crate::hint::Hinted;
use files::SITE;

/// The name of the generator's package at npm.
const PACKAGE: &str = "chatkit-embed";

/// Makes a project in `folder`, which is created if it is missing. Existing files are kept.
///
/// # Errors
///
/// A folder that has a `site.yaml`, one that is not writable, and a full disk. Nothing new is left there then.
pub(crate) fn create(folder: &Path, answers: &Answers, hosts: &[Host]) -> Result<Written> {
    refuse_site(folder)?;
    write::write(folder, &files::of(answers, hosts, is_npm(folder))?)
}

/// # Errors
///
/// A folder that has a site.
pub(crate) fn refuse_site(folder: &Path) -> Result<()> {
    ensure!(
        !fs::is_taken(&folder.join(SITE)),
        Hinted::new(
            format!("`{}` already exists", shown(folder, SITE).display()),
            "nothing was written; change that site with `watch`, or name another folder"
        )
    );
    Ok(())
}

/// Returns whether this is where [`create`] would put a site, and nothing is there.
pub(crate) fn is_new(config: &Path) -> bool {
    config.file_name().is_some_and(|name| name == SITE) && !fs::is_taken(config)
}

/// A file of a project as people name it.
pub(crate) fn shown(folder: &Path, path: &str) -> PathBuf {
    match folder == Path::new(".") {
        true => path.into(),
        false => folder.join(path),
    }
}

/// Returns whether npm installs the generator in this folder. A `package.json` that cannot be read says nothing.
pub(crate) fn is_npm(folder: &Path) -> bool {
    let bytes = fs::read_if_exists(&folder.join("package.json"));
    let package: Option<Value> = bytes
        .ok()
        .flatten()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let has = |key: &str| {
        package
            .as_ref()
            .is_some_and(|package| package[key].get(PACKAGE).is_some())
    };
    has("dependencies") || has("devDependencies")
}
