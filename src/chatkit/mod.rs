//! OpenAI's `ChatKitOptions` 1.9.0, typed: what may stand under `chatkit:` and nothing of ours, but for
//! `colorScheme: auto`.
//!
//! ChatKit refuses unknown keys and wrong values at run time, and the visitor then sees a blank box. So
//! every struct rejects unknown keys, and every value has the narrowest type that ChatKit takes. Source of
//! all names, ranges and defaults: the type definitions of `@openai/chatkit` 1.9.0.

mod bounded;
mod composer;
mod header;
mod names;
mod start_screen;
mod theme;

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use names::is_lucide_name;
pub(crate) use theme::{ColorScheme, Radius};

pub(crate) use header::{Action, Header};
pub(crate) use start_screen::{PartType, Prompt, PromptContent, PromptPart};

use bounded::NonEmpty;
use composer::Composer;
use names::Locale;
use start_screen::StartScreen;
use theme::Theme;

/// Origin of ChatKit's script and frame. OpenAI does not allow serving them from elsewhere.
pub(crate) const ORIGIN: &str = "https://cdn.platform.openai.com";

/// Path of ChatKit's script there. It has no version, so it cannot be pinned.
pub(crate) const SCRIPT: &str = "/deployments/chatkit/chatkit.js";

/// The options of one chat that a file can hold. `api` is missing, because the back end decides it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub(crate) struct ChatKitOptions {
    /// Language of ChatKit's own texts.
    #[schemars(extend("x-default" = {"text": "the browser's"}))]
    pub(crate) locale: Option<Locale>,
    /// Looks of the chat.
    #[serde(deserialize_with = "theme::scheme_or_theme")]
    #[schemars(with = "Option<theme::SchemeOrTheme>")]
    pub(crate) theme: Option<Theme>,
    /// Title of the chat for screen readers.
    #[schemars(extend("x-default" = {"value": "Chat", "by": "ChatKit"}))]
    pub(crate) frame_title: Option<NonEmpty>,
    /// The thread that opens first.
    #[schemars(extend("x-default" = {"text": "a new one, as with `null`"}))]
    pub(crate) initial_thread: InitialThread,
    /// The bar above the messages.
    pub(crate) header: Option<Header>,
    /// The list of earlier threads.
    pub(crate) history: Option<History>,
    /// The screen of a new thread, before the first message.
    pub(crate) start_screen: Option<StartScreen>,
    /// Buttons under each answer.
    pub(crate) thread_item_actions: Option<ThreadItemActions>,
    /// The box that the visitor types in.
    pub(crate) composer: Option<Composer>,
    /// A line below the composer.
    pub(crate) disclaimer: Option<Disclaimer>,
    /// The list of messages.
    pub(crate) thread: Option<Thread>,
    /// Mentions with `@`.
    #[schemars(extend("x-backend" = ["server"]))]
    pub(crate) entities: Option<Entities>,
    /// Commands with `/`.
    pub(crate) commands: Option<Commands>,
}

impl ChatKitOptions {
    /// The scheme where none is set: ChatKit's default is light.
    pub(crate) fn color_scheme(&self) -> ColorScheme {
        self.theme
            .as_ref()
            .and_then(|theme| theme.color_scheme)
            .unwrap_or(ColorScheme::Light)
    }

    /// The options as ChatKit takes them: settings without a value are absent, not null.
    pub(crate) fn to_json(&self) -> Value {
        let mut json =
            serde_json::to_value(self).expect("plain structs with string keys always serialize");
        remove_nulls(&mut json);
        json
    }
}

fn remove_nulls(json: &mut Value) {
    match json {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(remove_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(remove_nulls),
        _ => {}
    }
}

/// Thread that is opened first. The only option with a meaning for `null`: a new thread.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct InitialThread(Option<NonEmpty>);

impl JsonSchema for InitialThread {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "InitialThread".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [{"type": "string", "minLength": 1}, {"const": null}]})
    }
}

/// The list of earlier threads.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub(crate) struct History {
    /// Shows the list.
    #[schemars(extend("x-default" = {"value": true, "by": "ChatKit"}))]
    pub(crate) enabled: Option<bool>,
    /// Lets visitors delete a thread.
    pub(crate) show_delete: Option<bool>,
    /// Lets visitors rename a thread.
    pub(crate) show_rename: Option<bool>,
}

/// Buttons under each answer.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ThreadItemActions {
    /// Thumbs up and down.
    #[schemars(extend("x-default" = {"value": false, "by": "ChatKit"}))]
    pub(crate) feedback: Option<bool>,
    /// A button that asks for another answer.
    #[schemars(extend("x-default" = {"value": false, "by": "ChatKit"}))]
    pub(crate) retry: Option<bool>,
}

/// A line below the composer.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Disclaimer {
    /// The line, in Markdown.
    #[schemars(extend("x-control" = "lines"))]
    pub(crate) text: String,
    /// Makes the line easier to read.
    #[schemars(extend("x-default" = {"value": false, "by": "ChatKit"}))]
    pub(crate) high_contrast: Option<bool>,
}

/// The list of messages.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub(crate) struct Thread {
    /// Scrolls along with a streaming answer while the visitor is near the end.
    #[schemars(extend("x-default" = {"value": false, "by": "ChatKit"}))]
    pub(crate) auto_scroll: Option<bool>,
}

/// Mentions with `@`. The search behind them is a function, so only the button can be set here.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub(crate) struct Entities {
    /// Shows a button that starts a mention.
    #[schemars(extend("x-default" = {"value": false, "by": "ChatKit"}))]
    pub(crate) show_composer_menu: Option<bool>,
}

/// Commands with `/`. Your own commands are functions, so only ChatKit's are available here.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Commands {
    /// Opens the menu when the visitor types `/`.
    pub(crate) enabled: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(yaml: &str) -> Result<Value, String> {
        serde_yaml::from_str::<ChatKitOptions>(yaml)
            .map(|options| options.to_json())
            .map_err(|err| err.to_string())
    }

    #[test]
    fn options_come_out_as_they_went_in() {
        let json = parse(
            "locale: de-DE\n\
             theme: {colorScheme: auto, color: {accent: {primary: '#1d4ed8', level: 2}}}\n\
             startScreen: {greeting: Hi, prompts: [{label: A, prompt: B, icon: 'lucide:rocket'}]}\n",
        );
        assert_eq!(
            json,
            Ok(serde_json::json!({
                "locale": "de-DE",
                "theme": {
                    "colorScheme": "auto",
                    "color": {"accent": {"primary": "#1d4ed8", "level": 2}}
                },
                "startScreen": {
                    "greeting": "Hi",
                    "prompts": [{"label": "A", "prompt": "B", "icon": "lucide:rocket"}]
                }
            }))
        );
    }

    #[test]
    fn a_theme_can_be_the_name_of_a_scheme() {
        assert_eq!(
            parse("theme: dark"),
            Ok(serde_json::json!({"theme": {"colorScheme": "dark"}}))
        );
    }

    #[test]
    fn what_chatkit_refuses_is_an_error() {
        for (yaml, part) in [
            ("theme: {radius: md}", "unknown variant `md`"),
            ("theme: {typography: {baseSize: 20}}", "expected 14 to 18"),
            (
                "theme: {color: {accent: {primary: red}}}",
                "missing field `level`",
            ),
            (
                "theme: {color: {accent: {primary: red, level: 4}}}",
                "expected 0 to 3",
            ),
            (
                "theme: {color: {grayscale: {hue: 361, tint: 1}}}",
                "expected 0 to 360",
            ),
            ("locale: en-US", "unknown locale `en-US`"),
            ("frameTitle: ''", "must not be empty"),
            (
                "startScreen: {prompts: [{name: A, prompt: B}]}",
                "unknown field `name`",
            ),
            (
                "startScreen: {prompts: [{label: A, prompt: B, icon: rocket}]}",
                "unknown icon `rocket`",
            ),
            (
                "startScreen: {prompts: [{label: A, prompt: B, icon: 'lucide:'}]}",
                "unknown icon",
            ),
            (
                "startScreen: {prompts: [{label: A, prompt: B, icon: 'lucide:a--b'}]}",
                "unknown icon",
            ),
            ("api: {url: x}", "unknown field `api`"),
        ] {
            let message = parse(yaml).unwrap_err();
            assert!(message.contains(part), "{yaml}: {message}");
        }
    }
}
