//! `new`.

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
