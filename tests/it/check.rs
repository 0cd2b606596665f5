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
panel.height: 700                   # widgets/docs.yaml:1
panel.width: 500                    # site.yaml:4
backend.type: "hosted"              # site.yaml:3
chatkit.theme.radius: "round"       # embedded themes/default/theme.yaml:49
backend.workflow                    # default: what the variable of `workflow_env` holds
backend.workflow_env                # default: `CHATKIT_WORKFLOW_ID`
backend.workflow_version            # default: the one that is published
session.expires_after               # OpenAI's default and maximum: 600
session.max_requests_per_minute     # OpenAI's default: 10
session.history                     # OpenAI's default: true
session.recent_threads              # OpenAI's default: all
session.thread_titles               # OpenAI's default: true
session.file_upload.max_file_size   # OpenAI's default: 512
session.file_upload.max_files       # OpenAI's default: 10
session.tracing                     # OpenAI's default: true
identity                            # default: `optional`
chatkit.locale                      # default: the browser's
chatkit.theme.colorScheme           # ChatKit's default: light
chatkit.theme.density               # ChatKit's default: normal
chatkit.frameTitle                  # ChatKit's default: `Chat`
chatkit.initialThread               # default: a new one
chatkit.header.enabled              # ChatKit's default: true
chatkit.header.title.enabled        # ChatKit's default: true
chatkit.header.title.text           # ChatKit's default: the thread's title
chatkit.history.enabled             # ChatKit's default: true
chatkit.startScreen.greeting        # ChatKit's default: `What can I help with today?`
chatkit.threadItemActions.feedback  # ChatKit's default: false
chatkit.threadItemActions.retry     # ChatKit's default: false
chatkit.composer.placeholder        # ChatKit's default: `Message the AI`
chatkit.composer.attachments        # ChatKit's default: none
chatkit.composer.dictation          # ChatKit's default: off
chatkit.thread.autoScroll           # ChatKit's default: false
chatkit.entities.showComposerMenu   # ChatKit's default: false
launcher.position                   # default: `bottom-right`
launcher.offset_x                   # default: 20
launcher.offset_y                   # default: 20
launcher.size                       # default: 56
launcher.shape                      # default: `circle`
launcher.color                      # default: the theme's
launcher.icon_color                 # default: black or white, whichever is easier to see on `color`
launcher.icon                       # default: `lucide:message-circle`
launcher.label                      # default: `Chat with us`
launcher.teaser                     # default: none
launcher.badge                      # default: true
launcher.z_index                    # default: 2147480000
panel.open                          # default: `click`
popup.width                         # default: that of the panel
popup.height                        # default: that of the panel
inline.height                       # default: 680
rules.show                          # default: all
rules.hide                          # default: none
rules.devices                       # default: all
page.title                          # default: `Chat`
page.description                    # default: none
page.language                       # default: `chatkit.locale`, or else `en`
page.robots                         # default: `noindex`
page.icon                           # default: that of the launcher
fallback                            # default: none

"#]]);
    project
        .run("check --explain dogs")
        .code(1)
        .stderr_eq(str![[r#"
error: there is no widget `dogs`
hint: did you mean `docs`?

"#]]);
}
