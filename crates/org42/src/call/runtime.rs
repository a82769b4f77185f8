//! Finds the tokio runtime of an async call; the blocking client has its own runtime.

use tokio::runtime::Handle;

use crate::error::{Error, Result};

/// Returns the runtime that a call runs on.
pub(crate) fn runtime(operation: &str) -> Result<Handle> {
    Handle::try_current().map_err(|missing| {
        Error::input(
            operation,
            "there is no running tokio runtime here, and the client needs one",
        )
        .with_hint("call it within #[tokio::main] or Runtime::block_on, or use org42::blocking")
        .because(missing)
    })
}
