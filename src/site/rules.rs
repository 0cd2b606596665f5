//! Where a launcher shows, checked.

use anyhow::{Result, ensure};

use crate::config::{Device, RulesSection};
use crate::hint::Hinted;

/// Where a launcher shows.
#[derive(Debug)]
pub(crate) struct Rules {
    /// Globs of paths; absent for all.
    pub(crate) show: Option<Vec<String>>,
    /// Globs of paths, which go before `show`.
    pub(crate) hide: Vec<String>,
    /// Absent for all.
    pub(crate) devices: Option<Vec<Device>>,
}

impl Rules {
    /// # Errors
    ///
    /// A glob that no path can have, and a list that leaves nothing.
    pub(super) fn from_config(section: RulesSection) -> Result<Self> {
        let RulesSection {
            show,
            hide,
            devices,
        } = section;
        for (key, globs) in [("show", show.as_ref()), ("hide", Some(&hide))] {
            for glob in globs.into_iter().flatten() {
                let form = glob.starts_with(['/', '*']) && !glob.contains([' ', ',', '?', '#']);
                ensure!(
                    form,
                    Hinted::new(
                        format!("`rules.{key}`: not the glob of a path: `{glob}`"),
                        "a path begins with `/` and has no query: `/docs/**`, `/*/pricing`"
                    )
                );
            }
        }
        let is_empty = |list: Option<usize>| list == Some(0);
        ensure!(
            !is_empty(show.as_ref().map(Vec::len)) && !is_empty(devices.as_ref().map(Vec::len)),
            Hinted::new(
                "`rules`: `show` and `devices` must name something, or be left out",
                "to have no launcher at all, paste the snippet `popup` or `inline`"
            )
        );
        Ok(Self {
            show,
            hide,
            devices,
        })
    }
}
