//! Whether agents can be talked to and, if it may cost tokens, whether they answer.

use serde_json::{Value, json};
use session::CHAT_PATH;

use super::browser::Reply;
use super::finding::Notes;
use super::session::{LATER, Secrets};
use super::target::Tried;
use super::visit::Probing;
use super::words::Failure;
use crate::config::BackendKind;

/// As short as a turn can be.
const QUESTION: &str = "Reply with the single word OK.";

/// Asks for the conversations of a new visitor, which is an empty list and costs nothing; then a question of one agent
/// for each model and key, if that was asked for.
pub(super) fn probe(
    probing: &Probing,
    secrets: &Secrets<'_>,
    notes: &Notes,
) -> Result<(), Failure> {
    let agents: Vec<_> = secrets
        .iter()
        .filter(|(widget, _)| widget.kind == BackendKind::Agent)
        .collect();
    let Some((_, first)) = agents.first() else {
        return Ok(());
    };
    let list = json!({"type": "threads.list", "params": {"limit": 1}, "metadata": {"threads": []}});
    if !is_open(&ask(probing, first, &list)?, notes) {
        return Ok(());
    }
    let mut tried = Vec::new();
    for (widget, secret) in &agents {
        let pair = (&widget.model, &widget.own_key);
        if tried.contains(&pair) {
            continue;
        }
        tried.push(pair);
        match probing.visit.turn {
            true => turn(probing, (widget, secret), notes)?,
            false => notes.not_tried(
                format!("key of {}", widget.name),
                format!(
                    "only an answer shows whether OpenAI takes the key and the model `{}`: `--turn` asks for a short one, \
                     which costs tokens",
                    model(widget)
                ),
            ),
        }
    }
    Ok(())
}

fn model(widget: &Tried) -> &str {
    widget.model.as_deref().unwrap_or_default()
}

fn ask(probing: &Probing, secret: &str, body: &Value) -> Result<Reply, Failure> {
    let target = &probing.visit.target;
    let url = target.at(CHAT_PATH);
    probing
        .browser
        .post(&url, &target.origin, Some(secret), body)
}

/// Returns whether the address of conversations is the function's, and takes the session that it has just signed.
fn is_open(reply: &Reply, notes: &Notes) -> bool {
    let name = "chat";
    let text = match (reply.status, reply.code()) {
        (200, _) if reply.json()["data"].is_array() => {
            notes.fine(name, format!("answers at {CHAT_PATH}"));
            return true;
        }
        (429, _) => {
            notes.not_tried(name, LATER);
            return false;
        }
        (401, Some(_)) => {
            "refuses a session that was signed a moment ago: both paths of the function must have the same \
             `OPENAI_API_KEY` and `VISITOR_SECRET`, and clocks that agree"
                .to_owned()
        }
        (status, Some(code)) => {
            format!("HTTP {status}, `{code}`: the log of the function says why")
        }
        (status, None) => format!(
            "{CHAT_PATH} is not the function (HTTP {status}, `{}`): let this path lead to it, as in `netlify.toml`",
            reply.media_type()
        ),
    };
    notes.wrong(name, text);
    false
}

/// Has one question answered.
fn turn(probing: &Probing, (widget, secret): (&Tried, &str), notes: &Notes) -> Result<(), Failure> {
    let input = json!({
        "content": [{"type": "input_text", "text": QUESTION}],
        "attachments": [], "quoted_text": "", "inference_options": {},
    });
    let body = json!({"type": "threads.create", "params": {"input": input}});
    let reply = ask(probing, secret, &body)?;
    let name = format!("answer of {}", widget.name);
    let model = model(widget);
    match outcome(&reply.body) {
        Outcome::Answered => notes.fine(
            name,
            format!("came: OpenAI takes the key and `{model}`; this has cost tokens"),
        ),
        Outcome::Failed | Outcome::CutOff => notes.wrong(
            name,
            format!(
                "did not come: the key is refused, `{model}` is not a model that it may use, or the account has \
                 no credit; the log of the function says which (on Netlify under Logs > Functions)"
            ),
        ),
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Answered,
    Failed,
    /// It ended without an answer and without an error.
    CutOff,
}

/// How a stream of ChatKit's events ends.
fn outcome(stream: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(stream);
    let events = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let events = events.filter_map(|event| serde_json::from_str::<Value>(event).ok());
    let mut outcome = Outcome::CutOff;
    for event in events {
        match event["type"].as_str() {
            Some("error") => return Outcome::Failed,
            Some("thread.item.done") if event["item"]["type"] == "assistant_message" => {
                outcome = Outcome::Answered;
            }
            _ => {}
        }
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_ends_with_an_answer_an_error_or_too_early() {
        let done = r#"data: {"type":"thread.item.done","item":{"type":"assistant_message"}}"#;
        let user = r#"data: {"type":"thread.item.done","item":{"type":"user_message"}}"#;
        let error = r#"data: {"type":"error","code":"custom","message":"x"}"#;
        let of = |lines: &[&str]| outcome(lines.join("\n\n").as_bytes());
        assert_eq!(of(&[user, done]), Outcome::Answered);
        assert_eq!(of(&[user, error]), Outcome::Failed);
        assert_eq!(of(&[user, "data: {"]), Outcome::CutOff);
    }
}
