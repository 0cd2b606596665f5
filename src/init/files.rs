//! The files of a new project: templates, filled in. Everything here is pure.

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use rust_embed::RustEmbed;
use serde::Serialize;
use serde_json::json;
use tera::Tera;

use super::answers::Answers;
use super::starters::Starter;
use super::widget::{NewWidget, added};
use crate::config::{BackendKind, published_schema};
use crate::yaml::Source;

/// The site's file.
pub(crate) const SITE: &str = "site.yaml";

/// The variables, each with its meaning: the file of this repository, as it is.
const VARIABLES: &str = include_str!("../../.env.example");

/// The file of this repository from which the addresses of the function and their limits are taken.
const NETLIFY: &str = include_str!("../../netlify.toml");

/// What is filled in. A name here is that of a file in the project, without the dot that hides it.
#[derive(RustEmbed)]
#[folder = "src/init/templates/"]
struct Templates;

/// Where a site runs, besides Netlify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Host {
    /// Any host of containers: a Dockerfile.
    Container,
    /// Fly: a Dockerfile and fly.toml.
    Fly,
    /// Netlify, deployed by GitHub Actions: a workflow.
    Github,
}

/// One file of the project.
pub(crate) struct File {
    /// Below the project's folder, with `/`.
    pub(crate) path: &'static str,
    pub(crate) text: String,
}

/// All files of a new project. `is_npm` tells whether npm installs the generator there.
///
/// # Errors
///
/// None, unless a template is broken.
pub(crate) fn of(answers: &Answers, hosts: &[Host], is_npm: bool) -> Result<Vec<File>> {
    let has = |host| hosts.contains(&host);
    let facts = Facts {
        name: &answers.name,
        quoted_name: json!(answers.name).to_string(),
        slug: slug(&answers.name),
        website: &answers.website,
        color: answers.color.as_deref(),
        is_npm,
        redirects: redirects(),
    };
    let mut files = vec![
        file(SITE, site(answers, &facts)?),
        file(".site.schema.json", format!("{:#}\n", published_schema())),
        file(".env.example", VARIABLES.to_owned()),
        file(".gitignore", filled("gitignore", &facts)?),
        file("netlify.toml", filled("netlify.toml", &facts)?),
    ];
    if answers.backend == BackendKind::Agent {
        files.push(file(
            "knowledge/about.md",
            filled("knowledge/about.md", &facts)?,
        ));
    }
    if has(Host::Container) || has(Host::Fly) {
        files.push(file("Dockerfile", filled("Dockerfile", &facts)?));
        files.push(file(".dockerignore", filled("dockerignore", &facts)?));
    }
    if has(Host::Fly) {
        files.push(file("fly.toml", filled("fly.toml", &facts)?));
    }
    if has(Host::Github) {
        let workflow = filled("github/workflows/deploy.yml", &facts)?;
        files.push(file(".github/workflows/deploy.yml", workflow));
    }
    Ok(files)
}

fn file(path: &'static str, text: String) -> File {
    File { path, text }
}

/// Variables available in the templates.
#[derive(Serialize)]
struct Facts<'a> {
    name: &'a str,
    /// The same for YAML.
    quoted_name: String,
    /// The name in letters, digits and hyphens.
    slug: String,
    website: &'a str,
    color: Option<&'a str>,
    /// Whether npm installs the generator.
    is_npm: bool,
    redirects: &'static str,
}

fn filled(template: &str, facts: &Facts<'_>) -> Result<String> {
    let bytes = Templates::get(template)
        .map(|file| file.data)
        .with_context(|| format!("no template `{template}`"))?;
    let context = tera::Context::from_serialize(facts)?;
    Tera::one_off(&String::from_utf8_lossy(&bytes), &context, false)
        .with_context(|| format!("failed to fill in `{template}`"))
}

fn site(answers: &Answers, facts: &Facts<'_>) -> Result<String> {
    let text = filled("site.yaml", facts)?;
    let mut sources = vec![Source::new(SITE, text)];
    let Answers {
        name: owner,
        website,
        template,
        language,
        backend,
        ..
    } = answers;
    let Starter { name, mut widget } = template.starter(*language, *backend, owner)?;
    if *backend == BackendKind::Agent {
        let pages = json!({"files": ["knowledge/**/*.md"], "base_url": website});
        widget["backend"]["knowledge"] = pages;
    }
    let new = NewWidget {
        kind: *backend,
        comment: &format!("The name becomes part of addresses: /w/{name}/ and /w/{name}.js"),
        name: &name,
        widget,
    };
    sources[0] = added(&sources, &new)?;
    Ok(sources.swap_remove(0).text.to_string())
}

/// The addresses of the function, with their comments and limits, as this repository deploys them.
fn redirects() -> &'static str {
    let start = NETLIFY
        .find("[[redirects]]")
        .expect("a test of the release reads them");
    &NETLIFY[start..]
}

/// A name for programs.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().map(|c| c.to_ascii_lowercase()) {
        match c.is_ascii_alphanumeric() {
            true => slug.push(c),
            false if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            false => {}
        }
    }
    match slug.trim_end_matches('-') {
        "" => "chat".to_owned(),
        slug => slug.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_one_for_programs() {
        for (name, program) in [
            ("Morrow & Co.", "morrow-co"),
            ("Büro", "b-ro"),
            ("茶", "chat"),
        ] {
            assert_eq!(slug(name), program);
        }
    }
}
