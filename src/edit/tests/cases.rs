//! One edit each, and what it makes of a file.

use serde_json::{Value, json};
use snapbox::{IntoData as _, assert_data_eq, str};

use super::*;

const SITE: &str = r##"# The site.
site:
  url: https://chat.example.com # where
  allowed_origins: [https://www.example.com]

defaults:
  launcher: { color: "#1f4fd8" }

widgets:
  # The first.
  support:
    backend: { type: hosted }
    # The button.
    launcher:
      label: 'Chat with us' # for screen readers

    chatkit:
      startScreen:
        prompts:
          # about orders
          - label: Order # first
            prompt: Where is it?
          # about returns
          - label: Return
            # what is sent
            prompt: How do I return it?

          - label: "Other"
            prompt: Something else

  # The second.
  docs:
    backend: {type: server, url: https://agent.example.com, domain_key: x}
# The end.
"##;

/// The files that changed, with what changed in them as `diff -u` shows it.
fn change(files: &[(&str, &str)], edits: &[(&str, Value)]) -> String {
    let edits: Vec<_> = edits
        .iter()
        .map(|(way, value)| edit(way, value.clone()))
        .collect();
    let before = sources(files);
    let after = match apply(&before, &edits) {
        Ok(after) => after,
        Err(problems) => return problems.titles().join("\n"),
    };
    let mut shown = String::new();
    for Source { path, text } in &before {
        let Some(new) = after.iter().find(|source| source.path == *path) else {
            shown.push_str(&format!("{} is removed\n", path.display()));
            continue;
        };
        for DiffLine { tag, text } in diff(text, &new.text) {
            shown.push_str(&format!("{}{text}\n", tag.sign()));
        }
    }
    shown
}

/// The changes that one edit of the site above makes.
fn site(way: &str, value: Value) -> String {
    change(&[("site.yaml", SITE)], &[(way, value)])
}

/// The result of one edit of a file.
fn whole(text: &str, way: &str, value: Value) -> String {
    match apply(&sources(&[("site.yaml", text)]), &[edit(way, value)]) {
        Ok(files) => files[0].text.to_string(),
        Err(problems) => problems.titles().join("\n"),
    }
}

fn prompt(label: &str, prompt: &str) -> Value {
    json!({"label": label, "prompt": prompt})
}

const PROMPTS: &str = "widgets.support.chatkit.startScreen.prompts";

#[test]
fn a_value_is_changed_in_its_place() {
    assert_data_eq!(
        site("widgets.support.launcher.label", json!("Ask: now")),
        str![[r#"
@@ -12,7 +12,7 @@
     backend: { type: hosted }
     # The button.
     launcher:
-      label: 'Chat with us' # for screen readers
+      label: 'Ask: now' # for screen readers
 
     chatkit:
       startScreen:

"#]]
        .raw()
    );
    assert_data_eq!(
        site("site.url", json!("https://new.example.com")),
        str![[r#"
@@ -1,6 +1,6 @@
 # The site.
 site:
-  url: https://chat.example.com # where
+  url: https://new.example.com # where
   allowed_origins: [https://www.example.com]
 
 defaults:

"#]]
        .raw()
    );
    assert_data_eq!(
        site("defaults.launcher.color", json!("#ffffff")),
        str![[r##"
@@ -4,7 +4,7 @@
   allowed_origins: [https://www.example.com]
 
 defaults:
-  launcher: { color: "#1f4fd8" }
+  launcher: { color: "#ffffff" }
 
 widgets:
   # The first.

"##]]
        .raw()
    );
    assert_data_eq!(
        site("widgets.support.backend.type", json!("server")),
        str![[r#"
@@ -9,7 +9,7 @@
 widgets:
   # The first.
   support:
-    backend: { type: hosted }
+    backend: { type: server }
     # The button.
     launcher:
       label: 'Chat with us' # for screen readers

"#]]
        .raw()
    );
    assert_data_eq!(
        site(
            "site.allowed_origins",
            json!(["https://www.example.com", "https://b.example.com"])
        ),
        str![[r##"
@@ -1,7 +1,7 @@
 # The site.
 site:
   url: https://chat.example.com # where
-  allowed_origins: [https://www.example.com]
+  allowed_origins: [https://www.example.com, https://b.example.com]
 
 defaults:
   launcher: { color: "#1f4fd8" }

"##]]
        .raw()
    );
    assert_data_eq!(
        site("widgets.support.launcher.label", json!("Chat with us")),
        str![].raw()
    );
}

#[test]
fn a_key_that_is_new_goes_to_the_end_of_its_section() {
    assert_data_eq!(
        site("widgets.support.launcher.size", json!(60)),
        str![[r#"
@@ -13,6 +13,7 @@
     # The button.
     launcher:
       label: 'Chat with us' # for screen readers
+      size: 60
 
     chatkit:
       startScreen:

"#]]
        .raw()
    );
    assert_data_eq!(
        site("widgets.docs.launcher.label", json!("Ask the docs")),
        str![[r#"
@@ -31,4 +31,6 @@
   # The second.
   docs:
     backend: {type: server, url: https://agent.example.com, domain_key: x}
+    launcher:
+      label: Ask the docs
 # The end.

"#]]
        .raw()
    );
    assert_data_eq!(
        site("widgets.docs.backend.signed", json!(false)),
        str![[r#"
@@ -30,5 +30,5 @@
 
   # The second.
   docs:
-    backend: {type: server, url: https://agent.example.com, domain_key: x}
+    backend: {type: server, url: https://agent.example.com, domain_key: x, signed: false}
 # The end.

"#]]
        .raw()
    );
    assert_data_eq!(
        site(
            "widgets.sales",
            json!({"backend": {"type": "hosted"}, "page": {"title": "Sales"}})
        ),
        str![[r#"
@@ -31,4 +31,9 @@
   # The second.
   docs:
     backend: {type: server, url: https://agent.example.com, domain_key: x}
+  sales:
+    backend:
+      type: hosted
+    page:
+      title: Sales
 # The end.

"#]]
        .raw()
    );
    assert_data_eq!(
        site("site.theme", json!("mine")),
        str![[r##"
@@ -2,6 +2,7 @@
 site:
   url: https://chat.example.com # where
   allowed_origins: [https://www.example.com]
+  theme: mine
 
 defaults:
   launcher: { color: "#1f4fd8" }

"##]]
        .raw()
    );
    assert_data_eq!(
        site(
            "widgets.support.chatkit.disclaimer",
            json!({"text": "Made by AI.\nCan be wrong."})
        ),
        str![[r#"
@@ -27,6 +27,10 @@
 
           - label: "Other"
             prompt: Something else
+      disclaimer:
+        text: |-
+          Made by AI.
+          Can be wrong.
 
   # The second.
   docs:

"#]]
        .raw()
    );
}

#[test]
fn a_key_is_removed_and_an_empty_section_with_it() {
    assert_data_eq!(
        site("widgets.support.launcher.label", Value::Null),
        str![[r#"
@@ -11,8 +11,6 @@
   support:
     backend: { type: hosted }
     # The button.
-    launcher:
-      label: 'Chat with us' # for screen readers
 
     chatkit:
       startScreen:

"#]]
        .raw()
    );
    assert_data_eq!(
        site("defaults.launcher.color", Value::Null),
        str![[r##"
@@ -3,9 +3,6 @@
   url: https://chat.example.com # where
   allowed_origins: [https://www.example.com]
 
-defaults:
-  launcher: { color: "#1f4fd8" }
-
 widgets:
   # The first.
   support:

"##]]
        .raw()
    );
    assert_data_eq!(
        site("widgets.docs", Value::Null),
        str![[r#"
@@ -29,6 +29,4 @@
             prompt: Something else
 
   # The second.
-  docs:
-    backend: {type: server, url: https://agent.example.com, domain_key: x}
 # The end.

"#]]
        .raw()
    );
    assert_data_eq!(
        site("widgets.docs.backend", Value::Null),
        str![[r#"
@@ -29,6 +29,5 @@
             prompt: Something else
 
   # The second.
-  docs:
-    backend: {type: server, url: https://agent.example.com, domain_key: x}
+  docs: {}
 # The end.

"#]]
        .raw()
    );
    assert_data_eq!(
        site("widgets.docs.launcher.label", Value::Null),
        str![].raw()
    );
    assert_data_eq!(
        site(PROMPTS, Value::Null),
        str![[r#"
@@ -14,19 +14,6 @@
     launcher:
       label: 'Chat with us' # for screen readers
 
-    chatkit:
-      startScreen:
-        prompts:
-          # about orders
-          - label: Order # first
-            prompt: Where is it?
-          # about returns
-          - label: Return
-            # what is sent
-            prompt: How do I return it?
-
-          - label: "Other"
-            prompt: Something else
 
   # The second.
   docs:

"#]]
        .raw()
    );
}

#[test]
fn a_list_keeps_the_lines_of_items_that_did_not_change() {
    assert_data_eq!(
        site(
            PROMPTS,
            json!([
                prompt("Orders", "Where is it?"),
                prompt("Return", "How do I return it?"),
                prompt("Other", "Something else")
            ])
        ),
        str![[r#"
@@ -18,7 +18,7 @@
       startScreen:
         prompts:
           # about orders
-          - label: Order # first
+          - label: Orders # first
             prompt: Where is it?
           # about returns
           - label: Return

"#]]
        .raw()
    );
    assert_data_eq!(
        site(
            PROMPTS,
            json!([
                prompt("Order", "Where is it?"),
                prompt("Return", "How do I return it?"),
                prompt("Other", "Something else"),
                prompt("New", "yes")
            ])
        ),
        str![[r#"
@@ -27,6 +27,8 @@
 
           - label: "Other"
             prompt: Something else
+          - label: New
+            prompt: 'yes'
 
   # The second.
   docs:

"#]]
        .raw()
    );
    assert_data_eq!(
        site(
            PROMPTS,
            json!([
                prompt("Return", "How do I return it?"),
                prompt("Order", "Where is it?"),
                prompt("Other", "Something else")
            ])
        ),
        str![[r#"
@@ -17,13 +17,13 @@
     chatkit:
       startScreen:
         prompts:
-          # about orders
-          - label: Order # first
-            prompt: Where is it?
           # about returns
           - label: Return
             # what is sent
             prompt: How do I return it?
+          # about orders
+          - label: Order # first
+            prompt: Where is it?
 
           - label: "Other"
             prompt: Something else

"#]]
        .raw()
    );
    assert_data_eq!(
        site(
            PROMPTS,
            json!([
                prompt("Order", "Where is it?"),
                prompt("Other", "Something else")
            ])
        ),
        str![[r#"
@@ -20,10 +20,6 @@
           # about orders
           - label: Order # first
             prompt: Where is it?
-          # about returns
-          - label: Return
-            # what is sent
-            prompt: How do I return it?
 
           - label: "Other"
             prompt: Something else

"#]]
        .raw()
    );
    assert_data_eq!(
        site(
            PROMPTS,
            json!([
                prompt("New", "first"),
                prompt("Order", "Where is it?"),
                prompt("Return", "How do I return it?"),
                prompt("Other", "Something else")
            ])
        ),
        str![[r#"
@@ -17,6 +17,8 @@
     chatkit:
       startScreen:
         prompts:
+          - label: New
+            prompt: first
           # about orders
           - label: Order # first
             prompt: Where is it?

"#]]
        .raw()
    );
    assert_data_eq!(
        site(PROMPTS, json!([])),
        str![[r#"
@@ -16,17 +16,7 @@
 
     chatkit:
       startScreen:
-        prompts:
-          # about orders
-          - label: Order # first
-            prompt: Where is it?
-          # about returns
-          - label: Return
-            # what is sent
-            prompt: How do I return it?
-
-          - label: "Other"
-            prompt: Something else
+        prompts: []
 
   # The second.
   docs:

"#]]
        .raw()
    );
    assert_data_eq!(
        site(
            PROMPTS,
            json!([prompt("Order", "Where is it?"), {"label": "Return", "prompt": "How do I return it?", "icon": "lucide:undo-2"}, prompt("Other", "Something else")])
        ),
        str![[r#"
@@ -24,6 +24,7 @@
           - label: Return
             # what is sent
             prompt: How do I return it?
+            icon: lucide:undo-2
 
           - label: "Other"
             prompt: Something else

"#]]
        .raw()
    );
}

#[test]
fn aliases_and_merge_keys_change_nowhere_else() {
    assert_data_eq!(
        whole(ANCHORS, "widgets.b.launcher.label", json!("B")),
        str![[r#"
widgets:
  a: &base # the base
    backend: {type: hosted}
    launcher: {label: Ask}
  b:
    <<: *base
    launcher:
      label: B
  c:
    <<: *base
    page: {title: C}

"#]]
        .raw()
    );
    assert_data_eq!(
        whole(ANCHORS, "widgets.a.launcher.label", json!("A")),
        str![[r#"
widgets:
  a: &base # the base
    backend: {type: hosted}
    launcher: {label: A}
  b:
    <<: *base
    launcher:
      label: Ask
  c:
    <<: *base
    page: {title: C}
    launcher:
      label: Ask

"#]]
        .raw()
    );
    assert_data_eq!(
        whole(ANCHORS, "widgets.c.launcher.size", json!(60)),
        str![[r#"
widgets:
  a: &base # the base
    backend: {type: hosted}
    launcher: {label: Ask}
  b: *base
  c:
    <<: *base
    page: {title: C}
    launcher:
      label: Ask
      size: 60

"#]]
        .raw()
    );
    assert_data_eq!(
        whole(ANCHORS, "widgets.c.backend", Value::Null),
        str![[r#"
widgets:
  a: &base # the base
    backend: {type: hosted}
    launcher: {label: Ask}
  b: *base
  c:
    page: {title: C}
    launcher:
      label: Ask

"#]]
        .raw()
    );
    assert_data_eq!(
        whole(ANCHORS, "widgets.a", Value::Null),
        str![[r#"
widgets:
  b: &base
    backend: {type: hosted}
    launcher: {label: Ask}
  c:
    <<: *base
    page: {title: C}

"#]]
        .raw()
    );
    assert_data_eq!(
        whole(ANCHORS, "widgets.b", Value::Null),
        str![[r#"
widgets:
  a: &base # the base
    backend: {type: hosted}
    launcher: {label: Ask}
  c:
    <<: *base
    page: {title: C}

"#]]
        .raw()
    );
    assert_data_eq!(
        whole(ANCHORS, "widgets.a.page.title", json!("A")),
        str![[r#"
widgets:
  a: &base # the base
    backend: {type: hosted}
    launcher: {label: Ask}
    page:
      title: A
  b:
    backend:
      type: hosted
    launcher:
      label: Ask
  c:
    <<: *base
    page: {title: C}

"#]]
        .raw()
    );
}

const ANCHORS: &str = "\
widgets:
  a: &base # the base
    backend: {type: hosted}
    launcher: {label: Ask}
  b: *base
  c:
    <<: *base
    page: {title: C}
";

#[test]
fn a_widget_may_have_a_file_of_its_own() {
    assert_data_eq!(
        change(
            &[
                ("site.yaml", SITE),
                ("widgets/sales.yaml", "# Sales\nbackend: {type: hosted}\n")
            ],
            &[("widgets.sales.launcher.label", json!("Buy"))]
        ),
        str![[r#"
@@ -1,2 +1,4 @@
 # Sales
 backend: {type: hosted}
+launcher:
+  label: Buy

"#]]
        .raw()
    );
    assert_data_eq!(
        change(
            &[
                ("site.yaml", SITE),
                ("widgets/sales.yaml", "# Sales\nbackend: {type: hosted}\n")
            ],
            &[("widgets.sales", Value::Null)]
        ),
        str![[r#"
widgets/sales.yaml is removed

"#]]
        .raw()
    );
    assert_data_eq!(
        change(
            &[
                ("site.yaml", SITE),
                ("widgets/sales.yaml", "# Sales\nbackend: {type: hosted}\n")
            ],
            &[("widgets.sales", json!({"backend": {"type": "server"}}))]
        ),
        str![[r#"
@@ -1,2 +1,2 @@
 # Sales
-backend: {type: hosted}
+backend: {type: server}

"#]]
        .raw()
    );
    assert_data_eq!(
        change(
            &[
                ("site.yaml", "site: {url: x}\n"),
                ("widgets/sales.yaml", "# nothing yet\n")
            ],
            &[("widgets.sales.page.title", json!("Sales"))]
        ),
        str![[r#"
@@ -1 +1,3 @@
 # nothing yet
+page:
+  title: Sales

"#]]
        .raw()
    );
    assert_data_eq!(
        change(
            &[("site.yaml", SITE)],
            &[
                ("widgets.docs.page.title", json!("D")),
                ("widgets.support.launcher.label", Value::Null),
                ("widgets.support.launcher.size", json!(60))
            ]
        ),
        str![[r#"
@@ -12,7 +12,7 @@
     backend: { type: hosted }
     # The button.
     launcher:
-      label: 'Chat with us' # for screen readers
+      size: 60
 
     chatkit:
       startScreen:
@@ -31,4 +31,6 @@
   # The second.
   docs:
     backend: {type: server, url: https://agent.example.com, domain_key: x}
+    page:
+      title: D
 # The end.

"#]]
        .raw()
    );
}

#[test]
fn files_of_every_form_are_changed() {
    assert_data_eq!(
        whole(
            "site: {url: x}\r\nwidgets:\r\n  # a\r\n  a: {}\r\n",
            "widgets.a.launcher.label",
            json!("Hi")
        )
        .replace('\r', "␍"),
        str![[r#"
site: {url: x}␍
widgets:␍
  # a␍
  a:␍
    launcher:␍
      label: Hi␍

"#]]
        .raw()
    );
    assert_data_eq!(
        whole(
            "# nothing but a comment\n",
            "widgets.a.page.title",
            json!("Hi")
        ),
        str![[r#"
# nothing but a comment
widgets:
  a:
    page:
      title: Hi

"#]]
        .raw()
    );
    assert_data_eq!(
        whole("", "site.url", json!("https://x.example")),
        str![[r#"
site:
  url: https://x.example

"#]]
        .raw()
    );
    assert_data_eq!(
        whole(
            "site: {url: x}\nwidgets: {a: {backend: {type: hosted}}}",
            "widgets.a.chatkit.theme.colorScheme",
            json!("auto")
        ),
        str![[r#"
site: {url: x}
widgets: {a: {backend: {type: hosted}, chatkit: {theme: {colorScheme: auto}}}}
"#]]
        .raw()
    );
    assert_data_eq!(
        whole(
            "---\n# a\nwidgets:\n    a:\n        page:\n            title: A\n...\n",
            "widgets.a.page.language",
            json!("de")
        ),
        str![[r#"
---
# a
widgets:
    a:
        page:
            title: A
            language: de
...

"#]]
        .raw()
    );
    assert_data_eq!(
        whole(
            "widgets:\n  a:\n    launcher: # later\n",
            "widgets.a.launcher.label",
            json!("Hi")
        ),
        str![[r#"
widgets:
  a:
    launcher: # later
      label: Hi

"#]]
        .raw()
    );
    assert_data_eq!(
        whole(
            "widgets:\n  a:\n    rules:\n      show:\n      - /a # one\n      - /b\n      # all\n      - /c\n    page: {title: A}\n",
            "widgets.a.rules.show",
            json!(["/c", "/a", "/d"])
        ),
        str![[r#"
widgets:
  a:
    rules:
      show:
      # all
      - /c
      - /a # one
      - /d
    page: {title: A}

"#]]
        .raw()
    );
    assert_data_eq!(
        whole(
            "widgets:\n  a:\n    disclaimer: |\n      one\n      two\n    # next\n    b: 1\n",
            "widgets.a.disclaimer",
            json!("one line")
        ),
        str![[r#"
widgets:
  a:
    disclaimer: one line
    # next
    b: 1

"#]]
        .raw()
    );
    assert_data_eq!(
        whole(
            "widgets:\n  a: {page: {title: A}}\n",
            "widgets.a.page.title",
            json!("\u{202e}yes\u{0}")
        ),
        str![[r#"
widgets:
  a: {page: {title: "\u202eyes\u0000"}}

"#]]
        .raw()
    );
}

#[test]
fn file_that_no_edit_is_about_may_be_broken() {
    let files = sources(&[
        ("site.yaml", "site: {url: x}\n"),
        ("widgets/a.yaml", "launcher: {label: x\n"),
        ("widgets/b.yaml", "launcher: {label: x}\n"),
    ]);
    let changed = apply(&files, &[edit("widgets.b.launcher.label", json!("z"))]).unwrap();
    let texts: Vec<_> = changed.iter().map(|source| &*source.text).collect();
    let broken = &*files[1].text;
    assert_eq!(
        texts,
        ["site: {url: x}\n", broken, "launcher: {label: z}\n"]
    );
}

#[test]
fn what_can_not_be_changed_is_said() {
    assert_data_eq!(
        whole("site: [1]\n", "site.url", json!("x")),
        str!["`site` is not a map"].raw()
    );
    assert_data_eq!(
        whole("site: {url: x}\n", "site.url.host", json!("x")),
        str!["`site.url` is not a map"].raw()
    );
    assert_data_eq!(
        whole("site: {url: x\n", "site.url", json!("x")),
        str!["not valid YAML"].raw()
    );
    assert_data_eq!(
        whole("a: &x {b: 1}\nc: {<<: *x}\n", "a", json!(5)),
        str![[r#"
a: &x 5
c:
  b: 1

"#]]
        .raw()
    );
    assert_data_eq!(
        change(&[("site.yaml", SITE)], &[("", json!(1))]),
        str![[r#"
@@ -32,3 +32,4 @@
   docs:
     backend: {type: server, url: https://agent.example.com, domain_key: x}
 # The end.
+'': 1

"#]]
        .raw()
    );
}

#[test]
fn paragraphs_are_a_block_wherever_one_can_be() {
    let change = |site: &str| {
        let text = json!("Be brief:\n\n  - one\n\n# two");
        change(
            &[("site.yaml", site)],
            &[("widgets.a.backend.instructions", text)],
        )
    };
    assert_data_eq!(
        change(
            "widgets:\n  a:\n    backend:\n      instructions: |\n        One\n\n        two\n      type: agent # yes\n"
        ),
        str![[r#"
@@ -1,8 +1,10 @@
 widgets:
   a:
     backend:
-      instructions: |
-        One
+      instructions: |-
+        Be brief:
+
+          - one
 
-        two
+        # two
       type: agent # yes

"#]]
    );
    assert_data_eq!(
        change("widgets:\r\n  a:\r\n    backend:\r\n      type: agent\r\n    page: {}\r\n"),
        str![[r#"
@@ -2,4 +2,10 @@
   a:
     backend:
       type: agent
+      instructions: |-
+        Be brief:
+
+          - one
+
+        # two
     page: {}

"#]]
    );
    assert_data_eq!(
        change("widgets:\n  a:\n    backend: {type: agent, instructions: x} # now\n    page: {}\n"),
        str![[r#"
@@ -1,4 +1,11 @@
 widgets:
   a:
-    backend: {type: agent, instructions: x} # now
+    backend: # now
+      type: agent
+      instructions: |-
+        Be brief:
+
+          - one
+
+        # two
     page: {}

"#]]
    );
    let flow = change("widgets: {a: {backend: {type: agent, instructions: x}}} # now\n");
    assert!(
        flow.contains(r#"instructions: "Be brief:\n\n  - one\n\n# two"}}} # now"#),
        "{flow}"
    );
}

#[test]
fn another_type_with_many_keys_gets_lines_of_its_own() {
    let site = "widgets:\n  a:\n    backend: {type: hosted} # now\n    page: {}\n";
    let change = |value| change(&[("site.yaml", site)], &[("widgets.a.backend", value)]);
    assert_data_eq!(
        change(json!({"type": "server", "url": "x"})),
        str![[r#"
@@ -1,4 +1,4 @@
 widgets:
   a:
-    backend: {type: hosted} # now
+    backend: {type: server, url: x} # now
     page: {}

"#]]
    );
    assert_data_eq!(
        change(json!({"type": "agent", "domain_key": "x", "instructions": "y", "model": "z"})),
        str![[r#"
@@ -1,4 +1,8 @@
 widgets:
   a:
-    backend: {type: hosted} # now
+    backend: # now
+      type: agent
+      domain_key: x
+      instructions: 'y'
+      model: z
     page: {}

"#]]
    );
}
