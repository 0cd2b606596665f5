//! A widget under `widgets:`, and `defaults:`, which has the same keys.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::backend::{BackendKind, BackendSection};
use super::brand::BrandSection;
use super::launcher::LauncherSection;
use super::panel::{InlineSection, PanelSection, PopupSection};
use super::rules::RulesSection;
use super::value::ValueSection;
use crate::chatkit::ChatKitOptions;

/// The title of a page without one of its own.
pub(crate) const TITLE: &str = "Chat";
/// The language of a page that names none, and whose chat names none.
pub(crate) const LANGUAGE: &str = "en";
/// The variable with the secret that verifies identities where a widget names no other.
pub(crate) const IDENTITY_SECRET: &str = "IDENTITY_SECRET";
/// Instructions for search engines on a page without any of its own.
pub(crate) const ROBOTS: &str = "noindex";

/// One widget as written. Required keys are checked once `defaults` are merged in.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WidgetSection {
    /// Earlier names of the widget. Pages that still have the snippet of one keep their chat, with its conversations.
    pub(crate) aliases: Vec<String>,
    /// What answers the visitor. Required in the widget or in `defaults`.
    pub(crate) backend: Option<BackendSection>,
    /// Limits of one session. Visitors cannot see them.
    #[schemars(extend("x-backend" = [BackendKind::Hosted.name()]))]
    pub(crate) session: SessionSection,
    /// `required`: the chat is only for visitors whom your own site identifies, with `ChatWidget("identify", token)`.
    /// Everybody else is asked to sign in, including visitors who open the hosted page directly. Needs the variable
    /// `IDENTITY_SECRET`.
    pub(crate) identity: IdentityKind,
    /// The variable that holds the secret of the site that identifies visitors, for sites of different clients: none of
    /// them can identify visitors of another one.
    #[schemars(extend("x-default" = {"value": IDENTITY_SECRET}))]
    pub(crate) identity_secret_env: Option<String>,
    /// Websites that may show this widget, in place of those in `site.allowed_origins`. No other website can show it,
    /// or get a session of it.
    #[schemars(extend("x-default" = {"text": "`site.allowed_origins`"}))]
    pub(crate) allowed_origins: Option<Vec<String>>,
    /// Name of the widget's own theme: a folder under `themes/`.
    #[schemars(extend("x-control" = "theme", "x-default" = {"text": "`site.theme`"}))]
    pub(crate) theme: Option<String>,
    /// The widget's own brand. What it leaves out is as in `site.brand`.
    pub(crate) brand: BrandSection,
    /// Values for the variables of its theme, by name. If that is the theme of the site, they lie over `site.variables`;
    /// those belong to the theme of the site alone.
    #[schemars(extend("x-control" = "variables"))]
    pub(crate) variables: BTreeMap<String, ValueSection>,
    /// OpenAI's `ChatKitOptions`, with the same names.
    pub(crate) chatkit: ChatKitOptions,
    /// The button on your website.
    pub(crate) launcher: LauncherSection,
    /// The panel that the button opens.
    pub(crate) panel: PanelSection,
    /// The chat in the middle of the window.
    pub(crate) popup: PopupSection,
    /// The chat as part of the page.
    pub(crate) inline: InlineSection,
    /// Pages that show the button.
    pub(crate) rules: RulesSection,
    /// The chat's own page.
    pub(crate) page: PageSection,
    /// Another way to get in touch, shown if the chat fails.
    #[schemars(extend("x-default" = {"text": "none"}))]
    pub(crate) fallback: Option<FallbackSection>,
}

/// Who may use the chat.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum IdentityKind {
    /// Everybody; visitors whom your own site identifies are known by name.
    #[default]
    Optional,
    /// Only visitors whom your own site identifies.
    Required,
}

/// Limits of one session. Where a key is absent, OpenAI's default applies.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SessionSection {
    /// Seconds until the session expires, 1 to 600.
    #[schemars(range(min = 1, max = 600), extend("x-default" = {"value": 600, "by": "OpenAI"}))]
    pub(crate) expires_after: Option<u16>,
    /// Messages that one visitor may send per minute, 1 or more.
    #[schemars(range(min = 1, max = 2147483647), extend("x-default" = {"value": 10, "by": "OpenAI"}))]
    pub(crate) max_requests_per_minute: Option<u32>,
    /// Lets visitors open earlier threads again.
    #[schemars(extend("x-default" = {"value": true, "by": "OpenAI"}))]
    pub(crate) history: Option<bool>,
    /// Number of earlier threads, 1 or more.
    #[schemars(range(min = 1, max = 2147483647), extend("x-default" = {"text": "all", "by": "OpenAI"}))]
    pub(crate) recent_threads: Option<u32>,
    /// Gives each thread a title.
    #[schemars(extend("x-default" = {"value": true, "by": "OpenAI"}))]
    pub(crate) thread_titles: Option<bool>,
    /// Limits for files. `chatkit.composer.attachments.enabled` turns files on.
    pub(crate) file_upload: FileUploadSection,
    /// Values that the workflow receives, by name: text, numbers, `true` and `false`. At most 64, with names of up to
    /// 64 characters.
    #[schemars(extend("maxProperties" = 64, "propertyNames" = {"maxLength": 64}))]
    pub(crate) state_variables: BTreeMap<String, StateValue>,
    /// Lets OpenAI keep traces of the workflow's runs.
    #[schemars(extend("x-default" = {"value": true, "by": "OpenAI"}))]
    pub(crate) tracing: Option<bool>,
}

/// Limits for files in a session.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FileUploadSection {
    /// Largest file in megabytes, 1 to 512.
    #[schemars(range(min = 1, max = 512), extend("x-default" = {"value": 512, "by": "OpenAI"}))]
    pub(crate) max_file_size: Option<u16>,
    /// Most files in one session, 1 or more.
    #[schemars(range(min = 1, max = 2147483647), extend("x-default" = {"value": 10, "by": "OpenAI"}))]
    pub(crate) max_files: Option<u32>,
}

/// A value that the workflow receives.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(untagged, expecting = "expected a text, a number, `true` or `false`")]
pub(crate) enum StateValue {
    /// `true` or `false`.
    #[schemars(title = "True or false")]
    Bool(bool),
    /// A whole number.
    #[schemars(title = "A whole number")]
    Whole(i64),
    /// A number.
    #[schemars(title = "A number")]
    Number(f64),
    /// Text.
    #[schemars(title = "Text")]
    Text(String),
}

/// The chat's own page.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PageSection {
    /// Title of the page and of the panel.
    #[schemars(extend("x-default" = {"value": TITLE}))]
    pub(crate) title: Option<String>,
    /// Description for search engines and link previews.
    #[schemars(extend("x-default" = {"text": "none"}, "x-control" = "lines"))]
    pub(crate) description: Option<String>,
    /// Language of your own texts, such as `en` or `pt-BR`: for screen readers, and for the messages that page and
    /// panel show if something fails. At most a language, a script and a region.
    #[schemars(
        regex(pattern = "^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?$"),
        example = "pt-BR"
    )]
    #[schemars(extend("x-default" = {"text": format!("`chatkit.locale`, or else `{LANGUAGE}`")}))]
    pub(crate) language: Option<String>,
    /// Instructions for search engines, such as `index` or `noindex, nofollow`. To index a chat gains little: it has no
    /// text to find, and each robot that runs scripts costs a session.
    #[schemars(
        regex(
            pattern = "^(all|none|index|noindex|follow|nofollow|noarchive|nosnippet|noimageindex|notranslate)(, *(all|none|index|noindex|follow|nofollow|noarchive|nosnippet|noimageindex|notranslate))*$"
        ),
        example = "noindex, nofollow"
    )]
    #[schemars(extend("x-default" = {"value": ROBOTS}))]
    pub(crate) robots: Option<String>,
    /// The icon in the browser tab: `lucide:<name>` with a name from lucide.dev, `emoji:💬`, or the https address of an
    /// image.
    #[schemars(extend("x-default" = {"text": "the launcher's"}))]
    pub(crate) icon: Option<String>,
}

/// Another way to get in touch.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FallbackSection {
    /// Text of the link.
    pub(crate) label: String,
    /// Address of the link: `https:`, `mailto:` or `tel:`.
    pub(crate) url: String,
}
