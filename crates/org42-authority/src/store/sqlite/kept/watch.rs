//! The identities of a database's files, whatever their names.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::Path;

use crate::data::files::{log_of, of_database, ordinary, without_links};
use crate::store::StoreError;

/// A device and an inode on it.
type Identity = (u64, u64);

/// The identities of the database, its log and the log's index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Files([Identity; 3]);

impl Files {
    /// Returns the files that have these names now, if all of them exist.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let [database, log, index, _] = of_database(path);
        Some(Self([
            identity(&database)?,
            identity(&log)?,
            identity(&index)?,
        ]))
    }

    /// Returns whether no other process can have written to the database: it is the same file, and its index is the
    /// same or missing.
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
            // Writing into a `String` does not fail.
            let _ = write!(line, "{space}{device}:{number}");
        }
        line + "\n"
    }
}

/// Returns a file's identity. The database itself is never opened here: closing it would release SQLite's own locks.
fn identity(path: &Path) -> Option<Identity> {
    let about = fs::symlink_metadata(path).ok()?;
    Some((about.dev(), about.ino()))
}

/// The log, opened for reading; SQLite takes no locks on it.
#[derive(Debug)]
pub(super) struct Log(File);

impl Log {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let mut options = OpenOptions::new();
        let file = without_links(options.read(true)).open(log_of(path));
        file.map(Self).map_err(StoreError::failed)
    }

    /// Returns the salt of the log; `None` while it is empty.
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

    /// Returns whether there is a log that is not empty.
    pub(super) fn is_there(path: &Path) -> bool {
        fs::symlink_metadata(log_of(path)).is_ok_and(|about| about.len() > 0)
    }
}
