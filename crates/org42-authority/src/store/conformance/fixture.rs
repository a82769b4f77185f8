//! Rows and questions for the tests of a store.

use org42_types::{OrgGuid, OrgId, OrgUid, RegistrationKey, Timestamp};

use super::Backend;
use crate::domain::{
    AgentStateRow, ApiClient, Archive, BackupPlan, Deactivation, Device, EndedToken, KeyedAnswer,
    Mark, OrgRecord, Path, Revision, RowChange, Tenant, User,
};
use crate::store::{Extent, ReadView, Store, StoreError};

/// Characters, line ends and quotes that a careless backend would lose.
pub(crate) const ODD_TEXT: &str = "Zürich\n\t'; DROP TABLE org; -- \"%_\\ 日本 🦀 e\u{301}";

/// The greatest revision or count that any backend has to keep.
pub(crate) const GREATEST: u64 = i64::MAX as u64;

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

/// Returns the last moment that can be written.
pub(crate) fn the_last_moment() -> Timestamp {
    Timestamp::EPOCH.plus_millis(i64::MAX)
}

pub(crate) fn mark(revision: u64, millis: i64) -> Mark {
    Mark {
        revision: Revision(revision),
        at: at(millis),
    }
}

pub(crate) fn tenant() -> Tenant {
    Tenant {
        revision: Revision(1),
        uid: "4b2b9a3e-0000-4000-8000-0123456789ab".to_owned(),
        next_id: 1000,
        destinations: crate::domain::settings::Destination::of_new_tenant(),
        signing_key: vec![0, 1, 127, 128, 255],
    }
}

/// Returns an organization without marks.
pub(crate) fn org(id: u32, parent: Option<&OrgRecord>) -> OrgRecord {
    OrgRecord {
        id: OrgId::from(id),
        uid: OrgUid::from(900_000_000_000_000_000 + u64::from(id)),
        guid: guid(id),
        parent_id: parent.map(|parent| parent.id),
        path: parent
            .map_or(Path::default(), |parent| parent.path.clone())
            .child(OrgId::from(id)),
        name: format!("Org {id}"),
        former_name: None,
        ext_ref: None,
        notes: None,
        registration_key: RegistrationKey::from_bits(id.into()),
        created_at: at(1_000),
        modified_at: at(2_000),
        blocked_at: Revision(0),
        unblocked_at: Revision(0),
        deactivated: None,
        last_deactivation: Revision(0),
        left_inactive: Vec::new(),
        activated_at: Revision(1),
        revived_at: Revision(0),
    }
}

fn guid(id: u32) -> OrgGuid {
    format!("00000000-0000-4000-8000-{id:012}").parse().unwrap()
}

pub(crate) fn user(id: u32, org: &OrgRecord) -> User {
    User {
        id,
        uid: format!("80000000000{id:08}"),
        username: format!("user{id}@example.com"),
        email: None,
        first_name: None,
        last_name: None,
        ext_ref: None,
        notes: None,
        org_id: org.id,
        roles: vec!["desktop-user".to_owned()],
        password_hash: None,
        totp: None,
        created_at: at(3_000),
        modified_at: at(4_000),
        blocked: false,
        deactivated: false,
        unblocked_at: Revision(1),
        activated_at: Revision(1),
        sessions_end: Revision(0),
    }
}

pub(crate) fn device(id: u32, user: &User) -> Device {
    Device {
        id,
        guid: format!("70000000000{id:08}"),
        user_id: user.id,
        name: format!("laptop-{id}"),
        os_name: "linux".to_owned(),
        secret_hash: vec![7; 32],
        created_at: at(5_000),
        modified_at: at(6_000),
        last_connected: None,
        login_date: None,
        blocked: false,
        deactivated: false,
        plan: BackupPlan {
            uid: format!("60000000000{id:08}"),
            started_at: Revision(1),
            stopped: false,
        },
    }
}

pub(crate) fn archive(guid: &str, device: &Device) -> Archive {
    Archive {
        guid: guid.to_owned(),
        device_id: device.id,
        bytes: 1,
        last_backup: at(7_000),
        cold: None,
        warm_at: Revision(1),
    }
}

pub(crate) fn agent_state(device: &Device, name: &str, value: &str) -> AgentStateRow {
    AgentStateRow {
        device_guid: device.guid.clone(),
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

pub(crate) fn api_client(client_id: &str, created_at: i64) -> ApiClient {
    ApiClient {
        client_id: client_id.to_owned(),
        secret_hash: vec![9; 32],
        created_at: at(created_at),
        revoked: false,
    }
}

pub(crate) fn ended_token(number: u8, expires: i64) -> EndedToken {
    EndedToken {
        digest: vec![number; 32],
        expires: at(expires),
    }
}

pub(crate) fn keyed_answer(number: u8, expires: i64) -> KeyedAnswer {
    KeyedAnswer {
        digest: vec![number; 32],
        asked: vec![1; 32],
        status: 204,
        content_type: "application/json".to_owned(),
        document: Some(Vec::new()),
        expires: at(expires),
    }
}

pub(crate) fn deactivation(org: &OrgRecord, revision: u64) -> Deactivation {
    Deactivation {
        org_id: org.id,
        mark: mark(revision, 8_000 + revision as i64),
    }
}

/// Returns a new store that holds the tenant and what `changes` write, at revision 1.
pub(crate) fn filled(
    backend: &dyn Backend,
    changes: impl IntoIterator<Item = RowChange>,
) -> Box<dyn Store> {
    let store = backend.fresh();
    let changes: Vec<_> = [RowChange::Tenant(tenant())]
        .into_iter()
        .chain(changes)
        .collect();
    add(&*store, &changes);
    store
}

/// Returns a new store with a tenant of organizations only, each by its number and its parent's, the top one first.
pub(crate) fn forest(
    backend: &dyn Backend,
    top: u32,
    others: &[(u32, u32)],
) -> (Box<dyn Store>, Vec<OrgRecord>) {
    let mut orgs = vec![org(top, None)];
    for (id, parent) in others {
        let parent = orgs.iter().find(|org| org.id.get() == *parent);
        orgs.push(org(*id, Some(parent.unwrap())));
    }
    (
        filled(backend, orgs.iter().cloned().map(RowChange::Org)),
        orgs,
    )
}

/// Returns the store's answer to a question.
pub(crate) fn ask<T>(
    store: &dyn Store,
    question: impl FnMut(&dyn ReadView) -> Result<T, StoreError>,
) -> T {
    store.look(question).unwrap()
}

pub(crate) fn revision(store: &dyn Store) -> Revision {
    ask(store, |view| view.tenant()).map_or(Revision(0), |tenant| tenant.revision)
}

/// Commits changes to the store.
pub(crate) fn write(
    store: &dyn Store,
    changes: impl IntoIterator<Item = RowChange>,
) -> Result<Revision, StoreError> {
    let changes: Vec<_> = changes.into_iter().collect();
    store.write(Extent::Rows, move |draft| draft.apply(&changes))
}

/// Commits changes that must succeed.
pub(crate) fn add(store: &dyn Store, changes: &[RowChange]) {
    write(store, changes.iter().cloned()).unwrap();
}

pub(crate) fn numbers(orgs: &[OrgRecord]) -> Vec<u32> {
    orgs.iter().map(|org| org.id.get()).collect()
}
