//! `composer`: where the visitor types.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bounded::{Bounded, MAX_SAFE, NonEmpty};
use super::names::Icon;

/// The box that the visitor types in.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Composer {
    /// ChatKit's default: `Message the AI`.
    pub(crate) placeholder: Option<String>,
    /// Files that the visitor may send. ChatKit's default: none.
    pub(crate) attachments: Option<Attachments>,
    /// Tools that the visitor can choose from. Only with `type: server`.
    pub(crate) tools: Option<Vec<Tool>>,
    /// Models that the visitor can choose from. Only with `type: server`.
    pub(crate) models: Option<Vec<Model>>,
    /// Voice input. ChatKit's default: off.
    pub(crate) dictation: Option<Dictation>,
}

/// Files that the visitor may send.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Attachments {
    /// Shows the button for files. With `type: hosted`, the session then accepts them too.
    pub(crate) enabled: bool,
    /// Largest file in bytes, for all types or by type. ChatKit's default: 104857600 (100 MiB).
    pub(crate) max_size: Option<MaxSize>,
    /// Most files in one message. ChatKit's default: 10.
    pub(crate) max_count: Option<Bounded<1, MAX_SAFE>>,
    /// File types and their extensions, such as `image/*: [.png, .jpg]`. ChatKit's default: all.
    pub(crate) accept: Option<BTreeMap<String, Vec<String>>>,
}

/// Largest file in bytes.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(
    untagged,
    expecting = "expected a number of bytes, or one for each type"
)]
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
    /// The id that your server receives.
    pub(crate) id: NonEmpty,
    /// The name in the menu.
    pub(crate) label: String,
    /// Shown next to the label.
    pub(crate) icon: Icon,
    /// A shorter name for the button, once the tool is chosen.
    pub(crate) short_label: Option<String>,
    /// Placeholder of the composer, once the tool is chosen.
    pub(crate) placeholder_override: Option<String>,
    /// Shows the tool next to the menu. ChatKit's default: false.
    pub(crate) pinned: Option<bool>,
    /// Keeps the tool chosen after a message is sent. ChatKit's default: false.
    pub(crate) persistent: Option<bool>,
}

/// A model to choose from.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model {
    /// The id that your server receives.
    pub(crate) id: NonEmpty,
    /// The name that the visitor reads.
    pub(crate) label: String,
    /// Shown below the label.
    pub(crate) description: Option<String>,
    /// Shows the model but does not let visitors choose it.
    pub(crate) disabled: Option<bool>,
    /// Chosen at the start.
    pub(crate) default: Option<bool>,
}

/// Voice input.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dictation {
    /// Shows the microphone button.
    pub(crate) enabled: bool,
}
