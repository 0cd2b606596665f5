//! `settings.js`: the settings of the hosted page's script, and of a panel on a host page.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use session::{CHAT_PATH, OriginPattern, SESSION_PATH};

use super::assets::{Assets, short_hash};
use super::chatkit::ChatKit;
use super::loader::panel_style;
use crate::site::{Backend, BaseUrl, Colors, Fallback, Launcher, Server, Site, Upload, Widget};
use crate::theme::Texts;

/// Settings of one hosted page, and of the panels that show it. They are public: nothing that only the function may know.
#[derive(Serialize)]
pub(super) struct PageSettings<'a> {
    widget: &'a str,
    /// Address of ChatKit's script.
    chatkit: &'a str,
    backend: PageBackend<'a>,
    /// `ChatKitOptions` without `api`, with `colorScheme: auto` as written, and with a colour for each scheme as the accent.
    options: Value,
    fallback: Option<Link<'a>>,
    /// BCP 47 tag of the texts. It differs from the page's language if there are no texts in that one.
    language: &'a str,
    /// The messages that it may show.
    texts: BTreeMap<&'a str, &'a str>,
    /// Origins whose messages the page listens to when it is framed.
    embedders: Vec<String>,
    panel: PanelSettings<'a>,
}

/// What only a panel needs to know.
#[derive(Serialize)]
struct PanelSettings<'a> {
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    logo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    tinted: bool,
    /// Those of ChatKit's header that the bar has instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    buttons: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    teaser: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    badge: bool,
    /// The widget's differences from the theme's style.
    #[serde(skip_serializing_if = "String::is_empty")]
    css: String,
}

impl<'a> PanelSettings<'a> {
    fn new(widget: &'a Widget, logo: Option<String>) -> Self {
        let Launcher { teaser, badge, .. } = &widget.launcher;
        Self {
            title: &widget.page.title,
            logo,
            line: widget.panel.line.as_deref(),
            tinted: widget.panel.is_tinted,
            buttons: buttons_of(widget),
            teaser: teaser.as_ref().map(|teaser| &*teaser.text),
            badge: *badge,
            css: panel_style(&widget.panel),
        }
    }
}

/// The buttons of the bar: none if the site says what ChatKit's own header holds, and no earlier conversations where nobody
/// can see them.
fn buttons_of(widget: &Widget) -> Vec<&'static str> {
    let chatkit = &widget.chatkit;
    let is_hidden = chatkit
        .history
        .as_ref()
        .is_some_and(|history| history.enabled == Some(false));
    let is_kept = match &widget.backend {
        Backend::Hosted(hosted) => hosted.history != Some(false),
        Backend::Agent(_) | Backend::Server(_) => true,
    };
    match (&chatkit.header, is_kept && !is_hidden) {
        (Some(_), _) => Vec::new(),
        (None, true) => vec!["newThread", "history"],
        (None, false) => vec!["newThread"],
    }
}

/// The settings with which the page reaches the back end.
#[derive(Serialize)]
#[serde(
    tag = "type",
    rename_all = "lowercase",
    rename_all_fields = "camelCase"
)]
enum PageBackend<'a> {
    Agent {
        url: &'static str,
        domain_key: &'a str,
        session_url: &'static str,
        /// Address of the script that pages of other back ends do without, relative to the page's own script.
        script: Option<String>,
    },
    Hosted {
        session_url: &'static str,
    },
    Server {
        url: &'a str,
        domain_key: &'a str,
        /// `true` if the function signs a session that tells the server who the visitor is.
        session: bool,
        session_url: &'static str,
        /// ChatKit's `uploadStrategy`.
        #[serde(skip_serializing_if = "Option::is_none")]
        upload_strategy: Option<Value>,
    },
}

#[derive(Serialize)]
struct Link<'a> {
    label: &'a str,
    url: &'a str,
}

/// How strongly ChatKit uses the brand's colour, 0 to 3.
const ACCENT_LEVEL: u8 = 1;

/// The script for agents.
const AGENT: &str = "js/agent.js";

/// The texts that page and panel need. The page contains the others from the start.
const TEXTS: [&str; 19] = [
    "answers",
    "as_page",
    "close",
    "dismiss",
    "failed",
    "goes_on",
    "history",
    "larger",
    "loading",
    "new",
    "new_thread",
    "not_loaded",
    "offline",
    "origin_not_allowed",
    "other",
    "rate_limited",
    "retry",
    "starts",
    "upstream_timeout",
];

/// The module `settings.js`. It is not JSON, which a host page's script would have to `fetch`: libraries that trace
/// requests add headers to each fetch, so browsers send a preflight request, which no static host answers.
pub(super) fn module(settings: &PageSettings<'_>) -> serde_json::Result<String> {
    let json = serde_json::to_string(settings)?;
    Ok(format!("export default {json};\n"))
}

/// The JSON in that module.
pub(super) fn json_of(module: &str) -> &str {
    let json = module.strip_prefix("export default ").unwrap_or_default();
    json.trim_end_matches(";\n")
}

/// The path of that module with a hash of it, so that whoever refers to it never gets an older one from a cache.
/// `static/js/panel.js` makes the same.
pub(super) fn module_address(base_url: &BaseUrl, name: &str, hash: &str) -> String {
    let root = &base_url.root()[base_url.origin().len()..];
    format!("{root}/w/{name}/settings.js?v={hash}")
}

/// ChatKit's options, with what visitors have to know before they write.
fn options(site: &Site, widget: &Widget, texts: &Texts) -> Value {
    let mut options = widget.chatkit.to_json();
    if let (Some(Colors { light, dark }), Value::Null) = (
        site.variables_of(widget).chat_accent,
        &options["theme"]["color"]["accent"],
    ) {
        let primary = match light == dark {
            true => json!(light.to_css()),
            false => json!({"light": light.to_css(), "dark": dark.to_css()}),
        };
        options["theme"]["color"]["accent"] = json!({"primary": primary, "level": ACCENT_LEVEL});
    }
    if widget.backend.has_transcripts() {
        let notice = texts.get("transcripts");
        let text = match &widget.chatkit.disclaimer {
            // Two paragraphs in Markdown.
            Some(own) => format!("{}\n\n{notice}", own.text.trim_end()),
            None => notice.to_owned(),
        };
        options["disclaimer"]["text"] = Value::from(text);
    }
    options
}

/// Origins as they are written.
pub(super) fn texts_of(origins: &[OriginPattern]) -> Vec<String> {
    origins.iter().map(ToString::to_string).collect()
}

impl<'a> PageSettings<'a> {
    /// A hash of what a panel reads.
    pub(super) fn hash_of_panel(&self) -> serde_json::Result<String> {
        let read = (&self.panel, &self.fallback, self.language, &self.texts);
        Ok(short_hash(&serde_json::to_string(&read)?))
    }

    pub(super) fn new(
        site: &Site,
        widget: &'a Widget,
        texts: &'a Texts,
        chatkit: &'a ChatKit,
        assets: &Assets,
        logo: Option<String>,
    ) -> Self {
        Self {
            widget: &widget.name,
            chatkit: &chatkit.script,
            backend: match &widget.backend {
                Backend::Agent(agent) => PageBackend::Agent {
                    url: CHAT_PATH,
                    domain_key: &agent.domain_key,
                    session_url: SESSION_PATH,
                    script: assets.address_beside(AGENT),
                },
                Backend::Hosted(_) => PageBackend::Hosted {
                    session_url: SESSION_PATH,
                },
                Backend::Server(Server {
                    url,
                    domain_key,
                    upload,
                    signed,
                    // Only the function may know it.
                    secret_env: _,
                }) => PageBackend::Server {
                    url: url.as_str(),
                    domain_key,
                    session: *signed,
                    session_url: SESSION_PATH,
                    upload_strategy: upload.as_ref().map(|upload| match upload {
                        Upload::TwoPhase => json!({"type": "two_phase"}),
                        Upload::Direct(url) => json!({"type": "direct", "uploadUrl": url.as_str()}),
                    }),
                },
            },
            options: options(site, widget, texts),
            fallback: widget
                .fallback
                .as_ref()
                .map(|Fallback { label, url }| Link { label, url }),
            language: &texts.language,
            texts: texts.only(&TEXTS),
            embedders: texts_of(site.origins_of(widget)),
            panel: PanelSettings::new(widget, logo),
        }
    }
}
