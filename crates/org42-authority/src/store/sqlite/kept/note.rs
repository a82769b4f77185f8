//! The note in the marker: lines of a fixed length, so that each can be overwritten in its place.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::watch::Files;
use crate::data::files::ordinary;
use crate::domain::Revision;

const ABOUT: &str = "org42 has the tenant in this directory open, or was killed while it had. Do not delete this file.\n";
const NO_SALT: &str = "----------";
/// The length of a line: the revision, a space, the salt, and the line break.
const LINE: usize = 20 + 1 + 10 + 1;
/// How often a log may have begun anew since its salt was noted: once for each process that was killed at that
/// moment.
const NEW_LOGS: u32 = 4096;

/// The facts that are known of a tenant after a crash.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Note {
    /// The last revision that was acknowledged, or one shortly before.
    pub(super) revision: Revision,
    /// The salt of the log; SQLite counts it up whenever the log begins anew.
    pub(super) salt: Option<u32>,
    /// The files that the processes with the tenant open have opened.
    pub(super) files: Option<Files>,
}

impl Note {
    /// Reads the note in a file; an incomplete one is empty.
    pub(super) fn read(file: &File) -> Self {
        let mut bytes = [0; 1024];
        let read = file.read_at(&mut bytes, 0).unwrap_or(0);
        let text = String::from_utf8_lossy(&bytes[..read]);
        let mut lines = text.lines().skip(1);
        let Some((revision, salt)) = lines.next().and_then(counts) else {
            return Self::default();
        };
        Self {
            revision,
            salt,
            files: lines.next().and_then(Files::parse),
        }
    }

    pub(super) fn at(path: &Path) -> Option<Self> {
        ordinary(path).ok()??;
        Some(Self::read(&File::open(path).ok()?))
    }

    /// Returns whether a log with this salt may have followed the one that was noted.
    pub(super) fn may_have(&self, salt: u32) -> bool {
        self.salt
            .is_none_or(|noted| salt.wrapping_sub(noted) <= NEW_LOGS)
    }

    fn line(&self) -> String {
        let salt = self
            .salt
            .map_or(NO_SALT.to_owned(), |salt| format!("{salt:010}"));
        format!("{:020} {salt}\n", self.revision.0)
    }
}

fn counts(line: &str) -> Option<(Revision, Option<u32>)> {
    let (revision, salt) = line.split_once(' ')?;
    let salt = match salt {
        NO_SALT => None,
        number => Some(number.parse().ok()?),
    };
    Some((Revision(revision.parse().ok()?), salt))
}

/// The marker of a tenant that is open.
#[derive(Debug)]
pub(super) struct Written(File);

impl Written {
    pub(super) fn of(file: File) -> Self {
        Self(file)
    }

    pub(super) fn file(&self) -> &File {
        &self.0
    }

    pub(super) fn write_all(&self, note: &Note) -> std::io::Result<()> {
        let files = note.files.map(Files::line).unwrap_or_default();
        let text = format!("{ABOUT}{}{files}", note.line());
        self.0.write_all_at(text.as_bytes(), 0)?;
        self.0.set_len(text.len() as u64)
    }

    /// Notes a revision, unless another process has noted a later one. A failure is ignored: without the note, only
    /// less can be found out after a crash.
    pub(super) fn raise(&self, revision: Revision, salt: Option<u32>) {
        let mut line = [0; LINE];
        let read = self.0.read_exact_at(&mut line, ABOUT.len() as u64);
        let noted = read.ok().and_then(|()| {
            let line = std::str::from_utf8(&line).ok()?;
            counts(line.trim_end())
        });
        if noted.is_some_and(|(noted, _)| noted < revision) {
            let note = Note {
                revision,
                salt,
                files: None,
            };
            let _ = self
                .0
                .write_all_at(note.line().as_bytes(), ABOUT.len() as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_noted_is_read_again_and_only_ever_raised() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("tenant.open");
        assert_eq!(Note::at(&path), None);
        let file = crate::data::files::lockable(&path).unwrap();
        assert_eq!(Note::read(&file), Note::default(), "nothing yet");
        let written = Written::of(file);
        let mut note = Note {
            revision: Revision(7),
            salt: Some(u32::MAX),
            files: Files::parse("1:2 3:4 5:6"),
        };
        written.write_all(&note).unwrap();
        assert_eq!(Note::at(&path).as_ref(), Some(&note));
        written.raise(Revision(9), Some(1));
        written.raise(Revision(8), None);
        note.revision = Revision(9);
        note.salt = Some(1);
        assert_eq!(Note::at(&path), Some(note));
    }

    #[test]
    fn a_salt_counts_up_and_begins_again_at_nothing() {
        let note = Note {
            salt: Some(u32::MAX),
            ..Note::default()
        };
        assert!(note.may_have(u32::MAX) && note.may_have(0) && note.may_have(100));
        assert!(!note.may_have(u32::MAX - 1) && !note.may_have(1 << 30));
        assert!(Note::default().may_have(77));
    }
}
