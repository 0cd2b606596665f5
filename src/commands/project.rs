//! A project as every command needs it: the site, checked, and its theme.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use clap::Args;

use crate::config::{Documents, Draft, Source, read_sources};
use crate::environment::Environment;
use crate::site::{BaseUrl, Site};
use crate::theme::{DEFAULT, Theme};

/// Which site, and where it is served.
#[derive(Args)]
pub(crate) struct ProjectArgs {
    /// The site
    #[arg(long, value_name = "FILE", default_value = "site.yaml")]
    pub(crate) config: PathBuf,

    /// Where the site is served, such as `https://chat.example.com`
    ///
    /// Without it: BASE_URL, then Netlify's DEPLOY_PRIME_URL in a preview or URL, then `site.url`.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
}

/// A site and what belongs to it.
pub(crate) struct Project {
    /// The process's variables and those of `.env`.
    pub(crate) environment: Environment,
    /// The settings with their places.
    pub(crate) documents: Documents,
    pub(crate) site: Site,
    pub(crate) theme: Arc<Theme>,
}

impl ProjectArgs {
    /// The folder of `site.yaml`.
    pub(crate) fn folder(&self) -> &Path {
        self.config.parent().unwrap_or(Path::new(""))
    }

    /// The path of `site.yaml` and what `--base-url` says.
    pub(crate) fn into_parts(self) -> (PathBuf, Option<String>) {
        (self.config, self.base_url)
    }

    /// Reads and checks everything.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the site, its theme or `.env`.
    pub(crate) fn load(&self) -> Result<Project> {
        self.check(read_sources(&self.config)?)
    }

    /// Checks these files, be they on the disk like this or not. `site.yaml` is the first.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the site, its theme or `.env`.
    pub(crate) fn check(&self, sources: Vec<Source>) -> Result<Project> {
        let environment = Environment::load(self.folder())?;
        let draft = Draft::parse(sources);
        let name = draft.theme().unwrap_or(DEFAULT);
        let theme = match Theme::load(&self.folder().join("themes"), name) {
            Ok(theme) => theme,
            Err(err) => return Err(draft.without_theme(err, &environment)),
        };
        let config = draft.finish(&environment, theme.settings())?;
        let documents = config.documents.clone();
        let outside = BaseUrl::from_outside(self.base_url.as_deref(), &environment)?;
        let site = Site::from_config(config, outside, &environment)?;
        site.check_icons(&theme, &documents)?;
        Ok(Project {
            environment,
            documents,
            site,
            theme: Arc::new(theme),
        })
    }
}
