//! Turns pasted text into a program: a file, an object, JSON, the inside of an object, a page with scripts, or any of
//! them in a comment.

use std::ops::Range;
use std::thread;

use oxc_allocator::Allocator;
use oxc_ast::ast::{Expression, Program, Statement};
use oxc_diagnostics::OxcDiagnostic;
use oxc_parser::Parser;
use oxc_span::SourceType;

use super::agent::{self, Export};
use super::cut::Cut;
use super::fence;
use super::find::{Found, plain};
use super::guard::on_character;
use super::value::{Reader, Remark};
use crate::config::ChatKitNames;
use crate::yaml::{Kind, Node, Place, Problem};

/// Bytes of stack for each token, because a parser recurses for many of them. This is over twice what any tested text
/// needs. Unused stack costs nothing.
const STACK_OF_A_TOKEN: usize = 16 * 1024;

/// The stack for the shortest text.
const LEAST_STACK: usize = 16 * 1024 * 1024;

/// The result of reading a paste.
pub(super) struct Read {
    /// The options, as far as they are plain data. They can only be missing where agents are.
    pub(super) options: Option<Node>,
    /// The agents of an export of Agent Builder.
    pub(super) export: Option<Export>,
    /// Further remarks.
    pub(super) remarks: Vec<Remark>,
    /// `true` if something differed between light and dark.
    pub(super) themed: bool,
    /// Lists of which the export only shows the start.
    pub(super) cuts: Vec<Cut>,
}

/// Reads the options of a text that passed `guard`, which counted so many tokens in it.
///
/// # Errors
///
/// The reason why there is nothing to read.
pub(super) fn read(text: &str, tokens: usize, names: &ChatKitNames) -> Result<Read, Problem> {
    let unreadable = || Problem::in_file(0, "this cannot be read").hint(hint_for(text));
    thread::scope(|scope| {
        let stack = LEAST_STACK + tokens * STACK_OF_A_TOKEN;
        let reader = thread::Builder::new().stack_size(stack);
        let reader = reader.spawn_scoped(scope, || read_here(text, names));
        let reader = reader.map_err(|_| unreadable())?;
        reader.join().map_err(|_| unreadable())?
    })
}

const PASTE_ALL: &str =
    "paste the whole export, from `const options` to `};`, or the object alone, from `{` to `}`";

const PASTE_FILE: &str = "paste the whole file, as Agent Builder shows it";

/// Which text can be read.
fn hint_for(text: &str) -> &'static str {
    match agent::may_hold_secrets(text) {
        true => PASTE_FILE,
        false => PASTE_ALL,
    }
}

fn read_here(text: &str, names: &ChatKitNames) -> Result<Read, Problem> {
    let blocks = fence::blocks(text);
    let code = || masked(text, &blocks);
    if fence::begins_with_block(text) && !blocks.is_empty() {
        return read_code(&code(), names);
    }
    match read_code(text, names) {
        // Words around the code are no code.
        Err(problem) if !blocks.is_empty() => read_code(&code(), names).map_err(|_| problem),
        read => read,
    }
}

fn read_code(text: &str, names: &ChatKitNames) -> Result<Read, Problem> {
    match read_as_any(text, names) {
        Outcome::Options(read) => Ok(*read),
        Outcome::None(comments) => comments
            .into_iter()
            .find_map(|comment| match read_as_any(&comment.masked, names) {
                Outcome::Options(mut read) => {
                    let message = "the options were read from a comment";
                    read.remarks.push((comment.at, message.to_owned()));
                    Some(*read)
                }
                _ => None,
            })
            .ok_or_else(|| no_options(text)),
        Outcome::Invalid(problem) => Err(problem),
    }
}

fn no_options(text: &str) -> Problem {
    if text.contains("@openai/agents") {
        let problem = Problem::in_file(0, "no agent found");
        return problem.hint("import the file that has `new Agent({…})`");
    }
    let start = text.len() - text.trim_start().len();
    let first = text[start..].lines().next().unwrap_or_default().trim_end();
    let span = start..start + first.len();
    Problem::at(Place { file: 0, span }, "no ChatKit options found")
        .label("expected an object with keys such as `theme`, `composer` or `startScreen`")
        .hint(PASTE_ALL)
}

enum Outcome {
    Options(Box<Read>),
    /// A program without options; its comments.
    None(Vec<Comment>),
    Invalid(Problem),
}

/// A comment that may hold options.
struct Comment {
    at: usize,
    /// The text with everything except this comment's content blanked out.
    masked: String,
}

/// The wrapper that makes the text a program.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// None: it is one.
    File,
    /// `{…}`
    Object,
    /// `theme: {…}, composer: {…}`
    Inside,
}

impl Form {
    fn around(self) -> (&'static str, &'static str) {
        match self {
            Self::File => ("", ""),
            Self::Object => ("(", "\n)"),
            Self::Inside => ("({", "\n})"),
        }
    }
}

/// Reads the text in the form that it seems to have and, if that fails, in the others. Reported errors are those of
/// the first form.
fn read_as_any(text: &str, names: &ChatKitNames) -> Outcome {
    let begins = beginning(text);
    let forms: &[Form] = match begins {
        Some('{') => &[Form::Object, Form::File],
        _ if begins_with_key(text, names) => &[Form::Inside, Form::File],
        _ => &[Form::File],
    };
    let mut first = None;
    for form in forms {
        match read_as(text, *form, names) {
            Outcome::Invalid(problem) => first = first.or(Some(problem)),
            // In another form it may be a program, but not the intended one.
            Outcome::None(_) if first.is_some() => {}
            outcome => return outcome,
        }
    }
    // A page: everything outside scripts is blanked out.
    if let Some(scripts) = scripts_alone(text)
        && let outcome @ (Outcome::Options(_) | Outcome::None(_)) =
            read_as(&scripts, Form::File, names)
    {
        return outcome;
    }
    match first {
        Some(problem) => Outcome::Invalid(problem),
        None => Outcome::None(Vec::new()),
    }
}

fn read_as(text: &str, form: Form, names: &ChatKitNames) -> Outcome {
    let allocator = Allocator::default();
    let (before, behind) = form.around();
    let content = match form {
        Form::File => text,
        // An object is often copied with the character after it.
        _ => text.trim_end().trim_end_matches([';', ',']),
    };
    let program = format!("{before}{content}{behind}");
    let mut invalid = None;
    // The first kind reads old type assertions, `<T>{…}`, as tags.
    for kind in [SourceType::tsx(), SourceType::ts()] {
        let parsed = Parser::new(&allocator, &program, kind).parse();
        match parsed.diagnostics.first() {
            None if !parsed.panicked => return find(text, &parsed.program, form, names),
            error => {
                let problem = || not_valid(text, error, before.len());
                invalid.get_or_insert_with(problem);
            }
        }
    }
    match invalid {
        Some(problem) => Outcome::Invalid(problem),
        None => Outcome::None(Vec::new()),
    }
}

fn find(text: &str, program: &Program<'_>, form: Form, names: &ChatKitNames) -> Outcome {
    let shift = form.around().0.len();
    let mut found = Found::of(program);
    if form != Form::File
        && let [Statement::ExpressionStatement(only)] = program.body.as_slice()
        && let Expression::ObjectExpression(object) = plain(&only.expression)
    {
        found.is(object);
    }
    let mut reader = Reader::new(&found, shift);
    let export = Export::read(program, &found, shift);
    let options = match found.options(|key| is_option(key, names)) {
        Some((object, others)) => {
            let options = reader.object(object);
            reader.pass_over_unused();
            for other in others {
                let at = (other.start as usize).saturating_sub(shift);
                let message = "these are options too; to import them, paste only them";
                reader.remarks.push((at, message.to_owned()));
            }
            Some(options)
        }
        None if export.is_some() => None,
        None => reader.parts(),
    };
    let comments = program.comments.iter().map(|comment| {
        let span = comment.content_span();
        let at = |at: u32| (at as usize).saturating_sub(shift).min(text.len());
        at(span.start)..at(span.end)
    });
    let comments: Vec<_> = comments.collect();
    if options.is_none() && export.is_none() {
        return Outcome::None(hidden(text, &comments));
    }
    let cuts = comments
        .into_iter()
        .filter_map(|span| Cut::of(&text[span.clone()], span.start))
        .collect();
    Outcome::Options(Box::new(Read {
        options,
        export,
        themed: reader.themed,
        remarks: reader.remarks,
        cuts,
    }))
}

impl Reader<'_, '_> {
    /// The options in the constants of a file, as in OpenAI's starter application.
    fn parts(&mut self) -> Option<Node> {
        let parts: Vec<_> = self.named_parts();
        let mut options: Option<Node> = None;
        for (way, node) in parts {
            let place = node.place.clone();
            let root = options.get_or_insert_with(|| Node {
                place,
                kind: Kind::Map(Vec::new()),
            });
            super::meant::put(root, &way, node);
        }
        options
    }
}

fn not_valid(text: &str, error: Option<&OxcDiagnostic>, shift: usize) -> Problem {
    let title = "not valid JavaScript or TypeScript";
    let Some(error) = error else {
        return Problem::in_file(0, title).hint(hint_for(text));
    };
    let label = error.labels.first();
    let (start, length) = label.map_or((0, 0), |label| {
        (label.offset() as usize, label.len() as usize)
    });
    let start = on_character(text, start.saturating_sub(shift));
    let end = on_character(text, start + length);
    // A missing bracket is noticed at the end, where there is nothing to show.
    let last = text.trim_end().len();
    let span = match start >= last {
        true => on_character(text, last.saturating_sub(1))..last,
        false => start..end.min(last).max(start),
    };
    let hint = match text[span.clone()].chars().next() {
        Some('\u{2018}'..='\u{201f}') => "these are a word processor's quotes: write straight ones",
        _ => hint_for(text),
    };
    let mut message = error.message.to_string();
    if let Some(first) = message.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    Problem::at(Place { file: 0, span }, title)
        .label(message)
        .hint(hint)
}

/// The first character that is neither white space nor in a comment.
fn beginning(text: &str) -> Option<char> {
    let mut rest = text.trim_start();
    loop {
        rest = if let Some(comment) = rest.strip_prefix("//") {
            comment.split_once('\n')?.1
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/")?.1
        } else {
            return rest.chars().next();
        }
        .trim_start();
    }
}

/// Returns whether this starts like the inside of an object: `theme: {`.
fn begins_with_key(text: &str, names: &ChatKitNames) -> bool {
    text.lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with("//"))
        .and_then(|line| line.split_once(':'))
        .is_some_and(|(key, _)| is_option(key.trim().trim_matches(['"', '\'']), names))
}

/// Returns whether this is one of the options' own keys, or is accepted as one.
fn is_option(key: &str, names: &ChatKitNames) -> bool {
    const TAKEN: [&str; 6] = [
        "api",
        "greeting",
        "onClientTool",
        "placeholder",
        "starterPrompts",
        "widgets",
    ];
    names.top.contains(key) || TAKEN.contains(&key)
}

/// The text with everything except its scripts blanked out, if it is a page with scripts.
fn scripts_alone(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let mut spans = Vec::new();
    let mut at = 0;
    while let Some(tag) = lower[at..].find("<script") {
        let start = at + tag + lower[at + tag..].find('>')? + 1;
        let end = lower[start..]
            .find("</script")
            .map_or(text.len(), |end| start + end);
        spans.push(start..end);
        at = end;
    }
    (!spans.is_empty()).then(|| masked(text, &spans))
}

/// Most comments that are searched for options.
const COMMENTS_TRIED: usize = 4;

/// The comments that may hold options: each block, and each run of lines.
fn hidden(text: &str, comments: &[Range<usize>]) -> Vec<Comment> {
    let mut runs: Vec<Vec<Range<usize>>> = Vec::new();
    for comment in comments {
        let is_line = text[..comment.start].ends_with("//");
        match runs.last_mut() {
            Some(run)
                if is_line
                    && run
                        .last()
                        .is_some_and(|last| text[last.end..comment.start].trim() == "//") =>
            {
                run.push(comment.clone());
            }
            _ => runs.push(vec![comment.clone()]),
        }
    }
    let mut runs: Vec<_> = runs
        .into_iter()
        .filter(|run| {
            let holds = |word: &str| run.iter().any(|span| text[span.clone()].contains(word));
            ["theme", "composer", "startScreen"].into_iter().any(holds)
        })
        .collect();
    // The longest are the most likely.
    let len = |run: &Vec<Range<usize>>| run.iter().map(Range::len).sum::<usize>();
    runs.sort_by_key(|run| std::cmp::Reverse(len(run)));
    runs.truncate(COMMENTS_TRIED);
    runs.into_iter()
        .map(|run| Comment {
            at: run[0].start,
            masked: masked(text, &run),
        })
        .collect()
}

/// Replaces everything outside `kept` by blanks, so that places stay the same. Lines of a comment may start with a
/// star.
fn masked(text: &str, kept: &[Range<usize>]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut kept = kept.iter().peekable();
    let mut is_margin = false;
    for (at, c) in text.char_indices() {
        while kept.next_if(|span| span.end <= at).is_some() {}
        let is_kept = kept.peek().is_some_and(|span| span.contains(&at));
        let is_star = is_margin && c == '*';
        is_margin = c == '\n' || is_margin && c == ' ';
        match c {
            '\n' => masked.push(c),
            _ if is_kept && !is_star => masked.push(c),
            _ => masked.extend(std::iter::repeat_n(' ', c.len_utf8())),
        }
    }
    masked
}
