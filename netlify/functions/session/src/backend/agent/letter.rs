//! A form as a request to whoever takes it. Pure, but for the variables that it reads.

use std::time::SystemTime;

use serde_json::{Value, json};
use ureq::http::HeaderValue;

use super::form::{Trouble, Typed};
use super::post::{Letter, To};
use super::state::{Message, State};
use super::webhook::Webhook;
use super::words::Words;
use crate::access::keys::{Key, hex};
use crate::backend::upstream::Call;
use crate::clock;
use crate::error::RequestError;
use crate::service::Service;
use crate::settings::{Settings, not_configured};
use crate::site::{ContactSettings, ContactTarget};

/// What a visitor has submitted.
pub(super) struct Submitted {
    pub(super) contact: ContactSettings,
    /// The site's address.
    pub(super) site: String,
    pub(super) widget: String,
    pub(super) user: String,
    /// Those that sign states.
    pub(super) keys: Vec<Key>,
    pub(super) words: &'static Words,
    pub(super) state: State,
    pub(super) title: Option<String>,
    /// The place of the form among the thread's items.
    pub(super) at: usize,
    pub(super) typed: Typed,
    pub(super) trouble: Option<Trouble>,
    pub(super) deadline: Option<SystemTime>,
}

/// The letter with a form, to whoever gets it.
pub(super) fn write(service: &Service, submitted: &Submitted) -> Result<Letter, RequestError> {
    let settings = service.settings();
    match &submitted.contact.to {
        ContactTarget::Webhook(variable) => to_webhook(settings, variable, submitted),
        ContactTarget::NetlifyForm => to_netlify(settings, submitted),
    }
}

/// Fails unless the variables are set and valid.
pub(super) fn check(settings: &Settings, contact: &ContactSettings) -> Result<(), RequestError> {
    match &contact.to {
        ContactTarget::Webhook(variable) => Webhook::of(settings, variable).map(drop),
        ContactTarget::NetlifyForm => Ok(()),
    }
}

fn to_webhook(
    settings: &Settings,
    name: &str,
    submitted: &Submitted,
) -> Result<Letter, RequestError> {
    let webhook = Webhook::of(settings, name)?;
    let Submitted {
        widget,
        state,
        at,
        typed: Typed { fields, attach },
        ..
    } = submitted;
    let fields = json!(fields);
    let form = &state.items[*at].id;
    // The same for each try, and for a visitor who tries again without a change.
    let id = &hex(&webhook
        .key
        .sign(format!("{form}\n{fields}\n{attach}").as_bytes()))[..32];
    let mut body = json!({
        "id": id,
        "widget": widget,
        "thread": state.id,
        "submitted_at": clock::iso(),
        "fields": fields,
    });
    if *attach {
        body["conversation"] = conversation(state);
        if state.is_cut {
            body["is_cut"] = Value::Bool(true);
        }
    }
    Ok(Letter {
        call: webhook.call(id, &body),
        to: To::Webhook(webhook.variable),
    })
}

/// The name of a widget's form at Netlify. <https://docs.netlify.com/manage/forms/setup/>
#[must_use]
pub fn netlify_form(widget: &str) -> String {
    format!("contact-{widget}")
}

fn to_netlify(settings: &Settings, submitted: &Submitted) -> Result<Letter, RequestError> {
    if !settings.is_netlify() {
        let detail = "`to: netlify-form` works on Netlify alone, and this function runs elsewhere; use `webhook_env`";
        return Err(not_configured(detail.to_owned()));
    }
    let Submitted {
        site,
        widget,
        state,
        typed: Typed { fields, attach },
        ..
    } = submitted;
    let form = netlify_form(widget);
    let said = match attach {
        true => conversation_as_text(state),
        false => String::new(),
    };
    // A program that fills in every field fills in the second one as well.
    let mut pairs = vec![("form-name", &*form), ("bot-field", "")];
    pairs.extend(fields.iter().map(|(field, text)| (field.name(), &**text)));
    pairs.push(("conversation", &said));
    let pairs = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)));
    Ok(Letter {
        call: Call {
            // A page of the site that is never redirected. Netlify finds the form by its name.
            url: format!("{site}/w/{widget}/"),
            headers: vec![
                (
                    "Content-Type",
                    HeaderValue::from_static("application/x-www-form-urlencoded"),
                ),
                ("Accept", HeaderValue::from_static("text/html")),
            ],
            body: pairs.collect::<Vec<_>>().join("&"),
        },
        to: To::Netlify,
    })
}

/// Precedes a conversation that became too long.
const CUT: &str = "(The beginning is missing, because the conversation became too long.)";

/// What visitor and agent have said, for a mail.
fn conversation_as_text(state: &State) -> String {
    let items = state.items.iter().filter_map(|kept| {
        let by = match kept.message {
            Message::User { .. } => "Visitor",
            Message::Assistant { .. } => "Agent",
            Message::Form(_) => return None,
        };
        Some(format!("{by}: {}", kept.text()))
    });
    let cut = state.is_cut.then(|| CUT.to_owned());
    cut.into_iter()
        .chain(items)
        .collect::<Vec<_>>()
        .join("\n\n")
}

/// A text as a value of `application/x-www-form-urlencoded`.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' => {
                encoded.push(byte.into())
            }
            b' ' => encoded.push('+'),
            _ => encoded += &format!("%{byte:02X}"),
        }
    }
    encoded
}

/// What visitor and agent have said.
fn conversation(state: &State) -> Value {
    let items = state.items.iter().filter_map(|kept| {
        let by = match kept.message {
            Message::User { .. } => "visitor",
            Message::Assistant { .. } => "agent",
            Message::Form(_) => return None,
        };
        Some(json!({"by": by, "at": kept.created_at, "text": kept.text()}))
    });
    items.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_a_form_is_encoded() {
        assert_eq!(encoded("a-b_c.d e&f=g+h\n"), "a-b_c.d+e%26f%3Dg%2Bh%0A");
        assert_eq!(encoded("ä🙂"), "%C3%A4%F0%9F%99%82");
    }
}
