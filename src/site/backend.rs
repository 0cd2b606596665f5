//! The checked back end, which answers the visitor.

use session::{FileUpload, HostedSettings, Workflow};
use url::{Host, Url};

use super::base_url::{is_local, one_origin, parse_url};
use super::found::{Context, Found};
use crate::config::{
    BackendKind, BackendSection, DOMAIN_KEY, FileUploadSection, SIGNED, SessionSection, UploadKind,
    UploadSection,
};
use crate::environment::is_variable_name;
use crate::yaml::{Problem, named_character, stranger_in};

/// The back end, which answers the visitor.
#[derive(Debug)]
pub(crate) enum Backend {
    /// An OpenAI workflow. Only the function may know its content.
    Hosted(HostedSettings),
    /// The user's own ChatKit server.
    Server(Server),
}

/// The user's own ChatKit server.
#[derive(Debug)]
pub(crate) struct Server {
    /// Its address.
    pub(crate) url: Url,
    /// The public key of the site's domain.
    pub(crate) domain_key: String,
    /// The path of files to the server.
    pub(crate) upload: Option<Upload>,
    /// Adds a signed session to each request.
    pub(crate) signed: bool,
}

/// The path of files to a ChatKit server.
#[derive(Debug)]
pub(crate) enum Upload {
    /// ChatKit asks the server where to put each file.
    TwoPhase,
    /// All files go to this address.
    Direct(Url),
}

impl Backend {
    /// The back end, or `None`. `found` receives missing keys and those of the other kind of back end.
    pub(super) fn from_config(
        section: BackendSection,
        session: SessionSection,
        attachments: Attachments,
        context: &Context<'_>,
        found: &mut Found,
    ) -> Option<Self> {
        match section.r#type {
            BackendKind::Hosted => {
                hosted_from(section, session, attachments, found).map(Self::Hosted)
            }
            BackendKind::Server => {
                if session != SessionSection::default() {
                    found.add(Problem::on("session", "`session` belongs to `type: hosted`").hint(
                        "remove it: your own server decides how long and how often a visitor may chat",
                    ));
                }
                server_from(section, attachments, context, found).map(Self::Server)
            }
        }
    }

    /// Its name in `site.yaml`.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Hosted(_) => "hosted",
            Self::Server(_) => "server",
        }
    }
}

/// Permission for visitors to send files: one key in `chatkit`, which the back end needs too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attachments {
    On,
    Off,
}

/// Refuses keys of the other kind of back end: otherwise the mistake would only show in the browser.
fn refuse_other<const N: usize>(other: &str, keys: [(&str, bool); N], found: &mut Found) {
    for (key, _) in keys.into_iter().filter(|(_, is_set)| *is_set) {
        let title = format!("`{key}` belongs to `type: {other}`");
        found.add(Problem::on(&format!("backend.{key}"), title));
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
            let title = format!("`{id}` is not a workflow id");
            let hint =
                "ids start with `wf_`; Agent Builder shows yours when you publish the workflow";
            Err(Problem::on("backend.workflow", title).hint(hint))
        }
        (None, None) => Ok(Workflow::default()),
        (None, Some(name)) if is_variable_name(&name) => Ok(Workflow::Env(name)),
        (None, Some(name)) => {
            let title = format!("`{name}` is not a valid variable name");
            Err(Problem::on("backend.workflow_env", title))
        }
    }
}

fn hosted_from(
    section: BackendSection,
    session: SessionSection,
    attachments: Attachments,
    found: &mut Found,
) -> Option<HostedSettings> {
    let BackendSection {
        r#type: _,
        workflow,
        workflow_env,
        workflow_version,
        url,
        domain_key,
        upload,
        signed,
    } = section;
    refuse_other(
        "server",
        [
            ("url", url.is_some()),
            ("domain_key", domain_key.is_some()),
            ("upload", upload.is_some()),
            ("signed", signed.is_some()),
        ],
        found,
    );
    if workflow_version.as_deref() == Some("latest") {
        let problem = Problem::on(
            "backend.workflow_version",
            "`workflow_version` cannot be `latest`",
        );
        found.add(
            problem
                .label("OpenAI accepts it, and the chat then fails silently")
                .hint("remove the key: without it, the published version answers"),
        );
    }
    let SessionSection {
        expires_after,
        max_requests_per_minute,
        history,
        recent_threads,
        thread_titles,
        file_upload,
        state_variables,
        tracing,
    } = session;
    let FileUploadSection {
        max_file_size,
        max_files,
    } = file_upload;
    if attachments == Attachments::Off && (max_file_size.is_some() || max_files.is_some()) {
        found.add(
            Problem::on(
                "session.file_upload",
                "`file_upload` has no effect without attachments",
            )
            .hint("turn attachments on with `chatkit: {composer: {attachments: {enabled: true}}}`"),
        );
    }
    if state_variables.len() > 64 || state_variables.keys().any(|name| name.chars().count() > 64) {
        let problem = Problem::on(
            "session.state_variables",
            "too many state variables, or names that are too long",
        );
        found.add(problem.label("OpenAI accepts 64, with names of up to 64 characters"));
    }
    let json = |value| serde_json::to_value(value).unwrap_or_default();
    Some(HostedSettings {
        workflow: found.keep(workflow_from(workflow, workflow_env))?,
        workflow_version,
        expires_after,
        max_requests_per_minute,
        history,
        recent_threads,
        thread_titles,
        file_upload: (attachments == Attachments::On).then_some(FileUpload {
            max_file_size,
            max_files,
        }),
        state_variables: state_variables
            .into_iter()
            .map(|(name, value)| (name, json(value)))
            .collect(),
        tracing,
    })
}

fn server_from(
    section: BackendSection,
    attachments: Attachments,
    context: &Context<'_>,
    found: &mut Found,
) -> Option<Server> {
    let BackendSection {
        r#type: _,
        workflow,
        workflow_env,
        workflow_version,
        url,
        domain_key,
        upload,
        signed,
    } = section;
    refuse_other(
        "hosted",
        [
            ("workflow", workflow.is_some()),
            ("workflow_env", workflow_env.is_some()),
            ("workflow_version", workflow_version.is_some()),
        ],
        found,
    );
    let url = url.ok_or_else(|| {
        Problem::on("backend", "missing `url`").label("expected the address of your ChatKit server")
    });
    let url = found.keep(url.and_then(|url| address("backend.url", &url, context)));
    let domain_key = domain_key.or_else(|| {
        let key = context.environment.get(DOMAIN_KEY)?;
        if let Some(c) = stranger_in(&key) {
            let title = format!(
                "unexpected {} in the variable `{DOMAIN_KEY}`",
                named_character(c)
            );
            found.add(Problem::on("backend", title));
        }
        Some(key)
    });
    let domain_key = domain_key.filter(|key| !key.is_empty()).ok_or_else(|| {
        Problem::on("backend", "missing `domain_key`").hint(
            "ChatKit needs it for your own server: create one at \
             platform.openai.com/settings/organization/security/domain-allowlist and write it here or \
             in the variable DOMAIN_KEY; on localhost any word will do",
        )
    });
    let domain_key = found.keep(domain_key);
    if attachments == Attachments::On && upload.is_none() {
        let problem = Problem::on(
            "chatkit.composer.attachments",
            "attachments without `backend.upload`",
        );
        found.add(problem.hint("say how files reach your server: `upload: {type: two_phase}`"));
    }
    let upload = upload.map(|upload| found.keep(upload_from(upload, context)));
    Some(Server {
        url: url?,
        domain_key: domain_key?,
        upload: match upload {
            Some(upload) => Some(upload?),
            None => None,
        },
        signed: signed.unwrap_or(SIGNED),
    })
}

fn upload_from(section: UploadSection, context: &Context<'_>) -> Result<Upload, Problem> {
    let UploadSection { r#type, url } = section;
    match (r#type, url) {
        (UploadKind::TwoPhase, None) => Ok(Upload::TwoPhase),
        (UploadKind::TwoPhase, Some(_)) => Err(Problem::on(
            "backend.upload.url",
            "`url` belongs to `type: direct`",
        )),
        (UploadKind::Direct, Some(url)) => {
            address("backend.upload.url", &url, context).map(Upload::Direct)
        }
        (UploadKind::Direct, None) => {
            let problem = Problem::on("backend.upload", "missing `url`");
            Err(problem.label("expected the address that receives files"))
        }
    }
}

/// An address that the visitor's browser may call: it becomes part of the page's policy.
fn address(way: &str, url: &str, context: &Context<'_>) -> Result<Url, Problem> {
    let parsed = parse_url(url).map_err(|why| Problem::on(way, "not an address").label(why))?;
    if parsed.scheme() != "https" && !(parsed.scheme() == "http" && is_local(&parsed)) {
        return Err(Problem::on(way, "`url` must begin with `https://`")
            .label("`http://` works for localhost only"));
    }
    if matches!(parsed.host(), Some(Host::Ipv6(_))) {
        return Err(Problem::on(way, "`url` cannot be an IPv6 address")
            .label("browsers do not accept one in the page's policy")
            .hint("write a name: `http://localhost:8000` reaches `[::1]` as well"));
    }
    one_origin(&parsed).map_err(|why| Problem::on(way, "not an address").label(why))?;
    if context.is_public && is_local(&parsed) {
        return Err(Problem::on(way, "visitors cannot reach `url`")
            .label("this is their own machine")
            .hint(
                "write the public address of your server; on this machine, `watch` accepts this one, and \
                 `build --base-url http://localhost:8080` as well",
            ));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() || parsed.fragment().is_some() {
        return Err(Problem::on(way, "`url` holds more than an address")
            .label("every visitor can read it: no user name, no password, no `#`"));
    }
    Ok(parsed)
}
