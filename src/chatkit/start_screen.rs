//! `startScreen`: what a new thread shows.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::names::Icon;

/// What a new thread shows.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StartScreen {
    /// ChatKit's default: `What can I help with today?`.
    pub(crate) greeting: Option<String>,
    /// Questions to begin with.
    pub(crate) prompts: Option<Vec<Prompt>>,
}

/// One question to begin with.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prompt {
    /// What the visitor reads.
    #[schemars(length(min = 1))]
    pub(crate) label: String,
    /// What is sent: a text, or texts and tags.
    pub(crate) prompt: PromptContent,
    /// Default: none.
    pub(crate) icon: Option<Icon>,
}

/// What a prompt sends.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(untagged, expecting = "expected a text, or a list of texts and tags")]
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
    /// A text or a tag.
    pub(crate) r#type: PartType,
    /// The text, or what the visitor reads on the tag.
    pub(crate) text: String,
    /// `input_tag`: which thing the tag stands for. Required there.
    pub(crate) id: Option<String>,
    /// `input_tag`: a heading to list it under.
    pub(crate) group: Option<String>,
    /// `input_tag`: anything that the server wants to know.
    pub(crate) data: Option<BTreeMap<String, Value>>,
    /// `input_tag`: whether it can be clicked.
    pub(crate) interactive: Option<bool>,
}

/// Kind of a part of a message.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PartType {
    /// A text.
    InputText,
    /// A tag that stands for a thing.
    InputTag,
}
