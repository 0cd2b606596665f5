//! `import` of exports of Agent Builder: a corpus, each with what it comes to; widgets that exist; and secrets.

use std::fs;
use std::path::{Path, PathBuf};

use snapbox::str;

use crate::import::{self, SITE};
use crate::project::{Project, project};

/// What no file and no message may hold. The corpus has it in the place of each secret.
const CANARY: &str = "canary";

fn corpus(name: &str) -> Vec<PathBuf> {
    let paths = import::corpus(&format!("agents/{name}"));
    assert!(paths.len() > 9);
    paths
}

/// A project with the file in it, and the command that imports it. The first line of a file may have arguments.
fn with(path: &Path) -> (Project, String) {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.expect("a name of letters");
    let text = fs::read_to_string(path).expect("a text");
    let first = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("// --"));
    let more = first.map_or_else(String::new, |more| format!(" --{more}"));
    let project = project().file("site.yaml", SITE).file(name, &text);
    (project, format!("import {name} --widget pasted{more}"))
}

fn expect(path: &Path, outcome: String) {
    assert!(!outcome.contains(CANARY), "{outcome}");
    import::expect(path, outcome);
}

#[test]
fn an_export_becomes_an_agent_that_can_be_built() {
    for path in corpus("good") {
        let (project, command) = with(&path);
        let output = project.run(&command).success().get_output().clone();
        let output = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!output.contains(CANARY), "{output}");
        expect(&path, import::taken(&project, &output));
        let site = project.read("site.yaml");
        project.run("check").success();
        project.run("build").success();
        // Once more changes nothing: what was pasted is there.
        project.run(&command).success();
        assert_eq!(project.read("site.yaml"), site, "{command}");
    }
}

#[test]
fn an_export_that_cannot_be_taken_is_refused_without_its_secrets() {
    for path in corpus("bad") {
        let (project, command) = with(&path);
        let output = project.run(&command).code(1).get_output().stderr.clone();
        expect(&path, String::from_utf8(output).unwrap());
        assert_eq!(project.read("site.yaml"), SITE);
    }
}

const EXPORT: &str = "\
import { webSearchTool, Agent } from '@openai/agents';
const web = webSearchTool({});
export const helper = new Agent({
  name: 'Helper',
  instructions: `You help.

Be brief.`,
  model: 'gpt-6-luna',
  tools: [web],
  modelSettings: { reasoning: { effort: 'low' }, maxTokens: 600 },
});
";

#[test]
fn a_hosted_widget_becomes_an_agent_and_keeps_the_rest() {
    let site = "\
site: {url: 'https://chat.example.com'}
widgets:
  support:
    # What answers.
    backend:
      type: hosted # until November
      workflow: wf_123
    session: {expires_after: 300, history: true}
    chatkit:
      composer:
        placeholder: Ask # briefly
        attachments: {enabled: true}
    # The button.
    launcher: {label: Help}
";
    let project = project().file("site.yaml", site).file("flow.ts", EXPORT);
    project
        .run("import flow.ts")
        .success()
        .stdout_eq(str![[r#"
     note flow.ts:3: `backend: {type: hosted}` is replaced by this agent; visitors no longer see earlier conversations
     note flow.ts:3: `chatkit.composer.attachments` is turned off: an agent takes text alone
     note flow.ts:3: `session` is removed: it belongs to `type: hosted`
--- site.yaml
+++ site.yaml
@@ -3,12 +3,20 @@
   support:
     # What answers.
     backend:
-      type: hosted # until November
-      workflow: wf_123
-    session: {expires_after: 300, history: true}
+      type: agent # until November
+      domain_key: domain_pk_example
+      instructions: |-
+        You help.
+
+        Be brief.
+      model: gpt-6-luna
+      web_search: true
+      reasoning: low
+      limits:
+        output: 600
     chatkit:
       composer:
         placeholder: Ask # briefly
-        attachments: {enabled: true}
+        attachments: {enabled: false}
     # The button.
     launcher: {label: Help}
 imported `support`

"#]]);
    project.run("check").success();
}

#[test]
fn an_agent_keeps_what_the_export_does_not_say() {
    let site = "\
site: {url: 'https://chat.example.com'}
widgets:
  support:
    backend:
      type: agent
      domain_key: domain_pk_mine # ours
      instructions_file: support.md
      model: gpt-6.1-terra # better
      limits: {message: 500, output: 700} # short
      store: true
";
    let project = project()
        .file("site.yaml", site)
        .file("support.md", "You help.")
        .file("flow.ts", EXPORT);
    project.run("import flow.ts").success().stdout_eq(str![[r#"
     note flow.ts:3: `instructions_file` is removed: the export's instructions take its place
--- site.yaml
+++ site.yaml
@@ -4,7 +4,12 @@
     backend:
       type: agent
       domain_key: domain_pk_mine # ours
-      instructions_file: support.md
-      model: gpt-6.1-terra # better
-      limits: {message: 500, output: 700} # short
+      model: gpt-6-luna # better
+      limits: {message: 500, output: 600} # short
       store: true
+      instructions: |-
+        You help.
+
+        Be brief.
+      web_search: true
+      reasoning: low
 imported `support`

"#]]);
    project.run("check").success();
    project.run("import flow.ts").success().stdout_eq(str![[r#"
no change `support`

"#]]);
}

#[test]
fn defaults_that_only_a_hosted_workflow_has_are_named() {
    let site = "\
site: {url: 'https://chat.example.com'}
defaults:
  backend: {type: hosted}
  session: {history: true}
widgets:
  support: {}
";
    let project = project().file("site.yaml", site).file("flow.ts", EXPORT);
    project.run("import flow.ts").code(1).stderr_eq(str![[r#"
error: `defaults.session` belongs to `type: hosted`, and this widget becomes an agent
--> flow.ts
 = hint: move `session` from `defaults` to the widgets that stay hosted, and import again

error: one problem

"#]]);
    project.write(
        "site.yaml",
        &site.replace("  session: {history: true}\n", ""),
    );
    project.run("import flow.ts").success();
    project.run("check").success();
}

#[test]
fn what_a_widget_inherits_is_replaced_or_named() {
    let site = "\
site: {url: 'https://chat.example.com'}
defaults:
  backend: {type: agent, domain_key: domain_pk_mine, instructions: You help., store: true}
widgets:
  support: {}
";
    let export = EXPORT.replace("maxTokens: 600", "store: false");
    let project = project()
        .file("site.yaml", site)
        .file("support.md", "You help.")
        .file("flow.ts", &export);
    project.run("import flow.ts").success();
    let own = project.read("site.yaml");
    assert!(
        own.contains("      store: false\n") && !own.contains("limits"),
        "{own}"
    );
    let from_file = site.replace("instructions: You help.", "instructions_file: support.md");
    project.write("site.yaml", &from_file);
    project.run("import flow.ts").code(1).stderr_eq(str![[r#"
error: `defaults.backend.instructions_file` and the instructions of an export exclude each other
--> flow.ts
 = hint: move `instructions_file` from `defaults` to the widgets that use it, and import again

error: one problem

"#]]);
}

#[test]
fn dry_run_shows_everything_and_writes_nothing() {
    let project = project().file("site.yaml", SITE).file("flow.ts", EXPORT);
    let dry = project.run("import flow.ts --dry-run").success();
    let dry = String::from_utf8(dry.get_output().stdout.clone()).unwrap();
    assert!(
        dry.contains("+      type: agent\n") && dry.ends_with("  dry run `support`\n"),
        "{dry}"
    );
    assert_eq!(project.read("site.yaml"), SITE);
}

#[test]
fn arguments_that_do_not_fit_are_refused() {
    let project = project()
        .file("site.yaml", SITE)
        .file("flow.ts", EXPORT)
        .file("options.ts", "{ startScreen: { greeting: 'Hi' } }");
    project
        .run("import options.ts --agent Helper")
        .code(1)
        .stderr_eq(str![[r#"
error: there is no agent in this
--> options.ts
 = hint: leave `--agent` out, or import an export of Agent Builder

error: one problem

"#]]);
    let command = "import flow.ts --widget new --backend server";
    project.run(command).code(1).stderr_eq(str![[r#"
error: an export of Agent Builder becomes a widget with `type: agent`
hint: leave `--backend` out

"#]]);
    project.run("import flow.ts --agent helper").success();
}
