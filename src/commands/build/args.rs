//! The arguments of `build`.

use std::path::PathBuf;

use clap::Args;

use crate::commands::project::ProjectArgs;

/// Renders every page, loader and snippet, and writes the files that changed.
///
/// If the site has an error, nothing is written. Files of removed widgets are deleted; files that this command did
/// not write are never touched.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    pub(super) project: ProjectArgs,

    /// Output folder for the files to deploy [default: `dist` next to FILE]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,

    /// Output folder for the snippets to copy [default: `snippets` next to FILE]
    #[arg(long, value_name = "DIR")]
    pub(super) snippets: Option<PathBuf>,

    #[command(flatten)]
    pub(super) programs: ProgramArgs,

    /// Build every site below `sites/`: `sites/NAME/site.yaml`, each into its own folder
    #[arg(long, conflicts_with_all = ["config", "base_url", "out", "snippets", "function", "server", "pack"])]
    pub(super) all: bool,

    /// Print one JSON document: what was written, or the errors
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is written for whoever runs the function.
#[derive(Args)]
pub(super) struct ProgramArgs {
    /// Write the function for Netlify or AWS Lambda: a program that holds the site's settings [default, if
    /// `netlify.toml` is next to the site's file: `netlify/functions/session` there]
    #[arg(long, value_name = "FILE")]
    pub(super) function: Option<PathBuf>,

    /// Write the whole deployment as one program for x86-64 Linux, with all published files: `PORT=8080 ./FILE` serves it
    #[arg(long, value_name = "FILE")]
    pub(super) server: Option<PathBuf>,

    /// Write the site's settings alone, for a program that finds them by the variable `SITE_PACK`
    #[arg(long, value_name = "FILE")]
    pub(super) pack: Option<PathBuf>,

    /// The function without a site, to write these programs from [default: the one inside this program, or in a checkout
    /// the one that cargo has built]
    #[arg(long, value_name = "FILE")]
    pub(super) program: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Examples:
  chatkit-embed build
  chatkit-embed build --base-url http://localhost:8080 --out /tmp/dist
  chatkit-embed build --server chat && PORT=8080 ./chat
  chatkit-embed build --json | jq .dist.written
  chatkit-embed build --all

Variables are read from the environment, then from `.env` next to FILE.";

impl ProgramArgs {
    /// Whether the next build may find that there is nothing to do: nobody remembers a server or a pack.
    pub(super) fn are_remembered(&self) -> bool {
        self.server.is_none() && self.pack.is_none()
    }
}

impl BuildArgs {
    /// The same for another site, in its own folders.
    pub(super) fn at(&self, config: PathBuf) -> Self {
        Self {
            project: ProjectArgs::at(config),
            out: None,
            snippets: None,
            programs: ProgramArgs {
                function: None,
                server: None,
                pack: None,
                program: self.programs.program.clone(),
            },
            all: false,
            json: self.json,
        }
    }
}
