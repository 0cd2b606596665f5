//! Finds the agents of a program, and what happens around them.

use std::collections::HashMap;

use oxc_ast::AstKind;
use oxc_ast::ast::{
    BindingPattern, CallExpression, Expression, FunctionBody, ImportDeclarationSpecifier,
    NewExpression, Program, Statement, TSType, VariableDeclarator,
};
use oxc_ast_visit::{Visit, walk};
use oxc_span::{GetSpan as _, Span};

use super::super::find::{key_of, last_name, plain, returned, returned_by_arrow};

/// Most levels of nested expressions, as in the search for options.
const MAX_DEPTH: usize = 200;

/// Most agents of one file. Further ones are ignored.
const MAX_AGENTS: usize = 50;

/// One `new Agent({…})`.
pub(super) struct Made<'a> {
    pub(super) span: Span,
    /// The variable, or the key of an object, that holds it.
    pub(super) variable: Option<&'a str>,
    /// Its only argument.
    pub(super) settings: Option<&'a Expression<'a>>,
    /// `true` if it is run.
    pub(super) is_run: bool,
    /// `true` if it is run under a condition alone.
    pub(super) is_branch: bool,
}

/// Something else that a workflow does and an agent does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Guardrails,
    Approval,
    State,
}

/// The agents of a program.
pub(super) struct Scan<'a> {
    pub(super) agents: Vec<Made<'a>>,
    /// The first of each kind.
    pub(super) marks: Vec<(Mark, Span)>,
    /// Searches of vector stores outside agents, and what names the store.
    pub(super) searches: Vec<(Span, &'a Expression<'a>)>,
    /// Imported names by their names here: `import { Agent as OpenAIAgent }`.
    aliases: HashMap<&'a str, &'a str>,
    /// Variables by the start of what they hold.
    variables: HashMap<u32, &'a str>,
    /// Variables that are run, and whether under a condition.
    runs: Vec<(&'a str, bool)>,
    conditions: usize,
    depth: usize,
}

impl<'a> Scan<'a> {
    /// Reads the whole program.
    pub(super) fn of(program: &Program<'a>) -> Self {
        let mut scan = Self {
            agents: Vec::new(),
            marks: Vec::new(),
            searches: Vec::new(),
            aliases: aliases(program),
            variables: HashMap::new(),
            runs: Vec::new(),
            conditions: 0,
            depth: 0,
        };
        scan.visit_program(program);
        for made in &mut scan.agents {
            let is_it = |run: &&(&str, bool)| made.variable == Some(run.0);
            let runs = || scan.runs.iter().filter(is_it);
            made.is_run = runs().next().is_some();
            made.is_branch = made.is_run && runs().all(|(_, in_branch)| *in_branch);
        }
        scan
    }

    /// The name that a called function has where it comes from.
    pub(super) fn real_name(&self, callee: &'a Expression<'a>) -> Option<&'a str> {
        let name = last_name(callee)?;
        Some(self.aliases.get(name).copied().unwrap_or(name))
    }

    fn hold(&mut self, name: &'a str, value: &'a Expression<'a>) {
        let value = match plain(value) {
            Expression::ArrowFunctionExpression(function) => returned_by_arrow(function),
            Expression::FunctionExpression(function) => function.body.as_deref().and_then(returned),
            value => Some(value),
        };
        if let Some(value) = value.map(plain) {
            self.variables.insert(value.span().start, name);
        }
    }

    fn variable(&mut self, declarator: &'a VariableDeclarator<'a>) {
        let BindingPattern::BindingIdentifier(id) = &declarator.id else {
            return;
        };
        let Some(init) = &declarator.init else {
            return;
        };
        self.hold(id.name.as_str(), init);
        let is_full = |object: &Expression<'_>| matches!(object, Expression::ObjectExpression(object) if !object.properties.is_empty());
        if id.name == "state" && is_full(plain(init)) {
            self.mark(Mark::State, id.span);
        }
    }

    fn function(&mut self, name: &'a str, body: &'a FunctionBody<'a>) {
        if let Some(value) = returned(body) {
            self.hold(name, value);
        }
    }

    fn made(&mut self, new: &'a NewExpression<'a>) {
        if self.real_name(&new.callee) == Some("Agent") {
            let settings = new.arguments.first();
            self.add(new.span, settings.and_then(|first| first.as_expression()));
        }
    }

    fn add(&mut self, span: Span, settings: Option<&'a Expression<'a>>) {
        if self.agents.len() < MAX_AGENTS {
            self.agents.push(Made {
                span,
                variable: self.variables.get(&span.start).copied(),
                settings,
                is_run: false,
                is_branch: false,
            });
        }
    }

    fn call(&mut self, call: &'a CallExpression<'a>) {
        let Some(name) = self.real_name(&call.callee) else {
            return;
        };
        let first = call.arguments.first();
        let first = first.and_then(|first| first.as_expression());
        match name {
            "create" if is_of(call, "Agent") => self.add(call.span, first),
            "run" | "runStreamed" => {
                if let Some(variable) = first.and_then(last_name) {
                    self.runs.push((variable, self.conditions > 0));
                }
            }
            "search" if is_of(call, "vectorStores") => {
                self.searches.extend(first.map(|store| (call.span, store)));
            }
            _ => {}
        }
        let name = name.to_ascii_lowercase();
        if name.contains("guardrail") {
            self.mark(Mark::Guardrails, call.span);
        }
        if name.contains("approval") {
            self.mark(Mark::Approval, call.span);
        }
    }

    fn mark(&mut self, mark: Mark, span: Span) {
        if self.marks.iter().all(|(known, _)| *known != mark) {
            self.marks.push((mark, span));
        }
    }
}

impl<'a> Visit<'a> for Scan<'a> {
    fn enter_node(&mut self, kind: AstKind<'a>) {
        match kind {
            AstKind::VariableDeclarator(declarator) => self.variable(declarator),
            AstKind::ObjectProperty(property) => {
                if let Some(key) = key_of(&property.key) {
                    self.hold(key, &property.value);
                }
            }
            AstKind::PropertyDefinition(property) => {
                if let (Some(key), Some(value)) = (key_of(&property.key), &property.value) {
                    self.hold(key, value);
                }
            }
            AstKind::AssignmentExpression(assignment) => {
                let target = assignment.left.as_simple_assignment_target();
                let name = target.and_then(|target| target.get_identifier_name());
                if let Some(name) = name {
                    self.hold(name, &assignment.right);
                }
            }
            AstKind::Function(function) => {
                if let (Some(id), Some(body)) = (&function.id, &function.body) {
                    self.function(id.name.as_str(), body);
                }
            }
            AstKind::NewExpression(new) => self.made(new),
            AstKind::CallExpression(call) => self.call(call),
            AstKind::IfStatement(_)
            | AstKind::SwitchStatement(_)
            | AstKind::ConditionalExpression(_) => self.conditions += 1,
            _ => {}
        }
    }

    fn leave_node(&mut self, kind: AstKind<'a>) {
        if matches!(
            kind,
            AstKind::IfStatement(_)
                | AstKind::SwitchStatement(_)
                | AstKind::ConditionalExpression(_)
        ) {
            self.conditions -= 1;
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

/// Returns whether a method of this object is called.
fn is_of(call: &CallExpression<'_>, object: &str) -> bool {
    match plain(&call.callee) {
        Expression::StaticMemberExpression(member) => last_name(&member.object) == Some(object),
        _ => false,
    }
}

fn aliases<'a>(program: &Program<'a>) -> HashMap<&'a str, &'a str> {
    let imports = program.body.iter().filter_map(|statement| match statement {
        Statement::ImportDeclaration(import) => Some(import),
        _ => None,
    });
    let specifiers = imports.flat_map(|import| import.specifiers.iter().flatten());
    let named = specifiers.filter_map(|specifier| match specifier {
        ImportDeclarationSpecifier::ImportSpecifier(named) => Some(named),
        _ => None,
    });
    named
        .map(|named| (named.local.name.as_str(), named.imported.name().as_str()))
        .collect()
}
