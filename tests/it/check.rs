//! `check`.

use snapbox::str;

use crate::project::{SMALLEST, project};

#[test]
fn check_writes_nothing_and_says_what_is_left_to_do() {
    let project = project().file("site.yaml", SMALLEST);
    project.run("check").success().stdout_eq(str![[r#"
     site https://chat.example.com (from site.url)
  widgets 1: no errors
    to do site.yaml:1: `https://chat.example.com` is an example: write your own
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
error: 6 things left to do

"#]]);
}

#[test]
fn each_placeholder_of_the_sample_and_of_a_new_widget_is_named_with_its_line() {
    let project = project().file("site.yaml", include_str!("../../site.yaml"));
    project.run("new sales").success();
    project.write("options.js", "{ startScreen: { greeting: 'Hi' } }");
    project.run("import options.js --widget pasted").success();
    let output = project.run("check").success().get_output().stdout.clone();
    let output = String::from_utf8(output).unwrap();
    let site = project.read("site.yaml");
    let lines: Vec<_> = site.lines().collect();
    let named: Vec<_> = output
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("to do site.yaml:"))
        .map(|rest| {
            let (line, what) = rest.split_once(": ").unwrap();
            let line = lines[line.parse::<usize>().unwrap() - 1].trim();
            let value = what.split('`').nth(1).unwrap();
            assert!(line.contains(value), "{line}: {value}");
            value
        })
        .collect();
    assert_eq!(
        named,
        [
            "https://chat.example.com",
            "https://www.example.com",
            "https://*.example.com",
            "mailto:help@example.com",
            "domain_pk_example",
            "https://agent.example.com/chatkit",
            "domain_pk_example",
            "domain_pk_example",
            // The texts of a new widget name the website: in the instructions, and in the title.
            "domain_pk_example",
        ]
    );
}

#[test]
fn what_works_on_this_machine_alone_is_left_to_do_for_a_site_on_the_internet() {
    let site = |url: &str| {
        format!(
            "site: {{url: '{url}', allowed_origins: ['https://www.acme.com', 'http://localhost:3000']}}\n\
             widgets:\n\
             \x20 a:\n\
             \x20   backend: {{type: server, url: 'https://agent.acme.com', domain_key: local-dev}}\n\
             \x20   fallback: {{label: Help, url: 'https://localhost/help'}}\n\
             \x20 b: {{backend: {{type: hosted, workflow: wf_your_id}}}}\n"
        )
    };
    let project = project().file("site.yaml", &site("https://chat.acme.com"));
    let left = [("OPENAI_API_KEY", "x"), ("CHATKIT_SERVER_SECRET", "x")];
    project.run_with("check", &left).success().stdout_eq(str![[r#"
     site https://chat.acme.com (from site.url)
  widgets 2: no errors
    to do site.yaml:4: `local-dev` only works on this machine: OpenAI issues the key for your domain at https://platform.openai.com/settings/organization/security/domain-allowlist
    to do site.yaml:5: visitors cannot reach `https://localhost/help`, which is their own machine
    to do site.yaml:6: `wf_your_id` is an example: Agent Builder shows the id when you publish the workflow
    to do chat.acme.com: add this host at [..]
    to do b: OpenAI closes Agent Builder, [..]

"#]]);
    project.write("site.yaml", &site("http://localhost:8080"));
    project.run_with("check", &left).success().stdout_eq(str![[r#"
     site http://localhost:8080 (from site.url)
  widgets 2: no errors
    to do site.yaml:6: `wf_your_id` is an example: Agent Builder shows the id when you publish the workflow
    to do b: OpenAI closes Agent Builder, [..]

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
chatkit.theme.radius: "round"       # embedded themes/default/theme.yaml:53
backend.api_key_env                 # default: `OPENAI_API_KEY`
backend.workflow                    # default: the value of the variable in `workflow_env`
backend.workflow_env                # default: `CHATKIT_WORKFLOW_ID`
backend.workflow_version            # default: the published one
session.expires_after               # OpenAI's default: 600
session.max_requests_per_minute     # OpenAI's default: 10
session.history                     # OpenAI's default: true
session.recent_threads              # OpenAI's default: all
session.thread_titles               # OpenAI's default: true
session.file_upload.max_file_size   # OpenAI's default: 512
session.file_upload.max_files       # OpenAI's default: 10
session.tracing                     # OpenAI's default: true
identity                            # default: `optional`
identity_secret_env                 # default: `IDENTITY_SECRET`
allowed_origins                     # default: `site.allowed_origins`
theme                               # default: `site.theme`
brand.color                         # default: the theme's
brand.logo                          # default: the launcher's icon
brand.name                          # default: none
brand.corner                        # default: the theme's
brand.font                          # default: the theme's
brand.tone                          # default: `chatkit.theme.colorScheme`
chatkit.locale                      # default: the browser's
chatkit.theme.colorScheme           # ChatKit's default: `light`
chatkit.theme.density               # ChatKit's default: `normal`
chatkit.frameTitle                  # ChatKit's default: `Chat`
chatkit.initialThread               # default: a new one, as with `null`
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
launcher.position                   # default: `bottom-right`
launcher.offset_x                   # default: 20
launcher.offset_y                   # default: 20
launcher.phone.offset_x             # default: the launcher's `offset_x`
launcher.phone.offset_y             # default: the launcher's `offset_y`
launcher.size                       # default: 56
launcher.shape                      # default: `circle`
launcher.color                      # default: the theme's
launcher.icon_color                 # default: black or white, whichever is easier to see on `color`
launcher.icon                       # default: `lucide:message-circle`
launcher.label                      # default: `Chat with us`
launcher.teaser                     # default: none
launcher.badge                      # default: true
launcher.z_index                    # default: 2147480000
panel.header                        # default: `tinted` with `brand.color`, if the theme has no bar of its own
panel.line                          # default: “Usually answers right away”, in the page's language
panel.open                          # default: `click`
popup.width                         # default: the panel's
popup.height                        # default: the panel's
inline.height                       # default: 680
rules.show                          # default: all
rules.hide                          # default: none
rules.devices                       # default: all
page.title                          # default: `Chat`
page.description                    # default: none
page.language                       # default: `chatkit.locale`, or else `en`
page.robots                         # default: `noindex`
page.icon                           # default: the launcher's
fallback                            # default: none

"#]]);
    project
        .run("check --explain dogs")
        .code(1)
        .stderr_eq(str![[r#"
error: no widget `dogs`
hint: did you mean `docs`?

"#]]);
}

#[test]
fn check_names_the_command_for_hosted_widgets() {
    let project = project().file("site.yaml", SMALLEST);
    let output = project.run("check").success().get_output().stdout.clone();
    let output = String::from_utf8(output).unwrap();
    let command = "Code > Agents SDK > TypeScript) and run `import FILE --widget NAME`";
    // By when, and what to paste.
    let lines = "backend: {type: agent, domain_key: domain_pk_…, instructions: …}";
    for part in [command, "on 2026-11-30", lines] {
        assert!(output.contains(part), "{part}: {output}");
    }
}

#[test]
fn check_states_what_an_hour_of_abuse_may_cost_and_asks_for_a_budget() {
    let site = |more: &str| {
        format!(
            "site: {{url: 'https://chat.acme.com'}}\n\
             widgets: {{a: {{backend: {{type: agent, domain_key: domain_pk_1, instructions: Hi, {more}}}}}}}\n"
        )
    };
    let said = |more: &str| {
        let project = project().file("site.yaml", &site(more));
        let output = project.run("check").success().get_output().stdout.clone();
        let output = String::from_utf8(output).unwrap();
        let line = output.lines().find(|line| line.contains("set a budget at"));
        line.expect("it asks for one").to_owned()
    };
    let usual = said("limits: {output: 800}");
    assert!(usual.contains("3600 messages an hour of up to "), "{usual}");
    let dollars = |line: &str| {
        let (_, rest) = line.split_once("about ").unwrap();
        let (sum, _) = rest
            .split_once(" dollars an hour")
            .expect("the price is known");
        sum.parse::<u32>().unwrap()
    };
    // What costs more is counted: tokens of answers, and searches of the web.
    assert!(dollars(&usual) > 0);
    assert!(dollars(&said("limits: {output: 32000}")) > dollars(&usual));
    assert!(dollars(&said("web_search: true")) > dollars(&usual));
    assert!(said("model: gpt-of-tomorrow").contains("an unknown sum"));
}
