//! A brand: one colour, font and corner that everything follows.

use crate::project::{Project, project};

/// A site with this brand, and with other settings in lines of their own.
fn branded(brand: &str, rest: &str) -> Project {
    let site = format!(
        "site:\n  url: https://chat.example.com\n  brand: {{{brand}}}\n{rest}\n\
         widgets: {{support: {{backend: {{type: hosted}}}}}}\n"
    );
    let project = project().file("site.yaml", &site);
    project.run("build").success();
    project
}

fn settings(project: &Project, widget: &str) -> String {
    project.read(&format!("dist/w/{widget}/settings.js"))
}

#[test]
fn launcher_focus_ring_and_chat_follow_one_colour() {
    let project = branded(
        "color: '#1f4fd8', name: Morrow, corner: 6px, font: 'Georgia, serif'",
        "",
    );
    let loader = project.read("dist/w/support.js");
    assert!(loader.contains("--accent:#1f4fd8;"), "{loader}");
    assert!(loader.contains("--on-accent:#ffffff;"), "{loader}");
    assert!(loader.contains("--corner:6px;"), "{loader}");
    assert!(
        loader.contains("--focus:var(--light,#1f4fd8)var(--dark,"),
        "{loader}"
    );
    let settings = settings(&project, "support");
    for part in [
        r##""accent":{"primary":{"light":"#1f4fd8","dark":"#"##,
        r#""radius":"soft""#,
        r#""fontFamily":"Georgia, serif""#,
        r#""title":"Morrow""#,
    ] {
        assert!(settings.contains(part), "{part} in {settings}");
    }
}

#[test]
fn a_colour_that_is_hard_to_see_gets_another_one_and_the_build_says_so() {
    for (color, said) in [
        (
            "#fff3b0",
            "white text is hard to read on #fff3b0, so text on it is black",
        ),
        (
            "#111111",
            "#111111 is hard to find on the dark panel, so buttons are #e4e4e4 there",
        ),
    ] {
        let project = branded(&format!("color: '{color}'"), "");
        for command in ["build --base-url https://chat.example.org", "check"] {
            let said_so = project.run(command).success();
            let output = said_so.get_output();
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(text.contains(said), "{command}: {text}");
        }
    }
    let quiet = branded("color: {light: '#1f4fd8', dark: '#9db8ff'}", "");
    let output = quiet.run("check").success();
    let text = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
    assert!(!text.contains("hard to"), "{text}");
}

#[test]
fn explicit_settings_win_over_the_brand_and_the_brand_over_the_theme() {
    let brand = "color: '#1f4fd8', corner: 2px, font: Georgia, tone: dark";
    // A theme with an accent, a radius and a font of its own.
    let themed = branded(
        &format!("{brand}}}\n  theme: playful\n  variables: {{line: red"),
        "",
    );
    let of_theme = settings(&themed, "support");
    for part in [
        r##""primary":{"light":"#1f4fd8""##,
        r#""radius":"sharp""#,
        r#""fontFamily":"Georgia""#,
        r#""colorScheme":"dark""#,
    ] {
        assert!(of_theme.contains(part), "{part} in {of_theme}");
    }
    let explicit = branded(
        &format!("{brand}}}\n  variables: {{accent: red, corner: 9px"),
        "defaults:\n  page: {title: Help}\n  chatkit:\n    theme: {colorScheme: light, radius: pill, typography: {fontFamily: Arial}, color: {accent: {primary: green, level: 2}}}",
    );
    let own = settings(&explicit, "support");
    for part in [
        r#""accent":{"primary":"green","level":2}"#,
        r#""radius":"pill""#,
        r#""fontFamily":"Arial""#,
        r#""colorScheme":"light""#,
        r#""title":"Help""#,
    ] {
        assert!(own.contains(part), "{part} in {own}");
    }
    let loader = explicit.read("dist/w/support.js");
    assert!(
        loader.contains("--accent:#ff0000;") && loader.contains("--corner:9px;"),
        "{loader}"
    );
}

#[test]
fn a_widget_has_the_brand_of_the_site_but_for_what_it_says_itself() {
    let project = project().file(
        "site.yaml",
        "site: {url: 'https://chat.example.com', brand: {color: '#1f4fd8', name: Morrow}}\n\
         defaults: {brand: {corner: 1px}, backend: {type: hosted}}\n\
         widgets: {a: {brand: {color: '#7c2d12'}}, b: {}, c: {brand: {}}}\n",
    );
    project.run("build").success();
    let loaders = ["a", "b", "c"].map(|name| project.read(&format!("dist/w/{name}.js")));
    assert!(loaders[0].contains("--accent:#7c2d12;"), "{}", loaders[0]);
    for loader in &loaders {
        assert!(loader.contains("--corner:1px;"), "{loader}");
    }
    for loader in &loaders[1..] {
        assert!(loader.contains("--accent:#1f4fd8;"), "{loader}");
    }
    for name in ["a", "b", "c"] {
        assert!(settings(&project, name).contains(r#""title":"Morrow""#));
    }
    let styles = project.files("dist/assets");
    let styles = styles
        .keys()
        .filter(|path| path.to_string_lossy().starts_with("page."));
    // Widgets with the brand of the site share its files.
    assert_eq!(
        styles.count() - 1,
        2,
        "one script, and a style for each brand"
    );
}

#[test]
fn an_invalid_brand_is_refused_once_with_its_place() {
    for (brand, title, line) in [
        (
            "color: reed",
            "`reed` is not a colour",
            "did you mean `red`?",
        ),
        (
            "color: 'url(x)'",
            "`url(x)` is not a colour",
            "expected a colour",
        ),
        ("corner: 12", "invalid value for `corner`", "such as `12px`"),
        ("corner: 5em", "invalid value for `corner`", "5em"),
        (
            "font: '\"A\"; } * { color: red'",
            "not a list of fonts",
            "a list of fonts",
        ),
        ("name: ' '", "`name` is empty", "expected text"),
        ("tone: dim", "`tone` cannot be `dim`", "`light`, `dark`"),
        (
            "colour: red",
            "unknown key `colour`",
            "did you mean `color`?",
        ),
    ] {
        let site = format!(
            "site: {{url: 'https://chat.example.com', brand: {{{brand}}}}}\n\
             defaults: {{backend: {{type: hosted}}}}\nwidgets: {{a: {{}}, b: {{}}}}\n"
        );
        let project = project().file("site.yaml", &site);
        let refused = project.run("build").failure();
        let text = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
        assert!(text.contains("error: one problem\n"), "{text}");
        assert!(text.contains(title), "{title}: {text}");
        assert!(text.contains(line), "{line}: {text}");
        assert!(text.contains("site.yaml:1:"), "{text}");
        assert!(!project.path("dist").exists(), "{text}");
    }
}
