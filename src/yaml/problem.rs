//! What is wrong with a file, shown like a compiler shows it.

use std::collections::HashSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde::Serialize;

use super::node::{Node, Place};
use super::secrets;
use crate::hint::Hinted;

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// As the person who runs the program would name it.
    pub(crate) path: PathBuf,
    /// Shared, because the preview keeps thousands of files from one change to the next.
    pub(crate) text: Arc<str>,
}

impl Source {
    pub(crate) fn new(path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
        }
    }

    /// The same with stars in the place of keys.
    fn masked(&self) -> Self {
        Self::new(&self.path, secrets::masked(&self.text))
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// In a few words.
    pub(crate) title: String,
    at: At,
    label: Option<String>,
    context: Option<Box<(Place, String)>>,
    hint: Option<String>,
}

/// Where the problem is: known, or to be looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
enum At {
    Place(Place),
    /// Somewhere in this file.
    File(usize),
    /// Keys and indexes from the root.
    Way(Vec<String>),
    /// In no file.
    Nowhere,
}

impl Problem {
    /// A problem at a place that is known.
    pub(crate) fn at(place: Place, title: impl Into<String>) -> Self {
        Self::new(At::Place(place), title.into())
    }

    /// A problem with a file whose lines must not be shown.
    pub(crate) fn in_file(file: usize, title: impl Into<String>) -> Self {
        Self::new(At::File(file), title.into())
    }

    /// A problem with the value at the end of `way`, such as `backend.url`.
    pub(crate) fn on(way: &str, title: impl Into<String>) -> Self {
        let way = way.split('.').filter(|step| !step.is_empty());
        Self::new(At::Way(way.map(str::to_owned).collect()), title.into())
    }

    fn new(at: At, title: String) -> Self {
        Self {
            title,
            at,
            label: None,
            context: None,
            hint: None,
        }
    }

    /// What to say under the place.
    pub(crate) fn label(self, label: impl Into<String>) -> Self {
        Self {
            label: Some(label.into()),
            ..self
        }
    }

    /// Another place that has to do with it.
    pub(crate) fn context(self, place: Place, label: impl Into<String>) -> Self {
        Self {
            context: Some(Box::new((place, label.into()))),
            ..self
        }
    }

    /// What the error says to do about it, if it does.
    pub(crate) fn hint_of(self, err: &anyhow::Error) -> Self {
        match Hinted::find(err) {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    /// What to do about it.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// The same problem, of a value that is at the end of `steps` itself.
    pub(crate) fn below(mut self, steps: &[&str]) -> Self {
        if let At::Way(way) = &mut self.at {
            way.splice(0..0, steps.iter().map(|step| (*step).to_owned()));
        }
        self
    }

    /// The same problem, with so many files before those that it is about.
    fn after(mut self, files: usize) -> Self {
        match &mut self.at {
            At::Place(place) => place.file += files,
            At::File(file) => *file += files,
            At::Way(_) | At::Nowhere => {}
        }
        if let Some(context) = &mut self.context {
            context.0.file += files;
        }
        self
    }

    /// The same problem, with its place looked up.
    pub(crate) fn located(self, root: &Node) -> Self {
        self.located_by(|way| root.place_of(way))
    }

    /// The same problem at the place that its path leads to.
    pub(crate) fn located_by(mut self, place_of: impl Fn(&[String]) -> Place) -> Self {
        if let At::Way(way) = &self.at {
            self.at = At::Place(place_of(way));
        }
        self
    }

    /// The same problem, with stars in the place of keys.
    fn masked(mut self) -> Self {
        let texts = [
            Some(&mut self.title),
            self.label.as_mut(),
            self.hint.as_mut(),
        ];
        for text in texts.into_iter().flatten() {
            if secrets::holds_key(text) {
                *text = secrets::masked(text);
            }
        }
        self
    }

    /// The same problem with the number of its line in place of the line, which may hold a secret.
    pub(crate) fn without_line(self, number: usize, line: &str) -> Self {
        let At::Place(Place { file, .. }) = self.at else {
            return self;
        };
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        // A parser's message may repeat words of the line.
        let repeats = |label: &String| {
            let mut words = label.split(|c| !is_word(c));
            words.any(|word| word.len() > 3 && line.contains(word))
        };
        let told = self.label.filter(|label| !repeats(label));
        let told = told.map_or_else(String::new, |label| format!(": {label}"));
        let title = format!("line {number}: {}{told}", self.title);
        let problem = Self::new(At::File(file), title);
        Self {
            hint: self.hint,
            ..problem
        }
    }

    /// In one line: what is wrong, and which key or word is meant or else what would be right.
    pub(crate) fn summary(&self) -> String {
        let is_meant = |hint: &&String| {
            self.title.starts_with("unknown key") || hint.starts_with("did you mean")
        };
        let meant = self.hint.as_ref().filter(is_meant);
        match meant.or(self.label.as_ref()).or(self.hint.as_ref()) {
            Some(more) => format!("{}: {more}", self.title),
            None => self.title.clone(),
        }
    }

    /// Where it is, if that is known.
    pub(crate) fn place(&self) -> Option<&Place> {
        match &self.at {
            At::Place(place) => Some(place),
            At::File(_) | At::Way(_) | At::Nowhere => None,
        }
    }

    /// The same for a program: `path` is looked up in `root`, the files as they are written.
    fn report(&self, sources: &[Source], root: Option<&Node>) -> Report {
        let place = self.place();
        let file = match &self.at {
            At::Place(place) => Some(place.file),
            At::File(file) => Some(*file),
            At::Way(_) | At::Nowhere => None,
        };
        let (line, column) = place
            .map(|place| line_and_column(&sources[place.file].text, place.span.start))
            .unzip();
        let message = match &self.label {
            Some(label) => format!("{}: {label}", self.title),
            None => self.title.clone(),
        };
        Report {
            path: match &self.at {
                At::Place(place) => root
                    .and_then(|root| root.way_to(place))
                    .map(|way| way.join(".")),
                At::Way(way) => Some(way.join(".")),
                At::File(_) | At::Nowhere => None,
            },
            message,
            help: self.hint.clone(),
            file: file.map(|file| sources[file].path.display().to_string()),
            line,
            column,
            rendered: self.render(sources, &Renderer::plain()),
        }
    }

    fn render(&self, sources: &[Source], renderer: &Renderer) -> String {
        let mut group = Group::with_title(Level::ERROR.primary_title(self.title.as_str()));
        if let Some(place) = self.place() {
            let Source { path, text } = &sources[place.file];
            let mut snippet = Snippet::source(&**text)
                .path(path.display().to_string())
                .annotation(
                    AnnotationKind::Primary
                        .span(place.span.clone())
                        .label(self.label.as_deref()),
                );
            let mut elsewhere = None;
            if let Some((other, label)) = self.context.as_deref() {
                let context = AnnotationKind::Context.span(other.span.clone());
                let context = context.label(label.as_str());
                if other.file == place.file {
                    snippet = snippet.annotation(context);
                } else {
                    let Source { path, text } = &sources[other.file];
                    let path = path.display().to_string();
                    elsewhere = Some(Snippet::source(&**text).path(path).annotation(context));
                }
            }
            group = group.element(snippet).elements(elsewhere);
        }
        if let At::File(file) = self.at {
            let path = sources[file].path.display().to_string();
            group = group.element(Origin::path(path));
        }
        if let Some(hint) = &self.hint {
            group = group.element(Level::HELP.with_name("hint").message(hint.as_str()));
        }
        renderer.render(&[group])
    }
}

/// Values about which something was said: keys and indexes to each, as one text.
///
/// Thousands of widgets may have an error each, so each question is answered without a look at all of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told(HashSet<String>);

impl Told {
    pub(crate) fn add(&mut self, way: &[String]) {
        let mut told = String::new();
        for step in way {
            add_step(&mut told, step);
        }
        self.0.insert(told);
    }

    pub(crate) fn add_all(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether something was said about the value at the end of this way, or about one that holds it.
    pub(crate) fn is_about(&self, way: &[&str]) -> bool {
        let mut told = String::new();
        let mut steps = way.iter();
        self.0.contains(&told)
            || steps.any(|step| {
                add_step(&mut told, step);
                self.0.contains(&told)
            })
    }

    /// Whether a problem only follows from what was said: about its own value, or about the `type` that says which
    /// rules hold there.
    pub(crate) fn explains(&self, problem: &Problem) -> bool {
        let At::Way(way) = &problem.at else {
            return false;
        };
        let way: Vec<_> = way.iter().map(String::as_str).collect();
        let map = way.split_last().map_or(&[][..], |(_, map)| map);
        let mut kinds = [&way[..], map].into_iter();
        self.is_about(&way) || kinds.any(|map| self.is_about(&[map, &["type"]].concat()))
    }
}

/// No step that people write holds this character, so no two ways are the same text.
fn add_step(way: &mut String, step: &str) {
    way.push('\0');
    way.push_str(step);
}

/// Where in a text a byte is, both from 1; columns are characters.
fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    (
        before.matches('\n').count() + 1,
        before[start..].chars().count() + 1,
    )
}

/// A problem as the preview's page takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    /// Keys and indexes from the root of the site as one file: `widgets.support.panel.width`.
    pub(crate) path: Option<String>,
    /// What is wrong and what was expected.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) help: Option<String>,
    pub(crate) file: Option<String>,
    /// From 1.
    pub(crate) line: Option<usize>,
    /// From 1, in characters.
    pub(crate) column: Option<usize>,
    /// As a terminal shows it, without colours.
    pub(crate) rendered: String,
}

impl Report {
    /// The report of an error that has no place in the site's files.
    pub(crate) fn of_error(error: &anyhow::Error) -> Self {
        let causes: Vec<_> = error.chain().map(ToString::to_string).collect();
        let message = causes.join(": ");
        let help = Hinted::find(error).map(str::to_owned);
        let hint = help.as_deref().map(|help| format!("\nhint: {help}"));
        Self {
            path: None,
            rendered: format!("error: {message}{}", hint.unwrap_or_default()),
            message,
            help,
            file: None,
            line: None,
            column: None,
        }
    }
}

/// Everything that is wrong with a site, in the order of the files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Problems {
    problems: Vec<Problem>,
    sources: Arc<[Source]>,
}

impl Problems {
    pub(crate) fn new(mut problems: Vec<Problem>, sources: Arc<[Source]>) -> Self {
        // What is wrong with `defaults` is found once for each widget.
        let mut unique: Vec<Problem> = Vec::with_capacity(problems.len());
        problems.sort_by_key(|problem| {
            let place = problem.place().cloned();
            place.map(|place| (place.file, place.span.start))
        });
        for problem in problems.into_iter().map(Problem::masked) {
            if !unique
                .iter()
                .rev()
                .take(8)
                .any(|earlier| *earlier == problem)
            {
                unique.push(problem);
            }
        }
        // A line that is wrong may hold a key as well.
        let sources = match sources
            .iter()
            .any(|source| secrets::holds_key(&source.text))
        {
            true => sources.iter().map(Source::masked).collect(),
            false => sources,
        };
        Self {
            problems: unique,
            sources,
        }
    }

    /// These and further errors, be they with places in other files or in none.
    pub(crate) fn and(mut self, errors: impl IntoIterator<Item = anyhow::Error>) -> Self {
        for err in errors {
            match err.downcast::<Self>() {
                Ok(others) => self.join(others),
                Err(err) => {
                    let problem = Problem::new(At::Nowhere, format!("{err:#}"));
                    self.problems.push(problem.hint_of(&err));
                }
            }
        }
        self
    }

    fn join(&mut self, others: Self) {
        let files = self.sources.len();
        let sources = self.sources.iter().chain(others.sources.iter());
        self.sources = sources.cloned().collect();
        let problems = others.problems.into_iter();
        self.problems
            .extend(problems.map(|problem| problem.after(files)));
    }

    /// The problems in a few words each.
    #[cfg(test)]
    pub(crate) fn titles(&self) -> Vec<String> {
        let titles = self.problems.iter();
        titles.map(|problem| problem.title.clone()).collect()
    }

    /// Each problem as a text of several lines, with the escape codes of colours.
    pub(crate) fn render(&self) -> impl ExactSizeIterator<Item = String> {
        self.problems
            .iter()
            .map(|problem| problem.render(&self.sources, &Renderer::styled()))
    }

    /// The files that they are about.
    pub(crate) fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Each problem for a program. `root` is the site's files as they are written, where paths are looked up.
    pub(crate) fn reports(&self, root: Option<&Node>) -> Vec<Report> {
        let problems = self.problems.iter();
        problems
            .map(|problem| problem.report(&self.sources, root))
            .collect()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.len() {
            1 => f.write_str("one problem"),
            count => write!(f, "{count} problems"),
        }
    }
}

impl std::error::Error for Problems {}
