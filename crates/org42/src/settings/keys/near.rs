//! Suggests names for a mistyped one.

use crate::settings::keys::table::ROWS;

/// Returns the names that are most like a text.
pub(crate) fn near(text: &str) -> Vec<&'static str> {
    let mut all: Vec<(usize, &'static str)> = ROWS
        .iter()
        .map(|row| {
            let last = row.name.rsplit('.').next().unwrap_or(row.name);
            (distance(text, row.name).min(distance(text, last)), row.name)
        })
        .filter(|(distance, name)| *distance <= 3 || (text.len() > 3 && name.contains(text)))
        .collect();
    all.sort();
    all.into_iter().take(3).map(|(_, name)| name).collect()
}

/// Counts how many letters must be added, removed or changed to turn one text into the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut before = row[0];
        row[0] = line + 1;
        for (place, against) in other.chars().enumerate() {
            let cost = before + usize::from(letter != against);
            before = row[place + 1];
            row[place + 1] = cost.min(before + 1).min(row[place] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}
