//! Texts of a server on their way into a sentence.

/// Returns a text in one line, cut after so many characters, that cannot move a terminal's cursor.
pub(crate) fn one_line(text: &str, most: usize) -> String {
    let (kept, cut) = match text.char_indices().nth(most) {
        None => (text, ""),
        Some((end, _)) => (&text[..end], "…"),
    };
    let mut line = String::with_capacity(kept.len() + cut.len());
    for c in kept.chars() {
        match c.is_control() {
            true => line.extend(c.escape_default()),
            false => line.push(c),
        }
    }
    line + cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_and_control_characters_are_spelled_out() {
        assert_eq!(one_line("a\u{1b}[2Jb", 100), "a\\u{1b}[2Jb");
        assert_eq!(one_line("äöü", 2), "äö…");
        assert_eq!(one_line("äöü", 3), "äöü");
    }
}
