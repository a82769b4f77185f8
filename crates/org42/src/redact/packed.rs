//! Decodes runs of base64 in a text.

/// The length of the shortest run that is decoded.
const SHORTEST_PACKED: usize = 8;

/// Returns what each run of base64 may stand for, wherever in it a group of four begins, both in each line and across
/// the ends of lines.
pub(super) fn unpacked(units: &[u32]) -> Vec<Vec<u32>> {
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

/// Returns what bytes with zeros among them may stand for in UTF-16.
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
