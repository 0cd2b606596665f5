//! `check --live`: the deployed site next to what this build would serve.

use anyhow::{Result, bail, ensure};

use super::json;
use super::project::{Project, ProjectArgs};
use crate::console;
use crate::live::{self, Built, Finding, State, Target, Visit};
use crate::site::{BaseUrl, Purpose};

/// How to visit, besides the address.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    /// Whether agents are asked a question, which costs tokens.
    pub(super) turn: bool,
    /// Whether anything but fine is an error.
    pub(super) strict: bool,
    /// Whether to print one JSON document.
    pub(super) json: bool,
}

/// Visits the site at this address, or at its own, and prints what was found.
///
/// # Errors
///
/// Whatever `build` would refuse, and anything that is wrong at the site.
pub(super) fn run(args: &ProjectArgs, address: Option<&str>, manner: Manner) -> Result<()> {
    let own = args.load(Purpose::Deploy)?;
    let visit = match address {
        None => visit(&own, None, manner)?,
        Some(address) => {
            let origin = BaseUrl::parse(address, "--live")?.origin().to_owned();
            let there = args.with_address(&origin).load(Purpose::Deploy)?;
            visit(&there, Some(&own), manner)?
        }
    };
    let origin = visit.target.origin.clone();
    console::status("live", &origin);
    let findings = live::probe(visit);
    let conclusion = conclude(&findings, manner.strict);
    if manner.json {
        json::print(&json::visited(&origin, &findings, conclusion.is_ok()));
        return conclusion.map_err(|_| json::Told.into());
    }
    findings.iter().for_each(print);
    conclusion
}

fn visit(there: &Project, own: Option<&Project>, manner: Manner) -> Result<Visit> {
    let target = Target::new(&there.site);
    let own = own.filter(|own| own.site.base_url.origin() != target.origin);
    let elsewhere = own.map(|own| built(own, &Target::new(&own.site)));
    Ok(Visit {
        built: built(there, &target)?,
        elsewhere: elsewhere.transpose()?,
        target,
        turn: manner.turn,
        roots: live::roots(&there.environment)?,
    })
}

fn built(project: &Project, target: &Target) -> Result<Built> {
    let mut built = Built::new(target);
    project.render(Vec::new(), &mut built)?;
    Ok(built)
}

fn print(finding: &Finding) {
    let Finding { name, state, text } = finding;
    match state {
        State::Fine => console::status("fine", format_args!("{name}: {text}")),
        State::Todo => console::advice(name, text),
        State::Wrong => console::wrong(name, text),
        State::NotTried => console::not_tried(name, text),
    }
}

fn conclude(findings: &[Finding], strict: bool) -> Result<()> {
    let count = |state| {
        let of_state = findings.iter().filter(|finding| finding.state == state);
        of_state.count()
    };
    let (wrong, todo, not_tried) = (
        count(State::Wrong),
        count(State::Todo),
        count(State::NotTried),
    );
    if wrong > 0 {
        bail!("{wrong} wrong at the site");
    }
    let left = match (todo, not_tried) {
        (0, 0) => return Ok(()),
        (0, _) => format!("{not_tried} not tried"),
        (_, 0) => format!("{todo} left to do"),
        (_, _) => format!("{todo} left to do, {not_tried} not tried"),
    };
    ensure!(!strict, left);
    Ok(())
}
