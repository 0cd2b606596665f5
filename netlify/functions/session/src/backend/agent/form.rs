//! The form by which a visitor reaches a person: the tool that shows it, its widget, and what it sends. Pure.
//!
//! The widget is one of ChatKit's own, as `chatkit/widgets.py` of openai/chatkit-python 1.6.5 describes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::protocol::Action;
use super::words::Words;
use crate::site::{AgentLimits, ContactField, ContactSettings};

/// The name of the tool with which a model shows the form.
pub(super) const TOOL: &str = "show_contact_form";
/// The type of the action with which ChatKit sends the form.
pub(super) const ACTION: &str = "chatkit-embed.contact";
/// The name of the box that attaches the conversation.
const ATTACH: &str = "conversation";

/// The longest name, in characters, like the next two.
const LONGEST_NAME: u32 = 200;
/// <https://www.rfc-editor.org/rfc/rfc3696#section-3>
const LONGEST_EMAIL: u32 = 320;
/// The longest message, if `limits.message` does not set a lower limit.
const LONGEST_MESSAGE: u32 = 10_000;

/// A form in a thread.
#[derive(Clone, Default, Deserialize, Serialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
#[serde(default)]
pub(super) struct Form {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_sent: bool,
    /// Why the last attempt has failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) trouble: Option<Trouble>,
    /// Empty once it is sent.
    #[serde(skip_serializing_if = "Typed::is_empty")]
    pub(super) typed: Typed,
}

/// Why a form was not sent, as the visitor is told.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Trouble {
    /// A field is empty, or no email address.
    Check,
    /// The message has more characters than this.
    TooLong(u32),
    /// Nobody has taken it.
    Failed,
}

/// What a visitor has typed.
#[derive(Clone, Default, Deserialize, Serialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
#[serde(default)]
pub(super) struct Typed {
    pub(super) fields: BTreeMap<ContactField, String>,
    /// Whether the conversation goes along.
    pub(super) attach: bool,
}

/// What a widget depends on besides the thread.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) words: &'static Words,
    pub(super) contact: Option<&'a ContactSettings>,
}

impl Form {
    pub(super) fn sent() -> Form {
        Form {
            is_sent: true,
            ..Form::default()
        }
    }

    /// The widget as ChatKit shows it.
    pub(super) fn widget(&self, look: Look<'_>) -> Value {
        let words = look.words;
        let children = match look.contact {
            _ if self.is_sent => vec![json!({"type": "Text", "value": words.form_sent})],
            Some(contact) => vec![self.form(contact, words)],
            // The owner has removed the form since.
            None => vec![json!({"type": "Text", "value": words.unsupported})],
        };
        json!({"type": "Card", "size": "md", "children": children})
    }

    fn form(&self, contact: &ContactSettings, words: &Words) -> Value {
        let mut children = vec![json!({"type": "Title", "size": "sm", "value": words.form_title})];
        if let Some(trouble) = self.trouble {
            let text = trouble.text(words);
            children.push(json!({"type": "Text", "size": "sm", "color": "danger", "value": text}));
        }
        for field in &contact.fields {
            let name = field.name();
            let label = match field {
                ContactField::Name => words.form_name,
                ContactField::Email => words.form_email,
                ContactField::Message => words.form_message,
            };
            children.push(json!({"type": "Label", "fieldName": name, "value": label}));
            let mut input = match field {
                ContactField::Name => json!({"type": "Input", "inputType": "text"}),
                ContactField::Email => json!({"type": "Input", "inputType": "email"}),
                ContactField::Message => json!({"type": "Textarea", "rows": 4, "autoResize": true}),
            };
            input["name"] = json!(name);
            input["required"] = json!(true);
            if let Some(text) = self.typed.fields.get(field) {
                input["defaultValue"] = json!(text);
            }
            children.push(input);
        }
        children.extend([
            json!({"type": "Checkbox", "name": ATTACH, "label": words.form_attach, "defaultChecked": self.typed.attach}),
            json!({"type": "Button", "submit": true, "style": "primary", "label": words.form_send}),
        ]);
        let action = json!({"type": ACTION, "handler": "server", "loadingBehavior": "container", "streaming": true});
        json!({"type": "Form", "direction": "col", "gap": 2, "onSubmitAction": action, "children": children})
    }
}

impl Trouble {
    fn text(self, words: &Words) -> String {
        match self {
            Trouble::Check => words.form_check.to_owned(),
            Trouble::TooLong(limit) => words.too_long.replace("{limit}", &limit.to_string()),
            Trouble::Failed => words.form_failed.to_owned(),
        }
    }
}

impl Typed {
    fn is_empty(&self) -> bool {
        self.fields.is_empty() && !self.attach
    }

    /// Reads what ChatKit sends: a member for each field of the form, and no other. `None` if it is not that.
    pub(super) fn read(action: &Action, contact: &ContactSettings) -> Option<Typed> {
        let mut typed = Typed::default();
        for (name, value) in action.payload.as_object()? {
            if name == ATTACH {
                typed.attach = match value {
                    Value::Null => false,
                    Value::Bool(attach) => *attach,
                    // As browsers send a box that has no value of its own.
                    Value::String(text) => matches!(text.as_str(), "on" | "true"),
                    _ => return None,
                };
                continue;
            }
            let mut fields = contact.fields.iter();
            let field = fields.find(|field| field.name() == name)?;
            let text = match value {
                Value::Null => "",
                Value::String(text) => text.trim(),
                _ => return None,
            };
            typed.fields.insert(*field, text.to_owned());
        }
        Some(typed)
    }

    /// Why it cannot be sent.
    pub(super) fn trouble(
        &self,
        contact: &ContactSettings,
        limits: AgentLimits,
    ) -> Option<Trouble> {
        let longest = match limits.message {
            0 => LONGEST_MESSAGE,
            limit => limit.min(LONGEST_MESSAGE),
        };
        let trouble = |field: &ContactField| {
            let text = self.fields.get(field).map_or("", String::as_str);
            let length = text.chars().count();
            match field {
                _ if text.is_empty() => Some(Trouble::Check),
                ContactField::Name => {
                    let is_good = is_line(text) && length <= LONGEST_NAME as usize;
                    (!is_good).then_some(Trouble::Check)
                }
                ContactField::Email => {
                    let is_good = is_email(text) && length <= LONGEST_EMAIL as usize;
                    (!is_good).then_some(Trouble::Check)
                }
                ContactField::Message => {
                    (length > longest as usize).then_some(Trouble::TooLong(longest))
                }
            }
        };
        contact.fields.iter().find_map(trouble)
    }

    /// Returns whether the state of a thread has room for it.
    pub(super) fn is_small(&self) -> bool {
        let lengths = self.fields.values().map(|text| text.chars().count());
        lengths.sum::<usize>() <= (LONGEST_NAME + LONGEST_EMAIL + LONGEST_MESSAGE) as usize
    }
}

/// Returns whether it is one line: what comes after a line break could be taken for a header of a mail.
fn is_line(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

/// Returns whether it looks like one email address. Only a mail to it could tell more.
fn is_email(text: &str) -> bool {
    let is_part = |part: &str| {
        let odd = |c: char| c.is_whitespace() || c.is_control() || "\"(),:;<>@[\\]".contains(c);
        !part.is_empty() && !part.contains(odd)
    };
    text.rsplit_once('@').is_some_and(|(name, domain)| {
        is_part(name) && domain.contains('.') && domain.split('.').all(is_part)
    })
}

/// The tool, as a Responses API wants it.
pub(super) fn tool() -> Value {
    json!({
        "type": "function",
        "name": TOOL,
        "description": "Shows the visitor a form below your answer, by which they reach a person of the website. You do not see what they write there.",
        "strict": true,
        "parameters": {"type": "object", "properties": {}, "required": [], "additionalProperties": false},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn email_address_has_one_name_and_a_domain() {
        for good in [
            "a@b.example",
            "a.b+c@mail.example.co.uk",
            "ä@bücher.example",
        ] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "a@",
            "@b.example",
            "a@b",
            "a@b..example",
            "a@.example",
            "a@b.example.",
            "a b@c.example",
            "a@b@c.example",
            "a@b.example\nBcc: c@d.example",
            "<a@b.example>",
            "a@b.example,c@d.example",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
