//! `completions`: what a shell needs to complete commands and options.

use anyhow::Result;
use clap::{Args, Command};
use clap_complete::{Shell, generate};

use crate::console;

/// Prints the completions of commands and options for a shell.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

const AFTER_HELP: &str = "\
Examples:
  chatkit-embed completions bash > ~/.local/share/bash-completion/completions/chatkit-embed
  chatkit-embed completions zsh > ~/.zfunc/_chatkit-embed      # with `fpath+=~/.zfunc` before compinit
  chatkit-embed completions fish > ~/.config/fish/completions/chatkit-embed.fish
  chatkit-embed completions powershell >> $PROFILE";

/// Runs the command. `whole` is the command line that is completed.
///
/// # Errors
///
/// None: all commands have this signature.
pub(crate) fn run(args: &CompletionsArgs, mut whole: Command) -> Result<()> {
    let name = whole.get_name().to_owned();
    let mut script = Vec::new();
    generate(args.shell, &mut whole, name, &mut script);
    console::data(String::from_utf8_lossy(&script).trim_end());
    Ok(())
}
