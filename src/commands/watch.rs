//! `watch`: see it, shape it, copy it.

use std::io::IsTerminal as _;

use anyhow::Result;
use clap::Args;

use super::project::ProjectArgs;
use crate::preview::{self, Options};

/// Shows the site on this machine, with a page to shape the widgets and copy their code.
///
/// Nothing is written to `dist`. Pages follow each change of `site.yaml`, `widgets/`, `themes/` and `.env`. Without
/// OPENAI_API_KEY a stand-in chat answers, so that everything can be tried.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct WatchArgs {
    #[command(flatten)]
    project: ProjectArgs,

    /// Port of the page; if it is in use, the next that is free
    #[arg(long, default_value_t = 3000)]
    port: u16,

    /// Address to listen on; 0.0.0.0 lets a phone on the same network look, and switches saving off
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: String,

    /// Do not open the browser (it is opened from a terminal only)
    #[arg(long)]
    no_open: bool,

    /// Your own page to try the widgets on: its address, or an HTML file
    ///
    /// With a file, the scripts, styles, images, fonts and films of its folder are served as well, unless --host lets others look.
    #[arg(long, value_name = "URL|FILE")]
    host_page: Option<String>,

    /// Look through the folders again and again, for network drives and containers that tell nothing
    #[arg(long)]
    poll: bool,
}

const AFTER_HELP: &str = "\
Examples:
  chatkit-embed watch
  chatkit-embed watch --port 8080 --no-open
  chatkit-embed watch --host-page https://www.example.com/
  chatkit-embed watch --host 0.0.0.0";

/// Runs the command until Ctrl-C.
///
/// # Errors
///
/// A host or a port that can not be had, and files that can not be watched.
pub(crate) fn run(args: WatchArgs) -> Result<()> {
    let WatchArgs {
        project,
        port,
        host,
        no_open,
        host_page,
        poll,
    } = args;
    let (config, base_url) = project.into_parts();
    preview::run(&Options {
        config,
        base_url,
        host,
        port,
        open: !no_open && std::io::stdout().is_terminal(),
        poll,
        host_page,
    })
}
