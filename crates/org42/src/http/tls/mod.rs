//! Encryption: which servers a client trusts, and its words about those that it does not. No connection is opened
//! here.

mod bundle;
pub(crate) mod failure;
mod names;
mod trust;
mod verifier;

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;

use crate::error::{Error, Result};

pub(crate) use bundle::certificates;
pub(crate) use trust::bundle;

/// The certificates that a client trusts.
pub(crate) enum Trust {
    /// These, and no others.
    Only(Vec<CertificateDer<'static>>),
    /// Those of the environment or the system.
    Usual,
    Anybody,
}

/// Returns a configuration for TLS 1.2 and 1.3 with the cryptography of the process, or else of this build.
pub(crate) fn config(operation: &str, trust: Trust) -> Result<ClientConfig> {
    let provider = CryptoProvider::get_default().cloned().or_else(provider);
    let provider = provider.ok_or_else(|| {
        Error::input(operation, "this program was built without encryption").with_hint(
            "enable the feature ring or aws-lc-rs of org42, or install a provider of rustls",
        )
    })?;
    let verifier: Arc<dyn ServerCertVerifier> = match trust {
        Trust::Only(own) => Arc::new(verifier::Bundle::new(own, &provider)),
        Trust::Usual => trust::usual(operation, &provider)?,
        Trust::Anybody => Arc::new(verifier::Anything(
            provider.signature_verification_algorithms,
        )),
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|reason| Error::input(operation, "there is no encryption").because(reason))?;
    let mut config = builder
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Returns the cryptography that this crate was built with.
fn provider() -> Option<Arc<CryptoProvider>> {
    #[cfg(feature = "aws-lc-rs")]
    return Some(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    #[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
    return Some(Arc::new(rustls::crypto::ring::default_provider()));
    #[cfg(not(any(feature = "aws-lc-rs", feature = "ring")))]
    return None;
}
