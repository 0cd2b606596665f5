//! Languages that ChatKit speaks.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::hint::closest;

/// A locale that ChatKit takes without falling back to English.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Locale(String);

/// `SupportedLocale` of `@openai/chatkit` 1.9.0. `en-US`, `en-GB` and `de-AT` are not among them.
#[rustfmt::skip]
const NAMES: [&str; 114] = [
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

impl<'de> Deserialize<'de> for Locale {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if NAMES.contains(&name.as_str()) {
            return Ok(Self(name));
        }
        // `en-US` is not known to ChatKit, but `en` is.
        let language = name.split('-').next().unwrap_or_default();
        let near = NAMES
            .into_iter()
            .find(|known| *known == language)
            .or_else(|| closest(&name, NAMES))
            .unwrap_or("en");
        Err(D::Error::custom(format_args!(
            "unknown locale `{name}`, expected one of ChatKit's {} such as `{near}`",
            NAMES.len()
        )))
    }
}
