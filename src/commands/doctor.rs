//! `doctor`: this machine and this project in a few lines, for a bug report.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Error, Result, bail};
use clap::Args;

use super::project::{Project, ProjectArgs};
use super::watch::PORT;
use crate::console;
use crate::environment::Environment;
use crate::fs::{self, Staging};
use crate::function;
use crate::site::{Purpose, Site};
use crate::theme::DEFAULT;

/// Describes this machine and this project in a few lines, for a bug report.
///
/// No secret is printed: of variables only the names. Nothing is changed.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    project: ProjectArgs,
}

const AFTER_HELP: &str = "\
Example:
  chatkit-embed doctor

Exit codes:
  0  nothing keeps `build` from working here
  1  something does: the site has errors, or its folder is not writable
  2  wrong usage";

/// Variables that generator and function read, besides those that a site names.
const VARIABLES: [&str; 21] = [
    "BASE_URL",
    "BUILD_HOOK_URL",
    "CHATKIT_SERVER_SECRET",
    "CHATKIT_WORKFLOW_ID",
    "CONTEXT",
    "DEPLOY_PRIME_URL",
    "DIST_DIR",
    "DOMAIN_KEY",
    "HTTPS_PROXY",
    "IDENTITY_SECRET",
    "LISTEN_ADDRESS",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_ORG_ID",
    "OPENAI_PROJECT_ID",
    "PORT",
    "SITE_PACK",
    "SSL_CERT_FILE",
    "TRUSTED_PROXIES",
    "URL",
    "VISITOR_SECRET",
];

/// Programs that a deploy may use.
const TOOLS: [&str; 6] = ["cargo", "node", "netlify", "docker", "podman", "git"];

/// Runs the command.
///
/// # Errors
///
/// A site with errors, and a folder that is not writable. Everything is printed before.
pub(crate) fn run(args: &DoctorArgs) -> Result<()> {
    let folder = match args.project.folder() {
        folder if folder == Path::new("") => Path::new("."),
        folder => folder,
    };
    program();
    let is_writable = project_folder(folder);
    let project = args.project.load(Purpose::Deploy);
    let site = project.as_ref().map(|project| &project.site).ok();
    match &project {
        Ok(project) => describe(project),
        Err(err) => console::wrong("site", &in_short(err)),
    }
    variables(folder, site);
    tools(folder);
    match (project, is_writable) {
        (Ok(_), true) => Ok(()),
        (Err(_), _) => bail!("the site cannot be built; `check` says why"),
        (Ok(_), false) => bail!("the folder of the site is not writable"),
    }
}

fn program() {
    let version = env!("CARGO_PKG_VERSION");
    let (system, machine) = (env::consts::OS, env::consts::ARCH);
    console::status("version", format_args!("{version}, {system} {machine}"));
    if let Ok(path) = env::current_exe() {
        console::status("program", short(&path));
    }
}

/// A path without the name of the person whose home it is in.
fn short(path: &Path) -> String {
    let home = env::var_os("HOME").filter(|home| home.len() > 1);
    match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
        Some(rest) => Path::new("~").join(rest).display().to_string(),
        None => path.display().to_string(),
    }
}

/// Returns whether files can be written there.
fn project_folder(folder: &Path) -> bool {
    let whole = folder.canonicalize();
    let shown = short(whole.as_deref().unwrap_or(folder));
    match Staging::open(folder) {
        Ok(_) => {
            console::status("folder", format_args!("{shown}: writable"));
            true
        }
        Err(err) => {
            console::wrong("folder", &format!("{shown}: {err}"));
            false
        }
    }
}

/// The outermost message: those below may repeat what is in the files.
fn in_short(err: &Error) -> String {
    format!("{err}; `check` says more")
}

fn describe(project: &Project) {
    let site = &project.site;
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for widget in &site.widgets {
        *kinds.entry(widget.backend.kind().name()).or_default() += 1;
    }
    let kinds = kinds
        .into_iter()
        .map(|(kind, count)| format!("{count} {kind}"));
    let kinds: Vec<_> = kinds.collect();
    let kinds = kinds.join(", ");
    console::status("site", format_args!("{}, widgets: {kinds}", site.base_url));
    let name = project.documents.root.get("site");
    let name = name.and_then(|site| site.get("theme")?.text());
    let name = name.unwrap_or(DEFAULT);
    let theme = project.themes.site.as_ref();
    match theme.is_some_and(|theme| theme.has_own_files()) {
        true => console::status("theme", format_args!("{name}, with files of this project")),
        false => console::status("theme", name),
    }
}

/// Which variables are set, but no values.
fn variables(folder: &Path, site: Option<&Site>) {
    let environment = match Environment::load(folder) {
        Ok(environment) => environment,
        Err(err) => {
            console::wrong("variables", &err.to_string());
            return;
        }
    };
    let mut names: BTreeSet<String> = VARIABLES.map(str::to_owned).into();
    let widgets = site.into_iter().flat_map(|site| &site.widgets);
    names.extend(widgets.flat_map(|widget| {
        let variables = widget.backend.variables().into_iter();
        let own = widget.identity_secret_env.clone();
        variables.map(std::borrow::Cow::into_owned).chain(own)
    }));
    let set: Vec<_> = names
        .into_iter()
        .filter(|name| environment.get(name).is_some())
        .collect();
    let set = match set.as_slice() {
        [] => "none set".to_owned(),
        names => format!("set: {}", names.join(", ")),
    };
    console::status("variables", set);
    if fs::is_open_to_others(&folder.join(".env")) {
        console::advice(
            ".env",
            "other users of this machine can read it: run `chmod 600 .env`",
        );
    }
}

fn tools(folder: &Path) {
    match function::program(None, folder) {
        Ok(Some(program)) => console::status("function", program),
        Ok(None) | Err(_) => {
            console::status("function", "no program at hand; a release has one inside")
        }
    }
    let found = TOOLS.into_iter().filter(|tool| is_on_path(tool));
    let found: Vec<_> = found.collect();
    match found.as_slice() {
        [] => console::status("tools", "none of cargo, node, netlify, docker, podman, git"),
        found => console::status("tools", found.join(", ")),
    }
    match TcpListener::bind((Ipv4Addr::LOCALHOST, PORT)) {
        Ok(_) => console::status("port", format_args!("{PORT}: free")),
        Err(_) => console::status(
            "port",
            format_args!("{PORT}: in use, so `watch` takes the next free one"),
        ),
    }
    console::status("git", remotes(folder));
}

fn is_on_path(tool: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let name = format!("{tool}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&path).any(|folder| folder.join(&name).is_file())
}

/// The names of the remotes. Their addresses may hold a token.
fn remotes(folder: &Path) -> String {
    let command = Command::new("git")
        .arg("-C")
        .arg(folder)
        .arg("remote")
        .stderr(Stdio::null())
        .output();
    match command {
        Ok(output) if output.status.success() => {
            let names = String::from_utf8_lossy(&output.stdout);
            let names: Vec<_> = names.split_whitespace().collect();
            match names.as_slice() {
                [] => "a repository without a remote".to_owned(),
                names => format!("remotes: {}", names.join(", ")),
            }
        }
        Ok(_) => "no repository".to_owned(),
        Err(_) => "not installed".to_owned(),
    }
}
