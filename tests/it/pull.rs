//! `knowledge pull`: from a website to files, on a website full of hazards.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use flate2::{Compression, write::GzEncoder};
use snapbox::cmd::OutputAssert;
use snapbox::str;

use crate::fake_site::{Answer, FakeSite, fake_site};
use crate::project::{Project, project};

/// Pulls everything, with these arguments added, without pauses.
fn pull(project: &Project, site: &FakeSite, more: &str) -> OutputAssert {
    project.run(&format!("knowledge pull {} --delay 0 {more}", site.address))
}

/// What was printed, without the site's port.
fn said(output: &OutputAssert, site: &FakeSite) -> String {
    let output = output.get_output();
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    format!("{out}{err}").replace(&site.address, "SITE")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn html(status: u16, headers: &str, body: impl Into<Vec<u8>>) -> Answer {
    Answer(
        status,
        format!("Content-Type: text/html\r\n{headers}"),
        body.into(),
    )
}

#[test]
fn a_sitemap_becomes_one_file_for_each_page_which_an_agent_can_know() {
    let site = fake_site();
    site.sitemap(&["/ 2026-01-01", "/returns/", "https://elsewhere.example/"])
        .article("/", "Home", "")
        .page(
            "/returns/",
            "<title>Returns: all</title><nav>Menu</nav><main><h1>Returns</h1><h2 id=how>How</h2>\
             <p>Send it <b>back</b> to us.<ul><li>One<li>Two</ul></main><script>x</script>",
        );
    let project = project().file(
        "site.yaml",
        &format!(
            "site: {{url: 'https://chat.acme.com', allowed_origins: ['{}']}}\n\
             widgets: {{a: {{backend: {{type: agent, domain_key: domain_pk_1, instructions: Be brief.}}}}}}\n",
            "https://www.acme.com"
        ),
    );
    let output = pull(&project, &site, "").success();
    let expected = str![[r#"
      new knowledge/index.md: SITE/
      new knowledge/returns/index.md: SITE/returns/
   pulled new: 2 (from its sitemap)
    to do site.yaml: give the files to an agent, in its `backend`:
knowledge:
  files: ["knowledge/**/*.md"]
  base_url: SITE

"#]];
    snapbox::assert_data_eq!(said(&output, &site), expected);
    let text = project
        .read("knowledge/returns/index.md")
        .replace(&site.address, "SITE");
    snapbox::assert_data_eq!(
        text,
        str![[r##"
---
title: Returns
url: SITE/returns/
slugs: false
pulled: [..]T[..]Z
hash: [..]
---

# Returns

## How {#how}

Send it back to us.

- One
- Two

"##]]
    );
    assert_eq!(project.list("knowledge"), "index.md\nreturns/index.md\n");
    project.write(
        "site.yaml",
        "site: {url: 'https://chat.acme.com'}\n\
         widgets: {a: {backend: {type: agent, domain_key: domain_pk_1, instructions: Be brief., \
         knowledge: {files: ['knowledge/**/*.md']}}}}\n",
    );
    let output = pull(&project, &site, "").success();
    assert_eq!(
        said(&output, &site),
        "   pulled unchanged: 2 (from its sitemap)\n"
    );
    let check = project.run("check").success();
    let check = said(&check, &site);
    assert!(check.contains("pages: 2, passages: 2"), "{check}");
}

#[test]
fn links_below_the_address_are_followed_if_there_is_no_sitemap() {
    let site = fake_site();
    site.article(
        "/help/",
        "Help",
        "<a href=a>a</a><a href=/about>x</a><a href='https://b.example/'>b</a><a href=x.png>p</a>",
    )
    .article(
        "/help/a",
        "Alpha",
        "<a href='/help/#top'>up</a><a href='b?page=2'>b</a><a href='?sort=1'>s</a>",
    )
    .article(
        "/help/b?page=2",
        "Beta",
        "<a rel=nofollow href=/help/secret>s</a>",
    );
    let project = project();
    let output = project
        .run(&format!(
            "knowledge pull {}/help/ --delay 0 --into docs",
            site.address
        ))
        .success();
    let said = said(&output, &site);
    assert!(
        said.contains("pulled new: 3, left out: 1 (from its links)"),
        "{said}"
    );
    assert!(
        said.contains(
            "SITE/help/a?sort=1: addresses with a query whose page is there without it: 1"
        ),
        "{said}"
    );
    assert_eq!(
        project.list("docs"),
        "help/a.md\nhelp/b-page-2.md\nhelp/index.md\n"
    );
    let requests = site.requests();
    assert_eq!(
        requests,
        [
            "/robots.txt",
            "/sitemap.xml",
            "/help/",
            "/help/a",
            "/help/b?page=2"
        ]
    );
}

#[test]
fn a_sitemap_of_sitemaps_is_read_even_as_gzip_and_in_circles() {
    let site = fake_site();
    let index = |locs: &[&str]| {
        let locs: String = locs
            .iter()
            .map(|loc| format!("<sitemap><loc>{loc}</loc></sitemap>"))
            .collect();
        format!("<sitemapindex>{locs}</sitemapindex>")
    };
    let pages = format!("<urlset><url><loc>{}/a</loc></url></urlset>", site.address);
    site.text("/robots.txt", "Sitemap: {site}/index.xml\n")
        .text(
            "/index.xml",
            &index(&[
                "/index.xml",
                "/pages.xml.gz",
                "https://b.example/s.xml",
                "/two.xml",
                "/no.xml",
            ]),
        )
        .text("/two.xml", &index(&["/three.xml"]))
        .text("/three.xml", &index(&["/four.xml"]))
        .set(
            "/pages.xml.gz",
            vec![Answer(200, String::new(), gzip(pages.as_bytes()))],
        )
        .article("/a", "Alpha", "");
    let project = project();
    let output = said(&pull(&project, &site, "").success(), &site);
    for line in [
        "new: 1 (from its sitemap)",
        "note https://b.example/s.xml: the sitemap is not at SITE",
        "note /four.xml: the sitemap is left out: sitemaps are nested deeper than 3",
        "note /no.xml: the sitemap does not exist",
    ] {
        assert!(output.contains(line), "{line}: {output}");
    }
    assert!(!site.requests().contains(&"/four.xml".to_owned()));
}

#[test]
fn bombs_and_pages_of_10_mb_are_reported_and_not_saved() {
    let site = fake_site();
    let page = "<main><p>All that there is to say.</p>".to_owned() + &"x ".repeat(5 * 1024 * 1024);
    let bomb = gzip(&vec![b' '; 60 * 1024 * 1024]);
    site.sitemap(&["/large", "/bomb", "/packed"])
        .page("/large", &page)
        .set(
            "/bomb",
            vec![html(200, "Content-Encoding: gzip\r\n", bomb.clone())],
        )
        .set(
            "/packed",
            vec![html(
                200,
                "Content-Encoding: gzip\r\n",
                gzip(b"<p>Packed, and small."),
            )],
        );
    let project = project();
    let output = said(&pull(&project, &site, "").success(), &site);
    assert!(
        output.contains("left out SITE/large: it has more than 4 MB"),
        "{output}"
    );
    assert!(
        output.contains("left out SITE/bomb: it has more than 4 MB"),
        "{output}"
    );
    assert_eq!(project.list("knowledge"), "packed.md\n");
    site.set("/bomb.xml.gz", vec![Answer(200, String::new(), bomb)]);
    project
        .run(&format!(
            "knowledge pull {}/bomb.xml.gz --delay 0",
            site.address
        ))
        .code(1)
        .stderr_eq(str![[r#"
error: the sitemap http://127.0.0.1:[..]/bomb.xml.gz unpacks to more than 50 MB
hint: pass the address of the website instead, and its links are followed

"#]]);
}

#[test]
fn redirects_end_at_the_origin_in_circles_and_after_five() {
    let site = fake_site();
    site.sitemap(&["/old", "/off", "/loop", "/long", "/canonical"])
        .redirect("/old", "/new")
        .redirect("/off", "https://b.example/")
        .redirect("/loop", "/pool")
        .redirect("/pool", "/loop")
        .article("/new", "New", "")
        .page(
            "/canonical",
            "<link rel=canonical href=/new><main><h1>Other</h1><p>Another text than the new one.",
        );
    for step in 0..9 {
        let from = if step == 0 {
            "/long".to_owned()
        } else {
            format!("/{step}")
        };
        site.redirect(&from, &format!("/{}", step + 1));
    }
    let project = project();
    let output = said(&pull(&project, &site, "").success(), &site);
    for line in [
        "new knowledge/new.md: SITE/new",
        "left out SITE/off: it redirects to https://b.example/, which is not at SITE",
        "left out SITE/loop: it redirects in a circle",
        "left out SITE/long: it redirects more than 5 times",
        "pulled new: 1, left out: 3",
    ] {
        assert!(output.contains(line), "{line}: {output}");
    }
    site.redirect("/robots.txt", "https://www.b.example/robots.txt");
    let output = said(&pull(&project, &site, "").code(1), &site);
    assert!(
        output.contains("hint: pull the address that the site redirects to"),
        "{output}"
    );
}

#[test]
fn canonical_links_in_a_circle_lose_no_page() {
    let site = fake_site();
    site.sitemap(&["/a", "/b"])
        .page("/a", "<link rel=canonical href=/b><main><h1>Alpha")
        .page("/b", "<link rel=canonical href=/a><main><h1>Beta");
    let project = project();
    pull(&project, &site, "").success();
    assert_eq!(project.list("knowledge"), "b.md\n");
}

#[test]
fn errors_of_the_site_are_errors_at_the_end_and_the_next_run_gets_the_rest() {
    let site = fake_site();
    let later = html(503, "Retry-After: 0\r\n", "");
    let good = |word: &str| html(200, "", format!("<p>There is something to say: {word}."));
    site.sitemap(&["/a 2026-01-01", "/broken", "/busy"])
        .article("/a", "Alpha", "")
        .set("/broken", vec![html(500, "", ""), good("one")])
        .set("/busy", vec![later.clone(), later, good("two")]);
    let project = project();
    let output = said(&pull(&project, &site, "").code(1), &site);
    assert!(
        output.contains("failed SITE/broken: the site answers HTTP 500"),
        "{output}"
    );
    assert!(
        output.contains("error: one page could not be fetched\nhint: run the same command again"),
        "{output}"
    );
    assert_eq!(project.list("knowledge"), "a.md\nbusy.md\n");
    site.requests();
    let output = said(&pull(&project, &site, "").success(), &site);
    assert!(output.contains("new: 1, unchanged: 2"), "{output}");
    assert!(!site.requests().contains(&"/a".to_owned()));
}

#[test]
fn a_site_that_fails_again_and_again_is_left_alone() {
    let site = fake_site();
    let pages: Vec<_> = (0..20).map(|page| format!("/{page}")).collect();
    site.sitemap(&pages.iter().map(String::as_str).collect::<Vec<_>>());
    for page in &pages {
        site.set(page, vec![html(500, "", "")]);
    }
    let output = said(&pull(&project(), &site, "").code(1), &site);
    assert!(
        output.contains("error: 5 pages in a row failed"),
        "{output}"
    );
    assert_eq!(site.requests().len(), 2 + 5);
}

#[test]
fn robots_txt_is_respected() {
    let site = fake_site();
    site.text(
        "/robots.txt",
        "User-agent: *\nDisallow: /private\nAllow: /private/open\n",
    )
    .sitemap(&[
        "/private/a",
        "/private/open",
        "/moved",
        "/hidden",
        "/header",
    ])
    .article("/private/open", "Open", "")
    .redirect("/moved", "/private/b")
    .page(
        "/hidden",
        "<meta name=robots content='noindex'><p>Not for you to list.",
    )
    .set(
        "/header",
        vec![html(200, "X-Robots-Tag: noindex\r\n", "<p>Not either.")],
    );
    let project = project();
    let output = said(&pull(&project, &site, "").success(), &site);
    for line in [
        "left out SITE/private/a: `robots.txt` asks not to fetch it",
        "left out SITE/moved: it redirects to SITE/private/b, which `robots.txt` asks not to fetch",
        "left out SITE/hidden: it asks not to be listed (`noindex`)",
        "left out SITE/header: it asks not to be listed (`noindex`)",
        "pulled new: 1, left out: 4",
    ] {
        assert!(output.contains(line), "{line}: {output}");
    }
    let requests = site.requests();
    assert!(
        !requests
            .iter()
            .any(|path| path == "/private/a" || path == "/private/b")
    );
    site.set("/robots.txt", vec![html(500, "", "")]);
    pull(&project, &site, "").code(1).stderr_eq(str![[r#"
error: failed to read http://127.0.0.1:[..]/robots.txt: the site answers HTTP 500 [..]
hint: without `robots.txt`, it is not known what the site allows; try again later

"#]]);
    assert_eq!(site.requests(), ["/robots.txt"]);
}

#[test]
fn charsets_are_found_even_if_they_are_said_wrongly() {
    let site = fake_site();
    let page = |charset: &str, body: &[u8]| {
        let headers = format!("Content-Type: text/html; charset={charset}\r\n");
        vec![Answer(
            200,
            headers,
            [b"<p>All that there is: ", body].concat(),
        )]
    };
    site.sitemap(&["/latin", "/wrong", "/odd"])
        .set("/latin", page("iso-8859-1", b"caf\xe9"))
        .set("/wrong", page("iso-8859-1", "caffè".as_bytes()))
        .set("/odd", page("utf-8", b"\xe9\xe8 odd"));
    let project = project();
    let output = said(&pull(&project, &site, "").success(), &site);
    assert!(project.read("knowledge/latin.md").contains("café"));
    assert!(project.read("knowledge/wrong.md").contains("caffè"));
    assert!(
        output.contains("note SITE/odd: it is not all UTF-8: 2 characters could not be read"),
        "{output}"
    );
}

#[test]
fn what_is_no_page_is_reported_and_not_saved() {
    let site = fake_site();
    site.sitemap(&["/app", "/file.pdf", "/key", "/a", "/copy", "/gone"])
        .page(
            "/app",
            "<title>App</title><div id=root></div><script src=/app.js></script>",
        )
        .set(
            "/file.pdf",
            vec![Answer(
                200,
                "Content-Type: application/pdf\r\n".to_owned(),
                b"%PDF".to_vec(),
            )],
        )
        .page(
            "/key",
            "<p>Our key is sk-proj-0123456789abcdef0123456789abcdef",
        )
        .article("/a", "Alpha", "")
        .article("/copy", "Alpha", "");
    let project = project();
    let output = said(&pull(&project, &site, "").success(), &site);
    for line in [
        "left out SITE/app: it needs JavaScript: without it, the page has no text to speak of",
        "left out SITE/file.pdf: it is not HTML but `application/pdf`",
        "left out SITE/key: it holds what looks like an OpenAI API key",
        "left out SITE/copy: it has the same text as SITE/a",
        "left out SITE/gone: the page is missing",
    ] {
        assert!(output.contains(line), "{line}: {output}");
    }
    assert!(!output.contains("0123456789"));
    assert_eq!(project.list("knowledge"), "a.md\n");
}

#[test]
fn a_site_of_one_page_that_needs_javascript_is_an_error() {
    let site = fake_site();
    site.page("/", "<div id=root></div><script src=/app.js></script>");
    let output = said(&pull(&project(), &site, "").code(1), &site);
    assert!(
        output.contains("left out SITE/: it needs JavaScript"),
        "{output}"
    );
    assert!(
        output.contains("error: no page was found at SITE"),
        "{output}"
    );
}

#[test]
fn what_a_person_edited_is_kept_and_what_the_site_changed_is_shown() {
    let site = fake_site();
    site.sitemap(&["/a", "/b", "/c", "/own"]);
    for (path, title) in [
        ("/a", "Alpha"),
        ("/b", "Beta"),
        ("/c", "Gamma"),
        ("/own", "Own"),
    ] {
        site.article(path, title, "");
    }
    let project = project().file("knowledge/own.md", "# Mine\n");
    let first = said(&pull(&project, &site, "").success(), &site);
    assert!(
        first.contains("kept knowledge/own.md: it is your own file, in the place of SITE/own"),
        "{first}"
    );
    for file in ["knowledge/b.md", "knowledge/c.md"] {
        let text = project.read(file);
        project.write(file, &text.replace("All", "Absolutely all"));
    }
    site.article("/a", "Alpha", "<p>More.")
        .article("/c", "Gamma", "<p>More.");
    let second = said(&pull(&project, &site, "").success(), &site);
    for line in [
        "changed knowledge/a.md: SITE/a",
        "kept knowledge/b.md: you edited it\n",
        "kept knowledge/c.md: you edited it, and the page has changed as well: delete the file to get the page",
    ] {
        assert!(second.contains(line), "{line}: {second}");
    }
    assert!(project.read("knowledge/a.md").contains("More."));
    assert!(project.read("knowledge/b.md").contains("Absolutely all"));
    assert!(project.read("knowledge/c.md").contains("Absolutely all"));
    assert_eq!(project.read("knowledge/own.md"), "# Mine\n");
}

#[test]
fn nothing_is_deleted_without_prune_and_nothing_edited_with_it() {
    let site = fake_site();
    site.sitemap(&["/a", "/b/", "/c", "/d"]);
    for (path, title) in [
        ("/a", "Alpha"),
        ("/b/", "Beta"),
        ("/c", "Gamma"),
        ("/d", "Delta"),
    ] {
        site.article(path, title, "");
    }
    let project = project().file("knowledge/own.md", "# Mine\n");
    pull(&project, &site, "").success();
    let edited = project.read("knowledge/c.md") + "\nMine.\n";
    project.write("knowledge/c.md", &edited);
    // One is no longer listed, one is edited as well, and one is missing.
    site.sitemap(&["/a", "/d"])
        .set("/d", vec![html(410, "", "")]);
    let output = said(&pull(&project, &site, "").success(), &site);
    for line in [
        "gone knowledge/b/index.md: its page is no longer in the sitemap",
        "gone knowledge/d.md: its page is gone",
        "kept knowledge/c.md: you edited it, but its page is no longer in the sitemap",
        "to do gone: pass --prune to delete these files",
    ] {
        assert!(output.contains(line), "{line}: {output}");
    }
    let dry = said(&pull(&project, &site, "--prune --dry-run").success(), &site);
    assert!(
        dry.contains("removed knowledge/d.md") && dry.contains("dry run"),
        "{dry}"
    );
    assert_eq!(
        project.list("knowledge"),
        "a.md\nb/index.md\nc.md\nd.md\nown.md\n"
    );
    pull(&project, &site, "--prune").success();
    assert_eq!(project.list("knowledge"), "a.md\nc.md\nown.md\n");
}

#[test]
fn a_sitemap_that_cannot_be_read_makes_no_page_gone() {
    let site = fake_site();
    site.text(
        "/robots.txt",
        "Sitemap: {site}/one.xml\nSitemap: {site}/two.xml\n",
    )
    .text(
        "/one.xml",
        "<urlset><url><loc>{site}/a</loc></url></urlset>",
    )
    .text(
        "/two.xml",
        "<urlset><url><loc>{site}/b</loc></url></urlset>",
    )
    .article("/a", "Alpha", "")
    .article("/b", "Beta", "");
    let project = project();
    pull(&project, &site, "").success();
    site.text("/two.xml", "<urlset><url><loc>");
    let output = said(&pull(&project, &site, "--prune").success(), &site);
    assert!(
        output.contains("note SITE/two.xml: the sitemap is not XML"),
        "{output}"
    );
    assert_eq!(project.list("knowledge"), "a.md\nb.md\n");
}

#[test]
fn a_page_that_nothing_links_to_any_more_is_asked_for_before_it_is_gone() {
    let site = fake_site();
    site.article("/", "Home", "<a href=a>a</a><a href=b>b</a>")
        .article("/a", "Alpha", "")
        .article("/b", "Beta", "");
    let project = project();
    pull(&project, &site, "").success();
    site.article("/", "Home", "")
        .set("/b", vec![html(404, "", "")]);
    let output = said(&pull(&project, &site, "--prune").success(), &site);
    assert!(
        output.contains("removed knowledge/b.md: its page is gone"),
        "{output}"
    );
    assert_eq!(project.list("knowledge"), "a.md\nindex.md\n");
}

#[test]
fn a_page_is_asked_for_again_only_if_its_date_or_its_tag_has_changed() {
    let site = fake_site();
    let tagged = |tag: &str| {
        vec![html(
            200,
            &format!("ETag: \"{tag}\"\r\n"),
            format!("<p>This is the text of {tag}."),
        )]
    };
    site.sitemap(&["/dated 2026-01-01", "/tagged"])
        .article("/dated", "Dated", "")
        .set("/tagged", tagged("one"));
    let project = project();
    pull(&project, &site, "").success();
    let before = project.files("knowledge");
    site.requests();
    let output = said(&pull(&project, &site, "").success(), &site);
    assert!(output.contains("unchanged: 2"), "{output}");
    assert_eq!(site.requests(), ["/robots.txt", "/sitemap.xml", "/tagged"]);
    assert_eq!(project.files("knowledge"), before);
    site.sitemap(&["/dated 2026-01-02", "/tagged"])
        .set("/tagged", tagged("two"));
    let output = said(&pull(&project, &site, "").success(), &site);
    assert!(output.contains("changed: 1, unchanged: 1"), "{output}");
    assert!(
        project
            .read("knowledge/dated.md")
            .contains("lastmod: 2026-01-02")
    );
}

#[test]
fn a_dry_run_shows_the_same_and_writes_nothing() {
    let site = fake_site();
    site.sitemap(&["/a"]).article("/a", "Alpha", "");
    let project = project();
    let dry = said(&pull(&project, &site, "--dry-run").success(), &site);
    assert!(
        dry.contains("new knowledge/a.md: SITE/a\n  dry run new: 1"),
        "{dry}"
    );
    assert!(!project.path("knowledge").exists());
    let real = said(&pull(&project, &site, "").success(), &site);
    assert_eq!(real, dry.replace("dry run", " pulled"));
}

#[test]
fn the_limit_ends_a_walk_without_end() {
    let site = fake_site();
    for page in 0..50 {
        let next = format!(
            "<a href=/{}>next</a><a href=/{}>other</a>",
            page + 1,
            page + 2
        );
        site.article(&format!("/{page}"), &format!("Page {page}"), &next);
    }
    site.article("/", "Home", "<a href=/0>0</a>");
    let project = project();
    let output = said(&pull(&project, &site, "--limit 5").success(), &site);
    assert!(
        output.contains("the limit of 5 pages is reached"),
        "{output}"
    );
    assert_eq!(project.files("knowledge").len(), 5);
}

#[test]
fn addresses_that_are_none_and_sites_that_do_not_answer_are_errors() {
    project()
        .run("knowledge pull example.com")
        .code(1)
        .stderr_eq(str![[r#"
error: `example.com` is not an address
  caused by: relative URL without a base
hint: write one such as `https://www.example.com/help/`

"#]]);
    project()
        .run("knowledge pull http://127.0.0.1:1/")
        .code(1)
        .stderr_eq(str![[r#"
error: failed to read http://127.0.0.1:1/robots.txt: the site cannot be reached: [..]
hint: without `robots.txt`, it is not known what the site allows; try again later

"#]]);
}

#[test]
fn a_pull_that_was_killed_leaves_whole_files_and_is_continued() {
    let site = fake_site();
    site.article("/", "Home", "<a href=a>a</a>")
        .article("/a", "Alpha", "<a href=b>b</a>")
        .article("/b", "Beta", "<a href=c>c</a>")
        .article("/c", "Gamma", "");
    let project = project();
    let waiting = site.stall("/b");
    let mut child = Command::new(env!("CARGO_BIN_EXE_chatkit-embed"))
        .args(["knowledge", "pull", &site.address, "--delay", "0"])
        .current_dir(project.path(""))
        .stdout(Stdio::null())
        .spawn()
        .expect("the command");
    let connection = waiting.recv().expect("the command asks for it");
    child.kill().expect("it is running");
    child.wait().expect("it ends");
    drop(connection);
    site.go_on();
    assert!(
        project
            .read("knowledge/a.md")
            .ends_with("about Alpha.\n\nb\n")
    );
    site.requests();
    let output = said(&pull(&project, &site, "").success(), &site);
    assert!(
        output
            .contains("note SITE/: continues the pull that was interrupted; pages it had done: 2"),
        "{output}"
    );
    assert!(
        output.contains("new: 2, unchanged: 2 (from its links)"),
        "{output}"
    );
    assert_eq!(site.requests(), ["/robots.txt", "/sitemap.xml", "/b", "/c"]);
    // A pull that is complete is not continued but done again.
    let output = said(&pull(&project, &site, "").success(), &site);
    assert!(
        !output.contains("interrupted") && output.contains("unchanged: 4"),
        "{output}"
    );
    assert_eq!(site.requests().len(), 6);
    assert!(!project.path("knowledge/.chatkit-embed.pull").exists());
    assert!(!project.path("knowledge/.chatkit-embed.tmp").exists());
}

#[test]
fn requests_are_not_closer_than_the_delay_or_what_robots_txt_asks_for() {
    let site = fake_site();
    site.sitemap(&["/a", "/b"])
        .article("/a", "Alpha", "")
        .article("/b", "Beta", "");
    let took = |more: &str| {
        let started = Instant::now();
        project()
            .run(&format!("knowledge pull {} {more}", site.address))
            .success();
        started.elapsed()
    };
    assert!(took("--delay 100") >= Duration::from_millis(300));
    site.text("/robots.txt", "User-agent: *\nCrawl-delay: 0.2\n");
    assert!(took("--delay 0") >= Duration::from_millis(600));
}

#[test]
fn only_a_redirect_for_good_makes_a_page_gone() {
    let site = fake_site();
    site.sitemap(&["/a", "/b"])
        .article("/a", "Alpha", "")
        .article("/b", "Beta", "");
    let project = project();
    pull(&project, &site, "").success();
    let soon = Answer(302, "Location: /soon\r\n".to_owned(), Vec::new());
    site.set("/a", vec![soon]).redirect("/b", "/beta");
    site.article("/soon", "Soon", "")
        .article("/beta", "Beta, moved", "");
    let output = said(&pull(&project, &site, "--prune").success(), &site);
    assert!(
        output.contains("removed knowledge/b.md: its page is now SITE/beta"),
        "{output}"
    );
    assert_eq!(project.list("knowledge"), "a.md\nbeta.md\nsoon.md\n");
}
