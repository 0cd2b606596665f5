//! The function as a program: reads settings from the environment and starts the transport that they ask for.

use std::env;
use std::error::Error;
use std::process::ExitCode;

use session::transport::{lambda, web};
use session::{Service, Settings, Site};

fn main() -> ExitCode {
    let service = Service::new(Settings::from_environment(), Site::compiled());
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

#[expect(clippy::print_stderr, reason = "a person started it, not Netlify")]
fn fail(mut err: &dyn Error) -> ExitCode {
    eprintln!("error: {err}");
    while let Some(source) = err.source() {
        eprintln!("  caused by: {source}");
        err = source;
    }
    ExitCode::from(2)
}
