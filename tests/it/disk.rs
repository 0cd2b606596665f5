//! Disks that are full, folders that are read-only, builds at the same time, links, and names that differ by case alone:
//! nothing is half-written, nothing outside is touched, and the next build finishes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use snapbox::cmd::cargo_bin;
use snapbox::str;

use crate::project::{Project, SMALLEST, project};
use crate::safe::{Files, assert_whole, files, site};

/// Two versions of a site, and what each is built to.
fn versions() -> [(String, Files); 2] {
    ["red", "blue"].map(|colour| {
        let site = site(colour, 3);
        let project = project().file("site.yaml", &site);
        project.run("build").success();
        (site, files(&project))
    })
}

/// Gives the site's file an old time, always the same one: a build remembers no file that is only just written.
fn date(project: &Project) {
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let file = fs::File::options()
        .write(true)
        .open(project.path("site.yaml"));
    file.unwrap().set_modified(long_ago).unwrap();
}

/// The next build finishes, and leaves nothing behind.
fn assert_finishes(project: &Project, site: &str, built: &Files) {
    project.write("site.yaml", site);
    project.run("build").success();
    let now: Vec<_> = project.files("dist").into_keys().collect();
    assert_eq!(
        now,
        built.keys().cloned().collect::<Vec<_>>(),
        "{:?}",
        project.path("")
    );
    assert!(files(project) == *built);
    assert!(!project.list("").contains(".tmp"));
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
    use std::os::unix::process::CommandExt as _;
    use std::process::Output;

    use super::*;

    /// Builds where no file can be longer than so many blocks of 512 bytes, as on a disk that becomes full.
    fn build_with_limit(project: &Project, blocks: u64) -> Output {
        Command::new("sh")
            .arg("-c")
            // The signal would end the build without a word; a full disk sends none.
            .arg(format!(
                "trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" build"
            ))
            .arg(cargo_bin!("chatkit-embed"))
            .current_dir(project.path(""))
            .env_clear()
            .output()
            .unwrap()
    }

    #[test]
    fn a_disk_without_room_is_told_and_leaves_the_last_build() {
        let [(one, red), (other, blue)] = versions();
        let project = project().file("site.yaml", &one);
        project.run("build").success();
        project.write("site.yaml", &other);
        let mut failed = 0;
        for blocks in (0..).map(|step| step * 8) {
            let output = build_with_limit(&project, blocks);
            if output.status.success() {
                break;
            }
            failed += 1;
            let told = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{blocks}: {told}");
            assert!(
                told.starts_with("error: failed to write `"),
                "{blocks}: {told}"
            );
            assert!(
                told.contains("hint: the file is larger than this disk"),
                "{told}"
            );
            assert_whole(&files(&project), [&red, &blue], &format!("{blocks} blocks"));
            let left = project.list("");
            assert!(!left.contains(".tmp") && !left.contains(".new"), "{left}");
        }
        assert!(failed > 3, "the limit was reached {failed} times only");
        assert_finishes(&project, &other, &blue);
    }

    /// A user whom permissions bind, which they do not if the tests run as root.
    const NOBODY: u32 = 65534;

    /// A project that belongs to whoever runs the program with [`run`].
    fn owned(site: &str) -> Project {
        let project = project().file("site.yaml", site);
        let folder = project.path("");
        if is_root(&folder) {
            let program = project.path("program");
            fs::copy(cargo_bin!("chatkit-embed"), &program).unwrap();
            for path in [folder, project.path("site.yaml"), program] {
                chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
        project
    }

    /// Whether the tests run as root.
    fn is_root(new: &Path) -> bool {
        new.metadata().unwrap().uid() == 0
    }

    fn build(project: &Project) -> Output {
        let program = project.path("program");
        let mut command = Command::new(cargo_bin!("chatkit-embed"));
        if program.exists() {
            command = Command::new(program);
            command.uid(NOBODY).gid(NOBODY);
        }
        command
            .arg("build")
            .current_dir(project.path(""))
            .env_clear()
            .output()
            .unwrap()
    }

    fn permit(project: &Project, folder: &str, mode: u32) {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(project.path(folder), permissions).unwrap();
    }

    #[test]
    fn a_folder_that_is_read_only_is_told_and_the_next_build_finishes() {
        let [(one, red), (other, blue)] = versions();
        let project = owned(&one);
        assert!(build(&project).status.success());
        project.write("site.yaml", &other);
        for folder in [
            "dist",
            "dist/w",
            "dist/assets",
            "snippets",
            ".chatkit-embed",
        ] {
            permit(&project, folder, 0o555);
            let output = build(&project);
            permit(&project, folder, 0o755);
            let told = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{folder}: {told}");
            assert!(told.contains("Permission denied"), "{folder}: {told}");
            assert!(told.contains(folder), "{told}");
            assert_whole(&files(&project), [&red, &blue], folder);
            if folder != "dist/w" && folder != "dist/assets" {
                assert!(files(&project) == red, "{folder}");
            }
            // Back to the first version.
            project.write("site.yaml", &one);
            assert!(build(&project).status.success(), "{folder}");
            project.write("site.yaml", &other);
        }
        assert!(build(&project).status.success());
        assert!(project.files("dist").into_iter().eq(blue));
    }

    #[test]
    fn what_a_link_leads_to_is_never_changed() {
        let [(one, _), (other, blue)] = versions();
        let mine = "mine\n";
        for path in [
            "dist/w",
            "dist/w/w1",
            "dist/w/w1.js",
            "dist/w/w2",
            "dist/assets",
            "dist/404.html",
            "dist/.chatkit-embed.tmp",
            "dist/.chatkit-embed.tmp/lock",
            "snippets/.chatkit-embed.tmp",
            "snippets/w1.html",
            ".chatkit-embed",
            ".chatkit-embed/dist",
            ".chatkit-embed/dist.new",
            ".chatkit-embed/dist.build.json",
            ".chatkit-embed/dist.build.json.new",
            ".chatkit-embed/.gitignore",
        ] {
            let project = project().file("site.yaml", &one);
            date(&project);
            project.run("build").success();
            let whole = project.path(path);
            let outside = project.path("outside");
            // What is behind it has the names that a build may look for.
            match whole.exists() {
                true => fs::rename(&whole, &outside).unwrap(),
                false if path.ends_with(".tmp") => {
                    project.write("outside/lock", mine);
                    project.write("outside/1", mine);
                    project.write("outside/tree/index.html", mine);
                }
                false => project.write("outside", mine),
            }
            fs::create_dir_all(whole.parent().unwrap()).unwrap();
            symlink(&outside, &whole).unwrap();
            let before = (fs::read(&outside).ok(), project.files("outside"));
            // With a widget less, whose files would be deleted.
            project.write("site.yaml", &other.replace("  w2:", "  w3:"));
            date(&project);
            let output = project.run("build");
            let output = output.get_output();
            let told = String::from_utf8_lossy(&output.stderr);
            if !output.status.success() {
                assert!(
                    told.contains("is a link") || told.contains("or a link"),
                    "{path}: {told}"
                );
                assert!(told.contains("hint: "), "{path}: {told}");
            }
            let after = (fs::read(&outside).ok(), project.files("outside"));
            assert!(before == after, "{path}: {told}");
            if whole.is_symlink() {
                fs::remove_file(&whole).unwrap();
                fs::rename(&outside, &whole).unwrap();
            }
            assert_finishes(&project, &other, &blue);
        }
    }
}

#[test]
fn a_second_build_says_who_holds_the_folder_and_changes_nothing() {
    let [(one, red), (other, blue)] = versions();
    let project = project().file("site.yaml", &one);
    project.run("build").success();
    project.write("site.yaml", &other);
    for folder in ["dist", "snippets"] {
        project.write(&format!("{folder}/.chatkit-embed.tmp/lock"), "17");
        let path = project.path(&format!("{folder}/.chatkit-embed.tmp/lock"));
        let lock = fs::File::open(path).unwrap();
        lock.lock().unwrap();
        let told = project.run("build").code(1);
        let told = String::from_utf8_lossy(&told.get_output().stderr).into_owned();
        let expected = format!(
            "error: another build (process 17) is writing to `{folder}`\n\
             hint: wait until it is finished, or end it, or write to another folder\n"
        );
        assert_eq!(told, expected);
        assert!(files(&project) == red);
        // Not only by closing it: a program that another test starts at this moment has the file open too, until it runs.
        lock.unlock().unwrap();
    }
    assert_finishes(&project, &other, &blue);
}

#[test]
fn of_builds_at_the_same_time_each_finishes_or_says_that_another_is_writing() {
    let [(one, red), (other, blue)] = versions();
    let project = project().file("site.yaml", &one);
    let folder = project.path("");
    fs::create_dir(folder.join("other")).unwrap();
    project.write("other/site.yaml", &other);
    let mut written = 0;
    for round in 0..8 {
        let builds: Vec<_> = (0..4)
            .map(|number| {
                let config = ["site.yaml", "other/site.yaml"][number % 2];
                Command::new(cargo_bin!("chatkit-embed"))
                    .args([
                        "build",
                        "--config",
                        config,
                        "--out",
                        "dist",
                        "--snippets",
                        "snippets",
                    ])
                    .current_dir(&folder)
                    .stdout(Stdio::null())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        for build in builds {
            let output = build.wait_with_output().unwrap();
            let told = String::from_utf8_lossy(&output.stderr);
            match output.status.success() {
                true => written += 1,
                false => assert!(told.starts_with("error: another build"), "{told}"),
            }
        }
        assert_whole(&files(&project), [&red, &blue], &format!("round {round}"));
        let pages = fs::read(project.path("dist/w/w0/index.html")).unwrap();
        let is_red = red[Path::new("w/w0/index.html")] == pages;
        // Not some of one and some of the other.
        assert!(
            files(&project) == *[&blue, &red][usize::from(is_red)],
            "round {round}"
        );
    }
    assert!(written >= 8, "{written}");
    assert_finishes(&project, &other, &blue);
}

#[test]
fn a_build_that_fails_after_it_has_written_is_not_remembered() {
    let project = project().file("site.yaml", SMALLEST);
    date(&project);
    project.run("build").success();
    assert!(project.path(".chatkit-embed/dist.build.json").exists());
    let built = files(&project);
    // The files are in place when it turns out that a folder is in the way of the pack.
    project.write("site.yaml", &SMALLEST.replace("support", "sales"));
    fs::create_dir(project.path("pack")).unwrap();
    project.run("build --pack pack").code(1);
    assert!(files(&project) != built);
    project.write("site.yaml", SMALLEST);
    date(&project);
    project.run("build").success();
    assert!(files(&project) == built);
}

#[test]
fn names_that_differ_by_case_alone_are_refused_or_written_in_lower_case() {
    let project = project()
        .file("site.yaml", "site: {url: 'https://chat.example.com'}\nwidgets:\n  Shop: {backend: {type: hosted}}\n  a: {backend: {type: hosted}, aliases: [A]}\n")
        .file("widgets/shop.yaml", "backend: {type: hosted}\n")
        .file("widgets/SHOP.yaml", "backend: {type: hosted}\n");
    let told = project.run("build").code(1);
    let told = String::from_utf8_lossy(&told.get_output().stderr).into_owned();
    for name in ["Shop", "A", "SHOP"] {
        let message = format!("error: `{name}` is not a valid widget name\n");
        assert!(told.contains(&message), "{told}");
    }
    assert!(told.ends_with("error: 3 problems\n"), "{told}");
    assert!(!project.path("dist").exists());
}

#[test]
fn a_file_of_a_theme_replaces_another_only_if_its_name_is_the_same_to_the_letter() {
    let project = project()
        .file("site.yaml", SMALLEST)
        .file("themes/default/static/Logo.PNG", "a picture");
    project.run("build").success();
    let assets = project.list("dist/assets");
    assert!(
        assets.contains("logo.") && !assets.contains("Logo"),
        "{assets}"
    );
    project.write("themes/default/templates/Page.html", "<p>");
    project.run("build").code(1).stderr_eq(str![[r#"
error: `themes/default/templates/Page.html` differs from `templates/page.html` only by upper and lower case
hint: rename it: to replace `templates/page.html`, its name must be the same to the letter

"#]]);
}
