//! Reads one-time codes and secrets as people type and copy them: with labels, quotes, separators, and digits of any
//! script.

use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Result};

const OPERATION: &str = "use these credentials";

pub(super) fn unusable(message: &str) -> Error {
    Error::input(OPERATION, message)
}

pub(super) fn is_address(typed: &str) -> bool {
    typed
        .get(..7)
        .is_some_and(|start| start.eq_ignore_ascii_case("otpauth"))
}

/// The labels that pages and files write before a secret or a code.
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

/// Removes quotes around a text and a label before it: `secret=…`, `Key: "…"`.
pub(super) fn unwrapped(typed: &str) -> &str {
    let is_around = |c: char| is_filler(c) || is_quote(c);
    let typed = typed.trim_matches(is_around);
    let label = LABELS.iter().find_map(|label| {
        let start = typed.get(..label.len())?;
        let rest = typed.get(label.len()..)?.trim_start_matches(is_around);
        let rest = rest.strip_prefix([':', '=', '\u{ff1a}'])?;
        start.eq_ignore_ascii_case(label).then_some(rest)
    });
    // `=` at the end belongs to the secret; a text that is only a label becomes empty.
    label.unwrap_or(typed).trim_matches(is_around)
}

fn is_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '\'' | '`' | '<' | '>' | '\u{ab}' | '\u{bb}' | '\u{2018}'
            ..='\u{201f}' | '\u{2039}' | '\u{203a}'
    )
}

/// The zeros of the world's scripts whose digits input methods write.
const ZEROS: [char; 10] = ['٠', '۰', '०', '০', '๐', '០', '߀', '༠', '၀', '０'];

/// Returns the ASCII digit for a digit of any script.
fn digit(c: char) -> Option<char> {
    let of = |zero: &char| u32::from(c).checked_sub(u32::from(*zero));
    let value = ZEROS.iter().filter_map(of).find(|value| *value < 10)?;
    char::from_digit(value, 10)
}

/// Returns whether a character may stand between groups of digits: one that may stand between letters, or another
/// mark.
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

/// Returns whether a character may stand between the digits of a code or the letters of a secret: spaces, dashes, and
/// invisible marks that come along when a text is copied.
pub(super) fn is_filler(c: char) -> bool {
    let is_dash = matches!(
        c,
        '-' | '_' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}'
    );
    let is_invisible = matches!(c, '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    c.is_whitespace() || c.is_control() || is_dash || is_invisible
}

/// Reads the digits of a code as it was typed or copied. The error never repeats the text: it may be a password.
pub(super) fn code_in(typed: &SecretString) -> Result<SecretString> {
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

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn code(typed: &str) -> Result<String> {
        code_in(&typed.into()).map(|code| code.expose_secret().to_owned())
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
}
