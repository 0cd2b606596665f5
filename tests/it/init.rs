//! `init`.

use std::fs;
use std::path::Path;

use snapbox::str;

use crate::project::{Project, SMALLEST, project};

/// The options that leave no question open.
const ANSWERS: &str = "--name Morrow --website www.morrow.example --color navy";

fn of_this_repository(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|err| panic!("{}: {err}", path.display()))
}

/// A new project in an empty folder.
fn started(arguments: &str) -> Project {
    let project = project();
    project.run(&format!("init {arguments}")).success();
    project
}

#[test]
fn init_says_what_it_wrote_and_which_commands_are_next() {
    let project = project();
    let command = format!("init shop {ANSWERS} --backend agent --for fly --for github");
    project.run(&command).success().stdout_eq(str![[r#"
  created shop/site.yaml
  created shop/.site.schema.json
  created shop/.env.example
  created shop/.gitignore
  created shop/netlify.toml
  created shop/knowledge/about.md
  created shop/Dockerfile
  created shop/.dockerignore
  created shop/fly.toml
  created shop/.github/workflows/deploy.yml
     next cd shop
     next chatkit-embed watch    # the studio, where you change everything
     then chatkit-embed build    # what you deploy

"#]]);
    let site = project.read("shop/site.yaml");
    for line in [
        "# yaml-language-server: $schema=.site.schema.json\n",
        "    - https://www.morrow.example\n",
        "  brand:\n    name: \"Morrow\"\n    color: \"#000080\"\n",
        "      title: Morrow Support\n      language: en\n",
    ] {
        assert!(site.contains(line), "{line}{site}");
    }
}

#[test]
fn every_new_project_builds_and_checks_in_a_folder_of_its_own() {
    for backend in ["agent", "server", "hosted"] {
        let answers = format!("{ANSWERS} --backend {backend} --for container --for github");
        for arguments in [&*answers, "--yes"] {
            let project = started(arguments);
            project.run("check").success();
            project.run("build").success();
            assert!(project.path("dist/w/support.js").exists());
            project.run("new sales").success();
            project.run("theme list").success();
        }
    }
}

#[test]
fn a_template_and_a_language_decide_what_the_first_widget_says() {
    let project = started(&format!(
        "{ANSWERS} --backend agent --template internal --language de"
    ));
    let site = project.read("site.yaml");
    for line in [
        "  # The name becomes part of addresses: /w/help/ and /w/help.js\n  help:\n",
        "        Sie helfen den Beschäftigten von Morrow im Arbeitsalltag: ",
        "      knowledge:\n",
        "      label: Den Helpdesk fragen\n",
        "      title: Helpdesk von Morrow\n      language: de\n",
    ] {
        assert!(site.contains(line), "{line}{site}");
    }
    project.run("build").success();
    assert!(project.path("dist/w/help.js").exists());
}

#[test]
fn without_a_language_it_is_that_of_the_system_if_there_are_texts_in_it() {
    for (variables, language) in [
        (&[("LANG", "ja_JP.UTF-8")][..], "ja"),
        (&[("LC_ALL", "pt_BR.UTF-8"), ("LANG", "de_DE.UTF-8")], "pt"),
        (&[("LC_ALL", ""), ("LANG", "es")], "es"),
        (&[("LANG", "nl_NL.UTF-8")], "en"),
        (&[], "en"),
    ] {
        let project = project();
        project.run_with("init --yes", variables).success();
        let line = format!("      language: {language}\n");
        assert!(project.read("site.yaml").contains(&line), "{variables:?}");
    }
}

#[test]
fn answers_are_quoted_as_yaml_needs_it() {
    let project = project();
    let name = "--name=Bob's:\"Ketten\"#1&Co.-{{x}}";
    project
        .run(&format!("init --yes {name} --website bücher.example"))
        .success();
    project.run("build").success();
    let page = project.read("dist/w/support/index.html");
    assert!(page.contains("{{x}}"), "{page}");
}

#[test]
fn a_folder_with_a_site_is_refused_and_nothing_is_written() {
    let project = project().file("site.yaml", SMALLEST);
    project.run("init --yes").code(1).stderr_eq(str![[r#"
error: `site.yaml` already exists
hint: nothing was written; change that site with `watch`, or name another folder

"#]]);
    assert_eq!(project.list("."), "site.yaml\n");
    assert_eq!(project.read("site.yaml"), SMALLEST);
}

#[test]
fn other_files_are_kept_and_what_they_lack_is_named() {
    let project = project()
        .file(".gitignore", "/dist\n")
        .file("netlify.toml", "[build]\n")
        .file("knowledge/about.md", "Mine.\n");
    project.run("init --yes").success().stdout_eq(str![[r#"
  created site.yaml
  created .site.schema.json
  created .env.example
     kept .gitignore, which existed
     note .gitignore: add the line `/.env`: secrets must not be committed
     kept netlify.toml, which existed
     note netlify.toml: no chat gets a session without the redirects of /api/chatkit/…: run `init` in an empty folder, and copy `[build]`, `[functions.chat]` and `[[redirects]]` from there
     kept knowledge/about.md, which existed
     next chatkit-embed watch    # the studio, where you change everything
     then chatkit-embed build    # what you deploy

"#]]);
    assert_eq!(project.read("knowledge/about.md"), "Mine.\n");
}

#[test]
fn missing_answers_are_wrong_usage_where_nobody_can_be_asked() {
    let project = project();
    let command = "init --name Morrow --website morrow.example";
    project.run(command).code(2).stderr_eq(str![[r#"
error: nobody can be asked here, so these options are required: --color, --backend

  tip: --yes takes their defaults

"#]]);
    let command = "init --yes --website http://morrow.example";
    project.run(command).code(2).stderr_eq(str![[r#"
error: invalid value 'http://morrow.example' for '--website <URL>': `http://morrow.example` must be https: the chat shows on no other website

For more information, try '--help'.

"#]]);
    assert_eq!(project.list("."), "");
}

#[test]
fn a_failure_in_the_middle_leaves_nothing_behind() {
    // A file is where a folder should be, which is noticed after the first files are in place.
    let project = project().file("knowledge", "a file\n");
    let command = "init --yes --for fly --for github";
    project.run(command).code(1).stderr_eq(str![[r#"
error: failed to write `./knowledge/about.md`
  caused by: [..]
hint: check that you have permission to write there, and that no file is in the place of a folder

"#]]);
    assert_eq!(project.list("."), "knowledge\n");
    project.run("init knowledge --yes").code(1);
    assert_eq!(project.read("knowledge"), "a file\n");
}

/// What this repository deploys itself is what new projects deploy.
#[test]
fn addresses_limits_and_variables_are_those_of_this_repository() {
    let project = started("--yes");
    let rules = |text: &str| {
        let rules = text.split("[[redirects]]").skip(1);
        rules.map(|rule| rule.trim().to_owned()).collect::<Vec<_>>()
    };
    let own = rules(&project.read("netlify.toml"));
    assert!(own.len() > 2 && own[0].contains("[redirects.rate_limit]"));
    assert_eq!(own, rules(&of_this_repository("netlify.toml")));
    let carried = "[functions.chat]\n  included_files = [\"netlify/functions/session\"]\n";
    assert!(project.read("netlify.toml").contains(carried));
    let variables = of_this_repository(".env.example");
    assert_eq!(project.read(".env.example"), variables);
    let schema = of_this_repository(".site.schema.json");
    assert_eq!(project.read(".site.schema.json"), schema);
}

#[test]
fn netlify_builds_where_npm_has_the_generator_and_publishes_what_is_committed_elsewhere() {
    let package = r#"{"devDependencies": {"chatkit-embed": "^0.1.0"}}"#;
    let npm = project().file("package.json", package);
    let said = npm.run("init --yes --for github").success();
    assert!(
        String::from_utf8_lossy(&said.get_output().stdout).contains("next npx chatkit-embed watch")
    );
    let [command, built] = ["command = \"npx chatkit-embed build\"", "\n/dist/\n"];
    assert!(npm.read("netlify.toml").contains(command));
    assert!(npm.read(".gitignore").contains(built));
    let workflow = ".github/workflows/deploy.yml";
    assert!(npm.read(workflow).contains("npm ci"));
    let plain = started("--yes --for github");
    assert!(!plain.read("netlify.toml").contains("command ="));
    assert!(!plain.read(".gitignore").contains(built));
    assert!(!plain.read(workflow).contains("npm ci"));
    for project in [npm, plain] {
        let token = "NETLIFY_AUTH_TOKEN: ${{ secrets.NETLIFY_AUTH_TOKEN }}\n";
        assert!(project.read(workflow).contains(token));
        assert!(project.read(".gitignore").contains("\n/.env\n"));
        assert!(
            project.read(".gitignore").contains("\n/chat\n"),
            "the server is no source"
        );
    }
}
