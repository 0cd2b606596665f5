//! `import`: turns pasted options into a widget's `chatkit:` options, and an export of Agent Builder into its back end.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, ensure};
use clap::Args;
use serde_json::{Value, json};

use super::new::check_name;
use super::project::{Project, ProjectArgs};
use crate::config::{BackendKind, read_sources, written};
use crate::console;
use crate::edit::{self, Edit};
use crate::fs;
use crate::hint::Hinted;
use crate::import::{self, Imported, MAX_SIZE, Target};
use crate::site::{Purpose, Site};
use crate::yaml::{Node, Source};

/// Turns an export of chatkit.studio, or the ChatKit options of a code base, into a widget's `chatkit` options; and an
/// export of Agent Builder (Code > Agents SDK > TypeScript) into its back end, an agent.
///
/// Reads JavaScript, TypeScript and JSON without running any of it. Existing settings stay unless the paste sets them.
/// Shows the difference, and everything that could not be imported. Secrets are neither shown nor written.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ImportArgs {
    /// File with the options or the export, or `-` for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Name of the widget, which may be new; not needed if there is only one
    #[arg(long, value_name = "WIDGET")]
    widget: Option<String>,

    /// Agent that answers, if an export of Agent Builder has several: its name, or its variable
    #[arg(long, value_name = "AGENT")]
    agent: Option<String>,

    /// Back end of the widget, if it is new
    #[arg(long, value_enum, default_value_t)]
    backend: BackendKind,

    /// Show the changes without making them
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    project: ProjectArgs,
}

const AFTER_HELP: &str = "\
Examples:
  chatkit-embed import chatkit.ts
  chatkit-embed import --dry-run --widget sales src/lib/config.ts
  chatkit-embed import agent.ts --widget support --agent \"Returns agent\"
  pbpaste | chatkit-embed import - --widget sales";

/// Runs the command.
///
/// # Errors
///
/// A site that has errors already, and a paste that cannot be read, with its line.
pub(crate) fn run(args: &ImportArgs) -> Result<()> {
    let text = read_paste(&args.file)?;
    let project = args.project.load(Purpose::Preview)?;
    let before = read_sources(&args.project.config)?;
    let name = widget_name(args, &project.site)?;
    let in_widgets = |node: &crate::yaml::Node| {
        let widget = node.get("widgets")?.get(&name)?;
        Some(widget.to_json())
    };
    let written = in_widgets(&written(&before)).unwrap_or_default();
    let is_new = project
        .site
        .widgets
        .iter()
        .all(|widget| widget.name != name);
    let merged = match in_widgets(&project.documents.root) {
        Some(merged) => merged,
        None => new_widget(&project, args.backend),
    };
    let target = Target {
        widget: &name,
        written: &written,
        merged: &merged,
        agent: args.agent.as_deref(),
    };
    let Imported {
        mut edits,
        notes,
        is_agent,
    } = import::read(&text, &shown(&args.file), &target)?;
    let is_other = args.backend != BackendKind::Agent;
    ensure!(
        !(is_agent && is_new && is_other),
        Hinted::new(
            "an export of Agent Builder becomes a widget with `type: agent`",
            "leave `--backend` out"
        )
    );
    let inherits = project.documents.root.get("defaults");
    let inherits = inherits.is_some_and(|defaults| defaults.get("backend").is_some());
    if is_new && !inherits {
        let backend = merged["backend"].clone();
        edits.insert(0, Edit::set(&["widgets", &name, "backend"], backend));
    }
    let after = edit::apply(&before, &edits)?;
    // The schema of the options cannot see everything: the whole site must be valid.
    args.project.check(after.clone(), Purpose::Preview)?;
    for note in &notes {
        let place = format_args!("{}:{}", shown(&args.file), note.line);
        console::note(place, &note.message);
    }
    save(args, &name, &before, &after)
}

/// Shows what changes, and saves it unless it is a dry run.
fn save(args: &ImportArgs, name: &str, before: &[Source], after: &[Source]) -> Result<()> {
    for (before, after) in changed(before, after) {
        console::diff(&after.path, &edit::diff(&before.text, &after.text));
    }
    let label = match (args.dry_run, before == after) {
        (_, true) => "no change",
        (true, false) => "dry run",
        (false, false) => "imported",
    };
    if !args.dry_run {
        edit::save(before, after)?;
    }
    console::status(label, format_args!("`{name}`"));
    Ok(())
}

fn changed<'a>(
    before: &'a [Source],
    after: &'a [Source],
) -> impl Iterator<Item = (&'a Source, &'a Source)> {
    let pairs = before.iter().zip(after);
    pairs.filter(|(before, after)| before.text != after.text)
}

fn shown(file: &Path) -> String {
    match file.to_str() {
        Some("-") => "standard input".to_owned(),
        _ => file.display().to_string(),
    }
}

fn read_paste(file: &Path) -> Result<String> {
    let bytes = match file.to_str() {
        Some("-") => fs::read_input(MAX_SIZE)?,
        _ => fs::read(file)?,
    };
    if bytes.len() > MAX_SIZE {
        // The cut may be inside a character. The text is refused either way, as too long.
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    String::from_utf8(bytes).map_err(|err| {
        let at = err.utf8_error().valid_up_to();
        anyhow!("`{}` is not UTF-8 text, at byte {at}", shown(file))
    })
}

fn widget_name(args: &ImportArgs, site: &Site) -> Result<String> {
    let Some(name) = &args.widget else {
        let [only] = site.widgets.as_slice() else {
            let names: Vec<_> = site
                .widgets
                .iter()
                .map(|widget| widget.name.as_str())
                .collect();
            return Err(Hinted::new(
                "which widget are these options for?",
                format!(
                    "pass --widget NAME: `{}`, or a new name",
                    names.join("`, `")
                ),
            )
            .into());
        };
        return Ok(only.name.clone());
    };
    check_name(name)?;
    Ok(name.clone())
}

/// The start of a new widget: its back end, from the site's defaults or the command line.
fn new_widget(project: &Project, backend: BackendKind) -> Value {
    let defaults = project.documents.root.get("defaults").map(Node::to_json);
    let backend = match defaults.as_ref().map(|defaults| &defaults["backend"]) {
        Some(Value::Object(inherited)) => inherited.clone().into(),
        _ => backend.starter_with_files(),
    };
    json!({ "backend": backend })
}
