//! `startScreen`: what a new thread shows.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::names::Icon;

/// The screen of a new thread, before the first message.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StartScreen {
    /// Heading above the prompts.
    #[schemars(extend("x-default" = {"value": "What can I help with today?", "by": "ChatKit"}, "x-control" = "lines"))]
    pub(crate) greeting: Option<String>,
    /// Questions that the visitor can start with.
    pub(crate) prompts: Option<Vec<Prompt>>,
}

/// A question that the visitor can start with.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prompt {
    /// The text on the button.
    #[schemars(length(min = 1))]
    pub(crate) label: String,
    /// The message that is sent: text, or a list of texts and tags.
    pub(crate) prompt: PromptContent,
    /// Shown before the label.
    #[schemars(extend("x-default" = {"text": "none"}))]
    pub(crate) icon: Option<Icon>,
}

/// The message that a prompt sends.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(untagged, expecting = "expected text, or a list of texts and tags")]
pub(crate) enum PromptContent {
    /// A message.
    #[schemars(title = "A message")]
    Text(#[schemars(length(min = 1), extend("x-control" = "lines"))] String),
    /// A message with tags in it.
    #[schemars(title = "A message with tags in it")]
    Parts(#[schemars(length(min = 1))] Vec<PromptPart>),
}

/// A part of a message.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PromptPart {
    /// Text or a tag.
    pub(crate) r#type: PartType,
    /// The text, or the label of the tag.
    pub(crate) text: String,
    /// The thing that the tag refers to. Required.
    #[schemars(extend("x-type" = ["input_tag"]))]
    pub(crate) id: Option<String>,
    /// A heading to list it under.
    #[schemars(extend("x-type" = ["input_tag"]))]
    pub(crate) group: Option<String>,
    /// Any further data for your server.
    #[schemars(extend("x-type" = ["input_tag"]))]
    pub(crate) data: Option<BTreeMap<String, Value>>,
    /// Makes the tag clickable.
    #[schemars(extend("x-type" = ["input_tag"]))]
    pub(crate) interactive: Option<bool>,
}

/// Kind of a part of a message.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PartType {
    /// Text.
    InputText,
    /// A tag that refers to a thing.
    InputTag,
}
