//! A bounded pool of connections that only read.

use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};

use rusqlite::Connection;

use super::{connection, lock, revision};
use crate::store::StoreError;

/// A pool of connections that only read. Each has memory of its own, so there are only a few.
pub(super) struct Readers {
    path: PathBuf,
    state: Mutex<Idle>,
    given_back: Condvar,
}

#[derive(Default)]
struct Idle {
    connections: Vec<Connection>,
    /// How many are in use.
    reading: usize,
}

/// A place in the pool, free again when it is dropped.
struct Place<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

impl Readers {
    /// How many are in use at once; further readers wait.
    const MOST: usize = 16;
    /// How many are kept open while idle.
    const KEPT: usize = 6;

    pub(super) fn of(path: PathBuf) -> Self {
        Self {
            path,
            state: Mutex::default(),
            given_back: Condvar::new(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Closes the idle connections.
    pub(super) fn close_idle(&self) {
        lock(&self.state).connections.clear();
    }

    /// Calls `look` with a connection. Returns `false` without calling it if a new connection would be needed and
    /// must not be opened.
    pub(super) fn with(
        &self,
        may_open: impl Fn() -> bool,
        look: impl FnOnce(&mut Connection) -> Result<(), StoreError>,
    ) -> Result<bool, StoreError> {
        let mut place = self.place();
        let connection = match place.connection.take() {
            Some(idle) => Some(idle),
            None => self.open(may_open)?,
        };
        let Some(mut connection) = connection else {
            return Ok(false);
        };
        let seen = look(&mut connection);
        place.connection = Some(connection);
        seen.map(|()| true)
    }

    /// Calls `look` with a connection that is idle; returns `false` without calling it if none is.
    pub(super) fn with_idle(
        &self,
        look: impl FnOnce(&mut Connection) -> Result<(), StoreError>,
    ) -> Result<bool, StoreError> {
        let Some(mut place) = self.idle_place() else {
            return Ok(false);
        };
        let Some(mut connection) = place.connection.take() else {
            return Ok(false);
        };
        let seen = look(&mut connection);
        place.connection = Some(connection);
        seen.map(|()| true)
    }

    fn open(&self, may_open: impl Fn() -> bool) -> Result<Option<Connection>, StoreError> {
        if !may_open() {
            return Ok(None);
        }
        let connection = connection::reader(&self.path)?;
        // The connection opens the log by name with its first read, and the log may have been removed meanwhile.
        revision(&connection)?;
        Ok(may_open().then_some(connection))
    }

    /// Returns a place with a connection that is idle, if one is.
    fn idle_place(&self) -> Option<Place<'_>> {
        let mut state = self.state.try_lock().ok()?;
        let connection = state.connections.pop()?;
        state.reading += 1;
        Some(Place {
            readers: self,
            connection: Some(connection),
        })
    }

    fn place(&self) -> Place<'_> {
        let mut state = lock(&self.state);
        while state.reading >= Self::MOST {
            state = self
                .given_back
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.reading += 1;
        Place {
            readers: self,
            connection: state.connections.pop(),
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.readers.state);
        state.reading -= 1;
        let usable = self.connection.take().filter(Connection::is_autocommit);
        if state.connections.len() < Readers::KEPT {
            state.connections.extend(usable);
        }
        drop(state);
        self.readers.given_back.notify_one();
    }
}
