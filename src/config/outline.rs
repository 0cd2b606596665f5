//! The contents of the files as written, for an editor.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use super::{Draft, WIDGETS, defaults_of_site, nothing, theme};
use crate::yaml::Source;
use crate::yaml::{Entry, Node};

/// The contents of the files, as written.
#[derive(Debug)]
pub(crate) struct Outline {
    pub(crate) site: Value,
    pub(crate) defaults: Value,
    /// `defaults` over the brand of the site and the defaults of the theme.
    pub(crate) inherited: Value,
    /// Of all widgets, in the order of the files.
    pub(crate) names: Vec<String>,
    /// Those that were asked for.
    pub(crate) widgets: Vec<OutlinedWidget>,
}

/// One widget as written.
#[derive(Debug)]
pub(crate) struct OutlinedWidget {
    pub(crate) name: String,
    pub(crate) file: PathBuf,
    /// The `type`: the name of a kind, or any other value by mistake.
    pub(crate) backend: Option<Value>,
    /// Its own keys only.
    pub(crate) written: Value,
    /// The same, merged over what it inherits.
    pub(crate) merged: Value,
}

impl Draft {
    /// The contents of the files, before anything is merged, with the widgets that are `wanted`. `theme` are the theme's
    /// own files, each over those before it.
    pub(crate) fn outline(&self, theme: &[Source], wanted: &BTreeSet<&str>) -> Outline {
        let nothing = nothing(self.root.place.clone());
        let layers = theme.iter();
        let theme = theme::merge(layers.map(|file| Node::parse(0, &file.text, &mut Vec::new())));
        let of_site = self.root.get("defaults").unwrap_or(&nothing);
        let of_theme = theme.as_ref().and_then(|theme| theme.get("defaults"));
        let inherited = defaults_of_site(&self.root).over(of_theme.unwrap_or(&nothing));
        let site = self.root.get("site").unwrap_or(&nothing);
        let widgets = self.root.get(WIDGETS).map_or(&[][..], Node::entries);
        let widget = |entry: &Entry| {
            let whole = entry.value.clone().over(&inherited);
            let kind = whole.get("backend").and_then(|backend| backend.get("type"));
            OutlinedWidget {
                name: entry.key.clone(),
                file: self.sources[entry.value.place.file].path.clone(),
                backend: kind.map(Node::to_json),
                written: entry.value.to_json(),
                merged: whole.to_json(),
            }
        };
        let is_wanted = |entry: &&Entry| wanted.contains(&*entry.key);
        Outline {
            site: site.to_json(),
            defaults: of_site.to_json(),
            names: widgets.iter().map(|entry| entry.key.clone()).collect(),
            widgets: widgets.iter().filter(is_wanted).map(widget).collect(),
            inherited: inherited.to_json(),
        }
    }
}
