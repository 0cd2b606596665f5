//! The agents of a program, as settings.

use oxc_ast::ast::Program;
use serde_json::{Map, Value};

use super::super::find::Found;
use super::super::value::Remark;
use super::reading::{Reading, is_store};
use super::scan::{Made, Mark, Scan};
use super::secret;
use super::settings::{self, NO_GUARDRAILS};

/// An export of Agent Builder, or what somebody made of one.
pub(crate) struct Export {
    /// At least one.
    pub(crate) agents: Vec<Agent>,
    /// What the workflow does besides.
    pub(crate) remarks: Vec<Remark>,
}

/// An agent.
pub(crate) struct Agent {
    /// Where it is made, in bytes.
    pub(crate) at: usize,
    pub(crate) name: Option<String>,
    /// What holds it in the code.
    pub(crate) variable: Option<String>,
    /// Its place in the workflow.
    pub(crate) role: Role,
    /// Keys of `backend` in `site.yaml`.
    pub(crate) settings: Map<String, Value>,
    /// Where its instructions are, in bytes; where it is made, if it has none.
    pub(crate) words_at: usize,
    pub(crate) remarks: Vec<Remark>,
}

/// Keys that only an agent of the Agents SDK has.
const TYPICAL: [&str; 5] = [
    "instructions",
    "model",
    "modelSettings",
    "tools",
    "handoffs",
];

/// What a workflow of several agents uses one for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It hands visitors on, or answers in a schema by which the workflow chooses another one.
    Chooses,
    /// It runs under a condition.
    Branch,
    /// It runs each time.
    Step,
    /// The file does not run it.
    Unused,
}

impl Export {
    /// Reads a program. `None` if it makes no agent. `shift` is the number of bytes before the text.
    pub(crate) fn read<'a>(program: &Program<'a>, found: &Found<'a>, shift: usize) -> Option<Self> {
        let scan = Scan::of(program);
        let has_branches = scan.agents.iter().any(|made| made.is_branch);
        let agents = scan.agents.iter();
        let agents = agents.filter_map(|made| Agent::read(made, has_branches, found, &scan, shift));
        let agents: Vec<_> = agents.collect();
        if agents.is_empty() {
            return None;
        }
        let mut reading = Reading::new(found, &scan, shift);
        for (mark, span) in &scan.marks {
            let message = match mark {
                Mark::Guardrails => format!("guardrails are left out: {NO_GUARDRAILS}"),
                Mark::Approval => "the approval is left out: nobody is there to give it".to_owned(),
                Mark::State => {
                    "the workflow's `state` is left out: an agent knows the conversation alone"
                        .to_owned()
                }
            };
            reading.remark(*span, message);
        }
        for (span, store) in &scan.searches {
            let id = reading.text(store).filter(|id| is_store(id));
            let id = id.unwrap_or_else(|| "vs_…".to_owned());
            let message = format!(
                "the workflow's own search is left out: `file_search: {{vector_stores: [{id}]}}` lets the agent search there"
            );
            reading.remark(*span, message);
        }
        let (_, remarks) = reading.into_parts();
        Some(Self { agents, remarks })
    }
}

impl Agent {
    fn read<'a>(
        made: &Made<'a>,
        has_branches: bool,
        found: &Found<'a>,
        scan: &Scan<'a>,
        shift: usize,
    ) -> Option<Self> {
        let mut reading = Reading::new(found, scan, shift);
        let at = reading.at(made.span);
        let pairs = made.settings.and_then(|settings| reading.pairs(settings))?;
        // Other libraries have agents too, such as those of connections.
        if !pairs.iter().any(|pair| TYPICAL.contains(&pair.key)) {
            return None;
        }
        let find = |key: &str| pairs.iter().copied().find(|pair| pair.key == key);
        let name = find("name").and_then(|pair| reading.text(pair.value));
        let name = name.filter(|name| !secret::is_in(name));
        let has = |key: &str| find(key).is_some_and(|pair| !reading.is_nothing(pair.value));
        let role = match (made.is_run, made.is_branch) {
            _ if has("handoffs") => Role::Chooses,
            (false, _) => Role::Unused,
            (true, true) => Role::Branch,
            (true, false) if has_branches && has("outputType") => Role::Chooses,
            (true, false) => Role::Step,
        };
        let words_at = find("instructions").map_or(at, |pair| reading.at(pair.span));
        settings::read(&mut reading, pairs);
        let (settings, remarks) = reading.into_parts();
        Some(Self {
            at,
            name,
            variable: made.variable.map(str::to_owned),
            role,
            settings,
            words_at,
            remarks,
        })
    }

    /// Its name, or the variable that holds it.
    pub(crate) fn title(&self) -> &str {
        let names = [self.name.as_deref(), self.variable.as_deref()];
        let mut names = names
            .into_iter()
            .flatten()
            .filter(|name| !name.trim().is_empty());
        names.next().unwrap_or("the agent")
    }

    /// Returns whether this is what somebody calls it.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        let names = [self.name.as_deref(), self.variable.as_deref()];
        let mut names = names.into_iter().flatten();
        names.any(|known| known.trim().to_lowercase() == name.trim().to_lowercase())
    }
}
