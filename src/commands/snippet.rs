//! `snippet`: what to paste into a website.

use anyhow::{Result, bail};
use clap::Args;
use clap::builder::PossibleValuesParser;
use serde_json::{Map, Value, json};

use super::json::{or_errors, print};
use super::project::ProjectArgs;
use crate::console;
use crate::hint::{Hinted, closest};
use crate::render::{self, SNIPPETS, Snippet};
use crate::site::{Purpose, Site, Widget};

/// Prints what to paste into a website for one widget.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct SnippetArgs {
    /// Name of the widget
    widget: String,

    /// The snippet to print, and nothing else [default: all, each below its name]
    #[arg(value_parser = PossibleValuesParser::new(SNIPPETS))]
    kind: Option<String>,

    #[command(flatten)]
    project: ProjectArgs,

    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

const AFTER_HELP: &str = "\
Examples:
  chatkit-embed snippet support
  chatkit-embed snippet support bubble | pbcopy
  chatkit-embed snippet support --json | jq -r .snippets.inline";

/// Runs the command.
///
/// # Errors
///
/// Any error in the site or its theme, and a widget that it does not have.
pub(crate) fn run(args: &SnippetArgs) -> Result<()> {
    or_errors(args.json, || {
        let project = args.project.load(Purpose::Deploy)?;
        let site = &project.site;
        let widget = named(site, &args.widget)?;
        let mut snippets = render::snippets(site, &project.themes, widget)?;
        if let Some(kind) = &args.kind {
            snippets.retain(|snippet| snippet.kind == kind);
        }
        match (args.json, &args.kind) {
            (true, _) => print_json(site, widget, &snippets),
            (false, Some(_)) => snippets
                .iter()
                .for_each(|Snippet { code, .. }| console::data(code.trim_end())),
            (false, None) => print_all(&snippets),
        }
        Ok(())
    })
}

fn print_all(snippets: &[Snippet]) {
    let texts = snippets.iter();
    let texts = texts.map(|Snippet { kind, code }| format!("{kind}:\n{}", code.trim_end()));
    console::data(&texts.collect::<Vec<_>>().join("\n\n"));
}

fn print_json(site: &Site, widget: &Widget, snippets: &[Snippet]) {
    let codes = snippets.iter();
    let codes: Map<_, _> = codes
        .map(|Snippet { kind, code }| ((*kind).to_owned(), Value::from(code.trim_end())))
        .collect();
    let origin = site.base_url.origin();
    print(
        &json!({"ok": true, "site": origin, "errors": [], "widget": widget.name, "snippets": codes}),
    );
}

fn named<'a>(site: &'a Site, name: &str) -> Result<&'a Widget> {
    let mut widgets = site.widgets.iter();
    if let Some(widget) = widgets.find(|widget| widget.name == name) {
        return Ok(widget);
    }
    let names = site.widgets.iter().map(|widget| &*widget.name);
    let hint = match closest(name, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`list` shows the widgets".to_owned(),
    };
    bail!(Hinted::new(format!("no widget `{name}`"), hint))
}
