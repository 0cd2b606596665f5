//! The environment's settings, and fixed limits.

use std::fmt;
use std::time::Duration;

use ureq::http::{HeaderValue, Uri};

use crate::error::RequestError;
use crate::origin::is_loopback;

/// Largest upstream reply, in bytes.
pub(crate) const MAX_UPSTREAM_REPLY: u64 = 64 * 1024;
/// The longest wait for a connection to the upstream.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Size of the buffers to and from the upstream, in bytes; a reply's head must fit.
pub(crate) const BUFFER: usize = 16 * 1024;
/// The same from the upstream for an answer that comes piece by piece: less, because many are open at once. To send a
/// body, ureq needs that much.
pub(crate) const STREAM_INPUT_BUFFER: usize = 10 * 1024;
/// The same to the upstream. Each header must fit, such as the key; the body is sent in parts.
pub(crate) const STREAM_OUTPUT_BUFFER: usize = 8 * 1024;
/// Most idle connections to the upstream that are kept for the next request.
pub(crate) const MAX_CONNECTIONS: usize = 64;
/// The longest wait for the upstream's whole reply, including a second try.
pub(crate) const UPSTREAM_TIMEOUT: Duration = Duration::from_secs(8);
/// The part of the caller's deadline that is reserved for sending the reply.
pub(crate) const REPLY_RESERVE: Duration = Duration::from_millis(500);

/// The variable that holds the OpenAI key.
pub const OPENAI_API_KEY: &str = "OPENAI_API_KEY";
/// The variable that holds the workflow id of widgets that name none.
pub const WORKFLOW_ID: &str = "CHATKIT_WORKFLOW_ID";
/// The variable that names a file with a [site pack](crate::pack).
pub(crate) const SITE_PACK: &str = "SITE_PACK";
/// The variable with the folder of the site's files.
pub(crate) const DIST_DIR: &str = "DIST_DIR";
/// That folder if neither the variable nor the site pack says where the files are.
pub(crate) const DEFAULT_DIST_DIR: &str = "dist";
/// The variable that overrides the site's address.
pub(crate) const BASE_URL: &str = "BASE_URL";
/// The variable that names an upstream other than OpenAI.
const OPENAI_BASE_URL: &str = "OPENAI_BASE_URL";
/// The variable that names the organisation, for keys that belong to several.
const OPENAI_ORG_ID: &str = "OPENAI_ORG_ID";
/// The variable that names the project, for keys that belong to several.
const OPENAI_PROJECT_ID: &str = "OPENAI_PROJECT_ID";

/// The variable whose secrets sign visitors' tokens.
pub(crate) const VISITOR_SECRET: &str = "VISITOR_SECRET";
/// The variable whose secrets verify identities.
pub(crate) const IDENTITY_SECRET: &str = "IDENTITY_SECRET";
/// The variable whose secret signs sessions for the user's own ChatKit server.
pub(crate) const CHATKIT_SERVER_SECRET: &str = "CHATKIT_SERVER_SECRET";

const DEFAULT_UPSTREAM: &str = "https://api.openai.com/v1";

/// The variables, each read when needed. Values are trimmed, and an empty one counts as missing.
pub struct Settings {
    lookup: Box<Lookup>,
}

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Settings {
    /// Reads the variables of the process.
    pub fn from_environment() -> Settings {
        Settings::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads the variables from `lookup` only.
    pub fn from_lookup(
        lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Settings {
        Settings {
            lookup: Box::new(lookup),
        }
    }

    /// A required variable.
    pub(crate) fn required(&self, name: &str) -> Result<String, RequestError> {
        self.value(name).ok_or_else(|| {
            not_configured(format!(
                "`{name}` is not set; set it in the function's environment (on Netlify: \
                 `netlify env:set {name} <value>`) and deploy again"
            ))
        })
    }

    /// The value of the `Authorization` header, with the key in this variable.
    pub(crate) fn authorization(&self, variable: &str) -> Result<HeaderValue, RequestError> {
        let key = self.required(variable)?;
        header_value(variable, &format!("Bearer {key}"))
    }

    /// A variable that is sent as a header, if it is set.
    pub(crate) fn header(&self, name: &str) -> Result<Option<HeaderValue>, RequestError> {
        self.value(name)
            .map(|value| header_value(name, &value))
            .transpose()
    }

    /// The headers of every request to the upstream, with the key in the variable `own` or, without one, in
    /// `OPENAI_API_KEY`. Organisation and project are those of the latter.
    pub(crate) fn upstream_headers(
        &self,
        own: Option<&str>,
    ) -> Result<Vec<(&'static str, HeaderValue)>, RequestError> {
        let key = self.authorization(own.unwrap_or(OPENAI_API_KEY))?;
        let mut headers = vec![
            ("Authorization", key),
            ("Content-Type", HeaderValue::from_static("application/json")),
        ];
        if own.is_some() {
            return Ok(headers);
        }
        for (name, variable) in [
            ("OpenAI-Organization", OPENAI_ORG_ID),
            ("OpenAI-Project", OPENAI_PROJECT_ID),
        ] {
            headers.extend(self.header(variable)?.map(|value| (name, value)));
        }
        Ok(headers)
    }

    /// The address that mints sessions.
    pub(crate) fn sessions_url(&self) -> Result<String, RequestError> {
        self.upstream_url("chatkit/sessions")
    }

    /// The address that answers.
    pub(crate) fn responses_url(&self) -> Result<String, RequestError> {
        let base = self.upstream();
        if base.trim_end_matches('/').ends_with("/.netlify/ai") {
            return Err(not_configured(format!(
                "`{OPENAI_BASE_URL}` is Netlify's AI Gateway, which answers no agent; set `{OPENAI_API_KEY}` to a key of \
                 your own, and `{OPENAI_BASE_URL}` to `{DEFAULT_UPSTREAM}`"
            )));
        }
        self.upstream_url("responses")
    }

    fn upstream_url(&self, path: &str) -> Result<String, RequestError> {
        let base = self.upstream();
        if !is_plain_http_url(&base) {
            return Err(not_configured(format!(
                "invalid `{OPENAI_BASE_URL}`: it must be an address such as `{DEFAULT_UPSTREAM}`, \
                 without user name, query and fragment"
            )));
        }
        Ok(format!("{}/{path}", base.trim_end_matches('/')))
    }

    /// The site's address, if the environment overrides it.
    pub(crate) fn base_url(&self) -> Option<String> {
        self.value(BASE_URL)
    }

    /// Returns whether Netlify runs the function, or Netlify's command line does:
    /// <https://docs.netlify.com/build/functions/environment-variables/>.
    pub(crate) fn is_netlify(&self) -> bool {
        self.value("SITE_ID").is_some() || self.value("NETLIFY_DEV").is_some()
    }

    /// Returns whether the upstream runs on this machine.
    pub(crate) fn upstream_is_local(&self) -> bool {
        self.upstream()
            .parse::<Uri>()
            .is_ok_and(|url| url.host().is_some_and(is_loopback))
    }

    fn upstream(&self) -> String {
        self.value(OPENAI_BASE_URL)
            .unwrap_or_else(|| DEFAULT_UPSTREAM.to_owned())
    }

    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let value = (self.lookup)(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }
}

/// Lists which variables are set, but no values.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Settings");
        for name in [
            OPENAI_API_KEY,
            WORKFLOW_ID,
            BASE_URL,
            OPENAI_BASE_URL,
            OPENAI_ORG_ID,
            OPENAI_PROJECT_ID,
            VISITOR_SECRET,
            IDENTITY_SECRET,
            CHATKIT_SERVER_SECRET,
        ] {
            let state = self.value(name).map_or("absent", |_| "set");
            out.field(name, &format_args!("{state}"));
        }
        out.finish_non_exhaustive()
    }
}

/// Marked sensitive, so that no `Debug` shows it.
fn header_value(name: &str, value: &str) -> Result<HeaderValue, RequestError> {
    // Stricter than the type, which allows bytes that no key has.
    let printable = value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    match HeaderValue::from_str(value) {
        Ok(mut value) if printable => {
            value.set_sensitive(true);
            Ok(value)
        }
        _ => Err(not_configured(format!(
            "invalid `{name}`: it holds a line break or another character that is not allowed in a header; \
             set it again, without anything before or after it"
        ))),
    }
}

fn is_plain_http_url(text: &str) -> bool {
    let Ok(url) = text.parse::<Uri>() else {
        return false;
    };
    matches!(url.scheme_str(), Some("http" | "https"))
        && url
            .authority()
            .is_some_and(|authority| !authority.as_str().contains('@'))
        && !text.contains(['?', '#'])
}

pub(crate) fn not_configured(detail: String) -> RequestError {
    RequestError::NotConfigured { detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &'static [(&'static str, &'static str)]) -> Settings {
        Settings::from_lookup(move |name| {
            let (_, value) = variables.iter().find(|(key, _)| *key == name)?;
            Some((*value).to_owned())
        })
    }

    #[test]
    fn value_is_trimmed_and_an_empty_one_is_absent() {
        let settings = settings(&[("A", " x\n"), ("B", " \t")]);
        assert_eq!(settings.required("A").unwrap(), "x");
        assert!(settings.required("B").is_err());
        assert!(settings.header("C").unwrap().is_none());
    }

    #[test]
    fn what_is_missing_is_named_with_the_way_to_set_it() {
        let error = settings(&[]).authorization(OPENAI_API_KEY).unwrap_err();
        assert!(error.detail().starts_with("`OPENAI_API_KEY` is not set;"));
        assert!(!error.to_string().contains("OPENAI_API_KEY"));
    }

    #[test]
    fn value_that_can_not_be_a_header_is_an_error_and_not_shown() {
        for key in ["sk-a\nb", "sk-\u{0}", "sk-ä", "sk-\u{7f}"] {
            let settings = Settings::from_lookup(move |_| Some(key.to_owned()));
            let error = settings.authorization(OPENAI_API_KEY).unwrap_err();
            assert!(error.detail().starts_with("invalid `OPENAI_API_KEY`"));
            assert!(!error.detail().contains("sk-"));
        }
    }

    #[test]
    fn sessions_are_minted_at_openai_unless_another_address_is_set() {
        let url = |base: &'static str| {
            Settings::from_lookup(move |_| Some(base.to_owned())).sessions_url()
        };
        assert_eq!(
            url("").unwrap(),
            "https://api.openai.com/v1/chatkit/sessions"
        );
        assert_eq!(
            url("http://127.0.0.1:1/v1/").unwrap(),
            "http://127.0.0.1:1/v1/chatkit/sessions"
        );
        for bad in [
            "api.openai.com/v1",
            "ftp://a.example",
            "https://",
            "https://a b.example",
            "https://key@a.example/v1",
            "https://a.example/v1?x=1",
            "https://a.example/v1#x",
            "/v1",
        ] {
            let detail = url(bad).unwrap_err().detail();
            assert!(
                detail.starts_with("invalid `OPENAI_BASE_URL`"),
                "{bad}: {detail}"
            );
        }
    }

    #[test]
    fn debug_says_what_is_set_and_hides_the_values() {
        let settings = settings(&[(OPENAI_API_KEY, "sk-secret"), (WORKFLOW_ID, "wf_1")]);
        let shown = format!(
            "{settings:?} {:?}",
            settings.authorization(OPENAI_API_KEY).unwrap()
        );
        assert!(
            shown.starts_with("Settings { OPENAI_API_KEY: set, CHATKIT_WORKFLOW_ID: set, BASE")
        );
        assert!(!shown.contains("sk-") && !shown.contains("wf_"), "{shown}");
    }
}
