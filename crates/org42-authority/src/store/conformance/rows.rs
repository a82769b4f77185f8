//! Tests that rows are read as they were written.

use super::Backend;
use super::fixture::{
    GREATEST, ODD_TEXT, add, agent_state, api_client, archive, ask, at, deactivation, device,
    ended_token, filled, keyed_answer, mark, org, revision, tenant, the_last_moment, user,
};
use crate::domain::settings::{KeySetting, Own, OwnSettings};
use crate::domain::{
    ApiClient, Archive, BackupPlan, Cold, Deactivation, Device, EndedToken, HoldDays, KeyedAnswer,
    OrgRecord, Path, Revision, RowChange, Tenant, Totp, User,
};
use crate::store::{DeviceLookup, OrgLookup, UserLookup, Window};

pub(super) fn an_empty_store_has_nothing(backend: &dyn Backend) {
    let store = &*backend.fresh();
    assert_eq!(ask(store, |s| s.tenant()), None);
    assert_eq!(ask(store, |s| s.org(&OrgLookup::Top)), None);
    let everything = &Path::default();
    assert_eq!(
        ask(store, |s| Ok((
            s.count_orgs()?,
            s.count_users(everything)?,
            s.count_devices(everything)?
        ))),
        (0, 0, 0)
    );
    assert_eq!(
        ask(store, |s| s.org_page(Window {
            offset: 0,
            limit: 100
        })),
        []
    );
    assert_eq!(ask(store, |s| s.users(everything, None)), []);
    assert_eq!(ask(store, |s| s.api_clients()), []);
    assert_eq!(ask(store, |s| s.ended_token(&[1; 32])), None);
}

pub(super) fn the_first_commit_creates_the_tenant(backend: &dyn Backend) {
    let store = &*filled(backend, []);
    assert_eq!(ask(store, |s| s.tenant()), Some(tenant()));
}

/// Returns an organization with every field set to an extreme value.
fn full_org(parent: &OrgRecord) -> OrgRecord {
    OrgRecord {
        name: ODD_TEXT.to_owned(),
        former_name: Some(String::new()),
        ext_ref: Some(" spaces around ".to_owned()),
        notes: Some(ODD_TEXT.repeat(100)),
        created_at: at(-1),
        modified_at: the_last_moment(),
        blocked_at: Revision(GREATEST),
        unblocked_at: Revision(2),
        deactivated: Some(mark(GREATEST, 3)),
        last_deactivation: Revision(4),
        left_inactive: vec![mark(0, -5), mark(GREATEST, 8)],
        activated_at: Revision(6),
        revived_at: Revision(7),
        ..org(u32::MAX, Some(parent))
    }
}

pub(super) fn organizations_come_back_whole(backend: &dyn Backend) {
    let top = org(1, None);
    let plain = org(2, Some(&top));
    let full = full_org(&plain);
    let all = [top, plain, full];
    let store = &*filled(backend, all.clone().map(RowChange::Org));
    for written in all {
        assert_eq!(
            ask(store, |s| s.org(&OrgLookup::Id(written.id))),
            Some(written)
        );
    }
}

pub(super) fn deactivations_come_back_whole(backend: &dyn Backend) {
    let top = org(1, None);
    let all = [
        deactivation(&top, 1),
        Deactivation {
            org_id: top.id,
            mark: mark(GREATEST, -1),
        },
    ];
    let changes = [RowChange::Org(top.clone())]
        .into_iter()
        .chain(all.map(RowChange::Deactivation));
    let store = &*filled(backend, changes);
    assert_eq!(ask(store, |s| s.deactivations(&top.path)), all);
}

pub(super) fn hold_days_come_back_whole(backend: &dyn Backend) {
    let top = org(1, None);
    let all =
        [(1, Some(0)), (2, None), (GREATEST, Some(u32::MAX))].map(|(revision, days)| HoldDays {
            org_id: top.id,
            since: Revision(revision),
            days,
        });
    let changes = [RowChange::Org(top.clone())]
        .into_iter()
        .chain(all.map(RowChange::HoldDays));
    let store = &*filled(backend, changes);
    assert_eq!(ask(store, |s| s.hold_days(&top.path)), all);
}

pub(super) fn settings_come_back_whole(backend: &dyn Backend) {
    let top = org(1, None);
    let (child, other) = (org(2, Some(&top)), org(3, Some(&top)));
    let setting = KeySetting {
        value: ODD_TEXT.to_owned(),
        locked: true,
    };
    let full = Own {
        quota: Some(
            [("maxBytes".to_owned(), i64::MAX.into())]
                .into_iter()
                .collect(),
        ),
        reporting: Some(serde_json::Map::new()),
        fields: [(ODD_TEXT.to_owned(), serde_json::Value::Null)]
            .into_iter()
            .collect(),
        destinations: Some(vec!["43".to_owned()]),
        device_defaults: Some(serde_json::json!({"a": [1, {"b": ODD_TEXT}]})),
        by_key: [(ODD_TEXT.to_owned(), setting)].into(),
    };
    let of = |org: &OrgRecord, own| OwnSettings {
        org_id: org.id,
        own,
    };
    let all = [
        of(&top, full.clone()),
        of(&child, Own::default()),
        of(&other, full),
    ];
    let changes = [&top, &child, &other].map(|org| RowChange::Org(org.clone()));
    let changes = changes
        .into_iter()
        .chain(all.clone().map(RowChange::Settings));
    let store = &*filled(backend, changes);
    let [first, second, _] = all;
    assert_eq!(
        ask(store, |s| s.own_settings(&child.path)),
        [first.clone(), second]
    );
    let empty = of(
        &child,
        Own {
            fields: first.own.fields.clone(),
            ..Own::default()
        },
    );
    add(store, &[RowChange::Settings(empty.clone())]);
    assert_eq!(ask(store, |s| s.own_settings(&child.path)), [first, empty]);
}

fn full_user(id: u32, org: &OrgRecord) -> User {
    User {
        username: "Ünser.Name+tag'@Example.COM".to_owned(),
        email: Some(String::new()),
        first_name: Some(ODD_TEXT.to_owned()),
        last_name: Some("O'Neil".to_owned()),
        ext_ref: Some("\n".to_owned()),
        notes: Some(ODD_TEXT.repeat(100)),
        roles: vec!["customer-cloud-admin".to_owned(), "org-admin".to_owned()],
        password_hash: Some("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned()),
        totp: Some(Totp {
            secret: vec![0, 255, 10],
            last_step: GREATEST,
        }),
        created_at: at(-1),
        modified_at: the_last_moment(),
        blocked: true,
        deactivated: true,
        unblocked_at: Revision(GREATEST),
        activated_at: Revision(11),
        sessions_end: Revision(12),
        ..user(id, org)
    }
}

pub(super) fn users_come_back_whole(backend: &dyn Backend) {
    let top = org(1, None);
    let all = [user(2, &top), full_user(u32::MAX, &top)];
    let store = &*filled(
        backend,
        [RowChange::Org(top)]
            .into_iter()
            .chain(all.clone().map(RowChange::User)),
    );
    for written in all {
        let read = ask(store, |s| s.user(&UserLookup::Id(written.id))).unwrap();
        // Rows are compared without being printed: debug output leaves the secrets out.
        assert_eq!(
            (&read.username, &read.notes, &read.totp),
            (&written.username, &written.notes, &written.totp)
        );
        assert!(read == written, "user {} differs", written.id);
    }
}

fn full_device(id: u32, user: &User) -> Device {
    Device {
        name: ODD_TEXT.to_owned(),
        os_name: String::new(),
        secret_hash: vec![],
        created_at: at(-1),
        modified_at: the_last_moment(),
        last_connected: Some(at(0)),
        login_date: Some(at(1)),
        blocked: true,
        deactivated: true,
        plan: BackupPlan {
            uid: "1".to_owned(),
            started_at: Revision(GREATEST),
            stopped: true,
        },
        ..device(id, user)
    }
}

pub(super) fn devices_come_back_whole(backend: &dyn Backend) {
    let top = org(1, None);
    let owner = user(2, &top);
    let all = [device(3, &owner), full_device(u32::MAX, &owner)];
    let changes = [RowChange::Org(top), RowChange::User(owner)];
    let store = &*filled(
        backend,
        changes
            .into_iter()
            .chain(all.clone().map(RowChange::Device)),
    );
    for written in all {
        let read = ask(store, |s| s.device(&DeviceLookup::Id(written.id))).unwrap();
        assert_eq!(
            (&read.name, read.login_date, &read.plan),
            (&written.name, written.login_date, &written.plan)
        );
        assert!(read == written, "device {} differs", written.id);
    }
}

pub(super) fn archives_come_back_whole(backend: &dyn Backend) {
    let top = org(1, None);
    let owner = user(2, &top);
    let laptop = device(3, &owner);
    let full = Archive {
        bytes: GREATEST,
        last_backup: at(-1),
        cold: Some(Cold {
            since: at(0),
            hold_days: u32::MAX,
        }),
        warm_at: Revision(GREATEST),
        ..archive("2", &laptop)
    };
    let all = [archive("1", &laptop), full];
    let changes = [
        RowChange::Org(top),
        RowChange::User(owner),
        RowChange::Device(laptop.clone()),
    ];
    let store = &*filled(
        backend,
        changes
            .into_iter()
            .chain(all.clone().map(RowChange::Archive)),
    );
    assert_eq!(ask(store, |s| s.archives_of(laptop.id)), all);
}

pub(super) fn agent_states_come_back_whole(backend: &dyn Backend) {
    let top = org(1, None);
    let owner = user(2, &top);
    let laptop = device(3, &owner);
    let all = [
        agent_state(&laptop, "fullDiskAccess", ""),
        agent_state(&laptop, ODD_TEXT, ODD_TEXT),
    ];
    let changes = [
        RowChange::Org(top),
        RowChange::User(owner),
        RowChange::Device(laptop.clone()),
    ];
    let store = &*filled(
        backend,
        changes
            .into_iter()
            .chain(all.clone().map(RowChange::AgentState)),
    );
    for written in all {
        assert_eq!(
            ask(store, |s| s.agent_state(&laptop.guid, &written.name)),
            Some(written)
        );
    }
    assert_eq!(
        ask(store, |s| s.agent_state(&laptop.guid, "fulldiskaccess")),
        None
    );
    assert_eq!(ask(store, |s| s.agent_state("1", "fullDiskAccess")), None);
}

pub(super) fn api_clients_come_back_whole(backend: &dyn Backend) {
    let full = ApiClient {
        secret_hash: vec![0, 255],
        revoked: true,
        ..api_client("key-42-b", -1)
    };
    let all = [api_client("key-42-a", 1), full];
    let store = &*filled(backend, all.clone().map(RowChange::ApiClient));
    for written in all {
        let read = ask(store, |s| s.api_client(&written.client_id)).unwrap();
        assert!(read == written, "API client {} differs", written.client_id);
    }
    assert_eq!(ask(store, |s| s.api_client("key-42-A")), None);
}

pub(super) fn ended_tokens_come_back_until_they_are_forgotten(backend: &dyn Backend) {
    let odd = EndedToken {
        digest: vec![0, 255, 39],
        expires: the_last_moment(),
    };
    let all = [ended_token(1, 5), ended_token(2, -1), odd.clone()];
    let store = &*filled(backend, all.iter().cloned().map(RowChange::EndedToken));
    for written in &all {
        let read = ask(store, |s| s.ended_token(&written.digest));
        assert_eq!(read.as_ref(), Some(written));
    }
    assert_eq!(ask(store, |s| s.ended_token(&[1; 31])), None);
    let until = |millis, limit| ask(store, |s| s.ended_tokens_until(at(millis), limit));
    assert_eq!(until(-2, 9), []);
    assert_eq!(until(5, 9), [all[1].clone(), all[0].clone()]);
    assert_eq!(until(5, 1), [all[1].clone()]);
    add(store, &[RowChange::EndedTokenGone(odd.digest.clone())]);
    assert_eq!(ask(store, |s| s.ended_token(&odd.digest)), None);
    assert_eq!(until(5, 9).len(), 2);
}

pub(super) fn keyed_answers_come_back_until_they_are_forgotten(backend: &dyn Backend) {
    let odd = KeyedAnswer {
        digest: vec![0, 255, 39],
        status: 599,
        content_type: "x/\u{7f}'é".to_owned(),
        document: Some(vec![0, 255, 39]),
        expires: the_last_moment(),
        ..keyed_answer(0, 0)
    };
    let without = KeyedAnswer {
        document: None,
        ..keyed_answer(1, 5)
    };
    let all = [without, keyed_answer(2, -1), odd];
    let store = &*filled(backend, all.iter().cloned().map(RowChange::KeyedAnswer));
    for written in &all {
        let read = ask(store, |s| s.keyed_answer(&written.digest));
        assert!(read.as_ref() == Some(written), "{written:?} differs");
    }
    assert!(ask(store, |s| s.keyed_answer(&[1; 31])).is_none());
    let until = |millis, limit| ask(store, |s| s.keyed_answers_until(at(millis), limit));
    assert_eq!(until(-2, 9), Vec::<Vec<u8>>::new());
    assert_eq!(until(5, 9), [vec![2; 32], vec![1; 32]]);
    assert_eq!(until(5, 1), [vec![2; 32]]);
    add(store, &[RowChange::KeyedAnswerGone(vec![2; 32])]);
    assert_eq!(until(5, 9), [vec![1; 32]]);
    assert!(ask(store, |s| s.keyed_answer(&[2; 32])).is_none());
}

pub(super) fn a_row_written_again_is_replaced(backend: &dyn Backend) {
    let top = org(1, None);
    let child = org(2, Some(&top));
    let owner = user(3, &child);
    let laptop = device(4, &owner);
    let store = &*filled(
        backend,
        [
            RowChange::Org(top.clone()),
            RowChange::Org(child.clone()),
            RowChange::User(owner.clone()),
            RowChange::Device(laptop.clone()),
            RowChange::Archive(archive("5", &laptop)),
            RowChange::AgentState(agent_state(&laptop, "fullDiskAccess", "true")),
            RowChange::ApiClient(api_client("key-42", 6)),
        ],
    );
    let child = OrgRecord {
        id: child.id,
        path: child.path.clone(),
        ..full_org(&top)
    };
    let owner = full_user(owner.id, &child);
    let laptop = Device {
        guid: laptop.guid.clone(),
        ..full_device(laptop.id, &owner)
    };
    let stored = Archive {
        bytes: 9,
        cold: Some(Cold {
            since: at(9),
            hold_days: 0,
        }),
        ..archive("5", &laptop)
    };
    let client = ApiClient {
        revoked: true,
        ..api_client("key-42", 6)
    };
    add(
        store,
        &[
            RowChange::Org(child.clone()),
            RowChange::User(owner.clone()),
            RowChange::Device(laptop.clone()),
            RowChange::Archive(stored.clone()),
            RowChange::AgentState(agent_state(&laptop, "fullDiskAccess", "false")),
            RowChange::ApiClient(client.clone()),
        ],
    );
    assert_eq!(ask(store, |s| s.subtree(&top.path)), [top.clone(), child]);
    assert!(ask(store, |s| s.users(&top.path, None)) == [owner.clone()]);
    assert!(
        ask(store, |s| s.archives(&top.path)) == [(stored.clone(), laptop.clone(), owner.clone())]
    );
    assert_eq!(
        ask(store, |s| s.agent_state(&laptop.guid, "fullDiskAccess"))
            .unwrap()
            .value,
        "false"
    );
    assert!(ask(store, |s| s.api_clients()) == [client]);
    // Fields that were set can be cleared again.
    let plain = user(owner.id, &top);
    add(store, &[RowChange::User(plain.clone())]);
    assert!(ask(store, |s| s.user(&UserLookup::Id(owner.id))) == Some(plain));
}

pub(super) fn the_next_id_is_kept(backend: &dyn Backend) {
    let store = &*filled(backend, []);
    add(store, &[RowChange::NextId(u32::MAX)]);
    assert_eq!(
        ask(store, |s| s.tenant()),
        Some(Tenant {
            revision: Revision(2),
            next_id: u32::MAX,
            ..tenant()
        })
    );
}

pub(super) fn a_purged_archive_is_gone(backend: &dyn Backend) {
    let top = org(1, None);
    let owner = user(2, &top);
    let laptop = device(3, &owner);
    let (kept, purged) = (archive("10", &laptop), archive("1", &laptop));
    let changes = [
        RowChange::Org(top),
        RowChange::User(owner),
        RowChange::Device(laptop.clone()),
    ];
    let store = &*filled(
        backend,
        changes
            .into_iter()
            .chain([kept.clone(), purged].map(RowChange::Archive)),
    );
    add(store, &[RowChange::ArchiveGone("1".to_owned())]);
    assert_eq!(
        ask(store, |s| s.archives_of(laptop.id)),
        std::slice::from_ref(&kept)
    );
    // Removing a row that is not there succeeds.
    add(store, &[RowChange::ArchiveGone("1".to_owned())]);
    assert_eq!(
        (ask(store, |s| s.archives_of(laptop.id)), revision(store)),
        (vec![kept], Revision(3))
    );
}
