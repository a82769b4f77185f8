//! Passes over JSON: the forms that nearly all values of a listing have are recognized here, everything else is left to
//! serde_json, which takes twice as long for them.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::{self, IgnoredAny};

/// A place in a JSON text.
pub(super) struct Skim<'a> {
    text: &'a str,
    at: usize,
}

/// How deep values may be nested for them to be passed over here.
const DEEPEST: u32 = 64;

impl<'a> Skim<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Returns how many bytes were read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Passes over white space and returns the next byte, without taking it.
    #[inline]
    pub(super) fn next_byte(&mut self) -> Option<u8> {
        let byte = *self.text.as_bytes().get(self.at)?;
        match byte > b' ' {
            true => Some(byte),
            false => self.next_after_space(),
        }
    }

    #[cold]
    fn next_after_space(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                byte => return Some(*byte),
            }
        }
        None
    }

    /// Takes the next byte if it is this one.
    #[inline]
    pub(super) fn take(&mut self, expected: u8) -> bool {
        let is_it = self.next_byte() == Some(expected);
        self.at += usize::from(is_it);
        is_it
    }

    /// Takes this text if it is next.
    #[inline]
    pub(super) fn takes(&mut self, text: &str) -> bool {
        let is_next = self.text.as_bytes()[self.at..].starts_with(text.as_bytes());
        self.at += text.len() * usize::from(is_next);
        is_next
    }

    /// Takes a value that was read before if it is next, and ends there.
    #[inline]
    pub(super) fn takes_value(&mut self, value: &str) -> bool {
        let before = self.at;
        if !value.is_empty() && self.takes(value) && self.is_at_an_end() {
            return true;
        }
        self.at = before;
        false
    }

    /// Reads the next value, a text.
    #[inline]
    pub(super) fn text(&mut self) -> serde_json::Result<Cow<'a, str>> {
        self.next_byte();
        let start = self.at;
        if self.passes_text() {
            return Ok(Cow::Borrowed(&self.text[start + 1..self.at - 1]));
        }
        self.at = start;
        self.unusual_text()
    }

    #[cold]
    fn unusual_text(&mut self) -> serde_json::Result<Cow<'a, str>> {
        #[derive(Deserialize)]
        #[serde(transparent)]
        struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
        Ok(self.value::<Text<'a>>()?.0)
    }

    /// Passes over the next value, and returns it as it stands in the text.
    pub(super) fn skip(&mut self) -> serde_json::Result<&'a str> {
        let next = self.next_byte();
        let start = self.at;
        let is_usual = match next {
            Some(b'"') => self.passes_text(),
            _ => self.passes(),
        };
        if !is_usual {
            self.at = start;
            self.value::<IgnoredAny>()?;
        }
        Ok(&self.text[start..self.at])
    }

    fn value<T: Deserialize<'a>>(&mut self) -> serde_json::Result<T> {
        let mut values = serde_json::Deserializer::from_str(&self.text[self.at..]).into_iter();
        let ends_early = || Err(de::Error::custom("the text ends early"));
        let value = values.next().unwrap_or_else(ends_early)?;
        self.at += values.byte_offset();
        Ok(value)
    }

    /// Passes over a value; returns whether it has a usual form. If not, the place is somewhere in it.
    fn passes(&mut self) -> bool {
        // Which of the open brackets are those of objects: the innermost is the last bit.
        let (mut objects, mut depth) = (0_u64, 0);
        loop {
            let is_open = match self.next_byte() {
                Some(b'"') if !self.passes_text() => return false,
                Some(b'"') => false,
                Some(open @ (b'{' | b'[')) if depth < DEEPEST => {
                    self.at += 1;
                    depth += 1;
                    objects = objects << 1 | u64::from(open == b'{');
                    true
                }
                Some(b'0'..=b'9' | b'-') if self.passes_number() => false,
                Some(b't') if self.passes_word(b"true") => false,
                Some(b'f') if self.passes_word(b"false") => false,
                Some(b'n') if self.passes_word(b"null") => false,
                _ => return false,
            };
            let mut is_first = is_open;
            loop {
                if depth == 0 {
                    return true;
                }
                let is_object = objects & 1 == 1;
                match self.next_byte() {
                    Some(b'}') if is_object => {}
                    Some(b']') if !is_object => {}
                    Some(b',') if !is_first => {
                        self.at += 1;
                        if is_object && !self.passes_name() {
                            return false;
                        }
                        break;
                    }
                    Some(_) if is_first => {
                        if is_object && !self.passes_name() {
                            return false;
                        }
                        break;
                    }
                    _ => return false,
                }
                self.at += 1;
                depth -= 1;
                objects >>= 1;
                is_first = false;
            }
        }
    }

    /// Passes over the name of a member, and the colon behind it.
    fn passes_name(&mut self) -> bool {
        self.next_byte() == Some(b'"') && self.passes_text() && self.take(b':')
    }

    /// Passes over a text without escapes.
    #[inline]
    fn passes_text(&mut self) -> bool {
        let bytes = self.text.as_bytes();
        if bytes.get(self.at) != Some(&b'"') {
            return false;
        }
        let mut at = self.at + 1;
        while let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
            let ends = ends_text(u64::from_le_bytes(*eight));
            if ends != 0 {
                at += ends.trailing_zeros() as usize / 8;
                self.at = at + 1;
                return bytes[at] == b'"';
            }
            at += 8;
        }
        let rest = bytes[at..].iter();
        let end = { rest }.position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
        let Some(end) = end else { return false };
        self.at = at + end + 1;
        bytes[at + end] == b'"'
    }

    /// Passes over a whole number.
    fn passes_number(&mut self) -> bool {
        let bytes = self.text.as_bytes();
        let start = self.at + usize::from(bytes.get(self.at) == Some(&b'-'));
        let digits = bytes[start..].iter();
        let count = digits.take_while(|byte| byte.is_ascii_digit()).count();
        self.at = start + count;
        self.is_at_an_end() && (count == 1 || count > 1 && bytes[start] != b'0')
    }

    fn passes_word(&mut self, word: &[u8]) -> bool {
        let is_it = self.text.as_bytes()[self.at..].starts_with(word);
        self.at += word.len() * usize::from(is_it);
        is_it && self.is_at_an_end()
    }

    /// Returns whether a number or a word may end here.
    fn is_at_an_end(&self) -> bool {
        let next = self.text.as_bytes().get(self.at);
        matches!(
            next,
            None | Some(b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r')
        )
    }
}

/// Finds the bytes among eight that end a text, or have to be looked at: the highest bit of each is set, and perhaps of
/// some that follow.
fn ends_text(eight: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zeros = |bytes: u64| bytes.wrapping_sub(ONES) & !bytes;
    let quotes = zeros(eight ^ (ONES * b'"' as u64));
    let backslashes = zeros(eight ^ (ONES * b'\\' as u64));
    let controls = eight.wrapping_sub(ONES * 0x20) & !eight;
    (quotes | backslashes | controls) & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Passes over a value with serde_json alone.
    fn by_library(text: &str) -> Option<&str> {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        Some(&text[..values.byte_offset()])
    }

    fn assert_same(text: &str) {
        let mut skim = Skim::new(text);
        let skipped = skim.skip().ok();
        // What follows a value is read by whoever wants what follows it.
        let followed = format!("{text},");
        let start = text.len() - text.trim_start_matches([' ', '\t', '\n', '\r']).len();
        let expected = by_library(&followed).map(|all| &all[start..]);
        assert_eq!(skipped, expected, "{text:?}");
        let mut skim = Skim::new(text);
        let read: Option<String> = serde_json::from_str(text).ok();
        if read.is_some() {
            assert_eq!(skim.text().ok().as_deref(), read.as_deref(), "{text:?}");
        }
    }

    #[test]
    fn it_passes_over_what_is_json_and_over_nothing_else() {
        for text in [
            "",
            " ",
            "1",
            "-1",
            "-",
            "01",
            "-0",
            "0",
            "1.5",
            "1e5",
            "1.",
            "1e",
            "true",
            "tru",
            "null",
            "nul",
            "false",
            "\"",
            "\"a",
            "\"a\"",
            "\"12345678\"",
            "\"1234567\\\"8\"",
            "\"a\tb\"",
            "\"\\u12\"",
            "\"\\ud800\"",
            "\"é12345678\"",
            "[]",
            "[ ]",
            "[,]",
            "[1,]",
            "[1 2]",
            "[1,2",
            "[1,{\"a\":[true,null]}]",
            "{}",
            "{ }",
            "{,}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{\"a\":1 \"b\":2}",
            "{\"a\" : 1 , \"b\\u0062\" : { } }",
            "{1:2}",
            "[}",
            "{]",
            "]",
            "}",
        ] {
            assert_same(text);
        }
        for depth in [1, 63, 64, 65, 500] {
            let (open, close) = ("[{\"a\":".repeat(depth), "}]".repeat(depth));
            assert_same(&format!("{open}1{close}"));
            assert_same(&format!("{open}{close}"));
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_library_on_anything(text in r#"([\[\]{},: "\\utrlsfane0-9.\n-]|"[a-z"\\é]{0,12}"){0,24}"#) {
            assert_same(&text);
        }

        #[test]
        fn it_agrees_with_the_library_on_any_text(text in ".*") {
            assert_same(&serde_json::to_string(&text).unwrap());
            assert_same(&format!("\"{text}\""));
        }
    }
}
