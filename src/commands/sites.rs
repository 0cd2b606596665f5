//! `--all`: the same command for every site below `sites/`.

use std::path::{Path, PathBuf};

use anyhow::{Error, Result, ensure};
use serde_json::{Value, json};

use super::json;
use crate::console;
use crate::environment::Environment;
use crate::fs;
use crate::hint::Hinted;
use crate::site::BaseUrl;

/// Where the sites are.
const SITES: &str = "sites/*/site.yaml";

/// What a command did for one site.
pub(super) struct Done {
    /// A line about it.
    pub(super) summary: String,
    /// The document that it prints for this site alone. Its `ok` tells whether it was successful.
    pub(super) document: Value,
}

/// Runs a command for every site, and prints a line about each. An error in one keeps none of the others from it.
///
/// # Errors
///
/// No site, or errors in some. They were printed already.
pub(super) fn each(is_json: bool, one: impl Fn(PathBuf) -> Result<Done>) -> Result<()> {
    refuse_one_address()?;
    let configs = fs::matching(Path::new(""), SITES)?;
    ensure!(
        !configs.is_empty(),
        Hinted::new(
            format!("no `{SITES}`"),
            "`--all` is for many sites, each in its own folder below `sites/`; leave it out for a single one"
        )
    );
    let mut documents = Vec::with_capacity(configs.len());
    let mut failed = 0;
    for config in configs {
        let name = name_of(&config);
        let mut document = match one(config) {
            Ok(Done { summary, document }) => {
                console::status(&name, summary);
                document
            }
            Err(err) => {
                console::status(&name, "has errors");
                told(&err, is_json);
                json::failed(&err)
            }
        };
        if document["ok"] != true {
            failed += 1;
        }
        document["name"] = name.into();
        documents.push(document);
    }
    let count = documents.len();
    if is_json {
        json::print(&json!({"ok": failed == 0, "errors": [], "sites": documents}));
        return match failed {
            0 => Ok(()),
            _ => Err(json::Told.into()),
        };
    }
    ensure!(failed == 0, "{failed} of {count} sites failed");
    Ok(())
}

fn told(err: &Error, is_json: bool) {
    if !is_json {
        console::error(err);
    }
}

/// The folder of a site, below `sites/`.
fn name_of(config: &Path) -> String {
    let folder = config.parent().and_then(Path::file_name);
    folder.unwrap_or_default().to_string_lossy().into_owned()
}

/// Refuses an address from the environment, which every site would have.
fn refuse_one_address() -> Result<()> {
    let outside = BaseUrl::from_outside(None, &Environment::default());
    ensure!(
        matches!(outside, Ok(None)),
        Hinted::new(
            "an address in the environment would be that of all sites",
            "unset `BASE_URL` and `URL`: each site has its own `site.url`"
        )
    );
    Ok(())
}
