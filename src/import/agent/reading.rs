//! What the readers of an agent's parts share: constants are looked up, and what cannot be taken is reported.

use oxc_ast::ast::{Argument, CallExpression, Expression, ObjectExpression, ObjectPropertyKind};
use oxc_span::{GetSpan as _, Span};
use serde_json::{Map, Value};

use super::super::find::{Found, key_of, last_name, plain};
use super::super::value::{Reader, Remark};
use super::scan::Scan;
use super::secret;

/// Most objects that one object may be made of, with `...`.
const MAX_SPREADS: usize = 32;

/// Most keys of an object.
const MAX_PAIRS: usize = 200;

/// An agent that is being read.
pub(super) struct Reading<'r, 'a> {
    pub(super) found: &'r Found<'a>,
    pub(super) scan: &'r Scan<'a>,
    reader: Reader<'r, 'a>,
    /// Keys of `backend` in `site.yaml`.
    pub(super) settings: Map<String, Value>,
    remarks: Vec<Remark>,
}

/// A key of an object, and its value.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) key: &'a str,
    pub(super) span: Span,
    pub(super) value: &'a Expression<'a>,
}

impl<'r, 'a> Reading<'r, 'a> {
    pub(super) fn new(found: &'r Found<'a>, scan: &'r Scan<'a>, shift: usize) -> Self {
        Self {
            found,
            scan,
            reader: Reader::new(found, shift),
            settings: Map::new(),
            remarks: Vec::new(),
        }
    }

    /// What is set, and the remarks.
    pub(super) fn into_parts(self) -> (Map<String, Value>, Vec<Remark>) {
        (self.settings, self.remarks)
    }

    pub(super) fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.settings.insert(key.to_owned(), value.into());
    }

    pub(super) fn remark(&mut self, span: Span, message: impl Into<String>) {
        let at = self.at(span);
        self.remarks.push((at, message.into()));
    }

    /// Reports keys that agents do not have, in one remark. `whose` is ` of …`, or nothing.
    pub(super) fn leave_out(&mut self, pairs: impl IntoIterator<Item = Pair<'a>>, whose: &str) {
        let pairs = pairs.into_iter();
        let pairs: Vec<_> = pairs.filter(|pair| !self.is_nothing(pair.value)).collect();
        let Some(first) = pairs.first() else {
            return;
        };
        let message = match listed(&pairs) {
            (names, true) => format!("{names}{whose} are left out: an agent has no such settings"),
            (name, false) => format!("{name}{whose} is left out: an agent has no such setting"),
        };
        self.remark(first.span, message);
    }

    pub(super) fn at(&self, span: Span) -> usize {
        self.reader.range(span).start
    }

    /// The expression behind constants.
    pub(super) fn resolved(&self, expression: &'a Expression<'a>) -> &'a Expression<'a> {
        self.found.resolved(expression, 0)
    }

    /// The value, if it is plain data. Parts that are not are missing, without a remark.
    pub(super) fn value(&mut self, expression: &'a Expression<'a>) -> Option<Value> {
        let value = self.reader.value(self.resolved(expression));
        self.reader.remarks.clear();
        value.ok().flatten().map(|node| node.to_json())
    }

    /// The text, if it is one.
    pub(super) fn text(&mut self, expression: &'a Expression<'a>) -> Option<String> {
        match self.value(expression)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns whether this says that nothing is set: `undefined`, `null`, `[]`, `{}`.
    pub(super) fn is_nothing(&self, expression: &'a Expression<'a>) -> bool {
        match self.resolved(expression) {
            Expression::NullLiteral(_) => true,
            Expression::Identifier(name) => name.name == "undefined",
            Expression::ArrayExpression(list) => list.elements.is_empty(),
            Expression::ObjectExpression(object) => object.properties.is_empty(),
            _ => false,
        }
    }

    /// The keys of the object behind an expression, those of `...` included. As in JavaScript, the last of each wins.
    pub(super) fn pairs(&mut self, expression: &'a Expression<'a>) -> Option<Vec<Pair<'a>>> {
        let Expression::ObjectExpression(object) = self.resolved(expression) else {
            return None;
        };
        let mut pairs = Vec::new();
        self.collect(object, &mut pairs, 0);
        Some(pairs)
    }

    fn collect(
        &mut self,
        object: &'a ObjectExpression<'a>,
        pairs: &mut Vec<Pair<'a>>,
        spreads: usize,
    ) {
        for property in &object.properties {
            match property {
                ObjectPropertyKind::ObjectProperty(property) => match key_of(&property.key) {
                    Some(key) if pairs.len() < MAX_PAIRS => {
                        pairs.retain(|pair| pair.key != key);
                        let (span, value) = (property.key.span(), &property.value);
                        pairs.push(Pair { key, span, value });
                    }
                    Some(_) => {}
                    None => self.remark(property.span, "a key is left out: it is not a plain name"),
                },
                ObjectPropertyKind::SpreadProperty(spread) => {
                    match self.resolved(&spread.argument) {
                        Expression::ObjectExpression(inner) if spreads < MAX_SPREADS => {
                            self.collect(inner, pairs, spreads + 1);
                        }
                        _ => {
                            let name = last_name(&spread.argument).unwrap_or("…");
                            let message =
                                format!("`...{name}` is left out: its value is not in this file");
                            self.remark(spread.span, message);
                        }
                    }
                }
            }
        }
    }

    /// The elements of the list behind an expression, those of `...` included, or what cannot be looked up.
    pub(super) fn elements(
        &self,
        expression: &'a Expression<'a>,
    ) -> Result<Vec<&'a Expression<'a>>, Span> {
        let mut elements = Vec::new();
        self.add_elements(expression, &mut elements, 0)?;
        Ok(elements)
    }

    fn add_elements(
        &self,
        expression: &'a Expression<'a>,
        elements: &mut Vec<&'a Expression<'a>>,
        spreads: usize,
    ) -> Result<(), Span> {
        let Expression::ArrayExpression(list) = self.resolved(expression) else {
            return Err(expression.span());
        };
        for element in &list.elements {
            if let oxc_ast::ast::ArrayExpressionElement::SpreadElement(spread) = element {
                if spreads == MAX_SPREADS {
                    return Err(spread.span);
                }
                self.add_elements(&spread.argument, elements, spreads + 1)?;
            } else if let Some(element) = element.as_expression() {
                elements.push(element);
            }
        }
        Ok(())
    }
}

/// An argument of a call.
pub(super) fn argument<'a>(
    call: &'a CallExpression<'a>,
    index: usize,
) -> Option<&'a Expression<'a>> {
    call.arguments.get(index).and_then(Argument::as_expression)
}

/// The variable of the environment that an expression reads: `process.env.NAME`, with or without something around it.
pub(super) fn variable_of<'a>(expression: &'a Expression<'a>) -> Option<&'a str> {
    match plain(expression) {
        Expression::StaticMemberExpression(member) => {
            (last_name(&member.object) == Some("env")).then_some(member.property.name.as_str())
        }
        Expression::LogicalExpression(either) => variable_of(&either.left),
        Expression::TemplateLiteral(template) => template.expressions.iter().find_map(variable_of),
        Expression::BinaryExpression(sum) => {
            variable_of(&sum.left).or_else(|| variable_of(&sum.right))
        }
        _ => None,
    }
}

/// Names as in a sentence, and whether there are several.
pub(super) fn listed(pairs: &[Pair<'_>]) -> (String, bool) {
    let names: Vec<_> = pairs.iter().map(|pair| format!("`{}`", pair.key)).collect();
    match names.split_last() {
        Some((last, before)) if !before.is_empty() => {
            (format!("{} and {last}", before.join(", ")), true)
        }
        _ => (names.concat(), false),
    }
}

/// Returns whether this is the id of a vector store.
pub(super) fn is_store(id: &str) -> bool {
    id.starts_with("vs_") && !secret::is_in(id)
}

/// The text as a file holds it, where `${` starts a variable.
pub(super) fn escaped(text: &str) -> String {
    text.replace("${", "$${")
}
