//! Where a launcher shows, checked.

use crate::config::{Device, Problem, RulesSection};

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
    pub(super) fn from_config(section: RulesSection) -> Result<Self, Problem> {
        let RulesSection {
            show,
            hide,
            devices,
        } = section;
        check_globs("rules.show", show.as_deref().unwrap_or_default())?;
        check_globs("rules.hide", &hide)?;
        for (way, is_empty) in [
            ("rules.show", show.as_ref().is_some_and(Vec::is_empty)),
            ("rules.devices", devices.as_ref().is_some_and(Vec::is_empty)),
        ] {
            if is_empty {
                let problem =
                    Problem::on(way, "an empty list leaves nothing to show the launcher on");
                return Err(problem.hint(
                    "leave the key out; to have no launcher at all, paste the snippet `popup` or `inline`",
                ));
            }
        }
        Ok(Self {
            show,
            hide,
            devices,
        })
    }
}

fn check_globs(way: &str, globs: &[String]) -> Result<(), Problem> {
    let is_glob =
        |glob: &String| glob.starts_with(['/', '*']) && !glob.contains([' ', ',', '?', '#']);
    match globs.iter().position(|glob| !is_glob(glob)) {
        None => Ok(()),
        Some(index) => {
            let problem = Problem::on(&format!("{way}.{index}"), "not the glob of a path");
            Err(problem.hint("a path begins with `/` and has no query: `/docs/**`, `/*/pricing`"))
        }
    }
}
