//! A build may end at any moment, and gives the same bytes everywhere.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use snapbox::cmd::cargo_bin;

use crate::project::{Project, project};

/// How often a build is killed.
const KILLS: u64 = 200;

pub(crate) type Files = BTreeMap<PathBuf, Vec<u8>>;

/// A site whose every page, loader and asset depends on `colour`.
pub(crate) fn site(colour: &str, widgets: usize) -> String {
    let widgets: String = (0..widgets)
        .map(|number| {
            format!(
                "  w{number}: {{backend: {{type: hosted}}, page: {{title: 'In {colour}'}}, launcher: {{label: {colour}}}}}\n"
            )
        })
        .collect();
    format!(
        "site: {{url: 'https://chat.example.com', variables: {{accent: {colour}}}}}\nwidgets:\n{widgets}"
    )
}

/// What a site is built to, and the time from the start of a build to its end.
fn built(site: &str) -> (Files, Duration) {
    let project = project().file("site.yaml", site);
    let times = [(); 3].map(|()| {
        let started = Instant::now();
        // Or nothing would be left to do.
        let _ = std::fs::remove_dir_all(project.path(".chatkit-embed"));
        project.run("build").success();
        started.elapsed()
    });
    (files(&project), times.into_iter().min().unwrap())
}

/// What is published.
pub(crate) fn files(project: &Project) -> Files {
    let files = project.files("dist").into_iter();
    // What a killed build was about to write.
    let is_ours = |path: &PathBuf| !path.starts_with(".chatkit-embed.tmp");
    files.filter(|(path, _)| is_ours(path)).collect()
}

/// The names of the assets that a page or a script names.
fn assets_in(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let names = text.split("/assets/").skip(1);
    let names = names.map(|rest| {
        let end = rest.find(['"', '\'', ')', '`', ' ', '?']);
        rest[..end.unwrap_or(rest.len())].to_owned()
    });
    names.collect()
}

/// Each file is one of these two builds, and no page refers to a missing asset.
pub(crate) fn assert_whole(now: &Files, builds: [&Files; 2], when: &str) {
    for (path, bytes) in now {
        let is_whole = builds.iter().any(|files| files.get(path) == Some(bytes));
        assert!(is_whole, "{when}: {}", path.display());
        // Its rules are for assets of any name.
        if path.ends_with("_headers") {
            continue;
        }
        for name in assets_in(bytes) {
            let asset = PathBuf::from("assets").join(&name);
            assert!(
                now.contains_key(&asset),
                "{when}: {} names {name}",
                path.display()
            );
        }
    }
}

fn kill_a_build(project: &Project, after: Duration) {
    let mut build = Command::new(cargo_bin!("chatkit-embed"))
        .args(["build", "--quiet"])
        .current_dir(project.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    sleep(after);
    build.kill().unwrap();
    build.wait().unwrap();
}

#[test]
fn a_build_that_is_killed_leaves_whole_files_and_pages_with_all_their_assets() {
    let sites = ["red", "blue"].map(|colour| site(colour, 12));
    let [(red, took), (blue, _)] = [0, 1].map(|at| built(&sites[at]));
    let project = project().file("site.yaml", &sites[0]);
    for round in 0..KILLS {
        project.write("site.yaml", &sites[round as usize % 2]);
        // Most of the time is rendering, in which nothing changes: half of the kills come in the last third.
        let part = RandomState::new().hash_one(round) % 1000;
        let part = part as f64 / 1000.0;
        let part = [part, 0.7 + 0.4 * part][round as usize / 2 % 2];
        kill_a_build(&project, took.mul_f64(part));
        let now = files(&project);
        assert_whole(&now, [&red, &blue], &format!("round {round}"));
    }
    project.write("site.yaml", &sites[0]);
    project.run("build").success();
    assert!(project.files("dist").into_iter().eq(red));
}

#[test]
fn the_same_site_gives_the_same_bytes_wherever_and_however_it_is_built() {
    let site = site("red", 60);
    let build = |folder: &str, variables: &[(&str, &str)]| {
        let project = project().file(&format!("{folder}/site.yaml"), &site);
        let command = format!("build --config {folder}/site.yaml --pack {folder}/pack");
        project.run_with(&command, variables).success();
        let parts = ["dist", "snippets"].map(|part| project.files(&format!("{folder}/{part}")));
        (
            parts,
            std::fs::read(project.path(&format!("{folder}/pack"))).unwrap(),
        )
    };
    let one = build("here", &[("TZ", "Asia/Tokyo"), ("RAYON_NUM_THREADS", "1")]);
    let other = build(
        "over/there",
        &[("TZ", "America/New_York"), ("RAYON_NUM_THREADS", "8")],
    );
    assert_eq!(one.1, other.1);
    for (one, other) in one.0.into_iter().zip(other.0) {
        assert!(one.len() > 1 || one.keys().all(|path| path.ends_with("index.html")));
        assert!(one == other);
    }
}
