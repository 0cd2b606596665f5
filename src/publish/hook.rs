//! A build hook: an address that makes the host build the site again. Whoever knows it can do so, so it is a secret
//! and appears in no message.

use std::time::Duration;

use anyhow::{Result, bail};
use session::is_loopback;
use ureq::Agent;
use url::Url;

use crate::environment::Environment;
use crate::hint::Hinted;

/// The variable with the address.
pub(crate) const VARIABLE: &str = "BUILD_HOOK_URL";

/// Longest wait for the host.
const PATIENCE: Duration = Duration::from_secs(10);

/// The address of a hook. No `Debug`: it is a secret.
pub(crate) struct Hook(Url);

impl Hook {
    /// The hook in the variable, if it is set.
    ///
    /// # Errors
    ///
    /// A value that is no address, or that others could read on its way: https is for the internet, http for this
    /// machine.
    pub(crate) fn load(environment: &Environment) -> Result<Option<Self>> {
        let Some(value) = environment.get(VARIABLE) else {
            return Ok(None);
        };
        let url = Url::parse(&value).ok();
        let is_safe = |url: &Url| match url.scheme() {
            "https" => true,
            "http" => url.host_str().is_some_and(is_loopback),
            _ => false,
        };
        match url.filter(is_safe) {
            Some(url) => Ok(Some(Self(url))),
            None => bail!(Hinted::new(
                format!("invalid `{VARIABLE}`"),
                "write the whole address of the build hook, beginning with https://"
            )),
        }
    }

    /// Asks the host to build, once.
    ///
    /// # Errors
    ///
    /// A host that does not answer in time, or that refuses.
    pub(crate) fn call(&self) -> Result<()> {
        let agent = Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .build()
            .new_agent();
        let sent = agent
            .post(self.0.as_str())
            .header("Content-Type", "application/json")
            .send("{}");
        match sent.map(|reply| reply.status().as_u16()) {
            Ok(200..=299) => Ok(()),
            Ok(status) => bail!(Hinted::new(
                format!("the build hook answered HTTP {status}, so nothing is being built"),
                format!(
                    "is it still in the settings of your host? If not, add one and put it in `{VARIABLE}`"
                )
            )),
            // The library's own words may name the address.
            Err(err) => bail!(Hinted::new(why(&err), "try again in a minute")),
        }
    }
}

fn why(err: &ureq::Error) -> String {
    match err {
        ureq::Error::Timeout(_) => format!(
            "the build hook did not answer in {} s, so nobody knows whether a build has begun",
            PATIENCE.as_secs()
        ),
        ureq::Error::HostNotFound => {
            format!("the host in `{VARIABLE}` does not exist, or there is no network")
        }
        _ => "the build hook cannot be reached".to_owned(),
    }
}
