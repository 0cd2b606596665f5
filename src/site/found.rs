//! Shared by all checks of a site: what they know, and the problems that they find.

use std::sync::Arc;

use anyhow::Result;
use session::OriginPattern;

use crate::environment::{Environment, is_variable_name};
use crate::knowledge::Read;
use crate::logo::Logo;
use crate::theme::Theme;
use crate::yaml::Problem;

/// The context in which a widget is checked.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) environment: &'a Environment,
    /// `None` if there is no theme with that name.
    pub(super) theme: Option<&'a Theme>,
    /// Reads a text file of the project; the error names it.
    pub(super) read_text: &'a dyn Fn(&str) -> Result<String>,
    /// Reads the pages that a glob finds; the error names it.
    pub(super) read_pages: &'a dyn Fn(&str) -> Result<Vec<Read>>,
    /// Reads a logo in a file of the project; the error names it.
    pub(super) read_logo: &'a dyn Fn(&str) -> Result<Arc<Logo>>,
    /// Origins of the host pages.
    pub(super) origins: &'a [OriginPattern],
    /// `true` if the widget is for visitors elsewhere, whose browsers reach nothing on this machine.
    pub(super) is_public: bool,
}

/// The errors in the part that is being checked.
#[derive(Default)]
pub(super) struct Found(pub(super) Vec<Problem>);

impl Found {
    pub(super) fn add(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// The value, or `None` and one more problem.
    pub(super) fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.add(problem)).ok()
    }

    pub(super) fn extend(&mut self, problems: impl Iterator<Item = Problem>) {
        self.0.extend(problems);
    }

    pub(super) fn below(self, steps: &[&str]) -> impl Iterator<Item = Problem> {
        self.0.into_iter().map(move |problem| problem.below(steps))
    }
}

/// The name of a variable, if there is one.
pub(super) fn variable_name(way: &str, name: Option<String>, found: &mut Found) -> Option<String> {
    if let Some(name) = name.as_ref().filter(|name| !is_variable_name(name)) {
        let title = format!("`{name}` is not a valid variable name");
        found.add(Problem::on(way, title));
    }
    name
}

/// Text that screen readers say: without it, a button or a page would have no name.
pub(super) fn text_or(
    way: &str,
    text: Option<String>,
    default: &str,
    found: &mut Found,
) -> Option<String> {
    text_if(way, Some(text.unwrap_or_else(|| default.to_owned())), found)
}

/// The same for text that may be missing.
pub(super) fn text_if(way: &str, text: Option<String>, found: &mut Found) -> Option<String> {
    let text = text?;
    if text.trim().is_empty() {
        let key = way.rsplit('.').next().unwrap_or(way);
        found.add(Problem::on(way, format!("`{key}` is empty")).label("expected text"));
        return None;
    }
    Some(text)
}
