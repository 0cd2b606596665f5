//! Brand colours that text or dark mode could not use unchanged, as `build` and `check` report them.

use crate::console;
use crate::site::{Site, Variables};

/// Prints up to `most` notes.
pub(super) fn report(site: &Site, most: usize) {
    let of_site = notes("site.brand", &site.variables);
    let own = site.widgets.iter().flat_map(|widget| {
        let variables = widget.look.variables.iter();
        variables.flat_map(|variables| notes(&widget.name, variables))
    });
    let mut all = of_site.chain(own);
    for (subject, text) in all.by_ref().take(most) {
        console::note(subject, text);
    }
    let more = all.count();
    if more > 0 {
        console::note("brands", &format!("{more} more notes; `check` shows all"));
    }
}

fn notes<'a>(
    subject: &'a str,
    variables: &'a Variables,
) -> impl Iterator<Item = (&'a str, &'a String)> {
    variables.notes.iter().map(move |text| (subject, text))
}
