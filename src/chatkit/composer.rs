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
    /// Shown in the empty box.
    #[schemars(extend("x-default" = {"value": "Message the AI", "by": "ChatKit"}))]
    pub(crate) placeholder: Option<String>,
    /// Files that the visitor may send.
    #[schemars(extend("x-default" = {"text": "none", "by": "ChatKit"}))]
    pub(crate) attachments: Option<Attachments>,
    /// Tools that the visitor can choose from.
    #[schemars(extend("x-backend" = ["server"]))]
    pub(crate) tools: Option<Vec<Tool>>,
    /// Models that the visitor can choose from.
    #[schemars(extend("x-backend" = ["server"]))]
    pub(crate) models: Option<Vec<Model>>,
    /// Voice input.
    #[schemars(extend("x-default" = {"text": "off", "by": "ChatKit"}))]
    pub(crate) dictation: Option<Dictation>,
}

/// Files that the visitor may send.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Attachments {
    /// Shows the button for files. With `type: hosted`, the session then accepts them too.
    pub(crate) enabled: bool,
    /// Largest file in bytes, for all types or by type.
    #[schemars(extend("x-default" = {"text": "104857600 (100 MiB)", "by": "ChatKit"}))]
    pub(crate) max_size: Option<MaxSize>,
    /// Most files in one message.
    #[schemars(extend("x-default" = {"value": 10, "by": "ChatKit"}))]
    pub(crate) max_count: Option<Bounded<1, MAX_SAFE>>,
    /// File types and their extensions, such as `image/*: [.png, .jpg]`.
    #[schemars(extend("x-default" = {"text": "all", "by": "ChatKit"}))]
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
    #[schemars(title = "For all types")]
    All(Bytes),
    /// By type, such as `image/*`; `*` for all others.
    #[schemars(title = "By type")]
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
    /// Shows the tool next to the menu.
    #[schemars(extend("x-default" = {"value": false, "by": "ChatKit"}))]
    pub(crate) pinned: Option<bool>,
    /// Keeps the tool chosen after a message is sent.
    #[schemars(extend("x-default" = {"value": false, "by": "ChatKit"}))]
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
    #[schemars(extend("x-control" = "lines"))]
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
