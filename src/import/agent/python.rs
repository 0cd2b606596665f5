//! Exports in Python, which cannot be read.

use crate::yaml::Problem;

/// The problem with one.
pub(crate) fn python() -> Problem {
    Problem::in_file(0, "exports in Python cannot be read").hint(
        "take the one in TypeScript: in Agent Builder, open the workflow, then Code > Agents SDK > TypeScript, and save \
         that code as a file",
    )
}

/// Returns whether a text is an export in Python.
pub(crate) fn is_python(text: &str) -> bool {
    if text.contains("new Agent") {
        return false;
    }
    let mut lines = text.lines().map(str::trim_start);
    let imports = lines.clone().any(|line| {
        let is_of_agents = line.starts_with("from agents") || line.starts_with("from openai.types");
        is_of_agents && line.contains(" import ")
    });
    let defines = lines.any(|line| {
        let is_function = line.starts_with("async def ") || line.starts_with("def ");
        let is_class = line.starts_with("class ") && line.contains("(BaseModel)");
        (is_function || is_class) && line.trim_end().ends_with(':')
    });
    imports || has_agent(text) || defines && text.contains("Agent(")
}

/// `Agent(name="…"` and `Agent[Context](name = "…"`.
fn has_agent(text: &str) -> bool {
    let mut found = text
        .match_indices("Agent")
        .map(|(at, word)| &text[at + word.len()..]);
    found.any(|rest| {
        let rest = match rest.strip_prefix('[') {
            Some(inside) => inside.split_once(']').map_or("", |(_, rest)| rest),
            None => rest,
        };
        let inside = rest.strip_prefix('(').map(str::trim_start);
        let is_named = |key: &str| {
            let rest = inside.and_then(|inside| inside.strip_prefix(key));
            rest.is_some_and(|rest| {
                let rest = rest.trim_start();
                rest.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("=>")
            })
        };
        is_named("name") || is_named("instructions")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_is_known_by_its_imports_and_by_how_it_names_arguments() {
        for text in [
            "from agents import Agent, Runner\n",
            "helper = Agent(\n  name=\"Helper\",\n)",
            "helper = Agent[Context](name = 'Helper')",
            "async def run_workflow(workflow_input: WorkflowInput):\n  x = Agent(**settings)",
        ] {
            assert!(is_python(text), "{text}");
        }
        for text in [
            "const helper = new Agent({ name: 'Helper' });",
            "const helper = Agent(name => name);",
            "import { Agent } from '@openai/agents';",
            "class A extends Agent {}",
        ] {
            assert!(!is_python(text), "{text}");
        }
    }
}
