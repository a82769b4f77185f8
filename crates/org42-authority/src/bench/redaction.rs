//! What is shown of a request: everything but secrets, however they are written.
//!
//! Names are read the way programs read them: with escapes resolved, whatever the case, split into words. What looks like
//! a secret without a name, such as a token, is removed too. Where it cannot be told, it is removed.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// Stands where a secret was.
pub(super) const REMOVED: &str = "[removed]";

/// A name is secret when it has one of these in it, written together in lower case.
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
];
/// A name is secret when one of its words is one of these.
const WORDS: &[&str] = &[
    "pass", "pins", "pin", "pw", "psw", "psk", "otp", "otps", "auth", "mdp", "mfa", "cvv", "cvc",
    "salt", "sid",
];
/// A name is secret when one of its words ends so, for those who write names in one word.
const ENDS: &[&str] = &["pass", "pin", "otp"];
/// Words that end so without being secret.
const HARMLESS_WORDS: &[&str] = &[
    "bypass",
    "compass",
    "encompass",
    "surpass",
    "trespass",
    "overpass",
    "underpass",
    "spin",
    "unpin",
    "hairpin",
    "kingpin",
    "linchpin",
    "pushpin",
];
/// Codes that everybody may know.
const HARMLESS_CODES: &[&str] = &[
    "status", "error", "exit", "reason", "response", "return", "result", "http", "country",
    "language", "locale", "region", "state", "area", "postal", "zip", "currency", "time", "zone",
    "product", "event", "action", "type", "source",
];
/// A field of one of these names says what the field beside it is.
const NAMING: &[&str] = &[
    "key",
    "name",
    "id",
    "field",
    "property",
    "propertyname",
    "setting",
    "parameter",
    "param",
    "header",
    "attribute",
    "variable",
];
/// What is beside it, where one of these is a word of its name.
const NAMED: &[&str] = &[
    "value", "values", "val", "data", "content", "contents", "text", "new", "old", "default",
    "setting", "raw",
];
/// How often an encoding is taken off another.
const ROUNDS: usize = 3;
/// How deep a text that is a document may be in another.
const DEPTH: usize = 4;

/// The route of the older tokens.
const TOKENS: &str = "authtoken";

fn undone(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..ROUNDS {
        let decoded = percent_decode_str(&text).decode_utf8_lossy().into_owned();
        if decoded == *text {
            break;
        }
        text = Cow::Owned(decoded);
    }
    text
}

/// A letter without its accents, in the width that is usual.
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
        // An accent of its own, or something that is not seen.
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{ad}' | '\u{2060}' | '\u{feff}' => {
            return None;
        }
        other => other,
    })
}

/// The words of a name, in lower case: `smtp.dbPass2` has `smtp`, `db`, `pass` and `2`.
fn words(name: &str) -> Vec<String> {
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

/// Whether what has this name is secret.
pub(super) fn is_secret(name: &str) -> bool {
    let name = undone(name);
    let words = words(&name);
    let together = words.concat();
    let is_secret_code = words.iter().enumerate().any(|(at, word)| {
        let before = at.checked_sub(1).map(|before| words[before].as_str());
        ["code", "codes"].contains(&word.as_str())
            && before.is_none_or(|before| !HARMLESS_CODES.contains(&before))
    });
    PARTS.iter().any(|part| together.contains(part))
        || words.iter().any(|word| is_secret_word(word))
        // Written in capitals or in odd ones, it has no words to go by.
        || is_secret_word(&together)
        || is_secret_code
}

/// Whether a text is a secret, or has some in it: a token, a document, a form, a line of settings, an address.
fn reveals(text: &str, depth: usize) -> bool {
    let text = undone(text);
    let trimmed = text.trim();
    if is_token(trimmed) || has_user_info(trimmed) {
        return true;
    }
    if trimmed.starts_with(['{', '[', '"'])
        && let Ok(document) = serde_json::from_str::<Value>(trimmed)
    {
        return depth == 0 || without_secrets(document.clone(), depth - 1) != document;
    }
    let mut rest = trimmed;
    while let Some(at) = rest.find(['=', ':']) {
        let name =
            rest[..at].trim_end_matches(|c: char| c.is_whitespace() || "\"'\\])".contains(c));
        let from = name.rfind(|c: char| c.is_whitespace() || "\"'\\,;&?{}()<>|=:/".contains(c));
        let name = from.map_or(name, |from| {
            name[from..].trim_start_matches(|c: char| !c.is_alphanumeric())
        });
        if is_secret(name) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    // Something that is neither a sentence nor one of these forms as a whole.
    trimmed.contains(['{', '=']) && is_secret(trimmed)
}

/// Whether a text looks like a token of some kind, or the value of a header that has one.
fn is_token(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    let is_scheme = ["bearer", "basic", "token", "v3_user_token", "login_token"]
        .iter()
        .any(|scheme| scheme.eq_ignore_ascii_case(word));
    let mut parts = text.split(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
    (is_scheme && text.split_whitespace().count() == 2)
        || parts.any(|part| part.starts_with("eyJ") && part.matches('.').count() >= 2)
}

/// Whether an address has a password in it, as in `http://user:password@host`.
fn has_user_info(text: &str) -> bool {
    text.match_indices("://").any(|(at, _)| {
        let rest = &text[at + 3..];
        let host = rest
            .find(['/', '?', '#', ' '])
            .map_or(rest, |end| &rest[..end]);
        host.rsplit_once('@')
            .is_some_and(|(user, _)| user.contains(':'))
    })
}

fn shown_text(text: &str, depth: usize) -> String {
    match reveals(text, depth) {
        true => REMOVED.to_owned(),
        false => text.to_owned(),
    }
}

fn without_secrets(document: Value, depth: usize) -> Value {
    match document {
        Value::Object(fields) => Value::Object(fields_without_secrets(fields, depth)),
        Value::Array(rows) => {
            let mut named = false;
            let shown = rows.into_iter().map(|row| {
                let is_named = std::mem::take(&mut named);
                // A pair of a name and what it is.
                named = row.as_str().is_some_and(is_secret);
                match is_named {
                    true => REMOVED.into(),
                    false => without_secrets(row, depth),
                }
            });
            Value::Array(shown.collect())
        }
        Value::String(text) => shown_text(&text, depth).into(),
        plain => plain,
    }
}

fn fields_without_secrets(fields: Map<String, Value>, depth: usize) -> Map<String, Value> {
    // A setting that is kept by key has its name beside its value.
    let is_named = fields.iter().any(|(name, value)| {
        NAMING.contains(&words(name).concat().as_str()) && value.as_str().is_some_and(is_secret)
    });
    let is_value = |name: &str| {
        words(name)
            .iter()
            .any(|word| NAMED.contains(&word.as_str()))
    };
    let shown = |(name, value): (String, Value)| {
        let value = match is_secret(&name) || (is_named && is_value(&name)) {
            true => REMOVED.into(),
            false => without_secrets(value, depth),
        };
        (shown_text(&name, depth), value)
    };
    fields.into_iter().map(shown).collect()
}

/// The document of a body. What is no JSON is only measured: nobody knows what is secret in it.
pub(super) fn shown_document(body: &[u8]) -> Value {
    if body.trim_ascii().is_empty() {
        return Value::Null;
    }
    match serde_json::from_slice(body) {
        Ok(document) => without_secrets(document, DEPTH),
        Err(_) => format!("[{} bytes]", body.len()).into(),
    }
}

/// The parameters of a query.
pub(super) fn shown_query(query: &[u8]) -> Map<String, Value> {
    let pairs = form_urlencoded::parse(query);
    let fields = pairs.map(|(name, value)| (name.into_owned(), Value::from(value)));
    fields_without_secrets(fields.collect(), DEPTH)
}

/// Whether a path is of the route of the older tokens, in any of its spellings.
pub(super) fn tells_token(path: &str) -> bool {
    undone(path).to_lowercase().contains(&format!("/{TOKENS}"))
}

/// A path without the token, the session, or whatever secret is in some.
pub(super) fn shown_path(path: &str) -> String {
    let mut shown = String::with_capacity(path.len());
    let mut is_named = false;
    for (place, part) in path.split('/').enumerate() {
        if place > 0 {
            shown.push('/');
        }
        let (part, matrix) = part
            .split_once(';')
            .map_or((part, false), |(part, _)| (part, true));
        let plain = undone(part);
        // An encoded slash hides where one part ends.
        let hides = plain.len() != part.len() && plain.contains(['/', ';']);
        let is_removed = (is_named && !part.is_empty()) || hides || reveals(part, DEPTH);
        shown.push_str(if is_removed { REMOVED } else { part });
        if matrix {
            shown.push(';');
            shown.push_str(REMOVED);
        }
        if is_named && !part.is_empty() || matrix {
            return shown;
        }
        // What `auth` is followed by is a kind of it.
        is_named |= is_secret(part) && !part.eq_ignore_ascii_case("auth");
    }
    shown
}

#[cfg(test)]
mod tests;
