//! The command line: arguments and dispatch, nothing else.

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::commands::{self, json};
use crate::console;

/// Turns one YAML file into OpenAI ChatKit widgets for any website.
#[derive(Parser)]
#[command(version, propagate_version = true, after_help = AFTER_HELP)]
struct Cli {
    /// Print nothing but errors and what was asked for
    #[arg(long, short, global = true, display_order = 900)]
    quiet: bool,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Build(commands::build::BuildArgs),
    Check(commands::check::CheckArgs),
    Completions(commands::completions::CompletionsArgs),
    Doctor(commands::doctor::DoctorArgs),
    Import(commands::import::ImportArgs),
    Init(commands::init::InitArgs),
    Knowledge(commands::knowledge::KnowledgeArgs),
    List(commands::list::ListArgs),
    Man(commands::man::ManArgs),
    New(commands::new::NewArgs),
    Schema(commands::schema::SchemaArgs),
    Snippet(commands::snippet::SnippetArgs),
    Theme(commands::theme::ThemeArgs),
    Watch(commands::watch::WatchArgs),
}

const AFTER_HELP: &str = "\
Exit codes:
  0  success
  1  an error in the site, a theme, a folder, the pasted options, a website or a deployed site; the message names it
  2  wrong usage";

/// Runs the command given by the process's arguments: everything that the `chatkit-embed` binary does.
#[must_use]
pub fn main() -> ExitCode {
    let Cli { quiet, command } = Cli::parse();
    if quiet {
        console::be_quiet();
    }
    let result = match command {
        Command::Build(args) => json::or_errors(args.json, || commands::build::run(&args)),
        Command::Check(args) => json::or_errors(args.json, || commands::check::run(&args)),
        Command::Completions(args) => commands::completions::run(&args, Cli::command()),
        Command::Doctor(args) => commands::doctor::run(&args),
        Command::Import(args) => commands::import::run(&args),
        Command::Init(args) => commands::init::run(args),
        Command::Knowledge(args) => commands::knowledge::run(&args),
        Command::List(args) => commands::list::run(&args),
        Command::Man(args) => commands::man::run(&args, Cli::command()),
        Command::New(args) => commands::new::run(&args),
        Command::Schema(args) => commands::schema::run(&args),
        Command::Snippet(args) => commands::snippet::run(&args),
        Command::Theme(args) => commands::theme::run(&args),
        Command::Watch(args) => commands::watch::run(args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) if err.is::<json::Told>() => ExitCode::FAILURE,
        Err(err) => match err.downcast_ref::<clap::Error>() {
            Some(usage) => usage.exit(),
            None => {
                console::error(&err);
                ExitCode::FAILURE
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }
}
