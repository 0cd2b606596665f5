//! How long the certificate is still valid. Whether it is valid now, the first request has found out.

use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, ClientConnection, Error, RootCertStore};
use url::Url;

use super::browser::LONGEST;
use super::finding::Notes;
use super::visit::Probing;

const NAME: &str = "certificate";
const DAY: u64 = 24 * 60 * 60;
/// Authorities renew certificates long before this many days are left.
const SOON: u64 = 10;
/// A time, in seconds since 1970, at which every certificate has expired: the year 2500.
const FAR: u64 = 16_725_225_600;

/// Reads the certificate of a site with https.
pub(super) fn probe(probing: &Probing, notes: &Notes) {
    if !probing.visit.target.origin.starts_with("https://") {
        return;
    }
    if probing.browser.has_proxy() {
        notes.not_tried(NAME, "it is valid; its end is not read through a proxy");
        return;
    }
    let until = probing.browser.until.min(Instant::now() + LONGEST);
    let Some(end) = end(probing, until) else {
        notes.not_tried(NAME, "it is valid, but its end could not be read");
        return;
    };
    let left = end.duration_since(SystemTime::now()).unwrap_or_default();
    match left.as_secs() / DAY {
        days @ 0..SOON => notes.todo(
            NAME,
            format!("ends in {days} days: see why the host has not renewed it, before browsers refuse the site"),
        ),
        days => notes.fine(NAME, format!("valid for {days} more days")),
    }
}

/// The time at which the certificate ends: the verifier names it when it is told that it is the year 2500.
fn end(probing: &Probing, until: Instant) -> Option<SystemTime> {
    let url = Url::parse(&probing.visit.target.origin).ok()?;
    let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
    let mut roots = RootCertStore::empty();
    match &probing.visit.roots {
        Some(own) => {
            roots
                .add_parsable_certificates(own.iter().map(|root| CertificateDer::from(root.der())));
        }
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let roots = Arc::new(roots);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let name = ServerName::try_from(host.clone()).ok()?;
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .ok()?
        .with_root_certificates(Arc::clone(&roots))
        .with_no_client_auth();
    let chain = chain(config, &name, (&host, url.port_or_known_default()?), until)?;
    let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider)
        .build()
        .ok()?;
    let (leaf, rest) = chain.split_first()?;
    let far = UnixTime::since_unix_epoch(Duration::from_secs(FAR));
    match verifier.verify_server_cert(leaf, rest, &name, &[], far) {
        Err(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => {
            Some(SystemTime::UNIX_EPOCH + Duration::from_secs(not_after.as_secs()))
        }
        _ => None,
    }
}

/// The certificates that the host shows.
fn chain(
    config: ClientConfig,
    name: &ServerName<'static>,
    address: (&str, u16),
    until: Instant,
) -> Option<Vec<CertificateDer<'static>>> {
    let mut tls = ClientConnection::new(Arc::new(config), name.clone()).ok()?;
    let left = || {
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    };
    let mut addresses = address.to_socket_addrs().ok()?;
    let mut socket =
        addresses.find_map(|address| TcpStream::connect_timeout(&address, left()?).ok())?;
    while tls.is_handshaking() {
        socket.set_read_timeout(Some(left()?)).ok()?;
        socket.set_write_timeout(Some(left()?)).ok()?;
        tls.complete_io(&mut socket).ok()?;
    }
    Some(tls.peer_certificates()?.to_vec())
}
