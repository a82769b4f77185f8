//! Prints every organization of a tenant, one line each.
//!
//! `ORG42_URL=… ORG42_USERNAME=… ORG42_PASSWORD=… cargo run -p org42 --example list_all`

use std::env::var;
use std::io::Write as _;

use org42::{Client, LocalAccount};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let account = LocalAccount::new(var("ORG42_USERNAME")?, var("ORG42_PASSWORD")?);
    let client = Client::builder(var("ORG42_URL")?)
        .local_account(account)
        .build()?;
    let mut out = std::io::stdout().lock();
    let mut orgs = client.orgs().get_all().orgs();
    while let Some(org) = orgs.next().await {
        let org = org?;
        let id = org.org_id.map(|id| id.to_string()).unwrap_or_default();
        let status = org.status.as_deref().unwrap_or_default();
        writeln!(out, "{id:>10}  {}  {status}", org.org_name)?;
    }
    Ok(())
}
