//! What the environment lacks, before a visitor finds out.

use std::error::Error as _;

use crate::access::keys;
use crate::backend::{self, Ask};
use crate::error::RequestError;
use crate::service::Service;
use crate::settings::not_configured;
use crate::site::{IdentityRule, WidgetSettings};

/// What a service could serve.
pub struct Readiness {
    /// The site's address.
    pub site: String,
    /// The number of its widgets, without those that need no function.
    pub widgets: usize,
    /// The number of its files.
    pub files: usize,
    /// Remarks on the pack and the files, a sentence each.
    pub notes: Vec<String>,
    /// Why visitors could not chat, a sentence with its fix each. Nobody was asked: whether a key is accepted, only its
    /// owner knows.
    pub missing: Vec<String>,
}

impl Readiness {
    /// # Errors
    ///
    /// A site pack or a folder that cannot be used.
    pub fn of(service: &Service) -> Result<Readiness, String> {
        let site = service.site();
        site.verify()?;
        let mut widgets = 0;
        let mut missing = Vec::new();
        let mut add = |result: Result<(), RequestError>| {
            let detail = result.err().map(|error| error.detail());
            let new = detail.filter(|detail| !missing.contains(detail));
            missing.extend(new);
        };
        add(service.policy().map(drop));
        add(service.quotas().map(drop));
        add(service.answers().map(drop));
        for widget in site.widgets()? {
            let (name, widget) = widget?;
            add(check(service, &name, &widget));
            widgets += 1;
        }
        let published = site.published(service.settings());
        let survey = published.and_then(|found| match found {
            Some((published, _)) => published.survey(),
            None => Ok((0, Vec::new())),
        });
        let (files, mut notes) = survey.map_err(|err| match err.source() {
            Some(cause) => format!("{err}: {cause}"),
            None => err.to_string(),
        })?;
        let note = site.pack().and_then(|pack| pack.note());
        notes.extend(note.map(str::to_owned));
        Ok(Readiness {
            site: site.settings()?.url,
            widgets,
            files,
            notes,
            missing,
        })
    }
}

/// Does what a first session of the widget would do, but for asking the upstream.
fn check(service: &Service, name: &str, widget: &WidgetSettings) -> Result<(), RequestError> {
    let settings = service.settings();
    let variable = widget.identity_secret();
    let identities = keys::of(settings, variable)?;
    let why = match (&widget.identity_secret_env, widget.identity) {
        (Some(_), _) => Some("names it in `identity_secret_env`"),
        (None, IdentityRule::Required) => Some("has `identity: required`"),
        (None, IdentityRule::Optional) => None,
    };
    if let Some(why) = why.filter(|_| identities.is_empty()) {
        return Err(not_configured(format!(
            "`{variable}` is not set, but the widget `{name}` {why}; set it to the secret that your own site signs with"
        )));
    }
    keys::of_visitors(settings, &widget.backend)?;
    let ask = Ask {
        widget: name,
        user: "visitor_check",
    };
    backend::start(service, &widget.backend, &ask).map(drop)
}
