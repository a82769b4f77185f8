//! Secrets of API clients and agents, of 256 random bits: stored as a digest, compared in constant time.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Returns the digest of `secret` to be stored: its SHA-256.
///
/// That is enough for secrets that cannot be guessed; passwords need [`Passwords`](super::Passwords).
pub(crate) fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// Returns whether `digest` is that of `secret`. The time it takes does not depend on how much of it is right.
pub(crate) fn matches(secret: &str, digest: &[u8]) -> bool {
    self::digest(secret).as_slice().ct_eq(digest).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_itself_matches() {
        let stored = digest("correct horse");
        assert!(matches("correct horse", &stored));
        for wrong in ["", "correct hors", "correct horse ", "Correct horse"] {
            assert!(!matches(wrong, &stored), "{wrong:?}");
        }
    }

    #[test]
    fn a_damaged_digest_matches_nothing() {
        let stored = digest("");
        for damaged in [&[][..], &stored[..31], &[stored.clone(), vec![0]].concat()] {
            assert!(!matches("", damaged));
        }
    }

    #[test]
    fn it_is_sha_256() {
        let hex: String = digest("abc")
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(
            hex,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
