//! A hosted workflow of OpenAI's. Only the function may know its content.

use session::{FileUpload, HostedSettings, Workflow};

use super::{Attachments, refuse_other};
use crate::config::{BackendSection, FileUploadSection, SessionSection};
use crate::environment::is_variable_name;
use crate::site::found::Found;
use crate::yaml::Problem;

pub(super) fn from_config(
    section: BackendSection,
    session: SessionSection,
    attachments: Attachments,
    found: &mut Found,
) -> Option<HostedSettings> {
    let BackendSection {
        r#type: _,
        workflow,
        workflow_env,
        workflow_version,
        url,
        domain_key,
        upload,
        signed,
    } = section;
    refuse_other(
        "server",
        [
            ("url", url.is_some()),
            ("domain_key", domain_key.is_some()),
            ("upload", upload.is_some()),
            ("signed", signed.is_some()),
        ],
        found,
    );
    if workflow_version.as_deref() == Some("latest") {
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
    let FileUploadSection {
        max_file_size,
        max_files,
    } = file_upload;
    if attachments == Attachments::Off && (max_file_size.is_some() || max_files.is_some()) {
        found.add(
            Problem::on(
                "session.file_upload",
                "`file_upload` has no effect without attachments",
            )
            .hint("turn attachments on with `chatkit: {composer: {attachments: {enabled: true}}}`"),
        );
    }
    if state_variables.len() > 64 || state_variables.keys().any(|name| name.chars().count() > 64) {
        let problem = Problem::on(
            "session.state_variables",
            "too many state variables, or names that are too long",
        );
        found.add(problem.label("OpenAI accepts 64, with names of up to 64 characters"));
    }
    let json = |value| serde_json::to_value(value).unwrap_or_default();
    Some(HostedSettings {
        workflow: found.keep(workflow_from(workflow, workflow_env))?,
        workflow_version,
        expires_after,
        max_requests_per_minute,
        history,
        recent_threads,
        thread_titles,
        file_upload: (attachments == Attachments::On).then_some(FileUpload {
            max_file_size,
            max_files,
        }),
        state_variables: state_variables
            .into_iter()
            .map(|(name, value)| (name, json(value)))
            .collect(),
        tracing,
    })
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
