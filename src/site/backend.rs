//! What answers the visitor, checked.

use session::{HostedSettings, OriginPattern, Workflow};
use url::Url;

use super::base_url::is_loopback;
use crate::config::{BackendKind, BackendSection, Problem, SessionSection, is_variable_name};
use crate::environment::Environment;

/// The variable that holds the domain's key where `site.yaml` does not.
const DOMAIN_KEY: &str = "DOMAIN_KEY";

/// What answers the visitor.
#[derive(Debug)]
pub(crate) enum Backend {
    /// An OpenAI workflow. What is in here is for the function alone.
    Hosted(HostedSettings),
    /// A ChatKit server of the user's own.
    Server {
        /// Its address.
        url: Url,
        /// The public key of the site's domain.
        domain_key: String,
    },
}

impl Backend {
    /// # Errors
    ///
    /// What the kind of back end lacks, or what belongs to the other kind.
    pub(super) fn from_config(
        section: Option<BackendSection>,
        session: SessionSection,
        environment: &Environment,
    ) -> Result<Self, Problem> {
        let BackendSection {
            r#type,
            workflow,
            workflow_env,
            url,
            domain_key,
        } = section.ok_or_else(|| {
            Problem::on("", "missing `backend`").hint(
                "add `backend: {type: hosted}` for an OpenAI workflow, or `type: server` with `url` and \
                 `domain_key` for a ChatKit server of your own",
            )
        })?;
        match r#type {
            BackendKind::Hosted => {
                refuse_other("server", [("url", &url), ("domain_key", &domain_key)])?;
                let workflow = workflow_from(workflow, workflow_env)?;
                Ok(Self::Hosted(hosted_from(workflow, session)))
            }
            BackendKind::Server => {
                let hosted = [("workflow", &workflow), ("workflow_env", &workflow_env)];
                refuse_other("hosted", hosted)?;
                if session != SessionSection::default() {
                    return Err(Problem::on("session", "`session` belongs to `type: hosted`").hint(
                        "remove it: your own server decides how long and how often a visitor may ask",
                    ));
                }
                let domain_key = domain_key.or_else(|| environment.get(DOMAIN_KEY));
                server_from(url, domain_key)
            }
        }
    }

    /// The word for it in `site.yaml`.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Hosted(_) => "hosted",
            Self::Server { .. } => "server",
        }
    }
}

/// Keys of the other kind of back end are a mistake that would otherwise show in the browser only.
fn refuse_other<const N: usize>(
    other: &str,
    keys: [(&str, &Option<String>); N],
) -> Result<(), Problem> {
    match keys.into_iter().find(|(_, value)| value.is_some()) {
        Some((key, _)) => {
            let title = format!("`{key}` belongs to `type: {other}`");
            Err(Problem::on(&format!("backend.{key}"), title))
        }
        None => Ok(()),
    }
}

fn workflow_from(id: Option<String>, variable: Option<String>) -> Result<Workflow, Problem> {
    match (id, variable) {
        (Some(_), Some(_)) => Err(Problem::on(
            "backend.workflow_env",
            "`workflow` and `workflow_env` exclude each other",
        )),
        (Some(id), None) if id.starts_with("wf_") => Ok(Workflow::Id(id)),
        (Some(id), None) => {
            let title = format!("`{id}` is not the id of a workflow");
            let hint =
                "ids begin with `wf_`; Agent Builder shows yours when you publish the workflow";
            Err(Problem::on("backend.workflow", title).hint(hint))
        }
        (None, None) => Ok(Workflow::default()),
        (None, Some(name)) if is_variable_name(&name) => Ok(Workflow::Env(name)),
        (None, Some(name)) => {
            let title = format!("`{name}` is not the name of a variable");
            Err(Problem::on("backend.workflow_env", title))
        }
    }
}

fn hosted_from(workflow: Workflow, session: SessionSection) -> HostedSettings {
    let SessionSection {
        expires_after,
        max_requests_per_minute,
        history,
    } = session;
    HostedSettings {
        workflow,
        workflow_version: None,
        expires_after,
        max_requests_per_minute,
        history,
        recent_threads: None,
        thread_titles: None,
    }
}

fn server_from(url: Option<String>, domain_key: Option<String>) -> Result<Backend, Problem> {
    let url = url.ok_or_else(|| {
        Problem::on("backend", "missing `url`").label("expected the address of your ChatKit server")
    })?;
    let domain_key = domain_key.filter(|key| !key.is_empty()).ok_or_else(|| {
        Problem::on("backend", "missing `domain_key`").hint(
            "ChatKit needs it with every server of your own: make one under \
             platform.openai.com/settings/organization/security/domain-allowlist and write it here or \
             into the variable DOMAIN_KEY; on localhost any word will do",
        )
    })?;
    let parsed = Url::parse(&url)
        .map_err(|err| Problem::on("backend.url", "not an address").label(err.to_string()))?;
    if parsed.scheme() != "https" && !(parsed.scheme() == "http" && is_loopback(&parsed)) {
        return Err(
            Problem::on("backend.url", "`url` must begin with `https://`")
                .label("`http://` works for localhost only"),
        );
    }
    // It becomes a part of the page's policy, where a `;` in it would begin another rule.
    if let Err(err) = OriginPattern::parse(&parsed.origin().ascii_serialization()) {
        return Err(Problem::on("backend.url", "not an address").label(err.to_string()));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() || parsed.fragment().is_some() {
        return Err(
            Problem::on("backend.url", "`url` holds more than an address")
                .label("every visitor can read it: no user, no password, no `#`"),
        );
    }
    Ok(Backend::Server {
        url: parsed,
        domain_key,
    })
}
