//! What new widgets can start with, for the studio.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::start;
use crate::config::{BackendKind, Draft};
use crate::init::{Owner, Template};
use crate::preview::http::Reply;
use crate::preview::state::Preview;
use crate::preview::state::files::Files;

/// The reply: `language`, that of the site's pages so far, and `templates`, the one to begin with first.
///
/// # Errors
///
/// None, unless a template is broken.
pub(super) fn list(preview: &Preview, files: &Files) -> Result<Reply> {
    // The first widget tells enough, and is in one of these.
    let draft = Draft::parse(files.sources.iter().take(2).cloned().collect());
    let names = draft.outline(&[], &BTreeSet::new()).names;
    let first = names.first().map(String::as_str);
    let outline = draft.outline(&[], &first.into_iter().collect());
    let first = outline.widgets.first().map(|widget| &widget.merged);
    let widget = first.unwrap_or(&outline.defaults);
    let owner = Owner::of(&outline.site, widget, start::folder(preview));
    let templates = Template::all().iter();
    let templates: Result<Vec<_>> = templates
        .map(|template| of(*template, &owner.name))
        .collect();
    Ok(Reply::json(
        200,
        &json!({"language": owner.language.0, "templates": templates?}),
    ))
}

/// A template with the widgets that it makes, by language.
fn of(template: Template, owner: &str) -> Result<Value> {
    let mut name = String::new();
    let mut languages = Map::new();
    for language in template.languages() {
        let starter = template.starter(language, BackendKind::default(), owner)?;
        languages.insert(language.0.to_owned(), starter.widget);
        name = starter.name;
    }
    Ok(json!({
        "name": template.name,
        "about": template.about,
        "widget": name,
        "languages": languages,
    }))
}
