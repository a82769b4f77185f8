//! `org42 settings …`: what organizations are set to.

mod expected;
mod set;

use std::path::Path;

use org42::{Effective, GetSettings, Org, OrgSettings, SettingKey, SettingsGroup, endpoints};
use serde_json::{Value, json};

use crate::args::{Global, Output, Settings};
use crate::commands::find;
use crate::connect::{Tenant, connect};
use crate::exit::Failure;
use crate::progress::shown;
use crate::verbs::{confirm, may_change};
use crate::{output, print, say};

pub(crate) use set::Assignment;

pub(crate) async fn run(command: Settings, global: &Global) -> Result<(), Failure> {
    let form = global.output.unwrap_or(Output::Table);
    match command {
        Settings::Show { org, keys, own } => {
            let tenant = connect(global).await?;
            tenant.client.check(endpoints::ORG_SETTING_GET)?;
            show(&tenant, &org, &keys, own, form).await
        }
        Settings::Set {
            org,
            values,
            recursive,
            own,
        } => {
            let wanted = set::Wanted::new(values, own)?;
            let tenant = connect(global).await?;
            may_change(global, &tenant, endpoints::ORG_SETTING_PUT)?;
            set::run(global, &tenant, &org, wanted, recursive).await
        }
        Settings::Inherit { org, group } => {
            let tenant = connect(global).await?;
            may_change(global, &tenant, endpoints::ORG_UPDATE)?;
            inherit(global, &tenant, &org, group).await
        }
        Settings::Diff { left, right } => {
            let tenant = connect(global).await?;
            tenant.client.check(endpoints::ORG_SETTING_GET)?;
            let left = read(&tenant, find(&tenant, &left).await?, which(&[])).await?;
            let right = read(&tenant, find(&tenant, &right).await?, which(&[])).await?;
            print(&differences(&left, &right, form)?)
        }
        Settings::Check { org, expect } => {
            let expected = expected::read(&expect)?;
            let tenant = connect(global).await?;
            tenant.client.check(endpoints::ORG_SETTING_GET)?;
            check(&tenant, &org, &expect, &expected, form).await
        }
        Settings::Keys => keys(form),
    }
}

/// Which settings `keys` need; all of them where there are none.
fn which(keys: &[SettingKey]) -> GetSettings {
    match keys {
        [] => GetSettings::new(),
        keys => GetSettings::new().only(keys),
    }
}

async fn read(tenant: &Tenant, org: &Org, which: GetSettings) -> Result<OrgSettings, Failure> {
    let what = format!("reading the settings of {:?}", org.org_name);
    let orgs = tenant.client.orgs();
    let reading = orgs.get_settings_with(org, which);
    Ok(shown(what, reading).await?)
}

async fn show(
    tenant: &Tenant,
    org: &str,
    keys: &[SettingKey],
    own: bool,
    form: Output,
) -> Result<(), Failure> {
    let with_origins = which(keys).origins(true);
    let settings = read(tenant, find(tenant, org).await?, with_origins).await?;
    let found: Vec<Effective> = match keys {
        // Not every server has every setting.
        [] => settings
            .keys()
            .filter_map(|key| settings.get(&key).ok())
            .collect(),
        keys => keys
            .iter()
            .map(|key| settings.get(key))
            .collect::<Result<_, _>>()?,
    };
    let rows: Vec<Value> = found
        .iter()
        .filter(|found| !own || (found.inherited != Some(true) && !found.value.is_null()))
        .map(row)
        .collect();
    let columns = &[
        "key",
        "value",
        "unit",
        "inherited",
        "fromOrgId",
        "fromOrgName",
        "locked",
    ];
    print(&output::rows(columns, &rows, form)?)
}

fn row(found: &Effective) -> Value {
    let from = found.from.as_ref();
    json!({
        "key": found.key,
        "value": found.value,
        "unit": found.key.unit().to_string(),
        "inherited": found.inherited,
        "fromOrgId": from.and_then(|from| from.org_id),
        "fromOrgName": from.and_then(|from| from.org_name.as_ref()),
        "locked": found.locked,
    })
}

fn differences(left: &OrgSettings, right: &OrgSettings, form: Output) -> Result<String, Failure> {
    let value = |side: &Option<Effective>| side.as_ref().map(|found| found.value.clone());
    let rows: Vec<Value> = left
        .diff(right)
        .iter()
        .map(|found| {
            json!({
                "key": found.key,
                "left": value(&found.left),
                "right": value(&found.right),
                "unit": found.key.unit().to_string(),
            })
        })
        .collect();
    if rows.is_empty() {
        say("no differences");
    }
    output::rows(&["key", "left", "right", "unit"], &rows, form)
}

async fn check(
    tenant: &Tenant,
    org: &str,
    file: &Path,
    expected: &expected::Expected,
    form: Output,
) -> Result<(), Failure> {
    let keys: Vec<SettingKey> = expected.iter().map(|(key, _)| key.clone()).collect();
    let with_origins = which(&keys).origins(true);
    let settings = read(tenant, find(tenant, org).await?, with_origins).await?;
    let mut rows = Vec::new();
    for (key, value) in expected {
        let found = settings.get(key)?;
        if found.value != *value {
            let mut row = row(&found);
            row["expected"] = json!(value);
            rows.push(row);
        }
    }
    let columns = &["key", "expected", "value", "unit", "inherited", "fromOrgId"];
    print(&output::rows(columns, &rows, form)?)?;
    match rows.len() {
        0 => Ok(()),
        count => Err(Failure::new(
            Failure::DIFFERENT,
            format!(
                "{count} of {} settings differ from {}",
                expected.len(),
                file.display()
            ),
        )),
    }
}

fn keys(form: Output) -> Result<(), Failure> {
    let rows: Vec<Value> = SettingKey::all()
        .map(|key| {
            json!({
                "key": key,
                "unit": key.unit().to_string(),
                "place": key.place().to_string(),
                "readOnly": key.is_read_only(),
                "wireName": key.wire_name(),
                "meaning": key.meaning(),
            })
        })
        .collect();
    let columns: &[&str] = match form {
        Output::Table => &["key", "unit", "place", "meaning"],
        _ => &["key", "unit", "place", "readOnly", "wireName", "meaning"],
    };
    print(&output::rows(columns, &rows, form)?)
}

async fn inherit(
    global: &Global,
    tenant: &Tenant,
    org: &str,
    group: SettingsGroup,
) -> Result<(), Failure> {
    let org = find(tenant, org).await?;
    let switch: Vec<SettingKey> = group.switch().into_iter().collect();
    let mut settings = read(tenant, org, which(&switch)).await?;
    settings.inherit(group)?;
    let place = match global.yes {
        true => tenant.name.as_str(),
        false => tenant.title().await,
    };
    let name = format!("{:?} (id {}) in {place}", org.org_name, org.key());
    if settings.is_unchanged() {
        say(&format!("{name} inherits {group} already"));
        return Ok(());
    }
    let what = format!("give up the own {group} settings of {name} for its parent's");
    if global.dry_run {
        say(&format!("would {what}; nothing was changed (--dry-run)"));
        return Ok(());
    }
    if !global.yes {
        confirm(&what)?;
    }
    set::write(tenant, org, settings, global.output).await
}
