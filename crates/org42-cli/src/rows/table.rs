//! Tables: cells below each other, two spaces apart, without lines between them.

use unicode_width::UnicodeWidthStr;

use super::text::shown;

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
