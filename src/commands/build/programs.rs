//! The programs that a build writes.

use std::path::{Path, PathBuf};

use anyhow::{Error, Result, ensure};
use session::SiteParts;

use super::args::ProgramArgs;
use super::built::{FUNCTION, WrittenProgram};
use crate::fs;
use crate::function::{self, Program};
use crate::hint::Hinted;

/// The programs to write, each possible as far as anybody can know before.
pub(super) struct Programs<'a> {
    pub(super) function: Option<(PathBuf, Program)>,
    pub(super) server: Option<(&'a Path, Program)>,
    pub(super) pack: Option<&'a Path>,
    /// Why there is no function.
    pub(super) skipped: &'static str,
}

impl<'a> Programs<'a> {
    pub(super) fn of(args: &'a ProgramArgs, project: &Path, out: &Path) -> Result<Programs<'a>> {
        let files = [&args.function, &args.server, &args.pack];
        for file in files.into_iter().flatten() {
            refuse_inside(file, out)?;
        }
        let find = || function::program(args.program.as_deref(), project);
        let required = || function::required_program(args.program.as_deref(), project);
        let function = match &args.function {
            Some(path) => Some((path.clone(), required()?)),
            None => match function::default_path(project) {
                Some(path) => find()?.map(|program| (path, program)),
                None => None,
            },
        };
        let skipped = match function::default_path(project) {
            Some(_) => function::MISSING,
            None => "not written; `--function` or `--server` does it",
        };
        let server = args.server.as_deref();
        let server = server.map(|path| Ok::<_, Error>((path, required()?)));
        Ok(Programs {
            function,
            server: server.transpose()?,
            pack: args.pack.as_deref(),
            skipped,
        })
    }

    /// Whether there are any.
    pub(super) fn any(&self) -> bool {
        self.function.is_some() || self.server.is_some() || self.pack.is_some()
    }

    /// The file that the function is copied from, if it is one.
    pub(super) fn source(&self) -> Option<PathBuf> {
        match &self.function {
            Some((_, Program::File(path))) => Some(path.clone()),
            _ => None,
        }
    }

    pub(super) fn write(&self, parts: &SiteParts, out: &Path) -> Result<Vec<WrittenProgram>> {
        let mut written = Vec::new();
        let mut add = |what, path: &Path, bytes| {
            written.push(WrittenProgram {
                what: String::from(what),
                path: path.to_owned(),
                bytes,
            });
        };
        if let Some((path, program)) = &self.function {
            let bytes = function::write_program(path, program, parts, None)?;
            function::write_streaming(path)?;
            add(FUNCTION, path, bytes);
        }
        if let Some((path, program)) = &self.server {
            let bytes = function::write_program(path, program, parts, Some(out))?;
            add("server", path, bytes);
        }
        if let Some(path) = self.pack {
            add("pack", path, function::write_pack(path, parts)?);
        }
        Ok(written)
    }
}

/// A program in the folder of published files would be published, and would hold itself.
fn refuse_inside(file: &Path, out: &Path) -> Result<()> {
    let folder = file.parent().unwrap_or(Path::new(""));
    ensure!(
        !fs::whole(folder).starts_with(fs::whole(out)),
        Hinted::new(
            format!(
                "`{}` is in `{}`, which is published",
                file.display(),
                out.display()
            ),
            "write it somewhere else"
        )
    );
    Ok(())
}
