//! The two texts in which older clients get a token; nothing but the conversion belongs here.

/// Returns a signed token as two texts of hexadecimal digits, since the token itself may contain the dash that joins
/// them.
pub(in crate::http) fn halves(token: &str) -> (String, String) {
    let digits: String = token.bytes().map(|byte| format!("{byte:02x}")).collect();
    let (first, second) = digits.split_at(digits.len() / 2);
    (first.to_owned(), second.to_owned())
}

/// Returns the signed token whose halves these are, joined by a dash.
pub(in crate::http) fn joined(text: &str) -> Option<String> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
    let digit = |byte: &u8| {
        char::from(*byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
    String::from_utf8(bytes?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_halves_are_the_token_again() {
        for token in ["a.b-c_d.e", "x", ""] {
            let (first, second) = halves(token);
            assert_eq!(joined(&format!("{first}-{second}")).as_deref(), Some(token));
        }
        for text in ["zz", "abc", "ff-", "+f", " f", "0x61"] {
            assert_eq!(joined(text), None, "{text}");
        }
    }
}
