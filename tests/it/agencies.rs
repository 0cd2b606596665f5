//! Many clients on one site, and many sites at once.

use snapbox::str;

use crate::project::{Project, project};

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

/// Two rules never set one header for the same path, because hosts differ in what they make of it.
#[test]
fn headers_are_as_long_for_many_widgets_as_for_one_if_they_agree_and_else_short() {
    let rules = |count: usize, own: &str| {
        let widgets: String = (0..count)
            .map(|at| {
                let own = own.replace("NAME", &format!("client-{at:04}"));
                format!("  client-{at:04}: {{backend: {{type: hosted}}{own}}}\n")
            })
            .collect();
        let site = format!("site: {{url: 'https://chat.agency.com'}}\nwidgets:\n{widgets}");
        let project = project().file("site.yaml", &site);
        project.run("build").success();
        project.read("dist/_headers")
    };
    let one = rules(1, "");
    assert_eq!(one, rules(30, ""));
    assert!(one.contains("/w/*\n") && one.ends_with("frame-ancestors 'self'\n"));
    let own = ", allowed_origins: ['https://www.NAME.com']";
    let (some, more) = (rules(2, own), rules(30, own));
    assert!(more.len() - some.len() <= 28 * 200, "{some}");
    let (shared, of_widgets) = some.split_once("/w/client").unwrap();
    let of_all = shared.split_once("/w/*").unwrap().1;
    assert!(!of_all.contains("Content-Security-Policy"), "{some}");
    assert!(of_widgets.lines().all(|line| {
        line.starts_with("  Content-Security-Policy: frame-ancestors 'self' https://www.client-")
            || !line.starts_with(' ')
    }));
}

#[test]
fn snippets_of_many_widgets_are_made_on_demand() {
    let site = |count: usize| {
        let widgets = (0..count)
            .map(|at| format!("  client-{at:05}: {{page: {{title: Shop {at:05} & Söhne}}}}\n"));
        let widgets: String = widgets.collect();
        let start = "site: {url: 'https://chat.agency.com'}\ndefaults: {backend: {type: hosted}}\n";
        project().file("site.yaml", &format!("{start}widgets:\n{widgets}"))
    };
    let few = site(50);
    few.run("build").success();
    let bubble = few.run("snippet client-00007 bubble").success();
    let file = few.read("snippets/client-00007/bubble.html");
    assert_eq!(String::from_utf8_lossy(&bubble.get_output().stdout), file);
    let page = |count: usize| {
        let many = site(count);
        let built = many.run("build").success();
        let said = String::from_utf8_lossy(&built.get_output().stderr).into_owned()
            + &String::from_utf8_lossy(&built.get_output().stdout);
        assert!(
            said.contains("`snippet WIDGET` prints those of one"),
            "{said}"
        );
        assert_eq!(
            many.files("snippets").len(),
            few.files("snippets").len() - 50 * 6
        );
        many.read("snippets/index.html")
    };
    let (one, other) = (page(51), page(151));
    assert!(
        one.contains(r#"["client-00007","Shop 00007 \u0026 Söhne",0,0,0,0]"#),
        "{one}"
    );
    assert!(one.len() < 20_000 && other.len() - one.len() <= 100 * 100);
}

#[test]
fn snippet_says_what_it_has_and_what_was_meant() {
    let project = project().file("site.yaml", CLIENTS);
    project
        .run("snippet ada link")
        .success()
        .stdout_eq(str![[r#"
<a href="https://chat.agency.com/w/ada/">Chat with us</a>

"#]]);
    let all = project.run("snippet ada").success();
    let all = String::from_utf8_lossy(&all.get_output().stdout).into_owned();
    assert!(
        all.starts_with("bubble:\n<script async") && all.contains("\n\npopup:\n<a "),
        "{all}"
    );
    let there = project
        .run("snippet ada bubble --json --base-url https://a.test")
        .success();
    let document: serde_json::Value = serde_json::from_slice(&there.get_output().stdout).unwrap();
    let code = r#"<script async src="https://a.test/w/ada.js"></script>"#;
    assert_eq!(document["snippets"], serde_json::json!({"bubble": code}));
    project.run("snippet adda").code(1).stderr_eq(str![[r#"
error: no widget `adda`
hint: did you mean `ada`?

"#]]);
    project.run("snippet ada buble").code(2);
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

/// The bytes below `dist/w/ada`, and what they refer to.
fn of_ada(site: &str) -> Vec<(String, Vec<u8>)> {
    let project = project().file("site.yaml", site);
    project.run("build").success();
    let files = project.files("dist").into_iter();
    let files = files.map(|(path, bytes)| (path.display().to_string(), bytes));
    let files: Vec<_> = files.collect();
    let of_widget = |path: &str| path.starts_with("w/ada");
    let pages = files.iter().filter(|(path, _)| of_widget(path));
    let pages: String = pages
        .map(|(_, bytes)| String::from_utf8_lossy(bytes))
        .collect();
    let is_named = |path: &str| {
        path.strip_prefix("assets/")
            .is_some_and(|name| pages.contains(name))
    };
    let its = files
        .into_iter()
        .filter(|(path, _)| of_widget(path) || is_named(path));
    its.collect()
}

#[test]
fn widget_with_its_own_theme_is_what_it_is_on_a_site_with_that_theme() {
    let alone = |site: &str| {
        format!(
            "site: {{url: 'https://chat.agency.com', {site}}}\nwidgets: {{ada: {{backend: {{type: hosted}}}}}}\n"
        )
    };
    let beside = |site: &str, ada: &str| {
        format!(
            "site: {{url: 'https://chat.agency.com', {site}}}\n\
             widgets:\n\
             \x20 ada: {{backend: {{type: hosted}}, {ada}}}\n\
             \x20 bob: {{backend: {{type: hosted}}, theme: playful}}\n\
             \x20 cem: {{backend: {{type: hosted}}, variables: {{accent: '#00ff00'}}}}\n"
        )
    };
    let red = "variables: {accent: '#ff0000'}";
    let both = "variables: {accent: '#ff0000', corner: 3px}";
    for (site, agency, ada) in [
        (
            "theme: midnight",
            "theme: default",
            "theme: midnight".to_owned(),
        ),
        (
            "theme: default",
            "theme: midnight",
            "theme: default".to_owned(),
        ),
        (red, "theme: default", red.to_owned()),
        (
            both,
            "variables: {accent: '#123456', corner: 3px}",
            red.to_owned(),
        ),
        // The site's values are for the site's theme.
        (
            &format!("theme: midnight, {red}"),
            "variables: {corner: 3px}",
            format!("theme: midnight, {red}"),
        ),
        (
            "theme: default",
            red,
            "theme: default, variables: {accent: '#1f4fd8'}".to_owned(),
        ),
    ] {
        let (one, other) = (of_ada(&alone(site)), of_ada(&beside(agency, &ada)));
        if ada.contains("1f4fd8") {
            assert!(one != other, "the colour of the site is replaced");
            continue;
        }
        let paths = |files: &[(String, Vec<u8>)]| {
            let paths = files.iter().map(|(path, _)| path.clone());
            paths.collect::<Vec<_>>()
        };
        assert_eq!(paths(&one), paths(&other), "{site}");
        assert!(one == other, "{site}");
    }
}

#[test]
fn theme_and_variables_of_a_widget_are_checked_at_their_places() {
    project()
        .file(
            "site.yaml",
            "site: {url: 'https://chat.acme.com', variables: {accent: red}}\n\
             defaults: {backend: {type: hosted}}\n\
             widgets:\n\
             \x20 ada: {theme: midnigth}\n\
             \x20 bob: {theme: midnight, variables: {baar: red, bar: 3px}}\n\
             \x20 cem: {variables: {bar: red}, launcher: {icon: 'lucide:own'}}\n\
             \x20 dan: {theme: shop, launcher: {icon: 'lucide:own'}}\n",
        )
        .file(
            "themes/shop/theme.yaml",
            "variables: {accent: {value: 7 things}}\n",
        )
        .file("themes/shop/icons/own.svg", "<svg><path d='M0 0h1'/></svg>")
        .run("check")
        .failure()
        .stderr_eq(str![[r##"
error: unknown theme `midnigth`, expected one of `default`, `midnight`, `minimal`, `playful`, `shop`
 --> site.yaml:4:16
  |
4 |   ada: {theme: midnigth}
  |                ^^^^^^^^
  |
  = hint: did you mean `midnight`?

error: the theme has no variable `baar`
 --> site.yaml:5:38
  |
5 |   bob: {theme: midnight, variables: {baar: red, bar: 3px}}
  |                                      ^^^^ expected one of `accent`, `alert`, `bar`, `corner`, `focus`, `font`, `glow`, `ground`, `ink`, `line`, `on-accent`, `on-bar`, `quiet`, `shape`, `surface`
  |
  = hint: did you mean `bar`?

error: `3px` is not a colour
 --> site.yaml:5:54
  |
5 |   bob: {theme: midnight, variables: {baar: red, bar: 3px}}
  |                                                      ^^^ expected a colour such as `"#1f4fd8"` or `navy`

error: the theme has no variable `bar`
 --> site.yaml:6:21
  |
6 |   cem: {variables: {bar: red}, launcher: {icon: 'lucide:own'}}
  |                     ^^^ expected one of `accent`, `alert`, `corner`, `focus`, `font`, `glow`, `ground`, `ink`, `line`, `on-accent`, `quiet`, `shape`, `surface`
  |
  = hint: `chatkit-embed theme variables` says what each is for

error: unknown icon `lucide:own`
 --> site.yaml:6:49
  |
6 |   cem: {variables: {bar: red}, launcher: {icon: 'lucide:own'}}
  |                                                 ^^^^^^^^^^^^ Lucide has no icon with this name
  |
  = hint: https://lucide.dev/icons shows them all; for your own drawing, create `themes/default/icons/own.svg`

error: neither a colour, a length, a duration, a number nor fonts
 --> themes/shop/theme.yaml:1:29
  |
1 | variables: {accent: {value: 7 things}}
  |                             ^^^^^^^^
  |
  = hint: anything else belongs in a style of the theme

error: 6 problems

"##]]);
}

#[test]
fn flaw_of_a_theme_that_only_a_widget_has_is_an_error() {
    project()
        .file(
            "site.yaml",
            "site: {url: 'https://chat.acme.com'}\n\
             widgets:\n\
             \x20 ada: {backend: {type: hosted}, theme: shop}\n\
             \x20 bob: {backend: {type: hosted}}\n",
        )
        .file("themes/shop/templates/page.html", "{{ nobody }}")
        .run("build")
        .failure()
        .stderr_eq(str![[r#"
error: failed to render `themes/shop/templates/page.html`
  caused by: Variable `nobody` is not defined. Available variables: chatkit, icon, logo, policy, settings, settings_url, texts, widget
     --> themes/shop/templates/page.html:1:4
      |
    1 | {{ nobody }}
      |    ^^^^^^

"#]]);
}

#[test]
fn renamed_widget_lives_on_under_its_earlier_names() {
    let site =
        |widgets: &str| format!("site: {{url: 'https://chat.acme.com'}}\nwidgets:\n{widgets}");
    let old =
        site("  help: {backend: {type: hosted}, allowed_origins: ['https://www.acme.com']}\n");
    let new = old.replace("help: {", "support: {aliases: [help, old-help], ");
    let project = project().file("site.yaml", &old);
    project.run("build --pack old.pack").success();
    let before = project.files("dist");
    project.write("site.yaml", &new);
    project
        .run("build --pack new.pack")
        .success()
        .stdout_eq(str![[r#"
     site https://chat.acme.com (from site.url)
  widgets 1: support (hosted)
     dist 6 written, 15 unchanged, 0 removed in `dist`
 snippets 7 written, 0 unchanged, 6 removed in `snippets`
 function not written; `--function` or `--server` does it
     pack `new.pack`, 0.0 MB
     done in [..]

"#]]);
    let after = project.files("dist");
    // Everything at the old address is as it was, so snippets, kept conversations and signed states are.
    for (path, bytes) in &before {
        let name = path.display().to_string();
        if name.starts_with("w/") || name.starts_with("assets/") {
            assert!(after.get(path) == Some(bytes), "{name}");
        }
    }
    for name in ["support", "help", "old-help"] {
        assert!(after.contains_key(std::path::Path::new(&format!("w/{name}.js"))));
    }
    assert!(!project.path("snippets/help").exists());
    let settings = session::Site::widgets_in(&project.path("new.pack")).unwrap();
    assert_eq!(settings["help"], settings["support"]);
    assert_eq!(settings["old-help"], settings["support"]);
}

#[test]
fn alias_that_is_taken_or_no_name_is_an_error_at_its_place() {
    project()
        .file(
            "site.yaml",
            "site: {url: 'https://chat.acme.com'}\n\
             defaults: {backend: {type: hosted}}\n\
             widgets:\n\
             \x20 ada: {aliases: [bob, old, old]}\n\
             \x20 bob: {aliases: [old, ada]}\n\
             \x20 cem: {aliases: [cem, 'Old Name']}\n",
        )
        .run("check")
        .failure()
        .stderr_eq(str![[r#"
error: `bob` is the name of a widget
 --> site.yaml:4:19
  |
4 |   ada: {aliases: [bob, old, old]}
  |                   ^^^
  |
  = hint: remove the alias, or rename that widget

error: `old` is already an alias of `ada`
 --> site.yaml:4:29
  |
4 |   ada: {aliases: [bob, old, old]}
  |                             ^^^
  |
  = hint: keep it for the widget that took its place

error: `old` is already an alias of `ada`
 --> site.yaml:5:19
  |
5 |   bob: {aliases: [old, ada]}
  |                   ^^^
  |
  = hint: keep it for the widget that took its place

error: `ada` is the name of a widget
 --> site.yaml:5:24
  |
5 |   bob: {aliases: [old, ada]}
  |                        ^^^
  |
  = hint: remove the alias, or rename that widget

error: `cem` is the name of a widget
 --> site.yaml:6:19
  |
6 |   cem: {aliases: [cem, 'Old Name']}
  |                   ^^^
  |
  = hint: remove the alias, or rename that widget

error: `Old Name` is not a valid widget name
 --> site.yaml:6:24
  |
6 |   cem: {aliases: [cem, 'Old Name']}
  |                        ^^^^^^^^^^
  |
  = hint: use the earlier name of the widget

error: 6 problems

"#]]);
}

#[test]
fn check_names_loaders_of_the_last_build_that_would_vanish() {
    let site = |widget: &str| {
        format!(
            "site: {{url: 'http://localhost:8080', allowed_origins: ['http://localhost']}}\nwidgets: {{{widget}: {{backend: {{type: hosted}}}}}}\n"
        )
    };
    let project = project().file("site.yaml", &site("help"));
    let variables = [
        ("OPENAI_API_KEY", "x"),
        ("CHATKIT_WORKFLOW_ID", "wf_0123456789abcdef"),
    ];
    project.run_with("build", &variables).success();
    project.write("site.yaml", &site("support"));
    let told = project.run_with("check", &variables).success();
    told.stdout_eq(str![[r#"
     site http://localhost:8080 (from site.url)
  widgets 1: no errors
    to do support: OpenAI closes [..]
    to do help: the last build in `dist` has a widget of this name, and the next one removes it. If pages still have its snippet, write `aliases: [help]` in the widget that takes its place

"#]]);
    project.write(
        "site.yaml",
        &site("support").replace("support: {", "support: {aliases: [help], "),
    );
    let told = project.run_with("check", &variables).success();
    let told = String::from_utf8(told.get_output().stdout.clone()).unwrap();
    assert!(!told.contains("help"), "{told}");
}

/// Sites of two clients, and one with an error.
fn sites() -> Project {
    let site = |name: &str, widgets: &str| {
        format!(
            "site: {{url: 'https://chat.{name}.com', allowed_origins: ['https://www.{name}.com']}}\nwidgets: {{{widgets}}}\n"
        )
    };
    project()
        .file(
            "sites/ada/site.yaml",
            &site("ada", "help: {backend: {type: hosted}}"),
        )
        .file("sites/ada/widgets/sales.yaml", "backend: {type: hosted}\n")
        .file(
            "sites/bob/site.yaml",
            &site("bob", "help: {backend: {type: hosted}, theme: own}"),
        )
        .file(
            "sites/bob/themes/own/theme.yaml",
            "variables: {accent: {value: red}}\n",
        )
        .file("sites/notes.txt", "")
}

#[test]
fn all_sites_are_built_each_in_its_own_folder() {
    let project = sites();
    project.run("build --all").success().stdout_eq(str![[r#"
      ada https://chat.ada.com: widgets 2, 18 written, 0 unchanged, 0 removed in `sites/ada/dist`, no function
      bob https://chat.bob.com: widgets 1, 16 written, 0 unchanged, 0 removed in `sites/bob/dist`, no function

"#]]);
    for path in [
        "ada/dist/w/help.js",
        "ada/dist/w/sales.js",
        "bob/dist/w/help.js",
        "bob/snippets/index.html",
    ] {
        assert!(project.path("sites").join(path).is_file(), "{path}");
    }
    assert!(!project.path("dist").exists());
    assert!(
        project
            .read("sites/bob/dist/_headers")
            .contains("https://www.bob.com")
    );
    project.run("check --all").success().stdout_eq(str![[r#"
      ada https://chat.ada.com: widgets 2, no errors, 4 things left to do
      bob https://chat.bob.com: widgets 1, no errors, 4 things left to do

"#]]);
    let built = project.run("build --all --json").success();
    let document: serde_json::Value = serde_json::from_slice(&built.get_output().stdout).unwrap();
    assert_eq!(document["ok"], true);
    assert_eq!(document["sites"][0]["name"], "ada");
    assert_eq!(document["sites"][0]["site"], "https://chat.ada.com");
    assert_eq!(document["sites"][1]["dist"]["written"], 0);
    project.run("check --all --strict").failure();
}

#[test]
fn errors_of_all_sites_are_told_with_their_files_and_the_others_are_built() {
    let project = sites()
        .file("sites/cem/site.yaml", "site: {url: 'https://chat.cem.com'}\nwidgets: {help: {backend: {type: hosted}, pannel: {}}}\n")
        .file("sites/dan/site.yaml", "site: {url: 'https://chat.dan.com'}\nwidgets: {}\n");
    project.run("build --all").failure().stderr_eq(str![[r#"
error: unknown key `pannel`
 --> sites/cem/site.yaml:2:43
  |
2 | widgets: {help: {backend: {type: hosted}, pannel: {}}}
  |                                           ^^^^^^ expected one of `aliases`, `backend`, `session`, `identity`, `identity_secret_env`, `allowed_origins`, `theme`, `brand`, `variables`, `chatkit`, `launcher`, `panel`, `popup`, `inline`, `rules`, `page`, `fallback`
  |
  = hint: did you mean `panel`?

error: one problem
error: no widgets
 --> sites/dan/site.yaml:2:1
  |
2 | widgets: {}
  | ^^^^^^^
  |
  = hint: add at least one under `widgets`, such as `support: {backend: {type: agent, domain_key: domain_pk_…, instructions: You answer our customers.}}`

error: one problem
error: 2 of 4 sites failed

"#]]);
    assert!(project.path("sites/ada/dist/w/help.js").is_file());
    assert!(!project.path("sites/cem/dist").exists());
    let checked = project.run("check --all --json").failure();
    let document: serde_json::Value = serde_json::from_slice(&checked.get_output().stdout).unwrap();
    assert_eq!(document["ok"], false);
    let of = |index: usize| &document["sites"][index];
    assert_eq!((&of(0)["ok"], &of(2)["ok"]), (&true.into(), &false.into()));
    assert_eq!(of(2)["errors"][0]["file"], "sites/cem/site.yaml");
    assert_eq!(of(3)["errors"][0]["file"], "sites/dan/site.yaml");
}

#[test]
fn all_sites_need_some_and_addresses_of_their_own() {
    project().run("build --all").failure().stderr_eq(str![[r#"
error: no `sites/*/site.yaml`
hint: `--all` is for many sites, each in its own folder below `sites/`; leave it out for a single one

"#]]);
    let variables = [("BASE_URL", "https://chat.one.com")];
    sites()
        .run_with("build --all", &variables)
        .failure()
        .stderr_eq(str![[r#"
error: an address in the environment would be that of all sites
hint: unset `BASE_URL` and `URL`: each site has its own `site.url`

"#]]);
    let usage = sites().run("build --all --out x");
    usage.code(2);
}
