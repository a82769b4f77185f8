//! One time type for the several date formats of the wire.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A moment, to the millisecond.
///
/// Reads every date format that the API has been seen to send and is written the way its console routes do,
/// `2021-05-19T10:10:43.459Z`.
///
/// ```
/// use org42_types::Timestamp;
///
/// let a: Timestamp = "2014-07-09T10:34:43.698-05:00".parse()?;
/// let b: Timestamp = "2014-07-09T15:34:43.698Z".parse()?;
/// assert_eq!(a, b);
/// assert_eq!(a.to_string(), "2014-07-09T15:34:43.698Z");
/// # Ok::<(), org42_types::ParseTimestampError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A text that is none of the date formats of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseTimestampError {
    given: String,
}

impl fmt::Display for ParseTimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no date that the API uses", self.given)
    }
}

impl std::error::Error for ParseTimestampError {}

impl Timestamp {
    /// The start of 1970, UTC.
    pub const EPOCH: Self = Self(0);

    /// Returns the moment this many milliseconds after the start of 1970, UTC.
    ///
    /// `None` outside the years that can be written, about -9999 to 9999.
    #[must_use]
    pub fn from_millis(millis: i64) -> Option<Self> {
        jiff::Timestamp::from_millisecond(millis)
            .ok()
            .map(|_| Self(millis))
    }

    /// Returns milliseconds since the start of 1970, UTC.
    #[must_use]
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// Returns the moment that is `days` days of 24 hours later, or the last one that can be written.
    #[must_use]
    pub fn plus_days(self, days: u32) -> Self {
        self.plus_millis(i64::from(days) * 86_400_000)
    }

    /// Returns the moment that is `millis` milliseconds later, or the last one that can be written.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self(
            self.0
                .saturating_add(millis)
                .min(jiff::Timestamp::MAX.as_second() * 1000),
        )
    }

    /// Returns the day in UTC as `2021-05-19`, the form of the purge dates.
    #[must_use]
    pub fn to_date_string(self) -> String {
        self.civil().date().to_string()
    }

    /// Writes the form of the v3 routes: `Wed May 19 10:10:43 UTC 2021`.
    #[must_use]
    pub fn to_java_string(self) -> String {
        self.civil()
            .strftime("%a %b %d %H:%M:%S UTC %Y")
            .to_string()
    }

    fn civil(self) -> DateTime {
        jiff::Timestamp::from_millisecond(self.0)
            .map_or(DateTime::ZERO, |t| Offset::UTC.to_datetime(t))
    }

    fn of(moment: jiff::Timestamp) -> Self {
        Self(moment.as_millisecond())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = written(self.0) {
            return f.write_str(std::str::from_utf8(&text).unwrap_or_default());
        }
        let civil = self.civil();
        write!(
            f,
            "{}.{:03}Z",
            civil.strftime("%Y-%m-%dT%H:%M:%S"),
            civil.millisecond()
        )
    }
}

impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, ParseTimestampError> {
        if let Some(millis) = usual(text.as_bytes()) {
            return Ok(Self(millis));
        }
        let text = text.trim();
        rfc3339(text)
            .or_else(|| java(text))
            .or_else(|| archaic(text))
            .or_else(|| without_offset(text))
            .or_else(|| day(text))
            .map(Self::of)
            .ok_or_else(|| ParseTimestampError {
                given: text.chars().take(64).collect(),
            })
    }
}

/// Reads `2021-05-19T10:10:43.459Z`, the form of nearly every date of a listing, which has two for each organization.
fn usual(text: &[u8]) -> Option<i64> {
    const FORM: &[u8; 24] = b"0000-00-00T00:00:00.000Z";
    let text: &[u8; 24] = text.try_into().ok()?;
    let is_of_form = |(byte, form): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        _ => byte == form,
    };
    if !text.iter().zip(FORM).all(is_of_form) {
        return None;
    }
    let number = |places: std::ops::Range<usize>| {
        let digits = text[places].iter();
        digits.fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
    };
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let (hour, minute, second) = (number(11..13), number(14..16), number(17..19));
    // Whatever is unusual about a day or a time is left to the calendar of the library.
    let is_usual = (1..=12).contains(&month) && (1..=28).contains(&day);
    if !is_usual || year == 0 || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Counted from March, a year has its leap day at its end.
    let (year, month) = match month {
        1 | 2 => (year - 1, month + 9),
        _ => (year, month - 3),
    };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    let seconds = ((days - DAYS_BEFORE_1970) * 24 + hour) * 3600 + minute * 60 + second;
    Some(seconds * 1000 + number(20..23))
}

/// Writes the usual form, for the years 1 to 9999: a listing has two dates for each organization.
fn written(millis: i64) -> Option<[u8; 24]> {
    const DAY: i64 = 86_400_000;
    /// The days of 400, 100, 4 years and one.
    const CYCLES: [i64; 4] = [146_097, 36_524, 1_461, 365];
    let from_march = millis.div_euclid(DAY) + DAYS_BEFORE_1970;
    let [cycle, century, four, year] = CYCLES;
    let (cycles, day) = (from_march.div_euclid(cycle), from_march.rem_euclid(cycle));
    // The last day of a cycle is the leap day at its end, and belongs to the century, and the year, before it.
    let centuries = (day / century).min(3);
    let day = day - centuries * century;
    let fours = day / four;
    let day = day - fours * four;
    let years = (day / year).min(3);
    let day = day - years * year;
    let month = (day * 5 + 2) / 153;
    let day = day - (month * 153 + 2) / 5 + 1;
    let year = cycles * 400 + centuries * 100 + fours * 4 + years + i64::from(month >= 10);
    let month = if month < 10 { month + 3 } else { month - 9 };
    if !(1..=9999).contains(&year) {
        return None;
    }
    let time = millis.rem_euclid(DAY);
    let mut text = *b"0000-00-00T00:00:00.000Z";
    let mut put = |end: usize, digits: usize, mut number: i64| {
        for place in (end - digits..end).rev() {
            text[place] = b'0' + (number % 10) as u8;
            number /= 10;
        }
    };
    put(4, 4, year);
    put(7, 2, month);
    put(10, 2, day);
    put(13, 2, time / 3_600_000);
    put(16, 2, time / 60_000 % 60);
    put(19, 2, time / 1000 % 60);
    put(23, 3, time % 1000);
    Some(text)
}

/// The days from March of the year 0 to the start of 1970.
const DAYS_BEFORE_1970: i64 = 719_468;

/// Reads `2021-05-19T10:10:43.459Z` and `2014-07-09T10:34:43.698-05:00`.
fn rfc3339(text: &str) -> Option<jiff::Timestamp> {
    text.parse().ok()
}

/// Reads `Mon Feb 22 08:40:43 UTC 2021`. Java writes the zone's abbreviation; only those of zero offset are
/// unambiguous.
fn java(text: &str) -> Option<jiff::Timestamp> {
    let [_weekday, month, day, time, "UTC" | "GMT" | "Z", year] =
        text.split_whitespace().collect::<Vec<_>>()[..]
    else {
        return None;
    };
    let civil =
        DateTime::strptime("%Y %b %d %H:%M:%S", format!("{year} {month} {day} {time}")).ok()?;
    utc(civil)
}

/// Reads `2020-09-28T10:16:42:696-0500`: a colon before the milliseconds, none in the offset.
fn archaic(text: &str) -> Option<jiff::Timestamp> {
    let (stamp, offset) = text.split_at_checked(text.len().checked_sub(5)?)?;
    let (seconds, millis) = stamp
        .rsplit_once([':', '.'])
        .filter(|(_, millis)| millis.len() == 3)?;
    let (hours, minutes) = offset.split_at_checked(3)?;
    format!("{seconds}.{millis}{hours}:{minutes}").parse().ok()
}

/// Reads `2025-06-02T18:11:32`, which is UTC because it has no offset.
fn without_offset(text: &str) -> Option<jiff::Timestamp> {
    let civil: DateTime = text.parse().ok().filter(|_| text.contains(['T', ' ']))?;
    utc(civil)
}

/// Reads `2021-05-19` as the start of that day in UTC.
fn day(text: &str) -> Option<jiff::Timestamp> {
    let date: Date = text.parse().ok()?;
    utc(date.to_datetime(jiff::civil::Time::midnight()))
}

fn utc(civil: DateTime) -> Option<jiff::Timestamp> {
    Offset::UTC.to_timestamp(civil).ok()
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert_eq, proptest};

    #[test]
    fn every_recorded_format_is_read() {
        for (text, same) in [
            ("2021-05-19T10:10:43.459Z", "2021-05-19T10:10:43.459Z"),
            ("2014-07-09T10:34:43.698-05:00", "2014-07-09T15:34:43.698Z"),
            ("2019-01-02T03:04:05+00:00", "2019-01-02T03:04:05.000Z"),
            ("Mon Feb 22 08:40:43 UTC 2021", "2021-02-22T08:40:43.000Z"),
            ("2020-09-28T10:16:42:696-0500", "2020-09-28T15:16:42.696Z"),
            ("2025-06-02T18:11:32", "2025-06-02T18:11:32.000Z"),
            ("2025-06-02 18:11:32.198", "2025-06-02T18:11:32.198Z"),
            ("2026-12-07", "2026-12-07T00:00:00.000Z"),
        ] {
            assert_eq!(
                text.parse::<Timestamp>().unwrap().to_string(),
                same,
                "{text}"
            );
        }
    }

    #[test]
    fn nonsense_is_no_date() {
        for text in [
            "",
            "yesterday",
            "1621418000",
            "2021-13-01",
            "Mon Feb 31 08:40:43 UTC 2021",
            "ä5",
            "äöüß-",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn days_are_added_in_utc() {
        let start: Timestamp = "2026-11-23T23:30:00Z".parse().unwrap();
        assert_eq!(start.plus_days(14).to_date_string(), "2026-12-07");
    }

    #[test]
    fn the_last_moment_can_be_made_from_its_milliseconds() {
        let last = Timestamp::EPOCH.plus_millis(i64::MAX);
        assert_eq!(Timestamp::from_millis(last.as_millis()), Some(last));
    }

    proptest! {
        #[test]
        fn both_written_forms_read_back(seconds in 0_i64..4_102_444_800) {
            let moment = Timestamp::from_millis(seconds * 1000).unwrap();
            prop_assert_eq!(moment.to_string().parse::<Timestamp>().unwrap(), moment);
            prop_assert_eq!(moment.to_java_string().parse::<Timestamp>().unwrap(), moment);
        }

        #[test]
        fn the_usual_form_is_read_as_the_library_reads_it(millis in -62_135_596_800_000_i64..253_402_300_000_000) {
            let written = Timestamp(millis).to_string();
            let civil = Timestamp(millis).civil();
            let form = civil.strftime("%Y-%m-%dT%H:%M:%S").to_string();
            prop_assert_eq!(&written, &format!("{form}.{:03}Z", civil.millisecond()));
            let by_library = rfc3339(&written).map(Timestamp::of);
            prop_assert_eq!(written.parse::<Timestamp>().ok(), by_library);
            prop_assert_eq!(by_library, Some(Timestamp(millis)));
        }

        #[test]
        fn what_has_nearly_the_usual_form_is_read_as_the_library_reads_it(
            text in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]\\.[0-9]{3}Z"
        ) {
            if let Some(millis) = usual(text.as_bytes()) {
                prop_assert_eq!(rfc3339(&text).map(Timestamp::of), Some(Timestamp(millis)));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = text.parse::<Timestamp>();
        }
    }
}
