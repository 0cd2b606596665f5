//! A logo that somebody gives to the studio: checked as `build` checks it, and written next to `site.yaml`.

use std::path::Path;

use anyhow::{Result, bail};
use serde_json::json;

use crate::fs;
use crate::hint::Hinted;
use crate::logo;
use crate::preview::http::{Reply, Request};
use crate::preview::state::Preview;

/// Logos that a folder can have under names of ours. Nobody needs so many.
const MOST: usize = 50;

/// The reply: `name`, for `brand.logo`.
///
/// The name is ours, so that no request decides which file is written, and a file that exists is never changed.
///
/// # Errors
///
/// Bytes that are no logo, and a file that cannot be written.
pub(super) fn keep(preview: &Preview, request: &Request) -> Result<Reply, Reply> {
    let name = save(preview, &request.body)?;
    Ok(Reply::json(200, &json!({"name": name})))
}

/// Writes a logo next to `site.yaml`, and returns its name.
///
/// # Errors
///
/// The same.
pub(super) fn save(preview: &Preview, bytes: &[u8]) -> Result<String, Reply> {
    let ending = logo::ending_of(bytes).map_err(|why| refused(&why))?;
    let folder = preview.place.config.parent().unwrap_or(Path::new(""));
    // Two at once would choose the same name.
    let _alone = preview.saving();
    write(folder, ending, bytes).map_err(|err| Reply::error(500, "failed", &format!("{err:#}")))
}

fn refused(why: &anyhow::Error) -> Reply {
    let hint = Hinted::find(why);
    let hint = hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
    Reply::error(400, "not_a_logo", &format!("this file {why:#}{hint}"))
}

/// Writes a new file, unless one with these bytes exists. Returns its name.
fn write(folder: &Path, ending: &str, bytes: &[u8]) -> Result<String> {
    for number in 1..=MOST {
        let name = match number {
            1 => format!("logo.{ending}"),
            number => format!("logo-{number}.{ending}"),
        };
        let path = folder.join(&name);
        if !fs::is_taken(&path) {
            fs::write_if_changed(&path, bytes)?;
            return Ok(name);
        }
        if !fs::is_link(&path) && fs::holds(&path, bytes)? {
            return Ok(name);
        }
    }
    bail!("`logo-{MOST}.{ending}` and all names before it are taken; remove some")
}
