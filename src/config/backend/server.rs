//! `type: server`: your own ChatKit server.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The variable that holds the domain's key where a back end does not say it.
pub(crate) const DOMAIN_KEY: &str = "DOMAIN_KEY";

/// The variable with the secret that signs sessions where a back end names no other.
pub(crate) const SECRET: &str = "CHATKIT_SERVER_SECRET";

/// The comment above a new one.
pub(super) const COMMENT: &str = "\
Your ChatKit server, and the key that OpenAI gives for your domain. `watch` takes a server on this
machine as well, such as http://localhost:8000/chatkit with any key.";

/// Your own ChatKit server.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServerSection {
    /// The address of the ChatKit server.
    pub(crate) url: Option<String>,
    /// The public key that OpenAI issues for the site's domain, `domain_pk_…`.
    #[schemars(extend("x-default" = {"text": super::domain_key_default()}))]
    pub(crate) domain_key: Option<String>,
    /// How files reach your server. Needed for `chatkit.composer.attachments`.
    pub(crate) upload: Option<UploadSection>,
    /// Sends a signed session with each request, which tells your server that the visitor comes from this site, and
    /// who it is. Needs the variable `CHATKIT_SERVER_SECRET`.
    #[serde(default = "yes")]
    pub(crate) signed: bool,
    /// The variable that holds the secret that signs those sessions, for servers of different clients: none of them can
    /// make a session for another one's server. Visitors of widgets with different variables are strangers to each other.
    #[schemars(extend("x-default" = {"value": SECRET}))]
    pub(crate) secret_env: Option<String>,
}

fn yes() -> bool {
    true
}

/// How files reach a ChatKit server.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct UploadSection {
    /// `two_phase`: ChatKit asks your server where to put each file. `direct`: all files go to one address.
    pub(crate) r#type: UploadKind,
    /// The address that receives files.
    #[schemars(extend("x-type" = ["direct"]))]
    pub(crate) url: Option<String>,
}

/// Kinds of upload.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UploadKind {
    /// ChatKit asks your server where to put each file.
    TwoPhase,
    /// All files go to one address.
    Direct,
}

pub(super) fn starter() -> Map<String, Value> {
    Map::from_iter([
        ("url".to_owned(), json!("https://agent.example.com/chatkit")),
        ("domain_key".to_owned(), json!("domain_pk_example")),
    ])
}

pub(super) fn take_files(section: &mut Value) {
    section["upload"] = json!({"type": "two_phase"});
}

pub(super) fn takes_files(section: &Value) -> bool {
    !section["upload"].is_null()
}
