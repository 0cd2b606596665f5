//! JSON web tokens with HS256, and with nothing else.
//!
//! jsonwebtoken takes its cryptography from a provider. Those it brings hold RSA and elliptic curves, which
//! are large, and one of them has an open advisory; this one holds HMAC-SHA256 only, so that no other
//! algorithm can be asked for.

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind, new_error};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Serialize;
use serde::de::DeserializeOwned;
use signature::{Signer, Verifier};

use crate::error::MintError;
use crate::keys::Key;

/// How far the clocks of signer and verifier may be apart, in seconds.
const SKEW: u64 = 60;

/// A signed token with these claims.
pub(crate) fn sign(claims: &impl Serialize, key: &Key) -> Result<String, MintError> {
    install();
    let key = EncodingKey::from_secret(key.bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).map_err(|_| {
        MintError::Internal {
            detail: "failed to sign a token".to_owned(),
        }
    })
}

/// The claims of a token that one of the keys signed, with `sub` and an `exp` that has not passed. Otherwise
/// what is wrong, without a word of the token.
pub(crate) fn verify<C: DeserializeOwned + Clone>(
    token: &str,
    keys: &[Key],
) -> Result<C, &'static str> {
    install();
    let mut validation = Validation::new(Algorithm::HS256);
    validation.leeway = SKEW;
    validation.validate_nbf = true;
    // Whom else it is for is the signer's business.
    validation.validate_aud = false;
    validation.set_required_spec_claims(&["exp", "sub"]);
    let mut failure = "no key";
    for key in keys {
        let key = DecodingKey::from_secret(key.bytes());
        match jsonwebtoken::decode::<C>(token, &key, &validation) {
            Ok(token) => return Ok(token.claims),
            Err(err) => failure = words(err.kind()),
        }
        // Another key can not make good what is wrong with a token that this one signed.
        if failure != SIGNATURE {
            break;
        }
    }
    Err(failure)
}

const SIGNATURE: &str = "its signature is of another secret";

fn words(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidSignature => SIGNATURE,
        ErrorKind::ExpiredSignature => "it has expired",
        ErrorKind::ImmatureSignature => "its `nbf` is in the future",
        ErrorKind::InvalidAlgorithm => "its algorithm is not HS256",
        ErrorKind::MissingRequiredClaim(_) | ErrorKind::InvalidClaimFormat(_) => {
            "it needs `sub`, a text, and `exp`, a number of seconds"
        }
        _ => "it is not a JSON web token with HS256",
    }
}

/// Makes [`PROVIDER`] the one of this process. Again is no harm: only the first counts.
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
