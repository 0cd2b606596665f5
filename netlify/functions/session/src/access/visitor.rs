//! An anonymous person in one browser, known by a signed token. Pure except for randomness and time.
//!
//! A token is `v2.<id>.<issued>.<mac>`: 128 random bits in hex, the Unix time in seconds at which it was issued and,
//! in URL-safe base64, the HMAC-SHA256 of the rest and the site's address. So it is worthless at another site, even
//! one with the same keys. Each session renews it; unused, it expires after [`LONGEST_LIFE`].

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::access::keys::Key;
use crate::clock;
use crate::error::RequestError;

const VERSION: &str = "v2";

/// Seconds after which an unused token expires: the longest that browsers keep a cookie.
const LONGEST_LIFE: u64 = 400 * 24 * 60 * 60;

/// A visitor. No `Debug`: whoever has the token is this visitor.
pub(crate) struct Visitor {
    id: String,
    /// The token that the browser sends next time.
    pub(crate) token: String,
    /// `true` if the browser sent a valid token.
    pub(crate) is_known: bool,
}

impl Visitor {
    /// The visitor that the token names, or a new one: the browser cannot choose its identity. The token is issued
    /// again with the first key, so that an older key can be removed once its visitors have returned.
    pub(crate) fn of(
        token: Option<&str>,
        keys: &[Key],
        site_url: &str,
    ) -> Result<Visitor, RequestError> {
        Visitor::at(clock::unix_seconds(), token, keys, site_url)
    }

    fn at(
        now: u64,
        token: Option<&str>,
        keys: &[Key],
        site_url: &str,
    ) -> Result<Visitor, RequestError> {
        let known = token.and_then(|token| verified_id(token, keys, site_url, now));
        let is_known = known.is_some();
        let id = known.map_or_else(fresh_id, |id| Ok(id.to_owned()))?;
        let signed = format!("{VERSION}.{id}.{now}");
        let mac = keys[0].sign(message(&signed, site_url).as_bytes());
        Ok(Visitor {
            token: format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac)),
            id,
            is_known,
        })
    }

    /// The back end's name for this visitor. No identified user's name starts like this.
    pub(crate) fn user(&self) -> String {
        format!("visitor_{}", self.id)
    }
}

fn message(signed: &str, site_url: &str) -> String {
    format!("{signed} {site_url}")
}

/// The id in a token, if one of the keys signed it for this site and it has not expired. The clock that issued it may
/// be ahead of this one.
fn verified_id<'t>(token: &'t str, keys: &[Key], site_url: &str, now: u64) -> Option<&'t str> {
    let (signed, mac) = token.rsplit_once('.')?;
    let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
    let message = message(signed, site_url);
    keys.iter()
        .find(|key| key.verifies(message.as_bytes(), &mac))?;
    let (id, issued) = signed
        .strip_prefix(VERSION)?
        .strip_prefix('.')?
        .split_once('.')?;
    let is_id = id.len() == 32 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let age = now.saturating_sub(issued.parse().ok()?);
    (is_id && age <= LONGEST_LIFE).then_some(id)
}

/// 128 random bits in hex.
pub(crate) fn fresh_id() -> Result<String, RequestError> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(|err| RequestError::Internal {
        detail: format!("the system has no random numbers: {err}"),
    })?;
    Ok(format!("{:032x}", u128::from_be_bytes(bits)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(names: &[&str]) -> Vec<Key> {
        names.iter().map(|name| Key::new(name.as_bytes())).collect()
    }

    const SITE: &str = "https://chat.example.com";
    const NOW: u64 = 1_800_000_000;

    fn of(token: Option<&str>, names: &[&str]) -> Visitor {
        at(NOW, token, names)
    }

    fn at(now: u64, token: Option<&str>, names: &[&str]) -> Visitor {
        Visitor::at(now, token, &keys(names), SITE).unwrap_or_else(|_| panic!("no randomness"))
    }

    #[test]
    fn each_fresh_visitor_is_128_bits_and_another_one() {
        let (one, two) = (of(None, &["a"]), of(None, &["a"]));
        assert_ne!(one.id, two.id);
        for visitor in [one, two] {
            assert_eq!(visitor.id.len(), 32);
            assert!(visitor.id.bytes().all(|byte| byte.is_ascii_hexdigit()));
            assert_eq!(visitor.token.len(), "v2.".len() + 32 + 1 + 10 + 1 + 43);
        }
    }

    #[test]
    fn token_brings_the_visitor_back() {
        let first = of(None, &["a"]);
        let again = of(Some(&first.token), &["a"]);
        assert_eq!((&again.id, &again.token), (&first.id, &first.token));
        assert_eq!((first.is_known, again.is_known), (false, true));
        assert_eq!(again.user(), format!("visitor_{}", first.id));
    }

    #[test]
    fn token_is_renewed_and_ends_when_it_was_not_used_for_long() {
        let first = of(None, &["a"]);
        let later = at(NOW + LONGEST_LIFE, Some(&first.token), &["a"]);
        assert_eq!(later.id, first.id);
        assert_ne!(later.token, first.token);
        assert!(!at(NOW + LONGEST_LIFE + 1, Some(&first.token), &["a"]).is_known);
        assert!(at(NOW + LONGEST_LIFE + 1, Some(&later.token), &["a"]).is_known);
        // Another machine's clock may be behind.
        assert!(at(NOW - 3600, Some(&first.token), &["a"]).is_known);
    }

    #[test]
    fn token_of_another_site_is_nobodys_even_if_the_keys_are_the_same() {
        let elsewhere = Visitor::at(NOW, None, &keys(&["a"]), "https://other.example");
        let token = elsewhere.ok().unwrap().token;
        assert!(!of(Some(&token), &["a"]).is_known);
    }

    #[test]
    fn older_key_verifies_and_the_first_one_signs() {
        let old = of(None, &["a"]);
        let rotated = of(Some(&old.token), &["b", "a"]);
        assert_eq!(rotated.id, old.id);
        assert_ne!(rotated.token, old.token);
        assert_eq!(of(Some(&rotated.token), &["b"]).id, old.id);
        assert_ne!(of(Some(&old.token), &["b"]).id, old.id);
    }

    #[test]
    fn any_change_to_a_token_makes_another_visitor() {
        let known = of(None, &["a"]);
        for at in 0..known.token.len() {
            let mut bytes = known.token.clone().into_bytes();
            for change in [1, 0x20, 0x80] {
                bytes[at] ^= change;
                let token = String::from_utf8_lossy(&bytes);
                assert_ne!(of(Some(&token), &["a"]).id, known.id, "{token}");
                bytes[at] ^= change;
            }
            assert_ne!(of(Some(&known.token[..at]), &["a"]).id, known.id);
            assert_ne!(of(Some(&known.token[at + 1..]), &["a"]).id, known.id);
        }
        for odd in [
            "",
            ".",
            "..",
            "v2..",
            "v2...",
            "v2.a.b.c",
            "v1.",
            "a.b.c.d.e",
            "\u{0}",
        ] {
            of(Some(odd), &["a"]);
        }
    }

    #[test]
    fn id_of_another_form_is_refused_even_if_it_is_signed() {
        let key = Key::new(b"a");
        for id in ["", "x", "0123456789ABCDEF0123456789ABCDEF", &"0".repeat(33)] {
            let signed = format!("v2.{id}.{NOW}");
            let mac = URL_SAFE_NO_PAD.encode(key.sign(message(&signed, SITE).as_bytes()));
            assert_ne!(of(Some(&format!("{signed}.{mac}")), &["a"]).id, id);
        }
    }
}
