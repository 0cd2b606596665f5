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

const LOGO: &str = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 48 48'><rect width='48' height='48' fill='red'/></svg>";

#[test]
fn a_logo_is_served_under_a_name_of_its_content_and_shown_in_panel_and_page() {
    let project = project()
        .file("site.yaml", &with_brand("logo: images/logo.svg"))
        .file("images/logo.svg", LOGO);
    project.run("build").success();
    let served = project.files("dist/assets");
    let names: Vec<_> = served.keys().map(|path| path.to_string_lossy()).collect();
    let logo = names.iter().find(|name| name.starts_with("logo."));
    let address = format!("/assets/{}", logo.expect("a logo"));
    assert!(settings(&project, "a").contains(&format!(r#""logo":"{address}""#)));
    let page = project.read("dist/w/a/index.html");
    assert!(page.contains(&format!(r#"<img class="logo" src="{address}" alt="">"#)));
    let snippets = project.read("snippets/index.html");
    assert!(snippets.contains("; img-src https://chat.example.com"));
    // A changed file is another name, and a build notices it.
    project.write("images/logo.svg", &LOGO.replace("red", "blue"));
    project.run("build").success();
    assert!(!settings(&project, "a").contains(&address));
}

#[test]
fn a_logo_elsewhere_is_named_in_the_policies() {
    let project = project().file(
        "site.yaml",
        &with_brand("logo: 'https://cdn.example.com/l.png'"),
    );
    project.run("build").success();
    let page = project.read("dist/w/a/index.html");
    assert!(page.contains("img-src 'self' data: https://cdn.example.com"));
    let snippets = project.read("snippets/index.html");
    assert!(snippets.contains("; img-src https://cdn.example.com"));
}

#[test]
fn what_is_no_logo_is_refused_with_words_and_nothing_is_written() {
    let scripted = LOGO.replace("<rect", "<script>alert(1)</script><rect");
    let large = "x".repeat(20 * 1000 * 1000);
    for (logo, text, said) in [
        ("logo.svg", &*scripted, "`logo.svg` holds `<script>`"),
        (
            "logo.png",
            &*large,
            "`logo.png` has 20.0 MB, and at most 5 MB are allowed",
        ),
        (
            "logo.png",
            "GIF89a",
            "`logo.png` cannot be read as a picture",
        ),
        ("logo.txt", "hello", "`logo.txt` is not a picture"),
        ("none.svg", LOGO, "`none.svg` not found"),
        (
            "../logo.svg",
            LOGO,
            "`../logo.svg` is not a file of this project",
        ),
        (
            "http://x.example/l.png",
            LOGO,
            "does not begin with `https://`",
        ),
    ] {
        let file = logo
            .replace("none", "other")
            .replace("../", "")
            .replace("http://x.example/", "");
        let project = project()
            .file("site.yaml", &with_brand(&format!("logo: '{logo}'")))
            .file(&file, text);
        let refused = project.run("build").failure();
        let text = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
        assert!(text.contains(said), "{said}: {text}");
        assert!(text.contains("site.yaml:1:"), "{text}");
        assert!(!project.path("dist").exists());
    }
}

#[test]
fn only_a_brand_that_follows_the_page_names_the_script_for_it() {
    let loader = |brand: &str| {
        let project = project().file("site.yaml", &with_brand(brand));
        project.run("build").success();
        project.read("dist/w/a.js")
    };
    let (page, auto) = (loader("tone: page"), loader("tone: auto"));
    assert!(
        page.contains("https://chat.example.com/assets/tone."),
        "{page}"
    );
    assert!(!auto.contains("/assets/tone."), "{auto}");
}

#[test]
fn the_bar_is_tinted_with_a_colour_unless_theme_or_widget_say_otherwise() {
    for (brand, rest, tinted) in [
        ("color: red", "", true),
        ("name: Morrow", "", false),
        ("color: red", "panel: {header: plain}", false),
        ("color: red", "theme: minimal", false),
        (
            "name: Morrow",
            "theme: minimal, panel: {header: tinted}",
            true,
        ),
    ] {
        let site = with_brand(brand).replace("a: {}", &format!("a: {{{rest}}}"));
        let project = project().file("site.yaml", &site);
        project.run("build").success();
        let settings = settings(&project, "a");
        assert_eq!(settings.contains(r#""tinted":true"#), tinted, "{settings}");
    }
    let site = with_brand("name: Morrow").replace("a: {}", "a: {panel: {line: 'Mo–Fr, 9–17'}}");
    let project = project().file("site.yaml", &site);
    project.run("build").success();
    assert!(settings(&project, "a").contains(r#""line":"Mo–Fr, 9–17""#));
}

#[test]
fn the_bar_has_the_buttons_of_chatkit_s_header_unless_the_site_has_one() {
    for (rest, buttons) in [
        ("", r#""buttons":["newThread","history"]"#),
        (
            "chatkit: {history: {enabled: false}}",
            r#""buttons":["newThread"]"#,
        ),
        ("session: {history: false}", r#""buttons":["newThread"]"#),
        ("chatkit: {header: {title: {enabled: false}}}", ""),
    ] {
        let site = with_brand("").replace("a: {}", &format!("a: {{{rest}}}"));
        let project = project().file("site.yaml", &site);
        project.run("build").success();
        let settings = settings(&project, "a");
        match buttons {
            "" => assert!(!settings.contains("buttons"), "{settings}"),
            some => assert!(settings.contains(some), "{settings}"),
        }
    }
}

/// A site with a widget `a`.
fn with_brand(brand: &str) -> String {
    format!(
        "site: {{url: 'https://chat.example.com', brand: {{{brand}}}}}\n\
         defaults: {{backend: {{type: hosted}}}}\nwidgets: {{a: {{}}}}\n"
    )
}
