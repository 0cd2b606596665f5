//! Your own ChatKit server.

use schemars::JsonSchema;
use serde::Deserialize;

/// Whether requests to a server carry a signed session, unless it says otherwise.
pub(crate) const SIGNED: bool = true;

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
