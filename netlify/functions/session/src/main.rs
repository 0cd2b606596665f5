//! The function as a program: settings from the environment, then the transport that the environment asks for.

use std::process::ExitCode;

use session::{Service, Settings, Site};

fn main() -> ExitCode {
    let Ok(api) = std::env::var("AWS_LAMBDA_RUNTIME_API") else {
        return explain();
    };
    let service = Service::new(Settings::from_environment(), Site::compiled());
    session::lambda::run(&service, &api);
    // Lambda starts a new one.
    ExitCode::FAILURE
}

#[expect(clippy::print_stderr, reason = "a person started it, not Netlify")]
fn explain() -> ExitCode {
    eprintln!(
        "error: `AWS_LAMBDA_RUNTIME_API` is not set\n\
         hint: this program mints ChatKit sessions as a serverless function; Netlify starts it"
    );
    ExitCode::from(2)
}
