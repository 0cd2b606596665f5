//! Ways past the door, for fuzzing only: each takes any bytes and must not panic.

use crate::identity;
use crate::keys::Key;
use crate::lambda::Invocation;
use crate::server::parse::{Head, head_end};
use crate::visitor::Visitor;

const SITE: &str = "https://chat.example.com";

/// What a gateway might send.
pub fn event(bytes: &[u8]) {
    let invocation = Invocation {
        id: String::new(),
        deadline: None,
        event: bytes.to_vec(),
    };
    let _ = invocation.to_request(bytes.len() % 2 == 0);
}

/// What a browser might send.
pub fn head(bytes: &[u8]) {
    let Ok(Some(end)) = head_end(bytes, 0) else {
        return;
    };
    if let Ok(head) = Head::parse(&bytes[..end]) {
        assert!(!head.path.contains(['?', '#', '\r', '\n', ' ']));
    }
}

/// What a browser might send as its token, or as an identity.
pub fn token(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let keys = [Key::new(b"one"), Key::new(b"two")];
    let visitor = Visitor::of(Some(&text), &keys, SITE);
    let Ok(visitor) = visitor else { return };
    let again = Visitor::of(Some(&visitor.token), &keys, SITE);
    assert!(again.is_ok_and(|again| again.user() == visitor.user()));
    // Nobody signs by chance.
    assert!(identity::user(&text, &keys, SITE).is_err());
}
