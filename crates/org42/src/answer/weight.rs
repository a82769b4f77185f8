//! What a JSON document would take in memory once it is built, estimated from its text without building anything.

/// An object: the first node of its map.
const OBJECT: usize = 576;
/// A member: its share of the nodes after the first.
const MEMBER: usize = 136;
/// An array: the room that it begins with.
const ARRAY: usize = 128;
/// An item, or a member's value, with the room that is left for more.
const ITEM: usize = 64;
/// A text, beside its letters.
const TEXT: usize = 32;
/// A letter: whatever is read or shown of a text is a copy of it.
const LETTER: usize = 3;

/// Returns about how many bytes the values of a document take; rather more than fewer.
///
/// Seven bytes such as `{"":0},` become seven hundred, so neither the length of an answer nor that of its unpacked text
/// says what it does to the memory.
pub(crate) fn weight(text: &str) -> usize {
    let mut weight = ITEM;
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        weight += match byte {
            b'{' => OBJECT,
            b'[' => ARRAY,
            b':' => MEMBER,
            b',' => ITEM,
            b'"' => TEXT + LETTER * length_of_text(&mut bytes),
            _ => 0,
        };
    }
    weight
}

/// Reads on to the end of a text, and returns its length.
fn length_of_text(bytes: &mut std::str::Bytes<'_>) -> usize {
    let mut length = 0;
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => break,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
        length += 1;
    }
    length
}

/// Writes a number of bytes for people.
pub(crate) fn megabytes(bytes: usize) -> String {
    let tenths = bytes / (1024 * 1024 / 10);
    match tenths {
        0..100 => format!("{}.{} MB", tenths / 10, tenths % 10),
        _ => format!("{} MB", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_texts_builds_nothing() {
        let plain = weight(r#"{"a":"xxxxxxxx"}"#);
        assert_eq!(weight(r#"{"a":"[{:,]}[{"}"#), plain);
        assert_eq!(weight(r#"{"a":"\"\\\"xxxxx"}"#), plain);
        assert_eq!(weight(r#""never closed \"#), ITEM + TEXT + 14 * LETTER);
    }

    #[test]
    fn many_small_things_weigh_more_than_one_great_one() {
        let objects = format!("[{}0]", r#"{"":0},"#.repeat(1000));
        let text = format!("[\"{}\"]", "x".repeat(7000));
        assert!(weight(&objects) > 700_000, "{}", weight(&objects));
        assert!(weight(&text) < 22_000, "{}", weight(&text));
        assert!(weight(&"[".repeat(1000)) > 100_000);
        assert!(weight(&"0,".repeat(1000)) > 60_000);
    }

    #[test]
    fn an_ordinary_organization_weighs_a_few_kilobytes() {
        let org = r#"{"orgId":9087,"orgUid":"1007759454961904673","orgGuid":"a9578c3d-736b-4d96-80e5-71edd8a11ea3",
            "orgName":"19may","orgExtRef":null,"notes":"","status":"Active","active":true,"blocked":false}"#;
        assert!((1000..4000).contains(&weight(org)), "{}", weight(org));
    }

    #[test]
    fn megabytes_are_rounded_down() {
        let shown = [0, 800_000, 8 * 1024 * 1024, 6_000_000_000].map(megabytes);
        assert_eq!(shown, ["0.0 MB", "0.7 MB", "8.0 MB", "5722 MB"]);
    }
}
