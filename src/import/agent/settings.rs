//! An agent's settings, other than its tools and instructions.

use serde_json::{Value, json};

use super::reading::{Pair, Reading, escaped, variable_of};
use super::secret;
use super::{tools, words};
use crate::config::{LEAST_OUTPUT, MODEL, MOST_OUTPUT, Reasoning, Verbosity};

/// How the names of models begin for which OpenAI names another in their place.
const OLD: [&str; 4] = ["gpt-3.5", "gpt-4", "chatgpt-4o", "gpt-5-nano"];

/// Reads the object that `new Agent(…)` takes.
pub(super) fn read<'a>(reading: &mut Reading<'_, 'a>, pairs: Vec<Pair<'a>>) {
    for pair in pairs {
        match pair.key {
            "name" => {}
            "instructions" => words::read(reading, pair.value),
            "model" => model(reading, pair),
            "modelSettings" => model_settings(reading, pair),
            "tools" => tools::read(reading, pair.value),
            _ if reading.is_nothing(pair.value) => {}
            "outputType" if reading.text(pair.value).as_deref() == Some("text") => {}
            "outputType" => reading.remark(
                pair.span,
                "`outputType` is left out: an agent answers visitors in words, not by a schema",
            ),
            "handoffs" => {
                reading.remark(pair.span, "`handoffs` is left out: one agent answers here");
            }
            "inputGuardrails" | "outputGuardrails" => {
                let message = format!("`{}` is left out: {NO_GUARDRAILS}", pair.key);
                reading.remark(pair.span, message);
            }
            "mcpServers" => reading.remark(
                pair.span,
                "`mcpServers` is left out: they run next to your code; an agent has `mcp`, servers that OpenAI calls",
            ),
            key => {
                let message = format!("`{key}` is left out: an agent has no such setting");
                reading.remark(pair.span, message);
            }
        }
    }
}

/// Why guardrails are left out.
pub(super) const NO_GUARDRAILS: &str = "nothing checks messages here; say in `instructions` what the model must refuse, and see `limits`";

fn model<'a>(reading: &mut Reading<'_, 'a>, pair: Pair<'a>) {
    let variable = variable_of(pair.value);
    let found = reading.text(pair.value);
    let Some(name) = found.filter(|name| !name.trim().is_empty() && !secret::is_in(name)) else {
        let message =
            format!("`model` is left out: its name is not in this file; the default is `{MODEL}`");
        return reading.remark(pair.span, message);
    };
    if let Some(variable) = variable {
        let message = format!(
            "`model` has the fallback of your code, `{name}`, and not what {variable} says"
        );
        reading.remark(pair.span, message);
    }
    if OLD.iter().any(|old| name.starts_with(old)) {
        let message = format!(
            "`{name}` is an old model, and stays; OpenAI suggests `{MODEL}` in its place, with `reasoning: none`"
        );
        reading.remark(pair.span, message);
    }
    reading.set("model", escaped(&name));
}

fn model_settings<'a>(reading: &mut Reading<'_, 'a>, pair: Pair<'a>) {
    let Some(pairs) = reading.pairs(pair.value) else {
        if !reading.is_nothing(pair.value) {
            reading.remark(
                pair.span,
                "`modelSettings` is left out: its value is not in this file",
            );
        }
        return;
    };
    let mut rest: Vec<Pair<'a>> = Vec::new();
    for pair in pairs {
        match pair.key {
            _ if reading.is_nothing(pair.value) => {}
            "reasoning" => {
                for part in reading.pairs(pair.value).into_iter().flatten() {
                    match part.key {
                        "effort" => choice::<Reasoning>(reading, part, "reasoning"),
                        _ if reading.is_nothing(part.value) => {}
                        key => {
                            let message = format!(
                                "`reasoning.{key}` is left out: an agent has no such setting"
                            );
                            reading.remark(part.span, message);
                        }
                    }
                }
            }
            "text" => {
                for part in reading.pairs(pair.value).into_iter().flatten() {
                    match part.key {
                        "verbosity" => choice::<Verbosity>(reading, part, "verbosity"),
                        _ => rest.push(part),
                    }
                }
            }
            "maxTokens" => output(reading, pair),
            "store" => store(reading, pair),
            _ => rest.push(pair),
        }
    }
    reading.leave_out(rest, "");
}

/// A word such as `low`, if the setting has it.
fn choice<'a, T: serde::de::DeserializeOwned>(
    reading: &mut Reading<'_, 'a>,
    pair: Pair<'a>,
    setting: &str,
) {
    if reading.is_nothing(pair.value) {
        return;
    }
    let word = reading.text(pair.value);
    match word.filter(|word| serde_json::from_value::<T>(json!(word)).is_ok()) {
        Some(word) => reading.set(setting, word),
        None => {
            let message = format!("`{}` is left out: `{setting}` has no such value", pair.key);
            reading.remark(pair.span, message);
        }
    }
}

fn output<'a>(reading: &mut Reading<'_, 'a>, pair: Pair<'a>) {
    let tokens = reading.value(pair.value).as_ref().and_then(Value::as_u64);
    let range = u64::from(LEAST_OUTPUT)..=u64::from(MOST_OUTPUT);
    match tokens.filter(|tokens| range.contains(tokens)) {
        Some(tokens) => reading.set("limits", json!({"output": tokens})),
        None => {
            let message = format!(
                "`maxTokens` is left out: `limits.output` takes {LEAST_OUTPUT} to {MOST_OUTPUT}"
            );
            reading.remark(pair.span, message);
        }
    }
}

/// Exports say `store: true` whether or not anybody chose it.
fn store<'a>(reading: &mut Reading<'_, 'a>, pair: Pair<'a>) {
    match reading.value(pair.value) {
        Some(Value::Bool(false)) => reading.set("store", false),
        _ => reading.remark(
            pair.span,
            "`store: true` is left out, because Agent Builder writes it into every export; set it if OpenAI is to keep \
             conversations for 30 days",
        ),
    }
}
