//! Tests of a tenant in a file of its own, and of one that replaces another.

use tempfile::TempDir;

use super::Backend;
use super::fixture::{
    add, agent_state, api_client, archive, ask, at, deactivation, device, ended_token, filled,
    keyed_answer, org, revision, tenant, user,
};
use crate::domain::settings::{Own, OwnSettings};
use crate::domain::{HoldDays, OrgRecord, Path, Revision, RowChange, Tenant};
use crate::store::{Extent, OrgLookup, Sessions, Store, StoreError, files};

/// Returns one row of every table.
fn one_of_each() -> Vec<RowChange> {
    let top = org(1, None);
    let child = org(2, Some(&top));
    let owner = user(3, &child);
    let laptop = device(4, &owner);
    vec![
        RowChange::Org(top),
        RowChange::Deactivation(deactivation(&child, 2)),
        RowChange::HoldDays(HoldDays {
            org_id: child.id,
            since: Revision(1),
            days: Some(3),
        }),
        RowChange::Settings(OwnSettings {
            org_id: child.id,
            own: Own::default(),
        }),
        RowChange::Archive(archive("55", &laptop)),
        RowChange::AgentState(agent_state(&laptop, "fullDiskAccess", "true")),
        RowChange::Org(child),
        RowChange::User(owner),
        RowChange::Device(laptop),
        RowChange::ApiClient(api_client("key-42-1", 5)),
        RowChange::EndedToken(ended_token(1, 9_000)),
        RowChange::KeyedAnswer(keyed_answer(1, 9_000)),
    ]
}

/// Replaces the store's tenant by an exported one.
fn load(
    store: &dyn Store,
    file: &std::path::Path,
    sessions: Sessions,
) -> Result<Revision, StoreError> {
    let exported = files::open(file)?;
    store.write(Extent::Whole, move |draft| {
        exported.look(|view| draft.replace(view, sessions))
    })
}

/// Returns everything that can be seen but the revision.
fn seen(store: &dyn Store) -> String {
    let all = &Path::default();
    let texts = ask(store, |s| {
        let people: Vec<_> = (s.users(all, None)?.into_iter())
            .map(|user| (user.id, user.username, user.roles, user.password_hash))
            .collect();
        Ok([
            format!(
                "{:?}",
                s.tenant()?.map(|t| (t.uid, t.next_id, t.signing_key))
            ),
            format!("{:?}", s.subtree(all)?),
            format!("{people:?}"),
            format!("{:?}", s.devices(all, None)?),
            format!("{:?}", s.archives(all)?),
            format!("{:?}", s.deactivations(all)?),
            format!("{:?}", s.hold_days(all)?),
            format!("{:?}", s.own_settings(all)?),
            format!("{:?}", s.agent_state("4", "fullDiskAccess")?.is_some()),
            format!("{:?}", s.api_clients()?.len()),
            format!("{:?}", s.ended_tokens_until(at(i64::from(u32::MAX)), 9)?),
            format!("{:?}", s.keyed_answers_until(at(i64::from(u32::MAX)), 9)?),
        ])
    });
    texts.join("\n")
}

pub(super) fn an_exported_tenant_is_loaded_whole(backend: &dyn Backend) {
    let (store, folder) = (&*filled(backend, one_of_each()), TempDir::new().unwrap());
    let file = folder.path().join("saved.db");
    store.export(&file).unwrap();
    let other = &*backend.fresh();
    load(other, &file, Sessions::GoOn).unwrap();
    assert_eq!(seen(other), seen(store));
    assert!(ask(other, |s| s.api_client("key-42-1")).is_some());
    add(other, &[RowChange::Org(org(9, Some(&org(1, None))))]);
}

pub(super) fn what_is_loaded_replaces_all_and_the_revision_goes_on(backend: &dyn Backend) {
    let (store, folder) = (&*filled(backend, one_of_each()), TempDir::new().unwrap());
    let file = folder.path().join("saved.db");
    store.export(&file).unwrap();
    let before = seen(store);
    let top = org(1, None);
    add(
        store,
        &[RowChange::Org(org(70, Some(&top))), RowChange::NextId(9000)],
    );
    add(store, &[RowChange::ArchiveGone("55".to_owned())]);
    let at = revision(store);
    load(store, &file, Sessions::GoOn).unwrap();
    assert_eq!(seen(store), before);
    assert_eq!(ask(store, |s| s.org(&OrgLookup::Id(70.into()))), None);
    assert_eq!(revision(store), at.next());
    // The other way round: the file has the higher revision.
    let other = &*filled(backend, [RowChange::Org(top)]);
    for _ in 0..5 {
        add(store, &[]);
    }
    let further = folder.path().join("further.db");
    store.export(&further).unwrap();
    load(other, &further, Sessions::GoOn).unwrap();
    assert_eq!(revision(other), revision(store).next());
}

pub(super) fn a_tenant_stays_itself_whatever_is_loaded(backend: &dyn Backend) {
    let (store, folder) = (&*filled(backend, one_of_each()), TempDir::new().unwrap());
    let file = folder.path().join("other.db");
    let other = &*backend.fresh();
    let another = Tenant {
        uid: "another".to_owned(),
        signing_key: vec![9; 32],
        next_id: 77,
        ..tenant()
    };
    add(other, &[RowChange::Tenant(another)]);
    other.export(&file).unwrap();
    load(store, &file, Sessions::GoOn).unwrap();
    let now = ask(store, |s| s.tenant()).unwrap();
    let was = tenant();
    assert_eq!((&now.uid, &now.signing_key), (&was.uid, &was.signing_key));
    assert_eq!(now.next_id, 77);
    assert_eq!(ask(store, |s| s.count_orgs()), 0);
    // Where sessions are to end, the key becomes that of the file.
    load(store, &file, Sessions::End).unwrap();
    let now = ask(store, |s| s.tenant()).unwrap();
    assert_eq!((now.uid, now.signing_key), (was.uid, vec![9; 32]));
}

pub(super) fn a_replacement_that_fails_changes_nothing(backend: &dyn Backend) {
    let (store, folder) = (&*filled(backend, one_of_each()), TempDir::new().unwrap());
    let file = folder.path().join("saved.db");
    store.export(&file).unwrap();
    let at = revision(store);
    let other: OrgRecord = org(71, Some(&org(1, None)));
    add(store, &[RowChange::Org(other)]);
    let before = seen(store);
    let saved = files::open(&file).unwrap();
    let given_up = store.write(Extent::Whole, move |draft| {
        saved.look(|view| draft.replace(view, Sessions::GoOn))?;
        draft.apply(&[RowChange::NextId(7)])?;
        Err::<(), _>(StoreError::failed("given up"))
    });
    assert!(given_up.is_err());
    let empty = folder.path().join("empty.db");
    let refused = load(store, &empty, Sessions::GoOn);
    assert!(matches!(refused, Err(StoreError::Failed(_))), "{refused:?}");
    // A write that may only change rows cannot replace the tenant.
    let saved = files::open(&file).unwrap();
    let refused = store.write(Extent::Rows, move |draft| {
        saved.look(|view| draft.replace(view, Sessions::GoOn))
    });
    assert!(matches!(refused, Err(StoreError::Failed(_))), "{refused:?}");
    assert_eq!((seen(store), revision(store)), (before, at.next()));
    assert!(store.export(&file).is_err(), "a file is never written over");
    load(store, &file, Sessions::GoOn).unwrap();
}

pub(super) fn a_token_that_was_ended_stays_so_whatever_is_loaded(backend: &dyn Backend) {
    let (store, folder) = (&*filled(backend, one_of_each()), TempDir::new().unwrap());
    let file = folder.path().join("saved.db");
    store.export(&file).unwrap();
    let [here, both, there] =
        [(2, 5_000), (1, 9_000), (3, 7_000)].map(|(n, end)| ended_token(n, end));
    add(store, &[RowChange::EndedToken(here.clone())]);
    let other = &*filled(backend, [RowChange::EndedToken(there.clone())]);
    for (loaded, kept) in [
        (store, vec![here, both.clone()]),
        (other, vec![there, both]),
    ] {
        load(loaded, &file, Sessions::GoOn).unwrap();
        assert_eq!(ask(loaded, |s| s.ended_tokens_until(at(9_000), 9)), kept);
    }
}

pub(super) fn answers_belong_to_the_tenant_that_gave_them(backend: &dyn Backend) {
    let (store, folder) = (&*filled(backend, one_of_each()), TempDir::new().unwrap());
    let file = folder.path().join("saved.db");
    store.export(&file).unwrap();
    add(store, &[RowChange::KeyedAnswer(keyed_answer(2, 9_000))]);
    let answered = |number| ask(store, |s| s.keyed_answer(&[number; 32])).is_some();
    assert!(answered(1) && answered(2));
    load(store, &file, Sessions::GoOn).unwrap();
    assert!(answered(1), "what it tells of is there again");
    assert!(!answered(2), "what it tells of is gone");
}
