//! Everything that is wrong is told in one run, whatever else is wrong: in other files, in the theme, outside of the
//! files. Errors of one `site.yaml` are in `tests/fixtures/invalid`.

use snapbox::str;

use crate::project::{SMALLEST, project};

#[test]
fn a_file_that_is_no_yaml_hides_nothing_of_the_others() {
    let project = project()
        .file(
            "site.yaml",
            "site: {url: chat.example.com}\n\
             defaults: {backend: {type: hosted}}\n\
             widgets: {a: {launcher: {icon: 'lucide:headfones'}}}\n",
        )
        .file("widgets/Big.yaml", "launcher: {label: ''}\n")
        .file("widgets/broken.yaml", "page:\n\ttitle: Chat\n");
    project.run("build").code(1).stderr_eq(str![[r#"
error: invalid address of the site
 --> site.yaml:1:13
  |
1 | site: {url: chat.example.com}
  |             ^^^^^^^^^^^^^^^^ no scheme; write `https://` before the host
  |
  = hint: write only scheme and host, such as `https://chat.example.com`

error: unknown icon `lucide:headfones`
 --> site.yaml:3:32
  |
3 | widgets: {a: {launcher: {icon: 'lucide:headfones'}}}
  |                                ^^^^^^^^^^^^^^^^^^ Lucide has no icon with this name
  |
  = hint: https://lucide.dev/icons shows them all; for your own drawing, create `themes/default/icons/headfones.svg`

error: `Big` is not a valid widget name
 --> widgets/Big.yaml:1:1
  |
1 | launcher: {label: ''}
  | ^
  |
  = hint: use 1 to 64 lower-case letters, digits and hyphens: the name becomes part of addresses

error: `label` is empty
 --> widgets/Big.yaml:1:19
  |
1 | launcher: {label: ''}
  |                   ^^ expected text

error: unexpected tab (U+0009)
 --> widgets/broken.yaml:2:1
  |
2 |     title: Chat
  | ^^^^ indent with spaces

error: 5 problems

"#]]);
}

#[test]
fn errors_of_a_theme_stand_beside_those_of_the_site() {
    let project = project()
        .file(
            "site.yaml",
            "site: {url: 'https://chat.example.com', variables: {gap: 1px}}\n\
             widgets: {a: {backend: {type: hosted}, panel: {width: 1}}}\n",
        )
        .file(
            "themes/default/theme.yaml",
            "variables: {gap: {valeu: 8px}}\n",
        )
        .file("themes/default/static/js/words.js", "export const a = ;\n")
        .file("themes/default/templates/404.html", "<p>{{ origin\n")
        .file("themes/default/templates/snippets/link.html", "{% if %}\n");
    project.run("build").code(1).stderr_eq(str![[r#"
error: invalid value for `width`
 --> site.yaml:2:55
  |
2 | widgets: {a: {backend: {type: hosted}, panel: {width: 1}}}
  |                                                       ^ expected a whole number from 280 to 1200, found the number `1`

error: unknown key `valeu`
 --> themes/default/theme.yaml:1:19
  |
1 | variables: {gap: {valeu: 8px}}
  |                   ^^^^^ expected one of `description`, `value`, `on`, `brand`
  |
  = hint: did you mean `value`?

error: invalid `themes/default/static/js/words.js`: line 1: Unexpected token

error: failed to read the theme's templates: Unexpected end of input
        --> themes/default/templates/404.html:1:13
         |
       1 | <p>{{ origin
         |             ^

error: failed to read the theme's templates: Found `%}` but expected one of: integer, float, string, bool, ident, `-`, `not`, `<`, `{`, `[` or `(`
        --> themes/default/templates/snippets/link.html:1:7
         |
       1 | {% if %}
         |       ^^

error: 5 problems

"#]]);
    assert_eq!(project.list("dist"), "");
}

#[test]
fn a_template_that_asks_for_what_is_not_there_hides_no_other() {
    let project = project()
        .file(
            "site.yaml",
            "site: {url: 'https://chat.example.com'}\nwidgets: {a: {}}\n",
        )
        .file("themes/default/templates/404.html", "{{ nothing.here }}\n")
        .file(
            "themes/default/templates/snippets/link.html",
            "{{ nobody.here }}\n",
        );
    project.run("build").code(1).stderr_eq(str![[r#"
error: missing `backend`
 --> site.yaml:2:11
  |
2 | widgets: {a: {}}
  |           ^
  |
  = hint: add `backend: {type: agent, instructions: …}` for a model, or `type: server` with `url` for a ChatKit server of your own; both need a `domain_key`

error: failed to render `themes/default/templates/404.html`: Variable `nothing` is not defined. Available variables: direction, language, texts
        --> themes/default/templates/404.html:1:4
         |
       1 | {{ nothing.here }}
         |    ^^^^^^^

error: failed to render `themes/default/templates/snippets/link.html`: Variable `nobody` is not defined. Available variables: widget
        --> themes/default/templates/snippets/link.html:1:4
         |
       1 | {{ nobody.here }}
         |    ^^^^^^

error: 3 problems

"#]]);
}

#[test]
fn an_address_from_outside_and_a_key_in_a_file_hide_nothing() {
    let project = project().file(
        "site.yaml",
        "site: {url: 'https://chat.example.com'}\n\
         widgets: {a: {backend: {type: hosted}, page: {description: sk-proj-abcDEF123, title: ''}}}\n",
    );
    let outside = [("BASE_URL", "https://chat\u{a0}.example.com")];
    project
        .run_with("build", &outside)
        .code(1)
        .stderr_eq(str![[r#"
error: line 2 contains what looks like an OpenAI API key
--> site.yaml
 = hint: remove it and create a new key, because this one is no longer secret; set OPENAI_API_KEY in Netlify's settings, and in `.env` for this machine

error: `title` is empty
 --> site.yaml:2:86
  |
2 | widgets: {a: {backend: {type: hosted}, page: {description: sk-**************, title: ''}}}
  |                                                                                      ^^ expected text

error: invalid address of the site, from BASE_URL: unexpected no-break space (U+00A0): `https://chat .example.com`
 |
 = hint: write only scheme and host, such as `https://chat.example.com`

error: 3 problems

"#]]);
}

#[test]
fn a_name_with_a_character_that_nobody_sees_is_told_by_that_character() {
    let project = project().file("site.yaml", crate::project::SMALLEST);
    project.run("new sa\u{200b}les").code(1).stderr_eq(str![[r#"
error: unexpected zero width space (U+200B): `sa[..]les` is not a valid widget name
hint: use 1 to 64 lower-case letters, digits and hyphens: the name becomes part of addresses

"#]]);
    let key = [("DOMAIN_KEY", "domain_pk_\u{ad}1")];
    project.write(
        "site.yaml",
        "site: {url: 'https://chat.example.com', theme: \"${THE\u{200b}ME}\"}\n\
         widgets: {a: {backend: {type: server, url: 'https://agent.example.com'}}}\n",
    );
    project.run_with("build", &key).code(1).stderr_eq(str![[r#"
error: unexpected zero width space (U+200B): `THE[..]ME` is not a valid variable name
 --> site.yaml:1:48
  |
1 | site: {url: 'https://chat.example.com', theme: "${THE[..]ME}"}
  |                                                ^^^^^^^^^^
  |
  = hint: set it in the environment or in `.env`, or write `${NAME:-default}`

error: unexpected soft hyphen (U+00AD) in the variable `DOMAIN_KEY`
 --> site.yaml:2:15
  |
2 | widgets: {a: {backend: {type: server, url: 'https://agent.example.com'}}}
  |               ^^^^^^^

error: 2 problems

"#]]);
}

#[test]
fn of_very_many_problems_the_first_are_shown_and_the_rest_is_counted() {
    let widgets: String = (0..250)
        .map(|number| {
            format!("  w{number:03}: {{backend: {{type: hosted}}, launcher: {{icon: none}}}}\n")
        })
        .collect();
    let site = format!("site: {{url: 'https://chat.example.com'}}\nwidgets:\n{widgets}");
    let project = project().file("site.yaml", &site);
    let output = project.run("check").code(1);
    let told = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert_eq!(told.matches("error: `none` is not an icon").count(), 100);
    let end = "error: 250 problems; 150 are not shown, and `--json` has all of them\n";
    assert!(told.ends_with(end), "{told}");
    assert!(told.contains("w099") && !told.contains("w100"), "{told}");
}

/// Each of these took minutes, or ended the program, when there were many.
#[test]
fn of_bad_files_of_any_shape_each_is_told_in_words() {
    let project = project().file("site.yaml", SMALLEST);
    for number in 0..300 {
        project.write(&format!("widgets/x{number}.txt"), "no widget");
    }
    project.run("check").success();
    for number in 0..300 {
        project.write(&format!("widgets/x{number}.yaml"), "\u{0}\u{1} \u{7f}");
    }
    let many = project.run("check").code(1);
    let told = String::from_utf8_lossy(&many.get_output().stderr).into_owned();
    assert!(told.contains("300 problems; 200 are not shown"), "{told}");
    // Always the first, in whatever order they are read.
    for number in [7, 1, 299] {
        std::fs::write(project.path(&format!("widgets/x{number}.yaml")), b"\xff").unwrap();
    }
    project.run("check").code(1).stderr_eq(str![[r#"
error: `widgets/x1.yaml` is not UTF-8 text, at byte 0

"#]]);
}

#[test]
fn a_file_of_any_depth_and_width_is_told_in_words() {
    let levels = |level: usize| format!("{}a:\n", " ".repeat(level));
    let deep: String = (1..3000).map(levels).collect();
    let wide: String = (0..50_000).map(|key| format!("key{key}: 1\n")).collect();
    let told = "x, ".repeat(3000);
    let anchors: String = (0..60).map(|level| format!("&a{level} [")).collect();
    let close = "]".repeat(60);
    for (own, title) in [
        (format!("page:\n{deep}"), "error: nested too deeply"),
        (wide, "50000 problems; 49900 are not shown"),
        (
            format!("page: {anchors}{told}x{close}\n"),
            "error: too much in anchors",
        ),
        ("x".repeat(10_000_000), "expected a map, found a text"),
    ] {
        let own = match own.starts_with('x') {
            true => own,
            false => format!("backend: {{type: hosted}}\n{own}"),
        };
        let project = project()
            .file("site.yaml", SMALLEST)
            .file("widgets/a.yaml", &own);
        let output = project.run("check").code(1);
        let told = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
        assert!(
            told.contains(title),
            "{title}: {}",
            &told[..told.len().min(500)]
        );
    }
}
