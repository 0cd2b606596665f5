//! Pages and addresses.

use super::*;

#[test]
fn a_page_loads_the_chatkit_of_the_mode_and_its_policy_allows_no_other() {
    let bench = Bench::new(&[("site.yaml", SITE)]);
    let preview = &bench.preview;
    let stand_in = format!("http://{ADDRESS}");
    let openai = "https://cdn.platform.openai.com";
    for (is_demo, own, other) in [
        (false, openai, stand_in.as_str()),
        (true, &stand_in, openai),
        (false, openai, &stand_in),
    ] {
        preview.set_demo(is_demo);
        let view = preview.view(None).unwrap();
        let reply = widget_file(preview, &view, "w/a/").unwrap().unwrap();
        let page = String::from_utf8(reply.body).unwrap();
        assert!(page.contains(&format!("\"chatkit\":\"{own}/")), "{page}");
        let policy = format!("script-src 'self' {own};");
        assert!(page.contains(&policy), "{page}");
        assert!(!page.contains(other), "{page}");
        let (_, framing) = reply.headers.last().unwrap();
        assert!(framing.starts_with("frame-ancestors 'self'"), "{framing}");
    }
}

#[test]
fn host_pages_read_what_visitors_get_and_nothing_else() {
    for path in [
        "/w/a.js",
        "/~abc/w/a/settings.js",
        "/assets/a.js",
        "/_/demo/chatkit.js",
    ] {
        assert!(is_for_visitors(path), "{path}");
    }
    for path in ["/", "/_/api/state", "/_/studio/app.js", "/_/events"] {
        assert!(!is_for_visitors(path), "{path}");
    }
}

#[test]
fn a_prefix_names_a_draft() {
    assert_eq!(split_prefix("/~abc/w/a/"), (Some("abc"), "w/a/"));
    assert_eq!(split_prefix("/w/a.js"), (None, "w/a.js"));
    assert_eq!(split_prefix("/~abc"), (None, "~abc"));
}
