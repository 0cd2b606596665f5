//! `build`.

use std::fs;

use serde_json::{Value, json};
use snapbox::{IntoData as _, assert_data_eq, str};

use crate::project::{Project, SMALLEST, project};

/// The site that is shipped, as a person gets it.
const SHIPPED: &str = include_str!("../../site.yaml");

fn built(site: &str) -> Project {
    let project = project().file("site.yaml", site);
    project.run("build").success();
    project
}

#[test]
fn the_shipped_site_builds_without_any_variable() {
    let project = project().file("site.yaml", SHIPPED);
    project.run("build").success().stdout_eq(str![[r#"
     site https://chat.example.com (from site.url)
  widgets 2: docs (server), support (agent)
     dist 19 written, 0 unchanged, 0 removed in `dist`
 snippets 13 written, 0 unchanged, 0 removed in `snippets`
 function not written; `--function` or `--server` does it
     done in [..]

"#]]);
    assert_data_eq!(
        project.list("dist"),
        str![[r#"
404.html
_headers
assets/chat-widget.d.ts
assets/agent.[..].js
assets/cause.[..].js
assets/direct.[..].js
assets/page.[..].js
assets/page.[..].css
assets/panel.[..].js
assets/threads.[..].js
w/docs.js
w/docs/index.html
w/docs/settings.js
w/support.js
w/support/index.html
w/support/settings.js
assets/icon.c74bf12a26b2271a.svg
assets/icon.2bece8db17cd3862.svg
assets/tone.[..].js

"#]]
        .unordered()
    );
    assert_data_eq!(
        project.list("snippets"),
        str![[r#"
docs/bubble.html
docs/direct.html
docs/iframe.html
docs/inline.html
docs/link.html
docs/popup.html
index.html
support/bubble.html
support/direct.html
support/iframe.html
support/inline.html
support/link.html
support/popup.html

"#]]
    );
}

#[test]
fn the_same_site_gives_the_same_bytes() {
    let (one, two) = (built(SHIPPED), built(SHIPPED));
    assert_eq!(one.files("dist"), two.files("dist"));
    assert_eq!(one.files("snippets"), two.files("snippets"));
}

#[test]
fn a_second_build_touches_nothing() {
    let project = built(SMALLEST);
    project.run("build").success().stdout_eq(str![[r#"
...
     dist 0 written, [..] unchanged, 0 removed in `dist`
 snippets 0 written, 7 unchanged, 0 removed in `snippets`
...

"#]]);
}

#[test]
fn files_of_a_widget_that_is_gone_are_removed_and_those_of_others_stay() {
    let project = built(SHIPPED);
    project.write("dist/w/docs/mine.txt", "");
    project.write("dist/robots.txt", "");
    project.write("site.yaml", SMALLEST);
    project.run("build").success().stdout_eq(str![[r#"
     site https://chat.example.com (from site.url)
  widgets 1: support (hosted)
     dist [..] written, [..] unchanged, [..] removed in `dist`
     note docs: its page and loader are removed: after the next deploy, pages that still hold its snippet show nothing; remove the snippet there, or add the name to `aliases` of the widget that takes its place
 snippets [..] written, [..] unchanged, [..] removed in `snippets`
 function not written; `--function` or `--server` does it
     done in [..]

"#]]);
    let list = project.list("dist");
    assert!(
        !list.contains("docs.js") && !list.contains("docs/index.html"),
        "{list}"
    );
    assert!(
        list.contains("docs/mine.txt") && list.contains("robots.txt"),
        "{list}"
    );
}

#[test]
fn nothing_that_the_function_alone_may_know_is_in_what_is_published() {
    let project = project().file(
        "site.yaml",
        "site: {url: 'https://chat.example.com'}\n\
         widgets:\n\
         \x20 a:\n\
         \x20   backend: {type: hosted, workflow: wf_68e2c0ffee}\n\
         \x20   session: {expires_after: 417, max_requests_per_minute: 7331}\n\
         \x20 b: {backend: {type: hosted, workflow_env: WORKFLOW_OF_B}}\n\
         \x20 c:\n\
         \x20   backend:\n\
         \x20     type: agent\n\
         \x20     domain_key: domain_pk_1\n\
         \x20     instructions: Never mention Rumpelstiltskin.\n\
         \x20     model: gpt-8128\n\
         \x20     web_search: {domains: [competitor.example]}\n\
         \x20     file_search: {vector_stores: [vs_68e2c0ffee]}\n\
         \x20     mcp: [{label: stock, url: 'https://mcp.example/stock', authorization_env: TOKEN_OF_C}]\n\
         \x20     limits: {turns: 433, output: 4253}\n",
    );
    let secrets = [
        "wf_68e2c0ffee",
        "417",
        "7331",
        "WORKFLOW_OF_B",
        "sk-proj",
        "Rumpelstiltskin",
        "gpt-8128",
        "competitor.example",
        "vs_68e2c0ffee",
        "mcp.example",
        "TOKEN_OF_C",
        "433",
        "4253",
    ];
    let key = ("OPENAI_API_KEY", "sk-proj-0123456789abcdef");
    project.run_with("build --pack pack", &[key]).success();
    for folder in ["dist", "snippets"] {
        for (path, bytes) in project.files(folder) {
            let text = String::from_utf8(bytes).unwrap();
            for secret in secrets {
                // Part of a hash may look like any number.
                let is_there = match secret.parse::<u32>() {
                    Ok(_) => text
                        .split(|c: char| !c.is_ascii_alphanumeric())
                        .any(|word| word == secret),
                    Err(_) => text.contains(secret),
                };
                assert!(!is_there, "{secret} in {}", path.display());
            }
        }
    }
    let settings = fs::read(project.path("pack")).unwrap();
    let settings = String::from_utf8_lossy(&settings);
    for secret in secrets {
        assert_eq!(settings.contains(secret), secret != "sk-proj", "{secret}");
    }
}

#[test]
fn the_base_url_comes_from_the_first_place_that_has_one() {
    let netlify = [
        ("URL", "https://main.netlify.app"),
        ("DEPLOY_PRIME_URL", "https://preview.netlify.app"),
    ];
    let with = |arguments: &str, more: &[(&str, &str)]| {
        let project = project().file("site.yaml", SMALLEST);
        let variables = [netlify.as_slice(), more].concat();
        project.run_with(arguments, &variables).success();
        project.read("snippets/support/bubble.html")
    };
    let base = ("BASE_URL", "https://base.example");
    let preview = ("CONTEXT", "deploy-preview");
    let production = ("CONTEXT", "production");
    for (snippet, origin) in [
        (
            with("build --base-url https://flag.example", &[base, preview]),
            "https://flag.example/",
        ),
        (with("build", &[base, preview]), "https://base.example/"),
        (with("build", &[preview]), "https://preview.netlify.app/"),
        (with("build", &[production]), "https://main.netlify.app/"),
        (with("build", &[]), "https://main.netlify.app/"),
        (
            built(SMALLEST).read("snippets/support/bubble.html"),
            "https://chat.example.com/",
        ),
    ] {
        assert!(snippet.contains(origin), "{origin} in {snippet}");
    }
}

#[test]
fn variables_are_read_from_the_env_file_too() {
    let project = project()
        .file("site.yaml", SMALLEST)
        .file(".env", "# local\nBASE_URL='http://localhost:8080'\n");
    project.run("build").success();
    assert!(
        project
            .read("snippets/support/link.html")
            .contains("http://localhost:8080/w/support/")
    );
}

#[test]
fn a_file_of_the_project_replaces_the_one_of_the_theme() {
    let project = project()
        .file("site.yaml", SMALLEST)
        .file("themes/default/templates/404.html", "Gone fishing")
        .file("themes/default/static/img/logo.svg", "<svg/>");
    project.run("build").success();
    assert_eq!(project.read("dist/404.html"), "Gone fishing");
    assert!(project.list("dist").contains("assets/logo."));
}

#[test]
fn texts_are_escaped_for_the_place_they_stand_in() {
    let project = built(
        "site: {url: 'https://chat.example.com'}\n\
         widgets:\n\
         \x20 a:\n\
         \x20   backend: {type: hosted}\n\
         \x20   chatkit: {startScreen: {greeting: '</script><script>alert(1)</script>'}}\n\
         \x20   page: {title: \"<u>\\nX-Evil: 1\", description: '\"><script>'}\n\
         \x20   launcher: {label: '\"><script>alert(2)</script>'}\n",
    );
    let page = project.read("dist/w/a/index.html");
    assert_eq!(page.matches("<script").count(), 2, "{page}");
    for path in ["dist/w/a/index.html", "dist/w/a.js", "snippets/a/link.html"] {
        let text = project.read(path);
        assert!(
            !text.contains("<script>alert") && !text.contains("<u>"),
            "{path}: {text}"
        );
    }
    assert!(!project.read("dist/_headers").contains("X-Evil"));
}

#[test]
fn a_source_of_the_project_counts_without_any_tool() {
    let script = include_str!("../../themes/default/static/js/words.js");
    let project = project().file("site.yaml", SMALLEST).file(
        "themes/default/static/js/words.js",
        &script.replace("{time}", "{nobody knows}"),
    );
    project.run("build").success();
    let pages = project.files("dist/assets");
    let with_it = pages
        .values()
        .filter(|bytes| String::from_utf8_lossy(bytes).contains("{nobody knows}"));
    assert_eq!(with_it.count(), 2, "the page's script and the direct one");
}

#[test]
fn a_script_that_is_wrong_is_an_error_that_names_the_file_and_the_line() {
    let project = project().file("site.yaml", SMALLEST).file(
        "themes/default/static/js/words.js",
        "// mine\nexport const a = ;\n",
    );
    project.run("build").code(1).stderr_eq(str![[r#"
error: invalid `themes/default/static/js/words.js`
  caused by: line 2: Unexpected token

"#]]);
    project.write(
        "themes/default/static/js/words.js",
        "import { keep as other } from \"./store.js\";\n",
    );
    project.run("build").code(1).stderr_eq(str![[r#"
error: invalid `themes/default/static/js/words.js`
  caused by: import things by their own names: `import { thing } from "./file.js"`

"#]]);
    project.write(
        "themes/default/static/js/words.js",
        "const MESSAGE = 1;\nexport function waitingFor() {}\nexport function reasonFor() {}\n",
    );
    project.run("build").code(1).stderr_eq(str![[r#"
error: failed to bundle `embedded themes/default/static/js/page.js`
  caused by: Identifier `MESSAGE` has already been declared
hint: modules become one script: names at their top level must differ

"#]]);
}

/// A style that hardly becomes smaller.
fn noise() -> String {
    let mut noise = String::from(".x{--a:\"");
    let mut state = 1u64;
    for _ in 0..20_000 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        noise.push(char::from(b'a' + (state >> 60) as u8));
    }
    noise + "\"}"
}

/// The policy stands in the page, which a project may replace.
#[test]
fn a_page_of_the_project_without_its_policy_is_an_error() {
    let page = include_str!("../../themes/default/templates/page.html");
    let policy = r#"<meta http-equiv="Content-Security-Policy" content="{{ policy | safe }}">"#;
    assert!(page.contains(policy));
    let late = page
        .replace(policy, "")
        .replace("<body>", &format!("{policy}<body>"));
    for wrong in [
        page.replace(policy, ""),
        page.replace(policy, &format!("<!-- {policy} -->")),
        page.replace("http-equiv=\"Content-Security-Policy\"", "name=x"),
        late,
    ] {
        let project = project().file("site.yaml", SMALLEST);
        project.write("themes/default/templates/page.html", &wrong);
        project.run("build").code(1).stderr_eq(str![[r#"
error: `themes/default/templates/page.html` does not begin with its policy
hint: put `<meta http-equiv="Content-Security-Policy" content="{{ policy | safe }}">` after the `charset`, before anything that loads

"#]]);
    }
}

#[test]
fn a_theme_that_is_too_large_is_an_error_with_the_sizes() {
    let default = || project().file("site.yaml", SMALLEST);
    for project in [default(), default().reformatted()] {
        project.write("themes/default/static/css/page.css", &noise());
        project.run("build").code(1).stderr_eq(str![[r#"
error: the page of `support` is too large: [..] bytes after gzip (its HTML [..], its settings [..], /assets/page.[..].css [..], /assets/page.[..].js [..]), where 10752 are allowed
hint: shorten the theme's `templates/page.html`, `static/css/page.css` or `static/js/`

"#]]);
    }
    for project in [default(), default().reformatted()] {
        project.write("themes/default/loader/loader.css", &noise());
        project.run("build").code(1).stderr_eq(str![[r#"
error: the loader of `support` is too large: [..] bytes after gzip, where 4608 are allowed; [..] are the theme's script, the rest are its style and the widget's settings
hint: [..]

"#]]);
        assert!(!project.path("dist").exists());
    }
}

#[test]
fn looks_and_rules_of_a_widget_are_in_its_loader_alone() {
    let project = built(
        "site: {url: 'https://chat.example.com'}\n\
         widgets:\n\
         \x20 a:\n\
         \x20   backend: {type: hosted}\n\
         \x20   launcher:\n\
         \x20     {position: top-left, offset_x: 8, size: 64, shape: square, icon: 'emoji:💬', z_index: 7,\n\
         \x20      color: {light: '#112233', dark: '#ddeeff'}, teaser: {text: Hello, delay: 2}, badge: false}\n\
         \x20   panel: {open: load, width: 500}\n\
         \x20   rules: {show: ['/docs/**'], devices: [phone, desktop]}\n",
    );
    let loader = project.read("dist/w/a.js");
    for part in [
        "--X:8px;--size:64px;--radius:0;--launcher:var(--light,#112233)var(--dark,#ddeeff);",
        ":host{--z:7;}",
        "--width:500px",
        r#""position":"top-left""#,
        r#""icon":["span",{"class":"icon","aria-hidden":"true"},"\ud83d\udcac"]"#,
        r#""teaser":2000,"open":true"#,
        r#""rules":{"show":["/docs/**"],"widths":[[0,640],[1024,100000]]}"#,
    ] {
        assert!(loader.contains(part), "{part} in {loader}");
    }
    assert!(loader.is_ascii(), "it means the same in every encoding");
    assert!(!project.read("dist/w/a/index.html").contains("/docs/"));
    let settings = project.read("dist/w/a/settings.js");
    let panel = r#""panel":{"title":"Chat","buttons":["newThread","history"],"teaser":"Hello""#;
    assert!(settings.contains(panel), "{settings}");
}

#[test]
fn a_page_has_an_icon_and_says_what_robots_may_do() {
    let project = built(
        "site: {url: 'https://chat.example.com'}\n\
         defaults: {backend: {type: hosted}}\n\
         widgets:\n\
         \x20 a: {launcher: {icon: 'lucide:sparkles', color: '#ffe14d'}}\n\
         \x20 b: {page: {icon: 'emoji:🦊', robots: 'index, follow', language: ar-EG}}\n\
         \x20 c: {page: {icon: 'https://www.example.com/a b.png'}}\n",
    );
    let page = |name: &str| project.read(&format!("dist/w/{name}/index.html"));
    assert!(page("a").contains(r#"<meta name="robots" content="noindex">"#));
    assert!(page("b").contains(r#"<meta name="robots" content="index, follow">"#));
    assert!(page("b").contains(r#"<html lang="ar-EG" dir="rtl""#));
    assert!(
        page("c").contains(r#"<link rel="icon" href="https://www.example.com/a%20b.png">"#),
        "{}",
        page("c")
    );
    let icons = project.files("dist/assets");
    let icons = icons
        .iter()
        .filter(|(path, _)| path.extension().is_some_and(|end| end == "svg"))
        .map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned());
    let icons: String = icons.collect();
    assert!(
        icons.contains("<style>.g{fill:#ffe14d}svg{color:#000000}</style>"),
        "{icons}"
    );
    assert!(icons.contains(">🦊</text>"), "{icons}");
    let policy = "img-src 'self' data: https://www.example.com;";
    let with_image: Vec<_> = ["a", "b", "c"]
        .into_iter()
        .filter(|widget| page(widget).contains(policy))
        .collect();
    assert_eq!(with_image, ["c"]);
}

#[test]
fn a_page_that_opens_a_hosted_page_keeps_no_hold_of_it() {
    let headers = built(SMALLEST).read("dist/_headers");
    let rules = headers.split("\n\n");
    let pages: Vec<_> = rules
        .filter(|rule| rule.contains("Cross-Origin-Opener-Policy: same-origin\n"))
        .filter_map(|rule| rule.lines().next())
        .collect();
    assert_eq!(pages, ["/w/*"]);
}

#[test]
fn a_missing_site_is_an_error_that_says_what_to_do() {
    project().run("build").code(1).stderr_eq(str![[r#"
error: `site.yaml` not found
hint: run the command in the folder of your `site.yaml`, pass --config FILE, or start a site with `init`

"#]]);
}

#[test]
fn an_unknown_key_is_an_error_that_names_the_key_meant() {
    project()
        .file(
            "site.yaml",
            "site: {url: 'https://x.example'}\nwidgits: {}\n",
        )
        .run("build")
        .code(1)
        .stderr_eq(str![[r#"
error: unknown key `widgits`
 --> site.yaml:2:1
  |
2 | widgits: {}
  | ^^^^^^^ expected one of `site`, `defaults`, `widgets`
  |
  = hint: did you mean `widgets`?

error: one problem

"#]]);
}

#[test]
fn what_is_not_yaml_is_an_error_with_its_place() {
    project()
        .file("site.yaml", "site: {url: [\n")
        .run("build")
        .code(1)
        .stderr_eq(str![[r#"
error: not valid YAML
 --> site.yaml:1:14
  |
1 | site: {url: [
  |              ^ while parsing a node, did not find expected node content

error: one problem

"#]]);
}

#[test]
fn a_key_in_the_site_is_refused_and_not_repeated() {
    project()
        .file("site.yaml", &format!("{SMALLEST}# sk-proj-0123456789abcdef\n"))
        .run("build")
        .code(1)
        .stderr_eq(str![[r#"
error: line 3 contains what looks like an OpenAI API key
--> site.yaml
 = hint: remove it and create a new key, because this one is no longer secret; set OPENAI_API_KEY in Netlify's settings, and in `.env` for this machine

error: one problem

"#]]);
}

#[test]
fn a_line_of_the_env_file_that_can_not_be_read_is_not_repeated() {
    let project = project()
        .file("site.yaml", SMALLEST)
        .file(".env", "OPENAI API KEY sk-proj-0123456789abcdef\n");
    project.run("build").code(1).stderr_eq(str![[r#"
error: invalid `.env`
hint: each line is `NAME=value`, or starts with #; put values with spaces in quotes

"#]]);
}

#[test]
fn a_broken_template_is_an_error_that_shows_the_place() {
    project()
        .file("site.yaml", SMALLEST)
        .file(
            "themes/default/templates/404.html",
            "<p>{{ asset(path=\"css/pge.css\") }}</p>\n",
        )
        .run("build")
        .code(1)
        .stderr_eq(str![[r#"
error: failed to render `themes/default/templates/404.html`
  caused by: [..]the theme has no `static/css/pge.css`, but `static/css/page.css`[..]
...
     --> themes/default/templates/404.html:1:7
...
"#]]);
}

#[test]
fn an_error_leaves_the_last_build_as_it_was() {
    let project = built(SHIPPED);
    let before = (project.files("dist"), project.files("snippets"));
    project.write(
        "site.yaml",
        "site: {url: 'https://other.example'}\nwidgets: {}\n",
    );
    project.run("build").code(1);
    // A folder where a file should be: nothing can be written there, whoever runs the test.
    project.write("site.yaml", SMALLEST);
    project.write("blocked", "a file");
    project
        .run("build --snippets blocked")
        .code(1)
        .stderr_eq(str![[r#"
error: failed to write `blocked`
  caused by: [..]
hint: a file or a link is in the place of a folder; move or delete it

"#]]);
    assert_eq!(before.0, project.files("dist"));
    assert_eq!(before.1, project.files("snippets"));
}

#[test]
fn a_wrong_call_exits_with_2() {
    project().run("build --bse-url x").code(2);
    project().run("bild").code(2);
    project().run("").code(2);
}

#[test]
fn the_key_of_the_domain_can_come_from_a_variable() {
    let project = project().file(
        "site.yaml",
        "site: {url: 'https://chat.example.com'}\n\
         widgets: {a: {backend: {type: server, url: 'https://agent.example.com/chatkit'}}}\n",
    );
    project.run("build").code(1).stderr_eq(str![[r#"
error: missing `domain_key`
 --> site.yaml:2:15
  |
2 | widgets: {a: {backend: {type: server, url: 'https://agent.example.com/chatkit'}}}
  |               ^^^^^^^
  |
  = hint: ChatKit needs it: create one at platform.openai.com/settings/organization/security/domain-allowlist and write it here or in the variable DOMAIN_KEY; on localhost any word will do

error: one problem

"#]]);
    let key = ("DOMAIN_KEY", "domain_pk_0123");
    project.run_with("build", &[key]).success();
    assert!(
        project
            .read("dist/w/a/settings.js")
            .contains("domain_pk_0123")
    );
}

#[test]
fn a_widget_can_have_a_file_of_its_own_and_errors_name_that_file() {
    let project = project().file("site.yaml", SMALLEST).file(
        "widgets/sales.yaml",
        "backend: {type: hosted}\npage: {title: Sales}\n",
    );
    project.run("build").success();
    assert!(project.read("dist/w/sales/index.html").contains("Sales"));

    project.write(
        "widgets/sales.yaml",
        "backend: {type: hosted}\npaeg: {title: Sales}\n",
    );
    project.write("widgets/support.yaml", "backend: {type: hosted}\n");
    project.run("build").code(1).stderr_eq(str![[r#"
error: unknown key `paeg`
 --> widgets/sales.yaml:2:1
  |
2 | paeg: {title: Sales}
  | ^^^^ expected one of `aliases`, `backend`, `session`, `identity`, `identity_secret_env`, `allowed_origins`, `theme`, `brand`, `variables`, `chatkit`, `launcher`, `panel`, `popup`, `inline`, `rules`, `page`, `fallback`
  |
  = hint: did you mean `page`?

error: duplicate widget `support`
 --> widgets/support.yaml:1:1
  |
1 | backend: {type: hosted}
  | ^ defined again by this file
  |
 ::: site.yaml:2:11
  |
2 | widgets: {support: {backend: {type: hosted}}}
  |           ------- first defined here

error: 2 problems

"#]]);
    fs::remove_file(project.path("widgets/support.yaml")).unwrap();
    project.run("build").code(1).stderr_eq(str![[r#"
error: unknown key `paeg`
 --> widgets/sales.yaml:2:1
  |
2 | paeg: {title: Sales}
  | ^^^^ expected one of `aliases`, `backend`, `session`, `identity`, `identity_secret_env`, `allowed_origins`, `theme`, `brand`, `variables`, `chatkit`, `launcher`, `panel`, `popup`, `inline`, `rules`, `page`, `fallback`
  |
  = hint: did you mean `page`?

error: one problem

"#]]);
}

#[test]
fn a_key_in_a_variable_is_not_published() {
    let project = project().file(
        "site.yaml",
        "site: {url: 'https://chat.example.com'}\n\
         widgets: {a: {backend: {type: server, url: 'https://agent.example.com/chatkit'}}}\n",
    );
    let key = ("DOMAIN_KEY", "sk-proj-0123456789abcdef");
    project
        .run_with("build", &[key])
        .code(1)
        .stderr_eq(str![[r#"
error: `w/a/settings.js` would contain what looks like an OpenAI API key
hint: find it in the variables, the site's files or the theme, remove it, and create a new key

"#]]);
    assert!(!project.path("dist").exists());
}

#[test]
fn folders_that_overlap_are_refused() {
    let project = project().file("site.yaml", SMALLEST);
    for arguments in [
        "build --out dist --snippets ./dist",
        "build --out dist --snippets dist/snippets",
        "build --out . --snippets snippets",
    ] {
        let output = project.run(arguments).code(1).get_output().stderr.clone();
        assert!(
            String::from_utf8(output).unwrap().contains("overlap"),
            "{arguments}"
        );
    }
}

#[test]
fn a_widget_of_another_back_end_takes_nothing_from_the_default_one() {
    built(
        "site: {url: 'https://chat.example.com'}\n\
         defaults: {backend: {type: hosted, workflow: wf_1}}\n\
         widgets:\n\
         \x20 a:\n\
         \x20 b: {backend: {type: server, url: 'https://agent.example.com', domain_key: x}}\n",
    );
}

#[test]
fn page_says_before_the_first_message_who_reads_along() {
    let agent = |events: &str, more: &str| {
        format!(
            "{{backend: {{type: agent, domain_key: domain_pk_1, instructions: x, events: {events}}}, {more}}}"
        )
    };
    let own = "chatkit: {disclaimer: {text: 'May be **wrong**.', highContrast: true}}";
    let project = built(&format!(
        "site: {{url: 'https://chat.example.com'}}\nwidgets:\n  on: {}\n  own: {}\n  german: {}\n  off: {}\n",
        agent("{webhook_env: EVENTS, transcripts: true}", ""),
        agent("{webhook_env: EVENTS, transcripts: true}", own),
        agent(
            "{webhook_env: EVENTS, transcripts: true}",
            "page: {language: de-AT}"
        ),
        agent("{webhook_env: OTHER}", own),
    ));
    let notice = "The owner of this chat receives what is written here, and may read it.";
    let german = "Der Betreiber dieses Chats erhält, was hier geschrieben wird, und kann es lesen.";
    for (widget, disclaimer) in [
        ("on", json!({"text": notice})),
        (
            "own",
            json!({"text": format!("May be **wrong**.\n\n{notice}"), "highContrast": true}),
        ),
        ("german", json!({"text": german})),
        (
            "off",
            json!({"text": "May be **wrong**.", "highContrast": true}),
        ),
    ] {
        let module = project.read(&format!("dist/w/{widget}/settings.js"));
        let json = module.strip_prefix("export default ").unwrap();
        let json = json.trim_end().trim_end_matches(';');
        let settings: Value = serde_json::from_str(json).unwrap();
        assert_eq!(settings["options"]["disclaimer"], disclaimer, "{widget}");
    }
    let checked = project.run("check").success();
    let said = String::from_utf8(checked.get_output().stdout.clone()).unwrap();
    for line in [
        "note on: `transcripts` is on",
        "note own: `transcripts` is on",
        "to do EVENTS: ",
        "to do EVENTS_SECRET: ",
        "to do OTHER: ",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(!said.contains("note off"), "{said}");
}

#[test]
fn netlify_finds_a_form_with_all_fields_of_a_widget_that_needs_it() {
    let agent = |contact: &str| {
        format!(
            "backend: {{type: agent, domain_key: domain_pk_1, instructions: x, contact: {contact}}}"
        )
    };
    let site = format!(
        "site: {{url: 'https://chat.example.com'}}\nwidgets:\n  support: {{{}}}\n  brief: {{{}}}\n  own: {{{}}}\n",
        agent("{to: netlify-form}"),
        agent("{to: netlify-form, fields: [email]}"),
        agent("{to: {webhook_env: CONTACT}}"),
    );
    let project = built(&site);
    let form = project.read("dist/w/support/form.html");
    // <https://docs.netlify.com/manage/forms/setup/>
    let start = r#"<form name="contact-support" method="POST" data-netlify="true" netlify-honeypot="bot-field""#;
    assert!(form.contains(start), "{form}");
    let names = |form: &str| {
        let inputs = form
            .split("<form ")
            .nth(1)
            .unwrap()
            .split(" name=\"")
            .skip(1);
        let names = inputs.map(|rest| rest.split('"').next().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    let all = [
        "form-name",
        "bot-field",
        "name",
        "email",
        "message",
        "conversation",
    ];
    assert_eq!(names(&form), all);
    let brief = project.read("dist/w/brief/form.html");
    assert_eq!(
        names(&brief),
        ["form-name", "bot-field", "email", "conversation"]
    );
    assert!(!project.path("dist/w/own/form.html").exists());
    assert!(form.contains("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'"));
    let checked = project.run("check").success();
    let said = String::from_utf8(checked.get_output().stdout.clone()).unwrap();
    for to_do in ["turn on form detection", "CONTACT: ", "CONTACT_SECRET: "] {
        assert!(said.contains(to_do), "{to_do}: {said}");
    }
    // The field for programs must not be one that people see.
    assert!(form.contains(" hidden>\n<input"));
}
