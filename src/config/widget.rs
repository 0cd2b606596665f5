//! A widget under `widgets:`, and `defaults:`, which has the same keys.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::launcher::LauncherSection;
use super::panel::{InlineSection, PanelSection, PopupSection};
use super::rules::RulesSection;
use crate::chatkit::ChatKitOptions;

/// One widget as written. What is required is checked once `defaults` are merged in.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WidgetSection {
    /// What answers. Required in the widget or in `defaults`.
    pub(crate) backend: Option<BackendSection>,
    /// Limits of a session; known to the function alone.
    pub(crate) session: SessionSection,
    /// `required`: the chat is only for visitors whom your own site identifies, with `ChatWidget("identify", token)`.
    /// Everybody else is told to sign in, and so is whoever opens the hosted page by itself. Needs the variable
    /// `IDENTITY_SECRET`. Default: `optional`.
    pub(crate) identity: IdentityKind,
    /// OpenAI's `ChatKitOptions`, word for word.
    pub(crate) chatkit: ChatKitOptions,
    /// The button on the host page.
    pub(crate) launcher: LauncherSection,
    /// What the button opens.
    pub(crate) panel: PanelSection,
    /// The chat in the middle of the window.
    pub(crate) popup: PopupSection,
    /// The chat as a part of the page.
    pub(crate) inline: InlineSection,
    /// Where the button shows.
    pub(crate) rules: RulesSection,
    /// The hosted page.
    pub(crate) page: PageSection,
    /// Another way to get in touch, shown when the chat fails. Default: none.
    pub(crate) fallback: Option<FallbackSection>,
}

/// What answers the visitor.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackendSection {
    /// `hosted` or `server`.
    pub(crate) r#type: BackendKind,
    /// `hosted`: the workflow's id, `wf_…`. Default: what the variable of `workflow_env` holds.
    pub(crate) workflow: Option<String>,
    /// `hosted`: the variable that holds the workflow's id. Default: `CHATKIT_WORKFLOW_ID`.
    pub(crate) workflow_env: Option<String>,
    /// `hosted`: a version of the workflow. Default: the one that is published. (Not `latest`: OpenAI takes it,
    /// and the chat then fails without a word.)
    pub(crate) workflow_version: Option<String>,
    /// `server`: the address of the ChatKit server.
    pub(crate) url: Option<String>,
    /// `server`: the public key that OpenAI gives for the site's domain, `domain_pk_…`.
    /// Default: what the variable `DOMAIN_KEY` holds.
    pub(crate) domain_key: Option<String>,
    /// `server`: how files reach it. Needed for `chatkit.composer.attachments`.
    pub(crate) upload: Option<UploadSection>,
    /// `server`: whether requests carry a signed session, by which the server knows that the visitor comes from
    /// this site, and who it is. Needs the variable `CHATKIT_SERVER_SECRET`. Default: true.
    pub(crate) signed: Option<bool>,
}

/// For whom a chat is.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum IdentityKind {
    /// Everybody; those whom your own site identifies are known by name.
    #[default]
    Optional,
    /// Only those whom your own site identifies.
    Required,
}

/// How files reach a ChatKit server.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct UploadSection {
    /// `two_phase`: ChatKit asks the server where to put each file. `direct`: always to the same address.
    pub(crate) r#type: UploadKind,
    /// `direct`: that address.
    pub(crate) url: Option<String>,
}

/// Kinds of upload.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UploadKind {
    /// ChatKit asks the server where to put each file.
    TwoPhase,
    /// Always to the same address.
    Direct,
}

/// The kinds of back end.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BackendKind {
    /// An OpenAI workflow.
    Hosted,
    /// A ChatKit server of the user's own.
    Server,
}

/// Limits of one session. What is absent is left to OpenAI's own default.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SessionSection {
    /// Seconds until the session expires, 1 to 600. OpenAI's default and maximum: 600.
    #[schemars(range(min = 1, max = 600))]
    pub(crate) expires_after: Option<u16>,
    /// Requests that one visitor may send in a minute, 1 or more. OpenAI's default: 10.
    #[schemars(range(min = 1, max = 2147483647))]
    pub(crate) max_requests_per_minute: Option<u32>,
    /// Whether earlier threads can be opened again. OpenAI's default: true.
    pub(crate) history: Option<bool>,
    /// How many of them, 1 or more. OpenAI's default: all.
    #[schemars(range(min = 1, max = 2147483647))]
    pub(crate) recent_threads: Option<u32>,
    /// Whether threads get a title by themselves. OpenAI's default: true.
    pub(crate) thread_titles: Option<bool>,
    /// Limits of files. They are switched on by `chatkit.composer.attachments.enabled`.
    pub(crate) file_upload: FileUploadSection,
    /// What the workflow is told, by name: texts, numbers, `true` and `false`. At most 64, of names up to 64
    /// characters.
    #[schemars(extend("maxProperties" = 64, "propertyNames" = {"maxLength": 64}))]
    pub(crate) state_variables: BTreeMap<String, StateValue>,
    /// Whether OpenAI keeps traces of what the workflow does. OpenAI's default: true.
    pub(crate) tracing: Option<bool>,
}

/// Limits of files in a session.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FileUploadSection {
    /// Megabytes of one file, 1 to 512. OpenAI's default: 512.
    #[schemars(range(min = 1, max = 512))]
    pub(crate) max_file_size: Option<u16>,
    /// Files of one session, 1 or more. OpenAI's default: 10.
    #[schemars(range(min = 1, max = 2147483647))]
    pub(crate) max_files: Option<u32>,
}

/// A value that a workflow is told.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(untagged, expecting = "expected a text, a number, `true` or `false`")]
pub(crate) enum StateValue {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Whole(i64),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

/// The hosted page.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PageSection {
    /// Title of the page and of the panel. Default: `Chat`.
    pub(crate) title: Option<String>,
    /// For search engines and previews of links. Default: none.
    pub(crate) description: Option<String>,
    /// Language of what you write, such as `en` or `pt-BR`. Screen readers need it, and what page and panel say when
    /// something fails is in it. A language, and at most a script and a region. Default: `chatkit.locale`, or else `en`.
    #[schemars(
        regex(pattern = "^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?$"),
        example = "pt-BR"
    )]
    pub(crate) language: Option<String>,
    /// What search engines are asked to do, such as `index` or `noindex, nofollow`. Default: `noindex`, because a
    /// chat has no text to be found by, and each robot that runs scripts would cost a session.
    #[schemars(
        regex(
            pattern = "^(all|none|index|noindex|follow|nofollow|noarchive|nosnippet|noimageindex|notranslate)(, *(all|none|index|noindex|follow|nofollow|noarchive|nosnippet|noimageindex|notranslate))*$"
        ),
        example = "noindex, nofollow"
    )]
    pub(crate) robots: Option<String>,
    /// The icon in the browser's tab: `lucide:<name>`, as lucide.dev names it; `emoji:💬`; or the https
    /// address of an image. Default: that of the launcher.
    pub(crate) icon: Option<String>,
}

/// Another way to get in touch.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FallbackSection {
    /// Text of the link.
    pub(crate) label: String,
    /// `https:`, `mailto:` or `tel:`.
    pub(crate) url: String,
}
