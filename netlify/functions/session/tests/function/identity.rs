//! Who a session is minted for: a visitor by its token, or a user by the host site's word.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};

use crate::fake::{Fake, reply};
use crate::{Bench, KEY, SECRET, code_of, json_of, post};

const OLD: &str = "0123456789abcdef0123456789abcdef";
const NEW: &str = "fedcba9876543210fedcba9876543210";
/// Within the day that an identity may last.
fn soon() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap().as_secs() + 3600
}

fn minting() -> Fake {
    let session = format!(r#"{{"client_secret":"{SECRET}","expires_at":5}}"#);
    Fake::start(move |_| reply(200, &[], &session))
}

/// The user that a session is minted for, and the visitor's token in the reply.
fn ask(upstream: &Fake, bench: &Bench, body: Value) -> (String, String) {
    let response = bench.handle(&post(&body.to_string()));
    assert_eq!(response.status, 200, "{}", bench.lines().concat());
    let sent: Value = serde_json::from_str(&upstream.next().body).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&sent["user"]), text(&json_of(&response)["visitor"]))
}

pub(crate) fn identity(sub: &str, secret: &str) -> String {
    // The provider is the function's own; a session makes it known to this process.
    let upstream = minting();
    let bench = Bench::new(&upstream.address, &[("IDENTITY_SECRET", OLD)]);
    bench.handle(&post(r#"{"widget":"support","identity":"x"}"#));
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(
        &Header::default(),
        &json!({"sub": sub, "exp": soon()}),
        &key,
    )
    .unwrap()
}

#[test]
fn visitor_that_comes_back_with_its_token_is_the_same_user() {
    let upstream = minting();
    let bench = Bench::new(&upstream.address, &[]);
    let (user, token) = ask(&upstream, &bench, json!({"widget": "support"}));
    let again = json!({"widget": "full", "visitor": token});
    assert_eq!(ask(&upstream, &bench, again).0, user);
}

#[test]
fn token_of_another_site_or_of_nobody_makes_a_fresh_visitor() {
    let upstream = minting();
    let bench = Bench::new(&upstream.address, &[]);
    let foreign = Bench::new(
        &upstream.address,
        &[("OPENAI_API_KEY", "sk-another-key-of-another-site")],
    );
    let (user, token) = ask(&upstream, &foreign, json!({"widget": "support"}));
    for forged in [token, format!("v2.{}.0.x", &user["visitor_".len()..])] {
        let (other, _) = ask(
            &upstream,
            &bench,
            json!({"widget": "support", "visitor": forged}),
        );
        assert_ne!(other, user);
    }
}

#[test]
fn visitor_survives_the_change_of_a_secret() {
    let upstream = minting();
    let with = |secrets| Bench::new(&upstream.address, &[("VISITOR_SECRET", secrets)]);
    let (user, old) = ask(&upstream, &with(OLD), json!({"widget": "support"}));
    let both = with("fedcba9876543210fedcba9876543210, 0123456789abcdef0123456789abcdef");
    let (same, new) = ask(
        &upstream,
        &both,
        json!({"widget": "support", "visitor": old}),
    );
    assert_eq!(same, user);
    let (same, _) = ask(
        &upstream,
        &with(NEW),
        json!({"widget": "support", "visitor": new}),
    );
    assert_eq!(same, user);
    let (other, _) = ask(
        &upstream,
        &with(NEW),
        json!({"widget": "support", "visitor": old}),
    );
    assert_ne!(other, user);
}

#[test]
fn identified_user_is_minted_for_and_the_visitor_is_kept_beside() {
    let upstream = minting();
    let bench = Bench::new(&upstream.address, &[("IDENTITY_SECRET", OLD)]);
    let (visitor, token) = ask(&upstream, &bench, json!({"widget": "support"}));
    // Even one who has a visitor's name is not that visitor.
    for sub in ["42", "ada@example.com", &visitor] {
        let body = json!({"widget": "support", "visitor": token, "identity": identity(sub, OLD)});
        let (user, renewed) = ask(&upstream, &bench, body);
        assert_eq!(user, format!("user_{sub}"));
        let again = json!({"widget": "support", "visitor": renewed});
        assert_eq!(ask(&upstream, &bench, again).0, visitor);
    }
}

#[test]
fn identity_that_is_not_valid_is_refused_and_openai_is_not_asked() {
    let upstream = minting();
    for (secret, token, words) in [
        (OLD, identity("42", NEW), "another secret"),
        (OLD, "x".to_owned(), "not a JSON web token"),
        ("", identity("42", OLD), "`IDENTITY_SECRET` is not set"),
    ] {
        let bench = Bench::new(&upstream.address, &[("IDENTITY_SECRET", secret)]);
        let body = json!({"widget": "support", "identity": token});
        let response = bench.handle(&post(&body.to_string()));
        assert_eq!(code_of(&response), (403, "invalid_identity".to_owned()));
        assert!(bench.detail().contains(words), "{}", bench.detail());
        assert!(upstream.is_idle());
    }
}

#[test]
fn secret_that_can_be_guessed_is_not_used() {
    for variable in ["VISITOR_SECRET", "IDENTITY_SECRET"] {
        let bench = Bench::new("127.0.0.1:9", &[(variable, "short")]);
        let response = bench.handle(&post(r#"{"widget":"support","identity":"x"}"#));
        assert_eq!(code_of(&response), (500, "not_configured".to_owned()));
        assert!(bench.detail().contains(variable) && !bench.detail().contains("short`"));
        assert!(!bench.detail().contains(KEY));
    }
}
