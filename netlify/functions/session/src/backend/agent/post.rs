//! Letters to the site's owner, and the tries until somebody has them.

use std::thread::sleep;
use std::time::{Duration, Instant};

use ureq::{Agent, Error};

use crate::backend::upstream::{Call, Reply};
use crate::settings::UPSTREAM_TIMEOUT;

/// The longest that all tries may take together.
pub(super) const LONGEST: Duration = Duration::from_secs(20);
/// Pauses before the second and the third try.
pub(super) const PAUSES: [Duration; 2] = [Duration::from_millis(300), Duration::from_millis(1500)];
/// The longest pause that a receiver may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A letter to the site's owner.
pub(super) struct Letter {
    pub(super) call: Call,
    pub(super) to: To,
}

/// The receiver, for the log.
pub(super) enum To {
    /// The webhook in this variable.
    Webhook(String),
    Netlify,
}

/// How long a letter is tried.
pub(super) struct Patience {
    /// The end of all tries together.
    pub(super) until: Instant,
    /// Pauses before the second and each further try, unless the receiver asks for another one.
    pub(super) pauses: &'static [Duration],
}

/// What became of a letter.
pub(super) struct Posted {
    /// Why nobody has it; `None` if somebody has.
    pub(super) cause: Option<String>,
    /// The status of the last reply, if there was one.
    pub(super) status: Option<u16>,
    pub(super) tries: u32,
}

impl Letter {
    /// Sends it until somebody has it, or until it is too late.
    pub(super) fn post(&self, agent: &Agent, patience: &Patience) -> Posted {
        let mut pauses = patience.pauses.iter();
        let mut tries = 0;
        loop {
            tries += 1;
            let until = patience.until.min(Instant::now() + UPSTREAM_TIMEOUT);
            let outcome = self.call.send_once(agent, until);
            let pause = pauses
                .next()
                .and_then(|pause| pause_after(&outcome, *pause));
            let Some(pause) = pause.filter(|pause| Instant::now() + *pause < patience.until) else {
                return Posted {
                    cause: (!self.is_taken(&outcome)).then(|| self.cause(&outcome)),
                    status: outcome.ok().map(|reply| reply.status),
                    tries,
                };
            };
            sleep(pause);
        }
    }

    /// Returns whether the receiver has it.
    fn is_taken(&self, outcome: &Result<Reply, Error>) -> bool {
        outcome.as_ref().is_ok_and(|reply| match reply.status {
            200..300 => true,
            // To the page that says thank you.
            303 => matches!(self.to, To::Netlify),
            _ => false,
        })
    }

    /// Why nobody has taken it, for the log: without the address, which may hold a secret, and without the reply, which
    /// may repeat what was sent.
    fn cause(&self, outcome: &Result<Reply, Error>) -> String {
        let (to, moved, missing) = match &self.to {
            To::Webhook(variable) => (
                format!("the webhook in `{variable}`"),
                "set the address that it redirects to",
                "check the address",
            ),
            To::Netlify => (
                "Netlify".to_owned(),
                "set `site.url` to the site's primary domain",
                "turn on form detection in the site's Netlify settings and deploy again",
            ),
        };
        match outcome {
            Ok(reply) => {
                let fix = match reply.status {
                    300..=399 => format!("; it redirects: {moved}"),
                    401 | 403 => "; check that it accepts the signature".to_owned(),
                    404 | 405 | 410 => format!("; {missing}"),
                    _ => String::new(),
                };
                format!("{to} answered with status {}{fix}", reply.status)
            }
            Err(Error::Timeout(_)) => format!("{to} took too long"),
            Err(Error::HostNotFound) => format!("the host of {to} is not known"),
            Err(Error::Tls(_)) => format!("the certificate of {to} is refused"),
            Err(_) => format!("the connection to {to} failed"),
        }
    }
}

/// The pause before another try: `usual`, or what the receiver asks for. `None` if no other try may help.
fn pause_after(outcome: &Result<Reply, Error>, usual: Duration) -> Option<Duration> {
    match outcome {
        Ok(reply) if !matches!(reply.status, 408 | 429 | 500..=599) => None,
        Ok(reply) => Some(reply.retry_after.map_or(usual, |seconds| {
            Duration::from_secs(seconds).min(LONGEST_PAUSE)
        })),
        Err(Error::BadUri(_) | Error::Tls(_)) => None,
        Err(_) => Some(usual),
    }
}
