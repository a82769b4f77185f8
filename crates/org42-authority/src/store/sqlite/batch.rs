//! One transaction, in which writes decide one after the other.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use org42_types::OrgId;
use rusqlite::{Connection, TransactionBehavior};

use super::cells::{Record as _, signed};
use super::changes::write_row;
use super::connection::prepare;
use super::view::View;
use super::{revision, whole};
use crate::domain::{Revision, RowChange, Tenant};
use crate::store::journal::Journal;
use crate::store::writer::{Ended, Failed};
use crate::store::{
    Draft, Extent, MAX_CHANGES, ReadView, Sessions, StoreError, UserLookup, Verdict, Write,
};

/// The result of a transaction.
pub(super) struct Batch {
    /// The ends of the first of the writes.
    pub(super) ends: Vec<Ended>,
    /// The revision that was committed; `None` if nothing was changed.
    pub(super) revision: Option<Revision>,
    /// Whether one of them failed because the disk is full.
    pub(super) lacked_room: bool,
}

pub(super) fn transact(
    connection: &mut Connection,
    writes: &mut [Box<dyn Write>],
    journal: &Journal,
) -> Result<Batch, Failed> {
    let begin = |error: rusqlite::Error| Failed::Begin(error.into());
    let failed = |error: rusqlite::Error| Failed::Transaction(error.into());
    // It rolls back if it is dropped without a commit.
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(begin)?;
    // Changes come in any order, even an organization's user before the organization.
    transaction
        .pragma_update(None, "defer_foreign_keys", true)
        .map_err(begin)?;
    let mut batch = Batch {
        ends: Vec::new(),
        revision: None,
        lacked_room: false,
    };
    let before = revision(&transaction)
        .map_err(Failed::Begin)?
        .unwrap_or_default();
    let (mut rows, mut touched) = (0, Some(BTreeSet::new()));
    for write in writes {
        transaction
            .execute_batch("SAVEPOINT decision")
            .map_err(failed)?;
        let draft = Deciding {
            view: View::of_draft(&transaction),
            extent: write.extent(),
            room: MAX_CHANGES - rows,
            rows: Cell::new(0),
            revision: Cell::new(None),
            failure: RefCell::new(None),
            touched: RefCell::new((write.extent() == Extent::Rows).then(BTreeSet::new)),
        };
        let decided = catch_unwind(AssertUnwindSafe(|| write.decide(&draft)));
        let (made, applied, failure, orgs) = (
            draft.revision.get(),
            draft.rows.get(),
            draft.failure.into_inner(),
            draft.touched.into_inner(),
        );
        batch.lacked_room |= matches!(failure, Some(StoreError::NoRoom(_)));
        if transaction.is_autocommit() {
            // The database has rolled back the transaction with everything in it.
            let error = failure.unwrap_or_else(|| StoreError::failed("a transaction was given up"));
            return Err(Failed::Transaction(error));
        }
        // This write has to go first in the next transaction.
        let is_full = matches!(failure, Some(StoreError::TooLarge(_))) && rows > 0;
        let end = match (decided, failure) {
            _ if is_full => None,
            (Ok(Verdict::Keep), None) => Some(Ok(true)),
            (Ok(Verdict::Keep), Some(failure)) => Some(Err(failure)),
            (Ok(Verdict::Undo), _) => Some(Ok(false)),
            (Err(panic), _) => Some(Err(panicked(&*panic))),
        };
        if matches!(end, Some(Ok(true))) {
            rows += applied;
            batch.revision = made.or(batch.revision);
            touched = touched.zip(orgs).map(|(mut all, these)| {
                all.extend(these);
                all
            });
        } else {
            transaction
                .execute_batch("ROLLBACK TO decision")
                .map_err(failed)?;
        }
        transaction
            .execute_batch("RELEASE decision")
            .map_err(failed)?;
        match end {
            Some(end) => batch.ends.push(end.map(drop)),
            None => break,
        }
    }
    if let Some(after) = batch.revision {
        let entering = journal.enter();
        transaction.commit().map_err(failed)?;
        entering.committed(before, after, touched);
    }
    Ok(batch)
}

fn panicked(panic: &(dyn Any + Send)) -> StoreError {
    let text = (panic.downcast_ref::<&str>().copied())
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    StoreError::failed(format!(
        "a change was given up in the midst of its decision: {}",
        text.unwrap_or("no reason is known")
    ))
}

/// The draft of one write in a transaction.
struct Deciding<'a> {
    view: View<'a>,
    extent: Extent,
    /// How many more rows fit into the commit.
    room: usize,
    rows: Cell<usize>,
    revision: Cell<Option<Revision>>,
    /// The first failure. Nothing of the write is kept after one.
    failure: RefCell<Option<StoreError>>,
    /// The organizations whose own row, users or devices are written; `None` if that may be all.
    touched: RefCell<Option<BTreeSet<OrgId>>>,
}

impl Deciding<'_> {
    fn made(&self, made: Result<Revision, StoreError>) -> Result<Revision, StoreError> {
        match &made {
            Ok(revision) => self.revision.set(Some(*revision)),
            Err(error) => {
                self.failure
                    .borrow_mut()
                    .get_or_insert_with(|| error.clone());
            }
        }
        made
    }

    /// Records the organizations that a change concerns, before it is written.
    fn touch(&self, change: &RowChange) -> Result<(), StoreError> {
        let mut touched = self.touched.borrow_mut();
        let Some(orgs) = touched.as_mut() else {
            return Ok(());
        };
        let user = |id| self.view.user(&UserLookup::Id(id));
        match change {
            RowChange::Org(org) => {
                orgs.insert(org.id);
            }
            RowChange::User(new) => {
                orgs.insert(new.org_id);
                orgs.extend(user(new.id)?.map(|before| before.org_id));
            }
            RowChange::Device(device) => match user(device.user_id)? {
                Some(user) => {
                    orgs.insert(user.org_id);
                }
                // The user comes later in the same changes.
                None => *touched = None,
            },
            _ => {}
        }
        Ok(())
    }

    fn try_apply(&self, changes: &[RowChange]) -> Result<Revision, StoreError> {
        let rows = self.rows.get() + changes.len();
        if self.extent == Extent::Rows && rows > self.room {
            return Err(StoreError::TooLarge(rows));
        }
        self.rows.set(rows);
        let connection = self.view.connection();
        let seen = revision(connection)?.unwrap_or_default();
        for change in changes {
            self.touch(change)?;
            match change {
                RowChange::Tenant(tenant) => Tenant {
                    revision: seen,
                    ..tenant.clone()
                }
                .write(connection)?,
                change => write_row(connection, change)?,
            }
        }
        let made = seen.next();
        let mut advance = prepare(
            connection,
            "UPDATE tenant SET revision = ?1 WHERE revision = ?2",
        )?;
        match advance.execute([signed(made.0)?, signed(seen.0)?])? {
            0 => Err(StoreError::failed(
                "the first commit of all creates the tenant",
            )),
            _ => Ok(made),
        }
    }
}

impl Draft for Deciding<'_> {
    fn view(&self) -> &dyn ReadView {
        &self.view
    }

    fn apply(&self, changes: &[RowChange]) -> Result<Revision, StoreError> {
        self.made(self.try_apply(changes))
    }

    fn replace(&self, with: &dyn ReadView, sessions: Sessions) -> Result<Revision, StoreError> {
        self.made(match self.extent {
            Extent::Whole => {
                self.touched.replace(None);
                whole::replace(self.view.connection(), with, sessions)
            }
            Extent::Rows => Err(StoreError::failed(
                "a tenant is replaced by a write of its own",
            )),
        })
    }
}
