//! `composer`: where the visitor types.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bounded::{Bounded, MAX_SAFE, NonEmpty};
use super::names::Icon;

/// Where the visitor types.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Composer {
    /// ChatKit's default: `Message the AI`.
    pub(crate) placeholder: Option<String>,
    /// Files that the visitor may send. ChatKit's default: none.
    pub(crate) attachments: Option<Attachments>,
    /// Tools to choose from. Only with `type: server`.
    pub(crate) tools: Option<Vec<Tool>>,
    /// Models to choose from. Only with `type: server`.
    pub(crate) models: Option<Vec<Model>>,
    /// Voice input. ChatKit's default: off.
    pub(crate) dictation: Option<Dictation>,
}

/// Files that the visitor may send.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Attachments {
    /// Whether there is a button for files. With `type: hosted` this also lets the session take them.
    pub(crate) enabled: bool,
    /// Bytes of one file, for all types or by type. ChatKit's default: 104857600 (100 MiB).
    pub(crate) max_size: Option<MaxSize>,
    /// Files in one message. ChatKit's default: 10.
    pub(crate) max_count: Option<Bounded<1, MAX_SAFE>>,
    /// Types and their endings, `image/*: [.png, .jpg]`. ChatKit's default: all.
    pub(crate) accept: Option<BTreeMap<String, Vec<String>>>,
}

/// Bytes of one file.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(untagged, expecting = "expected a number of bytes, or numbers by type")]
pub(crate) enum MaxSize {
    /// For all types.
    All(Bytes),
    /// By type, such as `image/*`; `*` for all others.
    ByType(BTreeMap<String, Bytes>),
}

/// A number of bytes.
pub(crate) type Bytes = Bounded<1, MAX_SAFE>;

/// A tool to choose from.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Tool {
    /// What the server is told.
    pub(crate) id: NonEmpty,
    /// What the visitor reads in the menu.
    pub(crate) label: String,
    /// Beside the label.
    pub(crate) icon: Icon,
    /// On the button once the tool is chosen.
    pub(crate) short_label: Option<String>,
    /// In the composer once the tool is chosen.
    pub(crate) placeholder_override: Option<String>,
    /// Shown outside of the menu. ChatKit's default: false.
    pub(crate) pinned: Option<bool>,
    /// Stays chosen after a message. ChatKit's default: false.
    pub(crate) persistent: Option<bool>,
}

/// A model to choose from.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model {
    /// What the server is told.
    pub(crate) id: NonEmpty,
    /// What the visitor reads.
    pub(crate) label: String,
    /// Below the label.
    pub(crate) description: Option<String>,
    /// Shown, but not to be chosen.
    pub(crate) disabled: Option<bool>,
    /// Chosen from the start.
    pub(crate) default: Option<bool>,
}

/// Voice input.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dictation {
    /// Whether the microphone button is shown.
    pub(crate) enabled: bool,
}
