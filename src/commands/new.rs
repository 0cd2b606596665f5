//! `new`: adds a widget to `site.yaml` and changes nothing else there.

use std::fmt::Write as _;

use anyhow::{Result, bail, ensure};
use clap::Args;

use super::project::{Project, ProjectArgs};
use crate::config::{BackendKind, is_name};
use crate::console;
use crate::edit;
use crate::hint::Hinted;
use crate::site::Purpose;
use crate::yaml::{Kind, Node, Source, named_character, stranger_in};

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
    let project = args.project.folder();
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
    let Source { text, .. } = &documents.sources[0];
    let Some(new) = inserted(text, &args.name, args.backend) else {
        bail!(Hinted::new(
            format!(
                "found no place for a widget in `{}`",
                args.project.config.display()
            ),
            format!(
                "write `widgets:` with each widget on its own lines, or create `{}` by hand",
                project
                    .join("widgets")
                    .join(format!("{}.yaml", args.name))
                    .display()
            )
        ));
    };
    let new = Source {
        path: args.project.config.clone(),
        text: new,
    };
    edit::save(&documents.sources[..1], &[new])?;
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

/// The text with the widget after the last one. `None` if that would change anything else.
fn inserted(text: &str, name: &str, backend: BackendKind) -> Option<String> {
    let mut problems = Vec::new();
    let old = Node::parse(0, text, &mut problems);
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let widgets = old.entry("widgets");
    let (at, indent, header) = match widgets {
        None => (text.len(), 2, "widgets:\n"),
        Some(entry) => match (&entry.value.kind, entry.value.entries().last()) {
            (Kind::Null, _) => (line_after(text, entry.key_place.span.end), 2, ""),
            (Kind::Map(_), Some(last)) => {
                let start = last.key_place.span.start;
                let column = start - text[..start].rfind('\n').map_or(0, |at| at + 1);
                (
                    line_after(text, last.value.place.span.end.max(last.key_place.span.end)),
                    column,
                    "",
                )
            }
            _ => return None,
        },
    };
    let mut new = text[..at].to_owned();
    if !new.is_empty() && !new.ends_with('\n') {
        new.push_str(line_end);
    }
    let widget = widget(name, backend, indent);
    for line in header.lines().chain([""]).chain(widget.lines()) {
        write!(new, "{line}{line_end}").expect("a String takes every write");
    }
    new.push_str(&text[at..]);

    let read = Node::parse(0, &new, &mut problems);
    let (before, mut after) = (old.to_value(), read.to_value());
    let added = after.get_mut("widgets")?.as_mapping_mut()?.remove(name);
    if widgets.is_none_or(|entry| matches!(entry.value.kind, Kind::Null)) {
        after.as_mapping_mut()?.remove("widgets");
    }
    (added.is_some() && problems.is_empty() && before == after).then_some(new)
}

/// The start of the line after the one that holds the byte before `at`.
fn line_after(text: &str, at: usize) -> usize {
    if at > 0 && text[..at].ends_with('\n') {
        return at;
    }
    text[at..].find('\n').map_or(text.len(), |end| at + end + 1)
}

fn widget(name: &str, backend: BackendKind, indent: usize) -> String {
    let comment = backend.comment().lines();
    let comment: String = comment.map(|line| format!("    # {line}\n")).collect();
    let starter = backend.starter();
    let settings = starter.as_object().into_iter().flatten();
    let settings = settings.filter_map(|(key, value)| Some((key, value.as_str()?)));
    let backend: String = settings
        .map(|(key, value)| format!("      {key}: {value}\n"))
        .collect();
    let backend = format!("{comment}    backend:\n{backend}");
    let text = format!(
        "  {name}:\n{backend}    # What ChatKit shows. chatkit.studio helps to find what you like.\n    chatkit:\n      \
         startScreen:\n        greeting: How can we help?\n        prompts: []\n      \
         composer:\n        placeholder: Ask us anything\n    # The button on your website.\n    launcher:\n      \
         label: Chat with us\n    page:\n      title: Chat\n"
    );
    let more = " ".repeat(indent.saturating_sub(2));
    text.lines().map(|line| format!("{more}{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(text: &str) -> Option<String> {
        inserted(text, "sales", BackendKind::Server)
    }

    #[test]
    fn a_widget_is_added_after_the_last_one_and_nothing_else_changes() {
        for text in [
            "site: {url: x} # here\nwidgets:\n  # one\n  a:\n    backend: {type: hosted} # yes\n\n# the end\n",
            "widgets:\n    a: {}\nsite:\n    url: x\n",
            "site: {url: x}\nwidgets:\n  a:\n    text: |\n      one\n      two\n",
            "site: {url: x}\r\nwidgets:\r\n  a: {}\r\n",
            "site: {url: x}\nwidgets:\n  a: &a {}\n  b: *a",
            "site: {url: x}\nwidgets:\ndefaults: {}\n",
            "site: {url: x}\n",
        ] {
            let new = added(text).unwrap_or_else(|| panic!("no place in {text:?}"));
            let without: String = {
                let start = new.find("  sales:").unwrap();
                assert!(new[start..].contains("type: server"));
                new[..start].trim_end().to_owned()
            };
            assert!(
                text.starts_with(without.trim_end_matches("widgets:").trim_end()),
                "{new}"
            );
            assert_eq!(new.contains("\r\n"), text.contains("\r\n"));
        }
    }

    #[test]
    fn a_place_that_would_change_something_else_is_refused() {
        assert_eq!(added("site: {url: x}\nwidgets: {a: {}}\n"), None);
        assert_eq!(added("{site: {url: x}}\n"), None);
    }
}
