//! `new`: adds a widget to `site.yaml` and changes nothing else there.

use std::path::Path;

use anyhow::{Result, ensure};
use clap::Args;

use super::project::{Project, ProjectArgs};
use crate::config::{BackendKind, Documents, is_name};
use crate::console;
use crate::edit;
use crate::hint::Hinted;
use crate::init::{self, Language, NewWidget, Owner, Starter, Template};
use crate::site::Purpose;
use crate::yaml::{Node, named_character, stranger_in};

/// Adds a commented widget to `site.yaml` and changes nothing else in it.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct NewArgs {
    /// Name of the widget: lower-case letters, digits and hyphens
    #[arg(value_name = "WIDGET")]
    name: String,

    /// What the chat is for: decides its texts, prompts and instructions
    #[arg(long, value_enum, default_value_t)]
    template: Template,

    /// Language of the texts; that of the first widget if you leave it out, or English
    #[arg(long, value_enum)]
    language: Option<Language>,

    /// Back end of the widget: what answers
    #[arg(long, value_enum, default_value_t)]
    backend: BackendKind,

    #[command(flatten)]
    project: ProjectArgs,
}

const AFTER_HELP: &str = "\
Examples:
  chatkit-embed new shop --template sales
  chatkit-embed new hilfe --template support --language de
  chatkit-embed new help --backend server";

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
    let owner = owner(&documents, args.project.folder());
    let usual = args.template.or_english(owner.language);
    let language = args.language.unwrap_or(usual);
    let Starter { widget, .. } = args.template.starter(language, args.backend, &owner.name)?;
    let new = NewWidget {
        name: &args.name,
        kind: args.backend,
        widget,
        comment: "",
    };
    edit::save(before, &[init::added(before, &new)?])?;
    console::status(
        "added",
        format_args!("`{}` to {}", args.name, args.project.config.display()),
    );
    Ok(())
}

/// Whom the site belongs to, as far as its files tell.
fn owner(documents: &Documents, folder: &Path) -> Owner {
    let section = |name| documents.root.get(name);
    let widgets = section("widgets").map_or(&[][..], Node::entries);
    let first = widgets.first().map(|entry| &entry.value);
    let json = |node: Option<&Node>| node.map(Node::to_json).unwrap_or_default();
    Owner::of(
        &json(section("site")),
        &json(first.or(section("defaults"))),
        folder,
    )
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
