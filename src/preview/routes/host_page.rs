//! The user's own page, on which widgets are tried: `--host-page`.

use std::collections::VecDeque;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use percent_encoding::percent_decode_str;
use ureq::ResponseExt as _;
use url::Url;

use crate::console;
use crate::fs;
use crate::hint::Hinted;
use crate::preview::http::{Reply, content_type};

/// Longest wait for the website.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Most bytes of the page.
const MAX_PAGE: u64 = 8 * 1024 * 1024;

/// Kinds of files that a page consists of. Nothing else in its folder is served.
const PARTS: [&str; 17] = [
    "avif", "css", "gif", "ico", "jpeg", "jpg", "js", "mjs", "mp4", "otf", "png", "svg", "ttf",
    "webm", "webp", "woff", "woff2",
];

/// Most entries of a folder that are searched: the folder of a page may be somebody's home.
const MAX_ENTRIES: usize = 5_000;

/// The value of `--host-page`.
#[derive(Clone, Debug)]
pub(in crate::preview) enum HostPage {
    Url(Url),
    File(PathBuf),
}

impl HostPage {
    /// # Errors
    ///
    /// A value that is neither the address of a website nor an existing file.
    pub(in crate::preview) fn parse(text: &str) -> Result<Self> {
        let hint =
            "give the address of a page, such as `https://www.example.com/`, or an HTML file";
        if let Ok(url) = Url::parse(text)
            && url.scheme().len() > 1
        {
            ensure!(
                matches!(url.scheme(), "http" | "https"),
                Hinted::new(format!("`{text}` is not a web address"), hint)
            );
            return Ok(Self::Url(url));
        }
        let path = PathBuf::from(text);
        ensure!(
            path.is_file(),
            Hinted::new(format!("no file `{text}`"), hint)
        );
        Ok(Self::File(path))
    }

    /// The name that the studio shows.
    pub(in crate::preview) fn name(&self) -> String {
        match self {
            Self::Url(url) => url.to_string(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// A file next to the page, by the address that the page uses. The address is only compared with the names of
    /// existing files, never used as a path.
    pub(in crate::preview) fn part(&self, address: &str) -> Option<Reply> {
        let Self::File(page) = self else {
            return None;
        };
        let names = address.strip_prefix('/')?.split('/').map(|name| {
            let name = percent_decode_str(name).decode_utf8().ok()?;
            // Each segment is one file name, whatever it contains.
            let is_name = !name.is_empty() && !name.contains('/');
            is_name.then(|| name.into_owned())
        });
        let wanted: PathBuf = names.collect::<Option<_>>()?;
        let folder = Path::new(".").join(page.parent()?);
        let found = part_below(&folder, |path| path == wanted)?;
        let bytes = fs::read(&found).ok()?;
        Some(Reply::new(200, content_type(address), bytes))
    }

    /// The page, and the address that its own links and images are relative to.
    pub(in crate::preview) fn html(&self) -> Result<(String, Option<String>)> {
        let (bytes, base) = match self {
            Self::File(path) => (fs::read(path)?, None),
            Self::Url(url) => {
                let (bytes, base) = get(url).with_context(|| format!("failed to get `{url}`"))?;
                (bytes, Some(base))
            }
        };
        Ok((String::from_utf8_lossy(&bytes).into_owned(), base))
    }
}

/// The first part of a page below `root` whose relative path is wanted. Follows no links and ignores hidden files.
fn part_below(root: &Path, is_wanted: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let mut folders = VecDeque::from([PathBuf::new()]);
    let mut entries = 0;
    // Nearby files come first.
    while let Some(folder) = folders.pop_front() {
        let Ok(inside) = fs::entries(&root.join(&folder)) else {
            continue;
        };
        for entry in inside {
            entries += 1;
            if entries > MAX_ENTRIES {
                static SAID: Once = Once::new();
                SAID.call_once(|| {
                    let text = "more than 5,000 files and folders; the deepest ones are not served";
                    console::status("page", text);
                });
                return None;
            }
            let name = entry.file_name();
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if name.as_encoded_bytes().starts_with(b".") || name == "node_modules" {
                continue;
            }
            let path = folder.join(name);
            let ending = path.extension().and_then(|ending| ending.to_str());
            let ending = ending.map(str::to_ascii_lowercase);
            let is_part = ending.is_some_and(|ending| PARTS.contains(&&*ending));
            if kind.is_dir() {
                folders.push_back(path);
            } else if kind.is_file() && is_part && is_wanted(&path) {
                return Some(root.join(path));
            }
        }
    }
    None
}

/// A page and its address, which differs after a redirect.
fn get(url: &Url) -> Result<(Vec<u8>, String)> {
    let agent = ureq::Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .user_agent(concat!("chatkit-embed/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent();
    let mut response = agent.get(url.as_str()).call()?;
    let base = response.get_uri().to_string();
    let mut bytes = Vec::new();
    let body = response.body_mut().as_reader();
    body.take(MAX_PAGE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_PAGE {
        bail!("more than {MAX_PAGE} bytes");
    }
    Ok((bytes, base))
}
