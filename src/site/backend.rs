//! What answers the visitor, checked.

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use session::{HostedSettings, Workflow};
use url::Url;

use super::base_url::is_loopback;
use super::between;
use crate::config::{BackendKind, BackendSection, SessionSection};
use crate::environment::Environment;
use crate::hint::Hinted;

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
        section: BackendSection,
        session: SessionSection,
        environment: &Environment,
    ) -> Result<Self> {
        let BackendSection {
            r#type,
            workflow,
            workflow_env,
            url,
            domain_key,
        } = section;
        match r#type {
            BackendKind::Hosted => {
                refuse_other("server", [("url", &url), ("domain_key", &domain_key)])?;
                let workflow = workflow_from(workflow, workflow_env).context("`backend`")?;
                hosted_from(workflow, session).map(Self::Hosted)
            }
            BackendKind::Server => {
                let hosted = [("workflow", &workflow), ("workflow_env", &workflow_env)];
                refuse_other("hosted", hosted)?;
                ensure!(
                    session == SessionSection::default(),
                    Hinted::new(
                        "`session` limits belong to `type: hosted`",
                        "remove them: your own server decides how long and how often a visitor may ask"
                    )
                );
                let domain_key = domain_key.or_else(|| environment.get(DOMAIN_KEY));
                server_from(url, domain_key).context("`backend`")
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
fn refuse_other<const N: usize>(other: &str, keys: [(&str, &Option<String>); N]) -> Result<()> {
    for (key, value) in keys {
        if value.is_some() {
            bail!("`backend`: `{key}` belongs to `type: {other}`");
        }
    }
    Ok(())
}

fn workflow_from(id: Option<String>, variable: Option<String>) -> Result<Workflow> {
    match (id, variable) {
        (Some(_), Some(_)) => bail!("`workflow` and `workflow_env` exclude each other"),
        (Some(id), None) if id.starts_with("wf_") => Ok(Workflow::Id(id)),
        (Some(id), None) => bail!(Hinted::new(
            format!("`workflow` is not a workflow's id: `{id}`"),
            "ids begin with `wf_`; Agent Builder shows yours when you publish the workflow"
        )),
        (None, variable) => {
            let name = variable.unwrap_or_else(|| "CHATKIT_WORKFLOW_ID".to_owned());
            let form =
                |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
            ensure!(
                !name.is_empty() && name.bytes().all(form),
                "`workflow_env` is not a variable's name: `{name}`"
            );
            Ok(Workflow::Env(name))
        }
    }
}

fn hosted_from(workflow: Workflow, session: SessionSection) -> Result<HostedSettings> {
    let SessionSection {
        expires_after,
        max_requests_per_minute,
        history,
    } = session;
    if let Some(seconds) = expires_after {
        between("session.expires_after", seconds, 1, 600)?;
    }
    ensure!(
        max_requests_per_minute != Some(0),
        "`session.max_requests_per_minute` must be 1 or more"
    );
    Ok(HostedSettings {
        workflow,
        workflow_version: None,
        expires_after,
        max_requests_per_minute,
        history,
        recent_threads: None,
        thread_titles: None,
    })
}

fn server_from(url: Option<String>, domain_key: Option<String>) -> Result<Backend> {
    let url = url.ok_or_else(|| anyhow!("missing `url`, the address of your ChatKit server"))?;
    let domain_key = domain_key.filter(|key| !key.is_empty()).ok_or_else(|| {
        Hinted::new(
            "missing `domain_key`",
            "ChatKit needs it with every server of your own: make one under \
             platform.openai.com/settings/organization/security/domain-allowlist and write it here \
             or into the variable DOMAIN_KEY; on localhost any word will do",
        )
    })?;
    let parsed =
        Url::parse(&url).map_err(|err| anyhow!("`url` is not an address: {err}: `{url}`"))?;
    ensure!(
        parsed.scheme() == "https" || (parsed.scheme() == "http" && is_loopback(&parsed)),
        "`url` must begin with https:// (http:// works for localhost only), not `{url}`"
    );
    Ok(Backend::Server {
        url: parsed,
        domain_key,
    })
}
