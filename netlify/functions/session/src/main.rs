//! The function as a program: reads its site and its settings, and starts the transport that the environment asks for.

use std::env;
use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use session::transport::{lambda, web};
use session::{Readiness, Service, Settings, Site};

const HELP: &str = "\
Serves a site of chat widgets: its files, its sessions and its agents.

Usage: PORT=8080 [VARIABLE=VALUE ...] PROGRAM [OPTION]

Options:
  --check    Say which site this is, and what the environment lacks; serve nothing
  --help     Print this
  --version  Print the version

Variables:
  PORT             the port to listen on, with plain HTTP; TLS is up to the proxy in front
  OPENAI_API_KEY   the key for agents and hosted workflows
  BASE_URL         where the site is served, if not at its `site.url`
  SITE_PACK        a file that `chatkit-embed build --pack` wrote, instead of the site in this program
  DIST_DIR         a folder of files to serve, instead of those in the site pack
  LISTEN_ADDRESS   the address to listen on, such as 127.0.0.1 behind a proxy on this machine; all of them by default
  TRUSTED_PROXIES  the number of proxies in front whose `X-Forwarded-For` is trusted

`--check` names the others that the site needs, such as keys of single widgets. On AWS Lambda and Netlify, the program answers events instead.

Exit codes:
  0  it was told to stop, or nothing is missing
  1  `--check` found something; the runtime of Lambda has gone
  2  it cannot start, or wrong usage; the message says what to do";

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let option = arguments.next();
    match (option.as_deref(), arguments.next()) {
        (None, None) => serve(),
        (Some("--check"), None) => check(),
        (Some("--help" | "-h"), None) => answer(HELP),
        (Some("--version" | "-V"), None) => answer(concat!("session ", env!("CARGO_PKG_VERSION"))),
        _ => {
            complain("unknown arguments; `--help` lists the options");
            ExitCode::from(2)
        }
    }
}

fn service() -> Service {
    let settings = Settings::from_environment();
    let site = Site::find(&settings);
    Service::new(settings, site)
}

fn serve() -> ExitCode {
    let service = service();
    if let Ok(api) = env::var("AWS_LAMBDA_RUNTIME_API") {
        lambda::run(&service, &api);
        // Lambda starts a new process.
        return ExitCode::FAILURE;
    }
    match web::run(&service) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => fail(&err),
    }
}

fn check() -> ExitCode {
    let ready = match Readiness::of(&service()) {
        Ok(ready) => ready,
        Err(why) => {
            complain(&why);
            return ExitCode::from(2);
        }
    };
    let Readiness {
        site,
        widgets,
        files,
        notes,
        missing,
    } = ready;
    say(&format!(
        "site: {site}, widgets with sessions: {widgets}, files: {files}"
    ));
    for note in &notes {
        say(&format!("note: {note}"));
    }
    for detail in &missing {
        say(&format!("missing: {detail}"));
    }
    if !missing.is_empty() {
        return ExitCode::FAILURE;
    }
    say("nothing is missing; whether the keys are accepted, the first session shows");
    ExitCode::SUCCESS
}

fn answer(text: &str) -> ExitCode {
    say(text);
    ExitCode::SUCCESS
}

/// To whoever asked. A closed pipe is ignored.
fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "error: {text}");
}

fn fail(mut err: &dyn Error) -> ExitCode {
    complain(&err.to_string());
    while let Some(source) = err.source() {
        let _ = writeln!(io::stderr(), "  caused by: {source}");
        err = source;
    }
    ExitCode::from(2)
}
