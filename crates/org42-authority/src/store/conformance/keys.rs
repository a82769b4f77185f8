//! Tests that everything is found by each of its keys.

use org42_types::OrgId;

use super::Backend;
use super::fixture::{ask, device, filled, org, user};
use crate::domain::{RowChange, User};
use crate::store::{DeviceLookup, OrgLookup, UserLookup};

pub(super) fn every_key_finds_its_organization(backend: &dyn Backend) {
    let top = org(1, None);
    let child = org(2, Some(&top));
    let store = &*filled(backend, [top.clone(), child.clone()].map(RowChange::Org));
    assert_eq!(ask(store, |s| s.org(&OrgLookup::Top)), Some(top.clone()));
    for wanted in [top, child] {
        let keys = [
            OrgLookup::Id(wanted.id),
            OrgLookup::Uid(wanted.uid.clone()),
            OrgLookup::Guid(wanted.guid.clone()),
            OrgLookup::RegistrationKey(wanted.registration_key.clone()),
        ];
        for key in keys {
            assert_eq!(
                ask(store, |s| s.org(&key)).as_ref(),
                Some(&wanted),
                "{key:?}"
            );
        }
    }
    let stranger = org(3, None);
    let strange = [
        OrgLookup::Id(OrgId::from(0)),
        OrgLookup::Uid(stranger.uid),
        OrgLookup::Guid(stranger.guid),
        OrgLookup::RegistrationKey(stranger.registration_key),
    ];
    for key in strange {
        assert_eq!(ask(store, |s| s.org(&key)), None, "{key:?}");
    }
}

pub(super) fn every_key_finds_its_user(backend: &dyn Backend) {
    let top = org(1, None);
    let all = [user(2, &top), user(3, &top)];
    let store = &*filled(
        backend,
        [RowChange::Org(top.clone())]
            .into_iter()
            .chain(all.clone().map(RowChange::User)),
    );
    let keys = |user: &User| {
        [
            UserLookup::Id(user.id),
            UserLookup::Uid(user.uid.clone()),
            UserLookup::Username(user.username.clone()),
        ]
    };
    for wanted in all {
        for key in keys(&wanted) {
            assert_eq!(
                ask(store, |s| s.user(&key)).as_ref(),
                Some(&wanted),
                "{key:?}"
            );
        }
    }
    for key in keys(&user(4, &top)) {
        assert_eq!(ask(store, |s| s.user(&key)), None, "{key:?}");
    }
}

pub(super) fn every_key_finds_its_device(backend: &dyn Backend) {
    let top = org(1, None);
    let owner = user(2, &top);
    let all = [device(3, &owner), device(4, &owner)];
    let changes = [RowChange::Org(top), RowChange::User(owner.clone())];
    let store = &*filled(
        backend,
        changes
            .into_iter()
            .chain(all.clone().map(RowChange::Device)),
    );
    for wanted in all {
        for key in [
            DeviceLookup::Id(wanted.id),
            DeviceLookup::Guid(wanted.guid.clone()),
        ] {
            assert_eq!(
                ask(store, |s| s.device(&key)).as_ref(),
                Some(&wanted),
                "{key:?}"
            );
        }
    }
    for key in [
        DeviceLookup::Id(5),
        DeviceLookup::Guid(device(5, &owner).guid),
    ] {
        assert_eq!(ask(store, |s| s.device(&key)), None, "{key:?}");
    }
}

pub(super) fn a_username_is_found_in_any_case(backend: &dyn Backend) {
    let top = org(1, None);
    let latin = User {
        username: "Zoë.Ångström@Example.com".to_owned(),
        ..user(2, &top)
    };
    let greek = User {
        username: "ΔΗΜΗΤΡΑ@example.com".to_owned(),
        ..user(3, &top)
    };
    let store = &*filled(
        backend,
        [
            RowChange::Org(top),
            RowChange::User(latin.clone()),
            RowChange::User(greek.clone()),
        ],
    );
    let spellings = [
        ("zoë.ångström@example.com", Some(latin.clone())),
        ("ZOË.ÅNGSTRÖM@EXAMPLE.COM", Some(latin)),
        ("δημητρα@EXAMPLE.com", Some(greek)),
        ("zoe.angstrom@example.com", None),
        ("zoë.ångström@example.co", None),
        ("zoë%", None),
    ];
    for (spelling, found) in spellings {
        let read = ask(store, |s| {
            s.user(&UserLookup::Username(spelling.to_owned()))
        });
        assert_eq!(read, found, "{spelling}");
    }
}
