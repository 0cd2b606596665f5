//! The values in code, as plain data, without running any of it.

use std::ops::Range;

use oxc_ast::ast::{
    ArrayExpressionElement, BinaryOperator, CallExpression, Expression, LogicalOperator,
    ObjectExpression, ObjectPropertyKind, TemplateLiteral, UnaryExpression, UnaryOperator,
};
use oxc_span::{GetSpan as _, Span};
use serde_yaml::Number;

use super::find::{
    Found, Meaning, Part, called, key_of, last_name, plain, returned, returned_by_arrow,
};
use crate::yaml::{Entry, Kind, Node, Place};

/// Most levels of nested values, and of constants that refer to constants.
const MAX_DEPTH: usize = 64;

/// Most values. Constants of constants can expand to billions.
const MAX_VALUES: usize = 20_000;

/// Text counts as one value for each of these.
const BYTES_OF_A_VALUE: usize = 64;

/// A remark: the byte that it is about, and the text.
pub(super) type Remark = (usize, String);

/// The reason why something is not plain data.
type Why = String;

/// Reads expressions of one program.
pub(super) struct Reader<'f, 'a> {
    found: &'f Found<'a>,
    /// Bytes that were inserted before the text.
    shift: usize,
    way: Vec<String>,
    depth: usize,
    values: usize,
    /// `true` if something differed between light and dark.
    pub(super) themed: bool,
    pub(super) remarks: Vec<Remark>,
}

impl<'f, 'a> Reader<'f, 'a> {
    pub(super) fn new(found: &'f Found<'a>, shift: usize) -> Self {
        Self {
            found,
            shift,
            way: Vec::new(),
            depth: 0,
            values: 0,
            themed: false,
            remarks: Vec::new(),
        }
    }

    /// The values of constants whose names tell their purpose, with the path that each belongs to. Of several for one
    /// place, the first.
    pub(super) fn named_parts(&mut self) -> Vec<(Vec<&'static str>, Node)> {
        let found = self.found;
        let mut taken: Vec<(&Part<'_>, Node)> = Vec::new();
        for part in &found.parts {
            if let Some((first, _)) = taken.iter().find(|(other, _)| other.way == part.way) {
                let why = format!(
                    "only `{}`, which comes first, is read; to import this one, paste it alone",
                    first.name
                );
                self.pass_over(part, &why);
                continue;
            }
            self.way = part.steps().map(str::to_owned).collect();
            let result = self.meaning_of(part.name);
            let node = self.kept(part.name.to_owned(), part.span, result);
            self.way.clear();
            taken.extend(node.map(|node| (part, node)));
        }
        let taken = taken.into_iter();
        taken
            .map(|(part, node)| (part.steps().collect(), node))
            .collect()
    }

    /// Reports constants that could be part of the options and are not.
    pub(super) fn pass_over_unused(&mut self) {
        let found = self.found;
        for part in found.parts.iter().filter(|part| !found.is_read(part.name)) {
            self.pass_over(part, "these options do not use it");
        }
    }

    fn pass_over(&mut self, part: &Part<'_>, why: &str) {
        let way: Vec<_> = part.steps().collect();
        let message = format!(
            "`{}` is skipped in favour of `{}`: {why}",
            part.name,
            way.join(".")
        );
        self.remark(part.span, message);
    }

    /// The value of a constant, or of a function without arguments.
    fn meaning_of(&mut self, name: &str) -> Result<Option<Node>, Why> {
        let returned = match self.found.meaning(name) {
            Some(Meaning::Does(body)) => returned(body),
            Some(Meaning::Is(expression)) => match plain(expression) {
                Expression::ArrowFunctionExpression(function) => returned_by_arrow(function),
                _ => return self.value(expression),
            },
            _ => return Err(format!("`{name}` is assigned more than once")),
        };
        match returned {
            Some(expression) => self.value(expression),
            None => Err("a file cannot hold a function".to_owned()),
        }
    }

    /// The plain data in an object, with a remark on everything else.
    pub(super) fn object(&mut self, object: &'a ObjectExpression<'a>) -> Node {
        let mut entries: Vec<Entry> = Vec::new();
        let mut put = |entry: Entry| match entries.iter_mut().find(|old| old.key == entry.key) {
            // As in JavaScript, the last one wins.
            Some(old) => *old = entry,
            None => entries.push(entry),
        };
        for property in &object.properties {
            match property {
                ObjectPropertyKind::SpreadProperty(spread) => match self.value(&spread.argument) {
                    Ok(Some(Node {
                        kind: Kind::Map(inner),
                        ..
                    })) => inner.into_iter().for_each(&mut put),
                    Ok(None) => {}
                    Ok(Some(_)) => self.left_out(spread.span, "`...` needs an object here"),
                    Err(why) => {
                        let name = last_name(&spread.argument).unwrap_or("…");
                        let here = self.here();
                        self.remark(spread.span, format!("`...{name}`{here} is left out: {why}"));
                    }
                },
                ObjectPropertyKind::ObjectProperty(property) => {
                    let Some(key) = key_of(&property.key)
                        .filter(|_| !property.computed || property.key.is_expression())
                    else {
                        self.left_out(property.span, "its key is not a plain name");
                        continue;
                    };
                    self.way.push(key.to_owned());
                    if let Some(value) = self.property(key, &property.value) {
                        put(Entry {
                            key: key.to_owned(),
                            key_place: self.place(property.key.span()),
                            value,
                        });
                    }
                    self.way.pop();
                }
            }
        }
        Node {
            place: self.place(object.span),
            kind: Kind::Map(entries),
        }
    }

    fn property(&mut self, key: &str, expression: &'a Expression<'a>) -> Option<Node> {
        if self.way == ["api"] {
            self.api(expression);
            return None;
        }
        let is_scheme = key == "colorScheme";
        if is_scheme && let Some((_, light)) = self.of_scheme(plain(expression)) {
            // `dark ? 'dark' : 'light'`
            self.themed = true;
            let span = expression.span();
            return match matches!(&self.value(light), Ok(Some(node)) if node.text() == Some("light"))
            {
                true => Some(self.auto(span, "is chosen by your code")),
                false => self.kept(
                    self.way.join("."),
                    span,
                    Err("it depends on code".to_owned()),
                ),
            };
        }
        let span = expression.span();
        match self.value(expression) {
            Err(_) if is_scheme => Some(self.auto(span, "is chosen by your code")),
            result => self.kept(self.way.join("."), span, result),
        }
    }

    /// Leaves out `api`, which is derived from `backend`, and reports its content.
    fn api(&mut self, expression: &'a Expression<'a>) {
        let told = self.remarks.len();
        let api = self.value(expression).ok().flatten();
        self.remarks.truncate(told);
        let text = |key: &str| api.as_ref().and_then(|api| api.get(key)?.text());
        let mut message = "`api` is left out: it is derived from `backend`".to_owned();
        if let Some(url) = text("url") {
            message.push_str(&format!(
                "; to keep this server, use `type: server` with `url: {url}`"
            ));
            if let Some(key) = text("domainKey") {
                message.push_str(&format!(" and `domain_key: {key}`"));
            }
        }
        self.remark(expression.span(), message);
    }

    fn auto(&mut self, span: Span, why: &str) -> Node {
        let way = self.way.join(".");
        self.remark(
            span,
            format!("`{way}` {why}: it is now `auto`, which follows the visitor's system"),
        );
        Node {
            place: self.place(span),
            kind: Kind::Text("auto".to_owned()),
        }
    }

    fn kept(
        &mut self,
        what: String,
        span: Span,
        result: Result<Option<Node>, Why>,
    ) -> Option<Node> {
        match result {
            Ok(node) => node,
            Err(why) => {
                let is_action = |key: &str| matches!(key, "leftAction" | "rightAction");
                // The remark on the whole button is more helpful.
                let of_button = self.way.last().is_some_and(|key| key == "onClick")
                    && self
                        .way
                        .iter()
                        .rev()
                        .nth(1)
                        .is_some_and(|key| is_action(key));
                if !of_button {
                    self.remark(span, format!("`{what}` is left out: {why}"));
                }
                None
            }
        }
    }

    /// The value, `None` for `undefined`, or the reason why it is not plain data.
    pub(super) fn value(&mut self, expression: &'a Expression<'a>) -> Result<Option<Node>, Why> {
        self.values += 1;
        if self.depth >= MAX_DEPTH || self.values > MAX_VALUES {
            return Err("it is too large".to_owned());
        }
        self.depth += 1;
        let result = self.value_of(plain(expression));
        self.depth -= 1;
        result
    }

    /// Counts text by its length, because it can be concatenated.
    fn counted(&mut self, text: String) -> Result<Kind, Why> {
        self.values += text.len() / BYTES_OF_A_VALUE;
        match self.values > MAX_VALUES {
            true => Err("it is too large".to_owned()),
            false => Ok(Kind::Text(text)),
        }
    }

    fn value_of(&mut self, expression: &'a Expression<'a>) -> Result<Option<Node>, Why> {
        let kind = match expression {
            Expression::NullLiteral(_) => Kind::Null,
            Expression::BooleanLiteral(literal) => Kind::Bool(literal.value),
            Expression::NumericLiteral(literal) => number(literal.value)?,
            Expression::StringLiteral(literal) => self.counted(literal.value.to_string())?,
            Expression::TemplateLiteral(template) => self.template(template)?,
            Expression::ObjectExpression(object) => return Ok(Some(self.object(object))),
            Expression::ArrayExpression(list) => self.list(&list.elements),
            Expression::Identifier(name) => return self.name(&name.name),
            Expression::UnaryExpression(unary) => match unary_of(unary)? {
                Some(kind) => kind,
                None => return Ok(None),
            },
            Expression::BinaryExpression(binary) => {
                return self.calculated(binary.operator, &binary.left, &binary.right, binary.span);
            }
            Expression::ConditionalExpression(_) => return self.conditional(expression),
            Expression::LogicalExpression(logical) => return self.logical(logical),
            Expression::StaticMemberExpression(member) => {
                let object = self.value(&member.object)?;
                let key = member.property.name.as_str();
                let value = object.as_ref().and_then(|object| object.get(key));
                return match value {
                    Some(value) => Ok(Some(value.clone())),
                    None => Err(format!("it has no plain `{key}`")),
                };
            }
            Expression::CallExpression(call) => {
                return match called(expression) {
                    Some(inner) => self.value(inner),
                    None => self.call(call),
                };
            }
            Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_) => {
                return Err("a file cannot hold a function".to_owned());
            }
            _ => return Err("it is not plain data".to_owned()),
        };
        Ok(Some(Node {
            place: self.place(expression.span()),
            kind,
        }))
    }

    fn template(&mut self, template: &'a TemplateLiteral<'a>) -> Result<Kind, Why> {
        let mut text = String::new();
        for (index, quasi) in template.quasis.iter().enumerate() {
            text.push_str(quasi.value.cooked.as_deref().unwrap_or_default());
            if let Some(inner) = template.expressions.get(index) {
                text.push_str(&self.text(inner)?);
            }
        }
        self.counted(text)
    }

    fn call(&mut self, call: &'a CallExpression<'a>) -> Result<Option<Node>, Why> {
        let name = last_name(&call.callee).unwrap_or("…");
        match self.found.meaning(name) {
            Some(Meaning::Is(_) | Meaning::Does(_)) => self.meaning_of(name),
            _ => Err(format!("`{name}(…)` would have to be run")),
        }
    }

    fn list(&mut self, elements: &'a [ArrayExpressionElement<'a>]) -> Kind {
        let mut items = Vec::new();
        for (index, element) in elements.iter().enumerate() {
            let span = element.span();
            self.way.push(index.to_string());
            let what = self.way.join(".");
            match element {
                ArrayExpressionElement::Elision(_) => {}
                ArrayExpressionElement::SpreadElement(spread) => {
                    match self.value(&spread.argument) {
                        Ok(Some(Node {
                            kind: Kind::List(inner),
                            ..
                        })) => items.extend(inner),
                        Ok(None) => {}
                        Ok(Some(_)) => self.left_out(span, "`...` needs a list here"),
                        Err(why) => self.left_out(span, &why),
                    }
                }
                other => {
                    let result = match other.as_expression() {
                        Some(expression) => self.value(expression),
                        None => Ok(None),
                    };
                    items.extend(self.kept(what, span, result));
                }
            }
            self.way.pop();
        }
        Kind::List(items)
    }

    fn name(&mut self, name: &str) -> Result<Option<Node>, Why> {
        match self.found.meaning(name) {
            Some(Meaning::Is(expression)) => self.value(expression),
            Some(Meaning::Does(_)) => Err("a file cannot hold a function".to_owned()),
            Some(Meaning::Imported) => Err(format!(
                "`{name}` comes from another file; put its value here and import again"
            )),
            Some(Meaning::Varies) => Err(format!("`{name}` is assigned more than once")),
            None if name == "undefined" => Ok(None),
            None => Err(format!("`{name}` is not defined here")),
        }
    }

    /// Concatenated text, and products such as `10 * 1024 * 1024`.
    fn calculated(
        &mut self,
        operator: BinaryOperator,
        left: &'a Expression<'a>,
        right: &'a Expression<'a>,
        span: Span,
    ) -> Result<Option<Node>, Why> {
        let (Some(one), Some(other)) = (self.value(left)?, self.value(right)?) else {
            return Err(CALCULATED.to_owned());
        };
        let as_f64 = |node: &Node| match &node.kind {
            Kind::Number(number) => number.as_f64(),
            _ => None,
        };
        let kind = match (operator, as_f64(&one), as_f64(&other)) {
            (BinaryOperator::Multiplication, Some(one), Some(other)) => number(one * other)?,
            (BinaryOperator::Addition, None, _) | (BinaryOperator::Addition, _, None) => {
                match (written(&one), written(&other)) {
                    (Some(one), Some(other)) => self.counted(one + &other)?,
                    _ => return Err(CALCULATED.to_owned()),
                }
            }
            _ => return Err(CALCULATED.to_owned()),
        };
        Ok(Some(Node {
            place: self.place(span),
            kind,
        }))
    }

    fn text(&mut self, expression: &'a Expression<'a>) -> Result<String, Why> {
        let node = self.value(expression)?;
        node.as_ref()
            .and_then(written)
            .ok_or_else(|| CALCULATED.to_owned())
    }

    /// A choice between light and dark has its light value, because a file holds only one.
    fn conditional(&mut self, expression: &'a Expression<'a>) -> Result<Option<Node>, Why> {
        let Some((dark, light)) = self.of_scheme(expression) else {
            return Err("it depends on a condition that only your code knows".to_owned());
        };
        let told = self.remarks.len();
        let dark = self.value(dark)?;
        // Parts that only the dark value lacks need no remark.
        self.remarks.truncate(told);
        let light = self.value(light)?;
        let same = match (&dark, &light) {
            (Some(dark), Some(light)) => dark.to_value() == light.to_value(),
            (None, None) => true,
            _ => false,
        };
        if !same {
            self.themed = true;
            let way = self.way.join(".");
            self.remark(
                expression.span(),
                format!("`{way}` has its light value: a file holds one value for light and dark"),
            );
        }
        Ok(light)
    }

    /// The dark and the light side of such a choice.
    fn of_scheme(
        &self,
        expression: &'a Expression<'a>,
    ) -> Option<(&'a Expression<'a>, &'a Expression<'a>)> {
        let Expression::ConditionalExpression(choice) = expression else {
            return None;
        };
        Some(match is_dark(&choice.test)? {
            true => (&choice.consequent, &choice.alternate),
            false => (&choice.alternate, &choice.consequent),
        })
    }

    /// `given ?? "otherwise"`: the first if the file defines it, else the second.
    fn logical(
        &mut self,
        logical: &'a oxc_ast::ast::LogicalExpression<'a>,
    ) -> Result<Option<Node>, Why> {
        if logical.operator == LogicalOperator::And {
            return Err("it depends on a condition that only your code knows".to_owned());
        }
        match self.value(&logical.left) {
            Ok(Some(node)) if !matches!(node.kind, Kind::Null) => Ok(Some(node)),
            Ok(_) => self.value(&logical.right),
            Err(_) => {
                let node = self.value(&logical.right)?;
                let way = self.way.join(".");
                let span = logical.span;
                self.remark(span, format!("`{way}` has the fallback value of your code"));
                Ok(node)
            }
        }
    }

    fn left_out(&mut self, span: Span, why: &str) {
        let what = match self.way.is_empty() {
            true => "a key".to_owned(),
            false => format!("something in `{}`", self.way.join(".")),
        };
        self.remark(span, format!("{what} is left out: {why}"));
    }

    fn here(&self) -> String {
        match self.way.is_empty() {
            true => String::new(),
            false => format!(" in `{}`", self.way.join(".")),
        }
    }

    fn remark(&mut self, span: Span, message: String) {
        let at = self.range(span).start;
        self.remarks.push((at, message));
    }

    pub(super) fn range(&self, span: Span) -> Range<usize> {
        let shifted = |at: u32| (at as usize).saturating_sub(self.shift);
        shifted(span.start)..shifted(span.end)
    }

    fn place(&self, span: Span) -> Place {
        Place {
            file: 0,
            span: self.range(span),
        }
    }
}

/// A number with a sign, a boolean as minifiers write it, or nothing for `void 0`.
fn unary_of(unary: &UnaryExpression<'_>) -> Result<Option<Kind>, Why> {
    let kind = match (unary.operator, plain(&unary.argument)) {
        (UnaryOperator::UnaryNegation, Expression::NumericLiteral(literal)) => {
            number(-literal.value)?
        }
        (UnaryOperator::UnaryPlus, Expression::NumericLiteral(literal)) => number(literal.value)?,
        (UnaryOperator::LogicalNot, Expression::NumericLiteral(literal)) => {
            Kind::Bool(literal.value == 0.0)
        }
        (UnaryOperator::Void, _) => return Ok(None),
        _ => return Err(CALCULATED.to_owned()),
    };
    Ok(Some(kind))
}

const CALCULATED: &str = "it would have to be calculated";

/// Returns whether a condition means dark (`true`) or light (`false`), if either.
fn is_dark(test: &Expression<'_>) -> Option<bool> {
    match test {
        Expression::ParenthesizedExpression(inner) => is_dark(&inner.expression),
        Expression::UnaryExpression(not) if not.operator == UnaryOperator::LogicalNot => {
            is_dark(&not.argument).map(|dark| !dark)
        }
        Expression::BinaryExpression(binary) => {
            let equal = match binary.operator {
                BinaryOperator::Equality | BinaryOperator::StrictEquality => true,
                BinaryOperator::Inequality | BinaryOperator::StrictInequality => false,
                _ => return None,
            };
            let sides = [&binary.left, &binary.right];
            let dark = sides.into_iter().find_map(|side| match side {
                Expression::StringLiteral(text) if text.value == "dark" => Some(true),
                Expression::StringLiteral(text) if text.value == "light" => Some(false),
                _ => None,
            })?;
            Some(dark == equal)
        }
        Expression::Identifier(name) => named_dark(&name.name),
        Expression::StaticMemberExpression(member) => named_dark(&member.property.name),
        _ => None,
    }
}

/// `isDark`, `darkMode`, `prefersLight`.
fn named_dark(name: &str) -> Option<bool> {
    let name = name.to_ascii_lowercase();
    match (name.contains("dark"), name.contains("light")) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

/// A scalar as part of a text.
fn written(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Text(text) => Some(text.clone()),
        Kind::Number(number) => Some(number.to_string()),
        Kind::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

/// A number: JavaScript has only one kind, so `10485760.0` is a whole one.
fn number(value: f64) -> Result<Kind, Why> {
    const LARGEST: f64 = 9_007_199_254_740_991.0;
    if !value.is_finite() || value.abs() > LARGEST {
        return Err("it is not a number that a file can hold".to_owned());
    }
    #[expect(clippy::cast_possible_truncation, reason = "a whole number in range")]
    let whole = value as i64;
    #[expect(
        clippy::cast_precision_loss,
        reason = "compared with what it was made of"
    )]
    Ok(Kind::Number(match whole as f64 == value {
        true => Number::from(whole),
        false => Number::from(value),
    }))
}
