//! A thread as a request to a Responses API. Pure.

use serde_json::{Map, Value, json};

use super::form;
use super::passages::{self, Passages};
use super::state::{Kept, Message, State};
use crate::backend::upstream::Reply;
use crate::site::{AgentLimits, AgentSettings, McpServer, WebSearch};

/// What the model is told about a thread that lost its beginning.
const CUT: &str = "The beginning of this conversation is no longer available.";

/// What it is told about the form by which a visitor reaches a person.
const SHOWN: &str = "The visitor was shown the contact form here, and has not sent it.";
const SENT: &str = "The visitor was shown the contact form here, and has sent it.";

/// Members that not every server or model knows, and no answer depends on.
const OPTIONAL: [&str; 5] = [
    "stream_options",
    "safety_identifier",
    "prompt_cache_key",
    "reasoning",
    "text",
];
/// More of them, which are left out only if the server says that it does not know them: one keeps a conversation from
/// being stored, and one bounds what an answer costs.
const IF_NAMED: [&str; 2] = ["store", "max_tool_calls"];
/// Codes of errors about a member.
const CODES: [&str; 2] = ["unsupported_parameter", "unknown_parameter"];

/// A request body: <https://platform.openai.com/docs/api-reference/responses/create>.
pub(super) struct Prompt(Map<String, Value>);

/// What a request says besides the conversation.
pub(super) struct Told<'a> {
    pub(super) widget: &'a str,
    /// Identifies the visitor to OpenAI, and nobody else can tell from it who that is.
    pub(super) who: &'a str,
    /// The token of each server of tools, in their order.
    pub(super) secrets: &'a [Option<String>],
    pub(super) passages: Option<&'a Passages<'a>>,
    /// What this turn has brought so far: calls of our own tool, and their results.
    pub(super) exchanges: &'a [Value],
    /// The number of calls so far.
    pub(super) calls: u32,
}

impl Prompt {
    pub(super) fn new(agent: &AgentSettings, state: &State, told: &Told<'_>) -> Prompt {
        let Told {
            widget,
            who,
            secrets: _,
            passages,
            exchanges,
            calls,
        } = told;
        // In full, so that a new setting that is not sent does not compile.
        let AgentSettings {
            preamble,
            instructions,
            knowledge: _,
            model,
            reasoning,
            verbosity,
            // All of these are tools.
            web_search: _,
            vector_stores: _,
            mcp: _,
            contact: _,
            events: _,
            limits,
            store,
            price: _,
            language: _,
            api_key_env: _,
        } = agent;
        let AgentLimits {
            message: _,
            turns: _,
            output,
            tool_calls,
        } = limits;
        let mut body = Map::new();
        let mut set = |name: &str, value: Value| body.insert(name.to_owned(), value);
        set("model", json!(model));
        let passages = passages.map(Passages::text).unwrap_or_default();
        let parts = [preamble, instructions, &passages].map(String::as_str);
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        set("instructions", json!(parts.join("\n\n")));
        let mut input = input(state);
        input.extend(exchanges.iter().cloned());
        set("input", Value::Array(input));
        set("stream", json!(true));
        set("max_output_tokens", json!(output));
        set("store", json!(store));
        set("stream_options", json!({"include_obfuscation": false}));
        set("safety_identifier", json!(who));
        set("prompt_cache_key", json!(widget));
        if let Some(effort) = reasoning {
            set("reasoning", json!({"effort": effort}));
        }
        if let Some(verbosity) = verbosity {
            set("text", json!({"verbosity": verbosity}));
        }
        let tools = tools(agent, told);
        let left = tool_calls.saturating_sub(*calls);
        if !tools.is_empty() && left > 0 {
            set("tools", Value::Array(tools));
            set("max_tool_calls", json!(left));
        }
        Prompt(body)
    }

    /// Leaves out what a server has refused: the member that it names, such as `reasoning.effort`, or, if it names none
    /// that was sent, everything that not every server knows. Returns the names of what was left out; none if the refusal
    /// is about something else, such as the question.
    pub(super) fn simplify(&mut self, refusal: &Reply) -> Vec<&'static str> {
        let param = refusal.error("param");
        let named = param.split(['.', '[']).next().unwrap_or_default();
        // A server that asks another one may pass on a name of its own request, such as `reasoning_effort`.
        if !self.0.contains_key(named) {
            let code = refusal.error("code");
            // LiteLLM's code is the status.
            let is_none = code.is_empty() || code == refusal.status.to_string();
            return if is_none || CODES.contains(&code.as_str()) {
                self.leave_out(&OPTIONAL)
            } else {
                Vec::new()
            };
        }
        let mut all = OPTIONAL.iter().chain(&IF_NAMED);
        let found = all.find(|name| **name == named);
        found.map_or_else(Vec::new, |name| self.leave_out(&[name]))
    }

    /// Leaves out these members. Returns those that were there.
    pub(super) fn leave_out(&mut self, names: &[&'static str]) -> Vec<&'static str> {
        let names = names.iter().copied();
        names
            .filter(|name| self.0.remove(*name).is_some())
            .collect()
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(&self.0).expect("JSON is always JSON")
    }
}

/// The conversation, the oldest message first.
fn input(state: &State) -> Vec<Value> {
    let mut items = Vec::with_capacity(state.items.len() + 1);
    if state.is_cut {
        items.push(json!({"role": "developer", "content": CUT}));
    }
    let newest = state.items.len().saturating_sub(1);
    for (at, kept) in state.items.iter().enumerate() {
        items.extend(item(kept, at == newest));
    }
    items
}

/// What a visitor quotes matters for the newest question alone.
fn item(kept: &Kept, is_newest: bool) -> Option<Value> {
    match &kept.message {
        Message::User { quoted_text, .. } => {
            let mut text = kept.text();
            if let Some(quoted) = quoted_text.as_ref().filter(|_| is_newest) {
                text = format!("{text}\n\nThis is about the following quotation:\n\n{quoted}");
            }
            Some(json!({"role": "user", "content": text}))
        }
        Message::Assistant { .. } => {
            let text = kept.text();
            // Some servers refuse an empty message.
            (!text.is_empty()).then(|| json!({"role": "assistant", "content": text}))
        }
        Message::Form(form) => {
            let text = if form.is_sent { SENT } else { SHOWN };
            Some(json!({"role": "developer", "content": text}))
        }
    }
}

fn tools(agent: &AgentSettings, told: &Told<'_>) -> Vec<Value> {
    let mut tools = Vec::new();
    if let Some(WebSearch { domains }) = &agent.web_search {
        let mut tool = json!({"type": "web_search"});
        if !domains.is_empty() {
            tool["filters"] = json!({"allowed_domains": domains});
        }
        tools.push(tool);
    }
    if !agent.vector_stores.is_empty() {
        let stores = &agent.vector_stores;
        tools.push(json!({"type": "file_search", "vector_store_ids": stores}));
    }
    for (server, secret) in agent.mcp.iter().zip(told.secrets) {
        let McpServer {
            label,
            url,
            authorization_env: _,
            allow,
        } = server;
        let mut tool = json!({
            "type": "mcp",
            "server_label": label,
            "server_url": url,
            // There is nobody to ask.
            "require_approval": "never",
        });
        if let Some(secret) = secret {
            tool["authorization"] = json!(secret);
        }
        if !allow.is_empty() {
            tool["allowed_tools"] = json!(allow);
        }
        tools.push(tool);
    }
    if told.passages.is_some_and(Passages::is_searchable) {
        tools.push(passages::tool());
    }
    if agent.contact.is_some() {
        tools.push(form::tool());
    }
    tools
}
