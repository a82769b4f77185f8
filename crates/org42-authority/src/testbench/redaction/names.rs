//! Decides which names are those of secrets, however they are written.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Parts that make a name secret, compared with its words joined in lower case.
const PARTS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passwort",
    "passcode",
    "passkey",
    "kennwort",
    "losungswort",
    "motdepasse",
    "motpasse",
    "contrasena",
    "contrasenya",
    "contrasinal",
    "clave",
    "senha",
    "wachtwoord",
    "lozinka",
    "geslo",
    "heslo",
    "haslo",
    "losenord",
    "adgangskode",
    "passord",
    "salasana",
    "jelszo",
    "parola",
    "пароль",
    "密码",
    "密碼",
    "パスワード",
    "비밀번호",
    "pwd",
    "secret",
    "geheim",
    "token",
    "totp",
    "apikey",
    "accesskey",
    "privatekey",
    "signingkey",
    "encryptionkey",
    "sharedkey",
    "licensekey",
    "registrationkey",
    "credential",
    "authorization",
    "jwt",
    "sessionid",
    "cookie",
    "bearer",
    "passwoerter",
    "passwrd",
    "passw",
    "pswd",
    "passold",
    "passnew",
    "passhash",
    "pwhash",
    "pinblock",
    "pinnumber",
    "pincode",
    "securityanswer",
    "recoveryphrase",
    "oauth",
    "samlresponse",
    "assertion",
    "sessid",
    "signature",
    "csrf",
    "mnemonic",
    "accesstok",
    "пароля",
    "κωδικος",
    "סיסמה",
    "암호",
    "口令",
    "暗証番号",
];
/// Words that make a name secret.
const WORDS: &[&str] = &[
    "pass", "pins", "pin", "pw", "psw", "psk", "otp", "otps", "auth", "mdp", "mfa", "cvv", "cvc",
    "salt", "sid", "pword", "sess", "session", "sig", "ticket", "refresh", "cred", "creds", "2fa",
    "tfa", "nonce", "parol", "пин", "sifre",
];
/// Endings of words that make a name secret, for names written as one word.
const ENDS: &[&str] = &[
    "pass",
    "pin",
    "pins",
    "otp",
    "pw",
    "authkey",
    "masterkey",
    "customkey",
    "datakey",
    "archivekey",
    "authcode",
    "smscode",
    "otpcode",
    "accesscode",
    "securitycode",
    "timecode",
    "logincode",
    "tancode",
];
/// Words with such an ending that are not secret.
const HARMLESS_WORDS: &[&str] = &[
    "bypass",
    "compass",
    "encompass",
    "surpass",
    "trespass",
    "overpass",
    "underpass",
    "spin",
    "spins",
    "unpin",
    "hairpin",
    "kingpin",
    "linchpin",
    "pushpin",
];
/// Words before `code` that are not secret.
const HARMLESS_CODES: &[&str] = &[
    "status", "error", "exit", "reason", "response", "return", "result", "http", "country",
    "language", "locale", "region", "state", "area", "postal", "zip", "currency", "time", "zone",
    "product", "event", "action", "type", "source",
];
/// How many layers of encodings are removed.
const ROUNDS: usize = 8;
pub(super) fn undone(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..ROUNDS {
        let decoded = percent_decode_str(&text).decode_utf8_lossy();
        let decoded = without_escapes(&decoded);
        if decoded == *text {
            break;
        }
        text = Cow::Owned(decoded);
    }
    text
}

/// Resolves one layer of the JSON and HTML escapes that can hide a letter: `\u0061`, `%u0061`, `&#97;`, `&#x61;`.
fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let (letter, length) = escaped_letter(rest).unwrap_or((next, next.len_utf8()));
        plain.push(letter);
        rest = &rest[length..];
    }
    plain
}

fn escaped_letter(rest: &str) -> Option<(char, usize)> {
    let (mark, radix, longest) = [
        ("\\u", 16, 4),
        ("%u", 16, 4),
        ("&#x", 16, 6),
        ("&#X", 16, 6),
        ("&#", 10, 7),
    ]
    .into_iter()
    .find(|(mark, ..)| rest.starts_with(mark))?;
    let digits = rest[mark.len()..].chars().take(longest);
    let length = digits.take_while(|c| c.is_digit(radix)).count();
    let end = mark.len() + length;
    let letter = char::from_u32(u32::from_str_radix(&rest[mark.len()..end], radix).ok()?)?;
    let ended = mark.starts_with('&') && rest[end..].starts_with(';');
    Some((letter, end + usize::from(ended)))
}

/// Returns a letter without its accents, in its usual width.
fn plain(letter: char) -> Option<char> {
    Some(match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0)?,
        'à'..='å' | 'À'..='Å' => 'a',
        'ç' | 'Ç' | 'č' | 'ć' => 'c',
        'è'..='ë' | 'È'..='Ë' => 'e',
        'ì'..='ï' | 'Ì'..='Ï' => 'i',
        'ñ' | 'Ñ' => 'n',
        'ò'..='ö' | 'Ò'..='Ö' | 'ø' | 'ő' => 'o',
        'ù'..='ü' | 'Ù'..='Ü' => 'u',
        'ł' | 'Ł' => 'l',
        'ş' | 'Ş' => 's',
        'ό' => 'ο',
        // Combining accents and invisible characters.
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{ad}' | '\u{2060}' | '\u{feff}' => {
            return None;
        }
        other => other,
    })
}

/// Splits a name into its words, in lower case: `smtp.dbPass2` has `smtp`, `db`, `pass` and `2`.
pub(super) fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().filter_map(plain).collect();
    let mut words = vec![String::new()];
    for (place, &letter) in letters.iter().enumerate() {
        let before = place.checked_sub(1).map(|place| letters[place]);
        let after = letters.get(place + 1).copied();
        let begins = before.is_some_and(|before| {
            (letter.is_uppercase() && !before.is_uppercase())
                || (letter.is_uppercase() && after.is_some_and(char::is_lowercase))
                || letter.is_numeric() != before.is_numeric()
        });
        if begins || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn is_secret_word(word: &str) -> bool {
    WORDS.contains(&word)
        || (ENDS.iter().any(|end| word.ends_with(end)) && !HARMLESS_WORDS.contains(&word))
}

/// Returns the Latin letter that a letter of another script looks like.
fn alike(letter: char) -> char {
    match letter {
        'а' | 'А' | 'α' | 'Α' => 'a',
        'с' | 'С' => 'c',
        'ԁ' => 'd',
        'е' | 'Е' | 'ε' => 'e',
        'і' | 'І' | 'ι' | 'ı' => 'i',
        'к' | 'К' | 'κ' => 'k',
        'о' | 'О' | 'ο' | 'Ο' => 'o',
        'р' | 'Р' | 'ρ' | 'Ρ' => 'p',
        'ѕ' | 'Ѕ' => 's',
        'т' | 'Т' | 'τ' => 't',
        'ԝ' => 'w',
        'у' | 'У' => 'y',
        other => other,
    }
}

/// Returns whether a name is that of a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let name = undone(name);
    is_secret_as_it_is(&name)
        || (!name.is_ascii() && is_secret_as_it_is(&name.chars().map(alike).collect::<String>()))
}

fn is_secret_as_it_is(name: &str) -> bool {
    let words = words(name);
    let together = words.concat();
    let is_secret_code = words.iter().enumerate().any(|(at, word)| {
        let before = at.checked_sub(1).map(|before| words[before].as_str());
        ["code", "codes"].contains(&word.as_str())
            && before.is_none_or(|before| !HARMLESS_CODES.contains(&before))
    });
    PARTS.iter().any(|part| together.contains(part))
        || words.iter().any(|word| is_secret_word(word))
        // A name in capitals or in mixed case cannot be split into words.
        || is_secret_word(&together)
        || words.windows(2).any(|two| is_secret_word(&two.concat()))
        || is_secret_code
}
