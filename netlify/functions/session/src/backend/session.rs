//! A session, and for whom it is.

/// Lifetime of a session where the widget sets none, in seconds: OpenAI's default and maximum.
pub(crate) const EXPIRES_AFTER: u16 = 600;

/// For whom a session is minted.
pub(crate) struct Ask<'a> {
    pub(crate) widget: &'a str,
    pub(crate) user: &'a str,
}

/// What lets a browser talk to the back end. No `Debug`: the client secret is one.
pub(crate) struct Session {
    pub(crate) client_secret: String,
    /// Unix time in seconds, by the clock of whoever minted it.
    pub(crate) expires_at: u64,
    /// Seconds that it lives, which mean the same to every clock.
    pub(crate) expires_in: u64,
}
