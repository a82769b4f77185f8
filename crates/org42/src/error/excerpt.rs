//! The part of a text that an error shows: one line, without control characters.

use std::fmt;

/// Writes the start of a body that names no problem, so that a proxy's page can be recognized.
pub(crate) fn excerpt(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    match one_line(text, 160) {
        line if line.is_empty() => Ok(()),
        line => write!(f, ": {line:?}"),
    }
}

/// Returns the text's first words on one line, cut after `limit` characters.
pub(crate) fn one_line(text: &str, limit: usize) -> String {
    let mut words = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty());
    let mut line = words.next().unwrap_or_default().to_owned();
    for word in words {
        if line.len() > limit {
            break;
        }
        line.push(' ');
        line.push_str(word);
    }
    match line.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
