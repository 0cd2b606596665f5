//! `check`.

use snapbox::str;

use crate::project::{SMALLEST, project};

#[test]
fn check_writes_nothing_and_says_what_is_left_to_do() {
    let project = project().file("site.yaml", SMALLEST);
    project.run("check").success().stdout_eq(str![[r#"
     site https://chat.example.com (from site.url)
  widgets 1: all fine
    to do chat.example.com: add this host at [..]
    to do CHATKIT_WORKFLOW_ID: not set on this machine: [..]
    to do OPENAI_API_KEY: not set on this machine: [..]
    to do support: OpenAI closes Agent Builder, [..]
    to do site.allowed_origins: list the websites [..]

"#]]);
    assert_eq!(project.list("."), "site.yaml\n");
}

#[test]
fn strict_takes_what_is_left_to_do_for_an_error() {
    let project = project().file("site.yaml", SMALLEST);
    project.run("check --strict").code(1).stderr_eq(str![[r#"
error: 5 things left to do

"#]]);
}

#[test]
fn explain_names_the_line_that_set_each_setting() {
    let project = project()
        .file(
            "site.yaml",
            "site: {url: 'https://chat.example.com'}\n\
             defaults:\n\
             \x20 backend: {type: hosted}\n\
             \x20 panel: {width: 500, height: 600}\n",
        )
        .file("widgets/docs.yaml", "panel: {height: 700}\n");
    project
        .run("check --explain docs")
        .success()
        .stdout_eq(str![[r#"
panel.height: 700              # widgets/docs.yaml:1
panel.width: 500               # site.yaml:4
backend.type: "hosted"         # site.yaml:3
chatkit.theme.radius: "round"  # embedded themes/default/theme.yaml:49
what is not listed has its default

"#]]);
    project
        .run("check --explain dogs")
        .code(1)
        .stderr_eq(str![[r#"
error: there is no widget `dogs`
hint: did you mean `docs`?

"#]]);
}
