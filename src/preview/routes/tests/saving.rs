//! Saving: what is written, and what is refused.

use super::*;

const COMMENTED: &str = "\
# Our shop. Ask Kim before you change this.
site: {url: 'https://chat.example.com'} # public

widgets:
  # For everybody.
  a:
    backend: {type: hosted}   # three spaces
    launcher:
      label: \"Ask us\" # short
      icon: lucide:bot

  b: { backend: { type: hosted } }
";

fn label(text: &str) -> Value {
    json!([edit("widgets.a.launcher.label", json!(text))])
}

/// The lines of a diff with this tag, over all files.
fn lines(files: &Value, tag: &str) -> Vec<String> {
    let files = files.as_array().unwrap().iter();
    let lines = files.flat_map(|file| file["diff"].as_array().unwrap());
    let tagged = lines.filter(|line| line["tag"] == tag);
    tagged
        .map(|line| line["text"].as_str().unwrap().trim().to_owned())
        .collect()
}

#[test]
fn saving_writes_the_line_of_the_edit_and_leaves_every_other_byte() {
    let bench = Bench::new(&[("site.yaml", COMMENTED)]);
    let (status, saved) = bench.save(&bench.revision(), &label("Help"));
    assert_eq!(status, 200, "{saved}");
    let expected = COMMENTED.replace("\"Ask us\"", "\"Help\"");
    assert_eq!(bench.text("site.yaml"), expected);
    assert_eq!(bench.revision(), saved["revision"]);
    assert!(
        bench.get("/w/a.js").1.contains("Help"),
        "shown without a file event"
    );
    let names = fs::read_dir(bench.folder.path()).unwrap();
    assert_eq!(names.count(), 1, "nothing is left next to the file");
}

#[test]
fn byte_order_mark_and_line_endings_of_windows_stay() {
    let text = format!("\u{feff}{}", COMMENTED.replace('\n', "\r\n"));
    let bench = Bench::new(&[("site.yaml", &text)]);
    assert_eq!(bench.save(&bench.revision(), &label("Help")).0, 200);
    assert_eq!(
        bench.text("site.yaml"),
        text.replace("\"Ask us\"", "\"Help\"")
    );
}

#[test]
#[cfg(unix)]
fn saving_through_a_link_keeps_the_link_and_the_permissions() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let bench = Bench::new(&[("shared/real.yaml", COMMENTED), ("site.yaml", COMMENTED)]);
    let (link, real) = (bench.path("site.yaml"), bench.path("shared/real.yaml"));
    fs::remove_file(&link).unwrap();
    symlink("shared/real.yaml", &link).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(bench.save(&bench.revision(), &label("Help")).0, 200);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(bench.text("shared/real.yaml").contains("\"Help\""));
    let mode = fs::metadata(&real).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[test]
fn save_over_a_change_is_a_conflict_that_shows_both_and_writes_nothing() {
    let bench = Bench::new(&[("site.yaml", COMMENTED)]);
    let old = bench.revision();
    let theirs = COMMENTED.replace("lucide:bot", "lucide:star");
    // Whether or not the watcher has noticed.
    for is_noticed in [false, true] {
        bench.write("site.yaml", &theirs);
        if is_noticed {
            bench.notice("site.yaml");
        }
        let (status, conflict) = bench.save(&old, &label("Help"));
        assert_eq!(status, 409, "{conflict}");
        assert_eq!(conflict["error"]["code"], "changed_on_disk");
        assert_eq!(conflict["merges"], true);
        assert_eq!(lines(&conflict["theirs"], "+"), ["icon: lucide:star"]);
        assert_eq!(lines(&conflict["theirs"], "-"), ["icon: lucide:bot"]);
        let mine = lines(&conflict["mine"], "+");
        assert_eq!(mine, ["label: \"Help\" # short"]);
        assert_eq!(bench.text("site.yaml"), theirs);
    }
}

#[test]
fn edits_can_be_saved_on_top_of_the_change_that_they_met() {
    let bench = Bench::new(&[("site.yaml", COMMENTED)]);
    let old = bench.revision();
    let theirs = COMMENTED.replace("lucide:bot", "lucide:star");
    bench.write("site.yaml", &theirs);
    let (_, conflict) = bench.save(&old, &label("Help"));
    let (status, saved) = bench.save(&conflict["revision"], &label("Help"));
    assert_eq!(status, 200, "{saved}");
    let expected = theirs.replace("\"Ask us\"", "\"Help\"");
    assert_eq!(bench.text("site.yaml"), expected);
}

#[test]
fn conflict_says_whether_the_edits_fit_the_changed_files() {
    let bench = Bench::new(&[("site.yaml", COMMENTED)]);
    let old = bench.revision();
    bench.write("site.yaml", "site: {}\nwidgets: {a: nothing}\n");
    let (status, conflict) = bench.save(&old, &label("Help"));
    assert_eq!((status, &conflict["merges"]), (409, &json!(false)));
}

#[test]
fn change_of_a_widget_in_its_own_file_is_a_conflict_too() {
    let own = "backend: {type: hosted}\n";
    let bench = Bench::new(&[("site.yaml", COMMENTED), ("widgets/x.yaml", own)]);
    let old = bench.revision();
    bench.write("widgets/x.yaml", &format!("{own}# theirs\n"));
    let (status, conflict) = bench.save(&old, &label("Help"));
    assert_eq!(status, 409);
    assert_eq!(lines(&conflict["theirs"], "+"), ["# theirs"]);
    assert_eq!(bench.text("site.yaml"), COMMENTED);
}

#[test]
fn files_that_nobody_has_seen_are_no_base_for_edits() {
    let bench = Bench::new(&[("site.yaml", COMMENTED)]);
    for call in ["save", "diff"] {
        let body = json!({"revision": "0123456789abcdef", "edits": label("Help")});
        let (status, reply) = bench.call(call, &body);
        assert_eq!((status, &reply["error"]["code"]), (409, &json!("stale")));
    }
    assert_eq!(bench.text("site.yaml"), COMMENTED);
}

#[test]
fn edits_that_make_the_site_invalid_are_refused_with_the_problems() {
    let bench = Bench::new(&[("site.yaml", COMMENTED)]);
    let revision = bench.revision();
    for (way, value, problem) in [
        (
            "widgets.a.launcher.labell",
            json!("x"),
            "unknown key `labell`",
        ),
        ("widgets.a.launcher.icon", json!("lucide:no"), "icon"),
        ("widgets.a.launcher", json!(7), "launcher"),
        ("site.theme", json!("absent"), "absent"),
        ("widgets.a.launcher.label.x", json!(1), "is not a map"),
        ("site", json!([]), "site"),
    ] {
        let (status, reply) = bench.save(&revision, &json!([edit(way, value)]));
        assert_eq!(status, 422, "{way}: {reply}");
        let told = problems(&reply);
        assert!(told[0].contains(problem), "{way}: {told:?}");
    }
    let nameless = json!([{"path": [], "value": {}}]);
    assert_eq!(bench.save(&revision, &nameless).0, 422);
    assert_eq!(bench.text("site.yaml"), COMMENTED);
    assert_eq!(bench.revision(), revision);
}

#[test]
fn one_invalid_edit_keeps_the_valid_ones_from_being_saved() {
    let bench = Bench::new(&[
        ("site.yaml", COMMENTED),
        ("widgets/x.yaml", "backend: {type: hosted}\n"),
    ]);
    let edits = json!([
        edit("widgets.x.launcher.label", json!("Fine")),
        edit("widgets.a.launcher.label", json!(["not", "a", "text"])),
    ]);
    assert_eq!(bench.save(&bench.revision(), &edits).0, 422);
    assert_eq!(bench.text("site.yaml"), COMMENTED);
    assert_eq!(bench.text("widgets/x.yaml"), "backend: {type: hosted}\n");
}

#[test]
fn requests_in_another_form_are_refused() {
    let bench = Bench::new(&[("site.yaml", COMMENTED)]);
    let body = json!({"revision": bench.revision(), "edits": label("Help")});
    let save = |method| bench.request(method, "/_/api/save", &body);
    let text = with_header(save("POST"), "content-type", Some("text/plain"));
    assert_eq!(bench.reply(&text).status, 415);
    assert_eq!(bench.reply(&save("PUT")).status, 405);
    let extra = json!({"revision": "", "edits": [], "force": true});
    assert_eq!(bench.call("save", &extra).0, 400);
    assert_eq!(bench.call("remove", &body).0, 404);
    assert_eq!(bench.text("site.yaml"), COMMENTED);
}

#[test]
fn difference_shows_what_saving_would_change_and_writes_nothing() {
    let bench = Bench::new(&[("site.yaml", COMMENTED)]);
    let body = json!({"revision": bench.revision(), "edits": label("Help")});
    let (status, reply) = bench.call("diff", &body);
    assert_eq!(status, 200);
    let added = lines(&reply["files"], "+");
    assert_eq!(added, ["label: \"Help\" # short"]);
    assert_eq!(bench.text("site.yaml"), COMMENTED);
}

#[test]
fn revision_changes_with_every_byte_and_returns_with_the_bytes() {
    let own = "backend: {type: hosted}\n";
    let bench = Bench::new(&[("site.yaml", COMMENTED), ("widgets/x.yaml", own)]);
    let first = bench.revision();
    let mut seen = vec![first.clone()];
    for (name, text) in [
        ("site.yaml", format!("{COMMENTED}\n")),
        ("site.yaml", format!("{COMMENTED} ")),
        ("site.yaml", format!("{COMMENTED}#")),
        ("site.yaml", COMMENTED.replace("Kim", "kim")),
        ("site.yaml", COMMENTED.replace('\n', "\r\n")),
        ("widgets/x.yaml", format!("{own}#")),
        // The same bytes in all, but not in the same files.
        ("widgets/x.yaml", format!("#{own}")),
        ("widgets/y.yaml", own.to_owned()),
    ] {
        bench.write(name, &text);
        bench.notice(name);
        let revision = bench.revision();
        assert!(!seen.contains(&revision), "{name}: {text}");
        seen.push(revision);
    }
    fs::remove_file(bench.path("widgets/y.yaml")).unwrap();
    for (name, text) in [("site.yaml", COMMENTED), ("widgets/x.yaml", own)] {
        bench.write(name, text);
        bench.notice(name);
    }
    bench.notice("widgets/y.yaml");
    assert_eq!(bench.revision(), first);
}

#[test]
fn broken_files_are_reported_keep_the_last_good_pages_and_take_no_edits() {
    let bench = Bench::new(&[("site.yaml", COMMENTED)]);
    let good = bench.get("/w/a.js");
    bench.write("site.yaml", "widgets: [\n");
    bench.notice("site.yaml");
    let state = bench.state();
    assert!(!problems(&state).is_empty());
    assert_eq!(bench.get("/w/a.js"), good);
    assert_eq!(bench.save(&state["revision"], &label("Help")).0, 422);
    assert_eq!(bench.text("site.yaml"), "widgets: [\n");
}

#[test]
fn a_pasted_workflow_becomes_an_agent_that_can_be_saved() {
    let bench = Bench::new(&[("site.yaml", COMMENTED)]);
    let workflow = "\
const shop = hostedMcpTool({
  serverLabel: 'shop',
  serverUrl: 'https://mcp.shop.example/sse',
  authorization: 'canary',
});
new Agent({name: 'Shop', instructions: 'Sell kettles.', tools: [shop]});
";
    let paste = |text: &str| bench.call("import", &json!({"text": text, "widget": "b"}));
    let (status, reply) = paste(workflow);
    assert_eq!(status, 200, "{reply}");
    assert!(
        reply["notes"][0]["line"] == 4 && !reply.to_string().contains("canary"),
        "{reply}"
    );
    let (status, saved) = bench.save(&bench.revision(), &reply["edits"]);
    assert_eq!(status, 200, "{saved}");
    let file = bench.text("site.yaml");
    assert!(
        file.contains("instructions: Sell kettles.") && file.contains("SHOP_TOKEN"),
        "{file}"
    );

    let (status, reply) = paste(&format!(
        "{workflow}new Agent({{name: 'Help', instructions: 'Help.'}});"
    ));
    assert_eq!(status, 422, "{reply}");
    let reply = reply.to_string();
    assert!(
        reply.contains("`Help`, line 7: “Help.”") && !reply.contains("canary"),
        "{reply}"
    );
}

#[test]
fn widget_in_its_own_file_is_renamed_with_the_file() {
    let own = "# Docs, by Kim.\nbackend: {type: hosted}\n";
    let bench = Bench::new(&[("site.yaml", SITE), ("widgets/docs.yaml", own)]);
    let value = json!({"backend": {"type": "hosted"}, "aliases": ["docs"]});
    let edits = json!([
        edit("widgets.docs", Value::Null),
        edit("widgets.manual", value)
    ]);
    let (status, draft) = bench.draft(ID, &edits);
    assert_eq!((status, &draft["ok"]), (200, &json!(true)), "{draft}");
    let (status, saved) = bench.save(&bench.revision(), &edits);
    assert_eq!(status, 200, "{saved}");
    assert_eq!(
        bench.text("widgets/manual.yaml"),
        format!("{own}aliases:\n- docs\n")
    );
    assert!(!bench.path("widgets/docs.yaml").exists());
    assert_eq!(bench.text("site.yaml"), SITE);
    assert_eq!(
        bench.revision(),
        saved["revision"],
        "what was written is what is read"
    );
    assert_eq!(
        bench.get("/w/docs.js").0,
        200,
        "pages with the old snippet keep their chat"
    );
}
