//! The directory of a tenant: its owner, locks, files and links; what is in the files is the store's.
//!
//! Nothing in it is opened through a link, and files that other users may change are not trusted. Whether a process
//! is alive is seen from its locks, which end with it, so what a killed process has left is recognized at once.

mod aside;
pub(crate) mod files;
mod gate;
#[cfg_attr(not(unix), path = "owner_elsewhere.rs")]
mod owner;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) use aside::{Aside, sweep};
pub(crate) use gate::{Gate, is_at};
pub(crate) use owner::{check_directory, tighten};

/// The tenant's database.
pub(crate) const DATABASE: &str = "tenant.db";
/// The database of a tenant that is not complete yet.
pub(crate) const UNFINISHED: &str = "unfinished.db";
/// The directory of its snapshots.
pub(crate) const SNAPSHOTS: &str = "snapshots";

/// The reason why a file or a directory is not used, with its name.
#[derive(Debug)]
pub(crate) struct Unfit(pub(crate) String);

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unfit {}

/// A directory that may be used.
#[derive(Debug)]
pub(crate) struct Place {
    /// The path, without links in it.
    pub(crate) path: PathBuf,
    /// Warnings for the operator about it.
    pub(crate) notes: Vec<String>,
    /// The directories that were made for it, the innermost first.
    made: Vec<PathBuf>,
}

impl Place {
    /// Makes the directory if it is missing, and checks that it and its files may be used.
    ///
    /// # Errors
    ///
    /// When other users may change what is in it, or it cannot be made or read.
    pub(crate) fn at(dir: &Path) -> Result<Self, Unfit> {
        let is_missing = |step: &&Path| !step.as_os_str().is_empty() && !step.exists();
        let made = dir.ancestors().take_while(is_missing);
        let made = made.map(Path::to_owned).collect();
        let failed = |what: &str, error| Unfit(format!("cannot {what} {}: {error}", dir.display()));
        make_private(dir).map_err(|error| failed("create the directory", error))?;
        let path = dir
            .canonicalize()
            .map_err(|error| failed("use the directory", error))?;
        let mut place = Self {
            path,
            notes: Vec::new(),
            made,
        };
        match place.look() {
            Ok(notes) => place.notes = notes,
            Err(unfit) => {
                place.take_back();
                return Err(unfit);
            }
        }
        Ok(place)
    }

    fn look(&self) -> Result<Vec<String>, Unfit> {
        let mut notes = check_directory(&self.path)?;
        for name in [DATABASE, UNFINISHED] {
            for file in files::of_database(&self.path.join(name)) {
                notes.extend(tighten(&file)?);
            }
        }
        for lock in [gate::NAME, files::MARKER] {
            // These files hold nothing secret, so a warning would be pointless.
            tighten(&self.path.join(lock))?;
        }
        let snapshots = self.path.join(SNAPSHOTS);
        if fs::symlink_metadata(&snapshots).is_ok() {
            notes.extend(check_directory(&snapshots)?);
            notes.extend(tighten_snapshots(&snapshots)?);
        }
        Ok(notes)
    }

    /// Removes the directories that were made for it, when there is no tenant to keep.
    pub(crate) fn take_back(&self) {
        for dir in &self.made {
            // A directory that is not empty stays.
            let _ = fs::remove_dir(dir);
        }
    }
}

/// Keeps others from reading snapshots. What is not an ordinary file is skipped here, and refused when it is asked
/// for by name.
fn tighten_snapshots(snapshots: &Path) -> Result<Vec<String>, Unfit> {
    let mut notes = Vec::new();
    for entry in fs::read_dir(snapshots).into_iter().flatten().flatten() {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && entry.file_name().to_string_lossy().ends_with(".db") {
            // Nor does a snapshot that others may change prevent the tenant from being opened.
            match tighten(&entry.path()) {
                Ok(note) => notes.extend(note),
                Err(unfit) => notes.push(unfit.0),
            }
        }
    }
    Ok(notes)
}

/// Makes a directory that only its owner can open, unless it exists.
pub(crate) fn make_private(dir: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}
