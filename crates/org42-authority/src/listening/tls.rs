//! TLS: a certificate and its key, read from files.

use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, InconsistentKeys, ServerConfig};
use tokio_rustls::{Accept, TlsAcceptor};

use crate::error::StartError;

/// A certificate with its key, for an authority that is served with TLS.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    /// Reads a chain of certificates, the server's own first, and the key of that one; both are PEM files.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, does not hold a certificate or key, or when the key belongs to another
    /// certificate.
    pub fn from_files(certificates: &Path, key: &Path) -> Result<Self, StartError> {
        let chain = read_chain(certificates)?;
        let secret = read_key(key)?;
        let provider = Arc::new(ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|versions| {
                versions
                    .with_no_client_auth()
                    .with_single_cert(chain, secret)
            });
        let mut config = config.map_err(|error| unfit(certificates, key, &error))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    pub(super) fn accept(&self, tcp: TcpStream) -> Accept<TcpStream> {
        self.0.accept(tcp)
    }
}

fn refused(file: &Path, why: &str) -> StartError {
    StartError::Refused(format!("{}: {why}", file.display()))
}

fn unfit(certificates: &Path, key: &Path, error: &rustls::Error) -> StartError {
    match error {
        rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => refused(
            key,
            &format!(
                "this is the key of another certificate than the first one in {}",
                certificates.display()
            ),
        ),
        rustls::Error::InvalidCertificate(why) => refused(
            certificates,
            &format!("the first certificate cannot be used: {why:?}"),
        ),
        other => refused(key, &format!("the key cannot be used: {other}")),
    }
}

fn read_chain(file: &Path) -> Result<Vec<CertificateDer<'static>>, StartError> {
    let text = read(file)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let chain = chain.map_err(|error| refused(file, &format!("no certificate in PEM: {error}")))?;
    match chain.is_empty() {
        true => Err(refused(file, &nothing_in(&text, "CERTIFICATE"))),
        false => Ok(chain),
    }
}

fn read_key(file: &Path) -> Result<PrivateKeyDer<'static>, StartError> {
    let text = read(file)?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| {
        let is_locked = text
            .windows(ENCRYPTED.len())
            .any(|window| window == ENCRYPTED);
        let why = match error {
            _ if is_locked => {
                "the key is encrypted with a password; openssl pkey -in FILE writes it \
                               without"
                    .to_owned()
            }
            pem::Error::NoItemsFound => nothing_in(&text, "PRIVATE KEY"),
            other => format!("no private key in PEM: {other}"),
        };
        refused(file, &why)
    })
}

/// The mark in keys that are encrypted with a password.
const ENCRYPTED: &[u8] = b"ENCRYPTED";

fn nothing_in(text: &[u8], what: &str) -> String {
    // Binary (DER) certificates and keys begin with this byte.
    let hint = match text.first() {
        Some(0x30) => "; it looks like DER, and PEM is wanted",
        _ => "",
    };
    format!("there is no -----BEGIN {what}----- in it{hint}")
}

/// Reads a text file as any editor may have saved it: in UTF-16 too, recognized by its byte order mark or by the
/// zeros of Latin text.
fn read(file: &Path) -> Result<Vec<u8>, StartError> {
    let attempt = || format!("read {}", file.display());
    let bytes = fs::read(file).map_err(|error| StartError::Io(attempt(), error))?;
    let units = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| unit([pair[0], pair[1]]))
            .collect();
        String::from_utf16_lossy(&units).into_bytes()
    };
    Ok(match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => units(rest, u16::from_be_bytes),
        [_, 0, ..] => units(&bytes, u16::from_le_bytes),
        [0, _, ..] => units(&bytes, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => rest.to_vec(),
        _ => bytes,
    })
}
