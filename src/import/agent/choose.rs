//! Which agent of an export answers.

use super::export::{Agent, Export, Role};
use super::secret;
use crate::yaml::Problem;

/// Words of the instructions that tell one agent from another.
const WORDS: usize = 10;

/// The one agent, or the one with this name. `line_of` is the number of the line that a byte is in.
///
/// # Errors
///
/// Several agents without a name, and a name that none has, or several. The message lists the agents.
pub(crate) fn choose<'e>(
    export: &'e Export,
    name: Option<&str>,
    line_of: &dyn Fn(usize) -> usize,
) -> Result<&'e Agent, Problem> {
    let agents: Vec<&Agent> = match name {
        Some(name) => export
            .agents
            .iter()
            .filter(|agent| agent.is_called(name))
            .collect(),
        None => export.agents.iter().collect(),
    };
    match (agents.as_slice(), name) {
        ([only], _) => Ok(only),
        ([], Some(name)) => {
            let title = format!("no agent of this export is called `{name}`");
            Err(Problem::in_file(0, title)
                .hint(list(&export.agents.iter().collect::<Vec<_>>(), line_of)))
        }
        (agents, Some(name)) => {
            let title = format!("{} agents are called `{name}`", agents.len());
            Err(Problem::in_file(0, title).hint(list(agents, line_of)))
        }
        (agents, None) => Err(Problem::in_file(0, title_of(agents)).hint(list(agents, line_of))),
    }
}

fn title_of(agents: &[&Agent]) -> String {
    let count = agents.len();
    match is_sequence(agents) {
        true => format!(
            "the {count} agents of this export work one after another, and here one agent answers"
        ),
        false => format!("this export has {count} agents, and here one agent answers"),
    }
}

fn is_sequence(agents: &[&Agent]) -> bool {
    let has = |role| agents.iter().filter(move |agent| agent.role == role);
    has(Role::Step).count() > 1 && has(Role::Branch).count() == 0
}

/// The agents, by what `--agent` takes.
fn list(agents: &[&Agent], line_of: &dyn Fn(usize) -> usize) -> String {
    let mut text = "choose one with `--agent NAME`, or paste it alone, with its tools".to_owned();
    if is_sequence(agents) {
        text.push_str("; or write what each of them does into the instructions of one");
    }
    // One that hands visitors on runs the others.
    let has = |role| agents.iter().any(|agent| agent.role == role);
    let is_run = (has(Role::Step) || has(Role::Branch)) && !has(Role::Chooses);
    for agent in agents {
        let title = agent.title();
        let is_clear = agents.iter().filter(|other| other.is_called(title)).count() == 1;
        let mut names = vec![format!("`{title}`")];
        if let Some(variable) = agent
            .variable
            .as_deref()
            .filter(|variable| !is_clear || *variable != title)
        {
            names.push(format!("`{variable}`"));
        }
        let role = match agent.role {
            Role::Chooses => ", which only chooses among the others",
            Role::Unused if is_run => ", which is not run",
            Role::Unused | Role::Branch | Role::Step => "",
        };
        let first = first_words(agent);
        let line = line_of(agent.at);
        text.push_str(&format!(
            "\n- {}, line {line}{role}: {first}",
            names.join(" or ")
        ));
    }
    text
}

fn first_words(agent: &Agent) -> String {
    let text = agent
        .settings
        .get("instructions")
        .and_then(|text| text.as_str());
    let Some(text) = text.filter(|text| !secret::is_in(text)) else {
        return "no instructions that can be shown".to_owned();
    };
    let mut words = text.split_whitespace();
    let first: Vec<_> = words.by_ref().take(WORDS).collect();
    let end = if words.next().is_some() { "…" } else { "" };
    let first: String = first.join(" ").chars().take(100).collect();
    format!("“{first}{end}”")
}
