//! The statements that a thread has run, for tests of the statements.

use std::cell::{Cell, RefCell};

thread_local! {
    static NOTED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Records a statement of this thread.
pub(super) fn note(sql: &str) {
    NOTED.with_borrow_mut(|noted| noted.push(sql.to_owned()));
}

thread_local! {
    static ROWS: Cell<usize> = const { Cell::new(0) };
}

/// Counts a row that this thread has read.
pub(super) fn note_row() {
    ROWS.set(ROWS.get() + 1);
}

/// Returns how many rows this thread has read since the last call.
pub(crate) fn take_rows() -> usize {
    ROWS.take()
}

/// Returns the statements that this thread has run since the last call.
pub(super) fn take() -> Vec<String> {
    NOTED.take()
}
