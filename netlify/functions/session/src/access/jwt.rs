//! JSON web tokens with HS256, and no other algorithm.
//!
//! jsonwebtoken takes its cryptography from a provider. Its own providers include RSA and elliptic curves, which are
//! large, and one of them has an open advisory; this one only has HMAC-SHA256, so no other algorithm can be
//! requested.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind, new_error};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use signature::{Signer, Verifier};

use crate::access::keys::Key;
use crate::clock;
use crate::error::RequestError;

/// The largest difference between the clocks of signer and verifier, in seconds.
pub(crate) const SKEW: u64 = 60;

/// A signed token with these claims.
pub(crate) fn sign(claims: &impl Serialize, key: &Key) -> Result<String, RequestError> {
    install();
    let key = EncodingKey::from_secret(key.bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).map_err(|_| {
        RequestError::Internal {
            detail: "failed to sign a token".to_owned(),
        }
    })
}

/// The furthest that `exp` may lie ahead, in seconds. A token that lasts for years is a password that nobody can
/// change.
const LONGEST_LIFE: u64 = 24 * 60 * 60;

/// The claims that are checked here, plus the caller's own.
#[derive(Clone, Deserialize)]
struct Dated<C> {
    exp: f64,
    #[serde(default)]
    aud: Value,
    #[serde(flatten)]
    claims: C,
}

/// The claims of a token that one of the keys signed for `audience`, or for nobody in particular, with `sub` and an
/// `exp` that has not passed and is at most a day ahead. The error says what is wrong, and contains no part of the
/// token.
pub(crate) fn verify<C: DeserializeOwned + Clone>(
    token: &str,
    keys: &[Key],
    audience: &str,
) -> Result<C, &'static str> {
    install();
    if has_critical_extensions(token) {
        return Err("its header has `crit`, and no extensions are supported");
    }
    let mut validation = Validation::new(Algorithm::HS256);
    validation.leeway = SKEW;
    validation.validate_nbf = true;
    // The library ignores one that is neither a string nor a list.
    validation.validate_aud = false;
    validation.set_required_spec_claims(&["exp", "sub"]);
    let mut failure = "no key";
    for key in keys {
        let key = DecodingKey::from_secret(key.bytes());
        match jsonwebtoken::decode::<Dated<C>>(token, &key, &validation) {
            Ok(token) if token.claims.exp > latest() => {
                return Err("its `exp` is more than a day ahead");
            }
            Ok(token) if !is_for(&token.claims.aud, audience) => {
                return Err(
                    "its `aud` names another service; leave it out, or set it to the site's address",
                );
            }
            Ok(token) => return Ok(token.claims.claims),
            Err(err) => failure = words(err.kind()),
        }
        // Trying another key does not help a token that this one signed.
        if failure != SIGNATURE {
            break;
        }
    }
    Err(failure)
}

/// Returns whether a token names this audience. RFC 7519, 4.1.3: everybody else must refuse it.
fn is_for(aud: &Value, audience: &str) -> bool {
    let is_ours = |one: &Value| {
        let one = one.as_str().map(|one| one.strip_suffix('/').unwrap_or(one));
        one == Some(audience)
    };
    match aud {
        Value::Null => true,
        Value::Array(all) => all.iter().any(is_ours),
        one => is_ours(one),
    }
}

fn latest() -> f64 {
    (clock::unix_seconds() + LONGEST_LIFE + SKEW) as f64
}

/// Returns whether the header names extensions that a reader must know: RFC 7515, 4.1.11. A header that cannot be
/// read is left to the library.
fn has_critical_extensions(token: &str) -> bool {
    let header = token.split('.').next().unwrap_or_default();
    let json = URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    let header: Value = serde_json::from_slice(&json).unwrap_or_default();
    header.get("crit").is_some()
}

const SIGNATURE: &str = "it was signed with another secret";

fn words(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidSignature => SIGNATURE,
        ErrorKind::ExpiredSignature => "it has expired",
        ErrorKind::ImmatureSignature => "its `nbf` is in the future",
        ErrorKind::InvalidAlgorithm => "its algorithm is not HS256",
        ErrorKind::MissingRequiredClaim(_) | ErrorKind::InvalidClaimFormat(_) => {
            "it needs `sub`, a string, and `exp`, a number of seconds"
        }
        _ => "it is not a JSON web token signed with HS256",
    }
}

/// Installs [`PROVIDER`] for this process. Calling it again is harmless: only the first call counts.
fn install() {
    let _ = PROVIDER.install_default();
}

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| match algorithm {
        Algorithm::HS256 => Ok(Box::new(Hs256(Key::new(key.as_bytes())))),
        _ => Err(new_error(ErrorKind::UnsupportedAlgorithm)),
    },
    verifier_factory: |algorithm, key| match algorithm {
        Algorithm::HS256 => Ok(Box::new(Hs256(Key::new(key.try_get_as_bytes()?)))),
        _ => Err(new_error(ErrorKind::UnsupportedAlgorithm)),
    },
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: |_| Err(unsupported()),
        rsa_pub_components_from_public_key: |_| Err(unsupported()),
        ec_pub_components_from_private_key: |_, _| Err(unsupported()),
        ed_pub_components_from_private_key: |_, _| Err(unsupported()),
        compute_digest: |_, _| Err(unsupported()),
    },
};

fn unsupported() -> Error {
    new_error(ErrorKind::UnsupportedAlgorithm)
}

struct Hs256(Key);

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(self.0.sign(message).to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let verifies = self.0.verifies(message, signature);
        verifies.then_some(()).ok_or_else(signature::Error::new)
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}
