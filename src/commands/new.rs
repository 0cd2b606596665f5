//! `new`: adds a widget to `site.yaml` and changes nothing else there.

use anyhow::{Result, ensure};
use clap::Args;

use super::project::{Project, ProjectArgs};
use crate::config::{BackendKind, is_name};
use crate::console;
use crate::edit;
use crate::hint::Hinted;
use crate::init::{self, Starter};
use crate::site::Purpose;
use crate::yaml::{named_character, stranger_in};

/// Adds a commented widget to `site.yaml` and changes nothing else in it.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct NewArgs {
    /// Name of the widget: lower-case letters, digits and hyphens
    #[arg(value_name = "WIDGET")]
    name: String,

    /// Back end of the widget: what answers
    #[arg(long, value_enum, default_value_t)]
    backend: BackendKind,

    #[command(flatten)]
    project: ProjectArgs,
}

const AFTER_HELP: &str = "\
Examples:
  chatkit-embed new sales
  chatkit-embed new sales --backend hosted";

/// Runs the command.
///
/// # Errors
///
/// A site that has errors already, a name that is taken, and a file with no place for a widget.
pub(crate) fn run(args: &NewArgs) -> Result<()> {
    check_name(&args.name)?;
    let Project {
        site, documents, ..
    } = args.project.load(Purpose::Preview)?;
    ensure!(
        site.served().all(|widget| widget.name != args.name),
        Hinted::new(
            format!("widget `{}` already exists", args.name),
            "choose another name, or edit that widget"
        )
    );
    let before = &documents.sources[..1];
    let starter = Starter {
        name: &args.name,
        kind: args.backend,
        backend: args.backend.starter(),
        title: "Chat",
        comment: "",
    };
    edit::save(before, &[init::added(before, &starter)?])?;
    console::status(
        "added",
        format_args!("`{}` to {}", args.name, args.project.config.display()),
    );
    Ok(())
}

/// # Errors
///
/// An invalid widget name.
pub(super) fn check_name(name: &str) -> Result<()> {
    let title = format!("`{name}` is not a valid widget name");
    let title = match stranger_in(name) {
        Some(c) => format!("unexpected {}: {title}", named_character(c)),
        None => title,
    };
    let hint =
        "use 1 to 64 lower-case letters, digits and hyphens: the name becomes part of addresses";
    ensure!(is_name(name), Hinted::new(title, hint));
    Ok(())
}
