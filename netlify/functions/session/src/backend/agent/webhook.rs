//! The owner's webhooks: an address and a secret in two variables, and requests that only whoever has the secret can have
//! sent.

use serde_json::Value;
use ureq::http::{HeaderValue, Uri};

use crate::access::keys::{self, Key, hex};
use crate::backend::upstream::Call;
use crate::clock;
use crate::error::RequestError;
use crate::origin::is_loopback;
use crate::settings::{Settings, not_configured};

/// The version of a signature.
const VERSION: &str = "v1";

/// A webhook that is set up.
pub(super) struct Webhook {
    /// The variable of its address.
    pub(super) variable: String,
    url: String,
    pub(super) key: Key,
}

/// The variables of a webhook: its address, and the secret that signs.
pub fn variables_of_webhook(name: &str) -> [String; 2] {
    [name.to_owned(), format!("{name}_SECRET")]
}

impl Webhook {
    /// The webhook in the variable of this name. Fails unless address and secret are set and valid.
    pub(super) fn of(settings: &Settings, name: &str) -> Result<Webhook, RequestError> {
        let [variable, secret] = variables_of_webhook(name);
        let url = settings.required(&variable)?;
        if !is_address(&url) {
            return Err(not_configured(format!(
                "invalid `{variable}`: it must be an address that begins with `https://`, without user name and fragment"
            )));
        }
        let key = keys::required(settings, &secret)?;
        Ok(Webhook { variable, url, key })
    }

    /// A signed request with this body. `id` is the same for each try.
    pub(super) fn call(&self, id: &str, body: &Value) -> Call {
        let body = body.to_string();
        let timestamp = clock::unix_seconds().to_string();
        let signature = hex(&self.key.sign(format!("{timestamp}.{body}").as_bytes()));
        let value =
            |text: &str| HeaderValue::from_str(text).expect("digits and letters are a header");
        let mut headers = vec![
            ("Content-Type", HeaderValue::from_static("application/json")),
            ("X-ChatKit-Embed-Timestamp", value(&timestamp)),
            (
                "X-ChatKit-Embed-Signature",
                value(&format!("{VERSION}={signature}")),
            ),
        ];
        // A gateway may number its requests with anything.
        headers.extend(HeaderValue::from_str(id).map(|id| ("X-ChatKit-Embed-Id", id)));
        let url = self.url.clone();
        Call { url, headers, body }
    }
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
