//! *Go live*: what is left before visitors can chat, what the deployed site does, and publishing.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::advice::{self, Advice};
use crate::config::Documents;
use crate::hint::Hinted;
use crate::live::{self, Built, Finding, State, Target, Visit};
use crate::placeholder;
use crate::preview::http::Reply;
use crate::preview::state::Preview;
use crate::preview::state::files::Files;
use crate::project;
use crate::publish::git::{self, Plan};
use crate::publish::hook::Hook;
use crate::render;
use crate::site::{Purpose, Reading, Site};
use crate::theme::Themes;

/// The findings that say whether visitors get this build.
const OF_BUILD: [&str; 2] = ["pages", "assets"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// Whose snippet to show.
    widget: String,
}

/// What to publish with.
#[derive(Deserialize)]
#[serde(
    tag = "how",
    rename_all = "snake_case",
    rename_all_fields = "snake_case",
    deny_unknown_fields
)]
pub(super) enum Publication {
    Hook,
    /// The commit that was shown.
    Git {
        plan: Plan,
    },
}

/// The saved files as `build` would check them.
struct Saved {
    files: Files,
    site: Site,
    documents: Documents,
    themes: Themes,
}

/// The reply without asking anybody else: what `check` says, the snippets of a widget at the real address, and how the
/// site can be published.
///
/// # Errors
///
/// Whatever `build` would refuse.
pub(super) fn list(preview: &Preview, asked: &Asked) -> Result<Reply> {
    let saved = saved(preview)?;
    let Saved {
        files,
        site,
        documents,
        ..
    } = &saved;
    let left = advice::of(site, documents, &files.environment).into_iter();
    let left = left.map(
        |Advice { subject, text }| json!({"name": subject, "state": State::Todo, "text": text}),
    );
    let view = preview.view(None);
    let snippets = view.and_then(|view| view.snippets(&asked.widget).ok()?);
    let origin = site.base_url.origin();
    Ok(Reply::json(
        200,
        &json!({
            "address": origin,
            "is_example": placeholder::is_example(origin),
            "left": left.collect::<Vec<_>>(),
            "snippets": snippets.unwrap_or_default(),
            "deployed": preview.deployed(files),
            "hook": hook(files),
            "git": git::plan(config(preview)),
        }),
    ))
}

/// Whether a build hook is configured and, if it cannot be used, why not.
fn hook(files: &Files) -> Value {
    match Hook::load(&files.environment) {
        Ok(None) => Value::Null,
        Ok(Some(_)) => json!({"why": null}),
        Err(err) => json!({"why": words(&err)}),
    }
}

/// Visits the site at its own address, as `check --live` does.
///
/// # Errors
///
/// Whatever `build` would refuse, and an address that belongs to nobody.
pub(super) fn visit(preview: &Preview) -> Result<Reply> {
    let saved = saved(preview)?;
    let target = Target::new(&saved.site);
    ensure!(
        !placeholder::is_example(&target.origin),
        Hinted::new(
            format!("`{}` is an example", target.origin),
            "set the site's own address first"
        )
    );
    let stamp = preview.stamp(&saved.files);
    let mut built = Built::new(&target);
    render::render(&saved.site, &saved.themes, &mut built)?;
    let address = target.origin.clone();
    let findings = live::probe(Visit {
        target,
        built,
        elsewhere: None,
        turn: false,
        roots: live::roots(&saved.files.environment)?,
    });
    preview.visited(is_this_build(&findings).then_some(stamp));
    let deployed = files(preview).map(|files| preview.deployed(&files));
    Ok(Reply::json(
        200,
        &json!({"address": address, "findings": findings, "deployed": deployed?}),
    ))
}

fn is_this_build(findings: &[Finding]) -> bool {
    let of_build = findings
        .iter()
        .filter(|finding| OF_BUILD.contains(&finding.name.as_str()));
    let mut states = of_build.map(|finding| finding.state).peekable();
    states.peek().is_some() && states.all(|state| state == State::Fine)
}

/// Makes the host build, or commits and pushes what was shown.
///
/// # Errors
///
/// A hook that is missing or fails, a commit that would be another one by now, and whatever `git` refuses.
pub(super) fn publish(preview: &Preview, asked: Publication) -> Result<Reply> {
    let text = match asked {
        Publication::Hook => {
            let hook = Hook::load(&files(preview)?.environment)?;
            hook.context("no build hook is configured")?.call()?;
            "Your host has begun to build. Check again once it is done."
        }
        Publication::Git { plan } => {
            // Nobody saves in between.
            let _alone = preview.saving();
            let config = config(preview);
            ensure!(
                git::plan(config).as_ref() == Some(&plan),
                Hinted::new(
                    "the repository has changed in the meantime; nothing was committed",
                    "look at what would be published again"
                )
            );
            git::publish(config, &plan)?;
            "Pushed. If your host builds from this repository, check again once it is done."
        }
    };
    Ok(Reply::json(200, &json!({"text": text})))
}

fn config(preview: &Preview) -> &Path {
    &preview.place.config
}

fn words(err: &anyhow::Error) -> String {
    match Hinted::find(err) {
        Some(hint) => format!("{err}: {hint}"),
        None => err.to_string(),
    }
}

fn files(preview: &Preview) -> Result<Files> {
    let files = preview.disk().files;
    files.context("the files cannot be read; fix that first")
}

fn saved(preview: &Preview) -> Result<Saved> {
    let files = files(preview)?;
    let reading = Reading {
        environment: &files.environment,
        nameable: &files.nameable,
        base_url: preview.place.given_url.as_deref(),
        read_text: &|name| files.text(name),
        read_pages: &|glob| files.pages(glob),
        read_logo: &|name| files.logo(name),
        purpose: Purpose::Deploy,
    };
    let load = |name: &str| preview.themes.get(name);
    let sources = files.sources.to_vec();
    let (site, documents, loaded) =
        project::check(sources, load, |loaded| &loaded.theme, &reading)?;
    Ok(Saved {
        site,
        documents,
        themes: loaded.themes,
        files,
    })
}
