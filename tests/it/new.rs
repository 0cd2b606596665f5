//! `new`.

use std::fs;
use std::path::Path;

use snapbox::str;

use crate::project::{SMALLEST, project};

#[test]
fn a_new_widget_can_be_built_as_it_is() {
    let shipped = include_str!("../../site.yaml");
    // An agent needs nothing else, so it is the default.
    for (argument, backend) in [
        ("", "agent"),
        (" --backend agent", "agent"),
        (" --backend hosted", "hosted"),
        (" --backend server", "server"),
    ] {
        let project = project().file("site.yaml", shipped);
        let command = format!("new sales{argument}");
        project.run(&command).success().stdout_eq(str![[r#"
    added `sales` to site.yaml

"#]]);
        let site = project.read("site.yaml");
        let added = site.strip_prefix(shipped.trim_end()).unwrap();
        assert!(added.contains(&format!("type: {backend}\n")), "{added}");
        project.run("build").success();
        assert!(project.path("dist/w/sales.js").exists());
    }
}

#[test]
fn a_widget_that_is_there_already_and_a_name_that_is_none_are_refused() {
    let project = project().file("site.yaml", SMALLEST);
    project.run("new support").code(1).stderr_eq(str![[r#"
error: widget `support` already exists
hint: choose another name, or edit that widget

"#]]);
    project.run("new Support!").code(1).stderr_eq(str![[r#"
error: `Support!` is not a valid widget name
hint: use 1 to 64 lower-case letters, digits and hyphens: the name becomes part of addresses

"#]]);
    assert_eq!(project.read("site.yaml"), SMALLEST);
}

/// Whoever adds a file to `src/init/starters` has added a template or a language, so each of them has to be right.
#[test]
fn every_template_is_a_widget_that_can_be_built_in_every_language() {
    let project = project().file("site.yaml", SMALLEST);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/init/starters");
    let files = fs::read_dir(folder).unwrap();
    let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut widgets = Vec::new();
    for file in files.filter(|file| file != "README.md") {
        let name = file.strip_suffix(".yaml");
        let parts = name.and_then(|name| name.split_once('.'));
        let (template, language) = parts.unwrap_or_else(|| panic!("{file}"));
        let widget = format!("{template}-{}", language.to_lowercase());
        let options = format!("--template {template} --language {language}");
        project.run(&format!("new {widget} {options}")).success();
        widgets.push((widget, language.to_owned()));
    }
    assert!(widgets.len() >= 30, "{widgets:?}");
    project.run("build").success();
    for (widget, language) in widgets {
        let page = project.read(&format!("dist/w/{widget}/index.html"));
        assert!(
            page.contains(&format!("<html lang=\"{language}\"")),
            "{page}"
        );
        assert!(!page.contains("{name}"), "{page}");
    }
}

#[test]
fn a_new_widget_goes_on_in_the_language_of_the_site_and_names_its_website() {
    let site = "\
site:
  url: https://chat.morrow.example
  allowed_origins: [https://*.morrow.example, https://www.morrow.example]
defaults:
  page: {language: fr-CH}
widgets:
  support:
    backend: {type: hosted}
";
    let project = project().file("site.yaml", site);
    project.run("new termine --template booking").success();
    project.run("new ajuda --language pt").success();
    let text = project.read("site.yaml");
    for line in [
        "      title: Rendez-vous – morrow.example\n      language: fr\n",
        "      title: Atendimento morrow.example\n      language: pt\n",
        "        Você atende os clientes de morrow.example. Seja breve e gentil.\n",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
    project.run("build").success();
}

#[test]
fn a_template_or_language_that_is_misspelt_is_wrong_usage_that_names_the_one_meant() {
    let project = project().file("site.yaml", SMALLEST);
    let command = "new sales --template slaes";
    project.run(command).code(2).stderr_eq(str![[r#"
error: invalid value 'slaes' for '--template <TEMPLATE>'
  [possible values: support, booking, docs, internal, sales]

  tip: a similar value exists: 'sales'

For more information, try '--help'.

"#]]);
    let command = "new sales --language dee";
    project.run(command).code(2).stderr_eq(str![[r#"
error: invalid value 'dee' for '--language <LANGUAGE>'
  [possible values: de, en, es, fr, ja, pt]

  tip: a similar value exists: 'de'

For more information, try '--help'.

"#]]);
    assert_eq!(project.read("site.yaml"), SMALLEST);
}
