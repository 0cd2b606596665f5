//! What people and programs expect of any command line: help, JSON, silence, completions, a manual.

use serde_json::{Value, json};
use snapbox::cmd::OutputAssert;
use snapbox::str;

use crate::project::{SMALLEST, project};

/// The one document on standard output; nothing is on the other.
fn document(said: &OutputAssert) -> Value {
    let output = said.get_output();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

#[test]
fn help_lists_all_commands_and_exit_codes() {
    project().run("--help").success().stdout_eq(str![[r#"
Turns one YAML file into OpenAI ChatKit widgets for any website

Usage: chatkit-embed [OPTIONS] <COMMAND>

Commands:
  build        Renders every page, loader and snippet, and writes the files that changed
  check        Checks a site without writing anything, and lists what is left to do before visitors can chat
  completions  Prints the completions of commands and options for a shell
  diff         Shows what a build would change for visitors, compared with the last build, and writes nothing
  doctor       Describes this machine and this project in a few lines, for a bug report
  import       Turns an export of chatkit.studio, or the ChatKit options of a code base, into a widget's `chatkit` options; and an export of Agent Builder (Code > Agents SDK > TypeScript) into its back end, an agent
  init         Starts a project of your own: `site.yaml`, what Netlify needs, and a first file in `knowledge/`
  knowledge    Brings pages of a website into the folder that an agent knows
  list         Lists the widgets: what answers, the address of the page, and the kinds of snippet
  man          Prints the manual page, or writes one page for each command
  new          Adds a commented widget to `site.yaml` and changes nothing else in it
  schema       Prints the JSON Schema of `site.yaml`, for editors
  snippet      Prints what to paste into a website for one widget
  theme        Lists the themes and their variables, and copies their files for you to change
  watch        Previews the site on this machine, with a studio to edit the widgets and copy their code
  help         Print this message or the help of the given subcommand(s)

Options:
  -q, --quiet    Print nothing but errors and what was asked for
  -h, --help     Print help
  -V, --version  Print version

Exit codes:
  0  success
  1  an error in the site, a theme, a folder, the pasted options, a website or a deployed site; the message names it; from `diff`: something changes
  2  wrong usage; from `diff`: any error

"#]]);
}

#[test]
fn help_of_init_explains_each_answer() {
    project()
        .run("init --help")
        .success()
        .stdout_eq(str![[r#"
Starts a project of your own: `site.yaml`, what Netlify needs, and a first file in `knowledge/`.

It asks for a name, your website, a colour, a template, a language and a back end, unless options answer. Existing files are kept; a folder that has a `site.yaml` is refused.

Usage: chatkit-embed init [OPTIONS] [DIR]

Arguments:
  [DIR]
          Folder of the project, which is created if it is missing
          
          [default: .]

Options:
      --name <NAME>
          Name of your company, shop or project, which appears in the texts of the chat

      --website <URL>
          Your website, which shows the chat

      --color <COLOR>
          Colour of your brand, as CSS writes it: `#1f4fd8`, `navy`; empty for the theme's

      --template <TEMPLATE>
          What the chat is for: decides its texts, prompts and instructions [default: support]

          Possible values:
          - support:  For customers with questions or problems
          - booking:  For visitors who want an appointment
          - docs:     For readers of your documentation
          - internal: For your own people: computers, leave, expenses
          - sales:    For visitors who choose what to buy

      --language <LANGUAGE>
          Language of the texts [default: that of your system (LC_ALL, LC_MESSAGES, LANG), or en]
          
          [possible values: de, en, es, fr, ja, pt]

      --backend <BACKEND>
          Back end: what answers

          Possible values:
          - agent:  A model, with your instructions
          - server: Your own ChatKit server
          - hosted: An OpenAI workflow, until OpenAI closes Agent Builder on 2026-11-30

      --for <HOST>
          Also write what another host needs; can be repeated

          Possible values:
          - container: Any host of containers: a Dockerfile
          - fly:       Fly: a Dockerfile and fly.toml
          - github:    Netlify, deployed by GitHub Actions: a workflow

  -y, --yes
          Ask nothing: take the default of every missing answer

  -q, --quiet
          Print nothing but errors and what was asked for

  -h, --help
          Print help (see a summary with '-h')

  -V, --version
          Print version

Examples:
  chatkit-embed init
  chatkit-embed init acme --name Acme --website www.acme.com --color '#1f4fd8' --backend agent
  chatkit-embed init --yes --template docs --language fr --for container

Answers that are missing where nobody can be asked are an error, except those with a default.

"#]]);
}

#[test]
fn build_tells_programs_what_it_wrote() {
    let project = project().file("site.yaml", SMALLEST);
    let mut built = document(&project.run("build --json").success());
    assert!(built["milliseconds"].take().is_u64());
    let written = project.files("dist").len();
    let copies = project.files("snippets").len();
    let expected = json!({
        "ok": true,
        "site": "https://chat.example.com",
        "widgets": ["support"],
        "errors": [],
        "dist": {"folder": "dist", "written": written, "unchanged": 0, "removed": []},
        "snippets": {"folder": "snippets", "written": copies, "unchanged": 0, "removed": []},
        "function": null,
        "server": null,
        "pack": null,
        "milliseconds": null,
    });
    assert_eq!(built, expected);
    project.write("site.yaml", &SMALLEST.replace("support:", "sales:"));
    let built = document(&project.run("build --json").success());
    let removed = built["dist"]["removed"].as_array().expect("a list");
    assert!(removed.contains(&json!("w/support.js")), "{built}");
}

#[test]
fn errors_have_their_places_for_programs() {
    let text = "site: {url: 'https://chat.example.com'}\nwidgits: {}\nwidgets: {a: {backend: {type: hosted}}}\n";
    let project = project().file("site.yaml", text);
    let expected = json!({
        "ok": false,
        "errors": [{
            "file": "site.yaml",
            "line": 2,
            "column": 1,
            "message": "unknown key `widgits`: expected one of `site`, `defaults`, `widgets`",
            "hint": "did you mean `widgets`?",
        }],
    });
    for command in ["check --json", "build --json", "list --json"] {
        assert_eq!(
            document(&project.run(command).code(1)),
            expected,
            "{command}"
        );
    }
    let missing = document(&project.run("check --json --config none.yaml").code(1));
    let error = &missing["errors"][0];
    assert_eq!(error["message"], "`none.yaml` not found");
    assert_eq!(
        [&error["file"], &error["line"], &error["column"]],
        [&Value::Null; 3]
    );
}

#[test]
fn check_tells_programs_what_is_left_to_do() {
    let project = project().file("site.yaml", SMALLEST);
    let checked = document(&project.run("check --json").success());
    assert_eq!(
        (&checked["ok"], &checked["errors"]),
        (&json!(true), &json!([]))
    );
    let subjects = checked["todos"].as_array().expect("a list").iter();
    let subjects: Vec<_> = subjects.map(|todo| todo["subject"].as_str()).collect();
    assert!(subjects.contains(&Some("OPENAI_API_KEY")), "{subjects:?}");
    assert!(checked["todos"][0]["text"].is_string());
    let strict = document(&project.run("check --json --strict").code(1));
    assert_eq!(
        (&strict["ok"], &strict["todos"]),
        (&json!(false), &checked["todos"])
    );
}

#[test]
fn list_has_what_answers_the_address_and_the_snippets() {
    let project = project().file("site.yaml", SMALLEST);
    project.run("list").success().stdout_eq(str![[r#"
support  hosted  https://chat.example.com/w/support/  bubble popup inline iframe link direct

"#]]);
    let list = document(&project.run("list --json").success());
    let widget = &list["widgets"][0];
    assert_eq!(widget["backend"], "hosted");
    assert_eq!(widget["page"], "https://chat.example.com/w/support/");
    assert_eq!(widget["loader"], "https://chat.example.com/w/support.js");
    project.run("build").success();
    for kind in widget["snippets"].as_array().expect("a list") {
        let kind = kind.as_str().expect("a name");
        let path = format!("snippets/support/{kind}.html");
        assert!(project.path(&path).exists(), "{path}");
    }
}

#[test]
fn quiet_prints_errors_and_what_was_asked_for() {
    let project = project().file("site.yaml", SMALLEST);
    for command in [
        "build --quiet",
        "-q check",
        "-q new sales",
        "theme eject looks/page.css -q",
    ] {
        project.run(command).success().stdout_eq("").stderr_eq("");
    }
    let list = project.run("list -q").success();
    assert!(!list.get_output().stdout.is_empty());
    project
        .run("build -q --config none.yaml")
        .code(1)
        .stdout_eq("")
        .stderr_eq(str![[r#"
error: `none.yaml` not found
hint: run the command in the folder of your `site.yaml`, pass --config FILE, or start a site with `init`

"#]]);
}

#[test]
fn every_shell_completes_every_command() {
    let project = project();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let said = project.run(&format!("completions {shell}")).success();
        let script = String::from_utf8_lossy(&said.get_output().stdout).into_owned();
        for word in ["init", "completions", "eject", "website"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    project.run("completions tcsh").code(2);
}

#[test]
fn every_command_has_a_page_in_the_manual() {
    let project = project();
    project.run("man --out man1 --quiet").success();
    let help = project.run("--help").success();
    let help = String::from_utf8_lossy(&help.get_output().stdout).into_owned();
    let commands = help.lines().filter_map(|line| line.strip_prefix("  "));
    let names = commands.filter_map(|line| line.split_once("  ").map(|(name, _)| name));
    let mut count = 0;
    for name in names.filter(|name| name.bytes().all(|b| b.is_ascii_lowercase()) && *name != "help")
    {
        count += 1;
        let page = project.read(&format!("man1/chatkit-embed-{name}.1"));
        assert!(page.contains(".SH SYNOPSIS"), "{name}");
    }
    assert!(count > 10 && project.path("man1/chatkit-embed-knowledge-pull.1").exists());
    let printed = project.run("man").success();
    let printed = String::from_utf8_lossy(&printed.get_output().stdout).into_owned();
    assert_eq!(
        printed.trim_end(),
        project.read("man1/chatkit-embed.1").trim_end()
    );
}
