//! An agent's instructions: the text that the code has, without what only a running workflow knows.

use oxc_ast::ast::{BinaryOperator, CallExpression, Expression, FunctionBody, TemplateLiteral};
use oxc_span::{GetSpan as _, Span};
use serde_json::Value;

use super::super::find::{Meaning, last_name, plain, returned, returned_by_arrow};
use super::reading::{Reading, argument, escaped};

/// Most levels of parts of parts.
const MAX_DEPTH: usize = 32;

/// Longer instructions are refused later. This keeps constants of constants from growing without end.
const MAX_LENGTH: usize = 1024 * 1024;

/// Reads `instructions`.
pub(super) fn read<'a>(reading: &mut Reading<'_, 'a>, expression: &'a Expression<'a>) {
    let mut words = Words {
        text: String::new(),
        gaps: Vec::new(),
        is_function: false,
        is_dedented: false,
    };
    words.add(reading, expression, 0);
    let Words {
        text,
        gaps,
        is_function,
        is_dedented,
    } = words;
    let text = tidied(&text, is_dedented);
    for (span, name) in gaps {
        let message = format!(
            "`{name}` in `instructions` is left out, because only a running workflow knows its value; read the \
             sentence around it again"
        );
        reading.remark(span, message);
    }
    if is_function {
        let message =
            "`instructions` is a function: the text that it returns is taken, without state";
        reading.remark(expression.span(), message);
    }
    if text.contains("{{") {
        let message = "`{{…}}` in `instructions` stays as it is: nothing fills it in here";
        reading.remark(expression.span(), message);
    }
    if text.is_empty() {
        let message = "`instructions` is left out: it has no text of its own";
        reading.remark(expression.span(), message);
    } else {
        reading.set("instructions", escaped(&text));
    }
}

struct Words {
    text: String,
    /// What is not text, and its name.
    gaps: Vec<(Span, String)>,
    is_function: bool,
    is_dedented: bool,
}

impl Words {
    fn add<'a>(
        &mut self,
        reading: &mut Reading<'_, 'a>,
        expression: &'a Expression<'a>,
        depth: usize,
    ) {
        if depth > MAX_DEPTH || self.text.len() > MAX_LENGTH {
            return self.gap(expression);
        }
        let depth = depth + 1;
        match reading.resolved(expression) {
            Expression::TemplateLiteral(template) => self.template(reading, template, depth),
            Expression::TaggedTemplateExpression(tagged) => {
                self.is_dedented |= last_name(&tagged.tag).is_some_and(dedents);
                self.template(reading, &tagged.quasi, depth);
            }
            sum @ Expression::BinaryExpression(_) => {
                let parts = summands(sum);
                if !parts.iter().any(|part| is_text(reading, part, depth)) {
                    return self.gap(expression);
                }
                for part in parts {
                    self.add(reading, part, depth);
                }
            }
            Expression::ArrowFunctionExpression(function) => {
                self.is_function = true;
                self.add_or_gap(reading, returned_by_arrow(function), expression, depth);
            }
            Expression::FunctionExpression(function) => {
                self.function(reading, function.body.as_deref(), expression, depth);
            }
            Expression::CallExpression(call) => self.call(reading, call, expression, depth),
            Expression::Identifier(name) => match reading.found.meaning(&name.name) {
                Some(Meaning::Does(body)) => self.function(reading, Some(body), expression, depth),
                _ => self.gap(expression),
            },
            other => match reading.value(other) {
                Some(Value::String(text)) => self.text.push_str(&text),
                Some(Value::Number(number)) => self.text.push_str(&number.to_string()),
                _ => self.gap(expression),
            },
        }
    }

    fn template<'a>(
        &mut self,
        reading: &mut Reading<'_, 'a>,
        template: &'a TemplateLiteral<'a>,
        depth: usize,
    ) {
        for (index, quasi) in template.quasis.iter().enumerate() {
            self.text
                .push_str(quasi.value.cooked.as_deref().unwrap_or_default());
            if let Some(inner) = template.expressions.get(index) {
                self.add(reading, inner, depth);
            }
        }
    }

    fn function<'a>(
        &mut self,
        reading: &mut Reading<'_, 'a>,
        body: Option<&'a FunctionBody<'a>>,
        whole: &'a Expression<'a>,
        depth: usize,
    ) {
        self.is_function = true;
        self.add_or_gap(reading, body.and_then(returned), whole, depth);
    }

    fn add_or_gap<'a>(
        &mut self,
        reading: &mut Reading<'_, 'a>,
        part: Option<&'a Expression<'a>>,
        whole: &'a Expression<'a>,
        depth: usize,
    ) {
        match part {
            Some(part) => self.add(reading, part, depth),
            None => self.gap(whole),
        }
    }

    /// `"…".trim()`, `["…", "…"].join("\n")`, `dedent("…")`, or a function of this file.
    fn call<'a>(
        &mut self,
        reading: &mut Reading<'_, 'a>,
        call: &'a CallExpression<'a>,
        whole: &'a Expression<'a>,
        depth: usize,
    ) {
        let object = match plain(&call.callee) {
            Expression::StaticMemberExpression(member) => Some(&member.object),
            _ => None,
        };
        match (last_name(&call.callee), object) {
            (Some("trim" | "trimStart" | "trimEnd"), Some(text)) => self.add(reading, text, depth),
            (Some("join"), Some(list)) => {
                let Ok(parts) = reading.elements(list) else {
                    return self.gap(whole);
                };
                let between = argument(call, 0).and_then(|between| reading.text(between));
                for (index, part) in parts.into_iter().enumerate() {
                    if index > 0 {
                        self.text.push_str(between.as_deref().unwrap_or(","));
                    }
                    self.add(reading, part, depth);
                }
            }
            (Some(name), _) if dedents(name) => {
                self.is_dedented = true;
                self.add_or_gap(reading, argument(call, 0), whole, depth);
            }
            (Some(_), None) => match reading.resolved(&call.callee) {
                callee @ (Expression::ArrowFunctionExpression(_) | Expression::Identifier(_)) => {
                    self.add(reading, callee, depth);
                }
                _ => self.gap(whole),
            },
            _ => self.gap(whole),
        }
    }

    fn gap(&mut self, expression: &Expression<'_>) {
        let name =
            path_of(expression, 0).map_or_else(|| "${…}".to_owned(), |path| format!("${{{path}}}"));
        self.gaps.push((expression.span(), name));
    }
}

/// The parts of a sum from left to right: dozens of lines of text may be one.
fn summands<'a>(sum: &'a Expression<'a>) -> Vec<&'a Expression<'a>> {
    let mut parts = Vec::new();
    let mut left = plain(sum);
    while let Expression::BinaryExpression(sum) = left
        && sum.operator == BinaryOperator::Addition
    {
        parts.push(&sum.right);
        left = plain(&sum.left);
    }
    parts.push(left);
    parts.reverse();
    parts
}

/// Returns whether this is text, or a sum with text in it.
fn is_text<'a>(reading: &Reading<'_, 'a>, expression: &'a Expression<'a>, depth: usize) -> bool {
    match reading.resolved(expression) {
        Expression::StringLiteral(_)
        | Expression::TemplateLiteral(_)
        | Expression::TaggedTemplateExpression(_) => true,
        sum @ Expression::BinaryExpression(binary) => {
            let is_text = |part: &&'a Expression<'a>| is_text(reading, part, depth + 1);
            depth < MAX_DEPTH
                && binary.operator == BinaryOperator::Addition
                && summands(sum).iter().any(is_text)
        }
        _ => false,
    }
}

fn dedents(name: &str) -> bool {
    name.ends_with("dedent") || name == "stripIndent"
}

/// `state.country`, if it is nothing but names.
fn path_of(expression: &Expression<'_>, depth: usize) -> Option<String> {
    match plain(expression) {
        Expression::Identifier(name) => Some(name.name.to_string()),
        Expression::StaticMemberExpression(member) if depth < MAX_DEPTH => {
            let object = path_of(&member.object, depth + 1)?;
            Some(format!("{object}.{}", member.property.name))
        }
        _ => None,
    }
}

/// The text with its visible characters alone: no spaces at the ends of lines, no characters that no editor shows.
fn tidied(text: &str, is_dedented: bool) -> String {
    let text = text.replace("\r\n", "\n").replace('\t', "  ");
    let lines: Vec<_> = text.split(['\n', '\r']).map(str::trim_end).collect();
    let indent = |line: &&str| line.len() - line.trim_start_matches(' ').len();
    let full = lines.iter().skip(1).filter(|line| !line.is_empty());
    let shared = full.map(indent).min().filter(|_| is_dedented);
    let cut = |(index, line): (usize, &&str)| {
        let from = shared.filter(|_| index > 0).unwrap_or_default();
        line.get(from..).unwrap_or_default().to_owned()
    };
    let lines: Vec<_> = lines.iter().enumerate().map(cut).collect();
    let text = lines
        .join("\n")
        .replace(|c: char| c != '\n' && c.is_control(), "");
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_seen_is_kept() {
        assert_eq!(
            tidied(" One \r\n\tTwo\u{7}\n\n  three  \n", false),
            "One\n  Two\n\n  three"
        );
        assert_eq!(
            tidied("\n    One\n      two\n\n    three\n", true),
            "One\n  two\n\nthree"
        );
    }
}
