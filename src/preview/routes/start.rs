//! A folder without a site: the page in place of the studio, and the call that makes a site from its answers.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::embedded_text;
use crate::config::BackendKind;
use crate::html::escape;
use crate::init::{self, Answers};
use crate::preview::http::{Reply, content_type};
use crate::preview::state::Preview;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// The page with the four questions.
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
        .replace("{{ folder }}", &escape(&shown))
        .replace("{{ name }}", &escape(&init::default_name(folder)));
    Reply::new(200, content_type(".html"), page)
        .with("Content-Security-Policy", POLICY)
        .with("X-Frame-Options", "DENY")
}

/// The answers as they were typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    name: String,
    website: String,
    color: String,
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
        let backend = BackendKind::named(&self.backend).ok_or_else(|| {
            note("backend", format!("`{}` is not a back end", self.backend));
        });
        match (name, website, color, backend) {
            (Ok(name), Ok(website), Ok(color), Ok(backend)) => Ok(Answers {
                name,
                website,
                color,
                backend,
            }),
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

fn folder(preview: &Preview) -> &Path {
    let folder = preview.place.config.parent();
    let named = folder.filter(|folder| !folder.as_os_str().is_empty());
    named.unwrap_or(Path::new("."))
}
