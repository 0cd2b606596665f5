//! What the environment lacks, before a visitor finds out.

use crate::access::keys;
use crate::backend::{self, Ask};
use crate::error::RequestError;
use crate::pack::Kind;
use crate::service::Service;
use crate::settings::not_configured;
use crate::site::{IdentityRule, WidgetSettings};

/// What a service could serve.
pub struct Readiness {
    /// The site's address.
    pub site: String,
    /// The number of its widgets, without those that need no function.
    pub widgets: usize,
    /// The number of files in its pack.
    pub files: usize,
    /// What the owner may want to know of the pack.
    pub note: Option<&'static str>,
    /// Why visitors could not chat, a sentence with its fix each. Nobody was asked: whether a key is accepted, only its
    /// owner knows.
    pub missing: Vec<String>,
}

impl Readiness {
    /// # Errors
    ///
    /// A site pack that cannot be used.
    pub fn of(service: &Service) -> Result<Readiness, String> {
        let site = service.site();
        let widgets = site.widgets()?;
        let mut missing = Vec::new();
        let mut add = |result: Result<(), RequestError>| {
            let detail = result.err().map(|error| error.detail());
            let new = detail.filter(|detail| !missing.contains(detail));
            missing.extend(new);
        };
        add(service.policy().map(drop));
        add(service.quotas().map(drop));
        add(service.answers().map(drop));
        for (name, widget) in &widgets {
            add(check(service, name, widget));
        }
        let pack = site.pack();
        if let Some(pack) = pack {
            pack.verify()
                .map_err(|err| format!("the site pack cannot be used: {err}"))?;
        }
        let files = pack.map(|pack| pack.sections(Kind::File).count());
        Ok(Readiness {
            site: site.settings()?.url,
            widgets: widgets.len(),
            files: files.unwrap_or_default(),
            note: pack.and_then(|pack| pack.note()),
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
