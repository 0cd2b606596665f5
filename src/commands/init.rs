//! `init`: a project of your own, with everything that the other commands need.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use clap::ValueEnum;
use clap::builder::PossibleValue;
use clap::error::ErrorKind;

use crate::config::BackendKind;
use crate::console;
use crate::environment::Environment;
use crate::init::{self, Answers, Host, Language, Template, Written};

/// Starts a project of your own: `site.yaml`, what Netlify needs, and a first file in `knowledge/`.
///
/// It asks for a name, your website, a colour, a template, a language and a back end, unless options answer. Existing
/// files are kept; a folder that has a `site.yaml` is refused.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct InitArgs {
    /// Folder of the project, which is created if it is missing
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,

    /// Name of your company, shop or project, which appears in the texts of the chat
    #[arg(long, value_parser = init::name)]
    name: Option<String>,

    /// Your website, which shows the chat
    #[arg(long, value_name = "URL", value_parser = init::website)]
    website: Option<String>,

    /// Colour of your brand, as CSS writes it: `#1f4fd8`, `navy`; empty for the theme's
    #[arg(long, value_parser = color)]
    color: Option<Color>,

    /// What the chat is for: decides its texts, prompts and instructions [default: support]
    #[arg(long, value_enum)]
    template: Option<Template>,

    /// Language of the texts [default: that of your system (LC_ALL, LC_MESSAGES, LANG), or en]
    #[arg(long, value_enum)]
    language: Option<Language>,

    /// Back end: what answers
    #[arg(long, value_enum)]
    backend: Option<BackendKind>,

    /// Also write what another host needs; can be repeated
    #[arg(long = "for", value_name = "HOST", value_enum)]
    hosts: Vec<Host>,

    /// Ask nothing: take the default of every missing answer
    #[arg(long, short)]
    yes: bool,
}

const AFTER_HELP: &str = "\
Examples:
  chatkit-embed init
  chatkit-embed init acme --name Acme --website www.acme.com --color '#1f4fd8' --backend agent
  chatkit-embed init --yes --template docs --language fr --for container

Answers that are missing where nobody can be asked are an error, except those with a default.";

/// The answer about the colour: `#rrggbb`, or the theme's.
#[derive(Clone, Debug)]
struct Color(Option<String>);

fn color(text: &str) -> Result<Color, String> {
    init::color(text).map(Color)
}

/// Runs the command.
///
/// # Errors
///
/// A missing answer that nobody can give, a folder that has a `site.yaml`, and one that is not writable.
pub(crate) fn run(args: InitArgs) -> Result<()> {
    let InitArgs {
        folder,
        name,
        website,
        color,
        template,
        language,
        backend,
        hosts,
        yes,
    } = args;
    let given = Given {
        name,
        website,
        color,
        template,
        language,
        backend,
    };
    let missing = given.missing();
    init::refuse_site(&folder)?;
    let answers = match std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        _ if yes || missing.is_empty() => given.or_defaults(&folder),
        true => given.or_asked(&folder)?,
        false => return Err(nobody_to_ask(&missing).into()),
    };
    let written = init::create(&folder, &answers, &hosts)?;
    say(&folder, &written);
    Ok(())
}

/// What the options answer.
struct Given {
    name: Option<String>,
    website: Option<String>,
    color: Option<Color>,
    template: Option<Template>,
    language: Option<Language>,
    backend: Option<BackendKind>,
}

/// A website that belongs to nobody; `check` lists it until it is replaced.
const WEBSITE: &str = "https://www.example.com";

impl Given {
    /// The options that would answer the open questions. Those with a default are no reason to ask.
    fn missing(&self) -> Vec<&'static str> {
        let answered = [
            (self.name.is_some(), "--name"),
            (self.website.is_some(), "--website"),
            (self.color.is_some(), "--color"),
            (self.backend.is_some(), "--backend"),
        ];
        let open = answered.into_iter().filter(|(is_answered, _)| !is_answered);
        open.map(|(_, option)| option).collect()
    }

    fn or_defaults(self, folder: &Path) -> Answers {
        let template = self.template.unwrap_or_default();
        let spoken = || template.or_english(system_language());
        Answers {
            name: self.name.unwrap_or_else(|| init::default_name(folder)),
            website: self.website.unwrap_or_else(|| WEBSITE.to_owned()),
            color: self.color.and_then(|Color(color)| color),
            template,
            language: self.language.unwrap_or_else(spoken),
            backend: self.backend.unwrap_or_default(),
        }
    }

    /// Asks what is missing, one line each.
    fn or_asked(self, folder: &Path) -> Result<Answers> {
        let default = init::default_name(folder);
        let name = match self.name {
            Some(name) => name,
            None => ask(
                "Name of your company, shop or project",
                &default,
                init::name,
            )?,
        };
        let website = match self.website {
            Some(website) => website,
            None => ask("Your website", WEBSITE, init::website)?,
        };
        let color = match self.color {
            Some(color) => color,
            None => ask("Colour of your brand, such as #1f4fd8 or navy", "", color)?,
        };
        let template = match self.template {
            Some(template) => template,
            None => choose("What the chat is for", Template::default())?,
        };
        let language = match self.language {
            Some(language) => language,
            None => choose(
                &languages_of(template),
                template.or_english(system_language()),
            )?,
        };
        let backend = match self.backend {
            Some(backend) => backend,
            None => choose("What answers", BackendKind::default())?,
        };
        Ok(Answers {
            name,
            website,
            color: color.0,
            template,
            language,
            backend,
        })
    }
}

/// The language that the system speaks to its user, if templates speak it, or else English.
fn system_language() -> Language {
    let variables = Environment::default();
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter();
    let locale = names.filter_map(|name| variables.get(name)).next();
    locale
        .and_then(|locale| Language::of(&locale))
        .unwrap_or_default()
}

fn languages_of(template: Template) -> String {
    let tags: Vec<_> = template.languages().map(|language| language.0).collect();
    format!("Language of its texts: {}", tags.join(", "))
}

/// Lists the choices, each with its meaning, and asks for one by its name.
fn choose<T: ValueEnum>(question: &str, default: T) -> Result<T> {
    let values = T::value_variants().iter();
    for value in values.filter_map(ValueEnum::to_possible_value) {
        if let Some(help) = value.get_help() {
            console::status(value.get_name(), help);
        }
    }
    let default = default.to_possible_value();
    let default = default.as_ref().map_or("", PossibleValue::get_name);
    ask(question, default, |text| {
        let text = text.trim();
        T::from_str(text, true).map_err(|_| format!("`{text}` is none of these"))
    })
}

/// Asks until the answer is valid. An empty one is the default.
fn ask<T>(question: &str, default: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<T> {
    loop {
        let line = console::ask(question, default)?;
        let answer = match line.trim() {
            "" => default,
            answer => answer,
        };
        match read(answer) {
            Ok(answer) => return Ok(answer),
            Err(why) => console::problem(&why),
        }
    }
}

fn nobody_to_ask(missing: &[&str]) -> clap::Error {
    let text = format!(
        "nobody can be asked here, so these options are required: {}\n\n  tip: --yes takes their defaults\n",
        missing.join(", ")
    );
    clap::Error::raw(ErrorKind::MissingRequiredArgument, text)
}

/// A folder as a shell takes it.
fn typed(folder: &Path) -> String {
    let text = folder.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/\\.:_-~".contains(c);
    match text.chars().all(is_plain) {
        true => text,
        false => format!("\"{text}\""),
    }
}

fn say(folder: &Path, written: &Written) {
    for path in &written.created {
        console::status("created", init::shown(folder, path).display());
    }
    for (path, lack) in &written.kept {
        let file = init::shown(folder, path);
        console::status("kept", format_args!("{}, which existed", file.display()));
        if let Some(lack) = lack {
            console::note(path, lack);
        }
    }
    let program = match init::is_npm(folder) {
        true => "npx chatkit-embed",
        false => "chatkit-embed",
    };
    if folder != Path::new(".") {
        console::status("next", format_args!("cd {}", typed(folder)));
    }
    console::status(
        "next",
        format_args!("{program} watch    # the studio, where you change everything"),
    );
    console::status("then", format_args!("{program} build    # what you deploy"));
}
