//! `man`: the manual, as `man` shows it.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, Command};
use clap_mangen::Man;

use crate::console;
use crate::fs;

/// Prints the manual page, or writes one page for each command.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ManArgs {
    /// Write the pages of all commands to this folder, instead of printing one
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Examples:
  chatkit-embed man | man -l -
  chatkit-embed man --out ~/.local/share/man/man1";

/// Runs the command. `whole` is the command line that is described.
///
/// # Errors
///
/// A folder that is not writable.
pub(crate) fn run(args: &ManArgs, whole: Command) -> Result<()> {
    let mut whole = whole.disable_help_subcommand(true);
    whole.build();
    let Some(folder) = &args.out else {
        console::data(page(&whole)?.trim_end());
        return Ok(());
    };
    for command in with_all_below(&whole) {
        let name = command.get_display_name().unwrap_or(command.get_name());
        let path = folder.join(format!("{name}.1"));
        fs::write_if_changed(&path, page(command)?.as_bytes())?;
        console::status("wrote", path.display());
    }
    Ok(())
}

fn page(command: &Command) -> Result<String> {
    let mut page = Vec::new();
    let written = Man::new(command.clone()).render(&mut page);
    written.context("failed to make a manual page")?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// The command and those below it, each before its own.
fn with_all_below(command: &Command) -> Vec<&Command> {
    let below = command.get_subcommands().flat_map(with_all_below);
    std::iter::once(command).chain(below).collect()
}
