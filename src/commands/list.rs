//! `list`: the widgets of a site.

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::json::{or_errors, print};
use super::project::ProjectArgs;
use crate::console;
use crate::render::SNIPPETS;
use crate::site::{Purpose, Site, Widget};

/// Lists the widgets: what answers, the address of the page, and the kinds of snippet.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    project: ProjectArgs,

    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

const AFTER_HELP: &str = "\
Examples:
  chatkit-embed list
  chatkit-embed list --json | jq -r '.widgets[].page'";

/// Runs the command.
///
/// # Errors
///
/// Any error in the site or its theme.
pub(crate) fn run(args: &ListArgs) -> Result<()> {
    or_errors(args.json, || {
        let site = args.project.load(Purpose::Preview)?.site;
        match args.json {
            true => print_json(&site),
            false => print_lines(&site),
        }
        Ok(())
    })
}

fn print_lines(site: &Site) {
    let lengths = site.widgets.iter().map(|widget| widget.name.len());
    let width = lengths.max().unwrap_or_default();
    let kinds = SNIPPETS.join(" ");
    for widget in &site.widgets {
        let (name, backend) = (&widget.name, widget.backend.kind().name());
        let page = page(site, widget);
        console::data(&format!("{name:width$}  {backend:6}  {page}  {kinds}"));
    }
}

fn print_json(site: &Site) {
    let root = site.base_url.root();
    let widgets = site.widgets.iter().map(|widget| {
        json!({
            "name": widget.name,
            "title": widget.page.title,
            "backend": widget.backend.kind().name(),
            "page": page(site, widget),
            "loader": format!("{root}/w/{}.js", widget.name),
            "snippets": SNIPPETS,
        })
    });
    let widgets: Vec<_> = widgets.collect();
    let origin = site.base_url.origin();
    print(&json!({"ok": true, "site": origin, "errors": [], "widgets": widgets}));
}

/// The address of a widget's page.
fn page(site: &Site, widget: &Widget) -> String {
    format!("{}/w/{}/", site.base_url.root(), widget.name)
}
