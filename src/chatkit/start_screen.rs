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
    /// ChatKit's default: `What can I help with today?`.
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
    /// Default: none.
    pub(crate) icon: Option<Icon>,
}

/// The message that a prompt sends.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(untagged, expecting = "expected text, or a list of texts and tags")]
pub(crate) enum PromptContent {
    /// A message.
    Text(#[schemars(length(min = 1))] String),
    /// A message with tags in it.
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
    /// `input_tag`: the thing that the tag refers to. Required.
    pub(crate) id: Option<String>,
    /// `input_tag`: a heading to list it under.
    pub(crate) group: Option<String>,
    /// `input_tag`: any further data for your server.
    pub(crate) data: Option<BTreeMap<String, Value>>,
    /// `input_tag`: makes the tag clickable.
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
