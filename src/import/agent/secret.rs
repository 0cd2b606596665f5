//! Keeps the secrets of an export out of files and messages.

use serde_json::Value;
use url::Url;

use crate::environment::is_variable_name;
use crate::yaml::{Problem, Source, holds_key};

/// What is shown in place of a secret.
pub(super) const STARS: &str = "********";

/// Words of texts that may hold secrets, in small letters.
const SIGNS: [&str; 8] = [
    "@openai/agents",
    "agent(",
    "agent<",
    "agent[",
    "mcptool",
    "authorization",
    "bearer ",
    "\"cel\"",
];

/// How tokens of well-known services begin. Texts that hold one are refused, because the model could repeat it.
const TOKENS: [&str; 12] = [
    "ghp_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "shpat_",
    "tvly-",
    "AIza",
    "Bearer ",
];

/// The shortest tail of such a token.
const SHORTEST_TAIL: usize = 10;

/// The shortest part of an address's path that may be a secret, if it has letters and digits.
const SHORTEST_PART: usize = 20;

/// Returns whether a text may hold secrets that do not look like keys, so that none of its lines may be shown.
pub(crate) fn may_be_in(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    makes_agents(text) || SIGNS.iter().any(|sign| lower.contains(sign))
}

/// Returns whether a text makes agents, as far as that can be seen without reading it.
pub(crate) fn makes_agents(text: &str) -> bool {
    text.contains("new Agent") || text.contains("Agent.create") || text.contains("@openai/agents")
}

/// The problem with the number of its line in place of the line.
pub(crate) fn unseen(problem: Problem, source: &Source) -> Problem {
    let Some(place) = problem.place() else {
        return problem;
    };
    let text = &source.text;
    let before = text.get(..place.span.start).unwrap_or(text);
    let number = before.matches('\n').count() + 1;
    let line = text.lines().nth(number - 1).unwrap_or_default();
    problem.without_line(number, line)
}

/// Returns whether a text holds what looks like a key or a token.
pub(super) fn is_in(text: &str) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let has_token = |start: &&str| {
        let found = text.match_indices(*start);
        let mut tails = found.map(|(at, _)| &text[at + start.len()..]);
        tails.any(|tail| {
            let tail: Vec<_> = tail.bytes().take_while(is_part).collect();
            tail.len() >= SHORTEST_TAIL && tail.iter().any(u8::is_ascii_digit)
        })
    };
    holds_key(text) || TOKENS.iter().any(has_token)
}

/// What `authorization` holds: Agent Builder writes an expression, `{"expression":"\"…\"","format":"cel"}`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Nothing at all.
    None,
    /// The token as it is.
    Plain,
    /// The token in quotes, in an expression.
    Quoted,
    /// Something that the workflow calculates.
    Calculated,
}

/// Reads `authorization`.
pub(super) fn token(text: &str) -> Token {
    if text.trim().is_empty() {
        return Token::None;
    }
    let expression = match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(map)) => map
            .get("expression")
            .and_then(Value::as_str)
            .map(str::to_owned),
        _ => return Token::Plain,
    };
    let Some(expression) = expression else {
        return Token::Calculated;
    };
    match serde_json::from_str::<Value>(expression.trim()) {
        Ok(Value::String(token)) if token.trim().is_empty() => Token::None,
        Ok(Value::String(_)) => Token::Quoted,
        _ if expression.trim().is_empty() => Token::None,
        _ => Token::Calculated,
    }
}

/// The variable for something of a server: `SHOP_TOKEN`.
pub(super) fn variable(label: &str, what: &str) -> String {
    let upper = |c: char| match c.is_ascii_alphanumeric() {
        true => c.to_ascii_uppercase(),
        false => '_',
    };
    let name: String = label.chars().map(upper).collect();
    let name = format!("{name}_{what}");
    match is_variable_name(&name) {
        true => name,
        false => format!("MCP_{name}"),
    }
}

/// An address without the parts that may be secret: all of it, if there are none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) public: String,
    pub(super) has_secret: bool,
}

/// Reads an address, which has to be https.
pub(super) fn address(text: &str) -> Option<Address> {
    let mut url = Url::parse(text).ok()?;
    if url.scheme() != "https" || url.host().is_none() {
        return None;
    }
    let is_secret = |part: &str| {
        let has = |is: fn(&u8) -> bool| part.bytes().any(|byte| is(&byte));
        part.len() >= SHORTEST_PART && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
    };
    let in_path = url
        .path()
        .split('/')
        .any(|part| is_secret(part) || is_in(part));
    let has_more = url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some();
    if !in_path && !has_more {
        let public = text.to_owned();
        return Some(Address {
            public,
            has_secret: false,
        });
    }
    url.set_query(None);
    url.set_fragment(None);
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    if in_path {
        url.set_path("/");
    }
    Some(Address {
        public: url.to_string(),
        has_secret: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_known_by_how_they_begin() {
        for text in [
            "ghp_abcdefgh12345",
            "use Bearer abc.def-ghi12",
            "sk-proj-abcDEF123",
        ] {
            assert!(is_in(text), "{text}");
        }
        for text in [
            "Bearer of bad news",
            "ghp_",
            "AIzawesome",
            "a Bearer constitutional",
        ] {
            assert!(!is_in(text), "{text}");
        }
    }

    #[test]
    fn an_expression_with_a_text_in_it_holds_a_token() {
        for (text, expected) in [
            ("", Token::None),
            ("abc", Token::Plain),
            ("12", Token::Plain),
            (r#"{"expression":"\"abc\"","format":"cel"}"#, Token::Quoted),
            (r#"{"expression":"\"\"","format":"cel"}"#, Token::None),
            (r#"{"expression":"","format":"cel"}"#, Token::None),
            (
                r#"{"expression":"state.token","format":"cel"}"#,
                Token::Calculated,
            ),
            (r#"{"format":"cel"}"#, Token::Calculated),
        ] {
            assert_eq!(token(text), expected, "{text}");
        }
    }

    #[test]
    fn an_address_keeps_what_cannot_be_secret() {
        for (text, public, has_secret) in [
            (
                "https://mcp.example.com/sse",
                "https://mcp.example.com/sse",
                false,
            ),
            (
                "https://mcp.example.com/mcp/?key=abc",
                "https://mcp.example.com/mcp/",
                true,
            ),
            (
                "https://me:abc@mcp.example.com/mcp",
                "https://mcp.example.com/mcp",
                true,
            ),
            (
                "https://mcp.example.com/s/a1b2c3d4e5f6g7h8i9j0/mcp",
                "https://mcp.example.com/",
                true,
            ),
        ] {
            let found = address(text).unwrap();
            assert_eq!(
                (found.public.as_str(), found.has_secret),
                (public, has_secret)
            );
        }
        assert_eq!(address("http://mcp.example.com"), None);
        assert_eq!(address("shop"), None);
    }

    #[test]
    fn a_variable_is_named_after_its_server() {
        assert_eq!(variable("shop-orders", "TOKEN"), "SHOP_ORDERS_TOKEN");
        assert_eq!(variable("1a", "URL"), "MCP_1A_URL");
    }
}
