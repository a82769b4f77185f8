//! Removes the escapes of JSON, programming languages, addresses, mails and HTML from a text, one layer at a time.

use super::encodings::LATIN;

/// The most letters of a name or number between `&` and `;`.
const LONGEST_NAME: usize = 32;

/// The names in HTML of the characters on keyboards, and of those that Windows adds to Latin-1.
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

/// The endings of the names of accented letters, and their accents.
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

/// The bit that marks a character that was escaped.
pub(super) const ESCAPED: u32 = 1 << 31;

pub(super) fn unescaped(units: &[u32], quoted: bool) -> Vec<u32> {
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

/// The characters that an escape stands for, and its length.
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
            // The escapes of a list are separated by spaces.
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

/// Reads a number of exactly `length` digits.
fn number(units: &[u32], from: usize, length: usize, radix: u32) -> Option<u32> {
    let digits = units.get(from..from + length)?;
    (length > 0).then_some(())?;
    digits.iter().try_fold(0_u32, |value, unit| {
        let digit = char::from_u32(*unit)?.to_digit(radix)?;
        value.checked_mul(radix)?.checked_add(digit)
    })
}

/// Reads the rest of a reference after `&`: `quot;`, `#34;`, `#x22`.
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
