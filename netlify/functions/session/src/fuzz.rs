//! Entry points for fuzzing only. Each takes any bytes and must not panic.

use crate::access::identity;
use crate::access::keys::Key;
use crate::access::visitor::Visitor;
use crate::addresses::{Endpoint, max_body};
use crate::transport::lambda::Invocation;
use crate::transport::web::input::{Asked, Input};
use crate::transport::web::parse::{Head, MAX_HEAD, head_end};

const SITE: &str = "https://chat.example.com";

/// Handles an event as a gateway might send it.
pub fn event(bytes: &[u8]) {
    let invocation = Invocation {
        id: String::new(),
        deadline: None,
        event: bytes.to_vec(),
    };
    let _ = invocation.to_request(bytes.len() % 2 == 0);
}

/// Parses a head as a browser might send it.
pub fn head(bytes: &[u8]) {
    let Ok(Some(end)) = head_end(bytes, 0) else {
        return;
    };
    if let Ok(head) = Head::parse(&bytes[..end]) {
        assert!(!head.path.contains(['?', '#', '\r', '\n', ' ']));
    }
}

/// Reads the bytes of one connection: the requests must be the same, whatever pieces they arrive in. The first bytes
/// are the sizes of the pieces.
pub fn connection(bytes: &[u8]) {
    let (cuts, bytes) = bytes.split_at(bytes.len().min(8));
    let whole = requests(std::iter::once(bytes));
    let mut rest = bytes;
    let mut sizes = cuts.iter().cycle();
    let pieces = std::iter::from_fn(|| {
        let size = sizes.next().map_or(1, |size| usize::from(*size).max(1));
        let (piece, after) = rest.split_at(size.min(rest.len()));
        rest = after;
        (!piece.is_empty()).then_some(piece)
    });
    assert!(requests(pieces) == whole);
}

/// The requests on a connection and, at the end, the reason for a refusal, if any.
fn requests<'p>(pieces: impl Iterator<Item = &'p [u8]>) -> Vec<String> {
    let mut input = Input::default();
    let mut found = Vec::new();
    for piece in pieces {
        input.push(piece);
        while let Some(asked) = input.next() {
            match asked {
                Err(err) => {
                    found.push(err.to_string());
                    return found;
                }
                Ok(Asked { head, body }) => {
                    assert!(body.len() <= max_body(&head.path) + 1);
                    let is_last = !head.keep_alive;
                    found.push(format!("{} {} {body:?}", head.method, head.path));
                    if is_last {
                        return found;
                    }
                }
            }
        }
        assert!(input.len() <= MAX_KEPT + piece.len(), "{}", input.len());
    }
    found
}

/// Most bytes that are kept of an incomplete request: its head, or its body or a chunk of that.
const MAX_KEPT: usize = MAX_HEAD + Endpoint::Session.max_body() + 1;

/// Verifies a token or an identity as a browser might send it.
pub fn token(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let keys = [Key::new(b"one"), Key::new(b"two")];
    let visitor = Visitor::of(Some(&text), &keys, SITE);
    let Ok(visitor) = visitor else { return };
    let again = Visitor::of(Some(&visitor.token), &keys, SITE);
    assert!(again.is_ok_and(|again| again.user() == visitor.user()));
    // Nobody guesses a signature.
    assert!(identity::user(&text, &keys, "IDENTITY_SECRET", SITE).is_err());
}

/// Handles what browsers, and the upstreams of agents, might send.
pub fn agent(bytes: &[u8]) {
    crate::backend::agent::fuzz::agent(bytes);
}
