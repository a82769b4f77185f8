//! Blocks many organizations, each by name, number or path, and says what became of each.
//!
//! `ORG42_URL=… ORG42_USERNAME=… ORG42_PASSWORD=… cargo run -p org42-admin --example block_many -- id:7 id:8 /Europe/Oslo`

use std::env::{args, var};
use std::io::Write as _;
use std::num::NonZeroU8;

use org42_admin::org42::{Client, LocalAccount};
use org42_admin::{Admin, Change};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let account = LocalAccount::new(var("ORG42_USERNAME")?, var("ORG42_PASSWORD")?);
    let client = Client::builder(var("ORG42_URL")?)
        .local_account(account)
        .changes_at_once(NonZeroU8::new(48).ok_or("none at once")?)
        .build()?;
    let admin = Admin::new(client);
    admin.tree().await?;
    let mut plans = Vec::new();
    for org in args().skip(1) {
        plans.push(admin.plan(Change::block(org.parse()?)).await?);
    }
    let mut failed = 0;
    for result in admin.apply_all(plans, &()).await {
        match result {
            Ok(applied) => writeln!(std::io::stdout(), "{applied}")?,
            Err(error) => {
                failed += 1;
                writeln!(std::io::stderr(), "{error}")?;
            }
        }
    }
    match failed {
        0 => Ok(()),
        failed => Err(format!("{failed} were not blocked").into()),
    }
}
