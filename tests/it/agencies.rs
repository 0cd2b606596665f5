//! Many clients on one site, and many sites at once.

use snapbox::str;

use crate::project::project;

/// Two clients, and a widget of the agency itself.
const CLIENTS: &str = "\
site: {url: 'https://chat.agency.com', allowed_origins: ['https://www.agency.com']}
widgets:
  ada: {backend: {type: hosted}, allowed_origins: ['https://www.ada.com', 'https://*.ada.com']}
  bob: {backend: {type: hosted}, allowed_origins: ['https://www.bob.com']}
  closed: {backend: {type: hosted}, allowed_origins: []}
  own: {backend: {type: hosted}}
";

#[test]
fn widget_with_its_own_origins_can_be_framed_there_and_nowhere_else() {
    let project = project().file("site.yaml", CLIENTS);
    project.run("build").success();
    let headers = project.read("dist/_headers");
    for (widget, origins) in [
        ("ada", "'self' https://www.ada.com https://*.ada.com"),
        ("bob", "'self' https://www.bob.com"),
        ("closed", "'self'"),
        ("own", "'self' https://www.agency.com"),
    ] {
        let start = headers.find(&format!("/w/{widget}/\n")).unwrap();
        let ends = format!("frame-ancestors {origins}\n");
        let policy = headers[start..]
            .lines()
            .find(|line| line.contains("frame-anc"));
        assert!(
            format!("{}\n", policy.unwrap()).ends_with(&ends),
            "{headers}"
        );
        let settings = project.read(&format!("dist/w/{widget}/settings.js"));
        for (other, origin) in [("ada", "www.ada.com"), ("bob", "www.bob.com")] {
            assert_eq!(settings.contains(origin), widget == other, "{settings}");
        }
    }
}

#[test]
fn origin_of_a_widget_that_is_none_is_an_error_at_its_place() {
    project()
        .file(
            "site.yaml",
            "site: {url: 'https://chat.acme.com'}\n\
             widgets:\n\
             \x20 ada: {backend: {type: hosted}, allowed_origins: [www.ada.com]}\n",
        )
        .run("check")
        .failure()
        .stderr_eq(str![[r#"
error: not an origin
 --> site.yaml:3:52
  |
3 |   ada: {backend: {type: hosted}, allowed_origins: [www.ada.com]}
  |                                                    ^^^^^^^^^^^ no scheme; write `https://` before the host

error: one problem

"#]]);
}
