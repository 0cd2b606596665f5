//! What differs in the files of one widget.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;

use super::changes::Changed;
use super::cost::{Costs, Size, Sizes};
use super::headers::{self, Header, Headers, POLICY};
use super::options::{self, Setting, Settings};
use super::read::{Contents, Kind};
use super::shared::SharedFiles;
use crate::fs;

/// The differences of a widget that were found so far.
#[derive(Default)]
pub(super) struct Found {
    /// Addresses that are new.
    pub(super) added: Vec<String>,
    /// Addresses that disappear.
    pub(super) removed: Vec<String>,
    options: Settings,
    /// Files that change in other places, too.
    other: BTreeSet<&'static str>,
    /// The part of the policy that is in the page.
    policy: Option<[String; 2]>,
    /// Sizes of the files that differ, and the assets that they refer to, before and after.
    files: BTreeMap<Kind, [(Size, Vec<String>); 2]>,
}

impl Found {
    /// Adds what differs between two versions of a file.
    pub(super) fn compare(
        &mut self,
        kind: Kind,
        widget: &str,
        texts: [&str; 2],
        shared: &mut SharedFiles,
    ) {
        let [before, after] = texts.map(|text| Contents::read(kind, widget, text));
        let known = self.options.len();
        options::compare(kind, &before, &after, &mut self.options);
        match kind {
            Kind::Loader => {
                shared.part("loader/loader.js", &before.rest, &after.rest);
                shared.part("loader/loader.css", &before.style, &after.style);
            }
            _ if before.rest != after.rest => {
                self.other.insert(name_of(kind));
            }
            _ => {}
        }
        // Compressing a loader takes longer than everything else; if only shared parts differ, they are measured once.
        if kind != Kind::Loader || self.options.len() > known {
            let sizes = texts.map(|text| Size::of(text.as_bytes()));
            let files = [(sizes[0], before.assets), (sizes[1], after.assets)];
            self.files.insert(kind, files);
        }
        if before.policy != after.policy {
            self.policy = Some([before.policy, after.policy]);
        }
    }

    /// All that changes; nothing if only shared files do.
    ///
    /// # Errors
    ///
    /// A file of the last build that cannot be read.
    pub(super) fn finish(
        self,
        name: &str,
        rules: &[Headers<'_>; 2],
        folder: &Path,
        shared: &mut SharedFiles,
    ) -> Result<Option<Changed>> {
        let mut changed = Changed {
            name: name.to_owned(),
            policy: self.policy_changes(name, rules),
            headers: header_changes(name, rules),
            ..Changed::default()
        };
        let is_same = self.options.is_empty() && self.other.is_empty();
        let is_served_alike = changed.policy.is_empty() && changed.headers.is_empty();
        let has_addresses = !self.added.is_empty() || !self.removed.is_empty();
        if is_same && is_served_alike && !has_addresses {
            return Ok(None);
        }
        changed.bytes = self.costs(name, folder, shared)?;
        let options = self.options.into_iter();
        changed.options = options
            .map(|(name, [before, after])| Setting {
                name,
                before,
                after,
            })
            .collect();
        changed.other = self.other.into_iter().collect();
        changed.added = self.added;
        changed.removed = self.removed;
        Ok(Some(changed))
    }

    fn policy_changes(&self, name: &str, rules: &[Headers<'_>; 2]) -> Vec<headers::Directive> {
        let path = format!("/w/{name}/");
        let in_page = self.policy.clone().unwrap_or_default();
        let [before, after] = [0, 1].map(|build: usize| {
            let mut parts = rules[build].of(&path).remove(POLICY).unwrap_or_default();
            parts.push(&in_page[build]);
            parts
        });
        match before == after {
            true => Vec::new(),
            false => headers::policy_changes(&before, &after),
        }
    }

    fn costs(&self, name: &str, folder: &Path, shared: &mut SharedFiles) -> Result<Costs> {
        let loader = self.files.get(&Kind::Loader);
        let [page, settings] = [Kind::Page, Kind::Settings].map(|kind| self.files.get(&kind));
        let mut total = |build: usize, files: &[Kind], named_by: Kind| -> Result<Size> {
            let mut size = Size::default();
            for kind in files {
                size = size + self.size_of(*kind, build, name, folder)?;
            }
            let assets = match self.files.get(&named_by) {
                Some(files) => files[build].1.clone(),
                None => assets_on_disk(named_by, name, folder)?,
            };
            let assets = assets.into_iter().filter(|asset| is_code(asset));
            for asset in assets.collect::<BTreeSet<_>>() {
                size = size + shared.size_of(folder, &asset)?;
            }
            Ok(size)
        };
        let mut both = |files: &[Kind], named_by| -> Result<Option<Sizes>> {
            let [before, after] = [total(0, files, named_by)?, total(1, files, named_by)?];
            Ok((before != after).then_some(Sizes { before, after }))
        };
        Ok(Costs {
            loader: loader.map(|[(before, _), (after, _)]| Sizes {
                before: *before,
                after: *after,
            }),
            panel: match loader.or(settings) {
                Some(_) => both(&[Kind::Settings], Kind::Loader)?,
                None => None,
            },
            page: match page.or(settings) {
                Some(_) => both(&[Kind::Page, Kind::Settings], Kind::Page)?,
                None => None,
            },
        })
    }

    /// The size of a file of a build. One that does not differ is on the disk.
    fn size_of(&self, kind: Kind, build: usize, name: &str, folder: &Path) -> Result<Size> {
        if let Some(files) = self.files.get(&kind) {
            return Ok(files[build].0);
        }
        let bytes = fs::read_if_exists(&folder.join(path_of(kind, name)))?;
        Ok(Size::of(&bytes.unwrap_or_default()))
    }
}

fn header_changes(name: &str, rules: &[Headers<'_>; 2]) -> Vec<Header> {
    let mut changes = Vec::new();
    for path in ["/", ".js", "/settings.js"] {
        let path = format!("/w/{name}{path}");
        let [mut before, mut after] = [0, 1].map(|build: usize| rules[build].of(&path));
        // Of a script, nobody applies one.
        before.remove(POLICY);
        after.remove(POLICY);
        changes.extend(headers::changes(&path, &before, &after));
    }
    changes
}

fn assets_on_disk(kind: Kind, name: &str, folder: &Path) -> Result<Vec<String>> {
    let bytes = fs::read_if_exists(&folder.join(path_of(kind, name)))?.unwrap_or_default();
    Ok(Contents::read(kind, name, &String::from_utf8_lossy(&bytes)).assets)
}

fn path_of(kind: Kind, name: &str) -> String {
    match kind {
        Kind::Page => format!("w/{name}/index.html"),
        Kind::Settings => format!("w/{name}/settings.js"),
        Kind::Loader => format!("w/{name}.js"),
        Kind::Form => format!("w/{name}/form.html"),
    }
}

fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Page => "page",
        Kind::Settings => "settings",
        Kind::Loader => "loader",
        Kind::Form => "form",
    }
}

/// Budgets count the same.
fn is_code(asset: &str) -> bool {
    asset.ends_with(".js") || asset.ends_with(".css")
}
