//! What a website looks like, for a brand.

use serde::Deserialize;
use serde_json::json;

use super::logo;
use crate::hint::Hinted;
use crate::preview::http::Reply;
use crate::preview::state::Preview;
use crate::pull::Look;

/// The website to look at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    address: String,
}

/// The reply: `name`, `language`, `color` and `font`, and `logo`, the name of a file next to `site.yaml`. What was not found
/// is null.
///
/// # Errors
///
/// A website that cannot be read, and a logo that cannot be written.
pub(super) fn take(preview: &Preview, asked: &Asked) -> Result<Reply, Reply> {
    let look = Look::of(&asked.address).map_err(|err| {
        let hint = Hinted::find(&err);
        let hint = hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
        Reply::error(400, "not_read", &format!("{err}{hint}"))
    })?;
    let logo = look.logo.map(|bytes| logo::save(preview, &bytes));
    let logo = logo.transpose()?;
    Ok(Reply::json(
        200,
        &json!({
            "name": look.name,
            "language": look.language,
            "color": look.color,
            "font": look.font,
            "logo": logo,
        }),
    ))
}
