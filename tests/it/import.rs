//! `import`: a corpus of what people paste, each with what it comes to; and what the command does with files.

use std::fs;
use std::path::{Path, PathBuf};

use snapbox::{Assert, Data, str};

use crate::project::{Project, project};

pub(crate) const SITE: &str = "\
site: {url: 'https://chat.example.com'}
widgets:
  # The first one.
  support:
    backend: {type: hosted}
";

/// The files of a folder of the corpus, such as `agents/good`, without the expected outcomes.
pub(crate) fn corpus(name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import");
    let entries = fs::read_dir(folder.join(name)).expect("the folder of the corpus");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry of the corpus").path())
        .filter(|path| path.extension().is_some_and(|end| end != "expected"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    paths
}

/// A project with the file in it, and its name.
fn with(path: &Path) -> (Project, String) {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.expect("a name of letters").to_owned();
    let project = project().file("site.yaml", SITE);
    fs::copy(path, project.path(&name)).expect("a copy in the project");
    (project, name)
}

/// Compares what a file of the corpus comes to.
pub(crate) fn expect(path: &Path, outcome: String) {
    let expected = Data::read_from(Path::new(&format!("{}.expected", path.display())), None);
    Assert::new().action_env("SNAPSHOTS").eq(outcome, expected);
}

/// What an import says about lines, and what it adds to [`SITE`], where nothing else may change.
pub(crate) fn taken(project: &Project, output: &str) -> String {
    let notes: String = output
        .split_inclusive('\n')
        .filter(|line| line.trim_start().starts_with("note "))
        .collect();
    let site = project.read("site.yaml");
    let new = site.strip_prefix(SITE).expect("nothing else has changed");
    format!("{notes}\n{new}")
}

#[test]
fn what_people_paste_becomes_a_widget_that_can_be_built() {
    for path in corpus("good") {
        let (project, name) = with(&path);
        let command = format!("import {name} --widget pasted --backend server");
        let output = project.run(&command).success().get_output().stdout.clone();
        let output = String::from_utf8(output).unwrap();
        expect(&path, taken(&project, &output));
        let site = project.read("site.yaml");
        project.run("build").success();
        // Once more changes nothing: what was pasted is there.
        project.run(&command).success();
        assert_eq!(project.read("site.yaml"), site, "{name}");
    }
}

#[test]
fn what_can_not_be_read_is_refused_with_its_line() {
    for path in corpus("bad") {
        let (project, name) = with(&path);
        let command = format!("import {name} --widget pasted --backend server");
        let output = project.run(&command).code(1).get_output().stderr.clone();
        expect(&path, String::from_utf8(output).unwrap());
        assert_eq!(project.read("site.yaml"), SITE);
    }
}

#[test]
fn what_is_there_stays_unless_it_is_pasted() {
    let site = "\
site: {url: 'https://chat.example.com'}
widgets:
  support:
    backend: {type: hosted}
    chatkit:
      theme: dark # for now
      startScreen:
        greeting: Hello # short
        prompts:
          # orders
          - label: Order
            prompt: Where is it?
          # returns
          - label: Return
            prompt: How?
      thread: {autoScroll: true}
    # The button.
    launcher: {label: Help}
";
    let paste = "\
const options: ChatKitOptions = {
  theme: { radius: 'soft' },
  startScreen: {
    prompts: [
      {
        label: 'Orders',
        prompt: 'Where is it?'
      }
      // ...and 1 more prompt
    ],
  },
};
";
    let project = project().file("site.yaml", site).file("options.ts", paste);
    let shown = str![[r#"
     note options.ts:9: the export leaves out 1 more prompt: `startScreen.prompts` keeps `Return` after the new ones; remove those you no longer want
--- site.yaml
+++ site.yaml
@@ -3,12 +3,14 @@
   support:
     backend: {type: hosted}
     chatkit:
-      theme: dark # for now
+      theme: # for now
+        colorScheme: dark
+        radius: soft
       startScreen:
         greeting: Hello # short
         prompts:
           # orders
-          - label: Order
+          - label: Orders
             prompt: Where is it?
           # returns
           - label: Return

"#]];
    let dry = project.run("import options.ts --dry-run").success();
    let dry = String::from_utf8(dry.get_output().stdout.clone()).unwrap();
    assert_eq!(project.read("site.yaml"), site);
    let (dry, end) = dry.trim_end().rsplit_once('\n').unwrap();
    snapbox::assert_data_eq!(format!("{dry}\n"), shown);
    assert_eq!(end, "  dry run `support`");

    project.run("import options.ts").success();
    project.run("check").success();
    project.run("import options.ts").success().stdout_eq(str![[r#"
     note options.ts:9: the export leaves out 1 more prompt: `startScreen.prompts` keeps `Return` after the new ones; remove those you no longer want
no change `support`

"#]]);
}

#[test]
fn null_takes_away_what_is_there_and_says_so() {
    let site =
        format!("{SITE}    chatkit: {{initialThread: thr_1, thread: {{autoScroll: true}}}}\n");
    let paste = "{ initialThread: null ?? null, startScreen: { greeting: null ?? 'Hi' } }";
    let project = project().file("site.yaml", &site).file("options.js", paste);
    project
        .run("import options.js")
        .success()
        .stdout_eq(str![[r#"
     note options.js:1: `initialThread` is removed, because it is `null`
--- site.yaml
+++ site.yaml
@@ -3,4 +3,4 @@
   # The first one.
   support:
     backend: {type: hosted}
-    chatkit: {initialThread: thr_1, thread: {autoScroll: true}}
+    chatkit: {thread: {autoScroll: true}, startScreen: {greeting: Hi}}
 imported `support`

"#]]);
}

#[test]
fn what_a_hosted_workflow_can_not_take_is_left_out() {
    let paste = "{ composer: { placeholder: 'Ask', models: [{ id: 'a', label: 'A' }] } }";
    let project = project().file("site.yaml", SITE).file("options.js", paste);
    project.run("import options.js").success().stdout_eq(str![[r#"
     note options.js:1: left out: `models` needs a server: a hosted workflow never learns the visitor's choice
--- site.yaml
+++ site.yaml
@@ -3,3 +3,6 @@
   # The first one.
   support:
     backend: {type: hosted}
+    chatkit:
+      composer:
+        placeholder: Ask
 imported `support`

"#]]);
}

#[test]
fn a_server_that_takes_no_files_gets_no_button_for_files() {
    let site = "\
site: {url: 'https://chat.example.com'}
widgets:
  a:
    backend: {type: server, url: 'https://a.example.com', domain_key: x}
";
    let paste = "{ composer: { attachments: { enabled: true } }, startScreen: { greeting: 'Hi' } }";
    let project = project().file("site.yaml", site).file("options.js", paste);
    project.run("import options.js").success().stdout_eq(str![[r#"
     note options.js:1: `composer.attachments` is left out: first say how files reach your server, with `backend.upload: {type: two_phase}`, and import again
--- site.yaml
+++ site.yaml
@@ -2,3 +2,6 @@
 widgets:
   a:
     backend: {type: server, url: 'https://a.example.com', domain_key: x}
+    chatkit:
+      startScreen:
+        greeting: Hi
 imported `a`

"#]]);
}

#[test]
fn a_widget_with_a_file_of_its_own_is_changed_there() {
    let own = "\u{feff}# Sales\r\nbackend: {type: hosted}\r\n";
    let project = project()
        .file("site.yaml", SITE)
        .file("widgets/sales.yaml", own)
        .file("options.js", "{ startScreen: { greeting: 'Hi' } }");
    project.run("import options.js --widget sales").success();
    assert_eq!(
        project.read("widgets/sales.yaml"),
        format!("{own}chatkit:\r\n  startScreen:\r\n    greeting: Hi\r\n")
    );
    assert_eq!(project.read("site.yaml"), SITE);
}

#[test]
fn a_new_widget_takes_the_back_end_that_is_asked_for_or_the_site_has() {
    let paste = "{ startScreen: { greeting: 'Hi' } }";
    let project = project().file("site.yaml", SITE).file("options.js", paste);
    let command = "import options.js --widget sales --backend hosted";
    project.run(command).success();
    assert_eq!(
        project.read("site.yaml"),
        format!(
            "{SITE}  sales:\n    backend:\n      type: hosted\n    chatkit:\n      startScreen:\n        greeting: Hi\n"
        )
    );
    let defaults = format!("defaults: {{backend: {{type: hosted}}}}\n{SITE}");
    project.write("site.yaml", &defaults);
    project.run("import options.js --widget sales").success();
    assert_eq!(
        project.read("site.yaml"),
        format!("{defaults}  sales:\n    chatkit:\n      startScreen:\n        greeting: Hi\n")
    );
}

#[test]
fn the_widget_has_to_be_named_where_there_are_several() {
    let project = project()
        .file(
            "site.yaml",
            &format!("{SITE}  docs:\n    backend: {{type: hosted}}\n"),
        )
        .file("options.js", "{ startScreen: { greeting: 'Hi' } }");
    project.run("import options.js").code(1).stderr_eq(str![[r#"
error: which widget are these options for?
hint: pass --widget NAME: `docs`, `support`, or a new name

"#]]);
    project
        .run("import options.js --widget Docs!")
        .code(1)
        .stderr_eq(str![[r#"
error: `Docs!` is not a valid widget name
hint: use 1 to 64 lower-case letters, digits and hyphens: the name becomes part of addresses

"#]]);
}

#[test]
fn more_than_a_mebibyte_and_bytes_that_are_no_text_are_refused() {
    let project = project()
        .file("site.yaml", SITE)
        .file("long.ts", &"ä".repeat(600 * 1024));
    project.run("import long.ts").code(1).stderr_eq(str![[r#"
error: too long: at most 1 MiB is read
 --> long.ts:1:524289
  |
1 | ...ääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääää...
  |                                                       ^ nothing is read after this
  |
  = hint: paste only the options

error: one problem

"#]]);
    fs::write(project.path("latin.ts"), b"const a = '\xe4';").unwrap();
    project.run("import latin.ts").code(1).stderr_eq(str![[r#"
error: `latin.ts` is not UTF-8 text, at byte 11

"#]]);
}

#[test]
fn whatever_is_pasted_there_is_an_answer_and_soon() {
    let long = 1024 * 1024;
    let many = |part: &str, bytes: usize| part.repeat(bytes / part.len());
    let chain = |name: &str, value: &str| {
        let next = |n: usize| {
            let value = value.replace(&format!("{name}0"), &format!("{name}{}", n - 1));
            format!("const {name}{n}={value}")
        };
        (1..40).map(next).collect::<Vec<_>>().join(";")
    };
    for paste in [
        "x".repeat(5 * long),
        "[".repeat(100_000),
        many("{a:", long),
        format!("x={}1", many("!", 50_000)),
        format!("x={}1", many("a?b:", 50_000)),
        format!("let x: {}", many("A<", 50_000)),
        many("if(a)", long),
        many("typeof\u{a0}", 200_000),
        many("/*theme*/x;", long),
        many("`${", long),
        "const a={theme:{},...b};const b={composer:{},...a};".to_owned(),
        format!(
            "const a0={{theme:{{}},composer:{{}}}};{};export default {{...a39}}",
            (1..40)
                .map(|n| format!("const a{n}={{...a{0},...a{0},...a{0}}}", n - 1))
                .collect::<Vec<_>>()
                .join(";")
        ),
        format!(
            "const a0={{instructions:'x',tools:[fileSearchTool('vs_1')]}};{};new Agent({{...a39}})",
            chain("a", "{...a0,...a0,tools:[...a0.tools,...a0.tools]}")
        ),
        format!(
            "const a0='';{};new Agent({{instructions:a39}})",
            chain("a", "`${a0}${a0}`")
        ),
        format!(
            "const a0='x';{};new Agent({{instructions:a39}})",
            chain("a", "a0+a0+1")
        ),
        format!(
            "new Agent({{instructions:{}'x'}})",
            "'line'+".repeat(20_000)
        ),
        many("new Agent({instructions:'x'});", long),
        format!(
            "const a='{}';const o={{theme:{{radius:{}}},composer:{{}}}}",
            "x".repeat(long / 2),
            vec!["a"; 10_000].join("+")
        ),
    ] {
        let project = project().file("site.yaml", SITE).file("paste.ts", &paste);
        let started = std::time::Instant::now();
        let output = project.run("import paste.ts").get_output().clone();
        let code = output.status.code();
        assert!(matches!(code, Some(0 | 1)), "{code:?}: {}", &paste[..40]);
        let took = started.elapsed().as_secs();
        assert!(took < 30, "{took} s: {}", &paste[..40]);
    }
}
