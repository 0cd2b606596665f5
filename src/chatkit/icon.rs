//! Icons of prompts: ChatKit's own names, and Lucide's behind a prefix.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::hint::closest;

/// The name of an icon that ChatKit can draw.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Icon(String);

/// Before a name of <https://lucide.dev/icons/>.
const LUCIDE: &str = "lucide:";

/// `ChatKitIcon` of `@openai/chatkit` 1.9.0.
#[rustfmt::skip]
const NAMES: [&str; 63] = [
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

impl<'de> Deserialize<'de> for Icon {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known = match name.strip_prefix(LUCIDE) {
            Some(lucide) => is_lucide_name(lucide),
            None => NAMES.contains(&name.as_str()),
        };
        if known {
            return Ok(Self(name));
        }
        let near = closest(&name, NAMES).unwrap_or(NAMES[0]);
        Err(D::Error::custom(format_args!(
            "unknown icon `{name}`, expected a name of ChatKit's own such as `{near}`, \
             or `lucide:` and a name of lucide.dev/icons"
        )))
    }
}

/// Lucide has over 1,600 names and gets new ones each week, so only their form is checked.
pub(crate) fn is_lucide_name(name: &str) -> bool {
    let form = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !name.is_empty() && !name.starts_with('-') && name.bytes().all(form)
}
