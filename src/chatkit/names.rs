//! Closed lists of names: icons and languages. Source: the type definitions of `@openai/chatkit` 1.9.0.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

/// An icon of a prompt or a tool: one of ChatKit's own, or `lucide:` and a name from <https://lucide.dev/icons/>.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Icon(String);

/// An icon of a button in the header.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct HeaderIcon(String);

/// A language that ChatKit speaks. `en-US`, `en-GB` and `de-AT` are not among them; `en` and `de` are.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Locale(String);

impl Locale {
    /// BCP 47 tag.
    pub(crate) fn tag(&self) -> &str {
        &self.0
    }
}

/// Prefix of a Lucide icon. Lucide has over 1,600 and adds some each week, so only the form of a name is checked.
const LUCIDE: &str = "lucide:";

/// Returns whether this can be the name of a Lucide icon: words of lower-case letters and digits, joined by hyphens.
pub(crate) fn is_lucide_name(name: &str) -> bool {
    let form = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.split('-')
        .all(|word| !word.is_empty() && word.bytes().all(form))
}

impl<'de> Deserialize<'de> for Icon {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        match name.strip_prefix(LUCIDE) {
            Some(lucide) if is_lucide_name(lucide) => Ok(Self(name)),
            _ => listed("icon", name, &ICONS).map(Self),
        }
    }
}

impl<'de> Deserialize<'de> for HeaderIcon {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        listed("header icon", name, &HEADER_ICONS).map(Self)
    }
}

impl<'de> Deserialize<'de> for Locale {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        listed("locale", String::deserialize(deserializer)?, &LOCALES).map(Self)
    }
}

fn listed<E: serde::de::Error>(what: &str, name: String, names: &[&str]) -> Result<String, E> {
    if names.contains(&name.as_str()) {
        return Ok(name);
    }
    Err(E::custom(format_args!("unknown {what} `{name}`")))
}

impl JsonSchema for Icon {
    fn schema_name() -> Cow<'static, str> {
        "Icon".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "One of ChatKit's icons, or `lucide:` and a name from lucide.dev/icons.",
            "x-control": "icon",
            "anyOf": [
                {"type": "string", "enum": ICONS.as_slice()},
                {"type": "string", "pattern": "^lucide:[a-z0-9]+(-[a-z0-9]+)*$", "examples": ["lucide:rocket"]}
            ]
        })
    }
}

impl JsonSchema for HeaderIcon {
    fn schema_name() -> Cow<'static, str> {
        "HeaderIcon".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "enum": HEADER_ICONS.as_slice(), "x-control": "icon"})
    }
}

impl JsonSchema for Locale {
    fn schema_name() -> Cow<'static, str> {
        "Locale".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "enum": LOCALES.as_slice(), "x-control": "locale"})
    }
}

/// `ChatKitIcon`, without Lucide's.
#[rustfmt::skip]
const ICONS: [&str; 63] = [
    "agent", "analytics", "atom", "batch", "bolt", "book-open", "book-closed", "book-clock", "bug",
    "calendar", "chart", "check", "check-circle", "check-circle-filled", "chevron-left",
    "chevron-right", "circle-question", "clock", "compass", "confetti", "cube", "desktop",
    "document", "dots-horizontal", "dots-vertical", "empty-circle", "external-link", "globe",
    "keys", "lab", "images", "info", "lifesaver", "lightbulb", "mail", "map-pin", "maps", "mobile",
    "name", "notebook", "notebook-pencil", "page-blank", "phone", "play", "plus", "profile",
    "profile-card", "reload", "star", "star-filled", "search", "sparkle", "sparkle-double",
    "square-code", "square-image", "square-text", "suitcase", "settings-slider", "user", "wreath",
    "write", "write-alt", "write-alt2",
];

/// `HeaderIcon`.
#[rustfmt::skip]
const HEADER_ICONS: [&str; 46] = [
    "sidebar-left", "sidebar-right", "sidebar-open-left", "sidebar-open-right",
    "sidebar-open-left-alt", "sidebar-open-right-alt", "sidebar-floating-left",
    "sidebar-floating-right", "sidebar-floating-open-left", "sidebar-floating-open-right",
    "sidebar-collapse-left", "sidebar-collapse-right", "collapse-left", "collapse-right",
    "open-left", "open-right", "double-chevron-left", "double-chevron-right", "home", "home-alt",
    "back-small", "back-large", "expand-large", "collapse-large", "expand-small", "collapse-small",
    "star", "star-filled", "bug", "chat-temporary", "settings-cog", "grid", "dots-horizontal",
    "dots-vertical", "dots-horizontal-circle", "dots-vertical-circle", "menu", "menu-inverted",
    "hamburger", "history", "book-open", "compose", "share", "light-mode", "dark-mode", "close",
];

/// `SupportedLocale`.
#[rustfmt::skip]
const LOCALES: [&str; 114] = [
    "am", "ar", "bg-BG", "bn-BD", "bs-BA", "ca-ES", "cs-CZ", "da-DK", "de-DE", "el-GR", "es-419",
    "es-ES", "et-EE", "fi-FI", "fr-CA", "fr-FR", "gu-IN", "hi-IN", "hr-HR", "hu-HU", "hy-AM",
    "id-ID", "is-IS", "it-IT", "ja-JP", "ka-GE", "kk", "kn-IN", "ko-KR", "lt", "lv-LV", "mk-MK",
    "ml", "mn", "mr-IN", "ms-MY", "my-MM", "nb-NO", "nl-NL", "pa", "pl-PL", "pt-BR", "pt-PT",
    "ro-RO", "ru-RU", "sk-SK", "sl-SI", "so-SO", "sq-AL", "sr-RS", "sv-SE", "sw-TZ", "ta-IN",
    "te-IN", "th-TH", "tl", "tr-TR", "uk-UA", "ur", "vi-VN", "zh-CN", "zh-HK", "zh-TW", "bg", "bn",
    "bs", "ca", "cs", "da", "de", "el", "es", "et", "fi", "fr", "gu", "hi", "hr", "hu", "hy", "id",
    "is", "it", "ja", "ka", "kn", "ko", "lv", "mk", "mr", "ms", "my", "nb", "nl", "pl", "pt", "ro",
    "ru", "sk", "sl", "so", "sq", "sr", "sv", "sw", "ta", "te", "th", "tr", "uk", "vi", "zh",
    "zh-Hant", "en",
];
