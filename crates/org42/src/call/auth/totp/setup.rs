//! Reads the secret that an authenticator app is set up with: base32, or an `otpauth://` address.

use url::Url;

use super::typed::{is_address, is_filler, unusable, unwrapped};
use crate::error::Result;

/// How long a one-time code is the current one, unless the address sets another time.
const STEP_SECONDS: u64 = 30;

/// The settings that codes are computed with.
pub(super) struct Settings {
    /// The secret in base32, with nothing between the letters.
    pub(super) secret: String,
    pub(super) algorithm: totp_rs::Algorithm,
    pub(super) digits: u8,
    pub(super) step_seconds: u64,
}

impl Settings {
    pub(super) fn read(typed: &str) -> Result<Self> {
        let typed = unwrapped(typed);
        let mut settings = Self {
            secret: base32(typed),
            algorithm: totp_rs::Algorithm::SHA1,
            digits: 6,
            step_seconds: STEP_SECONDS,
        };
        if is_address(typed) {
            settings.secret.clear();
            settings.read_address(typed)?;
        }
        Ok(settings)
    }

    /// Reads `otpauth://totp/NAME?secret=…&algorithm=SHA1&digits=6&period=30`.
    fn read_address(&mut self, typed: &str) -> Result<()> {
        // A copy from a page's source has `&amp;` for `&`.
        let typed = typed.replace("&amp;", "&");
        let url = Url::parse(&typed)
            .map_err(|_| unusable("the otpauth:// address for one-time codes cannot be read"))?;
        if url.scheme() != "otpauth" {
            return Err(unusable(
                "this is the export of an application, with the secrets of several accounts: give the secret of one",
            ));
        }
        match url
            .host_str()
            .unwrap_or_default()
            .to_ascii_lowercase()
            .as_str()
        {
            "totp" => {}
            "hotp" => {
                return Err(unusable(
                    "this otpauth:// address is for codes that are counted (hotp); only those that go by the time (totp) can \
                     be computed",
                ));
            }
            _ => {
                return Err(unusable(
                    "this otpauth:// address is not one for one-time codes",
                ));
            }
        }
        for (name, value) in url.query_pairs() {
            let value = value.trim();
            let wrong = |what: &str| unusable(&format!("the otpauth:// address has {what}"));
            match name.to_ascii_lowercase().as_str() {
                // An empty parameter counts as missing.
                "algorithm" | "digits" | "period" if value.is_empty() => {}
                "secret" => self.secret = base32(value),
                "algorithm" => {
                    self.algorithm = algorithm(value).ok_or_else(|| {
                        wrong("an algorithm that is none of SHA1, SHA256 and SHA512")
                    })?;
                }
                "digits" => {
                    let digits = value.parse().ok().filter(|digits| (6..=8).contains(digits));
                    self.digits =
                        digits.ok_or_else(|| wrong("a number of digits other than 6 to 8"))?;
                }
                "period" => {
                    let period = value
                        .parse()
                        .ok()
                        .filter(|period| (5..=3600).contains(period));
                    self.step_seconds =
                        period.ok_or_else(|| wrong("a period other than 5 to 3600 seconds"))?;
                }
                _ => {}
            }
        }
        match self.secret.is_empty() {
            true => Err(unusable("the otpauth:// address has no secret in it")),
            false => Ok(()),
        }
    }
}

fn algorithm(name: &str) -> Option<totp_rs::Algorithm> {
    let name = name.to_ascii_uppercase().replace(['-', '_'], "");
    match name.trim_start_matches("HMAC") {
        "SHA1" => Some(totp_rs::Algorithm::SHA1),
        "SHA256" => Some(totp_rs::Algorithm::SHA256),
        "SHA512" => Some(totp_rs::Algorithm::SHA512),
        _ => None,
    }
}

/// Returns the base32 letters in upper case, without separators and without `=` at the end. A `=` elsewhere stays, and
/// is refused later.
fn base32(typed: &str) -> String {
    let letters: String = typed.chars().filter(|c| !is_filler(*c)).collect();
    letters.trim_end_matches('=').to_ascii_uppercase()
}
