//! Tables: cells below each other, two spaces apart, without lines between them.

use unicode_width::UnicodeWidthStr;

use super::text::printable;

/// The most letters of a cell in a table of rows, whose lines are all as wide as the widest.
pub(super) const CELL: usize = 120;
/// The most letters of a cell in the table of one document.
pub(super) const LONG_CELL: usize = 4000;

/// A table, which keeps no more than the letters of its cells.
pub(super) struct Table {
    /// The most letters of a cell.
    most: usize,
    widths: Vec<usize>,
    /// All cells, one after the other.
    letters: String,
    /// Where each cell ends.
    ends: Vec<usize>,
}

/// The spaces between two columns.
const GAP: usize = 2;

impl Table {
    pub(super) fn new(header: &[&str], most: usize) -> Self {
        let mut table = Self {
            most,
            widths: vec![0; header.len()],
            letters: String::new(),
            ends: Vec::new(),
        };
        table.row(header.iter().copied());
        table
    }

    /// Adds a row, with as many cells as the header has.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = impl AsRef<str>>) {
        for (cell, widest) in cells.into_iter().zip(&mut self.widths) {
            let start = self.letters.len();
            shown(cell.as_ref(), self.most, &mut self.letters);
            self.ends.push(self.letters.len());
            *widest = width(&self.letters[start..]).max(*widest);
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut start = 0;
        for row in self.ends.chunks(self.widths.len()) {
            let line = out.len();
            for (end, widest) in row.iter().zip(&self.widths) {
                let cell = &self.letters[start..*end];
                start = *end;
                out.extend_from_slice(cell.as_bytes());
                let spaces = widest - width(cell) + GAP;
                out.extend(std::iter::repeat_n(b' ', spaces));
            }
            let kept = out[line..].trim_ascii_end().len();
            out.truncate(line + kept);
            out.push(b'\n');
        }
    }
}

/// Writes a text cut for a table. The forms for programs keep all of it.
fn shown(text: &str, most: usize, out: &mut String) {
    let cut = match text.len() <= most {
        true => None,
        false => text.char_indices().nth(most),
    };
    let kept = cut.map_or(text, |(end, _)| &text[..end]);
    match kept.chars().any(char::is_control) {
        true => out.push_str(&printable(kept)),
        false => out.push_str(kept),
    }
    if cut.is_some() {
        out.push('…');
    }
}

/// Returns a table of rows.
pub(super) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Vec<u8> {
    table_of(header, rows, CELL)
}

pub(super) fn table_of(
    header: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
    most: usize,
) -> Vec<u8> {
    let mut table = Table::new(header, most);
    rows.into_iter().for_each(|row| table.row(row));
    let mut text = Vec::new();
    table.write(&mut text);
    text
}

/// Returns how many columns of a terminal a text takes.
fn width(text: &str) -> usize {
    match text.is_ascii() {
        true => text.len(),
        false => text.width(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_on_a_terminal() {
        let mut table = Table::new(&["id", "name", "notes"], 5);
        for row in [
            ["1", "Paris", ""],
            ["22", "東京", "x\ty"],
            ["3", "é", "abcdefg"],
        ] {
            table.row(row);
        }
        let mut text = Vec::new();
        table.write(&mut text);
        let lines = [
            "id  name   notes",
            "1   Paris",
            "22  東京   x\\ty",
            "3   é      abcde…",
            "",
        ];
        assert_eq!(String::from_utf8(text).unwrap(), lines.join("\n"));
    }
}
