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
    Diff(commands::diff::DiffArgs),
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
  1  an error in the site, a theme, a folder, the pasted options, a website or a deployed site; the message names it; from `diff`: something changes
  2  wrong usage; from `diff`: any error";

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
        Command::Diff(args) => return exit_code_of_diff(&args),
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
        Err(err) => match err.downcast_ref::<clap::Error>() {
            Some(usage) => usage.exit(),
            None => {
                tell(&err);
                ExitCode::FAILURE
            }
        },
    }
}

/// As for `diff` and `cmp`: scripts tell a difference from an error.
fn exit_code_of_diff(args: &commands::diff::DiffArgs) -> ExitCode {
    match json::or_errors(args.json, || commands::diff::run(args)) {
        Ok(changes) => ExitCode::from(u8::from(!changes.is_empty())),
        Err(err) => {
            tell(&err);
            ExitCode::from(2)
        }
    }
}

fn tell(err: &anyhow::Error) {
    if !err.is::<json::Told>() {
        console::error(err);
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
