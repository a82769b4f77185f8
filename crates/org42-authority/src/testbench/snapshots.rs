//! Snapshots: saved tenants, by name, as files in a directory.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use org42_types::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::data::{Aside, check_directory, files, make_private, sweep, tighten};
use crate::domain::TenantRefusal;
use crate::store::StoreError;

const ENDING: &str = ".db";
/// The prefix of directories for work in progress.
pub(crate) const ASIDE: &str = ".aside";
/// The same prefix among the temporary files of all users.
const PASSING: &str = ".org42-aside";

/// The place where snapshots are kept.
#[derive(Debug)]
pub(crate) enum Snapshots {
    /// A directory beside the tenant.
    In(PathBuf),
    /// A temporary directory that lives as long as the process, for a tenant in memory.
    Passing(Mutex<Option<Aside>>),
}

/// One of them.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Snapshot)]
pub(crate) struct Saved {
    /// The name of the snapshot.
    name: String,
    /// When it was saved.
    saved_at: Timestamp,
    /// How large its file is, in bytes.
    bytes: u64,
}

impl Snapshots {
    /// Returns the directory, made if it is missing.
    fn directory(&self) -> Result<PathBuf, StoreError> {
        match self {
            Self::In(directory) => {
                make_private(directory).map_err(StoreError::failed)?;
                check_directory(directory)?;
                Ok(directory.clone())
            }
            Self::Passing(kept) => {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                let kept = match kept.take() {
                    Some(directory) => kept.insert(directory),
                    None => kept.insert(passing().map_err(StoreError::failed)?),
                };
                Ok(kept.path().to_owned())
            }
        }
    }

    /// Returns a directory for work in progress; it is removed when the value is dropped.
    pub(crate) fn aside(&self) -> Result<Aside, TenantRefusal> {
        let directory = self.directory()?;
        sweep(&directory, ASIDE);
        Ok(Aside::make_in(&directory, ASIDE).map_err(StoreError::failed)?)
    }

    /// Returns the path of a snapshot, whether it exists or not.
    ///
    /// # Errors
    ///
    /// When the name is invalid.
    fn place(&self, name: &str) -> Result<PathBuf, TenantRefusal> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if name.is_empty()
            || name.len() > 64
            || name.starts_with('.')
            || !name.chars().all(is_plain)
        {
            return Err(TenantRefusal::Invalid(format!(
                "{name:?} is no name of a snapshot: from 1 to 64 letters, digits, dots, dashes and underlines, the \
                 first no dot"
            )));
        }
        Ok(self.directory()?.join(format!("{name}{ENDING}")))
    }

    /// Returns the file of an existing snapshot.
    ///
    /// # Errors
    ///
    /// When there is none, or other users could have changed it.
    pub(crate) fn file(&self, name: &str) -> Result<PathBuf, TenantRefusal> {
        let file = self.place(name)?;
        if !file.exists() || file.is_dir() {
            return Err(TenantRefusal::SnapshotNotFound(name.to_owned()));
        }
        // A file that other users could have changed must not be restored.
        let checked = tighten(&file).and_then(|_| files::ordinary(&file));
        checked.map_err(|unfit| TenantRefusal::Invalid(unfit.to_string()))?;
        Ok(file)
    }

    /// Moves a finished file to the place of a snapshot.
    ///
    /// # Errors
    ///
    /// When a snapshot of this name exists, unless `replace` is set.
    pub(crate) fn keep(
        &self,
        name: &str,
        ready: &Path,
        replace: bool,
    ) -> Result<(), TenantRefusal> {
        let file = self.place(name)?;
        if replace {
            return Ok(fs::rename(ready, file).map_err(StoreError::failed)?);
        }
        // Unlike a rename, a link never replaces what another request has saved meanwhile.
        match fs::hard_link(ready, &file) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Err(TenantRefusal::SnapshotExists(name.to_owned()))
            }
            // Not every file system has links.
            Err(_) if file.exists() => Err(TenantRefusal::SnapshotExists(name.to_owned())),
            Err(_) => Ok(fs::rename(ready, file).map_err(StoreError::failed)?),
            Ok(()) => Ok(()),
        }
    }

    /// Returns all snapshots, by name.
    pub(crate) fn all(&self) -> Result<Vec<Saved>, TenantRefusal> {
        let directory = self.directory()?;
        let all = || {
            let mut all = Vec::new();
            for entry in fs::read_dir(directory)? {
                let entry = entry?;
                let name = entry.file_name();
                if !entry.file_type()?.is_file() {
                    continue;
                }
                let Some(name) = name.to_str().and_then(|name| name.strip_suffix(ENDING)) else {
                    continue;
                };
                let about = match entry.metadata() {
                    // The file was deleted meanwhile.
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

    /// Deletes a snapshot.
    pub(crate) fn delete(&self, name: &str) -> Result<(), TenantRefusal> {
        let file = self.place(name)?;
        if file.is_dir() {
            return Err(TenantRefusal::SnapshotNotFound(name.to_owned()));
        }
        // For a link, only the link is removed.
        match fs::remove_file(file) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(TenantRefusal::SnapshotNotFound(name.to_owned()))
            }
            done => Ok(done.map_err(StoreError::failed)?),
        }
    }
}

/// Makes a directory among the temporary files, after removing those of processes that were killed.
fn passing() -> io::Result<Aside> {
    let parent = std::env::temp_dir().canonicalize()?;
    sweep(&parent, PASSING);
    Aside::make_in(&parent, PASSING)
}
