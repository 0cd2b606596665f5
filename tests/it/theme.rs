//! Themes: variables, and the command `theme`.

use snapbox::str;

use crate::project::{Project, SMALLEST, project};

/// The first asset of that name, such as `page.css`.
fn asset(project: &Project, name: &str) -> String {
    let (start, end) = name.split_once('.').expect("a name and an ending");
    let files = project.files("dist/assets");
    let mut found = files.iter().filter(|(path, _)| {
        let path = path.to_string_lossy();
        path.starts_with(start) && path.ends_with(end)
    });
    let (_, bytes) = found.next().expect("an asset of that name");
    String::from_utf8(bytes.clone()).expect("a text")
}

#[test]
fn a_variable_of_the_site_reaches_launcher_panel_and_page() {
    let project = project().file(
        "site.yaml",
        "site:\n  url: https://chat.example.com\n  variables: {accent: '#ffe14d', corner: 4px}\n\
         widgets: {support: {backend: {type: hosted}}}\n",
    );
    project.run("build").success();
    let loader = project.read("dist/w/support.js");
    assert!(loader.contains(".box{--accent:#ffe14d;"), "{loader}");
    assert!(loader.contains("--on-accent:#000000;"), "{loader}");
    assert!(
        !loader.contains("--alert:"),
        "only what the launcher's style mentions"
    );
    let panel = asset(&project, "panel.js");
    assert!(panel.contains("--alert:#d92d20;"), "{panel}");
    assert!(
        !panel.contains("--accent:"),
        "the launcher's style has it, where a widget may have set its own"
    );
    let page = asset(&project, "page.css");
    assert!(
        page.starts_with(":root{--accent:#ffe14d;--corner:4px;"),
        "{page}"
    );
}

#[test]
fn a_theme_can_name_variables_of_its_own() {
    let project = project()
        .file(
            "site.yaml",
            "site: {url: 'https://chat.example.com', theme: acme, variables: {gap: 3px}}\n\
             widgets: {support: {backend: {type: hosted}}}\n",
        )
        .file(
            "themes/acme/theme.yaml",
            "description: Ours.\nvariables:\n  gap: {description: Room., value: 8px}\n  corner: {value: 0px}\n",
        )
        .file("themes/acme/looks/page.css", "")
        .file(
            "themes/acme/static/css/page.css",
            "body { gap: var(--gap); border-radius: var(--corner); color: var(--ink, red) }",
        );
    project.run("build").success();
    assert_eq!(
        asset(&project, "page.css").split('}').next(),
        Some(":root{--corner:0px;--gap:3px;--ink:var(--light,#16161a)var(--dark,#f3f3f5);")
    );
    project.run("theme list").success().stdout_eq(str![[r#"
     acme Ours.
          `themes/acme`; this site's
  default Calm and rounded, with neutral greys.
          embedded
 midnight A night sky over the chat, a launcher that glows, and a panel that opens like a window.
          embedded
  minimal Paper, ink and hairlines. The launcher is a word, and nothing casts a shadow.
          embedded
  playful Thick lines, loud colours, and a launcher that is a speech bubble and wags when you point at it.
          embedded

"#]]);
}

#[test]
fn a_variable_that_is_wrong_in_a_theme_is_an_error_there() {
    project()
        .file(
            "site.yaml",
            "site: {url: 'https://chat.example.com', theme: acme}\n\
             widgets: {support: {backend: {type: hosted}}}\n",
        )
        .file(
            "themes/acme/theme.yaml",
            "variables:\n  shade: {value: 0 1px 2px black}\n  text: {value: '#000000', on: grond}\n",
        )
        .run("build")
        .code(1)
        .stderr_eq(str![[r#"
error: neither a colour, a length, a duration, a number nor fonts
 --> themes/acme/theme.yaml:2:18
  |
2 |   shade: {value: 0 1px 2px black}
  |                  ^^^^^^^^^^^^^^^
  |
  = hint: anything else belongs in a style of the theme

error: `grond` is not one of the theme's colours
 --> themes/acme/theme.yaml:3:32
  |
3 |   text: {value: '#000000', on: grond}
  |                                ^^^^^

error: 2 problems

"#]]);
}

#[test]
fn variables_are_listed_as_they_would_be_written() {
    let project = project().file(
        "site.yaml",
        "site: {url: 'https://chat.example.com', variables: {accent: '#ffe14d'}}\n\
         widgets: {support: {backend: {type: hosted}}}\n",
    );
    project.run("theme variables").success().stdout_eq(str![[r##"
accent: "#ffe14d"
  a colour, set by the site. Ground of the launcher and of buttons.
alert: "#d92d20"
  a colour. The dot for answers that nobody has seen.
corner: 18px
  a length. Corners of panel, teaser and card.
focus: { light: "#2457e6", dark: "#8fb1ff" }
  a colour. The outline of what the keyboard is at.
font: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'
  a list of fonts. The font, of our own texts. ChatKit's is `chatkit.theme.typography`.
glow: { light: "#e2e6f7", dark: "#26283a" }
  a colour. Light at the top of that ground.
ground: { light: "#f4f4f7", dark: "#141416" }
  a colour. What lies behind the card of the hosted page.
ink: { light: "#16161a", dark: "#f3f3f5" }
  a colour. Text.
line: { light: "#e4e5ea", dark: "#3a3a3e" }
  a colour. Lines and frames.
on-accent: "#000000"
  a colour. What stands on it. Black or white, whichever is easier to read, where a site sets `accent` alone.
quiet: { light: "#5c5c66", dark: "#b4b4bd" }
  a colour. Text that matters less.
shape: { light: "#ececf1", dark: "#2e2e32" }
  a colour. What is drawn while the chat loads.
surface: { light: "#ffffff", dark: "#212121" }
  a colour. Ground of panel and card. ChatKit's own is `chatkit.theme.color.surface`.

"##]]);
}

#[test]
fn a_file_is_copied_and_never_replaced_unasked() {
    let project = project().file("site.yaml", SMALLEST);
    let embedded = include_str!("../../themes/default/templates/404.html");
    project
        .run("theme eject templates/404.html templates/partials")
        .success()
        .stdout_eq(str![[r#"
   copied themes/default/templates/404.html
   copied themes/default/templates/partials/head.html
   copied themes/default/templates/partials/noscript.html
   copied themes/default/templates/partials/skeleton.html
   copied themes/default/templates/partials/title.html

"#]]);
    assert_eq!(project.read("themes/default/templates/404.html"), embedded);
    project.write("themes/default/templates/404.html", "mine");
    project
        .run("theme eject templates")
        .code(1)
        .stderr_eq(str![[r#"
error: `themes/default/templates/404.html` already exists
hint: nothing was copied; --force replaces it

"#]]);
    assert_eq!(project.read("themes/default/templates/404.html"), "mine");
    assert!(!project.path("themes/default/templates/page.html").exists());
    project
        .run("theme eject --force templates/404.html")
        .success();
    assert_eq!(project.read("themes/default/templates/404.html"), embedded);
}

#[test]
fn what_was_copied_whole_builds_to_the_same_bytes() {
    let project = project().file("site.yaml", SMALLEST);
    project.run("build").success();
    let before = project.files("dist");
    project
        .run("theme eject icons loader static templates theme.yaml")
        .success();
    project.run("build").success();
    assert_eq!(project.files("dist"), before);
}

#[test]
fn a_file_that_is_none_is_an_error_with_the_one_meant() {
    let project = project().file("site.yaml", SMALLEST);
    project
        .run("theme eject page.css")
        .code(1)
        .stderr_eq(str![[r#"
error: the theme has no `page.css`
hint: did you mean `looks/page.css`?

"#]]);
    project
        .run("theme eject --theme midnite page.css")
        .code(1)
        .stderr_eq(str![[r#"
error: unknown theme `midnite`, expected one of `default`, `midnight`, `minimal`, `playful`
hint: did you mean `midnight`?

"#]]);
}

#[test]
fn without_a_file_eject_says_what_there_is() {
    let project = project().file("site.yaml", SMALLEST);
    let output = project.run("theme eject").success();
    let list = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let line = list
        .lines()
        .find(|line| line.starts_with("static/css/page.css "));
    assert!(
        line.is_some_and(|line| line.ends_with("  How the hosted page is put together.")),
        "{list}"
    );
}
