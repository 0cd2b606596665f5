//! A visit to a site.

use ureq::tls::Certificate;

use super::browser::Browser;
use super::built::Built;
use super::target::Target;

/// What to probe, and how.
pub(crate) struct Visit {
    pub(crate) target: Target,
    /// What this build would serve at the target's address.
    pub(crate) built: Built,
    /// What it would serve at the address of `site.yaml`, if that is another one.
    pub(crate) elsewhere: Option<Built>,
    /// Whether agents are asked a question, which costs tokens.
    pub(crate) turn: bool,
    /// Authorities to trust instead of those that browsers know.
    pub(crate) roots: Option<Vec<Certificate<'static>>>,
}

/// A visit under way.
pub(super) struct Probing {
    pub(super) visit: Visit,
    pub(super) browser: Browser,
}
