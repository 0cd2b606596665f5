//! What an agent knows: the passages of the owner's pages, each with its address.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use anyhow::Result;
use session::{KnowledgeSettings, OriginPattern, Passage, Query};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::config::KnowledgeSection;
use crate::knowledge::{Page, Piece, Read, split};
use crate::site::found::{Context, Found};
use crate::yaml::Problem;

/// The most text that an agent may know, in bytes: the function carries all of it.
const MOST_TEXT: usize = 64 * 1024 * 1024;
/// Passages that a search adds to a request; also the function's number.
const FOUND_TOKENS: usize = session::MOST_PASSAGES * 400;

/// Files that are named where none has any text.
const SHOWN: usize = 3;

/// English words that the list of common ones has, and that tell passages apart: they say when, where or how much.
const TELLING: [&str; 29] = [
    "before", "after", "against", "again", "above", "below", "between", "during", "further",
    "same", "own", "other", "more", "most", "through", "until", "up", "down", "out", "off", "over",
    "under", "once", "only", "few", "both", "each", "any", "all",
];

/// What an agent knows.
#[derive(Debug)]
pub(crate) struct Knowledge {
    /// Those of one page follow each other.
    passages: Vec<Own>,
    /// The number of pages.
    pub(crate) pages: usize,
    /// About the tokens of all passages.
    pub(crate) tokens: usize,
    /// Whether all of it is a part of each request.
    pub(crate) is_whole: bool,
    /// What was left out or has no address, each with its place.
    pub(crate) notes: Vec<(String, String)>,
    language: String,
    /// Made when it is first needed.
    collection: OnceLock<Vec<u8>>,
    /// The globs, and the files that they found.
    files: Vec<String>,
    read: Vec<Read>,
}

/// A passage.
#[derive(Debug)]
struct Own {
    id: u64,
    title: Arc<str>,
    heading: String,
    url: String,
    text: String,
    page: u32,
}

impl Own {
    fn passage(&self) -> Passage<'_> {
        Passage {
            id: self.id,
            title: &self.title,
            heading: &self.heading,
            url: &self.url,
            text: &self.text,
            page: self.page,
        }
    }
}

impl Knowledge {
    /// The number of passages.
    pub(crate) fn len(&self) -> usize {
        self.passages.len()
    }

    /// What the function has to know of it, without its place.
    pub(super) fn settings(&self, sources: bool) -> KnowledgeSettings {
        KnowledgeSettings {
            is_whole: self.is_whole,
            sources,
            ..KnowledgeSettings::default()
        }
    }

    /// Returns whether the files are still the same.
    pub(crate) fn is_current(&self, read_pages: &dyn Fn(&str) -> Result<Vec<Read>>) -> bool {
        let now = self.files.iter().map(|glob| read_pages(glob));
        let now = now.collect::<Result<Vec<_>>>();
        now.is_ok_and(|now| {
            let now = each_once(now.into_iter().flatten());
            now.len() == self.read.len()
                && now
                    .iter()
                    .zip(&self.read)
                    .all(|(now, old)| now.is_same(old))
        })
    }

    /// About the tokens that it adds to a request.
    pub(crate) fn tokens_of_a_request(&self) -> usize {
        match self.is_whole {
            true => self.tokens,
            false => self.tokens.min(FOUND_TOKENS),
        }
    }

    /// The passages that a query finds, with their scores, the best first.
    pub(crate) fn search(&self, query: &Query<'_>) -> Vec<(Passage<'_>, f32)> {
        let collection = session::Knowledge::open(self.collection());
        let collection = collection.expect("it was just collected");
        let hits = collection.search(query, session::MOST_PASSAGES).into_iter();
        let passages = hits.filter_map(|hit| Some((collection.passage(hit.passage)?, hit.score)));
        passages.collect()
    }

    /// The id and the title of each passage, as the log and the visitor see them.
    pub(crate) fn titles(&self) -> impl Iterator<Item = (String, String)> {
        self.passages
            .iter()
            .map(|own| (format!("{:016x}", own.id), own.passage().name()))
    }

    /// The passages and their index, as the function reads them.
    pub(crate) fn collection(&self) -> &[u8] {
        self.collection.get_or_init(|| self.collect())
    }

    fn collect(&self) -> Vec<u8> {
        let passages = self.passages.iter().map(Own::passage);
        let primary = self.language.split('-').next().unwrap_or_default();
        let common = stop_words::lookup(primary).unwrap_or_default().iter();
        let common = common.filter(|word| primary != "en" || !TELLING.contains(word));
        let (common, passages): (Vec<_>, Vec<_>) = (common.copied().collect(), passages.collect());
        session::collect(&self.language, &common, &passages)
    }
}

/// Reads and splits the pages. `language` is that of the widget's page.
pub(super) fn from_config(
    section: KnowledgeSection,
    language: &str,
    context: &Context<'_>,
    found: &mut Found,
) -> Option<Knowledge> {
    let KnowledgeSection {
        files,
        base_url,
        prompt_tokens,
    } = section;
    let base_url = base_url.map(|text| found.keep(base_url_from(&text)));
    let pages = pages_from(&files, context, found)?;
    let addresses = Addresses {
        base_url: match base_url {
            Some(url) => Some(url?),
            None => None,
        },
        origins: context.origins,
    };
    let mut knowledge = Knowledge::empty(language, files);
    let mut seen = HashSet::new();
    for read in &pages {
        knowledge.add(read, &addresses, &mut seen);
    }
    knowledge.read = pages;
    let text: usize = knowledge.passages.iter().map(|own| own.text.len()).sum();
    if knowledge.passages.is_empty() {
        let problem = Problem::on("backend.knowledge.files", "no file has any text");
        let why = knowledge
            .notes
            .iter()
            .take(SHOWN)
            .map(|(place, why)| format!("{place} is {why}"));
        found.add(problem.label(why.collect::<Vec<_>>().join("; ")));
        return None;
    }
    if text > MOST_TEXT {
        let problem = Problem::on("backend.knowledge.files", "the pages are too large");
        let (mb, limit) = (text / 1024 / 1024, MOST_TEXT / 1024 / 1024);
        let problem = problem.label(format!(
            "they have {mb} MB of text, and at most {limit} fit"
        ));
        found.add(problem.hint("name fewer files"));
        return None;
    }
    knowledge.is_whole = knowledge.tokens <= prompt_tokens as usize;
    Some(knowledge)
}

/// Every file once, in the order of the globs.
fn pages_from(files: &[String], context: &Context<'_>, found: &mut Found) -> Option<Vec<Read>> {
    if files.is_empty() {
        let problem = Problem::on("backend.knowledge.files", "`files` is empty");
        found.add(problem.label("expected globs such as `knowledge/**/*.md`"));
        return None;
    }
    let mut pages = Vec::new();
    let mut is_whole = true;
    for (index, glob) in files.iter().enumerate() {
        let way = format!("backend.knowledge.files.{index}");
        let problem = match (context.read_pages)(glob) {
            Ok(read) if read.is_empty() => Problem::on(&way, format!("`{glob}` matches no file"))
                .hint("globs start at the folder of `site.yaml`; `**` stands for any folders, and names that begin with a dot are skipped"),
            Ok(read) => {
                pages.extend(read);
                continue;
            }
            Err(err) => Problem::on(&way, format!("{err:#}")).hint_of(&err),
        };
        found.add(problem);
        is_whole = false;
    }
    is_whole.then(|| each_once(pages.into_iter()))
}

/// Several globs may find one file.
fn each_once(read: impl Iterator<Item = Read>) -> Vec<Read> {
    let mut seen = HashSet::new();
    read.filter(|read| seen.insert(read.path.clone())).collect()
}

fn base_url_from(text: &str) -> Result<Url, Problem> {
    let url = Url::parse(text).ok();
    let url = url.filter(|url| matches!(url.scheme(), "https" | "http") && url.host().is_some());
    let mut url = url.ok_or_else(|| {
        let problem = Problem::on(
            "backend.knowledge.base_url",
            format!("`{text}` is not an address"),
        );
        problem.label("expected one such as `https://www.example.com`")
    })?;
    url.set_query(None);
    url.set_fragment(None);
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

impl Knowledge {
    /// Knowledge that these globs have not yet found anything for.
    fn empty(language: &str, files: Vec<String>) -> Self {
        Self {
            passages: Vec::new(),
            pages: 0,
            tokens: 0,
            is_whole: true,
            notes: Vec::new(),
            language: language.to_owned(),
            collection: OnceLock::new(),
            files,
            read: Vec::new(),
        }
    }

    fn add(&mut self, read: &Read, addresses: &Addresses<'_>, seen: &mut HashSet<u64>) {
        let page = match &read.page {
            Ok(page) => page,
            Err(why) => {
                self.notes
                    .push((read.path.clone(), format!("left out: {why}")));
                return;
            }
        };
        for (line, note) in &page.notes {
            let place = match line {
                Some(line) => format!("{}:{line}", read.path),
                None => read.path.clone(),
            };
            self.notes.push((place, note.clone()));
        }
        let address = addresses.of(read, page, &mut self.notes);
        let title: Arc<str> = match page.title.as_str() {
            "" => read.below.as_str().into(),
            title => title.into(),
        };
        let before = self.passages.len();
        for piece in split(page) {
            let passage = self.passage(piece, &title, address.as_ref());
            // A text that all pages share need not be known twice.
            if seen.insert(passage.id) {
                self.tokens += session::tokens(&passage.text);
                self.passages.push(passage);
            }
        }
        if self.passages.len() > before {
            self.pages += 1;
        }
    }

    fn passage(&self, piece: Piece, title: &Arc<str>, address: Option<&Url>) -> Own {
        let Piece {
            headings,
            anchor,
            text,
        } = piece;
        let url = address.map(|address| {
            let mut address = address.clone();
            address.set_fragment(anchor.as_deref());
            address.to_string()
        });
        let url = url.unwrap_or_default();
        let heading = headings.join(" › ");
        let mut hash = Sha256::new();
        for part in [&url, &heading, &text] {
            hash.update(part);
            hash.update([0]);
        }
        let id = hash.finalize()[..8].try_into().expect("a hash is longer");
        Own {
            id: u64::from_le_bytes(id),
            title: Arc::clone(title),
            heading,
            url,
            text,
            page: self.pages as u32,
        }
    }
}

/// Where the pages of a website are.
struct Addresses<'a> {
    base_url: Option<Url>,
    /// Those of the host pages.
    origins: &'a [OriginPattern],
}

impl Addresses<'_> {
    /// A page's own address, or else the one that follows from its path. Notes if it has none.
    fn of(&self, read: &Read, page: &Page, notes: &mut Vec<(String, String)>) -> Option<Url> {
        if let Some(own) = &page.url {
            let url = match &self.base_url {
                Some(base) => base.join(own).ok(),
                None => Url::parse(own).ok(),
            };
            match url.filter(|url| self.allows(url)) {
                Some(url) => return Some(url),
                None => {
                    let note = format!(
                        "its address `{own}` is not used, because it is neither below `base_url` nor at an origin of \
                         `allowed_origins`"
                    );
                    notes.push((read.path.clone(), note));
                }
            }
        }
        let Some(base) = &self.base_url else {
            if page.url.is_none() {
                let note = "has no address, so it is quoted without a link: set `base_url`, or `url` in its front matter";
                notes.push((read.path.clone(), note.to_owned()));
            }
            return None;
        };
        base.join(&path_of(&read.below)).ok()
    }

    fn allows(&self, url: &Url) -> bool {
        let origin = url.origin();
        let is_base = self
            .base_url
            .as_ref()
            .is_some_and(|base| base.origin() == origin);
        let text = origin.ascii_serialization();
        let is_web = matches!(url.scheme(), "https" | "http");
        is_web && (is_base || self.origins.iter().any(|pattern| pattern.matches(&text)))
    }
}

/// The path of a page from that of its file: websites leave out the ending of Markdown, and `index`.
fn path_of(below: &str) -> String {
    let (folder, name) = match below.rsplit_once('/') {
        Some((folder, name)) => (format!("{folder}/"), name),
        None => (String::new(), below),
    };
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let name = match (stem.to_lowercase().as_str(), extension) {
        ("index" | "readme" | "_index", _) => "",
        (_, "html" | "htm" | "xhtml") => name,
        _ => stem,
    };
    // A colon would make it an address of its own.
    format!("./{folder}{name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::schema;
    use crate::knowledge::{Block, Kind};

    /// The ids of all passages of pages with these texts.
    fn ids(pages: &[(&str, &str)]) -> Vec<u64> {
        let mut knowledge = Knowledge::empty("en", Vec::new());
        let addresses = Addresses {
            base_url: Url::parse("https://www.example.com/").ok(),
            origins: &[],
        };
        let mut seen = HashSet::new();
        for (path, text) in pages {
            let (text, kind) = ((*text).to_owned(), Kind::Paragraph);
            let page = Page {
                blocks: vec![Block::Text { text, kind }],
                ..Page::default()
            };
            let read = Read {
                path: (*path).to_owned(),
                below: (*path).to_owned(),
                page: Ok(Arc::new(page)),
            };
            knowledge.add(&read, &addresses, &mut seen);
        }
        knowledge.passages.iter().map(|own| own.id).collect()
    }

    #[test]
    fn passage_keeps_its_id_while_its_text_stays() {
        let before = ids(&[("b.md", "Within thirty days."), ("c.md", "Two days.")]);
        let after = ids(&[
            ("a.md", "New."),
            ("b.md", "Within thirty days."),
            ("c.md", "Three days."),
        ]);
        assert_eq!(after[1], before[0]);
        assert!(!before.contains(&after[2]));
    }

    #[test]
    fn the_readme_has_our_numbers() {
        let readme = include_str!("../../README.md");
        let keys = &schema()["$defs"]["KnowledgeSection"]["properties"];
        assert_eq!(keys["prompt_tokens"]["x-default"]["value"], 25_000);
        assert!(readme.contains("`prompt_tokens` (25,000)"));
        assert_eq!(session::MOST_PASSAGES, 10);
        assert!(readme.contains("the ten best passages"));
    }
}
