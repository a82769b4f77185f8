//! The lock that a process holds while it opens, founds or closes a tenant.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::Unfit;
use super::files::lockable;

/// The lock's file. The first version locked it for founding alone, hence the name.
pub(super) const NAME: &str = "founding.lock";

/// The lock, held by one process at a time.
#[derive(Debug)]
pub(crate) struct Gate {
    path: PathBuf,
    file: File,
}

impl Gate {
    /// Takes the lock, and waits while another process holds it.
    pub(crate) fn of(dir: &Path) -> Result<Self, Unfit> {
        let path = dir.join(NAME);
        loop {
            let file = lockable(&path)?;
            file.lock()
                .map_err(|error| Unfit(format!("cannot lock {}: {error}", path.display())))?;
            let gate = Self {
                path: path.clone(),
                file,
            };
            // The process that held it may have removed the file.
            if is_at(&gate.file, &path) {
                return Ok(gate);
            }
        }
    }

    /// Removes the lock's file: without a tenant it is of no use.
    pub(crate) fn take_away(self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Returns whether an open file is the one that now has this name.
#[cfg(unix)]
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(open), Ok(named)) = (file.metadata(), fs::symlink_metadata(path)) else {
        return false;
    };
    (open.dev(), open.ino()) == (named.dev(), named.ino())
}

/// Returns whether a file has this name; on this system it cannot be compared with the open one.
#[cfg(not(unix))]
pub(crate) fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}
