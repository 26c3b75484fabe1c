//! TLS to the database server: a password never crosses a network in clear unless that is asked for.
//!
//! `sslmode` in the address says what holds. Without it (or with `prefer`) connections on this machine are in clear, all others encrypted;
//! `require` encrypts, `disable` does not. An encrypted connection is always one to the server that the certificate names: `sslrootcert`
//! names a file (PEM) with the authority that issued it, beside the well-known ones.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use postgres::Config;
use postgres::config::{Host, SslMode};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Takes `sslrootcert` out of an address, which the client does not know.
pub fn split_root(url: &str) -> (String, Option<PathBuf>) {
    let Some((place, query)) = url.split_once('?') else {
        return (url.to_owned(), None);
    };
    let mut root = None;
    let mut rest = Vec::new();
    for pair in query.split('&') {
        match pair.strip_prefix("sslrootcert=") {
            Some(path) => {
                let decoded = form_urlencoded::parse(pair.as_bytes()).next();
                root = Some(PathBuf::from(
                    decoded.map_or_else(|| path.to_owned(), |(_, path)| path.into_owned()),
                ));
            }
            // Checked is checked: what the well-known clients call by three names is one thing here.
            None if matches!(pair, "sslmode=verify-full" | "sslmode=verify-ca") => {
                rest.push("sslmode=require");
            }
            None => rest.push(pair),
        }
    }
    let url = if rest.is_empty() {
        place.to_owned()
    } else {
        format!("{place}?{}", rest.join("&"))
    };
    (url, root)
}

/// How to encrypt the connections to a server; `None` for those in clear.
pub fn connector(
    config: &mut Config,
    root: Option<&Path>,
) -> Result<Option<MakeRustlsConnect>, String> {
    let here = config.get_hosts().iter().all(|host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1"),
    });
    match config.get_ssl_mode() {
        SslMode::Disable => return Ok(None),
        SslMode::Prefer if here => {
            config.ssl_mode(SslMode::Disable);
            return Ok(None);
        }
        _ => {}
    }
    config.ssl_mode(SslMode::Require);
    let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(path) = root {
        let wrong = |problem: String| format!("sslrootcert {}: {problem}", path.display());
        for certificate in CertificateDer::pem_file_iter(path).map_err(|e| wrong(e.to_string()))? {
            let certificate = certificate.map_err(|e| wrong(e.to_string()))?;
            roots.add(certificate).map_err(|e| wrong(e.to_string()))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Some(MakeRustlsConnect::new(tls)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encrypted(url: &str) -> bool {
        let (url, root) = split_root(url);
        let mut config: Config = url.parse().unwrap();
        connector(&mut config, root.as_deref()).unwrap().is_some()
    }

    #[test]
    fn only_what_stays_on_this_machine_is_in_clear_by_itself() {
        assert!(!encrypted("postgres://me@localhost/x"));
        assert!(!encrypted("postgres://me@/x?host=%2Frun%2Fpostgresql"));
        assert!(encrypted("postgres://me@db.example/x"));
        assert!(encrypted("postgres://me@localhost/x?sslmode=require"));
        assert!(encrypted("postgres://me@db.example/x?sslmode=verify-full"));
        assert!(!encrypted("postgres://me@db.example/x?sslmode=disable"));
    }

    #[test]
    fn the_authority_is_taken_out_of_the_address_and_must_be_readable() {
        let (url, root) =
            split_root("postgres://h/x?a=b&sslrootcert=%2Fno%2Fca.pem&sslmode=require");
        assert_eq!(url, "postgres://h/x?a=b&sslmode=require");
        let mut config: Config = "postgres://me@h/x?sslmode=require".parse().unwrap();
        let error = connector(&mut config, root.as_deref()).err().unwrap();
        assert!(error.contains("/no/ca.pem"), "{error}");
    }
}
