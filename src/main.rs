//! The `chatkit-embed` command. Everything is in the library; here a result becomes an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    chatkit_embed::main()
}
