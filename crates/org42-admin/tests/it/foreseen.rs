//! Random tenants, callers and changes: a dry run shows what the real run does, or why it is refused.

use std::fmt::Write as _;

use org42::endpoints::{USER_CREATE, USERS_ROLES_SET};
use org42::{Client, Happened, LocalAccount, Org, SettingsGroup};
use org42_admin::change::{Lifecycle, NewOrg, OrgEdit};
use org42_admin::report::RowResult;
use org42_admin::{
    Admin, Applied, Assignment, Change, Error, Preview, SettingRow, SettingsEdit, Target,
};
use org42_authority::Sample;
use org42_test::Tenant;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;

const TENANTS: u64 = 40;
const CHANGES: usize = 12;
const PASSWORD: &str = "correct horse";

const NAMES: [&str; 7] = ["Paris", "Lyon", "Berlin", "New", "ab", "  Paris  ", "Sales"];
const SETTINGS: [&str; 10] = [
    "archive_hold_days=30",
    "archive_hold_days=60",
    "web_restore_enabled=false",
    "web_restore_enabled=true",
    "org_backup_quota=250",
    "quota_settings_inherited=true",
    "device_upgrade_delay=5",
    "backup_warning_email_days=4",
    "notes=audited",
    "endpoint_monitoring_enabled=true",
];

/// Makes an administrator of another kind, who belongs to an organization.
async fn person(tenant: &Tenant, admin: &Client, org: &Org, role: &str) -> Admin {
    let name = format!("{role}@example.com");
    let uid = org.org_uid.as_ref().unwrap().as_str();
    let body = json!({"orgUid": uid, "username": name, "password": PASSWORD});
    let made = admin
        .send(USER_CREATE, &[], &[], Some(&body))
        .await
        .unwrap();
    let user = made["userUid"].as_str().unwrap();
    let roles = json!({ "roleIds": [role] });
    admin
        .send(USERS_ROLES_SET, &[("userUid", user)], &[], Some(&roles))
        .await
        .unwrap();
    let account = LocalAccount::new(name, PASSWORD);
    Admin::new(tenant.builder().local_account(account).build().unwrap())
}

fn key(org: &Org) -> Target {
    format!("id:{}", org.key()).parse().unwrap()
}

fn settings(random: &mut StdRng) -> Option<SettingsEdit> {
    let many = random.random_range(1..=2);
    let values = SETTINGS.sample(random, many);
    let values: Vec<Assignment> = values.map(|text| text.parse().unwrap()).collect();
    // What contradicts itself is refused before it is planned.
    let edit = SettingsEdit::set(values).ok()?;
    Some(edit.own(random.random_bool(0.3)))
}

/// Returns a change of an organization.
fn change(random: &mut StdRng, org: &Org) -> Option<Change> {
    let name = NAMES.choose(random).copied().unwrap();
    Some(match random.random_range(0..10) {
        0 => Change::create(NewOrg::new(name).below(key(org)).notes("made")),
        1 => Change::create(NewOrg::new(name)),
        2 => Change::update(key(org), OrgEdit::new().name(name)),
        3 => Change::update(key(org), OrgEdit::new().notes(name).ext_ref("X-1")),
        4 => Change::Lifecycle(Lifecycle::Block, key(org)),
        5 => Change::Lifecycle(Lifecycle::Unblock, key(org)),
        6 => Change::Lifecycle(Lifecycle::Deactivate, key(org)),
        7 => Change::Lifecycle(Lifecycle::Reactivate, key(org)),
        8 => match random.random_bool(0.2) {
            true => Change::settings(key(org), SettingsEdit::inherit(SettingsGroup::Quota)),
            false => Change::settings(key(org), settings(random)?),
        },
        _ => Change::subtree_settings(key(org), settings(random)?),
    })
}

/// Returns everything of the tenant that changes can change, as far as an administrator sees it.
async fn everything(admin: &Admin) -> String {
    let mut all = String::new();
    let tree = admin.refresh().await.unwrap();
    for visit in tree.walk() {
        let org = visit.org;
        let state = (org.active, org.blocked, &org.org_ext_ref, &org.notes);
        let _ = writeln!(all, "{} {:?} {state:?}", org.key(), org.org_name);
    }
    all
}

fn agrees(foreseen: &SettingRow, became: &SettingRow) -> bool {
    let of = |row: &SettingRow| (row.org_name.clone(), row.key.clone(), row.new.clone());
    of(foreseen) == of(became)
        && match (foreseen.result, became.result) {
            (RowResult::WouldBeWritten, RowResult::Written)
            | (RowResult::Unchanged, RowResult::Unchanged)
            | (RowResult::Refused, RowResult::Refused) => true,
            (RowResult::WouldBeWritten, RowResult::Unchanged) => {
                foreseen.detail == "unless it follows its parent"
            }
            _ => false,
        }
}

/// Returns what is wrong with what was foreseen, if anything is.
fn difference(preview: &Preview, done: &Result<Applied, Error>) -> Option<String> {
    let rows = |report: &[SettingRow]| {
        let pairs = preview.rows.iter().zip(report);
        let odd = pairs.filter(|(foreseen, became)| !agrees(foreseen, became));
        let odd: Vec<_> = odd.collect();
        let is_same = odd.is_empty() && preview.rows.len() == report.len();
        (!is_same).then(|| format!("{} and {} rows, {odd:#?}", preview.rows.len(), report.len()))
    };
    match done {
        Ok(_) if preview.is_refused() => Some("it was done".to_owned()),
        Ok(Applied::Settings(report)) => rows(&report.rows),
        Ok(_) => None,
        Err(Error::Partial(report)) => rows(&report.rows),
        Err(error) if !preview.is_refused() => Some(format!("it was refused: {error}")),
        Err(error) => {
            let happened = error.call().map_or(Happened::No, org42::Error::happened);
            (happened != Happened::No).then(|| format!("it may have happened: {error}"))
        }
    }
}

async fn run(seed: u64) -> (usize, usize) {
    let mut random = StdRng::seed_from_u64(seed);
    let tenant = Tenant::new(Sample::Small);
    let client = tenant.client();
    let admin = Admin::new(client.clone());
    let home = admin.find(&"/Europe".parse().unwrap()).await.unwrap();
    let roles = [
        "org-admin",
        "all-org-admin",
        "all-org-manager",
        "desktop-user",
    ];
    let role = roles.choose(&mut random).copied().unwrap();
    let other = person(&tenant, &client, &home, role).await;
    let (mut done, mut refused) = (0, 0);
    for number in 0..CHANGES {
        let caller = match random.random_bool(0.3) {
            true => &other,
            false => &admin,
        };
        let Ok(tree) = caller.refresh().await else {
            // The person was blocked.
            continue;
        };
        let orgs: Vec<Org> = tree.walk().map(|visit| visit.org.clone()).collect();
        let Some(org) = orgs.choose(&mut random) else {
            continue;
        };
        let Some(change) = change(&mut random, org) else {
            continue;
        };
        let what = format!(
            "seed {seed}, change {number}, {role}: {change:?} of {:?}",
            org.org_name
        );
        // What cannot even be planned is refused for the dry run too.
        let Ok(plan) = caller.plan(change).await else {
            continue;
        };
        let before = everything(&admin).await;
        let preview = plan.preview().await.unwrap();
        assert_eq!(
            everything(&admin).await,
            before,
            "{what}: a dry run changed something"
        );
        let became = plan.apply().await;
        // What is above the caller's own organization, and beside it, cannot be seen before.
        let is_hidden = org.parent_org_id.is_some() && tree.parent(org).is_none();
        let call = became.as_ref().err().and_then(Error::call);
        if is_hidden && call.is_some_and(org42::Error::is_conflict) {
            continue;
        }
        let different = difference(&preview, &became);
        assert_eq!(different, None, "{what}\n{preview}\n{became:?}");
        match became {
            Ok(_) => done += 1,
            Err(_) => {
                refused += 1;
                if preview.is_refused() {
                    assert_eq!(
                        everything(&admin).await,
                        before,
                        "{what}: refused, and changed"
                    );
                }
            }
        }
    }
    (done, refused)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_shows_what_the_real_run_does() {
    // Another number is another set of tenants.
    let first: u64 = match std::env::var("ORG42_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => 0,
    };
    let (mut done, mut refused) = (0, 0);
    for seed in 0..TENANTS {
        let came = Box::pin(run(first.wrapping_add(seed))).await;
        (done, refused) = (done + came.0, refused + came.1);
    }
    assert!(done > 100 && refused > 40, "{done} done, {refused} refused");
}
