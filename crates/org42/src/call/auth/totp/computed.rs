//! One-time codes that are computed from the secret of an authenticator app and the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;

use super::SpentCode;
use super::setup::Settings;
use super::typed::{code_in, unusable};
use crate::call::auth::secret::Secret;
use crate::error::Result;
use crate::http::dates::now;

/// The fewest bytes of a secret: 16 letters of base32, as many applications create it.
const LEAST_BYTES: usize = 10;

/// One-time codes from a secret, which may come from a callback.
pub(crate) struct Computed {
    secret: Secret,
    codes: OnceCell<Codes>,
}

impl Computed {
    pub(crate) fn of(secret: SecretString) -> Result<Arc<Self>> {
        let codes = OnceCell::new_with(Some(Codes::of(&secret)?));
        let secret = Secret::Known(secret);
        Ok(Arc::new(Self { secret, codes }))
    }

    pub(crate) fn asking(secret: Secret) -> Arc<Self> {
        let codes = OnceCell::new();
        Arc::new(Self { secret, codes })
    }

    pub(super) fn known(&self) -> Vec<SecretString> {
        let codes = self.codes.get();
        codes.map_or_else(Vec::new, |codes| codes.known.to_vec())
    }

    pub(super) async fn next(&self) -> Result<SpentCode> {
        if let Some(codes) = self.codes.get() {
            return Ok(SpentCode::computed(codes.next().await.into()));
        }
        let given = self.secret.get().await?;
        // The callback may return a code instead; a usable secret is never as short.
        if let Ok(code) = code_in(&given) {
            self.secret.forget().await;
            return Ok(SpentCode::given(code));
        }
        let read = || async {
            let read = Codes::of(&given);
            if read.is_err() {
                self.secret.forget().await;
            }
            read
        };
        let codes = self.codes.get_or_try_init(read).await?;
        Ok(SpentCode::computed(codes.next().await.into()))
    }
}

/// The one-time codes of a shared secret, each used once.
struct Codes {
    totp: totp_rs::Totp,
    step_seconds: u64,
    used: AtomicU64,
    /// The secret as it was set, and in base32.
    known: [SecretString; 2],
}

impl Codes {
    fn of(typed: &SecretString) -> Result<Self> {
        let settings = Settings::read(typed.expose_secret())?;
        let secret = totp_rs::Secret::try_from_base32(&settings.secret);
        // The reason could repeat the secret, so it is not added.
        let secret = secret
            .ok()
            .filter(|secret| secret.as_ref().len() >= LEAST_BYTES)
            .ok_or_else(|| {
                unusable("the secret for one-time codes is not 10 or more bytes in base32")
            })?;
        // Many applications use shorter secrets than the standard demands.
        let totp = totp_rs::Builder::new()
            .with_algorithm(settings.algorithm)
            .with_digits(settings.digits)
            .with_step_duration(settings.step_seconds)
            .with_secret(secret)
            .build_noncompliant();
        Ok(Self {
            totp,
            step_seconds: settings.step_seconds,
            used: AtomicU64::new(0),
            known: [typed.clone(), settings.secret.into()],
        })
    }

    async fn next(&self) -> String {
        let seconds = u64::try_from(now().as_second()).unwrap_or_default();
        let step = unused_step(&self.used, seconds / self.step_seconds);
        // A code is valid once, so the next login has to wait for the next time step.
        let wait = (step * self.step_seconds).saturating_sub(seconds);
        tokio::time::sleep(Duration::from_secs(wait)).await;
        self.totp.generate(step * self.step_seconds).to_string()
    }
}

/// Returns the current time step, or the first one after it whose code was not used yet, and marks it as used.
fn unused_step(used: &AtomicU64, current: u64) -> u64 {
    let later = |last: u64| Some(current.max(last + 1));
    let last = used.fetch_update(Ordering::SeqCst, Ordering::SeqCst, later);
    current.max(last.unwrap_or_default() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn at(typed: &str, seconds: u64) -> Result<String> {
        Codes::of(&typed.into()).map(|codes| codes.totp.generate(seconds).to_string())
    }

    #[tokio::test]
    async fn a_code_in_place_of_a_secret_is_not_computed() {
        for (given, is_computed) in [("123 456", false), (SECRET, true)] {
            let asked = Secret::ask(move || async move { Ok::<_, Error>(given) });
            let code = Computed::asking(asked).next().await.unwrap();
            assert_eq!(code.is_computed, is_computed, "{given}");
        }
    }

    #[test]
    fn no_step_is_used_twice() {
        let used = AtomicU64::new(0);
        let steps = [7, 7, 7, 20, 19].map(|current| unused_step(&used, current));
        assert_eq!(steps, [7, 8, 9, 20, 21]);
    }

    #[test]
    fn a_secret_is_read_as_applications_show_it() {
        // RFC 6238, appendix B, SHA-1: the last six of its eight digits.
        let lower = SECRET.to_lowercase();
        let spaced = lower
            .as_bytes()
            .chunks(4)
            .map(|four| std::str::from_utf8(four).unwrap());
        let spaced: Vec<&str> = spaced.collect();
        for typed in [
            SECRET.to_owned(),
            lower.clone(),
            spaced.join(" "),
            spaced.join("-"),
            spaced.join("\u{a0}"),
            format!("{SECRET}====\n"),
            format!("secret={SECRET}"),
            format!("Key: {lower}\n"),
            format!("\"{SECRET}=\""),
            format!("Secret key: '{SECRET}'"),
            format!("secret=\"otpauth://totp/x?secret={SECRET}&amp;period=&amp;digits=6\""),
            format!("otpauth://totp/ACME:ann@example.com?secret={SECRET}&issuer=ACME"),
            format!(
                "OTPAUTH://TOTP/x?issuer=a&SECRET={lower}&algorithm=HmacSHA1&digits=6&period=30"
            ),
            format!(
                "\u{feff}otpauth://totp/ACME%20Co:ann?secret={}%3D%3D \r\n",
                spaced.join("%20")
            ),
        ] {
            assert_eq!(at(&typed, 59).unwrap(), "287082", "{typed}");
        }
        // 80 bits, by which many applications are set up; oathtool gives the same.
        assert_eq!(at("GEZDGNBVGY3TQOJQ", 59).unwrap().len(), 6);
        let eight = format!("otpauth://totp/x?secret={SECRET}&digits=8");
        assert_eq!(at(&eight, 1_111_111_109).unwrap(), "07081804");
        let long = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA";
        let sha256 = format!("otpauth://totp/x?secret={long}&digits=8&algorithm=sha-256");
        assert_eq!(at(&sha256, 59).unwrap(), "46119246");
        let slow = format!("otpauth://totp/x?secret={SECRET}&period=60");
        assert_eq!(at(&slow, 59 * 2).unwrap(), "287082");
        assert_eq!(Codes::of(&slow.into()).unwrap().step_seconds, 60);
    }

    #[test]
    fn a_secret_that_cannot_be_used_is_refused_with_words() {
        for (typed, word) in [
            (
                format!("otpauth://hotp/x?secret={SECRET}&counter=1"),
                "hotp",
            ),
            (format!("otpauth://steam/x?secret={SECRET}"), "not one"),
            (
                "otpauth-migration://offline?data=CjEKCkhlbGxv".to_owned(),
                "export",
            ),
            (
                format!("otpauth://totp/x?secret={SECRET}&digits=5"),
                "digits",
            ),
            (
                format!("otpauth://totp/x?secret={SECRET}&period=0"),
                "period",
            ),
            (
                format!("otpauth://totp/x?secret={SECRET}&algorithm=MD5"),
                "algorithm",
            ),
            ("otpauth://totp/x?issuer=ACME".to_owned(), "no secret"),
            ("GEZDGNBV".to_owned(), "10 or more bytes"),
            (format!("seed={SECRET}"), "base32"),
            ("GEZDGNB=VGY3TQOJQ".to_owned(), "base32"),
            ("hunter22".to_owned(), "base32"),
            ("otpauth".to_owned(), "cannot be read"),
        ] {
            let error = at(&typed, 0).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(
                error.is_invalid_input() && shown.contains(word),
                "{typed}: {shown}"
            );
            assert!(
                !shown.contains(SECRET) && !shown.contains("hunter"),
                "{shown}"
            );
        }
    }
}
