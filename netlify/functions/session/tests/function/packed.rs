//! Site packs on the disk: in a file of their own, at the end of the program, and broken in the ways that files break.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::{KEY, pack, parts};

const PROGRAM: &str = env!("CARGO_BIN_EXE_session");

/// Variables with which nothing is missing.
const COMPLETE: [(&str, &str); 5] = [
    ("OPENAI_API_KEY", "sk-proj-0123456789abcdef0123456789abcdef"),
    ("CHATKIT_WORKFLOW_ID", "wf_1"),
    ("OTHER_WORKFLOW", "wf_2"),
    ("CHATKIT_SERVER_SECRET", "0123456789abcdef0123456789abcdef"),
    ("IDENTITY_SECRET", "0123456789abcdef0123456789abcdef"),
];

fn run(program: &Path, option: &[&str], variables: &[(&str, &str)]) -> (i32, String) {
    let mut command = Command::new(program);
    command.env_clear().args(option);
    command.envs(variables.iter().copied());
    let Output {
        status,
        stdout,
        stderr,
    } = retried(|| command.output());
    let said = [stdout, stderr].concat();
    (status.code().unwrap(), String::from_utf8(said).unwrap())
}

/// Starts a program that was written a moment ago: another test's child may still hold the file open for a moment.
fn retried<T>(mut start: impl FnMut() -> io::Result<T>) -> T {
    loop {
        match start() {
            Err(err) if err.kind() == io::ErrorKind::ExecutableFileBusy => {
                sleep(Duration::from_millis(10));
            }
            started => return started.unwrap(),
        }
    }
}

/// The program with these bytes at its end.
fn program_with(folder: &Path, end: &[u8]) -> PathBuf {
    let path = folder.join("packed");
    fs::copy(PROGRAM, &path).unwrap();
    let mut file = File::options().append(true).open(&path).unwrap();
    file.write_all(end).unwrap();
    drop(file);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// Published files with their headers.
fn folder_of_files() -> tempfile::TempDir {
    let dist = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = dist.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("w/support/index.html", "<p>the page");
    write("w/ä b.js", "script");
    write("404.html", "nothing here");
    write(".hidden", "never");
    write("_headers", "/w/*\n  X-Test: yes\n");
    dist
}

#[test]
fn program_serves_the_files_at_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder_of_files();
    let whole = parts(false).pack(Vec::new(), Some(dist.path())).unwrap();
    let program = program_with(folder.path(), &whole);
    drop(dist);
    let mut command = Command::new(&program);
    command.env_clear().env("PORT", "0").current_dir(&folder);
    command.stderr(Stdio::piped());
    let mut child = retried(|| command.spawn());
    let mut said = String::new();
    let log = child.stderr.as_mut().unwrap();
    let mut byte = [0];
    while !said.contains("listening on") || !said.ends_with('\n') {
        assert_eq!(log.read(&mut byte).unwrap(), 1, "{said}");
        said.push(char::from(byte[0]));
    }
    let port = said.rsplit_once(':').unwrap().1.trim_end_matches("\"}\n");
    let get = |path: &str| {
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n").unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        reply
    };
    let page = get("/w/support/");
    assert!(
        page.starts_with("HTTP/1.1 200") && page.ends_with("<p>the page"),
        "{page}"
    );
    assert!(
        page.contains("X-Test: yes\r\n") && page.contains("ETag: \""),
        "{page}"
    );
    assert!(page.contains("Content-Type: text/html"), "{page}");
    assert!(get("/w/%C3%A4%20b.js").ends_with("script"));
    assert!(get("/w/support").contains("Location: /w/support/"));
    for path in ["/.hidden", "/_headers", "/w/other/"] {
        let reply = get(path);
        assert!(
            reply.starts_with("HTTP/1.1 404") && reply.ends_with("nothing here"),
            "{reply}"
        );
    }
    assert!(
        said.contains("serving the site https://chat.example.com"),
        "{said}"
    );
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn check_says_what_the_environment_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let program = program_with(folder.path(), &parts(false).to_bytes());
    let (code, said) = run(&program, &["--check"], &[]);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.starts_with("site: https://chat.example.com, "),
        "{said}"
    );
    for variable in ["OPENAI_API_KEY", "CHATKIT_SERVER_SECRET", "IDENTITY_SECRET"] {
        let lines = said.lines();
        let named = lines.filter(|line| line.starts_with(&format!("missing: `{variable}`")));
        assert_eq!(named.count(), 1, "{said}");
    }
    let (code, said) = run(&program, &["--check"], &COMPLETE);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("nothing is missing") && !said.contains(KEY),
        "{said}"
    );
    // The same of a file that a variable names, for the bare program.
    let named = [("SITE_PACK", pack().to_str().unwrap())];
    let (code, said) = run(Path::new(PROGRAM), &["--check"], &named);
    assert!(
        code == 1 && said.starts_with("site: https://chat.example.com, "),
        "{said}"
    );
}

#[test]
fn check_counts_the_files_of_a_folder_and_names_links_that_lead_out_of_it() {
    let dist = folder_of_files();
    let named = [
        ("SITE_PACK", pack().to_str().unwrap()),
        ("DIST_DIR", dist.path().to_str().unwrap()),
    ];
    let variables = [&COMPLETE[..], &named].concat();
    let (code, said) = run(Path::new(PROGRAM), &["--check"], &variables);
    assert!(code == 0 && !said.contains("note:"), "{said}");
    assert!(said.contains("files: 4\n"), "{said}");
    symlink("/etc", dist.path().join("out")).unwrap();
    let (code, said) = run(Path::new(PROGRAM), &["--check"], &variables);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("note: ") && said.contains("is not served: the link leads out of the folder"),
        "{said}"
    );
}

#[test]
fn program_without_a_site_does_not_start() {
    for option in [&["--check"][..], &[]] {
        let (code, said) = run(Path::new(PROGRAM), option, &[("PORT", "0")]);
        assert_eq!(code, 2, "{said}");
        assert!(
            said.starts_with("error: this program holds no site; "),
            "{said}"
        );
    }
}

#[test]
fn broken_pack_is_named_and_the_one_at_the_end_never_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let good = parts(false).to_bytes();
    let program = program_with(folder.path(), &good);
    let changed = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] ^= byte;
        bytes
    };
    // The site's settings are the first body.
    let (end, middle, first) = (good.len() - 1, good.len() / 2, 8);
    for (bytes, why) in [
        (Vec::new(), "not a site pack"),
        (b"site: {}".to_vec(), "not a site pack"),
        (good[..middle].to_vec(), "cut short"),
        (good[8..].to_vec(), "cut short"),
        (changed(end, 1), "of another version"),
        (changed(first, 1), "damaged"),
        (changed(end - 9, 1), "damaged"),
        (changed(end - 20, 1), "cut short"),
    ] {
        let path = folder.path().join("bad");
        fs::write(&path, bytes).unwrap();
        let named = [("SITE_PACK", path.to_str().unwrap()), ("PORT", "0")];
        for option in [&["--check"][..], &[]] {
            let (code, said) = run(&program, option, &named);
            assert_eq!(code, 2, "{said}");
            assert!(said.starts_with("error: the site pack `"), "{said}");
            assert!(said.contains(why), "{why}: {said}");
        }
    }
    let (code, said) = run(&program, &["--check"], &[("SITE_PACK", "/nowhere")]);
    assert!(
        code == 2 && said.contains("`/nowhere`") && said.contains("cannot be read"),
        "{said}"
    );
}

#[test]
fn pack_at_the_end_may_be_cut_damaged_or_there_twice() {
    let folder = tempfile::tempdir().unwrap();
    let good = parts(false).to_bytes();
    let mut damaged = good.clone();
    damaged[good.len() / 2] ^= 1;
    for (end, why) in [
        (&good[..good.len() - 5], "its end was lost"),
        (&damaged, "damaged"),
    ] {
        let program = program_with(folder.path(), end);
        let (code, said) = run(&program, &["--check"], &COMPLETE);
        assert!(code == 2 && said.contains(why), "{said}");
    }
    let mut newer = parts(false);
    newer.settings.url = "https://newer.example.com".to_owned();
    let twice = [&good[..], &newer.to_bytes()].concat();
    let program = program_with(folder.path(), &twice);
    let (code, said) = run(&program, &["--check"], &COMPLETE);
    assert!(
        code == 0 && said.contains("site: https://newer.example.com"),
        "{said}"
    );
    assert!(said.contains("one site pack follows another"), "{said}");
}

/// Widgets, files and knowledge are read when a visitor needs them, but a check does not wait for one.
#[test]
fn check_finds_what_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder_of_files();
    let whole = parts(false).pack(Vec::new(), Some(dist.path())).unwrap();
    for text in ["<p>the page", "wf_", "/w/support/index.html"] {
        let mut damaged = whole.clone();
        let at = damaged
            .windows(text.len())
            .position(|part| part == text.as_bytes());
        damaged[at.unwrap()] ^= 1;
        let program = program_with(folder.path(), &damaged);
        let (code, said) = run(&program, &["--check"], &COMPLETE);
        assert!(
            code == 2 && said.contains("it is damaged"),
            "{text}: {said}"
        );
    }
}

#[test]
fn pack_of_gigabytes_is_opened_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large");
    let file = File::create(&path).unwrap();
    // A hole of 3 GB, which costs no disk.
    file.write_all_at(&parts(false).to_bytes(), 3 << 30)
        .unwrap();
    drop(file);
    let started = Instant::now();
    let named = [("SITE_PACK", path.to_str().unwrap())];
    let (code, said) = run(
        Path::new(PROGRAM),
        &["--check"],
        &[&COMPLETE[..], &named].concat(),
    );
    assert_eq!(code, 0, "{said}");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn options_are_few_and_unknown_ones_are_refused() {
    let program = Path::new(PROGRAM);
    let (code, said) = run(program, &["--help"], &[]);
    assert!(code == 0 && said.contains("Usage: PORT=8080"), "{said}");
    let (code, said) = run(program, &["--version"], &[]);
    assert_eq!(
        (code, &*said),
        (0, concat!("session ", env!("CARGO_PKG_VERSION"), "\n"))
    );
    for unknown in [&["--chek"][..], &["--check", "now"], &["8080"]] {
        let (code, said) = run(program, unknown, &[]);
        assert!(code == 2 && said.contains("`--help` lists"), "{said}");
    }
}
