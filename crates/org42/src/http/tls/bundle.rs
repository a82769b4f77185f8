//! Reads files with certificates, as people and other tools write them.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::http::buffers::Buffers;
use crate::http::text::decoded;

/// The most bytes of a file; far more than all authorities of the world need.
const LARGEST: u64 = 16 * 1024 * 1024;

/// The most bytes of a file's text in UTF-8.
const LONGEST_TEXT: usize = 32 * 1024 * 1024;

/// The reason why a bundle cannot be used, as the rest of a sentence about it.
#[derive(Debug)]
pub(crate) enum Unusable {
    Unreadable(io::Error),
    TooLarge,
    Pipe,
    Broken,
    Empty,
}

impl Unusable {
    pub(crate) fn words(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "cannot be read",
            Self::TooLarge => "is larger than 16 MiB",
            Self::Pipe => "is a named pipe, which perhaps nobody ever writes to",
            Self::Broken => "has a certificate in it that is not complete",
            Self::Empty => "has no certificate in it that can be read",
        }
    }
}

/// Reads a file, or each file of a directory, where files without certificates are skipped.
pub(crate) fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>, Unusable> {
    match path.is_dir() {
        true => of_directory(path),
        false => certificates(&content(path)?),
    }
}

fn of_directory(path: &Path) -> Result<Vec<CertificateDer<'static>>, Unusable> {
    let mut all = Vec::new();
    for entry in path.read_dir().map_err(Unusable::Unreadable)? {
        let path = entry.map_err(Unusable::Unreadable)?.path();
        if path.is_file() {
            let found = content(&path).and_then(|content| certificates(&content));
            all.extend(found.unwrap_or_default());
        }
    }
    // A directory of hashed names contains each certificate twice.
    all.sort_by(|left: &CertificateDer<'_>, right| left.as_ref().cmp(right.as_ref()));
    all.dedup();
    match all.is_empty() {
        true => Err(Unusable::Empty),
        false => Ok(all),
    }
}

fn content(path: &Path) -> Result<Vec<u8>, Unusable> {
    if is_named_pipe(path) {
        return Err(Unusable::Pipe);
    }
    let mut content = Vec::new();
    let file = File::open(path).map_err(Unusable::Unreadable)?;
    let read = file.take(LARGEST + 1).read_to_end(&mut content);
    match read.map_err(Unusable::Unreadable)? as u64 > LARGEST {
        true => Err(Unusable::TooLarge),
        false => Ok(content),
    }
}

/// Returns whether opening the file would wait for a writer. A pipe that a shell hands over, as with `<(…)`, has its
/// writer.
#[cfg(unix)]
fn is_named_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    let is_handed_over = ["/dev/fd", "/dev/stdin", "/proc"]
        .iter()
        .any(|place| path.starts_with(place));
    !is_handed_over
        && path
            .metadata()
            .is_ok_and(|found| found.file_type().is_fifo())
}

/// Returns `false`: this system has no named pipes among its files.
#[cfg(not(unix))]
fn is_named_pipe(_: &Path) -> bool {
    false
}

/// Reads certificates: DER, or PEM in any encoding with any text around it.
pub(crate) fn certificates(content: &[u8]) -> Result<Vec<CertificateDer<'static>>, Unusable> {
    let text = decoded(content.to_vec(), LONGEST_TEXT, &Buffers::default());
    let found = match text.filter(|text| text.contains("-----BEGIN ")) {
        Some(pem) => of_pem(&pem)?,
        None => of_der(content),
    };
    match found.is_empty() {
        true => Err(Unusable::Empty),
        false => Ok(found),
    }
}

fn of_pem(text: &str) -> Result<Vec<CertificateDer<'static>>, Unusable> {
    // OpenSSL has two more names for a certificate; one of them comes with more data, which is cut off.
    let text = text
        .replace(" X509 CERTIFICATE-----", " CERTIFICATE-----")
        .replace(" TRUSTED CERTIFICATE-----", " CERTIFICATE-----");
    let lines: Vec<&str> = text.split(['\r', '\n']).map(str::trim).collect();
    let mut all = Vec::new();
    for found in CertificateDer::pem_slice_iter(lines.join("\n").as_bytes()) {
        let found = found.map_err(|_| Unusable::Broken)?;
        all.extend(one(&found).map(|(certificate, _)| certificate));
    }
    Ok(all)
}

fn of_der(mut content: &[u8]) -> Vec<CertificateDer<'static>> {
    let mut all = Vec::new();
    while let Some((certificate, rest)) = one(content) {
        all.push(certificate);
        content = rest;
    }
    all
}

fn one(der: &[u8]) -> Option<(CertificateDer<'static>, &[u8])> {
    let (rest, _) = X509Certificate::from_der(der).ok()?;
    let own = der.get(..der.len() - rest.len())?;
    Some((CertificateDer::from(own.to_vec()), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> (String, Vec<u8>) {
        let made = rcgen::generate_simple_self_signed(["a.example".to_owned()]).unwrap();
        (made.cert.pem(), made.cert.der().to_vec())
    }

    #[test]
    fn every_form_is_read() {
        let (pem, der) = made();
        let units = |unit: fn(u16) -> [u8; 2], text: &str| -> Vec<u8> {
            text.encode_utf16().flat_map(unit).collect()
        };
        let marked = format!("\u{feff}{pem}");
        for (form, content) in [
            ("PEM", pem.clone().into_bytes()),
            ("PEM with a mark", marked.clone().into_bytes()),
            ("CRLF", pem.replace('\n', "\r\n").into_bytes()),
            ("CR", pem.replace('\n', "\r").into_bytes()),
            ("no end of line", pem.trim_end().into()),
            ("indented", pem.replace('\n', "\n  ").into_bytes()),
            ("text around", format!("subject=CN\n{pem}\n# end\n").into()),
            ("UTF-16, little", units(u16::to_le_bytes, &marked)),
            ("UTF-16, big", units(u16::to_be_bytes, &marked)),
            ("UTF-16, no mark", units(u16::to_le_bytes, &pem)),
            ("DER", der.clone()),
            (
                "old name",
                pem.replace("CERTIFICATE", "X509 CERTIFICATE").into(),
            ),
            (
                "trusted",
                pem.replace("CERTIFICATE", "TRUSTED CERTIFICATE").into(),
            ),
        ] {
            let found = certificates(&content).unwrap();
            assert_eq!(found, [CertificateDer::from(der.clone())], "{form}");
        }
    }

    #[test]
    fn several_are_read_and_a_key_is_not() {
        let ((one, der), (two, other)) = (made(), made());
        let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        for content in [
            format!("{one}{key}{two}").into_bytes(),
            [der.clone(), other.clone()].concat(),
        ] {
            let found = certificates(&content).unwrap();
            let both = [&der, &other].map(|der| CertificateDer::from(der.clone()));
            assert_eq!(found, both);
        }
    }

    #[test]
    fn what_is_none_is_told() {
        let (pem, der) = made();
        let cut = pem.replace("-----END CERTIFICATE-----", "");
        assert!(matches!(
            certificates(cut.as_bytes()),
            Err(Unusable::Broken)
        ));
        for content in [
            &b""[..],
            b"no certificate",
            &der[..der.len() - 1],
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            assert!(matches!(certificates(content), Err(Unusable::Empty)));
        }
    }

    #[test]
    fn a_directory_is_read_file_by_file() {
        let directory = tempfile::tempdir().unwrap();
        let (pem, der) = made();
        for (name, content) in [("a.pem", &*pem), ("0a.0", &*pem), ("README", "hello")] {
            std::fs::write(directory.path().join(name), content).unwrap();
        }
        let found = read(directory.path()).unwrap();
        assert_eq!(found, [CertificateDer::from(der)]);
        let gone = read(&directory.path().join("gone"));
        assert!(matches!(gone, Err(Unusable::Unreadable(_))));
        if cfg!(target_os = "linux") {
            assert!(matches!(
                read(Path::new("/dev/zero")),
                Err(Unusable::TooLarge)
            ));
        }
    }
}
