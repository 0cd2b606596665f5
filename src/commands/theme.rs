//! `theme`: lists the themes and their variables, and copies their files to change.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use super::project::{Project, ProjectArgs};
use crate::config::{Draft, ThemeFile, read_sources};
use crate::console;
use crate::fs;
use crate::hint::{Hinted, closest};
use crate::site::{Purpose, Variable};
use crate::theme::{DEFAULT, Theme, about, names};

/// Lists the themes and their variables, and copies their files for you to change.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ThemeArgs {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Examples:
  chatkit-embed theme list
  chatkit-embed theme variables
  chatkit-embed theme eject looks/launcher.css templates/partials";

#[derive(Subcommand)]
enum Command {
    List(ListArgs),
    Variables(VariablesArgs),
    Eject(EjectArgs),
}

/// Lists the themes: the embedded ones and the project's own.
#[derive(Args)]
struct ListArgs {
    /// The site's file
    #[arg(long, value_name = "FILE", default_value = "site.yaml")]
    config: PathBuf,
}

/// Lists what `site.variables` can set in the site's theme, with the current values.
#[derive(Args)]
struct VariablesArgs {
    #[command(flatten)]
    project: ProjectArgs,
}

/// Copies files of the site's theme into the project, where they replace the embedded ones.
///
/// Without FILE: lists the files that can be copied. A folder means all files in it.
#[derive(Args)]
#[command(after_help = EJECT_HELP)]
struct EjectArgs {
    /// Files and folders of the theme, such as `templates/404.html`
    #[arg(value_name = "FILE")]
    files: Vec<String>,

    /// Name of the theme, if not the site's
    #[arg(long, value_name = "NAME")]
    theme: Option<String>,

    /// Overwrite existing files
    #[arg(long)]
    force: bool,

    /// The site's file
    #[arg(long, value_name = "FILE", default_value = "site.yaml")]
    config: PathBuf,
}

const EJECT_HELP: &str = "\
Examples:
  chatkit-embed theme eject
  chatkit-embed theme eject looks/launcher.css templates/partials
  chatkit-embed theme eject --theme midnight looks/page.css

Copy as little as you can: a copied file no longer receives updates.
For a colour, a corner or a font, set `site.variables` instead.";

/// Runs the command.
///
/// # Errors
///
/// A site that cannot be read, an unknown theme or file, and a file that would be overwritten.
pub(crate) fn run(args: &ThemeArgs) -> Result<()> {
    match &args.command {
        Command::List(args) => list(args),
        Command::Variables(args) => variables(args),
        Command::Eject(args) => eject(args),
    }
}

fn list(args: &ListArgs) -> Result<()> {
    let folder = themes_beside(&args.config);
    let draft = Draft::parse(read_sources(&args.config)?);
    let used = draft.theme().unwrap_or(DEFAULT);
    for name in names(&folder)? {
        let theme = Theme::own(Some(&folder), &name)?;
        let file = ThemeFile::from_layers(&theme.settings());
        let text = file.description.unwrap_or_default();
        console::status(&name, text.trim());
        let is_embedded = Theme::own(None, &name)?.files().next().is_some();
        let own = folder.join(&name);
        let from = match (is_embedded, own.is_dir()) {
            (true, false) => "embedded".to_owned(),
            (true, true) => format!("embedded, under `{}`", own.display()),
            (false, _) => format!("`{}`", own.display()),
        };
        let is_used = if name == used { "; this site's" } else { "" };
        console::status("", format_args!("{from}{is_used}"));
    }
    Ok(())
}

fn variables(args: &VariablesArgs) -> Result<()> {
    let Project { site, .. } = args.project.load(Purpose::Preview)?;
    for (name, variable) in site.variables.iter() {
        let Variable {
            description,
            value,
            is_set,
        } = variable;
        let from = if *is_set { ", set by the site" } else { "" };
        console::data(&format!("{name}: {}", value.to_yaml()));
        console::data(&format!("  {}{from}. {description}", value.kind()));
    }
    Ok(())
}

fn eject(args: &EjectArgs) -> Result<()> {
    let folder = themes_beside(&args.config);
    let draft = Draft::parse(read_sources(&args.config)?);
    let name = args.theme.as_deref();
    let name = name.or(draft.theme()).unwrap_or(DEFAULT);
    // A theme that only the project has is valid, but there is nothing to copy.
    Theme::load(&folder, name)?;
    let files = embedded(name)?;
    if args.files.is_empty() {
        list_files(&files);
        return Ok(());
    }
    let mut chosen = BTreeMap::new();
    for wanted in &args.files {
        for (path, bytes) in choose(wanted, &files)? {
            chosen.insert(folder.join(name).join(path), bytes);
        }
    }
    if !args.force
        && let Some(path) = chosen.keys().find(|path| path.exists())
    {
        bail!(Hinted::new(
            format!("`{}` already exists", path.display()),
            "nothing was copied; --force replaces it"
        ));
    }
    for (path, bytes) in chosen {
        fs::write_if_changed(&path, bytes)?;
        console::status("copied", path.display());
    }
    Ok(())
}

/// Files by path, with their bytes.
type Files = BTreeMap<String, Vec<u8>>;

/// The files of the theme as embedded in the binary.
fn embedded(name: &str) -> Result<Files> {
    let mut files = Files::new();
    for theme in [Theme::own(None, DEFAULT)?, Theme::own(None, name)?] {
        let own = theme.files();
        files.extend(own.map(|(path, bytes)| (path.to_owned(), bytes.to_vec())));
    }
    Ok(files)
}

/// The file with this path, or all files of a folder.
fn choose<'a>(wanted: &str, files: &'a Files) -> Result<Vec<(&'a String, &'a Vec<u8>)>> {
    let wanted = wanted.trim_end_matches('/');
    let folder = format!("{wanted}/");
    let is_meant = |path: &str| path == wanted || path.starts_with(&folder);
    let found: Vec<_> = files.iter().filter(|(path, _)| is_meant(path)).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    // People remember the name of a file better than its folders.
    let same_name = |path: &&str| path.rsplit('/').next() == wanted.rsplit('/').next();
    let mut paths = files.keys().map(String::as_str);
    let near = paths
        .clone()
        .find(same_name)
        .or_else(|| closest(wanted, paths.by_ref()));
    let hint = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "run the command without FILE to list what can be copied".to_owned(),
    };
    bail!(Hinted::new(format!("the theme has no `{wanted}`"), hint));
}

fn list_files(files: &Files) {
    let width = files.keys().map(String::len).max().unwrap_or_default();
    for (path, bytes) in files {
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        console::data(format!("{path:width$}  {}", about(path, text)).trim_end());
    }
}

fn themes_beside(config: &Path) -> PathBuf {
    config.parent().unwrap_or(Path::new("")).join("themes")
}
