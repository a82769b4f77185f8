//! Keeps the archives of deactivated devices for 30 days, in every organization that does not do so yet.
//!
//! `ORG42_URL=… ORG42_API_CLIENT_ID=… ORG42_API_CLIENT_SECRET=… cargo run -p org42 --example settings`

use std::env::var;
use std::io::Write as _;

use org42::{Client, GetSettings, SettingKey};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder(var("ORG42_URL")?)
        .api_client(var("ORG42_API_CLIENT_ID")?, var("ORG42_API_CLIENT_SECRET")?)
        .build()?;
    let orgs = client.orgs();
    let only = GetSettings::new().only(&[SettingKey::of("archive_hold_days")?]);
    let mut out = std::io::stdout().lock();
    let mut all = orgs.get_all().orgs();
    while let Some(org) = all.next().await {
        let org = org?;
        let mut settings = orgs.get_settings_with(&org, only).await?;
        settings.set_archive_hold_days(30)?;
        // Where it is 30 already, nothing is sent.
        for outcome in orgs.update_settings(&settings).await?.outcomes {
            writeln!(
                out,
                "{}: {}: {}",
                org.org_name, outcome.change, outcome.result
            )?;
        }
    }
    Ok(())
}
