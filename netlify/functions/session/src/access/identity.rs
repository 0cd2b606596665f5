//! The visitor's identity, as stated by the host site's own back end: a JSON web token signed with `IDENTITY_SECRET`, or
//! the widget's own secret.
//! Pure.

use serde::Deserialize;

use crate::access::jwt;
use crate::access::keys::Key;
use crate::error::RequestError;

/// Prefix of `sub`, so that no user is ever taken for an anonymous visitor.
const PREFIX: &str = "user_";
/// The longest user name that OpenAI finds conversations by, in characters.
const MAX_USER: usize = 512;

/// The claims that are read. Others are the host site's own business.
#[derive(Clone, Deserialize)]
struct Claims {
    sub: String,
}

/// The back end's name for the user in the token, which must be meant for the site at this address. `variable` is that
/// of the keys.
pub(crate) fn user(
    token: &str,
    keys: &[Key],
    variable: &str,
    site_url: &str,
) -> Result<String, RequestError> {
    if keys.is_empty() {
        return Err(invalid(&format!(
            "`{variable}` is not set, so nobody can be identified; set it to the secret that your own \
             site signs with"
        )));
    }
    let claims = jwt::verify::<Claims>(token, keys, site_url)
        .map_err(|cause| invalid(&format!("the identity was refused: {cause}")))?;
    let user = format!("{PREFIX}{}", claims.sub);
    if claims.sub.trim().is_empty() || claims.sub.contains(char::is_control) {
        return Err(invalid(
            "the identity was refused: its `sub` names nobody; it must be a non-empty string",
        ));
    }
    if user.chars().count() > MAX_USER {
        return Err(invalid(&format!(
            "the identity was refused: its `sub` is longer than {} characters",
            MAX_USER - PREFIX.len()
        )));
    }
    Ok(user)
}

fn invalid(detail: &str) -> RequestError {
    RequestError::InvalidIdentity {
        detail: detail.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    use super::*;
    use crate::clock;

    const SITE: &str = "https://chat.example.com";
    const VARIABLE: &str = "IDENTITY_SECRET";
    const HS256: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

    /// Made by hand, so that the library is tested too.
    fn token(header: &str, claims: &Value, secret: &str) -> String {
        let [header, claims] =
            [header.to_owned(), claims.to_string()].map(|part| URL_SAFE_NO_PAD.encode(part));
        let signed = format!("{header}.{claims}");
        let mac = Key::new(secret.as_bytes()).sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac))
    }

    fn check(header: &str, claims: &Value) -> Result<String, String> {
        let keys = [Key::new(b"new"), Key::new(b"old")];
        user(&token(header, claims, "old"), &keys, VARIABLE, SITE).map_err(|err| {
            assert_eq!(err.status_and_code(), (403, "invalid_identity"));
            err.detail()
        })
    }

    fn soon() -> u64 {
        clock::unix_seconds() + 300
    }

    #[test]
    fn signed_identity_of_any_key_names_the_user() {
        let claims = json!({"sub": "ada@example.com", "exp": soon(), "name": [1]});
        assert_eq!(check(HS256, &claims), Ok("user_ada@example.com".to_owned()));
    }

    #[test]
    fn identity_for_another_service_is_refused() {
        let with = |aud: Value| check(HS256, &json!({"sub": "a", "exp": soon(), "aud": aud}));
        for aud in [
            json!(SITE),
            json!("https://chat.example.com/"),
            json!(["x", SITE]),
        ] {
            assert_eq!(with(aud), Ok("user_a".to_owned()));
        }
        for aud in [
            json!("https://other.example"),
            json!(["x"]),
            json!([]),
            json!(""),
            json!("https://chat.example.com.evil.example"),
            json!(5),
            json!({}),
        ] {
            assert!(with(aud.clone()).is_err(), "{aud}");
        }
        let error = with(json!("https://other.example")).unwrap_err();
        assert!(error.contains("its `aud` names another service"), "{error}");
    }

    #[test]
    fn extension_that_the_signer_calls_critical_is_refused() {
        let claims = json!({"sub": "a", "exp": soon()});
        for crit in [json!(["x"]), json!([]), json!(null), json!(["exp"])] {
            let header = json!({"alg": "HS256", "typ": "JWT", "crit": crit, "x": 1});
            assert!(check(&header.to_string(), &claims).is_err(), "{header}");
        }
    }

    #[test]
    fn identity_that_lasts_longer_than_a_day_is_refused() {
        let now = clock::unix_seconds();
        let until = |exp: Value| check(HS256, &json!({"sub": "a", "exp": exp}));
        assert!(until(json!(now + 24 * 60 * 60)).is_ok());
        for exp in [
            json!(now + 25 * 60 * 60),
            json!(u64::MAX),
            json!(1e300),
            json!(9_999_999_999.5),
        ] {
            let error = until(exp.clone()).unwrap_err();
            assert!(!error.contains("expired"), "{exp}: {error}");
        }
        let error = until(json!(now + 25 * 60 * 60)).unwrap_err();
        assert!(error.contains("more than a day ahead"), "{error}");
    }

    #[test]
    fn clocks_may_be_a_minute_apart_and_no_more() {
        let at = |exp: i64| {
            check(
                HS256,
                &json!({"sub": "a", "exp": clock::unix_seconds() as i64 + exp}),
            )
        };
        assert!(at(-55).is_ok());
        assert!(at(-65).unwrap_err().contains("expired"));
        let not_before = |nbf: u64| {
            check(
                HS256,
                &json!({"sub": "a", "exp": soon() + nbf, "nbf": clock::unix_seconds() + nbf}),
            )
        };
        assert!(not_before(55).is_ok());
        assert!(not_before(65).unwrap_err().contains("`nbf`"));
    }

    #[test]
    fn claims_that_are_missing_or_of_another_type_are_refused() {
        for claims in [
            json!({"sub": "a"}),
            json!({"exp": soon()}),
            json!({"sub": null, "exp": soon()}),
            json!({"sub": 5, "exp": soon()}),
            json!({"sub": ["a"], "exp": soon()}),
            json!({"sub": "a", "exp": soon().to_string()}),
            json!({"sub": "a", "exp": null}),
            json!({"sub": "a", "exp": -5}),
            json!({"sub": "", "exp": soon()}),
            json!({"sub": " ", "exp": soon()}),
            json!({"sub": "a\nb", "exp": soon()}),
            json!({"sub": "x".repeat(508), "exp": soon()}),
            json!([]),
            json!("a"),
        ] {
            assert!(check(HS256, &claims).is_err(), "{claims}");
        }
        assert!(check(HS256, &json!({"sub": "ä".repeat(507), "exp": soon()})).is_ok());
    }

    #[test]
    fn algorithm_is_pinned() {
        let claims = json!({"sub": "a", "exp": soon()});
        for algorithm in [
            "none", "None", "HS384", "HS512", "RS256", "ES256", "", "hs256",
        ] {
            let header = json!({"alg": algorithm, "typ": "JWT"}).to_string();
            assert!(check(&header, &claims).is_err(), "{algorithm}");
        }
        for header in ["{}", "[]", "", r#"{"alg":null}"#, r#"{"alg":["HS256"]}"#] {
            assert!(check(header, &claims).is_err(), "{header}");
        }
    }

    #[test]
    fn what_is_not_signed_by_us_is_refused_without_repeating_it() {
        let claims = json!({"sub": "secret-user", "exp": soon()});
        let good = token(HS256, &claims, "old");
        let unsigned = good.rsplit_once('.').unwrap().0.to_owned() + ".";
        let other = token(HS256, &claims, "other");
        for bad in [
            "",
            ".",
            "..",
            "a.b.c",
            &unsigned,
            &other,
            &format!("{good}x"),
        ] {
            let error = user(bad, &[Key::new(b"old")], VARIABLE, SITE).unwrap_err();
            assert!(
                !error.detail().contains("secret-user"),
                "{}",
                error.detail()
            );
            assert!(bad.len() < 5 || !error.detail().contains(bad));
        }
        let error = user(&good, &[], VARIABLE, SITE).unwrap_err();
        assert!(error.detail().contains("`IDENTITY_SECRET` is not set"));
    }
}
