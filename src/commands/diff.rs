//! `diff`: what a build would change for visitors.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::json;
use super::project::ProjectArgs;
use crate::console;
use crate::diff::{
    Addresses, Changed, Changes, Comparison, Costs, Directive, Header, Setting, Shared, Size, Sizes,
};
use crate::edit::Tag;
use crate::site::{Purpose, Site};

/// Entries of a list that are shown before the rest is counted. `--json` has all.
const MOST: usize = 20;

/// Longer values are cut, in characters.
const LONGEST_VALUE: usize = 60;

/// Shows what a build would change for visitors, compared with the last build, and writes nothing.
///
/// Names the options, policies and headers that change, what pages weigh before and after, and addresses that disappear.
/// Widgets that change alike are listed together, and a file that widgets share is listed once. What only the function
/// knows, such as instructions and knowledge, is not in the folder and is not compared.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct DiffArgs {
    #[command(flatten)]
    project: ProjectArgs,

    /// Folder of the last build [default: `dist` next to FILE]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Print one JSON document: all changes, or the errors
    #[arg(long)]
    pub(crate) json: bool,
}

const AFTER_HELP: &str = "\
Examples:
  chatkit-embed diff
  chatkit-embed diff --quiet && echo nothing to deploy
  chatkit-embed diff --json | jq -r '.removed[].addresses[]'

Exit codes:
  0  a build would change nothing
  1  a build would change something
  2  an error, or wrong usage";

/// Runs the command.
///
/// # Errors
///
/// Whatever `build` would refuse, and an earlier build that cannot be read.
pub(crate) fn run(args: &DiffArgs) -> Result<Changes> {
    let project = args.project.load(Purpose::Deploy)?;
    let folder = match &args.out {
        Some(folder) => folder.clone(),
        None => args.project.folder().join("dist"),
    };
    let mut comparison = Comparison::new(&folder)?;
    project.render(Vec::new(), &mut comparison)?;
    let changes = comparison.finish()?;
    let folder = folder.display().to_string();
    if args.json {
        print_json(&project.site, &folder, &changes)?;
    } else {
        tell(&project.site, &folder, &changes);
    }
    Ok(changes)
}

fn print_json(site: &Site, folder: &str, changes: &Changes) -> Result<()> {
    let mut document = json!({
        "ok": true,
        "site": site.base_url.origin(),
        "errors": [],
        "folder": folder,
        "changes": !changes.is_empty(),
    });
    if let (Some(document), serde_json::Value::Object(changes)) =
        (document.as_object_mut(), serde_json::to_value(changes)?)
    {
        document.extend(changes);
    }
    json::print(&document);
    Ok(())
}

fn tell(site: &Site, folder: &str, changes: &Changes) {
    if changes.is_first {
        console::status(
            "diff",
            format_args!("no build in `{folder}`: everything is new"),
        );
    }
    if changes.is_empty() {
        console::status("diff", "a build would change nothing");
    }
    each(&alike(&changes.changed), "kinds of change", |kind| {
        console::difference(Tag::Place, "changed", &of_widgets(kind));
    });
    each(&changes.added, "new widgets", |widget| {
        console::difference(Tag::Added, "added", &added(site, widget));
    });
    each(&changes.removed, "widgets that disappear", |widget| {
        console::difference(Tag::Removed, "removed", &removed(widget));
    });
    // All of a first build is new.
    if !changes.is_first {
        each(&changes.shared, "shared files", |shared| {
            console::difference(Tag::Place, "shared", &of_shared(shared));
        });
        each(&changes.headers, "headers", |header| {
            console::difference(Tag::Place, "headers", &of_header(header));
        });
    }
    let Changes {
        added,
        removed,
        changed,
        unchanged,
        ..
    } = changes;
    console::status(
        "widgets",
        format_args!(
            "{} changed, {} added, {} removed, {unchanged} unchanged; compared with `{folder}`",
            changed.len(),
            added.len(),
            removed.len()
        ),
    );
}

/// For the owner of a name that was removed.
const LEFT_BEHIND: &str = "after the next deploy, pages that still hold its snippet show nothing; remove it there, or add the \
                           name to `aliases`";

/// Prints the first entries and counts the others.
fn each<T>(all: &[T], what: &str, print: impl Fn(&T)) {
    all.iter().take(MOST).for_each(print);
    let more = all.len().saturating_sub(MOST);
    if more > 0 {
        let text = format!("and {more} more {what}; `--json` has all");
        console::difference(Tag::Same, "…", &text);
    }
}

/// Widgets that change alike, with the lines about it.
type Alike<'a> = (Vec<String>, Vec<&'a Changed>);

fn of_widgets((lines, widgets): &Alike<'_>) -> String {
    let names = widgets.iter().map(|widget| widget.name.clone());
    let lines = [&[console::first(names)], &lines[..], &costs(widgets)];
    lines.concat().join("\n")
}

/// The widgets by the lines about what changes, in the order of their names.
fn alike(changed: &[Changed]) -> Vec<Alike<'_>> {
    let mut kinds: BTreeMap<Vec<String>, Vec<&Changed>> = BTreeMap::new();
    for widget in changed {
        kinds.entry(lines(widget)).or_default().push(widget);
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, widgets)| &*widgets[0].name);
    kinds
}

/// Everything about a widget but sizes.
fn lines(widget: &Changed) -> Vec<String> {
    let Changed {
        name,
        options,
        policy,
        headers,
        other,
        added,
        removed,
        bytes: _,
    } = widget;
    let mut lines: Vec<_> = options.iter().take(MOST).map(of_option).collect();
    match options.len().saturating_sub(MOST) {
        0 => {}
        more => lines.push(format!("and {more} more options")),
    }
    lines.extend(policy.iter().map(of_policy));
    // Alike for all widgets.
    let without_name = |text: String| text.replace(&format!("/w/{name}"), "/w/…");
    lines.extend(headers.iter().map(|header| without_name(of_header(header))));
    lines.extend(other.iter().map(|file| match *file {
        "page" => "the HTML of its page changes".to_owned(),
        "settings" => "its settings change in a way that has no name".to_owned(),
        file => format!("its {file} changes"),
    }));
    lines.extend(
        added
            .iter()
            .map(|at| without_name(format!("new address: {at}"))),
    );
    lines.extend(
        removed
            .iter()
            .map(|at| without_name(format!("address that disappears: {at}"))),
    );
    lines
}

fn of_option(
    Setting {
        name,
        before,
        after,
    }: &Setting,
) -> String {
    let is_list = |value: &Option<serde_json::Value>| {
        value.as_ref().is_some_and(|value| {
            value
                .as_array()
                .is_some_and(|list| list.iter().all(|item| item.is_string()))
        })
    };
    if is_list(before) && is_list(after) {
        let texts = [before, after].map(|value| {
            let list = value.iter().flat_map(|value| value.as_array());
            let texts = list.flatten().filter_map(|item| item.as_str());
            texts.map(str::to_owned).collect::<Vec<_>>()
        });
        let but = |one: usize, other: usize| {
            let texts = texts[one]
                .iter()
                .filter(|text| !texts[other].contains(text));
            texts.cloned().collect::<Vec<_>>()
        };
        let (removed, added) = (but(0, 1), but(1, 0));
        if !added.is_empty() || !removed.is_empty() {
            return format!("{name}:{}", sources(&added, &removed));
        }
    }
    format!("{name}: {} → {}", shown(before), shown(after))
}

/// Where a build has no value, and the theme, ChatKit or the host decides.
const NOT_SET: &str = "not set";

/// A value as JSON, in which no character can confuse a terminal.
fn shown(value: &Option<serde_json::Value>) -> String {
    let Some(value) = value else {
        return NOT_SET.to_owned();
    };
    cut(&value.to_string())
}

fn cut(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let mut short: String = text.chars().take(LONGEST_VALUE).map(plain).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn of_policy(
    Directive {
        directive,
        added,
        removed,
    }: &Directive,
) -> String {
    format!("policy {directive}:{}", sources(added, removed))
}

fn sources(added: &[String], removed: &[String]) -> String {
    let list = |sign: &str, texts: &[String]| match texts {
        [] => String::new(),
        texts => {
            let texts = texts.iter().map(|text| format!("{sign}{}", cut(text)));
            format!(" {}", console::first(texts))
        }
    };
    list("+", added) + &list("-", removed)
}

fn of_header(
    Header {
        path,
        name,
        before,
        after,
    }: &Header,
) -> String {
    let value = |text: &Option<String>| text.as_deref().map_or_else(|| NOT_SET.to_owned(), cut);
    format!("{path} {name}: {} → {}", value(before), value(after))
}

/// What widgets that change alike cost: those of one widget, or of the one that grows most.
fn costs(widgets: &[&Changed]) -> Vec<String> {
    let most = match widgets.len() {
        1 => "",
        _ => ", where it grows most",
    };
    let of = |what: &str, cost: fn(&Costs) -> Option<Sizes>| {
        let all = widgets.iter().filter_map(|widget| cost(&widget.bytes));
        let growth = |sizes: &Sizes| sizes.after.gzip as i64 - sizes.before.gzip as i64;
        let sizes = all.max_by_key(growth)?;
        Some(format!(
            "{what}: {}{most}",
            of_sizes(sizes.before, sizes.after)
        ))
    };
    let lines = [
        of("loader, on every host page", |costs| costs.loader),
        of("panel", |costs| costs.panel),
        of("page", |costs| costs.page),
    ];
    lines.into_iter().flatten().collect()
}

fn of_sizes(before: Size, after: Size) -> String {
    format!(
        "{} → {} bytes, {} → {} after gzip",
        before.bytes, after.bytes, before.gzip, after.gzip
    )
}

fn added(site: &Site, Addresses { name, addresses }: &Addresses) -> String {
    let list = visited(addresses);
    let mut served = site.served();
    let widget = served.find(|widget| widget.name == *name);
    match widget.and_then(|widget| widget.alias_of.as_ref()) {
        Some(widget) => format!("{name}, an earlier name of {widget}: {list}"),
        None => format!("{name}: {list}"),
    }
}

/// The addresses that people and snippets use; scripts fetch the others.
fn visited(addresses: &[String]) -> String {
    let visited = addresses.iter();
    let visited = visited.filter(|address| !address.ends_with("/settings.js"));
    visited.cloned().collect::<Vec<_>>().join(", ")
}

fn removed(Addresses { name, addresses }: &Addresses) -> String {
    format!("{name}: {}\n{LEFT_BEHIND}", visited(addresses))
}

fn of_shared(shared: &Shared) -> String {
    let Shared {
        file,
        gone,
        new,
        widgets,
        before,
        after,
    } = shared;
    let place = match (widgets, gone, new) {
        (Some(1), ..) => ", in one loader".to_owned(),
        (Some(widgets), ..) => format!(", in {widgets} loaders"),
        (None, 1, 1) => String::new(),
        (None, 0, _) => ", new".to_owned(),
        (None, _, 0) => ", not used any more".to_owned(),
        (None, gone, new) => format!(", {gone} → {new} files"),
    };
    format!("{file}{place}: {}", of_sizes(*before, *after))
}
