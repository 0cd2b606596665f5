//! A folder without a site.

use super::*;

fn answers() -> Value {
    json!({"name": "Morrow", "website": "www.morrow.example", "color": "navy", "template": "docs",
           "language": "de", "backend": "agent"})
}

#[test]
fn the_page_asks_until_there_is_a_site_and_then_it_is_the_studio() {
    let bench = Bench::new(&[]);
    assert!(bench.get("/").1.contains("Start a site"));
    let (status, created) = bench.call("init", &answers());
    assert_eq!(status, 200, "{created}");
    assert!(
        bench
            .text("site.yaml")
            .contains("https://www.morrow.example")
    );
    for file in created["created"].as_array().unwrap() {
        assert!(bench.path(file.as_str().unwrap()).is_file(), "{file}");
    }
    assert!(bench.get("/").1.contains("id=\"bench\""));
    assert_eq!(bench.get("/w/docs/").0, 200);
    let (status, again) = bench.call("init", &answers());
    assert_eq!(status, 500, "{again}");
    let message = again["error"]["message"].as_str().unwrap();
    assert!(message.contains("already exists"), "{message}");
}

#[test]
fn a_site_that_comes_from_elsewhere_ends_the_questions_and_one_that_goes_does_not_bring_them_back()
{
    let bench = Bench::new(&[]);
    bench.write("knowledge/a.md", "A");
    bench.notice("knowledge/a.md");
    assert!(bench.get("/").1.contains("Start a site"));
    bench.write("site.yaml", SITE);
    bench.notice("site.yaml");
    assert!(bench.get("/").1.contains("id=\"bench\""));
    fs::remove_file(bench.path("site.yaml")).unwrap();
    bench.notice("site.yaml");
    assert!(bench.get("/").1.contains("id=\"bench\""));
}

#[test]
fn wrong_answers_are_told_by_question_and_nothing_is_written() {
    let bench = Bench::new(&[]);
    let wrong = json!({"name": " ", "website": "http://a.example", "color": "nvay", "template": "shop",
               "language": "nl", "backend": "me"});
    let (status, reply) = bench.call("init", &wrong);
    assert_eq!(status, 422, "{reply}");
    let fields = reply["fields"].as_object().unwrap();
    let names: Vec<_> = fields.keys().map(String::as_str).collect();
    let asked = [
        "name", "website", "color", "template", "language", "backend",
    ];
    assert_eq!(names, asked);
    assert_eq!(
        fields["color"],
        "`nvay` is not a colour: did you mean `navy`?"
    );
    assert_eq!(fs::read_dir(bench.folder.path()).unwrap().count(), 0);
}

#[test]
fn a_failure_is_told_in_words_and_leaves_nothing() {
    let bench = Bench::new(&[("knowledge", "a file")]);
    let (status, reply) = bench.call("init", &answers());
    assert_eq!(status, 500, "{reply}");
    let message = reply["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("no file is in the place of a folder"),
        "{message}"
    );
    assert_eq!(fs::read_dir(bench.folder.path()).unwrap().count(), 1);
}

#[test]
fn others_in_the_network_start_no_site_and_see_no_path() {
    let bench = Bench::open(&[]);
    let (status, reply) = bench.call("init", &answers());
    assert_eq!(
        (status, &reply["error"]["code"]),
        (403, &json!("saving_is_off"))
    );
    let folder = bench.folder.path().to_str().unwrap();
    assert!(!bench.get("/").1.contains(folder));
    assert_eq!(fs::read_dir(bench.folder.path()).unwrap().count(), 0);
}

#[test]
fn the_page_offers_every_back_end_template_and_language() {
    let page = Bench::new(&[]).get("/").1;
    let offered = |before: &str| -> Vec<_> {
        let rest = page.split(before).skip(1);
        rest.map(|rest| rest.split('"').next().unwrap()).collect()
    };
    let kinds = crate::config::BackendKind::all().iter();
    let kinds: Vec<_> = kinds.map(|kind| kind.name()).collect();
    assert_eq!(offered("name=\"backend\" value=\""), kinds);
    let templates = crate::init::Template::all().iter();
    let templates: Vec<_> = templates.map(|template| template.name).collect();
    assert_eq!(offered("name=\"template\" value=\""), templates);
    let languages = crate::init::Language::all().iter();
    let languages: Vec<_> = languages.map(|language| language.0).collect();
    assert_eq!(offered("<option value=\""), languages);
}

#[test]
fn no_page_makes_a_site_without_the_token_or_from_another_origin() {
    let bench = Bench::new(&[]);
    let call = || bench.request("POST", "/_/api/init", &answers());
    let stage = bench.preview.place.stage.clone();
    for refused in [
        with_header(call(), "x-preview-token", None),
        with_header(call(), "x-preview-token", Some("wrong")),
        with_header(call(), "origin", Some("https://evil.example")),
        with_header(call(), "origin", Some(&stage)),
    ] {
        assert_eq!(bench.ask(&refused).0, 403);
    }
    let form = "application/x-www-form-urlencoded";
    let form = with_header(call(), "content-type", Some(form));
    assert_eq!(bench.ask(&form).0, 415);
    assert_eq!(fs::read_dir(bench.folder.path()).unwrap().count(), 0);
}
