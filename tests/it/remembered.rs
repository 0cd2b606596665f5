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

/// A time that no build takes for long ago, however slow this machine is.
fn soon() -> SystemTime {
    SystemTime::now() + Duration::from_secs(60)
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
    date(&project.path("support.md"), soon());
    project.run("build").success();
    hide_a_change(&project);
    project.run("build").success();
    assert!(loader(&project).contains("Say"));
}

/// The number of widgets with files of their own, enough for snippets on demand.
const MANY: usize = 60;

fn many() -> Project {
    let project = project();
    write(&project, "site.yaml", SITE);
    write(&project, "support.md", "Be brief.");
    write(&project, "program", "\x7fELF");
    for number in 0..MANY {
        write(&project, &widget(number), SECOND);
    }
    project.run(CHANGED).success();
    project
}

fn widget(number: usize) -> String {
    format!("widgets/w{number:02}.yaml")
}

/// The build that is done again and again.
const CHANGED: &str = "build --program program --function out/session";

/// Builds after a change, and the whole site into an empty folder. Both have to be the same.
fn assert_built_alike(project: &Project, what: &str) {
    project.run(CHANGED).success();
    let fresh = tempfile::tempdir_in(project.path(".")).unwrap();
    let name = fresh.path().file_name().unwrap().to_str().unwrap();
    project
        .run(&format!(
            "build --program program --out {name}/dist --snippets {name}/snippets --function {name}/session"
        ))
        .success();
    for folder in ["dist", "snippets"] {
        let (after, whole) = (
            project.files(folder),
            project.files(&format!("{name}/{folder}")),
        );
        assert_eq!(
            project.list(folder),
            project.list(&format!("{name}/{folder}")),
            "{what}"
        );
        assert!(after == whole, "{what}: {folder}");
    }
    let function = std::fs::read(project.path("out/session")).unwrap();
    let whole = std::fs::read(project.path(&format!("{name}/session"))).unwrap();
    assert!(function == whole, "{what}: function");
}

#[test]
fn a_build_of_what_changed_is_the_same_as_one_of_everything() {
    type Change = fn(&Project);
    let changes: [(&str, Change); 12] = [
        ("another label", |project| {
            write(
                project,
                &widget(1),
                &format!("{SECOND}launcher: {{label: Go}}\n"),
            );
        }),
        ("an icon of its own", |project| {
            write(
                project,
                &widget(2),
                &format!("{SECOND}launcher: {{icon: 'lucide:rocket'}}\n"),
            );
        }),
        ("the same icon again", |project| {
            write(
                project,
                &widget(3),
                &format!("{SECOND}launcher: {{icon: 'lucide:rocket'}}\n"),
            );
        }),
        ("one of both icons is gone", |project| {
            write(project, &widget(2), SECOND);
        }),
        ("origins of its own", |project| {
            let own = "allowed_origins: ['https://a.example']\n";
            write(project, &widget(4), &format!("{SECOND}{own}"));
        }),
        ("earlier names", |project| {
            write(
                project,
                &widget(5),
                &format!("{SECOND}aliases: [zz, old]\n"),
            );
        }),
        ("another earlier name, and a language", |project| {
            write(
                project,
                &widget(2),
                &format!("{SECOND}aliases: [aa]\npage: {{language: de}}\n"),
            );
        }),
        ("colours of its own", |project| {
            write(
                project,
                &widget(6),
                &format!("{SECOND}variables: {{accent: '#a03'}}\n"),
            );
        }),
        ("an agent", |project| {
            write(
                project,
                &widget(7),
                "backend: {type: agent, domain_key: domain_pk_1, instructions: 'Say ${WHAT:-so}.'}\n",
            );
        }),
        ("a widget that is new, and one that is renamed", |project| {
            write(project, "widgets/new.yaml", SECOND);
            std::fs::rename(project.path(&widget(8)), project.path("widgets/other.yaml")).unwrap();
        }),
        ("widgets that are gone", |project| {
            std::fs::remove_file(project.path(&widget(5))).unwrap();
            std::fs::remove_file(project.path(&widget(6))).unwrap();
        }),
        ("fewer widgets than get files with snippets", |project| {
            for number in 10..30 {
                std::fs::remove_file(project.path(&widget(number))).unwrap();
            }
        }),
    ];
    let project = many();
    for (what, change) in changes {
        change(&project);
        assert_built_alike(&project, what);
    }
}

#[test]
fn a_build_of_what_changed_reads_nothing_else() {
    let project = many();
    let path = project.path(&widget(1));
    project.write(&widget(1), &SECOND.replace("wf_1", "wf_2"));
    date(&path, long_ago());
    let time = path.metadata().unwrap().modified().unwrap();
    project.run(CHANGED).success();
    // Another change of it would not be noticed, and none of others is.
    project.write(&widget(1), &SECOND.replace("wf_1", "wf_3"));
    date(&path, time);
    write(
        &project,
        &widget(2),
        &format!("{SECOND}page: {{title: Hello}}\n"),
    );
    let output = project.run(CHANGED).success();
    let told = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    assert!(told.contains("widgets 61: "), "{told}");
    let function = std::fs::read(project.path("out/session")).unwrap();
    let function = String::from_utf8_lossy(&function);
    assert!(function.contains("wf_2") && !function.contains("wf_3"));
}

#[test]
fn a_widget_that_was_changed_a_moment_ago_is_read_again_and_no_other() {
    let project = many();
    let path = project.path(&widget(1));
    project.write(&widget(1), &SECOND.replace("wf_1", "wf_2"));
    let time = soon();
    date(&path, time);
    project.run(CHANGED).success();
    // Another change at the same time, and one that only a build of everything would notice.
    project.write(&widget(1), &SECOND.replace("wf_1", "wf_3"));
    date(&path, time);
    let path = project.path(&widget(2));
    let time = path.metadata().unwrap().modified().unwrap();
    project.write(&widget(2), &SECOND.replace("wf_1", "wf_4"));
    date(&path, time);
    project.run(CHANGED).success();
    let function = std::fs::read(project.path("out/session")).unwrap();
    let function = String::from_utf8_lossy(&function);
    assert!(function.contains("wf_3") && !function.contains("wf_4"));
}

#[test]
fn an_error_in_what_changed_is_told_as_by_a_build_of_everything() {
    let project = many();
    for (text, told) in [
        (
            "backend: {type: hosted}\npannel: 1\n",
            "did you mean `panel`?",
        ),
        (
            "backend: {type: hosted}\naliases: [w02]\n",
            "`w02` is the name of a widget",
        ),
    ] {
        let before = project.list("dist");
        write(&project, &widget(1), text);
        let output = project.run(CHANGED).code(1);
        let err = String::from_utf8(output.get_output().stderr.clone()).unwrap();
        assert!(err.contains(told), "{err}");
        assert_eq!(project.list("dist"), before);
    }
    write(&project, &widget(1), SECOND);
    assert_built_alike(&project, "the error is gone");
}

/// More files of widgets than are read together.
const SEVERAL_PARTS: usize = 2100;

#[test]
fn a_build_in_parts_is_the_same_as_one_at_once() {
    let site = "site: {url: 'https://chat.example.com'}\n";
    let own = |number: usize| match number {
        7 => format!("{SECOND}variables: {{accent: '#a03'}}\naliases: [zz]\n"),
        1500 => format!("{SECOND}allowed_origins: ['https://a.example']\naliases: [aa, b]\n"),
        2000 => format!("{SECOND}launcher: {{icon: 'lucide:rocket'}}\npage: {{language: ar}}\n"),
        _ => SECOND.to_owned(),
    };
    let in_files = project().file("site.yaml", site);
    let mut whole = format!("{site}widgets:\n");
    for number in 0..SEVERAL_PARTS {
        in_files.write(&format!("widgets/w{number:04}.yaml"), &own(number));
        let indented = own(number).replace('\n', "\n    ");
        whole += &format!("  w{number:04}:\n    {}\n", indented.trim_end());
    }
    let at_once = project().file("site.yaml", &whole);
    for project in [&in_files, &at_once] {
        project.write("program", "\x7fELF");
        project.run(CHANGED).success();
    }
    for folder in ["dist", "snippets", "out"] {
        assert!(in_files.files(folder) == at_once.files(folder), "{folder}");
    }
}
