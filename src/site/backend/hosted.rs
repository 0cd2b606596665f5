//! A hosted workflow of OpenAI's. Only the function may know its content.

use std::collections::BTreeMap;

use serde_json::Value;
use session::{FileUpload, HostedSettings, Workflow};

use super::Attachments;
use crate::chatkit::ChatKitOptions;
use crate::config::{FileUploadSection, HostedSection, SessionSection, StateValue};
use crate::environment::is_variable_name;
use crate::site::found::{Found, variable_name};
use crate::yaml::Problem;

/// The end of Agent Builder, which OpenAI announced on 2026-06-03.
pub(super) const END: &str = "OpenAI closes Agent Builder, and hosted workflows with it, on 2026-11-30; from then on, this \
     widget answers nobody. Before that day, save the workflow's code (in Agent Builder: Code > Agents SDK > TypeScript) \
     and run `import FILE --widget NAME`, which makes it an agent; or write `backend: {type: agent, domain_key: \
     domain_pk_…, instructions: …}` yourself";

pub(super) fn from_config(
    section: HostedSection,
    session: SessionSection,
    attachments: Attachments,
    found: &mut Found,
) -> Option<HostedSettings> {
    let HostedSection {
        workflow,
        workflow_env,
        api_key_env,
        workflow_version,
    } = section;
    let SessionSection {
        expires_after,
        max_requests_per_minute,
        history,
        recent_threads,
        thread_titles,
        file_upload,
        state_variables,
        tracing,
    } = session;
    check_version(workflow_version.as_deref(), found);
    let file_upload = file_upload_from(file_upload, attachments, found);
    let state_variables = state_variables_from(state_variables, found);
    Some(HostedSettings {
        workflow: found.keep(workflow_from(workflow, workflow_env))?,
        api_key_env: variable_name("backend.api_key_env", api_key_env, found),
        workflow_version,
        expires_after,
        max_requests_per_minute,
        history,
        recent_threads,
        thread_titles,
        file_upload,
        state_variables,
        tracing,
    })
}

/// The variables that the function reads.
pub(super) fn variables(settings: &HostedSettings) -> Vec<&str> {
    let workflow = workflow_variable(settings).into_iter();
    let key = settings.api_key_env.as_deref();
    workflow
        .chain([key.unwrap_or(session::OPENAI_API_KEY)])
        .collect()
}

/// The variable that holds the workflow's id, if one does.
pub(super) fn workflow_variable(settings: &HostedSettings) -> Option<&str> {
    match &settings.workflow {
        Workflow::Env(name) => Some(name),
        Workflow::Id(_) => None,
    }
}

pub(super) fn refuse_ignored(options: &ChatKitOptions, found: &mut Found) {
    let composer = options.composer.as_ref();
    for (way, is_set) in [
        (
            "composer.tools",
            composer.is_some_and(|composer| composer.tools.is_some()),
        ),
        (
            "composer.models",
            composer.is_some_and(|composer| composer.models.is_some()),
        ),
        ("entities", options.entities.is_some()),
    ] {
        if is_set {
            let key = way.rsplit('.').next().unwrap_or(way);
            let problem = Problem::on(&format!("chatkit.{way}"), format!("`{key}` needs a server"))
                .label("a hosted workflow never learns the visitor's choice")
                .hint("remove it, or use `backend: {type: server}` with a ChatKit server that reads it");
            found.add(problem);
        }
    }
}

fn workflow_from(id: Option<String>, variable: Option<String>) -> Result<Workflow, Problem> {
    match (id, variable) {
        (Some(_), Some(_)) => Err(Problem::on(
            "backend.workflow_env",
            "`workflow` and `workflow_env` exclude each other",
        )),
        (Some(id), None) if id.starts_with("wf_") => Ok(Workflow::Id(id)),
        (Some(id), None) => {
            let title = format!("`{id}` is not a workflow id");
            let hint =
                "ids start with `wf_`; Agent Builder shows yours when you publish the workflow";
            Err(Problem::on("backend.workflow", title).hint(hint))
        }
        (None, None) => Ok(Workflow::default()),
        (None, Some(name)) if is_variable_name(&name) => Ok(Workflow::Env(name)),
        (None, Some(name)) => {
            let title = format!("`{name}` is not a valid variable name");
            Err(Problem::on("backend.workflow_env", title))
        }
    }
}

fn check_version(version: Option<&str>, found: &mut Found) {
    if version == Some("latest") {
        let problem = Problem::on(
            "backend.workflow_version",
            "`workflow_version` cannot be `latest`",
        );
        found.add(
            problem
                .label("OpenAI accepts it, and the chat then fails silently")
                .hint("remove the key: without it, the published version answers"),
        );
    }
}

/// The limits for files, if visitors may send any.
fn file_upload_from(
    section: FileUploadSection,
    attachments: Attachments,
    found: &mut Found,
) -> Option<FileUpload> {
    let FileUploadSection {
        max_file_size,
        max_files,
    } = section;
    match attachments {
        Attachments::On => Some(FileUpload {
            max_file_size,
            max_files,
        }),
        Attachments::Off => {
            if max_file_size.is_some() || max_files.is_some() {
                let problem = Problem::on(
                    "session.file_upload",
                    "`file_upload` has no effect without attachments",
                );
                found.add(problem.hint(
                    "turn attachments on with `chatkit: {composer: {attachments: {enabled: true}}}`",
                ));
            }
            None
        }
    }
}

fn state_variables_from(
    section: BTreeMap<String, StateValue>,
    found: &mut Found,
) -> BTreeMap<String, Value> {
    if section.len() > 64 || section.keys().any(|name| name.chars().count() > 64) {
        let problem = Problem::on(
            "session.state_variables",
            "too many state variables, or names that are too long",
        );
        found.add(problem.label("OpenAI accepts 64, with names of up to 64 characters"));
    }
    let json = |value| serde_json::to_value(value).unwrap_or_default();
    let pairs = section.into_iter();
    pairs.map(|(name, value)| (name, json(value))).collect()
}
