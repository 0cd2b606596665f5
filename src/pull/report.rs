//! What a pull has done, for people.

/// What a pull has done.
#[derive(Debug)]
pub(crate) struct Report {
    /// The origin of the website.
    pub(crate) origin: String,
    pub(crate) changes: Vec<Change>,
    /// Pages whose files are right as they are.
    pub(crate) unchanged: usize,
    /// Where the pages were found.
    pub(crate) source: &'static str,
    /// Why the rest was not looked at.
    pub(crate) stopped: Option<String>,
}

/// What became of one page, or a remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) kind: Kind,
    /// A file or an address.
    pub(crate) place: String,
    pub(crate) text: String,
}

/// What became of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    New,
    Changed,
    /// Not written, because the file is a person's.
    Kept,
    /// Its page is gone; the file stays.
    Gone,
    /// Its page is gone, and so is the file.
    Removed,
    LeftOut,
    /// It should be tried again.
    Failed,
    Note,
}

impl Report {
    pub(super) fn new(origin: String) -> Report {
        Report {
            origin,
            changes: Vec::new(),
            unchanged: 0,
            source: "",
            stopped: None,
        }
    }

    pub(super) fn add(&mut self, kind: Kind, place: impl ToString, text: impl Into<String>) {
        self.changes.push(Change {
            kind,
            place: place.to_string(),
            text: text.into(),
        });
    }

    /// How many pages came to this.
    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.changes
            .iter()
            .filter(|change| change.kind == kind)
            .count()
    }
}
