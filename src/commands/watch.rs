//! `watch`: preview the site, edit it, copy its snippets.

use std::io::IsTerminal as _;

use anyhow::Result;
use clap::Args;

use super::project::ProjectArgs;
use crate::preview::{self, Options};

/// The port of the preview.
pub(super) const PORT: u16 = 3000;

/// Previews the site on this machine, with a studio to edit the widgets and copy their code.
///
/// Nothing is written to `dist`. Pages follow each change of `site.yaml`, `widgets/`, `themes/` and `.env`. Without
/// OPENAI_API_KEY a stand-in chat answers, so that you can try everything.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct WatchArgs {
    #[command(flatten)]
    project: ProjectArgs,

    /// Port of the preview; if it is in use, the next free one
    #[arg(long, default_value_t = PORT)]
    port: u16,

    /// Address to listen on; 0.0.0.0 lets a phone on the same network open the preview, and turns saving off
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: String,

    /// Do not open the browser (it only opens from a terminal)
    #[arg(long)]
    no_open: bool,

    /// Your own page to try the widgets on: its address, or an HTML file
    ///
    /// With a file, the scripts, styles, images, fonts and videos next to it are served too, unless --host lets
    /// others in.
    #[arg(long, value_name = "URL|FILE")]
    host_page: Option<String>,

    /// Poll for changes, for network drives and containers without file events
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
/// A host or a port that is not available, and files that cannot be watched.
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
