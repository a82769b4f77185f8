//! Finds secrets in running text, where they are not the value of a field.

use super::names::is_secret;

/// Words between the name of a secret and the secret in a sentence.
const SAID: [&str; 9] = ["is", "was", "are", "to", "ist", "lautet", "est", "es", "->"];
/// Returns whether a text contains a secret beside its name: `--pass x`, `the password is x`, `<pass>x</pass>`, a
/// table with a column of it, a private key.
pub(super) fn has_a_value(text: &str) -> bool {
    if text.contains("PRIVATE KEY") {
        return true;
    }
    let tags = text.match_indices('<').any(|(at, _)| {
        let tag = &text[at + 1..];
        let end = tag.find(|c: char| c == '>' || c == '/' || c.is_whitespace());
        end.is_some_and(|end| is_secret(&tag[..end]))
    });
    let mut lines = text.lines();
    let is_table = lines.next().is_some_and(|head| {
        head.contains([',', ';']) && head.split([',', ';']).any(is_secret_name)
    }) && lines.next().is_some();
    let spoken: Vec<&str> = text.split_whitespace().collect();
    let is_said = spoken.windows(3).any(|three| {
        SAID.contains(&three[1].to_lowercase().as_str())
            && is_secret_name(three[0])
            && looks_like_a_value(three[2])
    });
    let is_option = spoken
        .windows(2)
        .any(|two| two[0].starts_with('-') && two[0].len() > 1 && is_secret_name(two[0]));
    let is_beside = spoken
        .windows(2)
        .any(|two| is_secret_name(two[0]) && has_odd_signs(two[1]));
    tags || is_table || is_said || is_option || is_beside
}

fn is_secret_name(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    is_secret(word)
}

/// Returns whether a word may be a value, since it is not one with which such sentences go on.
fn looks_like_a_value(word: &str) -> bool {
    const GOING_ON: [&str; 16] = [
        "not", "in", "no", "a", "an", "the", "too", "wrong", "invalid", "required", "missing",
        "expired", "empty", "of", "be", "set",
    ];
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    !word.is_empty() && !GOING_ON.contains(&word.to_lowercase().as_str())
}

/// Returns whether a word contains digits or signs, as ordinary words do not.
fn has_odd_signs(word: &str) -> bool {
    let word = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '"', '\'']);
    word.chars().count() >= 4
        && word
            .chars()
            .any(|c| !c.is_alphabetic() && !"'-_(\"".contains(c))
}

/// Returns whether a text looks like a token, or like the value of a header with one.
pub(super) fn is_token(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    let is_scheme = ["bearer", "basic", "token", "v3_user_token", "login_token"]
        .iter()
        .any(|scheme| scheme.eq_ignore_ascii_case(word));
    let mut parts = text.split(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
    (is_scheme && text.split_whitespace().count() == 2)
        || parts.any(|part| part.starts_with("eyJ") && part.matches('.').count() >= 2)
}

/// Returns whether an address contains credentials, as in `http://user:password@host`.
pub(super) fn has_user_info(text: &str) -> bool {
    text.match_indices("://").any(|(at, _)| {
        let rest = &text[at + 3..];
        let host = rest
            .find(['/', '?', '#', ' '])
            .map_or(rest, |end| &rest[..end]);
        // A token may stand there without a name.
        host.rsplit_once('@')
            .is_some_and(|(user, _)| !user.is_empty())
    }) || text.split_whitespace().any(|word| {
        let user = word.rsplit_once('@').map(|(user, _)| user);
        user.and_then(|user| user.split_once(':'))
            .is_some_and(|(name, secret)| {
                name != "mailto" && !name.is_empty() && !secret.is_empty()
            })
    })
}
