//! The files of a database by what they are, whatever they are called.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::Path;

use crate::data::files::{log_of, of_database, ordinary, without_links};
use crate::store::StoreError;

/// A device and a number on it.
type Identity = (u64, u64);

/// The database, its log and the index of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Files([Identity; 3]);

impl Files {
    /// Those that are there under their names, if all of them are.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let [database, log, index, _] = of_database(path);
        Some(Self([
            identity(&database)?,
            identity(&log)?,
            identity(&index)?,
        ]))
    }

    /// Whether nobody else can have written to the database: it is there, and the index is, or none is.
    pub(super) fn can_be_completed(&self, path: &Path) -> bool {
        let [database, _, index] = self.0;
        let [database_path, _, index_path, _] = of_database(path);
        identity(&database_path) == Some(database)
            && identity(&index_path).is_none_or(|there| there == index)
    }

    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut all = line.split(' ').map(|text| {
            let (device, number) = text.split_once(':')?;
            Some((device.parse().ok()?, number.parse().ok()?))
        });
        Some(Self([all.next()??, all.next()??, all.next()??]))
    }

    pub(super) fn line(self) -> String {
        let mut line = String::new();
        for (device, number) in self.0 {
            let space = if line.is_empty() { "" } else { " " };
            // Writing into a text does not fail.
            let _ = write!(line, "{space}{device}:{number}");
        }
        line + "\n"
    }
}

/// A database is never opened here: closing it would take SQLite's own locks away.
fn identity(path: &Path) -> Option<Identity> {
    let about = fs::symlink_metadata(path).ok()?;
    Some((about.dev(), about.ino()))
}

/// The log, to be looked at. It has no locks.
#[derive(Debug)]
pub(super) struct Log(File);

impl Log {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let mut options = OpenOptions::new();
        let file = without_links(options.read(true)).open(log_of(path));
        file.map(Self).map_err(StoreError::failed)
    }

    /// What it is salted with; none as long as it is empty.
    pub(super) fn salt(&self) -> Option<u32> {
        const BEGINNINGS: [u32; 2] = [0x377f_0682, 0x377f_0683];
        let mut head = [0; 32];
        self.0.read_exact_at(&mut head, 0).ok()?;
        let number = |at: usize| {
            let bytes = head.get(at..at + 4)?;
            Some(u32::from_be_bytes(bytes.try_into().ok()?))
        };
        BEGINNINGS.contains(&number(0)?).then(|| number(16))?
    }

    pub(super) fn salt_at(path: &Path) -> Option<u32> {
        ordinary(&log_of(path)).ok()??;
        Self::open(path).ok()?.salt()
    }

    /// Whether there is one with something in it.
    pub(super) fn is_there(path: &Path) -> bool {
        fs::symlink_metadata(log_of(path)).is_ok_and(|about| about.len() > 0)
    }
}
