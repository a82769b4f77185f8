//! One-time codes: as people and applications write them, and computed from the secret of an application.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;

use crate::credentials::{Ask, Secret};
use crate::error::{Error, Result};
use crate::retry::now;

const OPERATION: &str = "use these credentials";

/// How long a one-time code is the current one, where an application is not told otherwise.
const STEP_SECONDS: u64 = 30;

/// The fewest bytes that a secret has: 16 letters of base32, as many applications make it.
const LEAST_BYTES: usize = 10;

/// Where codes come from.
#[derive(Clone)]
pub(crate) enum Totp {
    /// A code as a value: good for one use.
    Once(Place),
    /// What was given as a code and is none.
    Never(Error),
    Ask(Ask),
    Computed(Arc<Computed>),
}

type Place = Arc<Mutex<Option<SecretString>>>;

impl Totp {
    pub(crate) fn once(code: &SecretString) -> Self {
        match code_in(code) {
            Ok(code) => Self::Once(Arc::new(Mutex::new(Some(code)))),
            // The address says by itself that it is what codes are computed from.
            Err(_) if is_address(unwrapped(code.expose_secret())) => {
                match Computed::of(code.clone()) {
                    Ok(computed) => Self::Computed(computed),
                    Err(error) => Self::Never(error),
                }
            }
            Err(error) => Self::Never(error),
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        match self {
            Self::Never(error) => Err(error.clone()),
            _ => Ok(()),
        }
    }

    /// Whether it gives the same code each time, if any.
    pub(crate) fn is_constant(&self) -> bool {
        matches!(self, Self::Once(_) | Self::Never(_))
    }

    pub(crate) async fn next(&self) -> Result<SecretString> {
        match self {
            Self::Once(place) => {
                let code = place.lock().unwrap_or_else(PoisonError::into_inner).take();
                code.ok_or_else(|| {
                    Error::credentials("the one-time code that was given has been used already").with_hint(
                        "sign in again with a new code, or give a callback that is asked for one (totp_with)",
                    )
                })
            }
            Self::Never(error) => Err(error.clone()),
            Self::Ask(ask) => {
                let asked = ask().await;
                code_in(&asked.map_err(|reason| {
                    Error::credentials("no one-time code was given").because(reason)
                })?)
            }
            Self::Computed(computed) => computed.next().await,
        }
    }

    /// What must not be shown of it.
    pub(crate) fn known(&self) -> Vec<SecretString> {
        match self {
            Self::Once(place) => {
                let code = place.lock().unwrap_or_else(PoisonError::into_inner);
                code.iter().cloned().collect()
            }
            Self::Computed(computed) => computed.known(),
            Self::Never(_) | Self::Ask(_) => Vec::new(),
        }
    }
}

/// A one-time code on its way to the server.
pub(crate) struct SpentCode {
    code: SecretString,
    place: Option<Place>,
    /// Whether this machine's clock decided which code is the current one.
    pub(crate) is_computed: bool,
}

impl SpentCode {
    pub(crate) fn of(totp: &Totp, code: SecretString) -> Self {
        let place = match totp {
            Totp::Once(place) => Some(Arc::clone(place)),
            _ => None,
        };
        Self {
            code,
            place,
            is_computed: matches!(totp, Totp::Computed(_)),
        }
    }

    /// Gives the code back, because the server never saw it.
    pub(crate) fn unspent(self) {
        if let Some(place) = self.place {
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.code);
        }
    }
}

/// Codes that are computed from a secret, which may have to be asked for.
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

    fn known(&self) -> Vec<SecretString> {
        let codes = self.codes.get();
        codes.map_or_else(Vec::new, |codes| codes.known.to_vec())
    }

    async fn next(&self) -> Result<SecretString> {
        if let Some(codes) = self.codes.get() {
            return Ok(codes.next().await.into());
        }
        let given = self.secret.get().await?;
        // Whoever has no secret may give a code; no secret that can be used is as short.
        if let Ok(code) = code_in(&given) {
            self.secret.forget().await;
            return Ok(code);
        }
        let read = || async {
            let read = Codes::of(&given);
            if read.is_err() {
                self.secret.forget().await;
            }
            read
        };
        let codes = self.codes.get_or_try_init(read).await?;
        Ok(codes.next().await.into())
    }
}

/// One-time codes of a shared secret, each given once.
struct Codes {
    totp: totp_rs::Totp,
    step_seconds: u64,
    used: AtomicU64,
    /// The secret as it was given, and as it is in base32.
    known: [SecretString; 2],
}

impl Codes {
    fn of(typed: &SecretString) -> Result<Self> {
        let settings = Settings::read(typed.expose_secret())?;
        let secret = totp_rs::Secret::try_from_base32(&settings.secret);
        // The reason could repeat the secret.
        let secret = secret
            .ok()
            .filter(|secret| secret.as_ref().len() >= LEAST_BYTES)
            .ok_or_else(|| {
                unusable("the secret for one-time codes is not 10 or more bytes in base32")
            })?;
        // Shorter ones than the standard wants are what many applications are given.
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
        // A code is good once, so the next login has to wait for the next one.
        let wait = (step * self.step_seconds).saturating_sub(seconds);
        tokio::time::sleep(Duration::from_secs(wait)).await;
        self.totp.generate(step * self.step_seconds).to_string()
    }
}

/// The current time step, or the first after it whose code was not used yet.
fn unused_step(used: &AtomicU64, current: u64) -> u64 {
    let later = |last: u64| Some(current.max(last + 1));
    let last = used.fetch_update(Ordering::SeqCst, Ordering::SeqCst, later);
    current.max(last.unwrap_or_default() + 1)
}

/// What an application is told about the codes that it shows.
struct Settings {
    /// In base32, with nothing between the letters.
    secret: String,
    algorithm: totp_rs::Algorithm,
    digits: u8,
    step_seconds: u64,
}

fn unusable(message: &str) -> Error {
    Error::input(OPERATION, message)
}

impl Settings {
    fn read(typed: &str) -> Result<Self> {
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

    /// `otpauth://totp/NAME?secret=…&algorithm=SHA1&digits=6&period=30`
    fn read_address(&mut self, typed: &str) -> Result<()> {
        // As it stands in a page's source.
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
                // Said, and nothing said: as where it is not said.
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

fn is_address(typed: &str) -> bool {
    typed
        .get(..7)
        .is_some_and(|start| start.eq_ignore_ascii_case("otpauth"))
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

/// The letters alone; what fills up the end of base32 is no letter, and anywhere else it stays and is refused.
fn base32(typed: &str) -> String {
    let letters: String = typed.chars().filter(|c| !is_filler(*c)).collect();
    letters.trim_end_matches('=').to_ascii_uppercase()
}

/// What pages and files write before a secret or a code.
const LABELS: [&str; 8] = [
    "totp secret",
    "totp_secret",
    "secret key",
    "secret",
    "setup key",
    "key",
    "totp",
    "code",
];

/// What was meant, without quotes around and a label before: `secret=…`, `Key: "…"`.
fn unwrapped(typed: &str) -> &str {
    let is_around = |c: char| is_filler(c) || is_quote(c);
    let typed = typed.trim_matches(is_around);
    let label = LABELS.iter().find_map(|label| {
        let start = typed.get(..label.len())?;
        let rest = typed.get(label.len()..)?.trim_start_matches(is_around);
        let rest = rest.strip_prefix([':', '=', '\u{ff1a}'])?;
        start.eq_ignore_ascii_case(label).then_some(rest)
    });
    // Filling at the end is the secret's own, and of a bare label nothing is left.
    label.unwrap_or(typed).trim_matches(is_around)
}

fn is_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '\'' | '`' | '<' | '>' | '\u{ab}' | '\u{bb}' | '\u{2018}'
            ..='\u{201f}' | '\u{2039}' | '\u{203a}'
    )
}

/// Where the digits of the world's scripts begin that input methods write.
const ZEROS: [char; 10] = ['٠', '۰', '०', '০', '๐', '០', '߀', '༠', '၀', '０'];

/// The digit, in whatever script.
fn digit(c: char) -> Option<char> {
    let of = |zero: &char| u32::from(c).checked_sub(u32::from(*zero));
    let value = ZEROS.iter().filter_map(of).find(|value| *value < 10)?;
    char::from_digit(value, 10)
}

/// What stands between groups of digits, beside what stands between letters.
fn is_between_digits(c: char) -> bool {
    is_filler(c)
        || matches!(
            c,
            '.' | ','
                | '\u{b7}'
                | '\u{2022}'
                | '\u{30fb}'
                | '\u{ff65}'
                | '\u{66b}'
                | '\u{66c}'
                | '\u{2027}'
                | '\u{22c5}'
        )
}

/// What applications put between the digits of a code and the letters of a secret, and what comes along when they are
/// copied: spaces, dashes, and marks that cannot be seen.
fn is_filler(c: char) -> bool {
    let is_dash = matches!(
        c,
        '-' | '_' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}'
    );
    let is_invisible = matches!(c, '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    c.is_whitespace() || c.is_control() || is_dash || is_invisible
}

/// The digits of a code as somebody wrote or copied it. What is no code is not repeated: it may be a password.
fn code_in(typed: &SecretString) -> Result<SecretString> {
    let typed = typed.expose_secret();
    let digits: String = unwrapped(typed)
        .chars()
        .filter(|c| !is_between_digits(*c))
        .map(|c| digit(c).unwrap_or(c))
        .collect();
    if (6..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(digits.into());
    }
    let is_secret = is_address(unwrapped(typed)) || digits.len() >= 16;
    let hint = match is_secret {
        true => {
            "this looks like the secret that codes are computed from, which is given as such and not as a code: org42 keeps \
             one for a profile with org42 profile set-secret NAME --totp-secret-file FILE"
        }
        false => "give the code that the application shows now",
    };
    Err(
        unusable("a one-time code has 6 to 8 digits, and what was given as one has not")
            .with_hint(hint),
    )
}

/// What is wrong with this machine's clock, if that is why its codes are refused: servers take the code before and the
/// one after.
pub(crate) fn clock_fault(ahead: i64) -> Option<String> {
    const TOLERATED: u64 = 30;
    let seconds = ahead.unsigned_abs();
    if seconds <= TOLERATED {
        return None;
    }
    let off = match seconds {
        0..=120 => format!("{seconds} s"),
        121..=7200 => format!("{} min", (seconds + 30) / 60),
        7201..=172_800 => format!("{} h", (seconds + 1800) / 3600),
        _ => format!("{} days", (seconds + 43_200) / 86_400),
    };
    let way = match ahead > 0 {
        true => "behind",
        false => "ahead",
    };
    Some(format!(
        "your clock is {off} {way} by the server's, and one-time codes are computed by the clock: set it"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn code(typed: &str) -> Result<String> {
        code_in(&typed.into()).map(|code| code.expose_secret().to_owned())
    }

    fn at(typed: &str, seconds: u64) -> Result<String> {
        Codes::of(&typed.into()).map(|codes| codes.totp.generate(seconds).to_string())
    }

    #[test]
    fn no_step_is_used_twice() {
        let used = AtomicU64::new(0);
        let steps = [7, 7, 7, 20, 19].map(|current| unused_step(&used, current));
        assert_eq!(steps, [7, 8, 9, 20, 21]);
    }

    #[test]
    fn a_code_is_read_as_applications_show_it() {
        for typed in [
            "123456",
            "123 456",
            "123-456",
            " 123456\r\n",
            "12 34 56",
            "123\u{a0}456",
            "123\u{2009}456",
            "123\u{202f}456",
            "\u{feff}123\u{2013}456\u{200b}",
            "１２３４５６",
            "١٢٣٤٥٦",
            "۱۲۳ ۴۵۶",
            "123.456",
            "123\u{b7}456",
            "\"123456\"",
            "\u{201c}123 456\u{201d}",
            "Code: 123456",
        ] {
            assert_eq!(code(typed).unwrap(), "123456", "{typed:?}");
        }
        assert_eq!(code("1234 5678").unwrap(), "12345678");
    }

    #[test]
    fn what_is_no_code_is_refused_and_not_repeated() {
        for typed in [
            "",
            "12345",
            "123456789",
            "12345a",
            "hunter22",
            SECRET,
            "otpauth://totp/x?secret=A",
            "1234567890123456",
        ] {
            let error = code(typed).unwrap_err();
            assert!(error.is_invalid_input(), "{error}");
            let shown = format!("{error} {error:?}");
            assert!(typed.is_empty() || !shown.contains(typed), "{shown}");
        }
        assert!(code(SECRET).unwrap_err().to_string().contains("secret"));
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

    #[test]
    fn a_clock_that_is_off_is_told_in_the_right_unit() {
        for (ahead, words) in [
            (90, "90 s behind"),
            (-90, "90 s ahead"),
            (180, "3 min behind"),
            (-3600, "60 min ahead"),
            (3 * 3600, "3 h behind"),
            (-400 * 86_400, "400 days ahead"),
        ] {
            let told = clock_fault(ahead).unwrap();
            assert!(told.contains(words), "{told}");
        }
        assert_eq!((clock_fault(30), clock_fault(-30)), (None, None));
        assert!(clock_fault(i64::MIN).is_some());
    }
}
