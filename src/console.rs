//! The only place that prints. Colours appear on a terminal only, and never with `NO_COLOR`.

use std::fmt::{Arguments, Display};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use anyhow::{Context as _, Result, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::edit::{DiffLine, Tag};
use crate::hint::Hinted;
use crate::yaml::Problems;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();
const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const PLACE: Style = AnsiColor::Cyan.on_default();
const LABEL: Style = AnsiColor::Green.on_default().bold();

/// Width of the label column that [`status`] prints.
const LABEL_WIDTH: usize = 9;

/// Work that takes less time gets no progress bar, which would only flicker.
const PROGRESS_AFTER: Duration = Duration::from_secs(1);

/// Number of problems that are shown before the rest is counted.
const MOST_PROBLEMS: usize = 100;

/// Number of names that are listed before the rest is counted.
const NAMES_SHOWN: usize = 6;

/// The first few names, and how many more there are: a site may have thousands.
pub(crate) fn first(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(NAMES_SHOWN);
    let shown: Vec<_> = names.take(NAMES_SHOWN).collect();
    match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Whether only errors and [`data`] are printed. The one switch of the program: set once, before a command starts.
static IS_QUIET: AtomicBool = AtomicBool::new(false);

/// Prints nothing more but errors and [`data`].
pub(crate) fn be_quiet() {
    IS_QUIET.store(true, Ordering::Relaxed);
}

fn is_quiet() -> bool {
    IS_QUIET.load(Ordering::Relaxed)
}

/// Prints one line about one finished step.
pub(crate) fn status(label: &str, text: impl Display) {
    report(format_args!("{LABEL}{label:>LABEL_WIDTH$}{LABEL:#} {text}"));
}

/// Prints output for other programs: no labels, no colours.
pub(crate) fn data(text: &str) {
    line(std::io::stdout(), format_args!("{text}"));
}

/// Prints one to-do.
pub(crate) fn advice(subject: &str, text: &str) {
    report(format_args!(
        "{HINT}{:>LABEL_WIDTH$}{HINT:#} {subject}: {text}",
        "to do"
    ));
}

/// Prints one thing that is wrong, in a list of findings.
pub(crate) fn wrong(subject: &str, text: &str) {
    line(
        anstream::stdout(),
        format_args!(
            "{ERROR}{:>LABEL_WIDTH$}{ERROR:#} {subject}: {text}",
            "wrong"
        ),
    );
}

/// Prints one thing that could not be tried.
pub(crate) fn not_tried(subject: &str, text: &str) {
    report(format_args!(
        "{HINT}{:>LABEL_WIDTH$}{HINT:#} {subject}: {text}",
        "not tried"
    ));
}

/// Prints a remark about a place.
pub(crate) fn note(place: impl Display, text: &str) {
    report(format_args!(
        "{HINT}{:>LABEL_WIDTH$}{HINT:#} {place}: {text}",
        "note"
    ));
}

/// Prints what changes in a file, as `diff -u` does.
pub(crate) fn diff(path: &Path, lines: &[DiffLine]) {
    let path = path.display();
    report(format_args!("--- {path}\n+++ {path}"));
    for DiffLine { tag, text } in lines {
        let style = match tag {
            Tag::Same => Style::new(),
            Tag::Added => ADDED,
            Tag::Removed => REMOVED,
            Tag::Place => PLACE,
        };
        report(format_args!("{style}{}{text}{style:#}", tag.sign()));
    }
}

/// Prints one difference: what was asked for, even if nothing else is printed. Further lines are indented below the first.
pub(crate) fn difference(tag: Tag, label: &str, text: &str) {
    let style = match tag {
        Tag::Same => Style::new(),
        Tag::Added => ADDED,
        Tag::Removed => REMOVED,
        Tag::Place => PLACE,
    };
    let indent = " ".repeat(LABEL_WIDTH + 1);
    let text = text.replace('\n', &format!("\n{indent}"));
    line(
        anstream::stdout(),
        format_args!("{style}{label:>LABEL_WIDTH$}{style:#} {text}"),
    );
}

/// Asks a question on the terminal and returns the line that answers it. `default` is shown, unless it is empty.
///
/// # Errors
///
/// A terminal that has been closed, or Ctrl-D.
pub(crate) fn ask(question: &str, default: &str) -> Result<String> {
    let mut out = anstream::stdout();
    let shown = match default {
        "" => String::new(),
        default => format!(" [{default}]"),
    };
    let _ = write!(out, "{HINT}?{HINT:#} {question}{shown}: ");
    let _ = out.flush();
    let mut line = String::new();
    let length = std::io::stdin().read_line(&mut line);
    match length.context("failed to read the answer")? {
        0 => bail!("no answer; nothing was written"),
        _ => Ok(line),
    }
}

/// Prints an error that does not end the program.
pub(crate) fn problem(text: &str) {
    line(anstream::stderr(), format_args!("{text}\n"));
}

/// Prints the error, each cause on its own line, and the hint if one of them has one.
pub(crate) fn error(error: &anyhow::Error) {
    let say = |text: Arguments<'_>| line(anstream::stderr(), text);
    if let Some(problems) = error.downcast_ref::<Problems>() {
        let mut rest = problems.render();
        for problem in rest.by_ref().take(MOST_PROBLEMS) {
            say(format_args!("{problem}\n"));
        }
        let more = match rest.len() {
            0 => String::new(),
            more => format!("; {more} are not shown, and `--json` has all of them"),
        };
        say(format_args!("{ERROR}error:{ERROR:#} {problems}{more}"));
        return;
    }
    say(format_args!("{ERROR}error:{ERROR:#} {error}"));
    for cause in error.chain().skip(1) {
        say(format_args!("  caused by: {}", indent(&cause.to_string())));
    }
    if let Some(hint) = Hinted::find(error) {
        say(format_args!("{HINT}hint:{HINT:#} {hint}"));
    }
}

/// Prints what is no error, unless nobody wants to know.
fn report(text: Arguments<'_>) {
    if !is_quiet() {
        line(anstream::stdout(), text);
    }
}

/// Ignores errors: a reader that has gone, as in `build | head -1`, is no reason to fail.
fn line(mut stream: impl Write, text: Arguments<'_>) {
    let _ = writeln!(stream, "{text}");
}

/// Indents messages of several lines, such as a template's report, below their cause.
fn indent(message: &str) -> String {
    message.trim_end().replace('\n', "\n    ")
}

/// A progress bar that appears once the work has taken a second.
pub(crate) struct Progress {
    bar: ProgressBar,
    started: Instant,
}

impl Progress {
    /// A bar for `total` things with this name, for work that began at `started`. Nothing is drawn yet.
    pub(crate) fn new(total: usize, unit: &str, started: Instant) -> Self {
        let template = format!("{{msg:>9}} {{wide_bar}} {{pos}}/{{len}} {unit}");
        let style = ProgressStyle::with_template(&template)
            .expect("every build uses the template, and a unit is a word");
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::hidden())
            .with_style(style)
            .with_message("writing");
        Self { bar, started }
    }

    /// With another word for the work.
    pub(crate) fn saying(self, message: &'static str) -> Self {
        self.bar.set_message(message);
        self
    }

    /// Counts one finished thing.
    pub(crate) fn advance(&self) {
        self.bar.inc(1);
        self.show();
    }

    /// Sets how many are finished, and how many there are as far as is known.
    pub(crate) fn reach(&self, done: usize, total: usize) {
        self.bar.set_length(total as u64);
        self.bar.set_position(done as u64);
        self.show();
    }

    fn show(&self) {
        if self.bar.is_hidden() && !is_quiet() && self.started.elapsed() > PROGRESS_AFTER {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
