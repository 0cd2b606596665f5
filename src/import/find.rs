//! Finds the options in a program, and what its names refer to.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

use oxc_ast::AstKind;
use oxc_ast::ast::{
    ArrowFunctionBody, ArrowFunctionExpression, AssignmentExpression, AssignmentTarget,
    BindingPattern, CallExpression, Expression, FunctionBody, ImportDeclaration,
    ImportDeclarationSpecifier, ObjectExpression, ObjectPropertyKind, Program, PropertyKey,
    Statement, TSType, TSTypeAnnotation, VariableDeclarator,
};
use oxc_ast_visit::{Visit, walk};
use oxc_span::Span;

/// Most levels of nested expressions. Deeper ones are ignored.
const MAX_DEPTH: usize = 200;

/// Most objects that are searched for the options.
const MAX_LOOKS: usize = 200_000;

/// Most steps from constant to constant.
const MAX_STEPS: usize = 32;

/// The meaning of a name.
#[derive(Clone, Copy)]
pub(super) enum Meaning<'a> {
    /// This expression, always.
    Is(&'a Expression<'a>),
    /// A function with this body.
    Does(&'a FunctionBody<'a>),
    /// Something from another file.
    Imported,
    /// Assigned more than once.
    Varies,
}

/// A constant whose name tells its purpose, as in a file of constants of OpenAI's starter application.
pub(super) struct Part<'a> {
    /// The path that it belongs to: `startScreen.prompts`.
    pub(super) way: [&'static str; 2],
    pub(super) name: &'a str,
    pub(super) span: Span,
}

impl Part<'_> {
    /// The keys of that path.
    pub(super) fn steps(&self) -> impl Iterator<Item = &'static str> {
        self.way.into_iter().filter(|step| !step.is_empty())
    }
}

/// The findings in a program.
pub(super) struct Found<'a> {
    names: HashMap<&'a str, Meaning<'a>>,
    assigned: HashSet<&'a str>,
    candidates: Vec<Candidate<'a>>,
    pub(super) parts: Vec<Part<'a>>,
    /// Names that were looked up.
    read: RefCell<HashSet<String>>,
    depth: usize,
    /// Objects that may still be searched: objects made of others can expand to billions.
    looks: Cell<usize>,
}

struct Candidate<'a> {
    expression: Options<'a>,
    /// `true` if the code around it says that these are options.
    named: bool,
}

#[derive(Clone, Copy)]
enum Options<'a> {
    Any(&'a Expression<'a>),
    Object(&'a ObjectExpression<'a>),
}

impl<'a> Found<'a> {
    /// Reads the whole program.
    pub(super) fn of(program: &Program<'a>) -> Self {
        let mut found = Self::empty();
        found.visit_program(program);
        found
    }

    /// Takes this object for the options, because there is nothing else.
    pub(super) fn is(&mut self, object: &'a ObjectExpression<'a>) {
        self.candidates.push(Candidate {
            expression: Options::Object(object),
            named: true,
        });
    }

    fn empty() -> Self {
        Self {
            names: HashMap::new(),
            assigned: HashSet::new(),
            candidates: Vec::new(),
            parts: Vec::new(),
            read: RefCell::default(),
            depth: 0,
            looks: Cell::new(MAX_LOOKS),
        }
    }

    /// The meaning of a name in this file.
    pub(super) fn meaning(&self, name: &str) -> Option<Meaning<'a>> {
        self.read.borrow_mut().insert(name.to_owned());
        match self.names.get(name) {
            Some(Meaning::Is(_)) if self.assigned.contains(name) => Some(Meaning::Varies),
            meaning => meaning.copied(),
        }
    }

    /// Returns whether a name was looked up.
    pub(super) fn is_read(&self, name: &str) -> bool {
        self.read.borrow().contains(name)
    }

    /// The options: the object with the most of ChatKit's keys. The other candidates are returned as well.
    pub(super) fn options(
        &self,
        is_key: impl Fn(&str) -> bool,
    ) -> Option<(&'a ObjectExpression<'a>, Vec<Span>)> {
        let mut scored: Vec<_> = self
            .candidates
            .iter()
            .filter_map(|candidate| {
                let object = match candidate.expression {
                    Options::Any(expression) => self.object(expression, 0)?,
                    Options::Object(object) => object,
                };
                let keys = self.keys(object, 0);
                let score = keys.iter().filter(|key| is_key(key)).count();
                let enough = if candidate.named { 1 } else { 2 };
                let is_typical = || keys.iter().any(|key| TYPICAL.contains(key));
                (score >= enough || score > 0 && is_typical()).then_some((
                    score,
                    candidate.named,
                    object,
                ))
            })
            .collect();
        // Of equal candidates, the first.
        scored.sort_by_key(|(score, named, object)| {
            (std::cmp::Reverse((*score, *named)), object.span.start)
        });
        let (_, _, best) = *scored.first()?;
        let apart = |one: Span, other: Span| one.end <= other.start || other.end <= one.start;
        let mut spans: Vec<_> = scored
            .iter()
            .map(|(_, _, object)| object.span)
            .filter(|span| apart(*span, best.span) && !self.takes(best, *span, 0))
            .collect();
        // Of nested objects, the outermost.
        spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
        let mut others: Vec<Span> = Vec::new();
        for span in spans {
            if others.last().is_none_or(|last| apart(*last, span)) {
                others.push(span);
            }
        }
        Some((best, others))
    }

    /// Returns whether the object contains the one at `span`, with `...`.
    fn takes(&self, object: &'a ObjectExpression<'a>, span: Span, steps: usize) -> bool {
        steps < MAX_STEPS
            && self.looks()
            && object.properties.iter().any(|property| match property {
                ObjectPropertyKind::SpreadProperty(spread) => self
                    .object(&spread.argument, steps)
                    .is_some_and(|inner| inner.span == span || self.takes(inner, span, steps + 1)),
                ObjectPropertyKind::ObjectProperty(_) => false,
            })
    }

    /// The object behind an expression.
    fn object(
        &self,
        expression: &'a Expression<'a>,
        steps: usize,
    ) -> Option<&'a ObjectExpression<'a>> {
        if steps > MAX_STEPS {
            return None;
        }
        match plain(expression) {
            Expression::ObjectExpression(object) => Some(object),
            Expression::Identifier(name) => match self.meaning(&name.name)? {
                Meaning::Is(expression) => self.object(expression, steps + 1),
                _ => None,
            },
            Expression::CallExpression(_) => self.object(called(plain(expression))?, steps + 1),
            _ => None,
        }
    }

    /// The expression behind constants, and behind keys of constant objects.
    pub(super) fn resolved(
        &self,
        expression: &'a Expression<'a>,
        steps: usize,
    ) -> &'a Expression<'a> {
        let expression = plain(expression);
        if steps > MAX_STEPS || !self.looks() {
            return expression;
        }
        let next = match expression {
            Expression::Identifier(name) => match self.meaning(&name.name) {
                Some(Meaning::Is(next)) => Some(next),
                _ => None,
            },
            Expression::StaticMemberExpression(member) => {
                match self.resolved(&member.object, steps + 1) {
                    Expression::ObjectExpression(object) => {
                        value_of(object, member.property.name.as_str())
                    }
                    _ => None,
                }
            }
            Expression::CallExpression(_) => called(expression),
            _ => None,
        };
        next.map_or(expression, |next| self.resolved(next, steps + 1))
    }

    /// The names of an object's keys, including those of `...`.
    fn keys(&self, object: &'a ObjectExpression<'a>, steps: usize) -> Vec<&'a str> {
        if steps > MAX_STEPS || !self.looks() {
            return Vec::new();
        }
        object
            .properties
            .iter()
            .flat_map(|property| match property {
                ObjectPropertyKind::ObjectProperty(property) => {
                    key_of(&property.key).into_iter().collect()
                }
                ObjectPropertyKind::SpreadProperty(spread) => {
                    match self.object(&spread.argument, steps) {
                        Some(inner) => self.keys(inner, steps + 1),
                        None => Vec::new(),
                    }
                }
            })
            .collect()
    }

    /// Returns whether one more object may be searched.
    fn looks(&self) -> bool {
        let left = self.looks.get();
        self.looks.set(left.saturating_sub(1));
        left > 0
    }

    fn declare(&mut self, name: &'a str, meaning: Meaning<'a>) {
        let known = self.names.entry(name);
        known
            .and_modify(|known| *known = Meaning::Varies)
            .or_insert(meaning);
    }

    fn variable(&mut self, declarator: &'a VariableDeclarator<'a>) {
        let (BindingPattern::BindingIdentifier(id), Some(init)) =
            (&declarator.id, &declarator.init)
        else {
            return;
        };
        let name = id.name.as_str();
        self.declare(name, Meaning::Is(init));
        let annotation = declarator.type_annotation.as_deref();
        if annotation.is_some_and(is_options) {
            self.candidate(init);
        }
        if let Some(way) = part_of(name, annotation, init) {
            self.parts.push(Part {
                way,
                name,
                span: id.span,
            });
        }
    }

    fn import(&mut self, import: &'a ImportDeclaration<'a>) {
        for specifier in import.specifiers.iter().flatten() {
            let local = match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(named) => &named.local,
                ImportDeclarationSpecifier::ImportDefaultSpecifier(named) => &named.local,
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(all) => &all.local,
            };
            self.declare(local.name.as_str(), Meaning::Imported);
        }
    }

    fn assignment(&mut self, assignment: &'a AssignmentExpression<'a>) {
        if let AssignmentTarget::AssignmentTargetIdentifier(target) = &assignment.left {
            self.assigned.insert(target.name.as_str());
        }
        if last_name_of_target(&assignment.left) == Some("exports") {
            self.candidate(&assignment.right);
        }
    }

    fn call(&mut self, call: &'a CallExpression<'a>) {
        let takes_options =
            last_name(&call.callee).is_some_and(|name| TAKE_OPTIONS.contains(&name));
        let first = call.arguments.first();
        let first = first.and_then(|first| first.as_expression());
        if let Some(first) = first.filter(|_| takes_options) {
            self.candidate(first);
        }
    }

    fn candidate(&mut self, expression: &'a Expression<'a>) {
        self.candidates.push(Candidate {
            expression: Options::Any(expression),
            named: true,
        });
    }
}

/// Keys that hardly anything except ChatKit's options has.
const TYPICAL: [&str; 4] = [
    "startScreen",
    "composer",
    "threadItemActions",
    "starterPrompts",
];

/// Calls whose first argument is the options.
const TAKE_OPTIONS: [&str; 2] = ["setOptions", "useChatKit"];

impl<'a> Visit<'a> for Found<'a> {
    fn enter_node(&mut self, kind: AstKind<'a>) {
        match kind {
            AstKind::ObjectExpression(object) => self.candidates.push(Candidate {
                expression: Options::Object(object),
                named: false,
            }),
            AstKind::VariableDeclarator(declarator) => self.variable(declarator),
            AstKind::Function(function) => {
                if let (Some(id), Some(body)) = (&function.id, &function.body) {
                    self.declare(id.name.as_str(), Meaning::Does(body));
                }
            }
            AstKind::ImportDeclaration(import) => self.import(import),
            AstKind::AssignmentExpression(assignment) => self.assignment(assignment),
            AstKind::CallExpression(call) => self.call(call),
            AstKind::ExportDefaultDeclaration(export) => {
                if let Some(expression) = export.declaration.as_expression() {
                    self.candidate(expression);
                }
            }
            AstKind::TSSatisfiesExpression(cast) if is_options_type(&cast.type_annotation) => {
                self.candidate(&cast.expression);
            }
            AstKind::TSAsExpression(cast) if is_options_type(&cast.type_annotation) => {
                self.candidate(&cast.expression);
            }
            _ => {}
        }
    }

    fn visit_expression(&mut self, expression: &Expression<'a>) {
        self.depth += 1;
        if self.depth < MAX_DEPTH {
            walk::walk_expression(self, expression);
        }
        self.depth -= 1;
    }

    fn visit_statement(&mut self, statement: &Statement<'a>) {
        self.depth += 1;
        if self.depth < MAX_DEPTH {
            walk::walk_statement(self, statement);
        }
        self.depth -= 1;
    }

    /// Types hold no values.
    fn visit_ts_type(&mut self, _: &TSType<'a>) {}
}

/// Returns whether a type is that of ChatKit's options, or part of them.
fn is_options(annotation: &TSTypeAnnotation<'_>) -> bool {
    is_options_type(&annotation.type_annotation)
}

fn is_options_type(kind: &TSType<'_>) -> bool {
    let TSType::TSTypeReference(reference) = kind else {
        return false;
    };
    let name = reference.type_name.to_string();
    let is_options =
        |name: &str| name.contains("ChatKitOptions") || name.contains("ChatkitOptions");
    let arguments = reference.type_arguments.iter();
    is_options(&name) || arguments.flat_map(|list| &list.params).any(is_options_type)
}

/// The part of the options that a constant is, by its type or its name.
fn part_of(
    name: &str,
    annotation: Option<&TSTypeAnnotation<'_>>,
    init: &Expression<'_>,
) -> Option<[&'static str; 2]> {
    let is_list_of_prompts =
        annotation.is_some_and(|annotation| match &annotation.type_annotation {
            TSType::TSArrayType(list) => is_named(&list.element_type, "StartScreenPrompt"),
            _ => false,
        });
    let returns_theme = match plain(init) {
        Expression::ArrowFunctionExpression(function) => function
            .return_type
            .as_deref()
            .is_some_and(|kind| is_named(&kind.type_annotation, "ThemeOption")),
        _ => false,
    };
    let is_theme = annotation.is_some_and(|kind| is_named(&kind.type_annotation, "ThemeOption"));
    // `SUPPORT_GREETING`, `helpPrompts`: the purpose is at the end.
    let name: String = name.chars().filter(|c| *c != '_').collect();
    let name = name.to_ascii_lowercase();
    let ends = |words: &[&str]| words.iter().any(|word| name.ends_with(word));
    let value = plain(called(plain(init)).unwrap_or(init));
    let is_list = matches!(value, Expression::ArrayExpression(_));
    let is_text = !is_list && !matches!(value, Expression::ObjectExpression(_));
    if is_list_of_prompts || is_list && ends(&["prompts"]) {
        return Some(["startScreen", "prompts"]);
    }
    if returns_theme || is_theme || ends(&["themeconfig"]) {
        return Some(["theme", ""]);
    }
    if is_text && ends(&["greeting"]) {
        return Some(["startScreen", "greeting"]);
    }
    (is_text && ends(&["placeholder", "placeholderinput"])).then_some(["composer", "placeholder"])
}

/// The value of a key of an object.
fn value_of<'a>(object: &'a ObjectExpression<'a>, key: &str) -> Option<&'a Expression<'a>> {
    let properties = object.properties.iter().rev();
    let mut values = properties.filter_map(|property| match property {
        ObjectPropertyKind::ObjectProperty(property) => {
            (key_of(&property.key) == Some(key)).then_some(&property.value)
        }
        ObjectPropertyKind::SpreadProperty(_) => None,
    });
    values.next()
}

fn is_named(kind: &TSType<'_>, name: &str) -> bool {
    matches!(kind, TSType::TSTypeReference(reference) if reference.type_name.to_string() == name)
}

/// The expression without type annotations and parentheses.
pub(super) fn plain<'a>(expression: &'a Expression<'a>) -> &'a Expression<'a> {
    let mut at = expression;
    loop {
        at = match at {
            Expression::ParenthesizedExpression(inner) => &inner.expression,
            Expression::TSAsExpression(inner) => &inner.expression,
            Expression::TSSatisfiesExpression(inner) => &inner.expression,
            Expression::TSTypeAssertion(inner) => &inner.expression,
            Expression::TSNonNullExpression(inner) => &inner.expression,
            _ => return at,
        };
    }
}

/// The argument of a call that only passes it on: `useMemo(() => ({…}), [])`, `Object.freeze({…})`,
/// `defineOptions({…})`, `ref({…})`.
pub(super) fn called<'a>(expression: &'a Expression<'a>) -> Option<&'a Expression<'a>> {
    let Expression::CallExpression(call) = expression else {
        return None;
    };
    let name = last_name(&call.callee)?;
    let first = call.arguments.first()?.as_expression()?;
    match (name, plain(first)) {
        ("useMemo" | "computed", Expression::ArrowFunctionExpression(function)) => {
            returned_by_arrow(function)
        }
        ("useMemo" | "computed", Expression::FunctionExpression(function)) => {
            returned(function.body.as_deref()?)
        }
        ("freeze" | "seal" | "structuredClone" | "ref" | "reactive", _) => Some(first),
        (name, Expression::ObjectExpression(_)) if name.starts_with("define") => Some(first),
        _ => None,
    }
}

/// The value that a function returns, if it does nothing else.
pub(super) fn returned<'a>(body: &'a FunctionBody<'a>) -> Option<&'a Expression<'a>> {
    match body.statements.as_slice() {
        [.., Statement::ReturnStatement(last)] => last.argument.as_ref(),
        _ => None,
    }
}

/// The same for an arrow function: `() => value` and `() => { return value; }`.
pub(super) fn returned_by_arrow<'a>(
    function: &'a ArrowFunctionExpression<'a>,
) -> Option<&'a Expression<'a>> {
    match &function.body {
        ArrowFunctionBody::FunctionBody(body) => returned(body),
        body => body.as_expression(),
    }
}

/// The name of a key that is known without running anything.
pub(super) fn key_of<'a>(key: &'a PropertyKey<'a>) -> Option<&'a str> {
    match key {
        PropertyKey::StaticIdentifier(name) => Some(name.name.as_str()),
        PropertyKey::StringLiteral(text) => Some(text.value.as_str()),
        _ => None,
    }
}

/// `setOptions` of `chatkit.setOptions`.
pub(super) fn last_name<'a>(expression: &'a Expression<'a>) -> Option<&'a str> {
    match plain(expression) {
        Expression::Identifier(name) => Some(name.name.as_str()),
        Expression::StaticMemberExpression(member) => Some(member.property.name.as_str()),
        Expression::ChainExpression(chain) => Some(
            chain
                .expression
                .as_member_expression()?
                .static_property_name()?,
        ),
        _ => None,
    }
}

fn last_name_of_target<'a>(target: &'a AssignmentTarget<'a>) -> Option<&'a str> {
    target.as_member_expression()?.static_property_name()
}
