//! A project as every command needs it: the site, checked, and its theme.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use clap::Args;

use crate::config::{Documents, read_sources};
use crate::environment::Environment;
use crate::fs;
use crate::knowledge::Library;
use crate::logo::Logos;
use crate::output::Sink;
use crate::project;
use crate::render::{self, Listed};
use crate::site::{Backend, Purpose, Reading, Site};
use crate::theme::{Theme, Themes};
use crate::yaml::{Problems, Source};

/// The site's file and its public address.
#[derive(Args)]
pub(crate) struct ProjectArgs {
    /// The site's file
    #[arg(long, value_name = "FILE", default_value = "site.yaml")]
    pub(crate) config: PathBuf,

    /// Public address of the site, such as `https://chat.example.com`
    ///
    /// Default: BASE_URL, then Netlify's DEPLOY_PRIME_URL in a preview or URL, then `site.url`.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
}

/// A checked site with its theme and its environment.
pub(crate) struct Project {
    /// The process's variables and those of `.env`.
    pub(crate) environment: Environment,
    /// The settings with their places in the files.
    pub(crate) documents: Documents,
    pub(crate) site: Site,
    pub(crate) themes: Themes,
    /// The text files that the site names, by their paths from its folder.
    pub(crate) texts: BTreeSet<String>,
}

impl ProjectArgs {
    /// The folder of `site.yaml`.
    pub(crate) fn folder(&self) -> &Path {
        self.config.parent().unwrap_or(Path::new(""))
    }

    /// The value of `--base-url`.
    pub(crate) fn base_url(&self) -> Option<&str> {
        self.base_url.as_deref()
    }

    /// The site of this file, at the address that it names.
    pub(crate) fn at(config: PathBuf) -> Self {
        Self {
            config,
            base_url: None,
        }
    }

    /// The path of `site.yaml`, and the value of `--base-url`.
    pub(crate) fn into_parts(self) -> (PathBuf, Option<String>) {
        (self.config, self.base_url)
    }

    /// The same for another address.
    pub(crate) fn with_address(&self, base_url: &str) -> Self {
        Self {
            config: self.config.clone(),
            base_url: Some(base_url.to_owned()),
        }
    }

    /// Reads and checks everything.
    ///
    /// # Errors
    ///
    /// Any error in the site, its theme or `.env`.
    pub(crate) fn load(&self, purpose: Purpose) -> Result<Project> {
        self.check(read_sources(&self.config)?, purpose)
    }

    /// Checks these files, whether or not they are on the disk like this. `site.yaml` is the first.
    ///
    /// # Errors
    ///
    /// Any error in the site, its theme or `.env`.
    pub(crate) fn check(&self, sources: Vec<Source>, purpose: Purpose) -> Result<Project> {
        let environment = Environment::load(self.folder())?;
        let themes = self.folder().join("themes");
        let library = Library::new(self.folder());
        let logos = Logos::new(self.folder());
        let texts = RefCell::default();
        let read_text = |name: &str| {
            BTreeSet::insert(&mut texts.borrow_mut(), name.to_owned());
            fs::read_project_text(self.folder(), name)
        };
        let reading = Reading {
            environment: &environment,
            nameable: &environment,
            base_url: self.base_url.as_deref(),
            read_text: &read_text,
            read_pages: &|glob| library.read(glob),
            read_logo: &|name| {
                BTreeSet::insert(&mut texts.borrow_mut(), name.to_owned());
                logos.read(name)
            },
            purpose,
        };
        let load = |name: &str| Theme::load(&themes, name).map(Arc::new);
        let (site, documents, loaded) = project::check(sources, load, |theme| theme, &reading)?;
        Ok(Project {
            environment,
            documents,
            site,
            themes: loaded.themes,
            texts: texts.into_inner(),
        })
    }
}

impl Project {
    /// Whether an agent knows pages.
    pub(crate) fn knows_pages(&self) -> bool {
        let mut widgets = self.site.widgets.iter();
        widgets.any(|widget| match &widget.backend {
            Backend::Agent(agent) => agent.knowledge.is_some(),
            _ => false,
        })
    }

    /// Renders everything into `sink`. Returns all widgets, as the files that they share list them.
    ///
    /// # Errors
    ///
    /// Any error in the theme, or of the sink.
    pub(crate) fn render(&self, sink: &mut impl Sink) -> Result<Vec<Listed>> {
        render::render(&self.site, &self.themes, sink).map_err(|err| {
            let all = self.themes.site.iter().chain(self.themes.others.values());
            let flaws =
                all.flat_map(|theme| render::flaws(theme, Some((&self.site, &self.themes))));
            let flaws: Vec<_> = flaws.collect();
            match flaws.len() {
                0 | 1 => err,
                _ => Problems::default().and(flaws).into(),
            }
        })
    }
}
