//! A form as a request to whoever takes it. Pure, but for the variables that it reads.

use std::time::SystemTime;

use serde_json::{Value, json};
use ureq::Error;
use ureq::http::{HeaderValue, Uri};

use super::failure::{Failure, Told};
use super::form::{Trouble, Typed};
use super::state::{Message, State};
use super::words::Words;
use crate::access::keys::{self, Key, hex};
use crate::backend::upstream::{Call, Reply};
use crate::clock;
use crate::error::RequestError;
use crate::origin::is_loopback;
use crate::service::Service;
use crate::settings::{Settings, not_configured};
use crate::site::{ContactSettings, ContactTarget};

/// The version of a signature.
const VERSION: &str = "v1";

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

/// A letter to the site's owner.
pub(super) struct Letter {
    pub(super) call: Call,
    to: To,
}

/// The receiver, for the log.
enum To {
    /// The webhook in this variable.
    Webhook(String),
    Netlify,
}

impl Letter {
    pub(super) fn write(service: &Service, submitted: &Submitted) -> Result<Letter, RequestError> {
        let settings = service.settings();
        match &submitted.contact.to {
            ContactTarget::Webhook(variable) => webhook(settings, variable, submitted),
            ContactTarget::NetlifyForm => netlify(settings, submitted),
        }
    }

    /// Returns whether the receiver has it.
    pub(super) fn is_taken(&self, outcome: &Result<Reply, Error>) -> bool {
        outcome.as_ref().is_ok_and(|reply| match reply.status {
            200..300 => true,
            // To the page that says thank you.
            303 => matches!(self.to, To::Netlify),
            _ => false,
        })
    }

    /// Why nobody has taken it, for the log: without the address, which may hold a secret, and without the reply, which
    /// may repeat what was sent.
    pub(super) fn failure(&self, outcome: &Result<Reply, Error>) -> Failure {
        let (to, moved, missing) = match &self.to {
            To::Webhook(variable) => (
                format!("the webhook in `{variable}`"),
                "set the address that it redirects to",
                "check the address",
            ),
            To::Netlify => (
                "Netlify".to_owned(),
                "set `site.url` to the site's primary domain",
                "turn on form detection in the site's Netlify settings and deploy again",
            ),
        };
        let cause = match outcome {
            Ok(reply) => {
                let fix = match reply.status {
                    300..=399 => format!("; it redirects: {moved}"),
                    401 | 403 => "; check that it accepts the signature".to_owned(),
                    404 | 405 | 410 => format!("; {missing}"),
                    _ => String::new(),
                };
                format!("{to} answered with status {}{fix}", reply.status)
            }
            Err(Error::Timeout(_)) => format!("{to} took too long"),
            Err(Error::HostNotFound) => format!("the host of {to} is not known"),
            Err(Error::Tls(_)) => format!("the certificate of {to} is refused"),
            Err(_) => format!("the connection to {to} failed"),
        };
        Failure::new(
            Told::TryAgain,
            "contact_failed",
            format!("a form was not delivered: {cause}"),
        )
    }
}

/// Returns whether another try may help.
pub(super) fn may_pass(outcome: &Result<Reply, Error>) -> bool {
    match outcome {
        Ok(reply) => matches!(reply.status, 408 | 429 | 500..=599),
        Err(err) => !matches!(err, Error::BadUri(_) | Error::Tls(_)),
    }
}

/// The variables of a webhook: its address, and the secret that signs.
pub fn variables_of_webhook(name: &str) -> [String; 2] {
    [name.to_owned(), format!("{name}_SECRET")]
}

/// Fails unless the variables are set and valid.
pub(super) fn check(settings: &Settings, contact: &ContactSettings) -> Result<(), RequestError> {
    match &contact.to {
        ContactTarget::Webhook(variable) => check_webhook(settings, variable).map(drop),
        ContactTarget::NetlifyForm => Ok(()),
    }
}

fn check_webhook(settings: &Settings, name: &str) -> Result<String, RequestError> {
    let [variable, secret] = variables_of_webhook(name);
    let url = settings.required(&variable)?;
    if !is_address(&url) {
        return Err(not_configured(format!(
            "invalid `{variable}`: it must be an address that begins with `https://`, without user name and fragment"
        )));
    }
    keys::required(settings, &secret)?;
    Ok(url)
}

fn webhook(settings: &Settings, name: &str, submitted: &Submitted) -> Result<Letter, RequestError> {
    let url = check_webhook(settings, name)?;
    let [variable, secret] = variables_of_webhook(name);
    let key = keys::required(settings, &secret)?;
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
    let id = &hex(&key.sign(format!("{form}\n{fields}\n{attach}").as_bytes()))[..32];
    let mut body = json!({
        "id": id,
        "widget": widget,
        "thread": state.id,
        "submitted_at": clock::iso(),
        "fields": fields,
    });
    if *attach {
        body["conversation"] = conversation(state);
    }
    let body = body.to_string();
    let timestamp = clock::unix_seconds().to_string();
    let signature = hex(&key.sign(format!("{timestamp}.{body}").as_bytes()));
    let value = |text: &str| HeaderValue::from_str(text).expect("digits and letters are a header");
    let headers = vec![
        ("Content-Type", HeaderValue::from_static("application/json")),
        ("X-ChatKit-Embed-Id", value(id)),
        ("X-ChatKit-Embed-Timestamp", value(&timestamp)),
        (
            "X-ChatKit-Embed-Signature",
            value(&format!("{VERSION}={signature}")),
        ),
    ];
    Ok(Letter {
        call: Call { url, headers, body },
        to: To::Webhook(variable),
    })
}

/// The name of a widget's form at Netlify. <https://docs.netlify.com/manage/forms/setup/>
#[must_use]
pub fn netlify_form(widget: &str) -> String {
    format!("contact-{widget}")
}

fn netlify(settings: &Settings, submitted: &Submitted) -> Result<Letter, RequestError> {
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
    items.collect::<Vec<_>>().join("\n\n")
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

/// Returns whether a letter may go there: nobody else can read it on its way.
fn is_address(text: &str) -> bool {
    let Ok(url) = text.parse::<Uri>() else {
        return false;
    };
    let host = url.host().unwrap_or_default();
    let is_safe = match url.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => is_loopback(host),
        _ => false,
    };
    let has_user = url
        .authority()
        .is_some_and(|authority| authority.as_str().contains('@'));
    is_safe && !has_user && !text.contains('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_a_form_is_encoded() {
        assert_eq!(encoded("a-b_c.d e&f=g+h\n"), "a-b_c.d+e%26f%3Dg%2Bh%0A");
        assert_eq!(encoded("ä🙂"), "%C3%A4%F0%9F%99%82");
    }

    #[test]
    fn letters_go_where_nobody_else_reads_them() {
        for good in [
            "https://hooks.example.com/a?key=1",
            "http://127.0.0.1:1/",
            "http://localhost/x",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "http://hooks.example.com/",
            "https://",
            "hooks.example.com",
            "https://user@hooks.example.com/",
            "ftp://hooks.example.com/",
            "https://hooks.example.com/#x",
            "",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
