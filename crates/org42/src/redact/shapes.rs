//! Recognizes secrets by their form alone: registration keys, and tokens of any issuer.

/// Returns the end of the text that begins at `start`, if it looks like a secret.
pub(super) fn at(text: &str, start: usize) -> Option<usize> {
    let before = text[..start].chars().next_back();
    if before.is_some_and(|before| is_of_word(before) || before == '.') {
        return None;
    }
    let rest = &text[start..];
    let end = registration_key(rest).or_else(|| token(rest))?;
    Some(start + end)
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}

fn word(text: &str) -> &str {
    let end = text.find(|c| !is_of_word(c)).unwrap_or(text.len());
    &text[..end]
}

/// Returns the length of a registration key such as `72RU-8P9S-M7KK-RHCC`.
fn registration_key(rest: &str) -> Option<usize> {
    let word = word(rest);
    let is_part = |part: &str| {
        part.len() == 4
            && part
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    let is_key = word.len() == 19 && word.split('-').all(is_part);
    is_key.then_some(word.len())
}

/// Returns the length of a signed token: three parts in base64, of which the first is an object.
fn token(rest: &str) -> Option<usize> {
    if !rest.starts_with("eyJ") {
        return None;
    }
    let mut end = 0;
    let mut parts = 0;
    for part in rest.splitn(4, '.').take(3) {
        let word = word(part).len();
        end += word;
        parts += 1;
        if word < part.len() || parts == 3 {
            break;
        }
        end += 1;
    }
    (parts == 3).then_some(end)
}
