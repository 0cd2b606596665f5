//! The transport for containers: plain HTTP/1.1 on a port, with the site's files next to the function.
//!
//! One thread waits for all connections at once (mio), so that ten thousand idle ones cost no threads; requests for
//! sessions go to workers, which block like everything else here. A reply that comes piece by piece gets a thread, and
//! the connection, to itself. Every wait has an end, every buffer a limit, and
//! when there is no room, the connection that was silent longest is closed.

mod chunks;
mod client;
mod connection;
mod event_loop;
mod files;
pub(crate) mod input;
mod limits;
pub(crate) mod parse;
mod reply;
mod rules;
mod streams;
mod workers;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

pub use event_loop::{Server, Stopper};
pub use files::Files;
pub use limits::Limits;

use crate::published::FilesError;
use crate::settings::{DEFAULT_DIST_DIR, DIST_DIR};
use crate::{Service, Settings};

/// The variable with the port to listen on; 0 means any free one.
const PORT: &str = "PORT";
/// The variable with the address of this machine to listen on, if not all of them.
const LISTEN_ADDRESS: &str = "LISTEN_ADDRESS";
/// The variable with the number of proxies in front whose `X-Forwarded-For` is trusted.
const TRUSTED_PROXIES: &str = "TRUSTED_PROXIES";
/// The variable that names the gateway in front, if it counts requests and guarantees that the name in `Host` belongs to
/// the site: `netlify`.
const GATEWAY: &str = "GATEWAY";
/// Time for an answer behind Netlify's gateway, which cuts it after 60 s: less, so that the answer ends in words.
const NETLIFY_ANSWER: Duration = Duration::from_secs(55);
/// The variable with [`Limits::idle`], in seconds.
const KEEP_ALIVE_SECONDS: &str = "KEEP_ALIVE_SECONDS";
/// The largest value of that variable: a day.
const LONGEST_KEEP_ALIVE: u64 = 86_400;

/// The reason why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// No transport was chosen.
    #[error(
        "neither `PORT` nor `AWS_LAMBDA_RUNTIME_API` is set\n\
         hint: this program mints ChatKit sessions; Netlify starts it as a serverless function, and \
         `PORT=8080` makes it a web server, which also serves the folder `{DEFAULT_DIST_DIR}`"
    )]
    NoPort,
    /// Not a number.
    #[error("invalid `PORT`: it is a number from 0 to 65535, not `{0}`")]
    Port(String),
    /// Not an address of the internet protocol.
    #[error(
        "invalid `{LISTEN_ADDRESS}`: it is an address of this machine, such as 127.0.0.1, not `{0}`"
    )]
    ListenAddress(String),
    /// Not a number.
    #[error(
        "invalid `{TRUSTED_PROXIES}`: set it to the number of proxies between visitors and this server, such as 1"
    )]
    TrustedProxies,
    /// A gateway that nobody knows.
    #[error("invalid `{GATEWAY}`: it can be `netlify`, not `{0}`")]
    Gateway(String),
    /// A session limit that is not a number.
    #[error("{0}")]
    Quota(String),
    /// Not a number of seconds.
    #[error(
        "invalid `{KEEP_ALIVE_SECONDS}`: it is a number from 1 to {LONGEST_KEEP_ALIVE}, not `{0}`"
    )]
    KeepAlive(String),
    /// The site pack cannot be used.
    #[error("{0}")]
    Site(String),
    /// The site's files cannot be served.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The port is taken, or the system has no sockets left.
    #[error("failed to listen on port {port}")]
    Listen {
        /// The port.
        port: u16,
        /// The cause.
        source: io::Error,
    },
    /// Without a handler, signals would stop it in the middle of a reply.
    #[error("failed to listen to signals")]
    Signals(#[source] ctrlc::Error),
    /// The system fails to wait for connections, or has no thread for the log.
    #[error("failed to serve")]
    Serve(#[source] io::Error),
}

/// Answers requests on `PORT`, with the files of `DIST_DIR`, until SIGTERM or SIGINT; then finishes the requests that
/// have arrived.
pub fn run(service: &Service) -> Result<(), ServerError> {
    let settings = service.settings();
    let port = settings.value(PORT).ok_or(ServerError::NoPort)?;
    let port = port.parse().map_err(|_| ServerError::Port(port))?;
    let limits = limits(settings)?;
    let named = listen_address(settings)?;
    let site = service.site().settings().map_err(ServerError::Site)?;
    let files = match limits.has_gateway {
        true => Files::default(),
        false => files(service)?,
    };
    let limits_of_visitors = service.quotas().map(drop).and(service.answers().map(drop));
    if let Err(error) = limits_of_visitors {
        return Err(ServerError::Quota(error.detail()));
    }
    let server =
        bind(named, port, files, limits).map_err(|source| ServerError::Listen { port, source })?;
    let stopper = server.stopper();
    ctrlc::set_handler(move || stopper.stop()).map_err(ServerError::Signals)?;
    service.log().write_behind().map_err(ServerError::Serve)?;
    service.log().take_panics();
    let address = server.address();
    if let Some(note) = service.site().pack().and_then(|pack| pack.note()) {
        service.log().note(note);
    }
    service
        .log()
        .note(&format!("serving the site {}", site.url));
    service.log().note(&format!("listening on {address}"));
    server.run(service).map_err(ServerError::Serve)?;
    service.log().note("stopped");
    service.log().flush();
    Ok(())
}

/// The limits from the environment, or else the defaults.
fn limits(settings: &Settings) -> Result<Limits, ServerError> {
    let mut limits = Limits::default();
    if let Some(name) = settings.value(GATEWAY) {
        limits.has_gateway = name == "netlify";
        if !limits.has_gateway {
            return Err(ServerError::Gateway(name));
        }
        limits.streamed_answer = Some(NETLIFY_ANSWER);
    }
    if let Some(text) = settings.value(KEEP_ALIVE_SECONDS) {
        let seconds = text.parse().ok();
        let seconds = seconds.filter(|seconds| (1..=LONGEST_KEEP_ALIVE).contains(seconds));
        limits.idle = Duration::from_secs(seconds.ok_or(ServerError::KeepAlive(text))?);
    }
    if let Some(text) = settings.value(TRUSTED_PROXIES) {
        limits.trusted_proxies = text.parse().map_err(|_| ServerError::TrustedProxies)?;
    }
    Ok(limits)
}

/// The address to listen on, if the environment names one.
fn listen_address(settings: &Settings) -> Result<Option<IpAddr>, ServerError> {
    let named = settings.value(LISTEN_ADDRESS);
    let parsed = named.map(|text| text.parse().map_err(|_| ServerError::ListenAddress(text)));
    parsed.transpose()
}

/// The site's files, with a remark in the log on what of them is not used. If there are none, only the function is served.
fn files(service: &Service) -> Result<Files, FilesError> {
    let Some((published, place)) = service.site().published(service.settings())? else {
        service.log().note(&format!(
            "no folder `{DEFAULT_DIST_DIR}` found, so only the function is served; \
             set `{DIST_DIR}` to the folder that `build` wrote"
        ));
        return Ok(Files::default());
    };
    let files = Files::of(published, &place)?;
    for note in files.notes() {
        service.log().note(note);
    }
    Ok(files)
}

/// Listens on the address that was named, or on all addresses of IPv6 and IPv4, or only of IPv4 if there is no IPv6.
/// Behind a gateway, it listens on the loopback address only: whoever goes around the gateway could claim any `Host`, and
/// nobody would count the requests.
fn bind(named: Option<IpAddr>, port: u16, files: Files, limits: Limits) -> io::Result<Server> {
    let only = match limits.has_gateway {
        true => Some(Ipv4Addr::LOCALHOST.into()),
        false => named,
    };
    if let Some(address) = only {
        return Server::bind((address, port).into(), files, limits);
    }
    let address = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
    let address = match std::net::TcpListener::bind(address) {
        Ok(_) => address,
        Err(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)),
    };
    Server::bind(address, files, limits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &'static [(&str, &str)]) -> Limits {
        let lookup = |name: &str| variables.iter().find(|(key, _)| *key == name);
        let settings =
            Settings::from_lookup(move |name| lookup(name).map(|(_, value)| (*value).to_owned()));
        limits(&settings).unwrap()
    }

    #[test]
    fn answers_end_before_the_gateway_of_netlify_cuts_them() {
        assert_eq!(with(&[]).streamed_answer, None);
        let patience = with(&[(GATEWAY, "netlify")]).streamed_answer.unwrap();
        assert!(patience < Duration::from_secs(60));
    }

    #[test]
    fn only_this_machine_reaches_a_server_behind_a_gateway() {
        let bound = |named, limits| {
            let server = bind(named, 0, Files::default(), limits).unwrap();
            server.address().ip()
        };
        let any = Some(Ipv4Addr::UNSPECIFIED.into());
        for named in [None, any] {
            assert!(bound(named, with(&[(GATEWAY, "netlify")])).is_loopback());
        }
        assert!(bound(None, with(&[])).is_unspecified());
        let loopback = Some(Ipv4Addr::LOCALHOST.into());
        assert!(bound(loopback, with(&[])).is_loopback());
    }
}
