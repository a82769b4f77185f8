//! The conversion between rows of tables and records of the model.

use std::fmt::Display;

use org42_types::Timestamp;
use rusqlite::types::{FromSql, ValueRef};
use rusqlite::{Connection, Params};

use super::connection::prepare;
use crate::domain::{Mark, Revision};
use crate::store::StoreError;

/// A table: its columns, in the order in which records are read and written, and the statement that writes one.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// Whether its rows stay when the tenant is replaced, and new ones are only added.
    pub(super) stays: bool,
    /// Its columns, each qualified with the table's name.
    columns: String,
    write: String,
}

impl Table {
    /// Describes a table. The first `keys` columns are the primary key; without any, rows are only added, never
    /// overwritten.
    pub(super) fn new(name: &'static str, keys: usize, columns: &str) -> Self {
        let columns: Vec<_> = columns.split_whitespace().collect();
        let places: Vec<_> = (1..=columns.len())
            .map(|place| format!("?{place}"))
            .collect();
        let mut write = format!(
            "INSERT INTO {name} ({}) VALUES ({})",
            columns.join(", "),
            places.join(", ")
        );
        if keys > 0 {
            let (keys, others) = columns.split_at(keys);
            let updates: Vec<_> = others
                .iter()
                .map(|column| format!("{column} = excluded.{column}"))
                .collect();
            write += &format!(
                " ON CONFLICT ({}) DO UPDATE SET {}",
                keys.join(", "),
                updates.join(", ")
            );
        }
        let qualified: Vec<_> = columns
            .iter()
            .map(|column| format!("{name}.{column}"))
            .collect();
        Self {
            name,
            stays: false,
            columns: qualified.join(", "),
            write,
        }
    }

    /// Marks the table as one whose rows stay when the tenant is replaced.
    pub(super) fn that_stays(self) -> Self {
        Self {
            stays: true,
            ..self
        }
    }

    /// Writes one row, with its values in the order of the columns.
    pub(super) fn write(
        &self,
        connection: &Connection,
        values: impl Params,
    ) -> Result<(), StoreError> {
        prepare(connection, &self.write)?.execute(values)?;
        Ok(())
    }
}

/// The cells of one row of a result, read from left to right.
pub(super) struct Cells<'a> {
    row: &'a rusqlite::Row<'a>,
    table: &'static str,
    key: usize,
    next: usize,
}

impl<'a> Cells<'a> {
    pub(super) fn new(row: &'a rusqlite::Row<'a>) -> Self {
        Self {
            row,
            table: "",
            key: 0,
            next: 0,
        }
    }

    /// Starts reading a row of `table`, whose first cell is the key.
    fn of(&mut self, table: &Table) -> &mut Self {
        self.table = table.name;
        self.key = self.next;
        self
    }

    pub(super) fn take<T: FromSql>(&mut self) -> Result<T, StoreError> {
        self.take_as(Ok::<T, StoreError>)
    }

    pub(super) fn take_as<C: FromSql, T, E: Display>(
        &mut self,
        convert: impl FnOnce(C) -> Result<T, E>,
    ) -> Result<T, StoreError> {
        let at = self.next;
        self.next += 1;
        let cell = self.row.get(at).map_err(|error| self.wrong(at, &error))?;
        convert(cell).map_err(|error| self.wrong(at, &error))
    }

    pub(super) fn parse<T: TryFrom<String, Error: Display>>(&mut self) -> Result<T, StoreError> {
        self.take_as(|text: String| T::try_from(text))
    }

    pub(super) fn number(&mut self) -> Result<u64, StoreError> {
        self.take_as(u64::try_from as fn(i64) -> _)
    }

    pub(super) fn revision(&mut self) -> Result<Revision, StoreError> {
        self.number().map(Revision)
    }

    pub(super) fn time(&mut self) -> Result<Timestamp, StoreError> {
        self.take_as(|millis| Timestamp::from_millis(millis).ok_or("it is no time"))
    }

    pub(super) fn maybe_time(&mut self) -> Result<Option<Timestamp>, StoreError> {
        self.take_as(|millis: Option<i64>| {
            millis
                .map(|millis| Timestamp::from_millis(millis).ok_or("it is no time"))
                .transpose()
        })
    }

    pub(super) fn mark(&mut self) -> Result<Option<Mark>, StoreError> {
        let at = self.next;
        let revision = self.take_as(|number: Option<i64>| number.map(u64::try_from).transpose())?;
        match (revision, self.maybe_time()?) {
            (None, None) => Ok(None),
            (Some(revision), Some(time)) => Ok(Some(Mark {
                revision: Revision(revision),
                at: time,
            })),
            _ => Err(self.wrong(at, &"a revision and a time go together")),
        }
    }

    pub(super) fn marks(&mut self) -> Result<Vec<Mark>, StoreError> {
        self.take_as(|text: String| {
            if text == "[]" {
                return Ok(Vec::new());
            }
            let pairs: Vec<(u64, i64)> =
                serde_json::from_str(&text).map_err(|error| error.to_string())?;
            let mark = |(revision, millis)| {
                Timestamp::from_millis(millis).map(|at| Mark {
                    revision: Revision(revision),
                    at,
                })
            };
            let marks: Option<Vec<_>> = pairs.into_iter().map(mark).collect();
            marks.ok_or_else(|| "one of its times is none".to_owned())
        })
    }

    fn wrong(&self, column: usize, error: &dyn Display) -> StoreError {
        let key = match self.row.get_ref(self.key) {
            Ok(ValueRef::Integer(number)) => number.to_string(),
            Ok(ValueRef::Text(text)) => String::from_utf8_lossy(text).into_owned(),
            _ => "?".to_owned(),
        };
        let column = self
            .row
            .as_ref()
            .column_name(column)
            .unwrap_or("?")
            .to_owned();
        StoreError::failed(format!(
            "row {key} of table {} holds no proper {column}: {error}",
            self.table
        ))
    }
}

/// A record that is one row of one table.
pub(super) trait Record: Sized {
    /// Returns the table that it is kept in.
    fn table() -> &'static Table;

    /// Reads a record from the table's columns.
    fn from_cells(cells: &mut Cells<'_>) -> Result<Self, StoreError>;

    /// Writes the row, over an older one with the same key.
    fn write(&self, connection: &Connection) -> Result<(), StoreError>;
}

/// A value that a query returns row by row.
pub(super) trait Read: Sized {
    /// Returns the columns to select.
    fn columns() -> String;

    /// Reads a value from those columns.
    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError>;
}

impl<R: Record> Read for R {
    fn columns() -> String {
        R::table().columns.clone()
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        R::from_cells(cells.of(R::table()))
    }
}

impl<A: Read, B: Read> Read for (A, B) {
    fn columns() -> String {
        [A::columns(), B::columns()].join(", ")
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok((A::read(cells)?, B::read(cells)?))
    }
}

impl<A: Read, B: Read, C: Read> Read for (A, B, C) {
    fn columns() -> String {
        [A::columns(), B::columns(), C::columns()].join(", ")
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok((A::read(cells)?, B::read(cells)?, C::read(cells)?))
    }
}

/// Returns a number as the database stores it: signed.
///
/// # Errors
///
/// When it is too large for that.
pub(super) fn signed(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number)
        .map_err(|_| StoreError::failed(format!("{number} is more than the database can hold")))
}

pub(super) fn revision_of(mark: Option<Mark>) -> Result<Option<i64>, StoreError> {
    mark.map(|mark| signed(mark.revision.0)).transpose()
}

/// Returns marks as the text that [`Cells::marks`] reads.
pub(super) fn text_of(marks: &[Mark]) -> Result<String, StoreError> {
    let pairs: Vec<_> = (marks.iter())
        .map(|mark| (mark.revision.0, mark.at.as_millis()))
        .collect();
    serde_json::to_string(&pairs).map_err(|error| StoreError::failed(error.to_string()))
}

pub(super) fn time_of(mark: Option<Mark>) -> Option<i64> {
    mark.map(|mark| mark.at.as_millis())
}
