//! `schema`: the schema with which editors complete and explain `site.yaml`.

use anyhow::Result;
use clap::Args;

use crate::config;
use crate::console;

/// Prints the JSON Schema of `site.yaml`, for editors.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct SchemaArgs {}

const AFTER_HELP: &str = "\
Write it to a file, and name that file in the first line of `site.yaml`:
  chatkit-embed schema > .site.schema.json
  # yaml-language-server: $schema=.site.schema.json";

/// Runs the command.
///
/// # Errors
///
/// None: all commands have this signature.
pub(crate) fn run(SchemaArgs {}: &SchemaArgs) -> Result<()> {
    console::data(&format!("{:#}", config::published_schema()));
    Ok(())
}
