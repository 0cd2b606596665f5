//! `new`: adds a widget to `site.yaml` and changes nothing else there.

use anyhow::{Result, ensure};
use clap::Args;
use serde_json::json;

use super::project::{Project, ProjectArgs};
use crate::config::{BackendKind, is_name};
use crate::console;
use crate::edit::{self, Comment, Edit};
use crate::hint::Hinted;
use crate::site::Purpose;
use crate::yaml::{Problems, Source, named_character, stranger_in};

/// Adds a commented widget to `site.yaml` and changes nothing else in it.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct NewArgs {
    /// Name of the widget: lower-case letters, digits and hyphens
    #[arg(value_name = "WIDGET")]
    name: String,

    /// Back end of the widget: an OpenAI workflow, or your own ChatKit server
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
        site.widgets.iter().all(|widget| widget.name != args.name),
        Hinted::new(
            format!("widget `{}` already exists", args.name),
            "choose another name, or edit that widget"
        )
    );
    let before = &documents.sources[..1];
    edit::save(before, &[added(before, &args.name, args.backend)?])?;
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

/// `site.yaml`, the only source, with the widget.
///
/// # Errors
///
/// A file in which the change would alter something else.
fn added(sources: &[Source], name: &str, backend: BackendKind) -> Result<Source, Problems> {
    let widget = json!({
        "backend": backend.starter(),
        "chatkit": {
            "startScreen": {"greeting": "How can we help?", "prompts": []},
            "composer": {"placeholder": "Ask us anything"},
        },
        "launcher": {"label": "Chat with us"},
        "page": {"title": "Chat"},
    });
    let mut after = edit::apply(sources, &[Edit::set(&["widgets", name], widget)])?;
    let site = after.swap_remove(0);
    Ok(Source {
        text: edit::commented(&site.text, &comments(name, backend)),
        ..site
    })
}

/// An empty line above the widget, and the purpose of its sections.
fn comments(name: &str, backend: BackendKind) -> [Comment<'_>; 4] {
    let comment = |section: &[&'static str], text| Comment {
        path: [&["widgets", name], section].concat(),
        text,
    };
    let on_chatkit = "What ChatKit shows. chatkit.studio helps to find what you like.";
    [
        comment(&[], ""),
        comment(&["backend"], backend.comment()),
        comment(&["chatkit"], on_chatkit),
        comment(&["launcher"], "The button on your website."),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_widget(text: &str) -> String {
        let source = Source {
            path: "site.yaml".into(),
            text: text.to_owned(),
        };
        let added = added(&[source], "sales", BackendKind::Server);
        added.expect("a place for a widget").text
    }

    #[test]
    fn a_widget_is_added_after_the_last_one_and_nothing_else_changes() {
        for text in [
            "site: {url: x} # here\nwidgets:\n  # one\n  a:\n    backend: {type: hosted} # yes\n\n# the end\n",
            "widgets:\n    a: {}\nsite:\n    url: x\n",
            "site: {url: x}\nwidgets:\n  a:\n    text: |\n      one\n      two\n",
            "site: {url: x}\r\nwidgets:\r\n  a: {}\r\n",
            "site: {url: x}\nwidgets:\n  a: &a {}\n  b: *a\n",
            "site: {url: x}\nwidgets:\ndefaults: {}\n",
            "site: {url: x}\n",
        ] {
            let new = with_widget(text);
            let old: Vec<_> = text.split_inclusive('\n').collect();
            let mut rest = old.iter().peekable();
            let added: Vec<_> = new
                .split_inclusive('\n')
                .filter(|line| rest.next_if_eq(&line).is_none())
                .collect();
            assert!(rest.peek().is_none(), "{new}");
            let comments = added.iter().filter(|line| line.contains("# "));
            assert_eq!(comments.count(), 4, "{new}");
            let ends = |end: &str| added.iter().all(|line| line.ends_with(end));
            assert_eq!(ends("\r\n"), text.contains("\r\n"), "{new}");
        }
    }

    #[test]
    fn a_map_on_one_line_stays_on_one_line() {
        let new = with_widget("site: {url: x} # here\nwidgets: {a: {}} # one\n");
        assert!(
            new.starts_with(
                "site: {url: x} # here\nwidgets: {a: {}, sales: {backend: {type: server,"
            ),
            "{new}"
        );
        assert!(
            new.ends_with("}} # one\n") && new.lines().count() == 2,
            "{new}"
        );
    }
}
