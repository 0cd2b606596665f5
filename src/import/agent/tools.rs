//! An agent's tools.

use oxc_ast::ast::{CallExpression, Expression};
use oxc_span::GetSpan as _;
use serde_json::{Value, json};
use url::Url;

use super::super::find::last_name;
use super::reading::{Pair, Reading, argument, is_store, listed, variable_of};
use super::{mcp, secret};

/// Reads `tools`.
pub(super) fn read<'a>(reading: &mut Reading<'_, 'a>, list: &'a Expression<'a>) {
    let elements = match reading.elements(list) {
        Ok(elements) => elements,
        Err(_) if reading.is_nothing(list) => return,
        Err(span) => {
            let message =
                "`tools` is left out: its tools are not in this file, or your code chooses them";
            return reading.remark(span, message);
        }
    };
    let mut servers = Vec::new();
    for element in elements {
        let Expression::CallExpression(call) = reading.resolved(element) else {
            let name = last_name(element).map_or_else(String::new, |name| format!(" `{name}`"));
            let message = format!("the tool{name} is left out: how it is made is not in this file");
            reading.remark(element.span(), message);
            continue;
        };
        match reading.scan.real_name(&call.callee) {
            Some("fileSearchTool") => file_search(reading, call),
            Some("webSearchTool" | "webSearchPreviewTool") => web_search(reading, call),
            Some("hostedMcpTool") => servers.extend(mcp::read(reading, call, &servers)),
            name => leave_out(reading, call, name.unwrap_or("…")),
        }
    }
    if !servers.is_empty() {
        reading.set("mcp", servers);
    }
}

/// Reports a tool that agents do not have.
fn leave_out<'a>(reading: &mut Reading<'_, 'a>, call: &'a CallExpression<'a>, name: &str) {
    let pairs = argument(call, 0).and_then(|settings| reading.pairs(settings));
    let own = pairs.into_iter().flatten().find(|pair| pair.key == "name");
    let own = own.and_then(|pair| reading.text(pair.value));
    let own = own.filter(|name| !secret::is_in(name));
    let message = match (name, own) {
        ("tool", Some(own)) => format!("the function `{own}` is left out: {NO_FUNCTIONS}"),
        ("tool", None) => format!("a function is left out: {NO_FUNCTIONS}"),
        ("codeInterpreterTool", _) => format!("`{name}` is left out: an agent runs no code"),
        ("imageGenerationTool", _) => format!("`{name}` is left out: an agent makes no images"),
        ("asTool", _) => "another agent as a tool is left out: one agent answers".to_owned(),
        _ => format!("`{name}(…)` is left out: an agent has no such tool"),
    };
    reading.remark(call.span, message);
}

const NO_FUNCTIONS: &str = "an agent calls no functions of yours, but tools of a server (`mcp`)";

fn file_search<'a>(reading: &mut Reading<'_, 'a>, call: &'a CallExpression<'a>) {
    let list = argument(call, 0);
    let ids = list.map(|list| match reading.elements(list) {
        Ok(ids) => ids,
        Err(_) => vec![list],
    });
    let mut stores = match reading.settings.get("file_search") {
        Some(found) => found["vector_stores"]
            .as_array()
            .cloned()
            .unwrap_or_default(),
        None => Vec::new(),
    };
    for id in ids.into_iter().flatten() {
        match reading.text(id) {
            Some(text) if is_store(&text) => {
                let id = Value::from(text);
                if !stores.contains(&id) {
                    stores.push(id);
                }
            }
            Some(_) => reading.remark(
                id.span(),
                "an id of `fileSearchTool` is left out: those of vector stores begin with `vs_`",
            ),
            None => {
                let variable = variable_of(id).map_or_else(
                    || "its value is not in this file".to_owned(),
                    |name| format!("it is in the variable `{name}`"),
                );
                let message = format!(
                    "an id of `fileSearchTool` is left out: {variable}; write it into `file_search.vector_stores`"
                );
                reading.remark(id.span(), message);
            }
        }
    }
    if !stores.is_empty() {
        reading.set("file_search", json!({"vector_stores": stores}));
    }
    let options = argument(call, 1).and_then(|options| reading.pairs(options));
    let options = options
        .into_iter()
        .flatten()
        .filter(|pair| pair.key != "vectorStoreIds");
    reading.leave_out(options, " of `fileSearchTool`");
}

fn web_search<'a>(reading: &mut Reading<'_, 'a>, call: &'a CallExpression<'a>) {
    let pairs = argument(call, 0).and_then(|settings| reading.pairs(settings));
    let mut domains = Vec::new();
    let mut rest = Vec::new();
    for pair in pairs.into_iter().flatten() {
        match pair.key {
            "filters" => {
                for filter in reading.pairs(pair.value).into_iter().flatten() {
                    match filter.key {
                        "allowed_domains" | "allowedDomains" => {
                            domains.extend(domains_of(reading, filter));
                        }
                        _ => rest.push(filter),
                    }
                }
            }
            "userLocation" => user_location(reading, pair),
            "name" => {}
            _ => rest.push(pair),
        }
    }
    let search = match domains.is_empty() {
        true => Value::Bool(true),
        false => json!({"domains": domains}),
    };
    reading.set("web_search", search);
    reading.leave_out(rest, " of `webSearchTool`");
}

/// Agent Builder writes a location without a place, which says nothing.
fn user_location<'a>(reading: &mut Reading<'_, 'a>, pair: Pair<'a>) {
    let mut parts = reading.pairs(pair.value).unwrap_or_default();
    parts.retain(|part| part.key != "type" && !reading.is_nothing(part.value));
    if !parts.is_empty() {
        let (names, _) = listed(&parts);
        let message = format!(
            "`userLocation` of `webSearchTool`, with {names}, is left out: an agent searches for no place"
        );
        reading.remark(pair.span, message);
    }
}

/// Domains as `site.yaml` has them, without `https://` and paths.
fn domains_of<'a>(reading: &mut Reading<'_, 'a>, filter: Pair<'a>) -> Vec<String> {
    let Ok(elements) = reading.elements(filter.value) else {
        if !reading.is_nothing(filter.value) {
            let message = "the domains of `webSearchTool` are left out: they are not in this file; it would search \
                           everywhere, unless you write `web_search: {domains: […]}`";
            reading.remark(filter.span, message);
        }
        return Vec::new();
    };
    let mut domains = Vec::new();
    for element in elements {
        let text = reading.text(element);
        match text.as_deref().and_then(domain) {
            Some(domain) => {
                if text.is_some_and(|text| text != domain) {
                    let message = format!("`{domain}` is searched whole: `web_search` takes domains, no addresses");
                    reading.remark(element.span(), message);
                }
                if !domains.contains(&domain) {
                    domains.push(domain);
                }
            }
            None => reading.remark(
                element.span(),
                "a domain of `webSearchTool` is left out: it is not a name such as `www.example.com`",
            ),
        }
    }
    domains
}

fn domain(text: &str) -> Option<String> {
    let text = text.trim();
    let address = match text.contains("://") {
        true => Url::parse(text),
        false => Url::parse(&format!("https://{text}")),
    };
    let host = address.ok()?.host_str()?.to_owned();
    (host.contains('.') && !secret::is_in(&host)).then_some(host)
}
