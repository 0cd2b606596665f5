//! A folder with a site in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use snapbox::cmd::{Command, OutputAssert};
use tempfile::TempDir;

/// The smallest site that can be built.
pub(crate) const SMALLEST: &str = "\
site: {url: 'https://chat.example.com'}
widgets: {support: {backend: {type: hosted}}}
";

/// A project in a folder of its own, gone when the test ends.
pub(crate) struct Project {
    folder: TempDir,
}

/// An empty project.
pub(crate) fn project() -> Project {
    Project {
        folder: tempfile::tempdir().expect("a folder for the test"),
    }
}

impl Project {
    /// Adds or replaces a file.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    /// Adds the templates of the default theme as somebody else may write them.
    pub(crate) fn reformatted(self) -> Self {
        ["page.html", "loader.js"]
            .into_iter()
            .fold(self, |project, name| {
                let root = Path::new(env!("CARGO_MANIFEST_DIR"));
                let path = root.join("tests/fixtures/reformatted/templates").join(name);
                let text = fs::read_to_string(path).expect("a fixture");
                project.file(&format!("themes/default/templates/{name}"), &text)
            })
    }

    /// Adds or replaces a file.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// A place in the project.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// A file's text.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|err| panic!("{path}: {err}"))
    }

    /// Runs the command with these arguments, split at spaces, and no variables.
    pub(crate) fn run(&self, arguments: &str) -> OutputAssert {
        self.run_with(arguments, &[])
    }

    /// Runs the command with these variables.
    pub(crate) fn run_with(&self, arguments: &str, variables: &[(&str, &str)]) -> OutputAssert {
        Command::new(env!("CARGO_BIN_EXE_chatkit-embed"))
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .env_clear()
            .envs(variables.iter().copied())
            .assert()
    }

    /// The files below `folder` with their bytes.
    pub(crate) fn files(&self, folder: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let root = self.path(folder);
        let mut files = BTreeMap::new();
        collect(&root, &root, &mut files);
        files
    }

    /// The paths of the files below `folder`, a line each.
    pub(crate) fn list(&self, folder: &str) -> String {
        let lines = self.files(folder).into_keys();
        lines.map(|path| format!("{}\n", path.display())).collect()
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("below the root").to_owned();
            files.insert(name, fs::read(&path).expect("a file"));
        }
    }
}
