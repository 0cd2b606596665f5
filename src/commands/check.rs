//! `check`: the errors of a site, and what its owner still has to do.

use anyhow::{Result, bail};
use clap::Args;
use serde_json::Value;

use super::project::{Project, ProjectArgs};
use super::sites::{self, Done};
use super::{brands, json, known, live};
use crate::advice::{self, Advice};
use crate::config::Documents;
use crate::console;
use crate::explain;
use crate::hint::{Hinted, closest};
use crate::output::{Discard, loaders_in};
use crate::site::{Purpose, Site};

/// Checks a site without writing anything, and lists what is left to do before visitors can chat.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    project: ProjectArgs,

    /// Fail if any to-do is left or, with --live, anything was not tried
    #[arg(long)]
    strict: bool,

    /// Print all settings of one widget, and where each comes from
    #[arg(long, value_name = "WIDGET", conflicts_with = "live")]
    explain: Option<String>,

    /// Check every site below `sites/`: `sites/NAME/site.yaml`
    #[arg(long, conflicts_with_all = ["config", "base_url", "explain", "live"])]
    all: bool,

    /// Print one JSON document: the errors with their places, and what is left to do
    #[arg(long, conflicts_with = "explain")]
    pub(crate) json: bool,

    /// Ask the deployed site whether it works, at URL or at the site's own address
    ///
    /// Compares pages, loaders and headers with this build, and asks for a session of up to five widgets. Nothing else
    /// changes there. Ends within 30 seconds.
    #[arg(long, value_name = "URL", num_args = 0..=1, conflicts_with = "base_url")]
    live: Option<Option<String>>,

    /// With --live: also ask agents a short question, which costs tokens
    #[arg(long, requires = "live")]
    turn: bool,
}

const AFTER_HELP: &str = "\
Examples:
  chatkit-embed check
  chatkit-embed check --strict
  chatkit-embed check --explain support
  chatkit-embed check --json | jq '.errors[] | [.file, .line, .message]'
  chatkit-embed check --live
  chatkit-embed check --live https://chat.example.com --turn

With --live, SSL_CERT_FILE names a file of authorities to trust instead of those that browsers know.

Exit codes:
  0  no errors; with --live, nothing is wrong
  1  an error; with --live, something is wrong; with --strict also if anything is left to do or was not tried
  2  wrong usage";

/// Runs the command.
///
/// # Errors
///
/// Whatever `build` would refuse; with `--strict` also any to-do; with `--live` also what is wrong at the site.
pub(crate) fn run(args: &CheckArgs) -> Result<()> {
    if let Some(address) = &args.live {
        let manner = live::Manner {
            turn: args.turn,
            strict: args.strict,
            json: args.json,
        };
        return live::run(&args.project, address.as_deref(), manner);
    }
    if args.all {
        return sites::each(args.json, |config| {
            let checked = check(&ProjectArgs::at(config))?;
            Ok(Done {
                summary: checked.summary(args.strict),
                document: checked.to_json(args.strict),
            })
        });
    }
    if let Some(name) = &args.explain {
        let Checked {
            site, documents, ..
        } = check(&args.project)?;
        return explain_widget(name, &site, &documents);
    }
    let checked = check(&args.project)?;
    checked.tell();
    let is_enough = checked.is_enough(args.strict);
    if args.json {
        json::print(&checked.to_json(args.strict));
        return match is_enough {
            true => Ok(()),
            false => Err(json::Told.into()),
        };
    }
    if !is_enough {
        bail!("{} left to do", count(checked.advice.len(), "thing"));
    }
    Ok(())
}

/// Checks one site.
fn check(args: &ProjectArgs) -> Result<Checked> {
    let project = args.load(Purpose::Deploy)?;
    // Rendered and discarded: a broken template is an error too.
    project.render(&mut Discard)?;
    let Project {
        environment,
        documents,
        site,
        themes: _,
        texts: _,
    } = project;
    let mut advice = advice::of(&site, &documents, &environment);
    let before = loaders_in(&args.folder().join("dist"))?;
    advice.extend(advice::vanishing(&site, before));
    Ok(Checked {
        site,
        documents,
        advice,
    })
}

/// A site without errors, and what is left to do.
struct Checked {
    site: Site,
    documents: Documents,
    advice: Vec<Advice>,
}

impl Checked {
    /// Prints all of it.
    fn tell(&self) {
        console::status("site", &self.site.base_url);
        let count = self.site.widgets.len();
        console::status("widgets", format_args!("{count}: no errors"));
        known::report(&self.site, usize::MAX);
        brands::report(&self.site, usize::MAX);
        report_transcripts(&self.site);
        for Advice { subject, text } in &self.advice {
            console::advice(subject, text);
        }
    }

    /// A line about it.
    fn summary(&self, strict: bool) -> String {
        let Self { site, advice, .. } = self;
        let outcome = if self.is_enough(strict) {
            "no errors"
        } else {
            "not ready"
        };
        format!(
            "{}: widgets {}, {outcome}, {} left to do",
            site.base_url.origin(),
            site.widgets.len(),
            count(advice.len(), "thing")
        )
    }

    fn is_enough(&self, strict: bool) -> bool {
        !strict || self.advice.is_empty()
    }

    fn to_json(&self, strict: bool) -> Value {
        json::checked(&self.site, &self.advice, self.is_enough(strict))
    }
}

/// Whose texts the owner gets: whoever answers for that has to know.
fn report_transcripts(site: &Site) {
    for widget in &site.widgets {
        if widget.backend.has_transcripts() {
            let text = "`transcripts` is on: your webhook gets what visitors write and read, and the chat tells them so";
            console::note(&widget.name, text);
        }
    }
}

fn explain_widget(name: &str, site: &Site, documents: &Documents) -> Result<()> {
    let names = site.widgets.iter().map(|widget| widget.name.as_str());
    if !names.clone().any(|known| known == name) {
        let hint = match closest(name, names.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "the widgets are `{}`",
                names.collect::<Vec<_>>().join("`, `")
            ),
        };
        bail!(Hinted::new(format!("no widget `{name}`"), hint));
    }
    console::data(&explain::widget(name, documents));
    Ok(())
}

fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}
