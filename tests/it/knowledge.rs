//! Agents that know pages: from files to what the function gets.

use snapbox::str;

use crate::project::{Project, project};

/// A site whose agent knows these files.
fn site(knowledge: &str) -> Project {
    project().file(
        "site.yaml",
        &format!(
            "site: {{url: 'https://chat.acme.com', allowed_origins: ['https://www.acme.com']}}\n\
             widgets:\n\
             \x20 a:\n\
             \x20   backend:\n\
             \x20     type: agent\n\
             \x20     domain_key: domain_pk_1\n\
             \x20     instructions: Be brief.\n\
             \x20     knowledge: {knowledge}\n"
        ),
    )
}

/// What the function knows, as far as it is text.
fn known(project: &Project) -> String {
    let pack = std::fs::read(project.path("pack")).expect("the build wrote it");
    String::from_utf8_lossy(&pack).into_owned()
}

#[test]
fn build_gives_the_pages_to_the_function_and_to_nobody_else() {
    let project = site("{files: ['knowledge/**/*.md', 'public/**/*.html'], base_url: 'https://www.acme.com/help'}")
        .file("knowledge/returns.md", "# Returns\n\nCANARY thirty days.\n")
        .file("knowledge/shipping/index.md", "---\ntitle: Shipping\n---\nTwo days.\n")
        .file("knowledge/own.md", "---\nurl: /own/\n---\n# Own\n\nAn address.\n")
        .file(
            "public/faq.html",
            "<title>FAQ</title><body><nav>Menu</nav><main><h1>FAQ</h1><h2 id=old>How old?</h2><p>Very.</p></main>",
        );
    project.run("build --pack pack").success().stdout_eq(str![[r#"
     site https://chat.acme.com (from site.url)
  widgets 1: a (agent)
knowledge a: pages: 4, passages: 4, tokens: about 13; a message brings all of them, for less than $0.0001 with gpt-6-luna
     dist [..]
 snippets [..]
 function not written; `--function` or `--server` does it
     pack `pack`, 0.0 MB
     done in [..]

"#]]);
    let known = known(&project);
    for text in [
        "CANARY thirty days.",
        "https://www.acme.com/help/returns#returns",
        "https://www.acme.com/help/shipping/",
        "https://www.acme.com/own/#own",
        "https://www.acme.com/help/faq.html#old",
        "How old?",
    ] {
        assert!(known.contains(text), "{text}: {known}");
    }
    assert!(!known.contains("Menu"));
    for folder in ["dist", "snippets"] {
        for (path, bytes) in project.files(folder) {
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains("CANARY"), "{}", path.display());
        }
    }
}

#[test]
fn check_says_of_each_file_why_it_was_left_out() {
    let project = site("{files: ['knowledge/*'], prompt_tokens: 1}")
        .file(
            "knowledge/a.md",
            "---\ntitle: [\n---\nText of some length.\n",
        )
        .file(
            "knowledge/b.md",
            "---\nurl: https://elsewhere.example/\n---\nText.\n",
        )
        .file("knowledge/c.png", "x")
        .file("knowledge/d.md", "\n");
    project.run("check").success().stdout_eq(str![[r#"
     site https://chat.acme.com (from site.url)
  widgets 1: no errors
knowledge a: pages: 2, passages: 2, tokens: about 7; a message brings the best 10, for less than $0.0001 with gpt-6-luna
     note knowledge/a.md:3: the front matter is not valid YAML, so its title and address are not known
     note knowledge/a.md: has no address, so it is quoted without a link: set `base_url`, or `url` in its front matter
     note knowledge/b.md: its address `https://elsewhere.example/` is not used, because it is neither below `base_url` nor at an origin of `allowed_origins`
     note knowledge/c.png: left out: it is not Markdown, HTML or plain text
     note knowledge/d.md: left out: it holds no text
    to do [..]
    to do [..]
    to do [..]

"#]]);
}

#[test]
fn files_that_are_not_there_are_errors_at_their_globs() {
    let project = site("{files: ['no/*.md', 'a***'], base_url: 'ftp://x'}");
    project.run("check").code(1).stderr_eq(str![[r#"
error: `no/*.md` matches no file
 --> site.yaml:8:27
  |
8 |       knowledge: {files: ['no/*.md', 'a***'], base_url: 'ftp://x'}
  |                           ^^^^^^^^^
  |
  = hint: globs start at the folder of `site.yaml`; `**` stands for any folders, and names that begin with a dot are skipped

error: `a***` is not a glob: wildcards are either regular `*` or recursive `**`
 --> site.yaml:8:38
  |
8 |       knowledge: {files: ['no/*.md', 'a***'], base_url: 'ftp://x'}
  |                                      ^^^^^^

error: `ftp://x` is not an address
 --> site.yaml:8:57
  |
8 |       knowledge: {files: ['no/*.md', 'a***'], base_url: 'ftp://x'}
  |                                                         ^^^^^^^^^ expected one such as `https://www.example.com`

error: 3 problems

"#]]);
    let project = site("{files: []}");
    project.run("check").code(1).stderr_eq(str![[r#"
error: `files` is empty
 --> site.yaml:8:19
  |
8 |       knowledge: {files: []}
  |                   ^^^^^ expected globs such as `knowledge/**/*.md`

error: one problem

"#]]);
    let project = site("{files: ['*.md']}").file("a.md", "");
    project.run("check").code(1).stderr_eq(str![[r#"
error: no file has any text
 --> site.yaml:8:19
  |
8 |       knowledge: {files: ['*.md']}
  |                   ^^^^^ a.md is left out: it holds no text

error: one problem

"#]]);
}

#[test]
fn unchanged_pages_give_the_same_bytes() {
    let project = site("{files: ['*.md'], base_url: 'https://www.acme.com'}")
        .file("b.md", "# B\n\nText one two three.\n")
        .file("a.md", "# A\n\nText two three four.\n");
    project.run("build --pack pack").success();
    let first = known(&project);
    project.run("build --pack pack").success();
    assert_eq!(known(&project), first);
}
