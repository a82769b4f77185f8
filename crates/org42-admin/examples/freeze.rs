//! Blocks an organization and all below it, after showing what that means.
//!
//! `ORG42_URL=… ORG42_USERNAME=… ORG42_PASSWORD=… cargo run -p org42-admin --example freeze -- /Europe/France`

use std::env::{args, var};
use std::io::Write as _;

use org42_admin::org42::{Client, LocalAccount};
use org42_admin::{Admin, Change};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let top = args().nth(1).ok_or("which organization?")?.parse()?;
    let account = LocalAccount::new(var("ORG42_USERNAME")?, var("ORG42_PASSWORD")?);
    let client = Client::builder(var("ORG42_URL")?)
        .local_account(account)
        .build()?;
    let plan = Admin::new(client).plan(Change::block(top)).await?;
    let preview = plan.preview().await?;
    writeln!(std::io::stdout(), "{preview}")?;
    preview.check()?;
    writeln!(std::io::stdout(), "{}", plan.apply().await?)?;
    Ok(())
}
