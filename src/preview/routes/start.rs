//! A folder without a site: the page in place of the studio, and the call that makes a site from its answers.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::embedded_text;
use crate::config::BackendKind;
use crate::html::escape;
use crate::init::{self, Answers, Language, Template};
use crate::preview::http::{Reply, content_type};
use crate::preview::state::Preview;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// The page with the questions.
pub(super) fn page(preview: &Preview) -> Reply {
    let folder = folder(preview);
    let shown = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    // Others in the network learn no path of this machine.
    let shown = match preview.place.is_open {
        true => "this folder".into(),
        false => shown.to_string_lossy(),
    };
    let page = embedded_text("start/index.html")
        .replace("{{ token }}", preview.place.token.as_str())
        .replace("{{ templates }}", &templates())
        .replace("{{ languages }}", &languages())
        .replace("{{ folder }}", &escape(&shown))
        .replace("{{ name }}", &escape(&init::default_name(folder)));
    Reply::new(200, content_type(".html"), page)
        .with("Content-Security-Policy", POLICY)
        .with("X-Frame-Options", "DENY")
}

/// A choice for each template, the first one chosen.
fn templates() -> String {
    let choice = |(place, template): (usize, &Template)| {
        let Template { name, about } = template;
        let checked = if place == 0 { " checked" } else { "" };
        format!(
            "<label class=\"choice\"><input type=\"radio\" name=\"template\" value=\"{name}\"{checked}>\
             <span><b>{name}</b><span class=\"help\">{}</span></span></label>\n",
            escape(about)
        )
    };
    Template::all().iter().enumerate().map(choice).collect()
}

/// An option for each language; the page's script says which one the browser has, and how it is called.
fn languages() -> String {
    let option = |Language(tag): &Language| {
        let default = *tag == Language::default().0;
        let selected = if default { " selected" } else { "" };
        format!("<option value=\"{tag}\"{selected}>{tag}</option>")
    };
    Language::all().iter().map(option).collect()
}

/// The answers as they were typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    name: String,
    website: String,
    color: String,
    template: String,
    language: String,
    backend: String,
}

impl Asked {
    /// # Errors
    ///
    /// What is wrong, by the name of the question.
    fn read(&self) -> Result<Answers, Map<String, Value>> {
        let mut wrong = Map::new();
        let mut note = |question: &str, why: String| {
            wrong.insert(question.to_owned(), json!(why));
        };
        let name = init::name(&self.name).map_err(|why| note("name", why));
        let website = init::website(&self.website).map_err(|why| note("website", why));
        let color = init::color(&self.color).map_err(|why| note("color", why));
        let template = Template::named(&self.template).ok_or_else(|| {
            note("template", format!("`{}` is not a template", self.template));
        });
        let language = Language::named(&self.language).ok_or_else(|| {
            let why = format!("no template speaks `{}`", self.language);
            note("language", why);
        });
        let backend = BackendKind::named(&self.backend).ok_or_else(|| {
            note("backend", format!("`{}` is not a back end", self.backend));
        });
        match (name, website, color, template, language, backend) {
            (Ok(name), Ok(website), Ok(color), Ok(template), Ok(language), Ok(backend)) => {
                Ok(Answers {
                    name,
                    website,
                    color,
                    template,
                    language,
                    backend,
                })
            }
            _ => Err(wrong),
        }
    }
}

/// Writes the files of a new project, and shows its site.
///
/// # Errors
///
/// The reply to wrong answers, by question, and to a failure of `init`.
pub(super) fn create(preview: &Preview, asked: &Asked) -> anyhow::Result<Reply> {
    let answers = match asked.read() {
        Ok(answers) => answers,
        Err(fields) => return Ok(Reply::json(422, &json!({"fields": fields}))),
    };
    // One at a time: a second one finds the site of the first.
    let _alone = preview.saving();
    let written = init::create(folder(preview), &answers, &[])?;
    preview.read(&[]);
    preview.set_demo(!preview.can_be_real());
    Ok(Reply::json(200, &json!({"created": written.created})))
}

/// The folder of the site.
pub(super) fn folder(preview: &Preview) -> &Path {
    let folder = preview.place.config.parent();
    let named = folder.filter(|folder| !folder.as_os_str().is_empty());
    named.unwrap_or(Path::new("."))
}
