//! The last resort: whether a text still has a secret in it once everything is decoded.
//!
//! Encodings meet within one character, lie in one another, or are rare. A text that has a secret in such a form is not
//! taken apart: it goes as a whole. Text and secret are decoded and folded alike, so that neither the order of the
//! encodings nor a secret that looks like an escape matters.

use icu_normalizer::DecomposingNormalizerBorrowed;

use super::encodings::{LATIN, WINDOWS};

/// What is shorter, folded, is in most texts by chance.
const SHORTEST: usize = 4;

/// How often encodings are taken off one another.
const ROUNDS: usize = 8;

/// How often base64 is looked into, and the longest text in which it is done more than once.
const DEPTH: usize = 2;
const DEEP_TEXT: usize = 32 * 1024;

/// The shortest run that may be base64.
const SHORTEST_PACKED: usize = 8;

/// The longest name or number between `&` and `;`.
const LONGEST_NAME: usize = 32;

/// The names of HTML for what is on keyboards, and for what Windows adds to Latin-1.
const NAMES: &[(&str, char)] = &[
    ("quot", '"'),
    ("QUOT", '"'),
    ("amp", '&'),
    ("AMP", '&'),
    ("lt", '<'),
    ("LT", '<'),
    ("gt", '>'),
    ("GT", '>'),
    ("apos", '\''),
    ("excl", '!'),
    ("num", '#'),
    ("dollar", '$'),
    ("percnt", '%'),
    ("lpar", '('),
    ("rpar", ')'),
    ("ast", '*'),
    ("midast", '*'),
    ("plus", '+'),
    ("comma", ','),
    ("period", '.'),
    ("sol", '/'),
    ("colon", ':'),
    ("semi", ';'),
    ("equals", '='),
    ("quest", '?'),
    ("commat", '@'),
    ("lsqb", '['),
    ("lbrack", '['),
    ("bsol", '\\'),
    ("rsqb", ']'),
    ("rbrack", ']'),
    ("Hat", '^'),
    ("lowbar", '_'),
    ("UnderBar", '_'),
    ("grave", '`'),
    ("DiacriticalGrave", '`'),
    ("lcub", '{'),
    ("lbrace", '{'),
    ("verbar", '|'),
    ("vert", '|'),
    ("VerticalLine", '|'),
    ("rcub", '}'),
    ("rbrace", '}'),
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("euro", '€'),
    ("hellip", '…'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bull", '•'),
    ("trade", '™'),
    ("OElig", 'Œ'),
    ("oelig", 'œ'),
];

/// What the name of an accented letter ends with, and the accent.
const ACCENTS: &[(&str, char)] = &[
    ("grave", '\u{300}'),
    ("acute", '\u{301}'),
    ("circ", '\u{302}'),
    ("tilde", '\u{303}'),
    ("macr", '\u{304}'),
    ("breve", '\u{306}'),
    ("dot", '\u{307}'),
    ("uml", '\u{308}'),
    ("ring", '\u{30a}'),
    ("dblac", '\u{30b}'),
    ("caron", '\u{30c}'),
    ("cedil", '\u{327}'),
    ("ogon", '\u{328}'),
];

/// What may be meant by a text. No reading is right for all of them.
#[derive(Clone, Copy)]
struct Reading {
    /// What follows = is an escape, as in mails; in a form it is a value.
    is_quoted: bool,
    joined: Joined,
}

/// Which bytes of UTF-8 are one character together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joined {
    /// Those that were escaped.
    Escaped,
    /// Also those that were taken for characters.
    All,
    /// None: they are in Latin-1.
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

/// Marks what was escaped.
const ESCAPED: u32 = 1 << 31;

/// What is left of a secret in any text that has it.
pub(super) struct Traces {
    folded: Vec<String>,
    /// Its bytes in hexadecimal digits.
    hex: Vec<String>,
    /// Its bytes as decimal numbers with commas around.
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

/// Whether any of these secrets is in a text.
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

/// Letters and digits alone, without the marks of hexadecimal numbers.
fn digits(text: &str) -> String {
    let alone: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    alone.replace("0x", "")
}

/// Numbers alone, with a comma around each.
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

/// The text in one spelling of each character, and without what encodings add or double.
fn folded(units: &[u32]) -> String {
    let plain: String = units.iter().filter_map(|unit| shown(*unit)).collect();
    let mut folded = String::with_capacity(plain.len());
    let plain = DecomposingNormalizerBorrowed::new_nfkd().normalize(&plain);
    for c in plain.chars().flat_map(char::to_lowercase) {
        match c {
            'ß' => folded.push_str("ss"),
            'ς' => folded.push('σ'),
            '\\' | '"' | '\'' => {}
            // What dots of capital letters leave behind, and what nobody sees.
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

/// Without escapes, however often they are escaped themselves.
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

fn unescaped(units: &[u32], quoted: bool) -> Vec<u32> {
    let mut plain = Vec::with_capacity(units.len());
    let mut place = 0;
    while let Some(&unit) = units.get(place) {
        let rest = &units[place..];
        match escape(rest, quoted) {
            Some((values, length)) => {
                let values = values.into_iter().flatten();
                plain.extend(values.map(|value| value | ESCAPED));
                place += length.max(1);
            }
            None => {
                plain.push(unit);
                place += 1;
            }
        }
    }
    plain
}

/// What an escape stands for, and its length.
type Escape = ([Option<u32>; 2], usize);

fn escape(rest: &[u32], quoted: bool) -> Option<Escape> {
    let one = |value: u32, length: usize| Some(([Some(value), None], length));
    let at = |place: usize| rest.get(place).copied().and_then(char::from_u32);
    match at(0)? {
        '\\' => {
            let slashes = rest.iter().take_while(|unit| **unit == 0x5c).count();
            let digits = match at(slashes) {
                Some('u' | 'x') if at(slashes + 1) == Some('{') => {
                    let from = slashes + 2;
                    let length = rest[from..].iter().take(9).position(|unit| *unit == 0x7d);
                    return match length
                        .and_then(|length| Some((number(rest, from, length, 16)?, length)))
                    {
                        Some((value, length)) => one(value, from + length + 1),
                        None => Some(([None; 2], slashes)),
                    };
                }
                Some('u') => (1, 4, 16),
                Some('U') => (1, 8, 16),
                Some('x') => (1, 2, 16),
                Some('0'..='3') => (0, 3, 8),
                _ => return Some(([None; 2], slashes)),
            };
            let (skipped, length, radix) = digits;
            let from = slashes + skipped;
            match number(rest, from, length, radix) {
                Some(value) => one(value, from + length),
                None => Some(([None; 2], slashes)),
            }
        }
        '%' if matches!(at(1), Some('u' | 'U')) => one(number(rest, 2, 4, 16)?, 6),
        '%' => one(number(rest, 1, 2, 16)?, 3),
        '=' if quoted => one(number(rest, 1, 2, 16)?, 3),
        'U' | 'u' if at(1) == Some('+') => {
            let length = match at(2) {
                Some('1') if number(rest, 2, 5, 16).is_some() => 5,
                _ => 4,
            };
            let value = number(rest, 2, length, 16)?;
            // A list of them has spaces between.
            let more = matches!(
                (at(length + 2), at(length + 3), at(length + 4)),
                (Some(' '), Some('U' | 'u'), Some('+'))
            );
            one(value, length + 2 + usize::from(more))
        }
        '&' => reference(&rest[1..]).map(|(values, length)| (values, length + 1)),
        _ => None,
    }
}

/// A number of exactly so many digits.
fn number(units: &[u32], from: usize, length: usize, radix: u32) -> Option<u32> {
    let digits = units.get(from..from + length)?;
    (length > 0).then_some(())?;
    digits.iter().try_fold(0_u32, |value, unit| {
        let digit = char::from_u32(*unit)?.to_digit(radix)?;
        value.checked_mul(radix)?.checked_add(digit)
    })
}

/// `quot;`, `#34;`, `#x22`: what follows `&`.
fn reference(rest: &[u32]) -> Option<Escape> {
    let taken: String = rest
        .iter()
        .take(LONGEST_NAME)
        .map_while(|unit| char::from_u32(*unit))
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '#')
        .collect();
    let ended = usize::from(rest.get(taken.len()) == Some(&u32::from(';')));
    if let Some(digits) = taken.strip_prefix('#') {
        let (radix, digits) = match digits.strip_prefix(['x', 'X']) {
            Some(digits) => (16, digits),
            None => (10, digits),
        };
        let length = digits
            .bytes()
            .take_while(|b| char::from(*b).is_digit(radix))
            .count();
        let value = u32::from_str_radix(&digits[..length], radix).ok()?;
        let before = taken.len() - digits.len();
        let ended = usize::from(length == digits.len() && ended == 1);
        return Some(([Some(value), None], before + length + ended));
    }
    if ended == 0 {
        return None;
    }
    let values = named(&taken)?;
    Some((values.map(|value| value.map(u32::from)), taken.len() + 1))
}

fn named(name: &str) -> Option<[Option<char>; 2]> {
    if let Some((_, c)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some([Some(*c), None]);
    }
    if let Some(place) = LATIN.split_whitespace().position(|known| known == name) {
        let value = u32::try_from(place).ok()? + 0xa0;
        return Some([char::from_u32(value), None]);
    }
    ACCENTS.iter().find_map(|(ending, accent)| {
        let letter = name.strip_suffix(ending)?;
        let mut letters = letter.chars();
        let only = letters.next().filter(|_| letters.next().is_none())?;
        Some([Some(only), Some(*accent)])
    })
}

/// With the two halves that UTF-16 has of some characters as one.
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

/// With bytes of UTF-8 as the characters that they are together, and without marks.
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

/// What each run of base64 may be, wherever in it a group of four begins; whole, and over the ends of lines.
fn unpacked(units: &[u32]) -> Vec<Vec<u32>> {
    let is_break = |unit: &u32| [0x0a, 0x0d].contains(unit);
    let mut found = runs(units);
    if units.iter().any(is_break) {
        let joined: Vec<u32> = units
            .iter()
            .copied()
            .filter(|unit| !is_break(unit))
            .collect();
        found.extend(runs(&joined));
    }
    found
}

fn runs(units: &[u32]) -> Vec<Vec<u32>> {
    units
        .split(|unit| sextet(*unit).is_none())
        .filter(|run| run.len() >= SHORTEST_PACKED)
        .flat_map(|run| (0..4).map(move |from| bytes_of(&run[from..])))
        .flat_map(|bytes| [in_utf16(&bytes), vec![bytes]].concat())
        .collect()
}

/// What bytes with zeros among them may be in UTF-16.
fn in_utf16(bytes: &[u32]) -> Vec<Vec<u32>> {
    if !bytes.contains(&0) {
        return Vec::new();
    }
    let read = |from: usize, first: u32, second: u32| {
        let pairs = bytes[from..].chunks_exact(2);
        pairs
            .map(|pair| pair[0] * first + pair[1] * second)
            .collect()
    };
    let from = [0, 1].into_iter();
    from.flat_map(|from| [read(from, 256, 1), read(from, 1, 256)])
        .collect()
}

fn bytes_of(run: &[u32]) -> Vec<u32> {
    let mut bytes = Vec::with_capacity(run.len());
    for group in run.chunks(4) {
        let value = group.iter().filter_map(|unit| sextet(*unit));
        let value = value.fold(0, |value, sextet| value << 6 | sextet) << (6 * (4 - group.len()));
        let of_group = [value >> 16, value >> 8 & 0xff, value & 0xff];
        bytes.extend(of_group.iter().take(group.len() - 1));
    }
    bytes
}

fn sextet(unit: u32) -> Option<u32> {
    match char::from_u32(unit)? {
        'A'..='Z' => Some(unit - 65),
        'a'..='z' => Some(unit - 71),
        '0'..='9' => Some(unit + 4),
        '+' | '-' => Some(62),
        '/' | '_' => Some(63),
        _ => None,
    }
}
