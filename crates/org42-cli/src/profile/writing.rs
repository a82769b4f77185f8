//! Writes files whole or not at all, through links, for their owner alone.

use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::exit::{Exit, Failure};

/// The most links that are followed to a file.
const LINKS: usize = 40;

/// Replaces the contents of a file, and keeps its mode and owner. A link stays, and its target is replaced.
pub(super) fn replace(path: &Path, contents: &[u8]) -> Result<(), Failure> {
    let written = target(path).and_then(|target| {
        let done = replace_target(&target, contents);
        done.map_err(|error| match target == path {
            true => error,
            false => io::Error::new(
                error.kind(),
                format!("it is a link to {}: {error}", target.display()),
            ),
        })
    });
    written.map_err(|error| {
        let message = format!("cannot write {}; it is as it was", path.display());
        Failure::because(Exit::Failed, message, error)
    })
}

fn replace_target(target: &Path, contents: &[u8]) -> io::Result<()> {
    let directory = directory_of(target);
    private_directory(directory)?;
    let old = fs::metadata(target);
    match &old {
        Ok(old) if !old.is_file() => {
            let message = "it is no ordinary file, and nothing can be kept there";
            return Err(io::Error::new(ErrorKind::InvalidInput, message));
        }
        Err(error) if error.kind() != ErrorKind::NotFound => return old.map(drop),
        _ => {}
    }
    let mut new = tempfile::NamedTempFile::new_in(directory)?;
    new.write_all(contents)?;
    if let Ok(old) = &old {
        keep_owner_and_mode(new.as_file(), old)?;
    }
    new.as_file().sync_all()?;
    new.persist(target)?;
    Ok(())
}

#[cfg(unix)]
fn keep_owner_and_mode(new: &File, old: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
    let own = new.metadata()?;
    if (own.uid(), own.gid()) != (old.uid(), old.gid()) {
        // Only the superuser can change an owner; for others it is theirs already.
        let _ = fchown(new, Some(old.uid()), Some(old.gid()));
    }
    new.set_permissions(Permissions::from_mode(old.permissions().mode() & 0o777))
}

#[cfg(not(unix))]
fn keep_owner_and_mode(_: &File, _: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// Returns the file that a path leads to, which need not exist.
fn target(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..LINKS {
        match fs::read_link(&target) {
            Ok(next) => {
                let next = directory_of(&target).join(next);
                if fs::metadata(directory_of(&next)).is_err() {
                    let message = format!(
                        "it is a link to {}, and there is no such directory",
                        next.display()
                    );
                    return Err(io::Error::new(ErrorKind::NotFound, message));
                }
                target = next;
            }
            // It is no link.
            Err(_) => return Ok(target),
        }
    }
    let message = "it is a link that leads back to itself";
    Err(io::Error::new(ErrorKind::InvalidInput, message))
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Makes a directory that only its owner can read, unless it exists.
pub(crate) fn private_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| {
        let link = fs::read_link(path).ok();
        match link.filter(|_| !path.exists()) {
            Some(target) => io::Error::new(
                error.kind(),
                format!(
                    "{} is a link to {}, which is not there",
                    path.display(),
                    target.display()
                ),
            ),
            None => error,
        }
    })
}

/// Locks a file against other processes until the returned one is dropped.
pub(super) fn locked(path: &Path) -> Result<File, Failure> {
    let mut name = path.to_owned().into_os_string();
    name.push(".lock");
    let locking = private_directory(directory_of(path)).and_then(|()| {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(name)?;
        file.lock()?;
        Ok(file)
    });
    locking.map_err(|error| {
        Failure::because(
            Exit::Failed,
            format!("cannot lock {}", path.display()),
            error,
        )
    })
}
