//! The section `backend:` of a widget: what answers the visitor.

mod server;

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::expand::DOMAIN_KEY;

pub(crate) use server::{SIGNED, UploadKind, UploadSection};

/// What answers the visitor.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackendSection {
    /// `hosted` or `server`.
    pub(crate) r#type: BackendKind,
    /// The workflow's id, `wf_…`.
    #[schemars(extend("x-type" = ["hosted"], "x-default" = {"text": "the value of the variable in `workflow_env`"}))]
    pub(crate) workflow: Option<String>,
    /// The variable that holds the workflow's id.
    #[schemars(extend("x-type" = ["hosted"], "x-default" = {"value": session::WORKFLOW_ID}, "x-unless" = "workflow"))]
    pub(crate) workflow_env: Option<String>,
    /// A version of the workflow. (Not `latest`: OpenAI accepts it, and the chat then fails silently.)
    #[schemars(extend("x-type" = ["hosted"], "x-default" = {"text": "the published one"}))]
    pub(crate) workflow_version: Option<String>,
    /// The address of the ChatKit server.
    #[schemars(extend("x-type" = ["server"]))]
    pub(crate) url: Option<String>,
    /// The public key that OpenAI issues for the site's domain, `domain_pk_…`.
    #[schemars(extend("x-type" = ["server"], "x-default" = {"text": format!("the value of the variable `{DOMAIN_KEY}`")}))]
    pub(crate) domain_key: Option<String>,
    /// How files reach your server. Needed for `chatkit.composer.attachments`.
    #[schemars(extend("x-type" = ["server"]))]
    pub(crate) upload: Option<UploadSection>,
    /// Sends a signed session with each request, which tells your server that the visitor comes from this
    /// site, and who it is. Needs the variable `CHATKIT_SERVER_SECRET`.
    #[schemars(extend("x-type" = ["server"], "x-default" = {"value": SIGNED}))]
    pub(crate) signed: Option<bool>,
}

/// The kinds of back end.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BackendKind {
    /// Your own ChatKit server.
    Server,
    /// An OpenAI workflow, until OpenAI closes Agent Builder on 2026-11-30.
    Hosted,
}

/// The settings that a back end of this kind needs, with sample values that `check` lists as to-dos.
pub(crate) fn starter(kind: BackendKind) -> Value {
    match kind {
        BackendKind::Server => json!({
            "type": "server",
            "url": "https://agent.example.com/chatkit",
            "domain_key": "domain_pk_example",
        }),
        BackendKind::Hosted => json!({"type": "hosted"}),
    }
}
