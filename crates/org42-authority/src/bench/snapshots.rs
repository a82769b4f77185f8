//! Tenants as they were once, by name.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use org42_types::Timestamp;
use serde::Serialize;
use tempfile::TempDir;

use crate::authority::make_private;
use crate::store::StoreError;
use crate::tree::Refusal;

const ENDING: &str = ".db";

/// Where snapshots are kept.
#[derive(Debug)]
pub(crate) enum Snapshots {
    /// Beside the tenant.
    In(PathBuf),
    /// As long as the process lives, for a tenant that does not live longer.
    Passing(Mutex<Option<TempDir>>),
}

/// One of them.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Saved {
    name: String,
    saved_at: Timestamp,
    bytes: u64,
}

impl Snapshots {
    /// The directory, made if it is missing.
    fn directory(&self) -> io::Result<PathBuf> {
        match self {
            Self::In(directory) => {
                make_private(directory)?;
                Ok(directory.clone())
            }
            Self::Passing(kept) => {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                let kept = match kept.take() {
                    Some(directory) => kept.insert(directory),
                    None => kept.insert(private().tempdir()?),
                };
                Ok(kept.path().to_owned())
            }
        }
    }

    /// A directory for what is made aside; gone when it is dropped.
    pub(crate) fn aside(&self) -> Result<TempDir, Refusal> {
        let made = self.directory().and_then(|directory| {
            sweep(&directory);
            private().tempdir_in(directory)
        });
        Ok(made.map_err(StoreError::failed)?)
    }

    /// The file of a snapshot, whether it is there or not.
    fn place(&self, name: &str) -> Result<PathBuf, Refusal> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if name.is_empty()
            || name.len() > 64
            || name.starts_with('.')
            || !name.chars().all(is_plain)
        {
            return Err(Refusal::Invalid(format!(
                "{name:?} is no name of a snapshot: from 1 to 64 letters, digits, dots, dashes and underlines, the \
                 first no dot"
            )));
        }
        let directory = self.directory().map_err(StoreError::failed)?;
        Ok(directory.join(format!("{name}{ENDING}")))
    }

    /// The file of a snapshot that is there.
    pub(crate) fn file(&self, name: &str) -> Result<PathBuf, Refusal> {
        let file = self.place(name)?;
        match file.is_file() {
            true => Ok(file),
            false => Err(Refusal::SnapshotNotFound(name.to_owned())),
        }
    }

    /// Keeps a file that is ready under a name.
    pub(crate) fn keep(&self, name: &str, ready: &Path, replace: bool) -> Result<(), Refusal> {
        let file = self.place(name)?;
        if replace {
            return Ok(fs::rename(ready, file).map_err(StoreError::failed)?);
        }
        // Unlike a rename, a link never takes the place of what another has saved meanwhile.
        match fs::hard_link(ready, &file) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Err(Refusal::SnapshotExists(name.to_owned()))
            }
            // Not every file system has links.
            Err(_) if file.exists() => Err(Refusal::SnapshotExists(name.to_owned())),
            Err(_) => Ok(fs::rename(ready, file).map_err(StoreError::failed)?),
            Ok(()) => Ok(()),
        }
    }

    /// All of them, by name.
    pub(crate) fn all(&self) -> Result<Vec<Saved>, Refusal> {
        let all = || {
            let mut all = Vec::new();
            for entry in fs::read_dir(self.directory()?)? {
                let entry = entry?;
                let name = entry.file_name();
                if !entry.file_type()?.is_file() {
                    continue;
                }
                let Some(name) = name.to_str().and_then(|name| name.strip_suffix(ENDING)) else {
                    continue;
                };
                let about = match entry.metadata() {
                    // Deleted meanwhile.
                    Err(error) if error.kind() == ErrorKind::NotFound => continue,
                    about => about?,
                };
                let since = about.modified()?.duration_since(UNIX_EPOCH);
                let millis = since.map_or(0, |since| since.as_millis());
                let millis = i64::try_from(millis).unwrap_or(i64::MAX);
                all.push(Saved {
                    name: name.to_owned(),
                    saved_at: Timestamp::from_millis(millis).unwrap_or(Timestamp::EPOCH),
                    bytes: about.len(),
                });
            }
            all.sort_by(|a, b| a.name.cmp(&b.name));
            Ok::<_, io::Error>(all)
        };
        Ok(all().map_err(StoreError::failed)?)
    }

    /// Deletes one.
    pub(crate) fn delete(&self, name: &str) -> Result<(), Refusal> {
        match fs::remove_file(self.file(name)?) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(Refusal::SnapshotNotFound(name.to_owned()))
            }
            done => Ok(done.map_err(StoreError::failed)?),
        }
    }
}

/// What is made aside is called so.
const ASIDE: &str = ".aside";

/// Makes directories that only their owner can look into.
fn private() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(ASIDE);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o700));
    }
    builder
}

/// Removes what a process that was killed has left aside a day ago. What cannot be removed is in nobody's way.
fn sweep(directory: &Path) {
    const LEFT: std::time::Duration = std::time::Duration::from_secs(86_400);
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let is_left = |entry: &fs::DirEntry| {
        let is_aside = entry.file_name().to_string_lossy().starts_with(ASIDE);
        let modified = entry.metadata().and_then(|about| about.modified());
        is_aside && modified.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LEFT))
    };
    for entry in entries.filter(is_left) {
        let _ = fs::remove_dir_all(entry.path());
    }
}
