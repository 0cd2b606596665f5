//! `/api/chatkit/session`: lets a visitor's browser talk to a widget's back end for a few minutes.
//!
//! ```text
//! body ─▶ site (which widget) ─▶ visitor, identity (for whom) ─▶ visitor's limits ─▶ backend
//! ```

use serde::Deserialize;

use super::decision::{Decision, Pending};
use super::reply::Answer;
use crate::access::visitor::Visitor;
use crate::access::{identity, keys};
use crate::backend::{self, Ask, Start};
use crate::error::RequestError;
use crate::http::Request;
use crate::log::Entry;
use crate::service::Service;
use crate::site::IdentityRule;

/// The session, or what has to be asked for it.
pub(super) fn decide<'s>(
    service: &'s Service,
    request: &Request,
    entry: &mut Entry,
) -> Result<Decision<'s>, RequestError> {
    let policy = service.policy()?;
    let site_url = policy.site_url();
    let quotas = service.quotas()?;
    quotas.admit_address(request)?;
    let body = Body::parse(&request.body)?;
    let widget = service.site().widget(&body.widget)?;
    entry.set_widget(&body.widget);
    policy.check_widget(request, &widget)?;
    let settings = service.settings();
    let keys = keys::of_visitors(settings, &widget.backend)?;
    let visitor = Visitor::of(body.visitor.as_deref(), &keys, site_url)?;
    entry.known_visitor = Some(visitor.is_known);
    let user = match &body.identity {
        Some(token) => {
            let variable = widget.identity_secret();
            identity::user(token, &keys::of(settings, variable)?, variable, site_url)?
        }
        None if widget.identity == IdentityRule::Required => {
            return Err(RequestError::IdentityRequired);
        }
        None => visitor.user(),
    };
    quotas.admit_session(request, &user, &visitor)?;
    let ask = Ask {
        widget: &body.widget,
        user: &user,
    };
    Ok(match backend::start(service, &widget.backend, &ask)? {
        Start::Session(session) => Decision::Answer(Answer::Session(session, visitor)),
        Start::Pending(session) => Decision::Ask(Pending {
            session,
            deadline: request.deadline,
            visitor,
        }),
    })
}

/// The request body of a page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    widget: String,
    visitor: Option<String>,
    identity: Option<String>,
}

impl Body {
    fn parse(bytes: &[u8]) -> Result<Body, RequestError> {
        // serde would also accept `["support", null]` for these fields.
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(RequestError::InvalidRequest {
                cause: "not a JSON object".to_owned(),
            });
        }
        serde_json::from_slice(bytes).map_err(|err| RequestError::InvalidRequest {
            cause: err.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(body: &str) -> String {
        match Body::parse(body.as_bytes()) {
            Err(RequestError::InvalidRequest { cause }) => cause,
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("`{body}` was taken"),
        }
    }

    #[test]
    fn body_with_widget_alone_or_with_any_visitor_is_taken() {
        for body in [
            r#"{"widget":"a"}"#,
            r#" {"widget":"a","visitor":null}"#,
            r#"{"visitor":"v1.forged","widget":"a"}"#,
            r#"{"widget":"a","identity":null}"#,
        ] {
            assert_eq!(Body::parse(body.as_bytes()).ok().unwrap().widget, "a");
        }
    }

    #[test]
    fn body_of_another_shape_is_refused_and_the_cause_is_named() {
        assert_eq!(cause(""), "not a JSON object");
        assert_eq!(cause(r#"["support", null]"#), "not a JSON object");
        assert!(cause("{}").starts_with("missing field `widget`"));
        assert!(cause(r#"{"widget":5}"#).starts_with("invalid type: integer `5`"));
        assert!(cause(r#"{"widget":null}"#).starts_with("invalid type: null"));
        assert!(cause(r#"{"widget":"a","visitor":1}"#).starts_with("invalid type: integer"));
        assert!(cause(r#"{"widget":"a","identity":[]}"#).starts_with("invalid type: sequence"));
        assert!(cause(r#"{"widget":"a","user":"x"}"#).starts_with("unknown field `user`"));
        assert!(cause(r#"{"widget":"a","widget":"b"}"#).starts_with("duplicate field"));
        assert!(cause(r#"{"widget":"a"} x"#).starts_with("trailing characters"));
    }
}
