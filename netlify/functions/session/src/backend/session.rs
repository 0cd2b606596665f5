//! A session, and the request for one.

/// Lifetime of a session if the widget sets none, in seconds: OpenAI's default and maximum.
pub(crate) const EXPIRES_AFTER: u16 = 600;

/// A request for a session.
pub(crate) struct Ask<'a> {
    pub(crate) widget: &'a str,
    pub(crate) user: &'a str,
}

/// A session, which lets a browser talk to the back end. No `Debug`: the client secret grants access.
pub(crate) struct Session {
    pub(crate) client_secret: String,
    /// Unix time in seconds, by the clock of whoever minted it.
    pub(crate) expires_at: u64,
    /// Remaining seconds, which do not depend on anybody's clock.
    pub(crate) expires_in: u64,
}
