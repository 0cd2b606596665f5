//! The keys that tokens are signed with, and HMAC-SHA256, the one algorithm that signs them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::error::RequestError;
use crate::settings::{
    CHATKIT_SERVER_SECRET, OPENAI_API_KEY, Settings, VISITOR_SECRET, not_configured,
};
use crate::site::BackendSettings;

/// As long as the output of HMAC-SHA256: <https://www.rfc-editor.org/rfc/rfc7518#section-3.2>. Strangers hold tokens,
/// and can try out a shorter secret at home.
const MIN_LENGTH: usize = 32;

/// Keeps a derived key from being used for anything else.
const VISITOR_LABEL: &[u8] = b"chatkit-embed visitor token v2";

/// The same for a client's key; the name of its variable follows.
const CLIENT_LABEL: &str = "chatkit-embed client v1 ";

/// The text that `chat.mjs` signs with the API key or `VISITOR_SECRET`, which only this site's functions have.
const FALLBACK_LABEL: &[u8] = b"chatkit-embed chat fallback v1";

/// A key. No `Debug`: it is a secret.
pub(crate) struct Key(Vec<u8>);

impl Key {
    pub(crate) fn new(bytes: &[u8]) -> Key {
        Key(bytes.to_vec())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 32] {
        self.mac(message).finalize().into_bytes().into()
    }

    /// Compares in constant time.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.mac(message).verify_slice(signature).is_ok()
    }

    /// Another key, which does not reveal this one.
    fn derive(&self, label: &[u8]) -> Key {
        Key::new(&self.sign(label))
    }

    /// The key of a client whose own secret is in this variable: another one for each name, even if all are derived from
    /// the same `VISITOR_SECRET`.
    fn of_client(self, variable: Option<&str>) -> Key {
        match variable {
            Some(name) => self.derive(format!("{CLIENT_LABEL}{name}").as_bytes()),
            None => self,
        }
    }

    fn mac(&self, message: &[u8]) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.0);
        mac.expect("HMAC takes keys of any length")
            .chain_update(message)
    }
}

/// The keys of a variable that lists secrets, separated by commas: the first signs, all verify. Empty if the variable
/// is missing.
pub(crate) fn of(settings: &Settings, name: &str) -> Result<Vec<Key>, RequestError> {
    let list = settings.value(name).unwrap_or_default();
    let secrets = list
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty());
    secrets.map(|secret| key(name, secret)).collect()
}

/// The single key of a required variable.
pub(crate) fn required(settings: &Settings, name: &str) -> Result<Key, RequestError> {
    key(name, &settings.required(name)?)
}

/// The keys of visitors' tokens. Without `VISITOR_SECRET`, one is derived from another secret: the first that is set,
/// whatever the widget, so that a visitor stays the same from one widget to the next. A widget whose back end has a
/// secret of its own has visitors of its own.
pub(crate) fn of_visitors(
    settings: &Settings,
    backend: &BackendSettings,
) -> Result<Vec<Key>, RequestError> {
    let own = backend.own_secret();
    let mut keys = of(settings, VISITOR_SECRET)?;
    if keys.is_empty() {
        let shared = || {
            let key = settings.value(OPENAI_API_KEY);
            key.or_else(|| settings.value(CHATKIT_SERVER_SECRET))
        };
        let secret = if own.is_some() { None } else { shared() };
        let secret = secret.map_or_else(|| settings.required(backend.secret()), Ok)?;
        keys.push(Key::new(secret.as_bytes()).derive(VISITOR_LABEL));
    }
    Ok(keys.into_iter().map(|key| key.of_client(own)).collect())
}

/// Keys of an agent for one purpose, derived from `VISITOR_SECRET`, or from the API key if that is not set: the first
/// signs, all verify. An agent needs no other secret. `own` is the variable of its key, if it names one.
pub(crate) fn of_agent(
    settings: &Settings,
    own: Option<&str>,
    label: &[u8],
) -> Result<Vec<Key>, RequestError> {
    let mut keys = of(settings, VISITOR_SECRET)?;
    if keys.is_empty() {
        let variable = own.unwrap_or(OPENAI_API_KEY);
        let secret = settings.required(variable)?;
        if secret.len() < MIN_LENGTH {
            return Err(not_configured(format!(
                "`{VISITOR_SECRET}` is not set, and `{variable}` is so short that visitors could guess it; make a \
                 secret with `openssl rand -hex 32` and set `{VISITOR_SECRET}` to it"
            )));
        }
        keys.push(Key::new(secret.as_bytes()));
    }
    let keys = keys.into_iter().map(|key| key.of_client(own));
    Ok(keys.map(|key| key.derive(label)).collect())
}

/// Returns whether a request comes from `chat.mjs`, by its signature in hexadecimal digits. Without `OPENAI_API_KEY` and
/// `VISITOR_SECRET`, none does.
pub(crate) fn verifies_fallback(settings: &Settings, signature: &str) -> bool {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<_>> = signature.as_bytes().chunks(2).map(byte).collect();
    let secret = settings.value(OPENAI_API_KEY);
    let secret = secret.or_else(|| settings.value(VISITOR_SECRET));
    secret
        .zip(bytes)
        .is_some_and(|(secret, bytes)| Key::new(secret.as_bytes()).verifies(FALLBACK_LABEL, &bytes))
}

fn key(name: &str, secret: &str) -> Result<Key, RequestError> {
    if secret.len() < MIN_LENGTH {
        return Err(not_configured(format!(
            "invalid `{name}`: a secret needs at least {MIN_LENGTH} characters, because visitors could guess \
             a shorter one; make one with `openssl rand -hex 32`"
        )));
    }
    Ok(Key::new(secret.as_bytes()))
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::HostedSettings;

    const ONE: &str = "11111111111111111111111111111111";
    const TWO: &str = "22222222222222222222222222222222";

    fn settings(variables: &[(&'static str, &str)]) -> Settings {
        let all: Vec<_> = variables
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        Settings::from_lookup(move |name| {
            let (_, value) = all.iter().find(|(key, _)| *key == name)?;
            Some(value.clone())
        })
    }

    #[test]
    fn signature_is_hmac_sha256() {
        // RFC 4231, test case 2.
        let mac = Key::new(b"Jefe").sign(b"what do ya want for nothing?");
        assert_eq!(
            hex(&mac),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn signature_of_another_message_or_key_or_length_is_refused() {
        let key = Key::new(ONE.as_bytes());
        let mac = key.sign(b"x");
        assert!(key.verifies(b"x", &mac));
        assert!(!key.verifies(b"y", &mac));
        assert!(!key.verifies(b"x", &mac[..31]));
        assert!(!key.verifies(b"x", b""));
        assert!(!Key::new(TWO.as_bytes()).verifies(b"x", &mac));
    }

    #[test]
    fn fallback_is_known_by_a_signature_with_the_api_key() {
        // printf 'chatkit-embed chat fallback v1' | openssl dgst -sha256 -hmac "$ONE"
        let right = "ad03a026647d19dfd2ad9ca17b076a1b5b87222ed3dca30be06d88e69a91a834";
        let verifies = |variables: &[_], text: &str| verifies_fallback(&settings(variables), text);
        let ours = [(OPENAI_API_KEY, ONE)];
        assert!(verifies(&ours, right));
        for wrong in ["", "0", "é", "zz", &right[..62], &right.replace('a', "0")] {
            assert!(!verifies(&ours, wrong), "{wrong}");
        }
        assert!(!verifies(&[(OPENAI_API_KEY, TWO)], right));
        // `chat.mjs` without a key signs with an empty one.
        let empty = hex(&Key::new(b"").sign(FALLBACK_LABEL));
        assert!(!verifies(&[], &empty));
        assert!(!verifies(&[(OPENAI_API_KEY, " ")], &empty));
    }

    #[test]
    fn secrets_are_a_list_and_a_short_one_is_an_error() {
        let keys = |list: &str| of(&settings(&[(VISITOR_SECRET, list)]), VISITOR_SECRET);
        let count = |list: &str| keys(list).ok().unwrap().len();
        assert_eq!(count(""), 0);
        assert_eq!(count(" , "), 0);
        assert_eq!(count(ONE), 1);
        assert_eq!(count(&format!("{ONE}, {TWO},")), 2);
        let error = keys(&format!("{ONE},short")).err().unwrap();
        assert!(error.detail().contains("`VISITOR_SECRET`"));
        assert!(!error.detail().contains("short,") && !error.detail().contains(ONE));
    }

    #[test]
    fn visitor_key_is_derived_where_none_is_set_and_is_not_the_key_itself() {
        let key = |variables: &[(&'static str, &str)]| {
            let backend = BackendSettings::Hosted(HostedSettings::default());
            let keys = of_visitors(&settings(variables), &backend);
            keys.map(|keys| keys[0].0.clone())
        };
        let derived = key(&[(OPENAI_API_KEY, ONE)]).ok().unwrap();
        assert_ne!(derived, ONE.as_bytes());
        let both = [(OPENAI_API_KEY, ONE), (CHATKIT_SERVER_SECRET, TWO)];
        assert_eq!(key(&both).ok().unwrap(), derived);
        assert_ne!(key(&both[1..]).ok().unwrap(), derived);
        let set = [(OPENAI_API_KEY, ONE), (VISITOR_SECRET, TWO)];
        assert_eq!(key(&set).ok().unwrap(), TWO.as_bytes());
        let detail = key(&[]).err().unwrap().detail();
        assert!(
            detail.starts_with("`OPENAI_API_KEY` is not set"),
            "{detail}"
        );
    }
}
