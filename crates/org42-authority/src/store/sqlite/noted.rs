//! The statements that a thread has run, for tests of the statements.

use std::cell::RefCell;

thread_local! {
    static NOTED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Records a statement of this thread.
pub(super) fn note(sql: &str) {
    NOTED.with_borrow_mut(|noted| noted.push(sql.to_owned()));
}

/// Returns the statements that this thread has run since the last call.
pub(super) fn take() -> Vec<String> {
    NOTED.take()
}
