//! The function as files to deploy: its program, with a site pack at the end.

use std::fmt;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Error, Result, ensure};
use session::{PackingError, SiteParts};

use crate::fs;
use crate::hint::Hinted;

/// The crate, relative to the folder of a checkout.
const CRATE: &str = "netlify/functions/session";

/// Where cargo puts the program, relative to the same folder.
const BUILT: &str = "target/x86_64-unknown-linux-musl/function/session";

/// The function that passes answers on as they come, which Netlify needs next to the program.
const STREAMING: &str = include_str!("../netlify/functions/chat.mjs");
const STREAMING_NAME: &str = "chat.mjs";

/// The first bytes of a program for Linux.
const ELF: &[u8] = b"\x7fELF";

/// The program of a release, for x86-64 Linux, which is what Netlify runs.
#[cfg(feature = "bundled-function")]
const BUNDLED: Option<&[u8]> = Some(include_bytes!(env!("BUNDLED_FUNCTION")));
#[cfg(not(feature = "bundled-function"))]
const BUNDLED: Option<&[u8]> = None;

/// The function without a site.
pub(crate) enum Program {
    Bundled(&'static [u8]),
    File(PathBuf),
}

/// The program that was named, or the one in this program, or the one that cargo has built in the project's folder or in
/// the current one. `None` if there is none.
///
/// # Errors
///
/// A named file that is missing, or that is not a program for Linux.
pub(crate) fn program(named: Option<&Path>, project: &Path) -> Result<Option<Program>> {
    if let Some(path) = named {
        let mut start = Vec::new();
        fs::open(path)?
            .take(ELF.len() as u64)
            .read_to_end(&mut start)?;
        ensure!(
            start == ELF,
            Hinted::new(
                format!("`{}` is not a program for Linux", path.display()),
                HOW_TO_BUILD
            )
        );
        return Ok(Some(Program::File(path.to_owned())));
    }
    if let Some(bytes) = BUNDLED {
        return Ok(Some(Program::Bundled(bytes)));
    }
    let built = [project, Path::new("")].map(|folder| folder.join(BUILT));
    let built = built.into_iter().find(|path| path.is_file());
    Ok(built.map(Program::File))
}

/// The same where there has to be one.
///
/// # Errors
///
/// As above, and if there is none.
pub(crate) fn required_program(named: Option<&Path>, project: &Path) -> Result<Program> {
    program(named, project)?.ok_or_else(|| Hinted::new(NOT_AT_HAND, HOW_TO_BUILD).into())
}

/// For whoever has no program: why a build is without the function, and why one that needs it fails.
pub(crate) const MISSING: &str = "not written, because the function's program is not at hand; a release of chatkit-embed has \
                                  it inside";
const NOT_AT_HAND: &str = "the function's program is not at hand";
const HOW_TO_BUILD: &str = "in a checkout, build it with `cargo build --profile function --target x86_64-unknown-linux-musl \
                            --package session`, or use a release of chatkit-embed, which has it inside";

/// Returns whether the folder is a checkout of this project, which has the function's source where other projects have
/// the function.
fn is_checkout(project: &Path) -> bool {
    project.join(CRATE).join("Cargo.toml").is_file()
}

/// Where a project's `netlify.toml` looks for the function. `None` if it has no such file, and for a checkout, which
/// names another place.
pub(crate) fn default_path(project: &Path) -> Option<PathBuf> {
    let is_wanted = project.join("netlify.toml").is_file() && !is_checkout(project);
    is_wanted.then(|| project.join(CRATE))
}

/// Writes the pack alone. Returns its length in bytes.
///
/// # Errors
///
/// A file that cannot be written.
pub(crate) fn write_pack(path: &Path, parts: &SiteParts) -> Result<u64> {
    fs::replace(path, false, |out| {
        parts.pack(out, None).map(drop).map_err(cause)
    })
}

/// Writes the program with a pack at its end, and the published files of a folder if there is one. A program that runs
/// from there goes on with what it has. Returns the length in bytes.
///
/// # Errors
///
/// A program that cannot be read, and files that cannot be read or written.
pub(crate) fn write_program(
    path: &Path,
    program: &Program,
    parts: &SiteParts,
    files: Option<&Path>,
) -> Result<u64> {
    fs::replace(path, true, |mut out| {
        program.copy_to(&mut out)?;
        parts.pack(out, files).map(drop).map_err(cause)
    })
}

/// An error of the disk as it is, so that the file is named that could not be written.
fn cause(err: PackingError) -> Error {
    match err {
        PackingError::Write(err) => err.into(),
        PackingError::Files(err) => err.into(),
    }
}

/// Where the function is that Netlify needs next to the program.
pub(crate) fn streaming_beside(program: &Path) -> PathBuf {
    program.with_file_name(STREAMING_NAME)
}

/// Writes that function.
///
/// # Errors
///
/// A file that cannot be written.
pub(crate) fn write_streaming(program: &Path) -> Result<()> {
    fs::write_if_changed(&streaming_beside(program), STREAMING.as_bytes())
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Program::Bundled(_) => f.write_str("inside this program"),
            Program::File(path) => path.display().fmt(f),
        }
    }
}

impl Program {
    /// Copies it without the pack that it may have.
    fn copy_to(&self, out: &mut impl Write) -> Result<()> {
        match self {
            Program::Bundled(bytes) => out.write_all(bytes)?,
            Program::File(path) => {
                let length = session::length_without_pack(path);
                let length =
                    length.with_context(|| format!("failed to read `{}`", path.display()))?;
                io::copy(&mut fs::open(path)?.take(length), out)?;
            }
        }
        Ok(())
    }
}
