//! Creates an organization below the tenant's top organization, as an API client, and says what to do if it fails.
//!
//! `ORG42_URL=… ORG42_API_CLIENT_ID=… ORG42_API_CLIENT_SECRET=… cargo run -p org42 --example create_org -- NAME`

use std::env::{args, var};
use std::io::Write as _;

use org42::{Client, CreateOrg, Happened};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let name = args().nth(1).ok_or("which name?")?;
    let client = Client::builder(var("ORG42_URL")?)
        .api_client(var("ORG42_API_CLIENT_ID")?, var("ORG42_API_CLIENT_SECRET")?)
        .build()?;
    let options = CreateOrg::new().notes("created by an example");
    let mut out = std::io::stdout().lock();
    match client.orgs().create_org(name, options).await {
        Ok(org) => writeln!(out, "created {} ({:?})", org.org_name, org.org_guid)?,
        Err(error) if error.is_name_taken() => {
            writeln!(out, "there is one of that name: {error}")?;
        }
        Err(error) if error.happened() == Happened::Unknown => {
            writeln!(
                out,
                "it may exist or not, look before trying again: {error}"
            )?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
