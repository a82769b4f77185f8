//! Shows one organization, without async.
//!
//! `ORG42_URL=… ORG42_USERNAME=… ORG42_PASSWORD=… cargo run -p org42 --example blocking -- ORG_ID`

use std::env::{args, var};
use std::io::Write as _;

use org42::LocalAccount;
use org42::blocking::Client;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let id = args().nth(1).ok_or("which organization?")?;
    let account = LocalAccount::new(var("ORG42_USERNAME")?, var("ORG42_PASSWORD")?);
    let client = Client::builder(var("ORG42_URL")?)
        .local_account(account)
        .build()?;
    let org = client.orgs().with_param("incCounts", true).get(id)?;
    let mut out = std::io::stdout().lock();
    for (field, value) in org.document() {
        // Anyone who has the registration key can register devices.
        if field != "registrationKey" {
            writeln!(out, "{field}: {value}")?;
        }
    }
    Ok(())
}
