//! Decodes bytes to text, in the encodings that servers and people use. What the text means is not known here.

use std::ffi::OsStr;

use org42_types::ByteString;

use crate::http::buffers::Buffers;

/// Returns whether a value, such as an environment variable's, is empty or blank.
pub(crate) fn is_blank(value: &OsStr) -> bool {
    value.to_string_lossy().trim().is_empty()
}

/// Decodes bytes to text: UTF-8 whatever a charset says, which is what the servers send, or UTF-16; removes a byte
/// order mark.
///
/// Returns `None` if the text would have more than `limit` bytes, which is checked while it is built. Bytes that are
/// UTF-8 already take no more room than before, so the limit does not count for them; they stay where they are.
pub(crate) fn decoded(bytes: Vec<u8>, limit: usize, buffers: &Buffers) -> Option<ByteString> {
    if utf16(&bytes).is_some() || bytes.starts_with(MARK.as_bytes()) {
        return converted(&bytes, limit).map(ByteString::from);
    }
    let bytes = buffers.lent(bytes);
    match ByteString::try_from(bytes.clone()) {
        Ok(text) => Some(text),
        Err(_) => converted(&bytes, limit).map(ByteString::from),
    }
}

/// The mark that some put at the start of a text.
const MARK: &str = "\u{feff}";

fn converted(bytes: &[u8], limit: usize) -> Option<String> {
    if let Some(unit) = utf16(bytes) {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let chars = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
        let mut text = String::new();
        for c in chars.skip_while(|c| *c == '\u{feff}') {
            text.push(c);
            if text.len() > limit {
                return None;
            }
        }
        return Some(text);
    }
    let bytes = bytes.strip_prefix(MARK.as_bytes()).unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(text.to_owned());
    }
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
        if text.len() > limit {
            return None;
        }
    }
    Some(text)
}

/// Returns how two bytes make a unit of UTF-16, as some gateways and tools of Windows write it, by the mark at the
/// start or by the zeros between Latin letters. `None` for other encodings.
fn utf16(bytes: &[u8]) -> Option<fn([u8; 2]) -> u16> {
    let start = &bytes[..bytes.len().min(64) & !1];
    let zeros = |offset: usize| {
        let zeros = start.iter().skip(offset).step_by(2);
        zeros.filter(|byte| **byte == 0).count() * 4
    };
    match bytes {
        [0xfe, 0xff, ..] => Some(u16::from_be_bytes),
        [0xff, 0xfe, ..] => Some(u16::from_le_bytes),
        [_, _, _, _, ..] if zeros(0) >= start.len() && zeros(1) == 0 => Some(u16::from_be_bytes),
        [_, _, _, _, ..] if zeros(1) >= start.len() && zeros(0) == 0 => Some(u16::from_le_bytes),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: Vec<u8>, limit: usize) -> Option<String> {
        let text = super::decoded(bytes, limit, &Buffers::default());
        text.map(|text| text.to_string())
    }

    fn utf16_of(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn what_is_no_text_is_replaced_within_the_limit() {
        assert_eq!(
            decoded(b"\xef\xbb\xbfa\xffb".to_vec(), 9).unwrap(),
            "a\u{fffd}b"
        );
        assert_eq!(decoded(vec![0xff; 10], 29), None);
        for mark in ["", "\u{feff}"] {
            let text = format!("{mark}bad: p\u{e4}");
            for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
                let read = decoded(utf16_of(&text, bytes), 99);
                assert_eq!(read.unwrap(), "bad: p\u{e4}");
            }
        }
    }

    #[test]
    fn a_text_in_utf_16_has_the_limit_too() {
        let text = format!("\u{feff}plain {}", "\u{20ac}".repeat(1000));
        let bytes = utf16_of(&text, u16::to_le_bytes);
        assert_eq!(decoded(bytes.clone(), 3005), None);
        assert_eq!(decoded(bytes, 3006).unwrap().len(), 3006);
    }
}
