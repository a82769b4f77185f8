//! The file of a served tenant on systems other than Unix, where it is not checked whether the file or its log is
//! replaced.

use std::path::Path;

use rusqlite::Connection;

use super::connection;
use crate::data::files::check_database;
use crate::data::{Gate, Unfit};
use crate::domain::Revision;
use crate::store::StoreError;

impl From<Unfit> for StoreError {
    fn from(unfit: Unfit) -> Self {
        Self::failed(unfit)
    }
}

#[derive(Debug)]
pub(super) struct Kept;

impl Kept {
    pub(super) fn open(path: &Path, _: &Gate) -> Result<(Connection, Self), StoreError> {
        check_database(path)?;
        Ok((connection::writer(path)?, Self))
    }

    pub(super) fn is_whole(&self) -> bool {
        true
    }

    pub(super) fn may_change(&self, _: &Connection) -> Result<(), StoreError> {
        Ok(())
    }

    pub(super) fn changed(&self, _: &Connection, _: Revision) -> Result<(), StoreError> {
        Ok(())
    }

    pub(super) fn close(&self, _: &Connection) {}
}

pub(super) fn expect_none(_: &Path) -> Result<(), StoreError> {
    Ok(())
}
