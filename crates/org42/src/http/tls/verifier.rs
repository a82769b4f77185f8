//! Decides which certificates of servers are trusted.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, PeerMisbehaved, RootCertStore,
    SignatureScheme,
};
use x509_parser::prelude::{FromDer as _, X509Certificate, X509Version};
use x509_parser::public_key::PublicKey;

use super::names::Names;

/// Trusts the certificates of a bundle themselves, and those that the authorities among them have issued.
///
/// The verifier of rustls does not accept a server's certificate as its own authority, does not know common names, and
/// treats every certificate of a bundle as an authority, so that the holder of one could issue others.
#[derive(Debug)]
pub(crate) struct Bundle {
    own: Vec<CertificateDer<'static>>,
    issued: Option<Arc<WebPkiServerVerifier>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Bundle {
    pub(crate) fn new(own: Vec<CertificateDer<'static>>, provider: &Arc<CryptoProvider>) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(own.iter().filter(|der| is_authority(der)).cloned());
        let issued = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone());
        Self {
            own,
            // Without authorities in the bundle there is no verifier for issued certificates.
            issued: issued.build().ok(),
            algorithms: provider.signature_verification_algorithms,
        }
    }

    /// Returns whether the common name may count as the host's name: the certificate has no other names, and no
    /// authority above it is limited to some names.
    fn may_count_common_name(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
    ) -> bool {
        let has_no_others = X509Certificate::from_der(certificate)
            .is_ok_and(|(_, read)| matches!(read.subject_alternative_name(), Ok(None)));
        let is_free = |der: &CertificateDer<'_>| {
            X509Certificate::from_der(der)
                .is_ok_and(|(_, read)| matches!(read.name_constraints(), Ok(None)))
        };
        has_no_others && self.own.iter().chain(intermediates).all(is_free)
    }

    /// Returns whether a certificate claims to have signed itself, and has the name of one in the bundle.
    fn has_namesake(&self, certificate: &CertificateDer<'_>) -> bool {
        let Ok((_, shown)) = X509Certificate::from_der(certificate) else {
            return false;
        };
        let is_namesake = |own: &CertificateDer<'_>| {
            X509Certificate::from_der(own)
                .is_ok_and(|(_, own)| own.subject().as_raw() == shown.subject().as_raw())
        };
        shown.subject().as_raw() == shown.issuer().as_raw() && self.own.iter().any(is_namesake)
    }

    fn is_own(&self, certificate: &CertificateDer<'_>) -> bool {
        self.own
            .iter()
            .any(|own| own.as_ref() == certificate.as_ref())
    }
}

/// Returns whether a certificate claims to be an authority. Certificates of the first version cannot.
fn is_authority(der: &CertificateDer<'_>) -> bool {
    X509Certificate::from_der(der).is_ok_and(|(_, certificate)| {
        certificate.version() == X509Version::V3 && certificate.is_ca()
    })
}

/// Reasons that rustls has no word for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// The bundle has another certificate of the same name.
    Renewed,
    /// The RSA key has so few bits that an attacker could have found it out.
    WeakKey(usize),
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Renewed => f.write_str("the bundle has another certificate of that name"),
            Self::WeakKey(bits) => write!(f, "its RSA key has only {bits} bits"),
        }
    }
}

impl std::error::Error for Doubt {}

fn other(doubt: Doubt) -> Error {
    CertificateError::Other(OtherError(Arc::new(doubt))).into()
}

/// Returns whether a certificate was refused because no trusted authority has signed it.
fn is_of_nobody(reason: &CertificateError) -> bool {
    match reason {
        CertificateError::BadSignature | CertificateError::UnknownIssuer => true,
        CertificateError::Other(reason) => matches!(
            reason.0.downcast_ref(),
            Some(webpki::Error::CaUsedAsEndEntity)
        ),
        _ => false,
    }
}

/// Names a weak key as the reason if a signature may be refused because of it.
fn unless_weak<T>(
    verified: Result<T, Error>,
    certificate: &CertificateDer<'_>,
) -> Result<T, Error> {
    const LEAST: usize = 2048;
    verified.map_err(|error| {
        let Ok((_, read)) = X509Certificate::from_der(certificate) else {
            return error;
        };
        match read.public_key().parsed() {
            Ok(PublicKey::RSA(key)) if key.key_size() < LEAST => {
                other(Doubt::WeakKey(key.key_size()))
            }
            _ => error,
        }
    })
}

fn read<'a>(der: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, Error> {
    match X509Certificate::from_der(der) {
        Ok((_, certificate)) => Ok(certificate),
        Err(_) => Err(CertificateError::BadEncoding.into()),
    }
}

/// Checks what a server's certificate must fulfil apart from its signatures.
fn check(
    certificate: &X509Certificate<'_>,
    name: &ServerName<'_>,
    now: UnixTime,
) -> Result<(), CertificateError> {
    let second = |time: i64| {
        let seconds = u64::try_from(time).unwrap_or(0);
        UnixTime::since_unix_epoch(Duration::from_secs(seconds))
    };
    let not_before = second(certificate.validity().not_before.timestamp());
    let not_after = second(certificate.validity().not_after.timestamp());
    if now < not_before {
        return Err(CertificateError::NotValidYetContext {
            time: now,
            not_before,
        });
    }
    if now > not_after {
        return Err(CertificateError::ExpiredContext {
            time: now,
            not_after,
        });
    }
    let purpose = certificate.extended_key_usage().ok().flatten();
    if purpose.is_some_and(|purpose| !purpose.value.any && !purpose.value.server_auth) {
        return Err(CertificateError::InvalidPurpose);
    }
    let names = Names::of(certificate);
    match names.include(name) {
        true => Ok(()),
        false => Err(CertificateError::NotValidForNameContext {
            expected: name.to_owned(),
            presented: names.all(),
        }),
    }
}

impl ServerCertVerifier for Bundle {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.is_own(certificate) {
            check(&read(certificate)?, name, now)?;
            return Ok(ServerCertVerified::assertion());
        }
        let verified = match &self.issued {
            Some(issued) => {
                issued.verify_server_cert(certificate, intermediates, name, ocsp_response, now)
            }
            None => Err(CertificateError::UnknownIssuer.into()),
        };
        match &verified {
            // The issuer was accepted before the name was checked.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.may_count_common_name(certificate, intermediates) => {
                check(&read(certificate)?, name, now)?;
                Ok(ServerCertVerified::assertion())
            }
            Err(Error::InvalidCertificate(reason))
                if is_of_nobody(reason) && self.has_namesake(certificate) =>
            {
                Err(other(Doubt::Renewed))
            }
            _ => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if !self.is_own(shown) {
            let verified = verify_tls12_signature(message, shown, signature, &self.algorithms);
            return unless_weak(verified, shown);
        }
        let certificate = read(shown)?;
        let key = SubjectPublicKeyInfoDer::from(certificate.public_key().raw);
        let key = webpki::RawPublicKeyEntity::try_from(&key)
            .map_err(|_| Error::from(CertificateError::BadEncoding))?;
        let mut fitting = self.algorithms.mapping.iter();
        let (_, algorithms) = fitting
            .find(|(scheme, _)| *scheme == signature.scheme)
            .ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
        let verified = algorithms.iter().any(|algorithm| {
            key.verify_signature(*algorithm, message, signature.signature())
                .is_ok()
        });
        match verified {
            true => Ok(HandshakeSignatureValid::assertion()),
            false => unless_weak(Err(CertificateError::BadSignature.into()), shown),
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if !self.is_own(shown) {
            let verified = verify_tls13_signature(message, shown, signature, &self.algorithms);
            return unless_weak(verified, shown);
        }
        // Checks the signature by the key alone: rustls does not read certificates of the first version.
        let certificate = read(shown)?;
        let key = SubjectPublicKeyInfoDer::from(certificate.public_key().raw);
        let verified =
            verify_tls13_signature_with_raw_key(message, &key, signature, &self.algorithms);
        unless_weak(verified, shown)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Accepts every certificate.
#[derive(Debug)]
pub(crate) struct Anything(pub(crate) WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Anything {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
