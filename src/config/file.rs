//! The shape of a site's files.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::site::SiteSection;
use super::widget::WidgetSection;

/// The file's own shape. A key that is not a field here is an error.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// Settings of the whole site.
    pub(super) site: SiteSection,
    /// Settings that every widget inherits: maps are merged key by key, anything else is replaced. A widget drops a
    /// section with `null`.
    #[serde(default, deserialize_with = "ignored")]
    #[expect(dead_code, reason = "for the schema; what is merged is the tree")]
    defaults: WidgetSection,
    /// The chats by name: 1 to 64 lower-case letters, digits and hyphens. `widgets/<name>.yaml` adds one too.
    #[serde(default)]
    #[schemars(extend("propertyNames" = {"pattern": "^[a-z0-9-]{1,64}$"}))]
    pub(super) widgets: BTreeMap<String, WidgetSection>,
}

/// `defaults` alone may be incomplete. It is merged into every widget already.
fn ignored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<WidgetSection, D::Error> {
    IgnoredAny::deserialize(deserializer)?;
    Ok(WidgetSection::default())
}
