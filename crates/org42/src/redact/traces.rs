//! The last resort: searches a text for secrets after decoding everything in it.
//!
//! The search has three steps. Decode: escapes of all kinds are removed, layer by layer, in several readings, because
//! a text does not show which encodings were used. Fold: letter case, white space and the spellings of accented
//! letters are made equal; quotes, backslashes and invisible characters are removed. Search: the folded text is
//! searched for the secret, which was decoded and folded in the same way, then for the secret's bytes in hexadecimal
//! and decimal, then each run of base64 in it is decoded and searched too.
//!
//! This finds secrets whose encodings are nested, mixed, or rare. Such a text is not repaired: it is dropped as a
//! whole.

use icu_normalizer::DecomposingNormalizerBorrowed;

use super::encodings::WINDOWS;
use super::packed::unpacked;
use super::unescape::{ESCAPED, unescaped};

/// The fewest characters of a folded secret: shorter ones are in most texts by chance.
const SHORTEST: usize = 4;

/// The most layers of escapes that are removed.
const ROUNDS: usize = 8;

/// How deeply base64 within base64 is decoded, and the longest text, in bytes, for which that is more than once.
const DEPTH: usize = 2;
const DEEP_TEXT: usize = 32 * 1024;

/// One way of reading a text. No single reading is right for all texts.
#[derive(Clone, Copy)]
struct Reading {
    /// Whether `=` begins an escape, as in mails, and is not the sign before a value, as in forms.
    is_quoted: bool,
    joined: Joined,
}

/// Which bytes of UTF-8 are joined to one character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joined {
    /// Bytes that were escaped.
    Escaped,
    /// Bytes that were escaped, and those that were read as characters of their own.
    All,
    /// None: the bytes are Latin-1.
    None,
}

const READINGS: [Reading; 6] = {
    const fn of(is_quoted: bool, joined: Joined) -> Reading {
        Reading { is_quoted, joined }
    }
    [
        of(false, Joined::Escaped),
        of(false, Joined::All),
        of(false, Joined::None),
        of(true, Joined::Escaped),
        of(true, Joined::All),
        of(true, Joined::None),
    ]
};

/// The forms of a secret by which a decoded text is searched.
pub(super) struct Traces {
    folded: Vec<String>,
    /// The secret's bytes in hexadecimal digits.
    hex: Vec<String>,
    /// The secret's bytes as decimal numbers with commas around each.
    numbers: Vec<String>,
}

impl Traces {
    pub(super) fn new(secret: &str) -> Self {
        let secret = secret.trim();
        let units: Vec<u32> = secret.chars().map(u32::from).collect();
        let readings = READINGS.iter();
        let mut folded: Vec<String> = readings
            .map(|reading| folded(&decoded(units.clone(), *reading)).trim().to_owned())
            .filter(|text| text.chars().count() >= SHORTEST)
            .collect();
        folded.sort();
        folded.dedup();
        let mut bytes = vec![secret.as_bytes().to_vec()];
        bytes.extend(
            secret
                .chars()
                .map(|c| u8::try_from(u32::from(c)).ok())
                .collect::<Option<Vec<u8>>>(),
        );
        bytes.push(secret.encode_utf16().flat_map(u16::to_be_bytes).collect());
        bytes.push(secret.encode_utf16().flat_map(u16::to_le_bytes).collect());
        bytes.retain(|bytes| bytes.len() >= SHORTEST);
        let hex = |bytes: &Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let numbers = |bytes: &Vec<u8>| {
            let numbers: String = bytes.iter().map(|byte| format!("{byte},")).collect();
            format!(",{numbers}")
        };
        Self {
            folded,
            hex: bytes.iter().map(hex).collect(),
            numbers: bytes.iter().map(numbers).collect(),
        }
    }
}

/// Returns whether any of these secrets is in a text.
pub(super) fn are_in(text: &str, traces: &[&Traces]) -> bool {
    let depth = if text.len() > DEEP_TEXT { 1 } else { DEPTH };
    found(text.chars().map(u32::from).collect(), traces, depth)
}

fn found(units: Vec<u32>, traces: &[&Traces], depth: usize) -> bool {
    if traces.is_empty() {
        return false;
    }
    let has = |text: &str, part: fn(&Traces) -> &[String]| {
        let mut parts = traces.iter().flat_map(|traces| part(traces));
        parts.any(|part| text.contains(part.as_str()))
    };
    let may_be_quoted = units.contains(&u32::from('='));
    let mut readings = READINGS
        .iter()
        .filter(|reading| may_be_quoted || !reading.is_quoted);
    if readings.any(|reading| {
        let text = folded(&decoded(units.clone(), *reading));
        has(&text, |t| &t.folded)
    }) {
        return true;
    }
    let units = decoded(units, READINGS[0]);
    let text = folded(&units);
    has(&digits(&text), |t| &t.hex)
        || has(&numbers(&text), |t| &t.numbers)
        || (depth > 0
            && unpacked(&units)
                .into_iter()
                .any(|units| found(units, traces, depth - 1)))
}

/// Returns the letters and digits alone, without the marks of hexadecimal numbers.
fn digits(text: &str) -> String {
    let alone: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    alone.replace("0x", "")
}

/// Returns the numbers alone, with a comma around each.
fn numbers(text: &str) -> String {
    let mut alone = String::from(",");
    for c in text.chars() {
        match c.is_ascii_digit() {
            true => alone.push(c),
            false if !alone.ends_with(',') => alone.push(','),
            false => {}
        }
    }
    alone.push(',');
    alone
}

/// Returns the text in one spelling of each character, without what encodings add or double.
fn folded(units: &[u32]) -> String {
    let plain: String = units.iter().filter_map(|unit| shown(*unit)).collect();
    let mut folded = String::with_capacity(plain.len());
    let plain = DecomposingNormalizerBorrowed::new_nfkd().normalize(&plain);
    for c in plain.chars().flat_map(char::to_lowercase) {
        match c {
            'ß' => folded.push_str("ss"),
            'ς' => folded.push('σ'),
            '\\' | '"' | '\'' => {}
            // Combining marks that lower-casing leaves behind, and invisible characters.
            '\u{307}' | '\u{34f}' | '\u{ad}' | '\u{feff}' => {}
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' => {}
            space if space.is_whitespace() || space == '+' => {
                if !folded.ends_with(' ') {
                    folded.push(' ');
                }
            }
            control if control.is_control() => {}
            other => folded.push(other),
        }
    }
    folded
}

fn shown(unit: u32) -> Option<char> {
    match unit {
        0x80..=0x9f => WINDOWS.chars().nth(usize::try_from(unit - 0x80).ok()?),
        _ => char::from_u32(unit),
    }
}

/// Removes escapes, however often they are escaped themselves.
fn decoded(mut units: Vec<u32>, reading: Reading) -> Vec<u32> {
    for _ in 0..ROUNDS {
        let marked = unescaped(&units, reading.is_quoted);
        let next = with_pairs_joined(&with_bytes_joined(&marked, reading.joined));
        if next == units {
            break;
        }
        units = next;
    }
    units
}

/// Joins the two halves that UTF-16 has of some characters.
fn with_pairs_joined(units: &[u32]) -> Vec<u32> {
    let mut joined = Vec::with_capacity(units.len());
    let mut place = 0;
    while let Some(&unit) = units.get(place) {
        match (unit, units.get(place + 1)) {
            (0xd800..0xdc00, Some(low @ 0xdc00..0xe000)) => {
                joined.push(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
                place += 2;
            }
            _ => {
                joined.push(unit);
                place += 1;
            }
        }
    }
    joined
}

/// Joins bytes of UTF-8 to the characters that they stand for, and removes the marks of escapes.
fn with_bytes_joined(units: &[u32], joined: Joined) -> Vec<u32> {
    let byte = |place: usize| -> Option<u32> {
        let unit = *units.get(place)?;
        let is_escaped = unit & ESCAPED != 0;
        let unit = unit & !ESCAPED;
        match joined {
            Joined::None => return None,
            Joined::Escaped if !is_escaped => return None,
            _ => {}
        }
        if unit < 0x100 {
            return Some(unit);
        }
        let c = char::from_u32(unit)?;
        let place = WINDOWS.chars().position(|known| known == c)?;
        Some(u32::try_from(place).ok()? + 0x80)
    };
    let mut plain = Vec::with_capacity(units.len());
    let mut place = 0;
    while let Some(&unit) = units.get(place) {
        let more = match byte(place) {
            Some(0xc2..=0xdf) => 1,
            Some(0xe0..=0xef) => 2,
            Some(0xf0..=0xf4) => 3,
            _ => 0,
        };
        let unit = unit & !ESCAPED;
        let first = unit & (0x7f >> (more + 1));
        let value = (1..=more).try_fold(first, |value, next| {
            let next = byte(place + next).filter(|next| (0x80..0xc0).contains(next))?;
            Some(value << 6 | (next & 0x3f))
        });
        match value {
            Some(value) if more > 0 => {
                plain.push(value);
                place += more + 1;
            }
            _ => {
                plain.push(unit);
                place += 1;
            }
        }
    }
    plain
}
