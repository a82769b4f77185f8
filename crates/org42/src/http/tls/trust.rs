//! The default trust of a client: the bundle that the environment names, or else the system's authorities.

use std::env::var_os;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
#[cfg(feature = "platform-verifier")]
use rustls_platform_verifier::Verifier;

use super::bundle::{self, Unusable};
use super::verifier::Bundle;
use crate::error::{Error, Result};
use crate::http::text::is_blank;

/// The variables that name a bundle, the nearest first: those of OpenSSL, of Python's requests, and of curl.
const BUNDLES: [&str; 3] = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];
const DIRECTORIES: &str = "SSL_CERT_DIR";

type Certificates = Vec<CertificateDer<'static>>;

/// Reads a bundle that a setting or a variable names.
pub(crate) fn bundle(operation: &str, variable: Option<&str>, path: &Path) -> Result<Certificates> {
    bundle::read(path).map_err(|unusable| {
        let (path, words) = (path.display(), unusable.words());
        let message = match variable {
            Some(name) => format!("{name} names \"{path}\", which {words}"),
            None => format!("the CA bundle {path} {words}"),
        };
        let error = Error::input(operation, message);
        match unusable {
            Unusable::Unreadable(reason) => error.because(reason),
            _ => error.with_hint("it has to be a file with certificates, in PEM or DER"),
        }
    })
}

/// Returns the verifier of clients whose settings name no certificates.
pub(crate) fn usual(
    operation: &str,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>> {
    if let Some(own) = of_environment(operation, &|name| var_os(name))? {
        return Ok(Arc::new(Bundle::new(own, provider)));
    }
    of_system(provider).map_err(|reason| {
        let directories = var_os(DIRECTORIES).filter(|value| !is_blank(value));
        let error = match directories {
            Some(value) => {
                let is_there = std::env::split_paths(&value).any(|path| path.is_dir());
                let words = match is_there {
                    true => "has no certificate in it that can be read",
                    false => "is not there, or is no directory",
                };
                let value = Path::new(&value).display();
                let message = format!("{DIRECTORIES} names \"{value}\", which {words}");
                Error::input(operation, message)
            }
            None => Error::input(operation, "this machine has no certificate authorities")
                .because(reason),
        };
        error.with_hint("name a file of them in SSL_CERT_FILE, or give a CA bundle")
    })
}

/// Returns the certificates of the first bundle that a variable names, those of `SSL_CERT_DIR` added to
/// `SSL_CERT_FILE`. `SSL_CERT_DIR` alone is left to `of_system`. An empty or blank variable counts as not set.
fn of_environment(
    operation: &str,
    read: &impl Fn(&str) -> Option<OsString>,
) -> Result<Option<Certificates>> {
    let set = |name: &str| read(name).filter(|value| !is_blank(value));
    let directories = set(DIRECTORIES);
    for name in BUNDLES {
        let is_openssl = name == BUNDLES[0];
        if !is_openssl && directories.is_some() {
            return Ok(None);
        }
        let Some(path) = set(name) else { continue };
        let mut all = bundle(operation, Some(name), Path::new(&path)).map_err(|error| {
            let advice = format!("correct {name}, or unset it");
            error.with_hint(advice)
        })?;
        if let Some(directories) = directories.filter(|_| is_openssl) {
            for directory in std::env::split_paths(&directories) {
                all.extend(bundle::read(&directory).unwrap_or_default());
            }
        }
        return Ok(Some(all));
    }
    Ok(None)
}

/// Returns a verifier with the authorities of the system, or those of `SSL_CERT_DIR`.
#[cfg(all(feature = "platform-verifier", unix, not(target_vendor = "apple")))]
fn of_system(provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
    let says_nothing = |name: &str| var_os(name).is_some_and(|value| is_blank(&value));
    let is_set = |name: &str| var_os(name).is_some_and(|value| !is_blank(&value));
    if is_set(DIRECTORIES) || ![BUNDLES[0], DIRECTORIES].into_iter().any(says_nothing) {
        return Ok(Arc::new(Verifier::new(Arc::clone(provider))?));
    }
    // The platform's verifier takes an empty variable for the name of a file.
    let places = openssl_probe::probe();
    let mut roots = rustls::RootCertStore::empty();
    let file = places.cert_file.as_deref();
    let file = file.filter(|path| !is_blank(path.as_os_str()));
    for directory in std::iter::once(None).chain(places.cert_dir.iter().map(Some)) {
        let file = file.filter(|_| directory.is_none());
        let found = rustls_native_certs::load_certs_from_paths(file, directory.map(AsRef::as_ref));
        roots.add_parsable_certificates(found.certs);
    }
    let builder = rustls::client::WebPkiServerVerifier::builder_with_provider(
        Arc::new(roots),
        Arc::clone(provider),
    );
    match builder.build() {
        Ok(verifier) => Ok(verifier),
        Err(reason) => Err(rustls::Error::General(reason.to_string())),
    }
}

#[cfg(all(
    feature = "platform-verifier",
    not(all(unix, not(target_vendor = "apple")))
))]
fn of_system(provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
    Ok(Arc::new(Verifier::new(Arc::clone(provider))?))
}

/// Refuses: this build has no access to the system's authorities.
#[cfg(not(feature = "platform-verifier"))]
fn of_system(_: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
    let reason = "org42 was built without the feature platform-verifier";
    Err(rustls::Error::General(reason.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_says_something_counts() {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let made = rcgen::generate_simple_self_signed([format!("{name}.example")]).unwrap();
            let path = directory.path().join(name);
            std::fs::write(&path, made.cert.pem()).unwrap();
            (path.display().to_string(), made.cert.der().clone())
        };
        let ((a, of_a), (b, of_b)) = (file("a"), file("b"));
        let gone = directory.path().join("gone").display().to_string();
        let found = |variables: &[(&str, &str)]| {
            of_environment("test", &|name| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| value.into())
            })
        };
        let one = |variables: &[(&str, &str)]| found(variables).unwrap();
        assert_eq!(one(&[]), None);
        assert_eq!(one(&[("SSL_CERT_FILE", "")]), None);
        assert_eq!(one(&[("SSL_CERT_FILE", "  ")]), None);
        assert_eq!(
            one(&[("SSL_CERT_DIR", &a), ("CURL_CA_BUNDLE", &gone)]),
            None
        );
        for (variables, certificate) in [
            ([("SSL_CERT_FILE", &*a), ("REQUESTS_CA_BUNDLE", &*b)], &of_a),
            ([("SSL_CERT_FILE", &a), ("CURL_CA_BUNDLE", &gone)], &of_a),
            ([("SSL_CERT_FILE", ""), ("REQUESTS_CA_BUNDLE", &b)], &of_b),
            ([("REQUESTS_CA_BUNDLE", &a), ("CURL_CA_BUNDLE", &b)], &of_a),
            ([("REQUESTS_CA_BUNDLE", ""), ("CURL_CA_BUNDLE", &b)], &of_b),
        ] {
            assert_eq!(
                one(&variables),
                Some(vec![certificate.clone()]),
                "{variables:?}"
            );
        }
        for name in BUNDLES {
            let shown = found(&[(name, &gone)]).unwrap_err().to_string();
            assert!(shown.contains(name) && shown.contains(&gone), "{shown}");
        }
    }
}
