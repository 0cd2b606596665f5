//! `doctor`: what a bug report needs, and nothing that it must not have.

use snapbox::str;

use crate::project::project;

const SITE: &str = "\
site: {url: 'https://chat.acme.com'}
widgets:
  a: {backend: {type: agent, domain_key: domain_pk_1, instructions: Be brief., mcp: [{label: x, url: 'https://x.acme.com', authorization_env: X_TOKEN, allow: [y]}]}}
  b: {backend: {type: hosted}}
";

#[test]
fn machine_and_project_are_described_without_secrets() {
    let project = project()
        .file("site.yaml", SITE)
        .file(".env", "OPENAI_API_KEY=canary\nX_TOKEN=canary\n")
        .file("target/netlify/functions/session", "");
    let home = project.path("").to_str().map(str::to_owned);
    let variables = [
        ("CHATKIT_WORKFLOW_ID", "canary"),
        ("HOME", &home.unwrap_or_default()),
    ];
    let output = project.run_with("doctor", &variables).success();
    let said = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
    assert!(!said.contains("canary"), "{said}");
    output.stdout_eq(str![[r#"
  version [..], [..] [..]
  program [..]chatkit-embed[EXE]
   folder ~: writable
     site https://chat.acme.com (from site.url), widgets: 1 agent, 1 hosted
    theme default
variables set: CHATKIT_WORKFLOW_ID, OPENAI_API_KEY, X_TOKEN
    to do .env: other users of this machine can read it: run `chmod 600 .env`
 function no program at hand; a release has one inside
    tools none of cargo, node, netlify, docker, podman, git
     port 3000: [..]
      git no[..]

"#]]);
    assert_eq!(
        project.list("."),
        ".env\nsite.yaml\ntarget/netlify/functions/session\n"
    );
}

#[test]
fn what_keeps_a_build_from_working_is_an_error() {
    let project = project();
    project.run("doctor").code(1).stderr_eq(str![[r#"
error: the site cannot be built; `check` says why

"#]]);
    project.write("site.yaml", "site: {url: x, canary: canary}\nwidgets: {}\n");
    project.write(".env", "canary canary\n");
    let output = project.run("doctor").code(1);
    let said = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
    assert!(!said.contains("canary"), "{said}");
    assert!(
        said.contains("wrong site: ") && said.contains("wrong variables: invalid"),
        "{said}"
    );
}

#[cfg(unix)]
#[test]
fn a_file_of_secrets_that_others_can_read_is_named() {
    use std::os::unix::fs::PermissionsExt as _;

    let project = project().file("site.yaml", SITE).file(".env", "");
    for (mode, is_named) in [(0o600, false), (0o644, true), (0o660, true)] {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(project.path(".env"), permissions).expect("permissions");
        let output = project.run("doctor").success();
        let said = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
        assert_eq!(said.contains("to do .env: "), is_named, "{mode:o}: {said}");
    }
}
