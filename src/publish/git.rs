//! A commit of the site's files, and its push to where the host builds from. `git` runs with explicit arguments and
//! without a shell, and asks no questions.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use regex_lite::Regex;
use serde::{Deserialize, Serialize};

use crate::hint::Hinted;

/// Longest time for a command, such as a push.
const PATIENCE: Duration = Duration::from_secs(45);

/// Pause before looking whether a command has ended.
const BREATH: Duration = Duration::from_millis(20);

/// The message of a commit.
pub(crate) const MESSAGE: &str = "Change the chat widgets";

/// Variables of a `git` that runs this program, such as a hook's.
const FOREIGN: [&str; 4] = ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX"];

/// What would be committed and pushed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    /// From the root of the repository.
    pub(crate) files: BTreeSet<String>,
    /// Such as `origin`. Never its address, which may hold a token.
    pub(crate) remote: String,
    /// Such as `main`.
    pub(crate) branch: String,
    /// The titles of the commits that are not pushed yet.
    pub(crate) waiting: Vec<String>,
}

/// The changes of the site's files, and where they would go. `None` without a repository, without an upstream of the
/// branch, or if everything is pushed.
pub(crate) fn plan(config: &Path) -> Option<Plan> {
    let folder = config.parent()?;
    let name = config.file_name()?.to_str()?;
    let git = |args: &[&str]| run(folder, args).ok();
    let here = git(&["symbolic-ref", "--short", "HEAD"])?;
    let of_branch = |what: &str| git(&["config", "--get", &format!("branch.{here}.{what}")]);
    let (remote, target) = (of_branch("remote")?, of_branch("merge")?);
    let branch = target.strip_prefix("refs/heads/")?.to_owned();
    if remote == "." {
        return None;
    }
    let site = format!(":(literal){name}");
    let files = git(&[
        "status",
        "--porcelain",
        "-z",
        "--no-renames",
        "--untracked-files=all",
        "--",
        &site,
        ":(glob)widgets/*.yaml",
    ])?;
    let files = files.split('\0').filter_map(|entry| entry.get(3..));
    let files: BTreeSet<_> = files.map(str::to_owned).collect();
    let waiting = git(&["log", "--format=%s", "@{upstream}..HEAD"])?;
    let waiting: Vec<_> = waiting.lines().map(str::to_owned).collect();
    (!files.is_empty() || !waiting.is_empty()).then_some(Plan {
        files,
        remote,
        branch,
        waiting,
    })
}

/// Commits the files of a plan and nothing else, and pushes.
///
/// # Errors
///
/// Whatever `git` refuses, in its words.
pub(crate) fn publish(config: &Path, plan: &Plan) -> Result<()> {
    let folder = config.parent().unwrap_or(Path::new(""));
    if !plan.files.is_empty() {
        let files = plan.files.iter();
        let files: Vec<_> = files.map(|file| format!(":(top,literal){file}")).collect();
        let with_files = |args: &[&str]| {
            let args = args.iter().copied();
            let args: Vec<_> = args.chain(files.iter().map(String::as_str)).collect();
            run(folder, &args)
        };
        with_files(&["add", "--"]).context("nothing was committed")?;
        with_files(&["commit", "--quiet", "--only", "--message", MESSAGE, "--"])
            .context("nothing was committed")?;
    }
    let target = format!("HEAD:refs/heads/{}", plan.branch);
    run(folder, &["push", "--quiet", "--", &plan.remote, &target]).context(Hinted::new(
        "committed, but not pushed",
        "fix what git says, and publish again or run `git push`",
    ))?;
    Ok(())
}

/// What a command prints, without the end of its last line.
fn run(folder: &Path, args: &[&str]) -> Result<String> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(args);
    command.env("GIT_TERMINAL_PROMPT", "0");
    command.env("LC_ALL", "C");
    for name in FOREIGN {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context("failed to start `git`")?;
    let until = Instant::now() + PATIENCE;
    // The pipes are read on the side, so that a long output does not stop the command.
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let out = thread::spawn(move || read(out));
    let err = thread::spawn(move || read(err));
    let status = loop {
        match child.try_wait().context("failed to wait for `git`")? {
            Some(status) => break status,
            None if Instant::now() > until => {
                let _ = child.kill();
                let _ = child.wait();
                bail!("`git {}` took more than {} s", args[0], PATIENCE.as_secs());
            }
            None => thread::sleep(BREATH),
        }
    };
    let [out, err] = [out, err].map(|reader| reader.join().unwrap_or_default());
    if !status.success() {
        bail!("`git {}` failed: {}", args[0], without_secrets(err.trim()));
    }
    Ok(out.trim_end_matches('\n').to_owned())
}

fn read(pipe: Option<impl std::io::Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        // A pipe that breaks has said what it had to say.
        let _ = pipe.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The text without the names and tokens in addresses.
fn without_secrets(text: &str) -> String {
    let name = Regex::new(r"://[^/@\s']+@").expect("the pattern is valid");
    name.replace_all(text, "://").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_in_addresses_are_left_out() {
        assert_eq!(
            without_secrets("unable to access 'https://me:t0ken@git.acme.com/a.git/': no"),
            "unable to access 'https://git.acme.com/a.git/': no"
        );
    }
}
