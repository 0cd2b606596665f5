//! Items that an export leaves out.

use serde_json::Value;

use crate::console::first;

/// A comment of chatkit.studio in place of a list's further items: `// ...and 4 more prompts`.
pub(super) struct Cut {
    pub(super) at: usize,
    /// `4 more prompts`
    pub(super) what: String,
}

impl Cut {
    pub(super) fn of(comment: &str, at: usize) -> Option<Self> {
        let rest = comment.trim();
        let rest = rest
            .strip_prefix("...")
            .or_else(|| rest.strip_prefix('…'))?;
        let what = rest.trim_start().strip_prefix("and ")?;
        let (count, what_more) = what.split_once(' ')?;
        let is_cut = count.parse::<u32>().is_ok() && what_more.starts_with("more ");
        is_cut.then(|| Self {
            at,
            what: what.to_owned(),
        })
    }

    /// `kept` are the further items that exist already.
    pub(super) fn message(&self, way: &[String], kept: &[Value]) -> String {
        let (way, what) = (way.join("."), &self.what);
        if kept.is_empty() {
            return format!("the export leaves out {what}: add them to `{way}` by hand");
        }
        let name = |item: &Value| {
            let names = ["label", "id", "family"].map(|key| item[key].as_str());
            let name = names
                .into_iter()
                .flatten()
                .next()
                .unwrap_or("one without a name");
            format!("`{name}`")
        };
        let names = first(kept.iter().map(name));
        format!(
            "the export leaves out {what}: `{way}` keeps {names} after the new ones; remove those you no longer want"
        )
    }
}
