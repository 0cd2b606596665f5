//! The user's own ChatKit server.

use url::{Host, Url};

use super::{Attachments, refuse_other};
use crate::config::{BackendSection, DOMAIN_KEY, SIGNED, UploadKind, UploadSection};
use crate::site::base_url::{is_local, one_origin, parse_url};
use crate::site::found::{Context, Found};
use crate::yaml::{Problem, named_character, stranger_in};

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

pub(super) fn from_config(
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
