//! The user's own ChatKit server.

use session::ServerSettings;
use url::{Host, Url};

use super::Attachments;
use crate::config::{DOMAIN_KEY, SERVER_SECRET, ServerSection, UploadKind, UploadSection};
use crate::environment::Environment;
use crate::site::base_url::{is_local, one_origin, parse_url};
use crate::site::found::{Context, Found, variable_name};
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
    /// The variable of the secret that signs it, if not the usual one.
    pub(crate) secret_env: Option<String>,
}

/// The path of files to a ChatKit server.
#[derive(Debug)]
pub(crate) enum Upload {
    /// ChatKit asks the server where to put each file.
    TwoPhase,
    /// All files go to this address.
    Direct(Url),
}

impl Server {
    /// The settings for the function, if requests carry a session.
    pub(super) fn function_settings(&self) -> Option<ServerSettings> {
        self.signed.then(|| ServerSettings {
            url: self.url.to_string(),
            expires_after: None,
            secret_env: self.secret_env.clone(),
        })
    }

    /// The addresses that the page calls.
    pub(super) fn addresses(&self) -> Vec<&Url> {
        match &self.upload {
            Some(Upload::Direct(upload)) => vec![&self.url, upload],
            Some(Upload::TwoPhase) | None => vec![&self.url],
        }
    }

    /// The variables that the function reads.
    pub(super) fn variables(&self) -> Vec<&str> {
        match self.signed {
            true => vec![self.secret_env.as_deref().unwrap_or(SERVER_SECRET)],
            false => Vec::new(),
        }
    }
}

pub(super) fn from_config(
    section: ServerSection,
    attachments: Attachments,
    context: &Context<'_>,
    found: &mut Found,
) -> Option<Server> {
    let ServerSection {
        url,
        domain_key,
        upload,
        signed,
        secret_env,
    } = section;
    let secret_env = variable_name("backend.secret_env", secret_env, found);
    let url = url.ok_or_else(|| {
        Problem::on("backend", "missing `url`").label("expected the address of your ChatKit server")
    });
    let url = found.keep(url.and_then(|url| address("backend.url", &url, context)));
    let domain_key = domain_key_from(domain_key, context.environment, found);
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
        signed,
        secret_env,
    })
}

/// The key as written, or that of the environment.
pub(super) fn domain_key_from(
    written: Option<String>,
    environment: &Environment,
    found: &mut Found,
) -> Option<String> {
    let key = written.or_else(|| {
        let key = environment.get(DOMAIN_KEY)?;
        if let Some(c) = stranger_in(&key) {
            let title = format!(
                "unexpected {} in the variable `{DOMAIN_KEY}`",
                named_character(c)
            );
            found.add(Problem::on("backend", title));
        }
        Some(key)
    });
    let key = key.filter(|key| !key.is_empty()).ok_or_else(|| {
        Problem::on("backend", "missing `domain_key`").hint(
            "ChatKit needs it: create one at \
             platform.openai.com/settings/organization/security/domain-allowlist and write it here or \
             in the variable DOMAIN_KEY; on localhost any word will do",
        )
    });
    found.keep(key)
}

fn upload_from(section: UploadSection, context: &Context<'_>) -> Result<Upload, Problem> {
    let UploadSection { r#type, url } = section;
    match (r#type, url) {
        // The schema refuses a `url` here.
        (UploadKind::TwoPhase, _) => Ok(Upload::TwoPhase),
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
