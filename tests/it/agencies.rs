//! Many clients on one site, and many sites at once.

use snapbox::str;

use crate::project::project;

/// Two clients, and a widget of the agency itself.
const CLIENTS: &str = "\
site: {url: 'https://chat.agency.com', allowed_origins: ['https://www.agency.com']}
widgets:
  ada: {backend: {type: hosted}, allowed_origins: ['https://www.ada.com', 'https://*.ada.com']}
  bob: {backend: {type: hosted}, allowed_origins: ['https://www.bob.com']}
  closed: {backend: {type: hosted}, allowed_origins: []}
  own: {backend: {type: hosted}}
";

#[test]
fn widget_with_its_own_origins_can_be_framed_there_and_nowhere_else() {
    let project = project().file("site.yaml", CLIENTS);
    project.run("build").success();
    let headers = project.read("dist/_headers");
    for (widget, origins) in [
        ("ada", "'self' https://www.ada.com https://*.ada.com"),
        ("bob", "'self' https://www.bob.com"),
        ("closed", "'self'"),
        ("own", "'self' https://www.agency.com"),
    ] {
        let start = headers.find(&format!("/w/{widget}/\n")).unwrap();
        let ends = format!("frame-ancestors {origins}\n");
        let policy = headers[start..]
            .lines()
            .find(|line| line.contains("frame-anc"));
        assert!(
            format!("{}\n", policy.unwrap()).ends_with(&ends),
            "{headers}"
        );
        let settings = project.read(&format!("dist/w/{widget}/settings.js"));
        for (other, origin) in [("ada", "www.ada.com"), ("bob", "www.bob.com")] {
            assert_eq!(settings.contains(origin), widget == other, "{settings}");
        }
    }
}

#[test]
fn origin_of_a_widget_that_is_none_is_an_error_at_its_place() {
    project()
        .file(
            "site.yaml",
            "site: {url: 'https://chat.acme.com'}\n\
             widgets:\n\
             \x20 ada: {backend: {type: hosted}, allowed_origins: [www.ada.com]}\n",
        )
        .run("check")
        .failure()
        .stderr_eq(str![[r#"
error: not an origin
 --> site.yaml:3:52
  |
3 |   ada: {backend: {type: hosted}, allowed_origins: [www.ada.com]}
  |                                                    ^^^^^^^^^^^ no scheme; write `https://` before the host

error: one problem

"#]]);
}

#[test]
fn variables_of_clients_are_listed_until_they_are_set_and_reach_the_function_by_name_alone() {
    let project = project().file(
        "site.yaml",
        "site: {url: 'https://chat.agency.com', allowed_origins: ['https://www.agency.com']}\n\
         widgets:\n\
         \x20 ada: {identity_secret_env: ADA_IDENTITY, backend: {type: agent, domain_key: domain_pk_68e5d1, instructions: Hi, api_key_env: ADA_KEY}}\n\
         \x20 bob: {backend: {type: hosted, workflow: wf_68e5d1a2b3c4d5e6, api_key_env: BOB_KEY}}\n\
         \x20 cem: {backend: {type: server, url: 'https://agent.cem.com/chatkit', domain_key: domain_pk_68e5d1, secret_env: CEM_SERVER}}\n",
    );
    let checked = project
        .run_with("check --json", &[("BOB_KEY", "x")])
        .success();
    let document = String::from_utf8(checked.get_output().stdout.clone()).unwrap();
    for (name, is_listed) in [
        ("ADA_KEY", true),
        ("ADA_IDENTITY", true),
        ("CEM_SERVER", true),
        ("BOB_KEY", false),
        ("OPENAI_API_KEY", false),
        ("CHATKIT_SERVER_SECRET", false),
    ] {
        assert_eq!(document.contains(name), is_listed, "{name}: {document}");
    }
    let key = "sk-proj-0123456789abcdef";
    project
        .run_with("build --pack site.pack", &[("ADA_KEY", key)])
        .success();
    let pack =
        String::from_utf8_lossy(&std::fs::read(project.path("site.pack")).unwrap()).into_owned();
    assert!(
        pack.contains(r#""api_key_env":"ADA_KEY""#) && !pack.contains(key),
        "{pack}"
    );
    for (path, bytes) in project.files("dist") {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("ADA_") && !text.contains("CEM_"), "{path:?}");
    }
}

#[test]
fn variable_of_a_client_that_is_none_is_an_error_at_its_place() {
    project()
        .file(
            "site.yaml",
            "site: {url: 'https://chat.acme.com'}\n\
             widgets:\n\
             \x20 ada: {backend: {type: hosted, api_key_env: ADA-KEY}}\n\
             \x20 bob: {backend: {type: hosted}, identity_secret_env: BOB_IDENTITY}\n\
             \x20 cem: {backend: {type: server, url: 'https://a.cem.com', domain_key: x, secret_env: 1}}\n",
        )
        .run("check")
        .failure()
        .stderr_eq(str![[r#"
error: `ADA-KEY` is not a valid variable name
 --> site.yaml:3:46
  |
3 |   ada: {backend: {type: hosted, api_key_env: ADA-KEY}}
  |                                              ^^^^^^^

error: `identity_secret_env` needs a key of its own
 --> site.yaml:4:55
  |
4 |   bob: {backend: {type: hosted}, identity_secret_env: BOB_IDENTITY}
  |                                                       ^^^^^^^^^^^^ with one key, OpenAI takes users of the same name for one person
  |
  = hint: add `api_key_env` to `backend`

error: invalid value for `secret_env`
 --> site.yaml:5:86
  |
5 |   cem: {backend: {type: server, url: 'https://a.cem.com', domain_key: x, secret_env: 1}}
  |                                                                                      ^ expected a text, found the number `1`

error: 3 problems

"#]]);
}
