//! The `chatkit-embed` command. Everything is in the library; this turns a result into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    chatkit_embed::main()
}
