//! Tests of the query plans of each question, and of the portability of every statement.

use std::collections::BTreeSet;

use org42_types::{OrgId, Timestamp};
use rusqlite::Connection;

use super::batch;
use super::changes::write_row;
use super::connection::{self, SCHEMA};
use super::noted;
use super::view::View;
use crate::domain::settings::{Own, OwnSettings};
use crate::domain::{HoldDays, Path, Revision, RowChange};
use crate::store::conformance::fixture;
use crate::store::journal::Journal;
use crate::store::{
    DeviceLookup, Draft, OrgLookup, ReadView, StoreError, UserLookup, Verdict, Window, Write,
};

/// Returns a row of each table, each after those that it refers to.
fn one_of_each() -> [RowChange; 12] {
    let top = fixture::org(1, None);
    let owner = fixture::user(2, &top);
    let laptop = fixture::device(3, &owner);
    [
        RowChange::Tenant(fixture::tenant()),
        RowChange::Org(top.clone()),
        RowChange::Deactivation(fixture::deactivation(&top, 1)),
        RowChange::HoldDays(HoldDays {
            org_id: top.id,
            since: Revision(1),
            days: None,
        }),
        RowChange::Settings(OwnSettings {
            org_id: top.id,
            own: Own::default(),
        }),
        RowChange::User(owner),
        RowChange::Device(laptop.clone()),
        RowChange::Archive(fixture::archive("4", &laptop)),
        RowChange::AgentState(fixture::agent_state(&laptop, "x", "y")),
        RowChange::ApiClient(fixture::api_client("x", 1)),
        RowChange::EndedToken(fixture::ended_token(7, 1)),
        RowChange::KeyedAnswer(fixture::keyed_answer(7, 1)),
    ]
}

fn small_tenant() -> Connection {
    let connection = connection::in_memory().unwrap();
    for change in one_of_each() {
        write_row(&connection, &change).unwrap();
    }
    connection
}

/// Returns every step of the plans for the statements that `question` runs.
fn steps<T>(question: impl FnOnce(&dyn ReadView) -> Result<T, StoreError>) -> Vec<String> {
    let connection = small_tenant();
    noted::take();
    question(&View::of_draft(&connection)).unwrap();
    let mut steps = Vec::new();
    for sql in noted::take() {
        let mut plan = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .unwrap();
        let nothing = vec![rusqlite::types::Null; plan.parameter_count()];
        let rows = plan
            .query_map(rusqlite::params_from_iter(nothing), |row| row.get("detail"))
            .unwrap();
        steps.extend(rows.map(Result::<String, _>::unwrap));
    }
    assert!(!steps.is_empty());
    steps
}

/// Returns a path of this many levels.
fn level(depth: u32) -> Path {
    (1..=depth).fold(Path::default(), |path, id| path.child(OrgId::from(id)))
}

const PAGE: Window = Window {
    offset: 2,
    limit: 10,
};

#[test]
fn what_is_looked_up_or_belongs_to_a_part_of_the_tenant_is_found_by_index() {
    let part = &level(3);
    let plans = [
        ("a child", steps(|s| s.child_named(OrgId::from(1), "x"))),
        ("the way down", steps(|s| s.way_down(part))),
        ("a subtree", steps(|s| s.subtree(part))),
        ("the whole tree", steps(|s| s.subtree(&level(1)))),
        ("deactivations", steps(|s| s.deactivations(part))),
        ("hold days", steps(|s| s.hold_days(part))),
        ("own settings", steps(|s| s.own_settings(part))),
        ("users counted", steps(|s| s.count_users(part))),
        ("all users counted", steps(|s| s.count_users(&level(1)))),
        ("users", steps(|s| s.users(part, Some(PAGE)))),
        ("a user's devices", steps(|s| s.devices_of(1))),
        ("devices counted", steps(|s| s.count_devices(part))),
        ("all devices counted", steps(|s| s.count_devices(&level(1)))),
        ("devices", steps(|s| s.devices(part, Some(PAGE)))),
        ("a device's archives", steps(|s| s.archives_of(1))),
        ("archives", steps(|s| s.archives(part))),
        (
            "agent states",
            steps(|s| s.agent_states(OrgId::from(1), "x")),
        ),
        ("an agent state", steps(|s| s.agent_state("1", "x"))),
        ("an API client", steps(|s| s.api_client("x"))),
        ("an ended token", steps(|s| s.ended_token(&[7; 32]))),
        (
            "expired tokens",
            steps(|s| s.ended_tokens_until(Timestamp::EPOCH, 5)),
        ),
        ("an answer", steps(|s| s.keyed_answer(&[7; 32]))),
        (
            "answers to forget",
            steps(|s| s.keyed_answers_until(Timestamp::EPOCH, 5)),
        ),
    ];
    let orgs = org_keys().map(|key| ("an organization", steps(|s| s.org(&key))));
    let users = user_keys().map(|key| ("a user", steps(|s| s.user(&key))));
    let devices = device_keys().map(|key| ("a device", steps(|s| s.device(&key))));
    let plans = plans.into_iter().chain(orgs).chain(users).chain(devices);
    for (question, steps) in plans {
        let scans: Vec<_> = steps
            .iter()
            .filter(|step| step.starts_with("SCAN"))
            .collect();
        assert_eq!(scans, Vec::<&String>::new(), "{question}: {steps:#?}");
    }
}

/// A page of the whole tenant is read from one table in the order of the answer, with the others looked up and
/// nothing sorted.
#[test]
fn a_page_of_the_whole_tenant_is_read_in_its_order() {
    let whole = &level(1);
    let plans = [
        ("org", steps(|s| s.org_page(PAGE))),
        (
            "org",
            steps(|s| s.each_listed_org_after(OrgId::from(1), PAGE, &mut |_| Ok(()))),
        ),
        ("org_user", steps(|s| s.users(whole, Some(PAGE)))),
        ("device", steps(|s| s.devices(whole, Some(PAGE)))),
        ("archive", steps(|s| s.archives(whole))),
    ];
    for (table, steps) in plans {
        let (walked, looked_up): (Vec<_>, Vec<_>) =
            steps.iter().partition(|step| step.starts_with("SCAN"));
        assert!(walked.len() <= 1, "{table}: {steps:#?}");
        assert!(
            walked
                .iter()
                .all(|step| step.split(' ').nth(1) == Some(table)),
            "{table}: {steps:#?}"
        );
        assert!(
            looked_up.iter().all(|step| step.starts_with("SEARCH")),
            "{table}: {steps:#?}"
        );
    }
}

#[test]
fn the_subtree_comes_out_of_the_index_in_order() {
    for depth in [1, 3] {
        let steps = steps(|s| s.subtree(&level(depth)));
        assert!(
            steps
                .iter()
                .all(|step| step.starts_with("SEARCH org USING INDEX")),
            "{steps:#?}"
        );
    }
}

/// Words of SQL that some database of the PostgreSQL family lacks, or understands in its own way.
const FOREIGN: [&str; 22] = [
    "TRIGGER",
    "VIEW",
    "SEQUENCE",
    "SERIAL",
    "AUTOINCREMENT",
    "SAVEPOINT",
    "RETURNING",
    "GENERATED",
    "DEFERRABLE",
    "TEMP",
    "TEMPORARY",
    "TRUNCATE",
    "RECURSIVE",
    "COLLATE",
    "REPLACE",
    "ROWID",
    "GLOB",
    "PRAGMA",
    "IFNULL",
    "DATETIME",
    "ATTACH",
    "CASCADE",
];

#[test]
fn no_statement_leaves_the_portable_part_of_sql() {
    let foreign = BTreeSet::from(FOREIGN);
    let mut statements = every_statement();
    statements.extend(SCHEMA.iter().flat_map(|step| statements_of(step)));
    for sql in statements {
        let upper = sql.to_uppercase();
        let words = upper.split(|c: char| !c.is_alphanumeric() && c != '_');
        let found: Vec<_> = words.filter(|word| foreign.contains(word)).collect();
        assert!(found.is_empty(), "{found:?} in {sql}");
        assert!(
            !(upper.contains("INDEX") && upper.contains("WHERE")),
            "a partial index: {sql}"
        );
    }
}

fn statements_of(script: &str) -> Vec<String> {
    let lines: Vec<_> = script
        .lines()
        .map(|line| line.split("--").next().unwrap_or_default())
        .collect();
    lines.join("\n").split(';').map(str::to_owned).collect()
}

struct Applying(Vec<RowChange>);

impl Write for Applying {
    fn decide(&mut self, draft: &dyn Draft) -> Verdict {
        draft.apply(&self.0).unwrap();
        Verdict::Keep
    }

    fn done(self: Box<Self>, _: Result<(), StoreError>) {}
}

/// Returns each statement that a store can run, apart from those that open a connection.
fn every_statement() -> BTreeSet<String> {
    noted::take();
    let mut connection = connection::in_memory().unwrap();
    let rest = [
        RowChange::NextId(9),
        RowChange::ArchiveGone("4".to_owned()),
        RowChange::EndedTokenGone(vec![7; 32]),
        RowChange::KeyedAnswerGone(vec![7; 32]),
    ];
    let changes = [one_of_each().to_vec(), rest.to_vec()];
    let mut writes = changes.map(|changes| Box::new(Applying(changes)) as Box<dyn Write>);
    let batch = batch::transact(&mut connection, &mut writes, &Journal::default())
        .ok()
        .unwrap();
    assert_eq!(batch.revision, Some(Revision(2)));
    for depth in [1, 3] {
        ask_everything(&View::of_draft(&connection), &level(depth)).unwrap();
    }
    noted::take().into_iter().collect()
}

fn org_keys() -> [OrgLookup; 5] {
    let org = fixture::org(1, None);
    [
        OrgLookup::Top,
        OrgLookup::Id(org.id),
        OrgLookup::Uid(org.uid),
        OrgLookup::Guid(org.guid),
        OrgLookup::RegistrationKey(org.registration_key),
    ]
}

fn user_keys() -> [UserLookup; 3] {
    [
        UserLookup::Id(1),
        UserLookup::Uid("1".to_owned()),
        UserLookup::Username("x".to_owned()),
    ]
}

fn device_keys() -> [DeviceLookup; 2] {
    [DeviceLookup::Id(1), DeviceLookup::Guid("1".to_owned())]
}

fn ask_everything(s: &dyn ReadView, path: &Path) -> Result<(), StoreError> {
    s.tenant()?;
    for key in org_keys() {
        s.org(&key)?;
    }
    s.child_named(OrgId::from(1), "x")?;
    s.way_down(path)?;
    s.count_orgs()?;
    s.org_page(PAGE)?;
    s.each_listed_org_after(OrgId::from(1), PAGE, &mut |_| Ok(()))?;
    s.subtree(path)?;
    s.deactivations(path)?;
    s.hold_days(path)?;
    s.own_settings(path)?;
    for key in user_keys() {
        s.user(&key)?;
    }
    s.count_users(path)?;
    s.users(path, Some(PAGE))?;
    for key in device_keys() {
        s.device(&key)?;
    }
    s.devices_of(1)?;
    s.count_devices(path)?;
    s.devices(path, Some(PAGE))?;
    s.archives_of(1)?;
    s.archives(path)?;
    s.agent_states(OrgId::from(1), "x")?;
    s.agent_state("x", "x")?;
    s.api_client("x")?;
    s.api_clients()?;
    s.ended_token(&[7; 32])?;
    s.ended_tokens_until(Timestamp::EPOCH, 5)?;
    s.keyed_answer(&[7; 32])?;
    s.keyed_answers_until(Timestamp::EPOCH, 5)?;
    s.each_row(&mut |_| Ok(()))?;
    Ok(())
}
