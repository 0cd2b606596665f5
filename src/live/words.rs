//! Failures of the network, in words: what is the case, and what to do.

use std::io;

use rustls::CertificateError;

/// How std begins the message of an address that the system does not find: such an error has no kind of its own.
const LOOKUP: &str = "failed to lookup address information";

/// Why there is no reply.
#[derive(Debug)]
pub(super) enum Failure {
    Timeout,
    NoSuchHost,
    Refused,
    /// The connection ended before the reply did.
    Lost,
    Certificate(CertificateError),
    /// Anything else, in the words of the library.
    Other(String),
}

impl From<ureq::Error> for Failure {
    fn from(err: ureq::Error) -> Failure {
        match err {
            ureq::Error::Timeout(_) => Failure::Timeout,
            ureq::Error::HostNotFound => Failure::NoSuchHost,
            ureq::Error::Rustls(err) => Failure::of_tls(&err),
            ureq::Error::Io(err) => Failure::of_io(err),
            err => Failure::Other(err.to_string()),
        }
    }
}

impl Failure {
    fn of_io(err: io::Error) -> Failure {
        let inner = err.get_ref();
        if let Some(err) = inner.and_then(|err| err.downcast_ref::<rustls::Error>()) {
            return Failure::of_tls(err);
        }
        match err.kind() {
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Failure::Timeout,
            io::ErrorKind::ConnectionRefused => Failure::Refused,
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof => Failure::Lost,
            _ if err.to_string().starts_with(LOOKUP) => Failure::NoSuchHost,
            _ => Failure::Other(err.to_string()),
        }
    }

    fn of_tls(err: &rustls::Error) -> Failure {
        match err {
            rustls::Error::InvalidCertificate(err) => Failure::Certificate(err.clone()),
            err => Failure::Other(err.to_string()),
        }
    }

    /// The failure, and what to do about it.
    pub(super) fn words(&self) -> String {
        match self {
            Failure::Timeout => {
                "no answer in time: check that the host is running, and that no firewall is in front of it"
                    .to_owned()
            }
            Failure::NoSuchHost => {
                "no such host, or no network: check the address, and the domain's DNS record".to_owned()
            }
            Failure::Refused => {
                "nothing listens there: start the server, or check the port".to_owned()
            }
            Failure::Lost => {
                "the host ends the connection without an answer: look at its log, and check that this address speaks HTTP, \
                 or HTTPS, as it says"
                    .to_owned()
            }
            Failure::Certificate(err) => of_certificate(err).to_owned(),
            Failure::Other(text) => {
                format!("the connection fails ({text}): check that this address speaks HTTP, or HTTPS, as it says")
            }
        }
    }
}

fn of_certificate(err: &CertificateError) -> &'static str {
    match err {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the certificate has expired, so browsers refuse the site: renew it where the site is hosted (on Netlify \
             under Domain management > HTTPS)"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the certificate is not valid yet: check this machine's clock, or wait"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the certificate belongs to another host: add this name to it where the site is hosted (on Netlify under \
             Domain management)"
        }
        CertificateError::UnknownIssuer
        | CertificateError::BadSignature
        | CertificateError::Other(_) => {
            "the certificate comes from nobody whom browsers know (it may be self-signed, or a proxy may be in \
             between): get one from an authority such as Let's Encrypt, or name your own in SSL_CERT_FILE"
        }
        _ => {
            "the certificate is not one that browsers accept: get another one where the site is hosted"
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::ToSocketAddrs as _;

    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_host_that_the_system_does_not_find_is_no_matter_of_http() {
        // Longer than names are, so that nobody is asked.
        let host = "a".repeat(300);
        let err = (host.as_str(), 443).to_socket_addrs().unwrap_err();
        assert!(matches!(Failure::of_io(err), Failure::NoSuchHost));
    }
}
