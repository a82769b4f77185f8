//! The library against a real authority, and against servers that mean no good.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod changes;
mod copies;
mod server;
mod settings;
mod targets;

use org42::{Client, LocalAccount};
use org42_admin::Admin;
use org42_authority::{Authority, DEFAULT_ADMIN, Running, START_PASSWORD, Sample};

/// The administrator of what answers at an address.
fn admin_at(url: &str) -> Admin {
    let account = LocalAccount::new(DEFAULT_ADMIN, START_PASSWORD);
    let client = Client::builder(url).local_account(account);
    Admin::new(client.build().unwrap())
}

/// A tenant with the small sample, and its administrator.
async fn started() -> (Running, Admin) {
    let running = Authority::start_with(Sample::Small).await.unwrap();
    let admin = admin_at(running.url());
    (running, admin)
}
