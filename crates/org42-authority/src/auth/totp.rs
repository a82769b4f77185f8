//! One-time codes: RFC 6238 with SHA-1, six digits and steps of 30 seconds, as authenticator apps expect.

use org42_types::Timestamp;
use totp_rs::{Builder, Secret};

use crate::domain::{Entropy, Totp};

const STEP_SECONDS: u64 = 30;

/// Returns a new secret, of 160 bits.
pub(crate) fn new_secret(entropy: &Entropy) -> Vec<u8> {
    let mut secret = vec![0; 20];
    entropy.fill(&mut secret);
    secret
}

/// Returns the secret in the form that authenticator apps take.
pub(crate) fn base32(secret: &[u8]) -> String {
    Secret::from(secret.to_vec()).to_base32()
}

/// Returns the code that is valid at `now`; `None` when the secret is too short.
#[cfg(test)]
pub(crate) fn code_at(secret: &[u8], now: Timestamp) -> Option<String> {
    Some(generator(secret)?.generate(seconds(now)?).to_string())
}

/// Returns the time step of `code`, if it is valid: the present step, the one before or the one after, and later than
/// any that was accepted before.
///
/// The code is used up once the step is stored as the user's [`last_step`](Totp::last_step).
pub(crate) fn check(totp: &Totp, code: &str, now: Timestamp) -> Option<u64> {
    let step = generator(&totp.secret)?.check(code, seconds(now)?)?;
    (step > totp.last_step).then_some(step)
}

fn generator(secret: &[u8]) -> Option<totp_rs::Totp> {
    Builder::new()
        .with_step_duration(STEP_SECONDS)
        .with_skew(1)
        .with_secret(secret.to_vec())
        .build()
        .ok()
}

fn seconds(now: Timestamp) -> Option<u64> {
    u64::try_from(now.as_millis() / 1000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000).unwrap()
    }

    fn totp(last_step: u64) -> Totp {
        Totp {
            secret: SECRET.to_vec(),
            last_step,
        }
    }

    #[test]
    fn the_codes_are_those_of_the_rfc() {
        // RFC 6238, appendix B, SHA-1: the last six of its eight digits.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(
                code_at(SECRET, at(seconds)).as_deref(),
                Some(code),
                "{seconds}"
            );
            assert_eq!(
                check(&totp(0), code, at(seconds)),
                Some(seconds as u64 / 30),
                "{seconds}"
            );
        }
    }

    #[test]
    fn a_code_is_good_for_one_step_more_on_either_side() {
        let code = code_at(SECRET, at(3000)).unwrap();
        let accepted = [2939, 2940, 2970, 3000, 3029, 3030, 3059, 3060]
            .map(|now| check(&totp(0), &code, at(now)));
        assert_eq!(
            accepted,
            [
                None,
                None,
                Some(100),
                Some(100),
                Some(100),
                Some(100),
                Some(100),
                None
            ]
        );
    }

    #[test]
    fn a_code_is_good_once_and_so_are_all_before_it() {
        let (before, code) = (
            code_at(SECRET, at(2970)).unwrap(),
            code_at(SECRET, at(3000)).unwrap(),
        );
        let step = check(&totp(0), &code, at(3000)).unwrap();
        assert_eq!(check(&totp(step), &code, at(3000)), None);
        assert_eq!(check(&totp(step), &code, at(3029)), None);
        assert_eq!(check(&totp(step), &before, at(3000)), None);
        let next = code_at(SECRET, at(3030)).unwrap();
        assert_eq!(check(&totp(step), &next, at(3030)), Some(step + 1));
    }

    #[test]
    fn what_is_no_code_is_refused() {
        let code = code_at(SECRET, at(3000)).unwrap();
        for wrong in [
            "",
            "000000",
            "abcdef",
            "+12345",
            &code[1..],
            &format!("{code}0"),
            &format!(" {code}"),
            "１２３４５６",
        ] {
            assert_eq!(check(&totp(0), wrong, at(3000)), None, "{wrong:?}");
        }
        assert_eq!(check(&totp(0), &code, at(-3000)), None);
        let empty = Totp {
            secret: Vec::new(),
            last_step: 0,
        };
        assert_eq!(
            (check(&empty, &code, at(3000)), code_at(&[], at(3000))),
            (None, None)
        );
    }

    #[test]
    fn secrets_differ_and_are_written_in_base32() {
        let entropy = Entropy::from_seed(42);
        let (one, other) = (new_secret(&entropy), new_secret(&entropy));
        assert_eq!((one.len(), other.len()), (20, 20));
        assert_ne!(one, other);
        assert_eq!(base32(SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }
}
