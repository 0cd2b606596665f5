//! What can be wrong beside `site.yaml`: files that are none, the theme's own file, and its texts and icons.

use std::fs;

use snapbox::str;

use crate::project::{Project, SMALLEST, project};

const THEME: &str = "themes/default/theme.yaml";

fn site_of_theme(theme: &str) -> Project {
    project().file("site.yaml", SMALLEST).file(THEME, theme)
}

#[test]
fn what_is_no_text_is_named() {
    let site = project();
    fs::write(site.path("site.yaml"), b"site: \xff").unwrap();
    site.run("check").code(1).stderr_eq(str![[r#"
error: `site.yaml` is not UTF-8 text, at byte 6

"#]]);
    let theme = site_of_theme("");
    fs::write(theme.path(THEME), b"description: \xff").unwrap();
    theme.run("check").code(1).stderr_eq(str![[r#"
error: `themes/default/theme.yaml` is not UTF-8
  caused by: invalid utf-8 sequence of 1 bytes from index 13

"#]]);
}

#[test]
fn what_is_no_file_says_what_it_is() {
    let folder = project();
    fs::create_dir(folder.path("site.yaml")).unwrap();
    folder.run("check").code(1).stderr_eq(str![[r#"
error: failed to read `site.yaml`
  caused by: Is a directory (os error 21)
hint: a folder is in the way; move or delete it

"#]]);
    let file = project()
        .file("site.yaml", SMALLEST)
        .file("widgets", "a file");
    file.run("check").code(1).stderr_eq(str![[r#"
error: failed to read `widgets/`
  caused by: Not a directory (os error 20)
hint: check that it is a file, and that you have permission to read it

"#]]);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_says_so() {
    let project = project()
        .file("site.yaml", SMALLEST)
        .file("widgets/a.yaml", "backend: {type: hosted}\n");
    std::os::unix::fs::symlink("nowhere", project.path("widgets/b.yaml")).unwrap();
    project.run("check").code(1).stderr_eq(str![[r#"
error: failed to read `widgets/b.yaml`
  caused by: No such file or directory (os error 2)
hint: if it is a link, its target is missing; remove or fix the link

"#]]);
}

#[test]
fn a_file_of_a_widget_has_the_name_of_one() {
    let project = project().file("site.yaml", SMALLEST);
    project.write("widgets/Sales Team.yaml", "backend: {type: hosted}\n");
    project.run("check").code(1).stderr_eq(str![[r#"
error: `Sales Team` is not a valid widget name
 --> widgets/Sales Team.yaml:1:1
  |
1 | backend: {type: hosted}
  | ^
  |
  = hint: use 1 to 64 lower-case letters, digits and hyphens: the name becomes part of addresses

error: one problem

"#]]);
}

#[test]
fn a_key_is_found_in_every_file() {
    let project = site_of_theme("# sk-proj-0123456789abcdef\n").file(
        "widgets/a.yaml",
        "backend: {type: hosted}\n# sk-proj-0123456789abcdef\n",
    );
    project.run("check").code(1).stderr_eq(str![[r#"
error: line 2 contains what looks like an OpenAI API key
--> widgets/a.yaml
 = hint: remove it and create a new key, because this one is no longer secret; set OPENAI_API_KEY in Netlify's settings, and in `.env` for this machine

error: line 1 contains what looks like an OpenAI API key
--> themes/default/theme.yaml
 = hint: remove it and create a new key, because this one is no longer secret; set OPENAI_API_KEY in Netlify's settings, and in `.env` for this machine

error: 2 problems

"#]]);
}

/// A line with a key is not shown by the errors that it is a part of.
#[test]
fn a_key_is_not_shown_by_other_errors() {
    let project = project().file(
        "site.yaml",
        "site: {url: 'https://chat.example.com'}\n\
         widgets:\n\
         \x20 a: {backend: {type: hosted}, apiKey: sk-proj-0123456789abcdef}\n\
         \x20 a: {backend: {type: hosted}, apiKey: sk-proj-0123456789abcdef}\n",
    );
    let output = project.run("check").code(1).get_output().stderr.clone();
    let output = String::from_utf8(output).unwrap();
    assert!(
        output.contains("line 3 contains what looks like an OpenAI API key"),
        "{output}"
    );
    assert!(!output.contains("sk-proj-0123456789abcdef"), "{output}");
}

#[test]
fn a_theme_s_file_is_checked_like_a_site() {
    site_of_theme("variabels: {}\n")
        .run("check")
        .code(1)
        .stderr_eq(str![[r#"
error: unknown key `variabels`
 --> themes/default/theme.yaml:1:1
  |
1 | variabels: {}
  | ^^^^^^^^^ expected one of `description`, `variables`, `defaults`
  |
  = hint: did you mean `variables`?

error: one problem

"#]]);
    let variables = "variables:\n\
                     \x20 Big Gap: {value: 8px}\n\
                     \x20 gap: {description: Room between things.}\n\
                     \x20 glow: {value: {light: reed, dark: '#000000'}}\n";
    site_of_theme(variables)
        .run("check")
        .code(1)
        .stderr_eq(str![[r##"
error: `Big Gap` is not a valid variable name
 --> themes/default/theme.yaml:2:3
  |
2 |   Big Gap: {value: 8px}
  |   ^^^^^^^
  |
  = hint: use 1 to 64 lower-case letters, digits and hyphens

error: `gap` has no value
 --> themes/default/theme.yaml:3:3
  |
3 |   gap: {description: Room between things.}
  |   ^^^

error: `reed` is not a colour
 --> themes/default/theme.yaml:4:25
  |
4 |   glow: {value: {light: reed, dark: '#000000'}}
  |                         ^^^^ expected a colour such as `"#1f4fd8"` or `navy`
  |
  = hint: did you mean `red`?

error: 3 problems

"##]]);
}

#[test]
fn a_variable_takes_what_is_of_its_kind() {
    let project = site_of_theme("variables: {pace: {value: 180ms}, weight: {value: '600'}}\n");
    project.write(
        "site.yaml",
        "site: {url: 'https://chat.example.com', variables: {pace: slow, weight: bold}}\n\
         widgets: {a: {backend: {type: hosted}}}\n",
    );
    project.run("check").code(1).stderr_eq(str![[r#"
error: not a duration
 --> site.yaml:1:59
  |
1 | site: {url: 'https://chat.example.com', variables: {pace: slow, weight: bold}}
  |                                                           ^^^^ expected a duration such as `180ms` or `0.2s`

error: not a number
 --> site.yaml:1:73
  |
1 | site: {url: 'https://chat.example.com', variables: {pace: slow, weight: bold}}
  |                                                                         ^^^^ expected a number such as `"600"`

error: 2 problems

"#]]);
}

#[test]
fn texts_of_a_language_are_those_that_somebody_reads() {
    let site = |text| {
        let site = SMALLEST.replace("hosted}", "hosted}, page: {language: de}");
        project()
            .file("site.yaml", &site)
            .file("themes/default/texts/de.yaml", text)
    };
    site("clsoe: Zu\n").run("check").code(1).stderr_eq(str![[r#"
error: unknown text `clsoe`
 --> themes/default/texts/de.yaml:1:1
  |
1 | clsoe: Zu
  | ^^^^^
  |
  = hint: did you mean `close`?

error: one problem

"#]]);
    site("close: [Zu\n")
        .run("check")
        .code(1)
        .stderr_eq(str![[r#"
error: not valid YAML
 --> themes/default/texts/de.yaml:1:11
  |
1 | close: [Zu
  |           ^ while parsing a flow sequence, expected ',' or ']'

error: one problem

"#]]);
    site("close: 5\nretry: ' '\nnew: neue\nclose: Zu\n")
        .run("check")
        .code(1)
        .stderr_eq(str![[r#"
error: invalid text `close`
 --> themes/default/texts/de.yaml:1:8
  |
1 | close: 5
  |        ^ expected text; put it in quotes

error: invalid text `retry`
 --> themes/default/texts/de.yaml:2:8
  |
2 | retry: ' '
  |        ^^^ this is empty

error: invalid text `new`
 --> themes/default/texts/de.yaml:3:6
  |
3 | new: neue
  |      ^^^^ it must contain `{count}`

error: duplicate key `close`
 --> themes/default/texts/de.yaml:4:1
  |
1 | close: 5
  | ----- first defined here
...
4 | close: Zu
  | ^^^^^ defined again here

error: 4 problems

"#]]);
    let own = site("close: Zu\nother: <b>Oh & weh</b>\n");
    own.run("build").success();
    let page = own.read("dist/w/support/index.html");
    let settings = own.read("dist/w/support/settings.js");
    assert!(
        settings.contains(r#""other":"<b>Oh & weh</b>""#),
        "{settings}"
    );
    assert!(page.contains(">Erneut versuchen<"));
}

#[test]
fn an_icon_of_the_theme_is_a_drawing() {
    let icon = "themes/default/icons/message-circle.svg";
    let project = project().file("site.yaml", SMALLEST).file(icon, "<svg/>");
    project.run("check").code(1).stderr_eq(str![[r#"
error: `widgets.support`: `launcher.icon`
  caused by: invalid icon `themes/default/icons/message-circle.svg`
  caused by: its `viewBox` must be `0 0 24 24`

"#]]);
    project.write(
        "site.yaml",
        &SMALLEST.replace("hosted}", "hosted}, page: {icon: 'emoji:🦊'}"),
    );
    project.run("check").code(1).stderr_eq(str![[r#"
error: `widgets.support`: `launcher.icon`
  caused by: invalid icon `themes/default/icons/message-circle.svg`
  caused by: its `viewBox` must be `0 0 24 24`

"#]]);
}

#[test]
fn what_is_left_to_do_for_a_server_is_said() {
    let project = project().file(
        "site.yaml",
        "site: {url: 'https://chat.acme.com', allowed_origins: ['https://www.acme.com']}\n\
         widgets: {a: {backend: {type: server, url: 'https://agent.acme.com', domain_key: domain_pk_x}}}\n",
    );
    project.run("check").success().stdout_eq(str![[r#"
     site https://chat.acme.com (from site.url)
  widgets 1: no errors
    to do chat.acme.com: add this host at https://platform.openai.com/settings/organization/security/domain-allowlist, or ChatKit stays blank; wildcards are not allowed there, so deploy previews stay blank anyway. A page with the snippet `direct` needs its own host on the list
    to do CHATKIT_SERVER_SECRET: not set on this machine: set it where the function runs (on Netlify under Site configuration > Environment variables), and in `.env` to try it here

"#]]);
    let unsigned = project.read("site.yaml").replace(
        "domain_key: domain_pk_x",
        "domain_key: domain_pk_x, signed: false",
    );
    project.write("site.yaml", &unsigned);
    project.run("check --strict").code(1).stderr_eq(str![[r#"
error: 1 thing left to do

"#]]);
    project
        .run("check --explain zzz")
        .code(1)
        .stderr_eq(str![[r#"
error: no widget `zzz`
hint: the widgets are `a`

"#]]);
}

#[test]
fn instructions_of_more_than_100_kib_are_an_error_with_their_line() {
    let site = "\
site: {url: 'https://chat.acme.com'}
widgets:
  a: {backend: {type: agent, domain_key: domain_pk_1, instructions_file: long.md}}
";
    let project = project().file("site.yaml", site);
    project.write("long.md", &"x".repeat(100 * 1024 + 1));
    project.run("check").code(1).stderr_eq(str![[r#"
error: the instructions are too long
 --> site.yaml:3:74
  |
3 |   a: {backend: {type: agent, domain_key: domain_pk_1, instructions_file: long.md}}
  |                                                                          ^^^^^^^ they have 101 KiB, and at most 100 are allowed
  |
  = hint: shorten them: each message pays for all of them

error: one problem

"#]]);
    project.write("long.md", &"x".repeat(100 * 1024));
    project.run("check").success();
}
