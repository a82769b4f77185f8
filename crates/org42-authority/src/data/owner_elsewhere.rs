//! Who may change a directory or a file is not known here as it is on Unix.

use std::path::Path;

use super::Unfit;
use super::files::ordinary;

/// Refuses what is no directory.
pub(crate) fn check_directory(path: &Path) -> Result<Vec<String>, Unfit> {
    match path.is_dir() {
        true => Ok(Vec::new()),
        false => Err(Unfit(format!("{} is not a directory", path.display()))),
    }
}

/// Refuses what is no ordinary file.
pub(crate) fn tighten(path: &Path) -> Result<Option<String>, Unfit> {
    ordinary(path).map(|_| None)
}
