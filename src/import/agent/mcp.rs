//! A server of tools, and the secrets that come with one.

use oxc_ast::ast::CallExpression;
use oxc_span::{GetSpan as _, Span};
use serde_json::{Map, Value, json};

use super::reading::{Pair, Reading, argument, escaped, variable_of};
use super::secret::{self, STARS, Token};

/// Reads `hostedMcpTool({…})`: an item of `mcp`. `others` are those before it.
pub(super) fn read<'a>(
    reading: &mut Reading<'_, 'a>,
    call: &'a CallExpression<'a>,
    others: &[Value],
) -> Option<Value> {
    let pairs = argument(call, 0).and_then(|settings| reading.pairs(settings));
    let Some(pairs) = pairs else {
        reading.remark(
            call.span,
            "`hostedMcpTool(…)` is left out: its settings are not in this file",
        );
        return None;
    };
    let find = |key: &str| pairs.iter().copied().find(|pair| pair.key == key);
    let label = label_of(reading, find("serverLabel"), others);
    let mut server = Map::from_iter([("label".to_owned(), json!(label))]);
    server.insert(
        "url".to_owned(),
        url_of(reading, find("serverUrl"), &label, call.span)?.into(),
    );
    let mut variable = find("authorization").and_then(|pair| authorization(reading, pair, &label));
    if let Some(headers) = find("headers") {
        variable = headers_of(reading, headers, &label, variable);
    }
    if let Some(variable) = variable {
        server.insert("authorization_env".to_owned(), variable.into());
    }
    let allow = find("allowedTools").map(|pair| allowed(reading, pair));
    if let Some(allow) = allow.filter(|allow| !allow.is_empty()) {
        server.insert("allow".to_owned(), allow.into());
    }
    if let Some(pair) = find("requireApproval") {
        approval(reading, pair, &label);
    }
    const READ: [&str; 6] = [
        "serverLabel",
        "serverUrl",
        "authorization",
        "headers",
        "allowedTools",
        "requireApproval",
    ];
    let rest = pairs.into_iter().filter(|pair| !READ.contains(&pair.key));
    reading.leave_out(rest, " of `hostedMcpTool`");
    Some(server.into())
}

/// A label as `site.yaml` takes it, which no other server has.
fn label_of<'a>(reading: &mut Reading<'_, 'a>, pair: Option<Pair<'a>>, others: &[Value]) -> String {
    let written = pair.and_then(|pair| reading.text(pair.value));
    let written = written
        .filter(|label| !secret::is_in(label))
        .unwrap_or_default();
    let fits = |c: char| match c.is_ascii_alphanumeric() || matches!(c, '-' | '_') {
        true => c,
        false => '-',
    };
    let label: String = written.trim().chars().map(fits).collect();
    let label = match label.trim_matches('-') {
        "" => "tools".to_owned(),
        label => label.to_owned(),
    };
    let is_taken = |label: &str| others.iter().any(|other| other["label"] == label);
    let mut free = label.clone();
    for number in 2..=others.len() + 1 {
        if is_taken(&free) {
            free = format!("{label}-{number}");
        }
    }
    if let Some(pair) = pair.filter(|_| free != written) {
        let message = format!(
            "the server is now called `{free}`: labels have letters, digits, `-` and `_`, each once"
        );
        reading.remark(pair.span, message);
    }
    free
}

/// The address, with a variable in place of one that may hold a secret.
fn url_of<'a>(
    reading: &mut Reading<'_, 'a>,
    pair: Option<Pair<'a>>,
    label: &str,
    tool: Span,
) -> Option<String> {
    let Some(pair) = pair else {
        let message = format!(
            "the server `{label}` is left out: it has no `serverUrl`, which an agent needs"
        );
        reading.remark(tool, message);
        return None;
    };
    let found = reading.text(pair.value);
    let Some(address) = found.as_deref().and_then(secret::address) else {
        let why = match (found, variable_of(pair.value)) {
            (None, Some(name)) => format!("its address is in the variable `{name}`"),
            (None, None) => "its address is not in this file".to_owned(),
            (Some(_), _) => "OpenAI calls addresses that begin with `https://` alone".to_owned(),
        };
        reading.remark(
            pair.span,
            format!("the server `{label}` is left out: {why}"),
        );
        return None;
    };
    if !address.has_secret {
        return Some(escaped(&address.public));
    }
    let variable = secret::variable(label, "MCP_URL");
    let public = &address.public;
    let message = format!(
        "the address of `{label}` ({public}{STARS}) may hold a secret, and is not taken: set {variable} to it, where the \
         site is built and in `.env`; without it, `{public}` is used"
    );
    reading.remark(pair.span, message);
    Some(format!("${{{variable}:-{public}}}"))
}

/// The variable for the token.
fn authorization<'a>(reading: &mut Reading<'_, 'a>, pair: Pair<'a>, label: &str) -> Option<String> {
    if let Some(name) = variable_of(pair.value) {
        let message =
            format!("the token of `{label}` stays in the variable {name}, without `Bearer`");
        reading.remark(pair.span, message);
        return Some(name.to_owned());
    }
    if reading.is_nothing(pair.value) {
        return None;
    }
    let token = reading.text(pair.value).map(|text| secret::token(&text));
    let variable = secret::variable(label, "TOKEN");
    let what = match token {
        Some(Token::None) => return None,
        Some(Token::Quoted) => "it, without the quotes and backslashes around it",
        Some(Token::Plain) => "it, without `Bearer`",
        Some(Token::Calculated) | None => {
            let message = format!(
                "the token of `{label}` ({STARS}) is calculated by the workflow: an agent has one for all visitors, in \
                 the variable {variable}"
            );
            reading.remark(pair.value.span(), message);
            return Some(variable);
        }
    };
    tell_token(reading, pair.value.span(), label, &variable, what);
    Some(variable)
}

fn tell_token(reading: &mut Reading<'_, '_>, span: Span, label: &str, variable: &str, what: &str) {
    let message = format!(
        "the token of `{label}` ({STARS}) is not taken: set the variable {variable} to {what}, where the function runs \
         and in `.env`"
    );
    reading.remark(span, message);
}

/// Headers: a token in `Authorization` is one, and there are no others. Returns the variable for the token.
fn headers_of<'a>(
    reading: &mut Reading<'_, 'a>,
    headers: Pair<'a>,
    label: &str,
    mut variable: Option<String>,
) -> Option<String> {
    if reading.is_nothing(headers.value) {
        return variable;
    }
    let Some(pairs) = reading.pairs(headers.value) else {
        let message =
            format!("the headers of `{label}` ({STARS}) are left out: they are not in this file");
        reading.remark(headers.span, message);
        return variable;
    };
    for pair in pairs {
        let is_token = pair.key.eq_ignore_ascii_case("authorization") && variable.is_none();
        if !is_token {
            let message = format!(
                "the header `{}` of `{label}` ({STARS}) is left out: an agent sends a token (`authorization_env`) and \
                 no other headers",
                pair.key
            );
            reading.remark(pair.span, message);
            continue;
        }
        let named = variable_of(pair.value).map(str::to_owned);
        let name = named.unwrap_or_else(|| secret::variable(label, "TOKEN"));
        tell_token(reading, pair.span, label, &name, "it, without `Bearer`");
        variable = Some(name);
    }
    variable
}

/// The names of the only tools that may be used.
fn allowed<'a>(reading: &mut Reading<'_, 'a>, pair: Pair<'a>) -> Vec<String> {
    let names = reading.pairs(pair.value).into_iter().flatten();
    let names = names
        .into_iter()
        .find(|inner| inner.key == "toolNames" || inner.key == "tool_names");
    let list = names.map_or(pair.value, |names| names.value);
    let elements = reading.elements(list).unwrap_or_default();
    let count = elements.len();
    let texts = elements
        .into_iter()
        .filter_map(|element| reading.text(element));
    let texts: Vec<_> = texts.filter(|name| !secret::is_in(name)).collect();
    if (texts.len() < count || count == 0) && !reading.is_nothing(pair.value) {
        let message = "some of `allowedTools` are left out: they are not in this file; write them into `allow`";
        reading.remark(pair.span, message);
    }
    texts
}

/// Nobody can be asked: visitors must not decide, and you are not there.
fn approval<'a>(reading: &mut Reading<'_, 'a>, pair: Pair<'a>, label: &str) {
    if reading.text(pair.value).as_deref() != Some("never") {
        let message = format!(
            "`requireApproval` of `{label}` is left out: nobody is there to ask, so the model uses the tools without; \
             `allow` says which"
        );
        reading.remark(pair.span, message);
    }
}
