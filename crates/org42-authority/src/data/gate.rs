//! The lock that a process holds while it opens, founds or closes a tenant.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::Unfit;
use super::files::lockable;

/// Its file is as old as the first version, which locked it for founding alone.
pub(super) const NAME: &str = "founding.lock";

/// Held by one process at a time.
#[derive(Debug)]
pub(crate) struct Gate {
    path: PathBuf,
    file: File,
}

impl Gate {
    /// Waits until nobody else holds it.
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
            // Who held it may have taken the file away.
            if is_at(&gate.file, &path) {
                return Ok(gate);
            }
        }
    }

    /// Takes its file away: where there is no tenant nobody has a use for it.
    pub(crate) fn take_away(self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether an open file is the one of this name.
#[cfg(unix)]
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(open), Ok(named)) = (file.metadata(), fs::symlink_metadata(path)) else {
        return false;
    };
    (open.dev(), open.ino()) == (named.dev(), named.ino())
}

/// Whether an open file is the one of this name.
#[cfg(not(unix))]
pub(crate) fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}
