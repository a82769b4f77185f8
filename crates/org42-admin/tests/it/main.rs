//! The library against an authority in the process, and against servers that mean no good.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod changes;
mod copies;
mod foreseen;
mod many;
mod settings;
mod targets;

use org42_admin::Admin;
use org42_authority::Sample;
use org42_test::Tenant;

/// Returns the administrator of a tenant with the small sample.
fn started() -> Admin {
    Admin::new(Tenant::new(Sample::Small).client())
}
