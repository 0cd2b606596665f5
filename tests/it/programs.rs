//! The programs that `build` writes: a function with a site pack at its end, and the whole deployment in one file.

use std::fs;

use snapbox::str;

use crate::project::{Project, SMALLEST, project};

/// The beginning of any program for Linux.
const PROGRAM: &str = "\x7fELF and so on";

fn site() -> Project {
    project()
        .file("site.yaml", SMALLEST)
        .file("program", PROGRAM)
}

const ALL: &str = "build --program program --function out/session --server chat --pack pack";

#[test]
fn each_program_ends_with_what_it_has_to_know() {
    let project = site();
    project.run(ALL).success().stdout_eq(str![[r#"
     site https://chat.example.com (from site.url)
  widgets 1: support (hosted)
     dist [..]
 snippets [..]
 function `out/session`, 0.0 MB
   server `chat`, 0.1 MB
     pack `pack`, 0.0 MB
     done in [..]

"#]]);
    let read = |path: &str| fs::read(project.path(path)).unwrap();
    let (function, pack, server) = (read("out/session"), read("pack"), read("chat"));
    assert_eq!(function, [PROGRAM.as_bytes(), &pack].concat());
    assert!(server.starts_with(PROGRAM.as_bytes()));
    for (path, bytes) in project.files("dist") {
        let is_there = server.windows(bytes.len()).any(|part| part == bytes);
        assert!(is_there, "{}", path.display());
    }
    let streaming = include_str!("../../netlify/functions/chat.mjs");
    assert_eq!(project.read("out/chat.mjs"), streaming);
}

#[cfg(unix)]
#[test]
fn links_that_the_server_leaves_out_are_named() {
    let project = site();
    project.run(ALL).success();
    std::os::unix::fs::symlink("/etc/hostname", project.path("dist/away")).unwrap();
    let server = "build --program program --server chat";
    let output = project.run(server).success().get_output().clone();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("note server: `") && said.contains("/away` is not served: the link leads"),
        "{said}"
    );
    // A host of files decides by itself what becomes of links.
    let output = project.run("build").success().get_output().clone();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(!said.contains("is not served"), "{said}");
}

#[cfg(unix)]
#[test]
fn programs_can_be_started_and_the_pack_can_not() {
    use std::os::unix::fs::PermissionsExt as _;
    let project = site();
    project.run(ALL).success();
    for (path, is_executable) in [("out/session", true), ("chat", true), ("pack", false)] {
        let mode = fs::metadata(project.path(path))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o111 != 0, is_executable, "{path}");
    }
}

#[test]
fn programs_are_told_to_other_programs() {
    let output = site()
        .run(&format!("{ALL} --json"))
        .success()
        .get_output()
        .clone();
    let built: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for (name, file) in [
        ("function", "out/session"),
        ("server", "chat"),
        ("pack", "pack"),
    ] {
        assert_eq!(built[name]["file"], file);
        assert!(built[name]["bytes"].as_u64().unwrap() > 0, "{built}");
    }
}

#[test]
fn program_that_is_packed_again_has_one_pack() {
    let project = site();
    project.run(ALL).success();
    let before = fs::read(project.path("out/session")).unwrap();
    project
        .run("build --program out/session --function out/session")
        .success();
    assert_eq!(fs::read(project.path("out/session")).unwrap(), before);
}

#[test]
fn function_is_where_its_netlify_toml_looks_for_it() {
    let project = site();
    project.run("build --program program").success();
    assert!(!project.path("netlify").exists());
    project.write("netlify.toml", "");
    project.run("build --program program").success();
    assert!(project.path("netlify/functions/session").is_file());
    assert!(project.path("netlify/functions/chat.mjs").is_file());
}

#[test]
fn program_that_is_not_at_hand_is_said_and_an_error_where_it_was_asked_for() {
    let project = project()
        .file("site.yaml", SMALLEST)
        .file("netlify.toml", "");
    let output = project.run("build").success().get_output().clone();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains(
            "function not written, because the function's program is not at hand; a release of chatkit-embed has it inside"
        ),
        "{said}"
    );
    project
        .run("build --server chat")
        .failure()
        .stderr_eq(str![[r#"
error: the function's program is not at hand
hint: in a checkout, build it with `cargo build --profile function --target x86_64-unknown-linux-musl --package session`, or use a release of chatkit-embed, which has it inside

"#]]);
    assert!(!project.path("chat").exists());
}

#[test]
fn places_and_programs_that_can_not_be_right_are_refused_before_anything_is_written() {
    let project = site();
    fs::create_dir(project.path("folder")).unwrap();
    for (arguments, why) in [
        ("--server dist/chat", "which is published"),
        ("--function dist/w/session", "which is published"),
        ("--server folder", "a folder is in the way"),
        (
            "--program site.yaml --server chat",
            "is not a program for Linux",
        ),
        (
            "--program nowhere --server chat",
            "failed to read `nowhere`",
        ),
        ("--server site.yaml/chat", "failed to write"),
    ] {
        let arguments = match arguments.contains("--program") {
            true => format!("build {arguments}"),
            false => format!("build --program program {arguments}"),
        };
        let output = project.run(&arguments).failure().get_output().clone();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(why), "{arguments}: {said}");
        assert!(!project.path("chat").exists());
    }
    assert_eq!(fs::read_dir(project.path("folder")).unwrap().count(), 0);
}

/// The old program stays if the new one cannot be written.
#[cfg(target_os = "linux")]
#[test]
fn program_is_replaced_whole_or_not_at_all() {
    let project = site();
    project.write("out/session", "the last one");
    project.write("out/.chatkit-embed.tmp", "a file where a folder is needed");
    let arguments = "build --program program --function out/session";
    let output = project.run(arguments).failure().get_output().clone();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("failed to write `") && said.contains("out`"),
        "{said}"
    );
    assert_eq!(project.read("out/session"), "the last one");
}
