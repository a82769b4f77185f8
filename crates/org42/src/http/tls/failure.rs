//! Words for failures of encryption; whether to try again is decided elsewhere.

use std::fmt;
use std::io;

use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error as TlsError, InvalidMessage, OtherError};

use super::verifier::Doubt;

const TRUST: &str = "if it is the right one, trust its issuer, or the certificate itself: give it as a CA bundle \
                     (--ca-bundle FILE, or ClientBuilder::ca_bundle)";

const ITSELF: &str = "if it is the right one, give the server's certificate itself as a CA bundle (--ca-bundle FILE, or \
                      ClientBuilder::ca_bundle)";

/// The reason why a connection could not be encrypted.
pub(crate) struct NoEncryption {
    pub(crate) message: String,
    /// Whether another attempt is useless.
    pub(crate) lasting: bool,
    pub(crate) hint: Option<&'static str>,
}

/// Reads the reason why a connection to `end` could not be encrypted; `None` if there are no words for it.
pub(crate) fn no_encryption(end: &impl fmt::Display, error: &io::Error) -> Option<NoEncryption> {
    let reason = error.get_ref()?.downcast_ref::<TlsError>()?;
    Some(match reason {
        TlsError::InvalidCertificate(check) => {
            let (words, hint) = failed(check);
            NoEncryption {
                message: format!("the certificate of {end} is not trusted: {words}"),
                lasting: true,
                hint: Some(hint),
            }
        }
        TlsError::InvalidMessage(InvalidMessage::InvalidContentType) => NoEncryption {
            message: format!(
                "{end} does not encrypt; if that is right, write http:// before its name"
            ),
            lasting: false,
            hint: None,
        },
        TlsError::PeerIncompatible(_)
        | TlsError::AlertReceived(
            AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure,
        ) => NoEncryption {
            message: format!(
                "no connection to {end}: it knows no encryption of TLS 1.2 or 1.3 that is safe"
            ),
            lasting: true,
            hint: None,
        },
        _ => return None,
    })
}

/// Returns which check a certificate has failed, and what to do about it.
fn failed(check: &CertificateError) -> (String, &'static str) {
    const RENEW: &str =
        "the server needs another certificate, unless this machine's clock is wrong";
    match check {
        CertificateError::Expired => ("it has expired".to_owned(), RENEW),
        CertificateError::ExpiredContext { not_after, .. } => {
            (format!("it expired on {}", day(*not_after)), RENEW)
        }
        CertificateError::NotValidYet => ("it is not valid yet".to_owned(), RENEW),
        CertificateError::NotValidYetContext { not_before, .. } => (
            format!("it is not valid before {}", day(*not_before)),
            RENEW,
        ),
        CertificateError::NotValidForName => (
            "it is for another name".to_owned(),
            "use the name that it is for",
        ),
        CertificateError::NotValidForNameContext { presented, .. } => match presented.is_empty() {
            true => (
                "it has no names of hosts, or has one only in its CN".to_owned(),
                ITSELF,
            ),
            false => {
                let names = format!("it is for {}, not for this name", shown(presented));
                (names, "use a name that it is for")
            }
        },
        CertificateError::UnknownIssuer => {
            ("nobody who is trusted here has issued it".to_owned(), TRUST)
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            ("it is not for servers".to_owned(), RENEW)
        }
        CertificateError::BadSignature => (
            "its signature is wrong, or who answers does not have its key".to_owned(),
            "somebody may be in between: ask who runs the server",
        ),
        CertificateError::Revoked => ("it has been revoked".to_owned(), RENEW),
        CertificateError::Other(reason) if is_of_authority(reason) => {
            ("it is an authority's, not a server's".to_owned(), TRUST)
        }
        CertificateError::Other(reason) if is_of_first_version(reason) => {
            ("it is of X.509 version 1".to_owned(), ITSELF)
        }
        CertificateError::Other(reason) => match reason.0.downcast_ref() {
            Some(Doubt::Renewed) => (
                "nobody who is trusted here has issued it; the bundle has another certificate of that name: has the server \
                 renewed it?"
                    .to_owned(),
                "ask who runs the server for the new one, and give that as a CA bundle (--ca-bundle FILE, or \
                 ClientBuilder::ca_bundle)",
            ),
            Some(weak @ Doubt::WeakKey(_)) => (
                format!("{weak}, or who answers does not have it"),
                "the server needs a certificate with a key of 2048 bits or more",
            ),
            None => (reason.to_string(), TRUST),
        },
        other => (other.to_string(), TRUST),
    }
}

fn is_of_first_version(reason: &OtherError) -> bool {
    matches!(
        reason.0.downcast_ref(),
        Some(webpki::Error::UnsupportedCertVersion)
    )
}

fn is_of_authority(reason: &OtherError) -> bool {
    matches!(
        reason.0.downcast_ref(),
        Some(webpki::Error::CaUsedAsEndEntity)
    )
}

fn day(time: UnixTime) -> String {
    let second = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match Timestamp::from_second(second) {
        Ok(time) => time.strftime("%Y-%m-%d").to_string(),
        Err(_) => "a day beyond the calendar".to_owned(),
    }
}

/// Renders a few of the names, without control characters that a terminal might obey.
fn shown(names: &[String]) -> String {
    let clean = |name: &String| -> String {
        let name = name
            .strip_prefix("DnsName(\"")
            .and_then(|rest| rest.strip_suffix("\")"))
            .unwrap_or(name);
        name.chars().filter(|c| !c.is_control()).take(80).collect()
    };
    let mut list = names.iter().take(5).map(clean).collect::<Vec<_>>();
    if names.len() > list.len() {
        list.push("others".to_owned());
    }
    list.join(", ")
}
