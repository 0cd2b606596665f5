//! A build of a site that has not changed: nothing is read again, and no change is missed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::project::{Project, project};

const SITE: &str = "\
site: {url: 'https://chat.example.com'}
widgets:
  support:
    launcher: {label: '${LABEL:-Ask}'}
    backend: {type: agent, domain_key: domain_pk_1, instructions_file: support.md}
";
const SECOND: &str = "backend: {type: hosted, workflow: wf_1}\n";

/// A time at which nobody is changing files any more.
fn long_ago() -> SystemTime {
    SystemTime::now() - Duration::from_secs(60)
}

fn date(path: &Path, time: SystemTime) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}

/// Writes a file as if it had been there for some time.
fn write(project: &Project, path: &str, text: &str) {
    project.write(path, text);
    date(&project.path(path), long_ago());
}

/// A project that was built, so that the next build need not be done.
fn built() -> Project {
    let project = project();
    write(&project, "site.yaml", SITE);
    write(&project, "support.md", "Be brief.");
    write(&project, "widgets/sales.yaml", SECOND);
    project.run("build").success();
    project
}

/// Changes a file without a trace. Only a build that reads nothing again does not notice.
fn hide_a_change(project: &Project) {
    let path = project.path("site.yaml");
    let time = path.metadata().unwrap().modified().unwrap();
    project.write("site.yaml", &SITE.replace("Ask", "Say"));
    date(&path, time);
}

fn loader(project: &Project) -> String {
    project.read("dist/w/support.js")
}

#[test]
fn nothing_is_read_again_if_nothing_has_changed() {
    let project = built();
    let output = project.run("build").success();
    let full = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    hide_a_change(&project);
    let output = project.run("build").success();
    let told = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let lines = |text: &str| text.lines().count();
    assert!(
        loader(&project).contains("Ask") && lines(&full) == lines(&told),
        "{told}"
    );
    assert!(
        told.contains("0 written, ") && told.contains("widgets 2: sales (hosted), support (agent)"),
        "{told}"
    );
}

#[test]
fn every_change_is_noticed() {
    type Change = fn(&Project);
    let changes: [(&str, Change); 9] = [
        ("a widget that is new", |project| {
            write(project, "widgets/third.yaml", SECOND);
        }),
        ("a widget that is gone", |project| {
            std::fs::remove_file(project.path("widgets/sales.yaml")).unwrap();
        }),
        ("another widget", |project| {
            write(
                project,
                "widgets/sales.yaml",
                "backend: {type: hosted, workflow: wf_12}\n",
            );
        }),
        ("a text that is named", |project| {
            write(project, "support.md", "Be kind and brief.");
        }),
        ("a theme of the project's own", |project| {
            write(
                project,
                "themes/default/looks/launcher.css",
                ".launcher{color:red}",
            );
        }),
        ("a variable in `.env`", |project| {
            write(project, ".env", "LABEL=Hello\n");
        }),
        ("a file of the last build that is gone", |project| {
            std::fs::remove_file(project.path("dist/w/sales.js")).unwrap();
        }),
        (
            "a file of the last build that somebody changed",
            |project| {
                project.write("dist/w/sales.js", "");
            },
        ),
        ("a list of an unknown version", |project| {
            project.write(".chatkit-embed/dist.build.json", "{}");
        }),
    ];
    for (what, change) in changes {
        let project = built();
        change(&project);
        hide_a_change(&project);
        project.run("build").success();
        let label = if what.contains(".env") {
            "Hello"
        } else {
            "Say"
        };
        assert!(loader(&project).contains(label), "{what}");
    }
}

#[test]
fn other_arguments_and_variables_are_another_build() {
    let project = built();
    hide_a_change(&project);
    project.run_with("build", &[("LABEL", "Hello")]).success();
    assert!(loader(&project).contains("Hello"));
    let project = built();
    hide_a_change(&project);
    project
        .run("build --base-url https://other.example")
        .success();
    assert!(loader(&project).contains("https://other.example"));
    let project = built();
    hide_a_change(&project);
    project.run("build --pack pack").success();
    assert!(loader(&project).contains("Say"));
}

#[test]
fn a_function_that_is_wanted_by_now_or_gone_is_written() {
    let project = built();
    write(&project, "program", "\x7fELF");
    project.run("build --program program").success();
    project.write("netlify.toml", "");
    let wanted = ["session", "chat.mjs"].map(|name| format!("netlify/functions/{name}"));
    for path in &wanted {
        project.run("build --program program").success();
        assert!(wanted.iter().all(|path| project.path(path).exists()));
        std::fs::remove_file(project.path(path)).unwrap();
    }
    project.run("build --program program").success();
    assert!(wanted.iter().all(|path| project.path(path).exists()));
}

#[test]
fn a_file_that_was_changed_a_moment_ago_may_change_again() {
    let project = built();
    project.write("support.md", "Be kind.");
    project.run("build").success();
    hide_a_change(&project);
    project.run("build").success();
    assert!(loader(&project).contains("Say"));
}
