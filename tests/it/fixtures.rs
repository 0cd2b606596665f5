//! A corpus of sites: each valid one builds, each invalid one is refused with the message beside it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use snapbox::{Assert, Data};

use crate::project::project;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// The files of the folder that end so, in order.
fn files(name: &str, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder(name)).expect("the folder of the corpus");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry of the corpus").path())
        .filter(|path| path.extension().is_some_and(|end| end == extension))
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    paths
}

#[test]
fn each_valid_site_builds() {
    for path in files("valid", "yaml") {
        let text = fs::read_to_string(&path).unwrap();
        let project = project().file("site.yaml", &text);
        project.run("build").success();
        project.run("check").success();
    }
}

#[test]
fn each_invalid_site_is_refused_with_the_message_beside_it() {
    for path in files("invalid", "yaml") {
        let text = fs::read_to_string(&path).unwrap();
        let project = project().file("site.yaml", &text);
        let output = project.run("build").code(1).get_output().stderr.clone();
        assert!(!project.path("dist").exists(), "{}", path.display());
        let message = String::from_utf8(output).unwrap();
        let expected = Data::read_from(&path.with_extension("txt"), None);
        Assert::new().action_env("SNAPSHOTS").eq(message, expected);
    }
}

#[test]
fn each_message_belongs_to_a_site() {
    for path in files("invalid", "txt") {
        assert!(path.with_extension("yaml").exists(), "{}", path.display());
    }
}

/// Rules between two keys, of YAML itself, of what is around a file, and of texts that may be `${…}` in the file:
/// none for a schema.
const BEYOND_A_SCHEMA: [&str; 78] = [
    "alias-of-itself",
    "attachments-without-upload",
    "backend-missing",
    "chatkit-entities-hosted",
    "chatkit-header-link",
    "chatkit-models-hosted",
    "chatkit-prompt-tag",
    "defaults-of-another-kind",
    "digits",
    "directive",
    "duplicate-key",
    "duplicate-widget",
    "fallback-script",
    "fallback-without-scheme",
    "file-upload-without-attachments",
    "hosted-with-domain-key",
    "hosted-with-upload",
    "identity-without-sessions",
    "key-is-a-list",
    "launcher-color",
    "launcher-emoji",
    "launcher-image",
    "launcher-label-empty",
    "merge-of-a-text",
    "nested-too-deeply",
    "no-widget",
    "not-yaml",
    "origin-ipv6",
    "origin-with-path",
    "origins",
    "page-icon",
    "quotes-of-a-word-processor",
    "server-host-of-a-policy",
    "server-ipv6",
    "server-on-this-machine",
    "server-over-http",
    "server-wildcard",
    "server-with-password",
    "server-with-workflow",
    "server-without-domain-key",
    "server-without-scheme",
    "server-without-url",
    "session-of-a-server",
    "site-url-dot-at-the-end",
    "site-url-ftp",
    "site-url-over-http",
    "site-url-port-0",
    "site-url-star-inside",
    "site-url-too-wide",
    "site-url-wildcard",
    "site-url-with-path",
    "site-url-with-user",
    "site-url-without-scheme",
    "tab-indent",
    "text-or-comment",
    "theme-name",
    "theme-that-is-none",
    "theme-unknown-near",
    "theme-variable-color",
    "theme-variable-font",
    "theme-variable-length",
    "theme-variable-scheme",
    "theme-variable-stranger",
    "theme-variable-unknown",
    "too-many-aliases",
    "two-documents",
    "unknown-alias",
    "unknown-icons",
    "upload-direct-without-url",
    "upload-two-phase-with-url",
    "variable-name",
    "variable-not-set",
    "variable-with-a-key",
    "variable-without-end",
    "workflow-env-name",
    "workflow-latest",
    "workflow-twice",
    "workflow-version-latest",
];

#[test]
fn the_schema_takes_the_valid_and_refuses_the_invalid() {
    let schema = project()
        .run("schema")
        .success()
        .get_output()
        .stdout
        .clone();
    let schema: Value = serde_json::from_slice(&schema).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let read = |path: &Path| {
        let mut yaml: serde_yaml::Value =
            serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap_or_default();
        yaml.apply_merge().unwrap_or_default();
        // What is no JSON, such as a key with a tag, fits no schema.
        serde_json::to_value(yaml).unwrap_or_default()
    };
    for path in files("valid", "yaml") {
        // Pairs that are split between `defaults` and widget are whole only once they are merged.
        let is_split = path.file_stem().unwrap() == "defaults";
        assert!(
            is_split || schema.is_valid(&read(&path)),
            "{}",
            path.display()
        );
    }
    for path in files("invalid", "yaml") {
        let name = path.file_stem().unwrap().to_str().unwrap();
        if !BEYOND_A_SCHEMA.contains(&name) {
            assert!(!schema.is_valid(&read(&path)), "{name}");
        }
    }
}

/// The sample site names it in its first line, so that editors know it at once.
#[test]
fn the_schema_for_editors_is_up_to_date() {
    let schema = project().run("schema").success();
    let schema = String::from_utf8(schema.get_output().stdout.clone()).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".site.schema.json");
    let expected = Data::read_from(&path, None).raw();
    Assert::new().action_env("SNAPSHOTS").eq(schema, expected);
    let sample = include_str!("../../site.yaml");
    assert!(sample.starts_with("# yaml-language-server: $schema=.site.schema.json\n"));
}

/// Where `site.yaml` is silent, nothing is rendered, and the style decides.
#[test]
fn defaults_that_the_theme_decides_are_those_of_its_style() {
    let schema: Value = serde_json::from_str(include_str!("../../.site.schema.json")).unwrap();
    let launcher = include_str!("../../themes/default/loader/loader.css");
    let panel = include_str!("../../themes/default/loader/panel.css");
    for (section, key, style, before, after) in [
        ("LauncherSection", "offset_x", launcher, "--X: ", "px;"),
        ("LauncherSection", "offset_y", launcher, "--Y: ", "px;"),
        ("LauncherSection", "size", launcher, "--size: ", "px;"),
        ("LauncherSection", "z_index", launcher, "var(--z, ", ")"),
        ("PanelSection", "width", launcher, "var(--width, ", "px)"),
        ("PanelSection", "width", panel, "var(--width, ", "px)"),
        ("PanelSection", "height", launcher, "var(--height, ", "px)"),
        ("PanelSection", "height", panel, "var(--height, ", "px)"),
        (
            "InlineSection",
            "height",
            panel,
            "var(--inline-height, ",
            "px)",
        ),
    ] {
        let default = &schema["$defs"][section]["properties"][key]["x-default"]["value"];
        let declared = format!("{before}{default}{after}");
        assert!(style.contains(&declared), "`{key}`: no `{declared}`");
    }
}
