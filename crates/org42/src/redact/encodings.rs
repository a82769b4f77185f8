//! Finds a secret in a text, each of its characters in any encoding.
//!
//! A secret may be repeated in JSON (`\"`, `\u00e9`), in JSON within JSON (`\\\"`), in a query (`%C3%A9`), in
//! HTML (`&quot;`, `&#34;`), or with its UTF-8 read as Latin-1 (`Ã©`), and with several of these at once. So a secret is
//! not encoded and searched for: it is compared character by character, and each may stand there in any form.

/// The attempts that one comparison may take: for each character, and in addition. Only a text that was made to
/// exhaust them needs more.
const PATIENCE: (usize, usize) = (4, 256);

/// The length below which a secret is removed only as a word of its own: within words it would be found in most texts
/// by chance.
const SHORTEST: usize = 4;

/// The letters of Latin-1 from 160 on, by their names in HTML.
pub(super) const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 \
    acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig \
    Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave \
    Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave \
    iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

/// The characters of Windows-1252 at 128 to 159, where Latin-1 has only control characters.
pub(super) const WINDOWS: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

/// A text to search for.
pub(super) struct Needle {
    chars: Vec<char>,
    /// The bytes with which any of its forms can begin.
    starts: [bool; 256],
    is_short: bool,
}

impl Needle {
    pub(super) fn new(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let mut starts = [false; 256];
        for byte in *b"\\%&=" {
            starts[usize::from(byte)] = true;
        }
        match chars.first() {
            Some(first) if first.is_ascii() => {
                for form in [first.to_ascii_lowercase(), first.to_ascii_uppercase()] {
                    starts[form as usize] = true;
                }
                starts[usize::from(b'+')] |= *first == ' ';
            }
            _ => {
                starts[usize::from(b'?')] = true;
                starts[128..].fill(true);
            }
        }
        Self {
            is_short: chars.len() < SHORTEST,
            chars,
            starts,
        }
    }

    /// Returns where this secret ends in `text`, if one of its forms begins at `start`.
    pub(super) fn at(&self, text: &str, start: usize) -> Option<usize> {
        if !self.starts[usize::from(*text.as_bytes().get(start)?)] {
            return None;
        }
        let is_apart = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        if self.is_short && !is_apart(text[..start].chars().next_back()) {
            return None;
        }
        let mut forms = Vec::new();
        let mut open = vec![(0, start)];
        let (each, beside) = PATIENCE;
        for _ in 0..each * self.chars.len() + beside {
            let (matched, place) = open.pop()?;
            let Some(wanted) = self.chars.get(matched) else {
                if self.is_short && !is_apart(text[place..].chars().next()) {
                    continue;
                }
                return Some(place);
            };
            forms.clear();
            push_forms(&text[place..], *wanted, &mut forms);
            // The longest form is tried first.
            forms.sort_unstable();
            forms.dedup();
            open.extend(forms.iter().map(|length| (matched + 1, place + length)));
        }
        // After too many attempts, too much is removed rather than too little.
        Some(text.ceil_char_boundary(start + self.chars.len()))
    }
}

/// Adds the lengths of all forms of `wanted` with which a text begins.
fn push_forms(rest: &str, wanted: char, forms: &mut Vec<usize>) {
    let Some(first) = rest.chars().next() else {
        return;
    };
    if first == wanted || first.eq_ignore_ascii_case(&wanted) {
        forms.push(first.len_utf8());
    }
    match first {
        '\\' => push_backslashed(rest, wanted, forms),
        '&' => forms.extend(named(rest, wanted)),
        '+' if wanted == ' ' => forms.push(1),
        '%' if wanted == '%' && rest.starts_with("%25") => forms.push(3),
        _ => {}
    }
    if let Some((value, length)) = unit(rest) {
        if value == u32::from(wanted) {
            forms.push(length);
        }
        forms.extend(second_half(rest, value, length, wanted));
    }
    if !wanted.is_ascii() {
        forms.extend(byte_by_byte(rest, wanted));
        forms.extend(lost(rest, wanted));
    }
}

/// Adds the lengths of `\"`, `\n` and the like, and of backslashes themselves; in JSON within JSON their number
/// doubles.
fn push_backslashed(rest: &str, wanted: char, forms: &mut Vec<usize>) {
    let backslashes = rest.bytes().take_while(|byte| *byte == b'\\').count();
    if wanted == '\\' {
        let doubled = [2, 4, 8].into_iter().filter(|count| *count <= backslashes);
        forms.extend(doubled);
    }
    let letter = match wanted {
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\0' => '0',
        '\\' => return,
        other if other.is_ascii_punctuation() => other,
        _ => return,
    };
    if rest[backslashes..].starts_with(letter) {
        forms.push(backslashes + 1);
    }
}

/// Returns the length of `&quot;` and the like, also as `&amp;quot;`.
fn named(rest: &str, wanted: char) -> Option<usize> {
    let names: &[&str] = match wanted {
        '"' => &["quot"],
        '&' => &["amp"],
        '<' => &["lt"],
        '>' => &["gt"],
        '\'' => &["apos"],
        '\u{a0}'..='\u{ff}' => {
            let place = usize::try_from(u32::from(wanted) - 0xa0).ok()?;
            &[LATIN.split_whitespace().nth(place)?]
        }
        _ => return None,
    };
    let after = rest.strip_prefix('&')?;
    let mut inner = after;
    loop {
        let fits = names
            .iter()
            .find_map(|name| inner.strip_prefix(name)?.strip_prefix(';'));
        // All escapes of `&` together are its longest form.
        match (inner.strip_prefix("amp;"), fits) {
            (Some(deeper), _) if wanted != '&' || deeper.starts_with("amp;") => inner = deeper,
            (_, fits) => return fits.map(|left| rest.len() - left.len()),
        }
    }
}

/// Reads one number of an escape, and returns it with its length: a character, a byte, or half a character of UTF-16.
fn unit(rest: &str) -> Option<(u32, usize)> {
    let bytes = rest.as_bytes();
    let (value, left) = match bytes.first()? {
        b'\\' => {
            let inner = rest.trim_start_matches('\\');
            let (kind, digits) = inner.split_at_checked(1)?;
            match kind {
                "u" if digits.starts_with('{') => {
                    let (digits, left) = digits[1..].split_once('}')?;
                    (number(digits, 16)?, left)
                }
                "u" => fixed(digits, 4, 16)?,
                "x" => fixed(digits, 2, 16)?,
                "0" | "1" | "2" | "3" => fixed(inner, 3, 8)?,
                _ => return None,
            }
        }
        b'%' => {
            let mut inner = &rest[1..];
            while let Some(deeper) = inner.strip_prefix("25")
                && fixed(deeper, 2, 16).is_some()
            {
                inner = deeper;
            }
            match inner.strip_prefix(['u', 'U']) {
                Some(digits) => fixed(digits, 4, 16)?,
                None => fixed(inner, 2, 16)?,
            }
        }
        b'=' => fixed(&rest[1..], 2, 16)?,
        b'&' => {
            let mut inner = &rest[1..];
            while let Some(deeper) = inner.strip_prefix("amp;") {
                inner = deeper;
            }
            let inner = inner.strip_prefix('#')?;
            let (digits, radix) = match inner.strip_prefix(['x', 'X']) {
                Some(digits) => (digits, 16),
                None => (inner, 10),
            };
            let length = digits
                .bytes()
                .take_while(|byte| char::from(*byte).is_digit(radix))
                .count();
            let (digits, left) = digits.split_at(length);
            (
                number(digits, radix)?,
                left.strip_prefix(';').unwrap_or(left),
            )
        }
        _ => return None,
    };
    Some((value, rest.len() - left.len()))
}

fn fixed(text: &str, digits: usize, radix: u32) -> Option<(u32, &str)> {
    let (digits, left) = text.split_at_checked(digits)?;
    Some((number(digits, radix)?, left))
}

fn number(digits: &str, radix: u32) -> Option<u32> {
    let are_digits = digits.chars().all(|c| c.is_digit(radix));
    (are_digits && digits.len() <= 12).then(|| u32::from_str_radix(digits, radix).ok())?
}

/// Returns the length of a character that UTF-16 writes in two halves, the first of which was read.
fn second_half(rest: &str, first: u32, length: usize, wanted: char) -> Option<usize> {
    if !(0xd800..0xdc00).contains(&first) {
        return None;
    }
    let (second, more) = unit(&rest[length..])?;
    let mut halves = [0; 2];
    let halves = wanted.encode_utf16(&mut halves);
    let found = [first, second].map(u16::try_from);
    match (found, halves) {
        ([Ok(high), Ok(low)], [h, l]) if high == *h && low == *l => Some(length + more),
        _ => None,
    }
}

/// Returns the length of a character written as the bytes of its UTF-8, each escaped or taken for a character of its
/// own.
fn byte_by_byte(rest: &str, wanted: char) -> Option<usize> {
    let mut place = 0;
    let mut buffer = [0; 4];
    for byte in wanted.encode_utf8(&mut buffer).bytes() {
        let rest = &rest[place..];
        let windows = WINDOWS.chars().nth(usize::from(byte).wrapping_sub(0x80));
        let is_byte = |value: u32| {
            value == u32::from(byte) || windows.is_some_and(|windows| value == u32::from(windows))
        };
        place += match unit(rest) {
            Some((value, length)) if is_byte(value) => length,
            _ => {
                let next = rest.chars().next()?;
                is_byte(u32::from(next)).then_some(next.len_utf8())?
            }
        };
    }
    Some(place)
}

/// Returns the lengths of a character that could not be written: one mark, or one for each of its bytes.
fn lost(rest: &str, wanted: char) -> impl Iterator<Item = usize> {
    let mark = rest
        .chars()
        .next()
        .filter(|c| ['?', '\u{fffd}'].contains(c));
    let marks = rest.chars().take_while(|c| Some(*c) == mark).count();
    let counts = [1, wanted.len_utf8()].into_iter();
    counts
        .filter(move |count| *count <= marks)
        .map(move |count| count * mark.map_or(1, char::len_utf8))
}
