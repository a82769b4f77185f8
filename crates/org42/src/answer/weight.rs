//! Estimates how much memory a JSON document would take once it is built, from its text and without building anything.

/// The bytes of an object: the first node of its map.
const OBJECT: usize = 576;
/// The bytes of a member: its share of the nodes after the first.
const MEMBER: usize = 136;
/// The bytes of an array: the room that it is created with.
const ARRAY: usize = 128;
/// The bytes of an item, or of a member's value, with the room that is left for more.
const ITEM: usize = 64;
/// The bytes of a text in addition to its letters.
const TEXT: usize = 32;
/// The bytes of a letter: reading or showing a text copies it.
const LETTER: usize = 3;
/// The bytes of a letter in a text that serde_json reads as another document: the most that a letter of `{},` takes
/// there.
const NESTED: usize = (OBJECT + ITEM) / 3;

/// Returns about how many bytes the values of a document take; rather too many than too few.
///
/// Seven bytes such as `{"":0},` become seven hundred, so the length of an answer, packed or not, does not show how
/// much memory it takes.
pub(crate) fn weight(text: &str) -> usize {
    let mut weight = ITEM;
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        weight += match byte {
            b'{' => OBJECT,
            b'[' => ARRAY,
            b':' => MEMBER,
            b',' => ITEM,
            b'"' => {
                let (written, letters, after) = text_in(rest);
                rest = after;
                match is_reserved(written) {
                    true => return weight.saturating_add(rest.len().saturating_mul(NESTED)),
                    false => TEXT + LETTER * letters,
                }
            }
            _ => 0,
        };
    }
    weight
}

/// Returns the weight of a document if it is more than `most`. One that is too short for that is not looked at.
pub(crate) fn weight_over(text: &str, most: usize) -> Option<usize> {
    if text.len() < most / OBJECT {
        return None;
    }
    Some(weight(text)).filter(|weight| *weight > most)
}

/// Reads the rest of a JSON string whose opening quote was read: returns its text as written, how many letters that
/// is, and what follows it.
fn text_in(rest: &[u8]) -> (&[u8], usize, &[u8]) {
    let (mut end, mut letters) = (0, 0);
    while let Some(byte) = rest.get(end) {
        end += match byte {
            b'"' => return (&rest[..end], letters, &rest[end + 1..]),
            b'\\' => 2,
            _ => 1,
        };
        letters += 1;
    }
    (rest, letters, &[])
}

/// Returns whether a member's name is the one under which serde_json reads another text as a document and builds that
/// too.
fn is_reserved(written: &[u8]) -> bool {
    const NAME: &str = "$serde_json::private::RawValue";
    const LONGEST: usize = NAME.len() * "\\u0024".len();
    match written.first() {
        Some(b'$' | b'\\') if (NAME.len()..=LONGEST).contains(&written.len()) => {
            let text = [b"\"", written, b"\""].concat();
            serde_json::from_slice::<String>(&text).is_ok_and(|text| text == NAME)
        }
        _ => false,
    }
}

/// Renders a number of bytes for people.
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
        assert!(weight(r#"{"$serde_json":"[{},{},{},{}]"}"#) < 1000);
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
    fn what_is_short_is_never_over_and_not_looked_at() {
        for letter in ["{", "[", ":", ",", "\""] {
            let text = letter.repeat(1000);
            let weight = weight(&text);
            assert_eq!(weight_over(&text, weight), None, "{letter}");
            assert_eq!(weight_over(&text, weight - 1), Some(weight), "{letter}");
        }
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

    #[test]
    fn a_text_that_is_taken_for_a_document_weighs_as_one() {
        let inner = serde_json::to_string(&format!("[{}0]", r#"{"":0},"#.repeat(1000))).unwrap();
        for name in [
            "$serde_json::private::RawValue",
            r"\u0024serde_json::private::RawValue",
            r"$serde_json::private::RawValu\u0065",
        ] {
            let text = format!(r#"{{"x":{{"{name}":{inner}}}}}"#);
            assert!(serde_json::from_str::<serde_json::Value>(&text).unwrap()["x"].is_array());
            assert!(weight(&text) > 700_000, "{name}: {}", weight(&text));
        }
    }
}
