//! Settings of one organization and of a subtree: what is foreseen is what is written.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use org42::{SettingKey, SettingsGroup, endpoints};
use org42_admin::change::Consequence;
use org42_admin::report::RowResult;
use org42_admin::{
    Admin, Applied, Assignment, Change, Error, Expected, Observer, Progress, SettingRow,
    SettingsEdit, Target,
};

use crate::started;

fn target(text: &str) -> Target {
    text.parse().unwrap()
}

fn edit(values: &[&str]) -> SettingsEdit {
    let values = values
        .iter()
        .map(|text| text.parse::<Assignment>().unwrap());
    SettingsEdit::set(values).unwrap()
}

async fn hold_days(admin: &Admin, org: &str) -> (String, Option<bool>) {
    let org = admin.find(&target(org)).await.unwrap();
    let settings = admin.client().orgs().get_settings(&org).await.unwrap();
    let key = SettingKey::of("archive_hold_days").unwrap();
    let found = settings.get(&key).unwrap();
    (found.value.to_string(), found.inherited)
}

/// The organizations whose rows have this result, by name; what goes along with a setting is left out.
fn with(rows: &[SettingRow], result: RowResult) -> Vec<String> {
    let rows = rows.iter().filter(|row| row.result == result);
    let rows = rows.filter(|row| !row.key.name().ends_with("_inherited"));
    let mut names: Vec<String> = rows.map(|row| row.org_name.clone()).collect();
    names.sort();
    names
}

async fn apply(admin: &Admin, change: Change) -> Result<Applied, Error> {
    admin.plan(change).await?.apply().await
}

#[tokio::test]
async fn one_organization_is_set_and_given_back() {
    let admin = started();
    let set = Change::settings(target("France"), edit(&["archive_hold_days=30"]));
    let plan = admin.plan(set.clone()).await.unwrap();
    let preview = plan.preview().await.unwrap();
    assert_eq!(
        preview.consequences,
        [Consequence::EndsInheritance(SettingsGroup::Quota)]
    );
    assert!(
        preview.to_string().contains("archive_hold_days: 14 -> 30"),
        "{preview}"
    );
    assert_eq!(
        hold_days(&admin, "France").await,
        ("14".to_owned(), Some(true))
    );
    plan.apply().await.unwrap();
    assert_eq!(
        hold_days(&admin, "France").await,
        ("30".to_owned(), Some(false))
    );
    assert_eq!(
        hold_days(&admin, "Paris").await,
        ("30".to_owned(), Some(true))
    );

    let again = admin.plan(set).await.unwrap();
    assert!(again.preview().await.unwrap().is_settled());
    let Applied::Settings(report) = again.apply().await.unwrap() else {
        unreachable!();
    };
    assert_eq!(report.count(RowResult::Unchanged), report.rows.len());
    let inherit = SettingsEdit::inherit(SettingsGroup::Quota);
    apply(&admin, Change::settings(target("France"), inherit))
        .await
        .unwrap();
    assert_eq!(
        hold_days(&admin, "France").await,
        ("14".to_owned(), Some(true))
    );
}

#[tokio::test]
async fn a_subtree_is_written_as_it_was_foreseen() {
    let admin = started();
    for (org, days) in [
        ("Germany", "archive_hold_days=90"),
        ("Paris", "archive_hold_days=45"),
    ] {
        apply(&admin, Change::settings(target(org), edit(&[days])))
            .await
            .unwrap();
    }
    let change = Change::subtree_settings(target("Europe"), edit(&["archive_hold_days=45"]));
    let plan = admin.plan(change).await.unwrap();
    let preview = plan.preview().await.unwrap();
    let rows = &preview.rows;
    let along = "quota_settings_inherited";
    let asked = rows.iter().filter(|row| row.key.to_string() != along);
    assert_eq!(asked.count(), plan.organizations());
    let foreseen = with(rows, RowResult::WouldBeWritten);
    assert_eq!(foreseen, ["Europe", "Germany"]);
    let unchanged = with(rows, RowResult::Unchanged);
    let Applied::Settings(report) = plan.apply().await.unwrap() else {
        unreachable!();
    };
    assert_eq!(with(&report.rows, RowResult::Written), foreseen);
    assert_eq!(with(&report.rows, RowResult::Unchanged), unchanged);
    for org in ["Europe", "Germany", "Paris", "Oslo"] {
        assert_eq!(hold_days(&admin, org).await.0, "45", "{org}");
    }
    let berlin = hold_days(&admin, "Berlin").await;
    assert_eq!(
        berlin,
        ("45".to_owned(), Some(true)),
        "who inherited goes on inheriting"
    );
}

/// Returns whether a real run did of a setting what the dry run had said.
fn agrees(foreseen: &SettingRow, became: &SettingRow) -> bool {
    let of = |row: &SettingRow| (row.org_name.clone(), row.key.clone(), row.new.clone());
    of(foreseen) == of(became)
        && match (foreseen.result, became.result) {
            (RowResult::WouldBeWritten, RowResult::Written) => foreseen.old == became.old,
            // It was said that this is the server's affair.
            (RowResult::WouldBeWritten, RowResult::Unchanged) => {
                foreseen.detail == "unless it follows its parent"
            }
            (RowResult::Unchanged, RowResult::Unchanged) => true,
            (RowResult::Refused, RowResult::Refused) => foreseen.detail == became.detail,
            _ => false,
        }
}

#[tokio::test]
async fn a_real_run_does_of_each_setting_what_the_dry_run_shows() {
    let admin = started();
    for (org, value) in [
        ("Germany", "archive_hold_days=90"),
        ("Paris", "archive_hold_days=45"),
        ("Lyon", "web_restore_user_limit=77"),
    ] {
        let change = Change::settings(target(org), edit(&[value]));
        apply(&admin, change).await.unwrap();
    }
    let lock = serde_json::json!({"packets": [{"key": "device_webRestore_enabled", "value": "false", "locked": true}]});
    let top = admin.find(&target("/")).await.unwrap().key();
    let path = [("orgId", top.as_str())];
    let client = admin.client();
    let locking = client.send(endpoints::ORG_SETTING_PUT, &path, &[], Some(&lock));
    locking.await.unwrap();

    let several = edit(&[
        "web_restore_enabled=true",
        "archive_hold_days=45",
        "web_restore_user_limit=77",
    ]);
    let here = edit(&["archive_hold_days=60", "web_restore_user_limit=77"]);
    let europe = || target("Europe");
    let mut results = Vec::new();
    for change in [
        Change::subtree_settings(europe(), several.clone()),
        // There is less to do now.
        Change::subtree_settings(europe(), several.clone()),
        Change::settings(target("France"), here.clone()),
        Change::subtree_settings(europe(), here.clone()),
        Change::subtree_settings(europe(), here.clone().own(true)),
    ] {
        let plan = admin.plan(change).await.unwrap();
        let foreseen = plan.preview().await.unwrap().rows;
        let report = match plan.apply().await {
            Ok(Applied::Settings(report)) => report,
            Err(Error::Partial(report)) => *report,
            other => unreachable!("{other:?}"),
        };
        let became = &report.rows;
        assert_eq!(became.len(), foreseen.len());
        for (foreseen, became) in foreseen.iter().zip(became) {
            assert!(agrees(foreseen, became), "{foreseen:?}: {became:?}");
            results.push((foreseen.result, became.result));
        }
    }
    for pair in [
        (RowResult::WouldBeWritten, RowResult::Written),
        (RowResult::WouldBeWritten, RowResult::Unchanged),
        (RowResult::Unchanged, RowResult::Unchanged),
        (RowResult::Refused, RowResult::Refused),
    ] {
        assert!(results.contains(&pair), "{pair:?} was not compared");
    }
}

/// Stops after the first organization, and notes what it was shown.
#[derive(Default)]
struct Impatient {
    is_stopped: AtomicBool,
    seen: Mutex<Vec<Progress>>,
}

impl Observer for Impatient {
    fn progress(&self, progress: Progress) {
        self.is_stopped.store(progress.done >= 1, Ordering::Relaxed);
        self.seen.lock().unwrap().push(progress);
    }

    fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }
}

#[tokio::test]
async fn what_was_stopped_says_what_was_done_and_what_was_not() {
    let admin = started();
    let change = Change::subtree_settings(target("Europe"), edit(&["archive_hold_days=45"]));
    let plan = admin.plan(change).await.unwrap();
    let total = plan.organizations();
    let observer = Impatient::default();
    let error = plan.apply_with(&observer).await.unwrap_err();
    let Error::Partial(report) = &error else {
        unreachable!("{error}");
    };
    assert!(report.is_stopped);
    assert_eq!(with(&report.rows, RowResult::Written), ["Europe"]);
    let not_done: Vec<&SettingRow> = report.not_done().collect();
    assert_eq!(not_done.len(), total - 1);
    assert!(
        not_done
            .iter()
            .all(|row| row.detail == "not tried: interrupted")
    );
    let seen = observer.seen.lock().unwrap().clone();
    assert_eq!((seen[0].done, seen[0].total), (0, total));
    assert_eq!(seen.last().unwrap().done, total);
}

#[tokio::test]
async fn deviations_from_what_is_expected_are_found() {
    let admin = started();
    let expected: Expected = "archive_hold_days=30\nweb_restore_enabled=true"
        .parse()
        .unwrap();
    let paris = admin.find(&target("Paris")).await.unwrap();
    let orgs = admin.client().orgs();
    let settings = orgs
        .get_settings_with(&paris, expected.needs())
        .await
        .unwrap();
    let deviations = expected.compare(&settings).unwrap();
    assert_eq!(deviations.len(), 1);
    assert_eq!(deviations[0].found.value.to_string(), "14");
    assert_eq!(deviations[0].expected.to_string(), "30");
}
