//! Sessions for a ChatKit server of the user's own, as that server sees them.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, DecodingKey, TokenData, Validation};
use serde_json::{Value, json};

use crate::fake::{Act, Fake};
use crate::{Bench, SERVER, SERVER_SECRET, ask, code_of, json_of, post};

const SECRET: (&str, &str) = ("CHATKIT_SERVER_SECRET", SERVER_SECRET);

/// Verifies as the user's server would.
pub(crate) fn verified(token: &str, secret: &str) -> Option<TokenData<Value>> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&[SERVER]);
    validation.set_issuer(&["https://chat.example.com"]);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    jsonwebtoken::decode(
        token,
        &DecodingKey::from_secret(secret.as_bytes()),
        &validation,
    )
    .ok()
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap().as_secs()
}

#[test]
fn session_is_a_token_that_the_server_verifies() {
    let before = now();
    let bench = Bench::new("127.0.0.1:9", &[SECRET]);
    let reply = json_of(&bench.handle(&ask("docs")));
    let token = verified(reply["client_secret"].as_str().unwrap(), SERVER_SECRET).unwrap();
    let iat = token.claims["iat"].as_u64().unwrap();
    assert!((before..=now()).contains(&(iat + 60)));
    let sub = token.claims["sub"].as_str().unwrap();
    assert_eq!(
        token.claims,
        json!({
            "iss": "https://chat.example.com",
            "aud": SERVER,
            "sub": sub,
            "widget": "docs",
            "iat": iat,
            "exp": iat + 660,
        })
    );
    assert_eq!(reply["expires_at"], iat + 660);
    assert_eq!(reply["expires_in"], 600);
    let visitor = reply["visitor"].as_str().unwrap();
    assert_eq!(sub, format!("visitor_{}", &visitor[3..35]));
    let other = "another-secret-another-secret-another";
    assert!(verified(reply["client_secret"].as_str().unwrap(), other).is_none());
    let logged = bench.logged();
    assert_eq!(logged["status"], 200);
    assert!(logged.get("upstream_ms").is_none() && logged.get("upstream_status").is_none());
}

#[test]
fn session_lasts_as_long_as_the_widget_says() {
    let bench = Bench::new("127.0.0.1:9", &[SECRET]);
    let reply = json_of(&bench.handle(&ask("brief")));
    let token = verified(reply["client_secret"].as_str().unwrap(), SERVER_SECRET).unwrap();
    assert_eq!(reply["expires_in"], 30);
    assert_eq!(reply["expires_at"], token.claims["exp"]);
    assert!((now() + 29..=now() + 30).contains(&token.claims["exp"].as_u64().unwrap()));
}

#[test]
fn server_whose_clock_is_a_minute_slow_or_fast_takes_a_fresh_token_without_any_leeway() {
    let bench = Bench::new("127.0.0.1:9", &[SECRET]);
    let reply = json_of(&bench.handle(&ask("docs")));
    let token = verified(reply["client_secret"].as_str().unwrap(), SERVER_SECRET).unwrap();
    let [iat, exp] = ["iat", "exp"].map(|claim| token.claims[claim].as_u64().unwrap());
    for clock in [now() - 60, now(), now() + 60] {
        assert!((iat..exp).contains(&clock), "{clock} {iat} {exp}");
    }
}

#[test]
fn nothing_is_asked_over_the_network_and_no_openai_key_is_needed() {
    let upstream = Fake::start(|_| Act::Close);
    let base = format!("http://{}/v1", upstream.address);
    let bench = Bench::with_lookup(move |name| match name {
        "CHATKIT_SERVER_SECRET" => Some(SERVER_SECRET.to_owned()),
        "OPENAI_BASE_URL" => Some(base.clone()),
        _ => None,
    });
    let first = json_of(&bench.handle(&ask("docs")));
    let body = json!({"widget": "docs", "visitor": first["visitor"]});
    let again = json_of(&bench.handle(&post(&body.to_string())));
    assert_eq!(first["visitor"], again["visitor"]);
    assert!(upstream.is_idle());
}

#[test]
fn base_url_is_the_issuer_where_it_is_set() {
    let base = ("BASE_URL", "https://Other.example:443/");
    let bench = Bench::new("127.0.0.1:9", &[SECRET, base]);
    let reply = json_of(&bench.handle(&ask("docs")));
    let token = reply["client_secret"].as_str().unwrap();
    let claims: Value = jsonwebtoken::dangerous::insecure_decode_claims(token).unwrap();
    assert_eq!(claims["iss"], "https://other.example");
}

#[test]
fn missing_or_short_secret_is_named_in_the_log_and_not_in_the_reply() {
    for secret in ["", "short"] {
        let bench = Bench::new("127.0.0.1:9", &[("CHATKIT_SERVER_SECRET", secret)]);
        let response = bench.handle(&ask("docs"));
        assert_eq!(code_of(&response), (500, "not_configured".to_owned()));
        assert!(bench.detail().contains("`CHATKIT_SERVER_SECRET`"));
        assert!(!String::from_utf8_lossy(&response.body).contains("CHATKIT_SERVER"));
    }
    // With nothing set at all it is still this one that is named.
    let bench = Bench::with_lookup(|_| None);
    bench.handle(&ask("docs"));
    assert!(bench.detail().contains("`CHATKIT_SERVER_SECRET`"));
}
