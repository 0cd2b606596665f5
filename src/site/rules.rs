//! The checked rules for showing a launcher.

use super::found::Found;
use crate::config::{Device, RulesSection};
use crate::yaml::Problem;

/// The pages and devices that show a launcher.
#[derive(Debug)]
pub(crate) struct Rules {
    /// Path patterns; absent for all.
    pub(crate) show: Option<Vec<String>>,
    /// Path patterns, which override `show`.
    pub(crate) hide: Vec<String>,
    /// Absent for all.
    pub(crate) devices: Option<Vec<Device>>,
}

impl Rules {
    /// Adds to `found` each pattern that no path can match, and an empty list.
    pub(super) fn from_config(section: RulesSection, found: &mut Found) -> Self {
        let RulesSection {
            show,
            hide,
            devices,
        } = section;
        check_globs("rules.show", show.as_deref().unwrap_or_default(), found);
        check_globs("rules.hide", &hide, found);
        for (way, is_empty) in [
            ("rules.show", show.as_ref().is_some_and(Vec::is_empty)),
            ("rules.devices", devices.as_ref().is_some_and(Vec::is_empty)),
        ] {
            if is_empty {
                let problem = Problem::on(way, "an empty list would never show the launcher");
                found.add(problem.hint(
                    "leave the key out; for no launcher at all, paste the snippet `popup` or `inline`",
                ));
            }
        }
        Self {
            show,
            hide,
            devices,
        }
    }
}

fn check_globs(way: &str, globs: &[String], found: &mut Found) {
    let is_glob =
        |glob: &String| glob.starts_with(['/', '*']) && !glob.contains([' ', ',', '?', '#']);
    let wrong = globs.iter().enumerate().filter(|(_, glob)| !is_glob(glob));
    for (index, _) in wrong {
        let problem = Problem::on(&format!("{way}.{index}"), "not a path pattern");
        found
            .add(problem.hint("a path starts with `/` and has no query: `/docs/**`, `/*/pricing`"));
    }
}
