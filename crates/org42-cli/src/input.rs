//! Reads files that users name, whatever program wrote them: with a byte order mark, in UTF-16, with line ends of Windows.

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal as _, Read};
use std::path::Path;

use crate::exit::{Exit, Failure};

/// The most bytes that a file may have, in any encoding.
const LIMIT: u64 = 16 * 1024 * 1024;

/// Returns the text of a file.
pub(crate) fn text(file: &Path) -> io::Result<String> {
    decoded(&bytes(File::open(file)?)?)
}

/// Returns the text of a file that an argument names; `-` stands for standard input.
pub(crate) fn named(file: &Path) -> Result<String, Failure> {
    let (read, name) = match file == Path::new("-") {
        true => (
            bytes(io::stdin().lock()).and_then(|bytes| decoded(&bytes)),
            "standard input".to_owned(),
        ),
        false => (text(file), file.display().to_string()),
    };
    read.map_err(|error| Failure::because(Exit::Usage, format!("cannot read {name}"), error))
}

/// Returns the secret in a file: its first line, without the line end alone.
pub(crate) fn secret(file: &Path) -> Result<String, Failure> {
    if file == Path::new("-") {
        return secret_from_stdin();
    }
    let name = file.display().to_string();
    not_empty(first_line(&named(file)?), &name)
}

/// Returns the secret on standard input; on a terminal it is not shown while it is typed.
fn secret_from_stdin() -> Result<String, Failure> {
    if io::stdin().is_terminal() {
        return crate::terminal::prompt("Secret", "standard input");
    }
    not_empty(first_line(&named(Path::new("-"))?), "standard input")
}

/// Returns the secret in a file, or on standard input; `None` where neither is given.
pub(crate) fn secret_given(file: Option<&Path>, stdin: bool) -> Result<Option<String>, Failure> {
    match file {
        Some(file) => secret(file).map(Some),
        None if stdin => secret_from_stdin().map(Some),
        None => Ok(None),
    }
}

fn not_empty(line: &str, from: &str) -> Result<String, Failure> {
    match line {
        "" => Err(Failure::usage(format!("the first line of {from} is empty"))),
        line => Ok(line.to_owned()),
    }
}

/// Returns a text up to its first line end, of any system.
pub(crate) fn first_line(text: &str) -> &str {
    text.split(['\n', '\r']).next().unwrap_or_default()
}

fn bytes(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LIMIT + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > LIMIT {
        true => Err(wrong("it has more than 16 MiB")),
        false => Ok(bytes),
    }
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

/// The encoding of a text, by its first bytes.
#[derive(Clone, Copy)]
enum Encoding {
    Utf8,
    Utf16(fn([u8; 2]) -> u16),
    Utf32(fn([u8; 4]) -> u32),
}

const MARKS: [(&[u8], Encoding); 5] = [
    (b"\xff\xfe\0\0", Encoding::Utf32(u32::from_le_bytes)),
    (b"\0\0\xfe\xff", Encoding::Utf32(u32::from_be_bytes)),
    (b"\xff\xfe", Encoding::Utf16(u16::from_le_bytes)),
    (b"\xfe\xff", Encoding::Utf16(u16::from_be_bytes)),
    (b"\xef\xbb\xbf", Encoding::Utf8),
];

impl Encoding {
    /// Returns the encoding, and the bytes behind the mark.
    fn of(bytes: &[u8]) -> (Self, &[u8]) {
        let marked =
            |(mark, encoding): &(&[u8], Self)| Some((*encoding, bytes.strip_prefix(*mark)?));
        if let Some(marked) = MARKS.iter().find_map(marked) {
            return marked;
        }
        // Some programs leave the mark out; then every other byte of plain letters is 0.
        let zeros =
            |at: usize| bytes.len() >= 2 && bytes.iter().skip(at).step_by(2).all(|b| *b == 0);
        let is_even = bytes.len().is_multiple_of(2);
        match (is_even && zeros(1), is_even && zeros(0)) {
            (true, false) => (Self::Utf16(u16::from_le_bytes), bytes),
            (false, true) => (Self::Utf16(u16::from_be_bytes), bytes),
            _ => (Self::Utf8, bytes),
        }
    }
}

/// Decodes a text, without what marks its beginning or fills its end.
pub(crate) fn decoded(bytes: &[u8]) -> io::Result<String> {
    let (encoding, rest) = Encoding::of(bytes);
    let text = match encoding {
        Encoding::Utf8 => String::from_utf8(rest.to_vec()).ok(),
        Encoding::Utf16(read) => {
            let (units, left) = rest.as_chunks::<2>();
            let units: Vec<u16> = units.iter().map(|unit| read(*unit)).collect();
            String::from_utf16(&units).ok().filter(|_| left.is_empty())
        }
        Encoding::Utf32(read) => {
            let (units, left) = rest.as_chunks::<4>();
            let units = units.iter().map(|unit| char::from_u32(read(*unit)));
            units
                .collect::<Option<String>>()
                .filter(|_| left.is_empty())
        }
    };
    let text =
        text.ok_or_else(|| wrong("it is no text in UTF-8, nor in UTF-16 or UTF-32 with a mark"))?;
    let text = text.trim_start_matches('\u{feff}');
    // Editors of old fill up with these, or end with them.
    Ok(text.trim_end_matches(['\0', '\u{1a}']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn one_text_in_every_encoding_is_one_text() {
        let text = " pässwörd 🗝 \r\n";
        let marked = format!("\u{feff}{text}");
        let utf32 = |bytes: fn(u32) -> [u8; 4]| -> Vec<u8> {
            marked.chars().flat_map(|c| bytes(c as u32)).collect()
        };
        for bytes in [
            text.as_bytes().to_vec(),
            marked.as_bytes().to_vec(),
            format!("\u{feff}{marked}\u{1a}").into_bytes(),
            format!("{text}\0\0\0").into_bytes(),
            utf16(&marked, u16::to_le_bytes),
            utf16(&marked, u16::to_be_bytes),
            utf32(u32::to_le_bytes),
            utf32(u32::to_be_bytes),
        ] {
            assert_eq!(decoded(&bytes).unwrap(), text, "{bytes:?}");
        }
        for bytes in [
            utf16("plain\r\n", u16::to_le_bytes),
            utf16("plain\r\n", u16::to_be_bytes),
        ] {
            assert_eq!(decoded(&bytes).unwrap(), "plain\r\n");
        }
        assert_eq!(decoded(b"").unwrap(), "");
        for bytes in [&b"caf\xe9"[..], b"\xff\xfea", b"\xff\xfe\x00\xd8"] {
            assert!(decoded(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn a_secret_loses_its_line_end_alone() {
        for (text, secret) in [
            (" a b \r\n", " a b "),
            ("a\rb", "a"),
            ("a\n\n", "a"),
            ("\ta", "\ta"),
        ] {
            assert_eq!(first_line(text), secret);
        }
        assert!(not_empty("", "x").is_err());
    }
}
