//! The transport for Netlify, which runs functions on AWS Lambda: asks the runtime API for the next event, answers
//! it, and repeats.
//!
//! An event has the shape of an API Gateway proxy request: version 1, as Netlify sends it, or version 2, as function
//! URLs do. It is read leniently, because its headers come from strangers and its nulls from gateways: whatever it
//! contains, it gets a reply, in the shape that both versions accept.

use std::net::IpAddr;
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use ureq::Agent;
use ureq::http::HeaderMap;

use crate::error::RequestError;
use crate::http::{Request, Response};
use crate::service::Service;

/// Failures in a row after which the runtime API counts as gone.
const MAX_FAILURES: u32 = 5;
/// The pause after the first failure; each further one waits longer by as much.
const PAUSE: Duration = Duration::from_millis(20);

/// Answers events until the runtime API at `api` (host and port) is gone, and logs that.
pub fn run(service: &Service, api: &str) {
    let runtime = Runtime::new(api);
    let mut failures = 0;
    while failures < MAX_FAILURES {
        match runtime.next() {
            Ok(invocation) => {
                failures = 0;
                let response = answer(service, &invocation);
                if let Err(err) = runtime.respond(&invocation.id, response) {
                    let id = &invocation.id;
                    service
                        .log()
                        .note(&format!("failed to send the reply to `{id}`: {err}"));
                }
            }
            Err(err) => {
                failures += 1;
                service
                    .log()
                    .note(&format!("failed to get the next event: {err}"));
                sleep(PAUSE * failures);
            }
        }
    }
    service
        .log()
        .note("gave up, because the runtime API sends no more events");
}

fn answer<'s>(service: &'s Service, invocation: &Invocation) -> Response<'s> {
    let netlify = service.settings().is_netlify();
    match crate::endpoint::catch(|| invocation.to_request(netlify)) {
        Ok(request) => crate::endpoint::handle(service, &request),
        Err(error) => crate::endpoint::refuse(service, &invocation.id, error),
    }
}

/// One event and the runtime API's metadata.
pub(crate) struct Invocation {
    pub(crate) id: String,
    pub(crate) deadline: Option<SystemTime>,
    pub(crate) event: Vec<u8>,
}

impl Invocation {
    /// `netlify`: whether Netlify is the gateway.
    pub(crate) fn to_request(&self, netlify: bool) -> Result<Request, RequestError> {
        let event = serde_json::from_slice::<Value>(&self.event)
            .map_err(|err| invalid(format!("the event is not JSON: {err}")))?;
        // Version 1 before version 2.
        let text = |one: &Value, two: &Value| {
            let text = one.as_str().or_else(|| two.as_str());
            text.unwrap_or_default().to_owned()
        };
        let method = &event["requestContext"]["http"]["method"];
        Ok(Request {
            method: text(&event["httpMethod"], method),
            path: text(&event["path"], &event["rawPath"]),
            headers: headers(&event),
            body: body(&event)?,
            id: self.id.clone(),
            deadline: self.deadline,
            // Netlify's gateway counts sessions itself, and only the site's own names lead to it.
            client: if netlify { None } else { address(&event) },
            host_is_vouched: netlify,
        })
    }
}

/// The address that connected to the gateway.
fn address(event: &Value) -> Option<IpAddr> {
    let context = &event["requestContext"];
    let text = context["http"]["sourceIp"]
        .as_str()
        .or_else(|| context["identity"]["sourceIp"].as_str());
    text?.parse().ok()
}

/// `headers`, or `multiValueHeaders` if those are missing. Values that are not strings are skipped.
fn headers(event: &Value) -> Vec<(String, String)> {
    let object = |key: &str| event[key].as_object().filter(|headers| !headers.is_empty());
    let none = Map::new();
    let headers = object("headers").or_else(|| object("multiValueHeaders"));
    headers
        .unwrap_or(&none)
        .iter()
        .flat_map(|(name, value)| {
            let values = value
                .as_array()
                .map_or(std::slice::from_ref(value), Vec::as_slice);
            let texts = values.iter().filter_map(Value::as_str);
            texts.map(|text| (name.clone(), text.to_owned()))
        })
        .collect()
}

/// The decoded body; empty if there is none, even if it is marked as base64.
fn body(event: &Value) -> Result<Vec<u8>, RequestError> {
    let text = match &event["body"] {
        Value::Null => return Ok(Vec::new()),
        Value::String(text) => text,
        _ => return Err(invalid("the event's body is not a string".to_owned())),
    };
    if event["isBase64Encoded"] == true {
        let decoded = STANDARD.decode(text);
        return decoded.map_err(|err| invalid(format!("the event's body is not base64: {err}")));
    }
    Ok(text.clone().into_bytes())
}

fn invalid(cause: String) -> RequestError {
    RequestError::InvalidRequest { cause }
}

/// The reply in Lambda's format, in one piece.
fn to_json(response: Response<'_>) -> String {
    let headers = response.headers.iter();
    let body = response.body.into_bytes();
    let headers = headers.map(|(name, value)| (name.clone(), Value::from(value.as_str())));
    json!({
        "statusCode": response.status,
        "headers": headers.collect::<Map<_, _>>(),
        "body": String::from_utf8_lossy(&body),
        "isBase64Encoded": false,
    })
    .to_string()
}

/// The runtime API, version 2018-06-01.
struct Runtime {
    agent: Agent,
    invocations: String,
}

/// The reason why the runtime API could not be used.
#[derive(Debug, thiserror::Error)]
enum RuntimeError {
    #[error("{0}")]
    Http(#[from] ureq::Error),
    #[error("status {0}")]
    Status(u16),
    #[error("no `Lambda-Runtime-Aws-Request-Id`")]
    NoId,
}

impl Runtime {
    /// Creates a separate agent: waiting for the next event may take hours, and never uses a proxy.
    fn new(api: &str) -> Runtime {
        let config = Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .build();
        Runtime {
            agent: config.new_agent(),
            invocations: format!("http://{api}/2018-06-01/runtime/invocation"),
        }
    }

    fn next(&self) -> Result<Invocation, RuntimeError> {
        let url = format!("{}/next", self.invocations);
        let mut response = self.agent.get(url).call()?;
        let event = response.body_mut().read_to_vec()?;
        check(response.status().as_u16())?;
        let text = |name| text(response.headers(), name);
        Ok(Invocation {
            id: text("lambda-runtime-aws-request-id").ok_or(RuntimeError::NoId)?,
            deadline: text("lambda-runtime-deadline-ms").and_then(|ms| deadline(&ms)),
            event,
        })
    }

    fn respond(&self, id: &str, response: Response<'_>) -> Result<(), RuntimeError> {
        let url = format!("{}/{id}/response", self.invocations);
        let mut taken = self.agent.post(url).send(to_json(response))?;
        // Once it is read to its end, the connection is free for the next event.
        taken.body_mut().read_to_vec()?;
        check(taken.status().as_u16())
    }
}

fn check(status: u16) -> Result<(), RuntimeError> {
    if (200..300).contains(&status) {
        Ok(())
    } else {
        Err(RuntimeError::Status(status))
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

fn deadline(unix_ms: &str) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_millis(unix_ms.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(event: &Value) -> Result<Request, RequestError> {
        let invocation = Invocation {
            id: "1".to_owned(),
            deadline: None,
            event: event.to_string().into_bytes(),
        };
        invocation.to_request(false)
    }

    #[test]
    fn event_of_netlify_is_read() {
        let request = request(&json!({
            "httpMethod": "POST",
            "path": "/api/chatkit/session",
            "headers": {"Origin": "https://a.example", "x-nf-geo": null},
            "multiValueHeaders": {"Origin": ["https://a.example"], "x-nf-geo": [null]},
            "queryStringParameters": {},
            "body": "eyJ9",
            "isBase64Encoded": true,
            "requestContext": {},
        }))
        .unwrap();
        assert_eq!(
            (&*request.method, &*request.path),
            ("POST", "/api/chatkit/session")
        );
        assert_eq!(request.headers.len(), 1);
        assert_eq!(request.header("origin"), Some("https://a.example"));
        assert_eq!(request.body, b"{\"}");
    }

    #[test]
    fn event_of_a_function_url_is_read() {
        let request = request(&json!({
            "version": "2.0",
            "rawPath": "/api/chatkit/session",
            "rawQueryString": "a=b",
            "cookies": ["a=b", "c=d"],
            "headers": {"origin": "https://a.example", "accept": "text/html,application/json"},
            "requestContext": {"http": {"method": "POST", "path": "/x", "sourceIp": "192.0.2.1"}},
            "body": "{}",
            "isBase64Encoded": false,
        }))
        .unwrap();
        assert_eq!(
            (&*request.method, &*request.path, &*request.body),
            ("POST", "/api/chatkit/session", &b"{}"[..])
        );
        assert_eq!(request.header("origin"), Some("https://a.example"));
        assert_eq!(request.header("cookie"), None);
        assert_eq!(request.client, "192.0.2.1".parse().ok());
        assert!(!request.host_is_vouched);
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        for event in [&b"\xff\xfe\x00"[..], b"{\"path\":\"\xff\"}", b"\0", b""] {
            let invocation = Invocation {
                id: "1".to_owned(),
                deadline: None,
                event: event.to_vec(),
            };
            let error = invocation.to_request(true).err().unwrap();
            assert_eq!(error.status_and_code(), (400, "invalid_request"));
        }
    }

    #[test]
    fn headers_of_any_shape_are_read_as_far_as_they_are_text() {
        let read = |event: Value| headers(&event);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(read(json!({})), []);
        assert_eq!(
            read(json!({"headers": null, "multiValueHeaders": null})),
            []
        );
        assert_eq!(read(json!({"headers": "x"})), []);
        assert_eq!(
            read(json!({"headers": {"a": null, "b": ["1", null, 2], "c": "3", "d": {}}})),
            [pair("b", "1"), pair("c", "3")]
        );
        assert_eq!(
            read(json!({"headers": {}, "multiValueHeaders": {"a": ["1"], "b": [null]}})),
            [pair("a", "1")]
        );
    }

    #[test]
    fn missing_body_is_empty_and_a_wrong_one_is_refused() {
        let read = |event: Value| body(&event);
        assert_eq!(read(json!({"isBase64Encoded": true})).unwrap(), b"");
        assert_eq!(
            read(json!({"body": null, "isBase64Encoded": true})).unwrap(),
            b""
        );
        assert_eq!(read(json!({"body": "{}"})).unwrap(), b"{}");
        assert_eq!(
            read(json!({"body": "{}", "isBase64Encoded": null})).unwrap(),
            b"{}"
        );
        assert!(read(json!({"body": "{}", "isBase64Encoded": true})).is_err());
        assert!(read(json!({"body": {}})).is_err());
    }

    #[test]
    fn deadline_is_a_time_or_none() {
        assert_eq!(
            deadline("1500"),
            Some(UNIX_EPOCH + Duration::from_millis(1500))
        );
        assert_eq!(deadline(""), None);
        assert_eq!(deadline("-1"), None);
        // Whatever the clock can hold: it must not panic.
        let _ = deadline(&u64::MAX.to_string());
    }
}
