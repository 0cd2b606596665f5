//! `type: hosted`: an OpenAI workflow.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The comment above a new one.
pub(super) const COMMENT: &str =
    "A workflow at OpenAI. Its id comes from the variable CHATKIT_WORKFLOW_ID.";

/// An OpenAI workflow.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HostedSection {
    /// The workflow's id, `wf_…`.
    #[schemars(extend("x-default" = {"text": "the value of the variable in `workflow_env`"}))]
    pub(crate) workflow: Option<String>,
    /// The variable that holds the workflow's id.
    #[schemars(extend("x-default" = {"value": session::WORKFLOW_ID}, "x-unless" = "workflow"))]
    pub(crate) workflow_env: Option<String>,
    /// The variable that holds the OpenAI key of this widget, for clients who pay for themselves. Visitors and
    /// conversations of widgets with different variables are strangers to each other.
    #[schemars(extend("x-default" = {"value": session::OPENAI_API_KEY}))]
    pub(crate) api_key_env: Option<String>,
    /// A version of the workflow. (Not `latest`: OpenAI accepts it, and the chat then fails silently.)
    #[schemars(extend("x-default" = {"text": "the published one"}))]
    pub(crate) workflow_version: Option<String>,
}

pub(super) fn starter() -> Map<String, Value> {
    Map::new()
}
