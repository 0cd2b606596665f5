//! The authorities to trust.

use anyhow::{Context as _, Result, bail};
use ureq::tls::{Certificate, PemItem, parse_pem};

use crate::environment::Environment;
use crate::fs;
use crate::hint::Hinted;

/// The variable with a file of authorities, as other programs have it.
const ROOTS: &str = "SSL_CERT_FILE";

/// The authorities that the owner names.
///
/// # Errors
///
/// A file that cannot be read, or that has no certificates.
pub(crate) fn roots(environment: &Environment) -> Result<Option<Vec<Certificate<'static>>>> {
    let Some(path) = environment.get(ROOTS) else {
        return Ok(None);
    };
    let bytes = fs::read(path.as_ref()).with_context(|| format!("invalid `{ROOTS}`"))?;
    let roots: Vec<_> = parse_pem(&bytes)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            Ok(_) | Err(_) => None,
        })
        .collect();
    if roots.is_empty() {
        bail!(Hinted::new(
            format!("no certificates in `{path}`, which `{ROOTS}` names"),
            "name a file in PEM format, or unset the variable"
        ));
    }
    Ok(Some(roots))
}
