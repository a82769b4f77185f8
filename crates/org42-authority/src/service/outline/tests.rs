use org42_types::OrgId;

use crate::domain::{Entropy, OrgState, RowChange, TenantRefusal};
use crate::service::{
    Caller, Counts, OrgCreation, OrgQuery, OrgSort, OrgUpdate, PageOf, TenantDraft, TenantService,
};
use crate::store::{DeviceLookup, OrgLookup, UserLookup};
use crate::{Authority, DEFAULT_ADMIN, Options, Sample};

type Shown = (u64, Vec<(OrgId, OrgState, Option<Counts>)>);

fn shown(tenant: &TenantService, query: &OrgQuery) -> Shown {
    let listing = tenant.read().list_orgs(query).unwrap();
    let rows = listing.rows.into_iter();
    let rows = rows.map(|view| (view.org.id, view.state, view.counts));
    (listing.total, rows.collect())
}

fn tenant(orgs: u32) -> TenantService {
    let authority = Authority::in_memory(Sample::Orgs(orgs), DEFAULT_ADMIN, Options::default());
    authority.unwrap().tenant().clone()
}

fn all() -> OrgQuery {
    OrgQuery {
        page: PageOf {
            num: 1,
            size: 10_000,
        },
        ..OrgQuery::default()
    }
}

/// Returns queries of every kind; those with counts come in the midst.
fn queries(under: OrgId) -> Vec<OrgQuery> {
    let mut queries = Vec::new();
    for flag in [true, false] {
        queries.push(OrgQuery {
            active: Some(flag),
            ..all()
        });
        queries.push(OrgQuery {
            blocked: Some(flag),
            counts: flag,
            ..all()
        });
    }
    for sort in [OrgSort::NumberDown, OrgSort::Name, OrgSort::NameDown] {
        queries.push(OrgQuery { sort, ..all() });
    }
    for search in ["a", "NEW", "b"] {
        let search = Some(search.to_owned());
        queries.push(OrgQuery { search, ..all() });
    }
    let under = Some(OrgLookup::Id(under));
    queries.push(OrgQuery {
        under,
        counts: true,
        ..all()
    });
    queries
}

/// A change that numbers decide on; it may be refused.
fn change(tenant: &TenantDraft<'_>, ids: &[OrgId], numbers: [u32; 4]) -> Result<(), TenantRefusal> {
    let [kind, one, other, name] = numbers;
    let org = |number: u32| OrgLookup::Id(ids[number as usize % ids.len()]);
    let name = format!("{} {name}", ["New", "bach", "Aria"][name as usize % 3]);
    let users = |at: &OrgLookup| -> Result<u32, TenantRefusal> {
        let path = tenant.org(at, crate::service::With::default())?.org.path;
        let users = tenant.view().users(&path, None)?;
        let user = users.get(other as usize % users.len().max(1));
        user.map(|user| user.id).ok_or(TenantRefusal::UserNotFound)
    };
    let device = || -> Result<DeviceLookup, TenantRefusal> {
        let devices = tenant.view().devices_of(users(&org(one))?)?;
        let device = devices.first().ok_or(TenantRefusal::UserNotFound)?;
        Ok(DeviceLookup::Id(device.id))
    };
    let caller = Caller::ApiClient;
    match kind % 12 {
        0 => tenant.block_org(&caller, &org(one)),
        1 => tenant.unblock_org(&org(one)),
        2 => tenant.deactivate_org(&caller, &org(one)),
        3 => tenant.reactivate_org(&org(one)),
        4 | 5 => {
            let new = OrgCreation {
                name: Some(name),
                parent: Some(org(one)),
                ..OrgCreation::default()
            };
            tenant.create_org(&new).map(drop)
        }
        6 => {
            let edit = OrgUpdate {
                name: Some(name),
                ..OrgUpdate::default()
            };
            tenant.update_org(&org(one), &edit).map(drop)
        }
        7 => tenant.move_user(&UserLookup::Id(users(&org(one))?), &org(other)),
        8 => tenant.deactivate_user(&caller, &UserLookup::Id(users(&org(one))?), false),
        9 => tenant.block_user(&caller, &UserLookup::Id(users(&org(one))?)),
        10 => tenant.deactivate_device(&device()?),
        _ => tenant.reactivate_device(&device()?),
    }
}

#[test]
fn what_follows_the_commits_answers_as_what_is_read_anew() {
    let tenant = tenant(80);
    let entropy = Entropy::from_seed(42);
    let next = || entropy.below(u32::MAX);
    let mut changed = 0;
    for round in 0..60 {
        // Several commits may come between two listings.
        for _ in 0..=next() % 3 {
            let ids: Vec<OrgId> = shown(&tenant, &all())
                .1
                .into_iter()
                .map(|row| row.0)
                .collect();
            let numbers = [next(), next(), next(), next()];
            let done = tenant.change_blocking(move |tenant| change(tenant, &ids, numbers));
            changed += u32::from(done.is_ok());
        }
        let ids = shown(&tenant, &all()).1;
        let under = ids[next() as usize % ids.len()].0;
        for query in queries(under) {
            let anew = shown(&tenant.anew(), &query);
            assert_eq!(shown(&tenant, &query), anew, "round {round}: {query:?}");
        }
    }
    assert!(changed > 60, "{changed} changes were made");
}

#[test]
fn a_filtered_page_reads_the_rows_of_the_page_alone() {
    let tenant = tenant(3_000);
    let rows = |query: &OrgQuery| {
        crate::store::rows_read();
        let shown = shown(&tenant, query);
        (shown.1.len(), crate::store::rows_read())
    };
    let page = PageOf { num: 3, size: 50 };
    let under = shown(&tenant, &all()).1[1].0;
    let queries: Vec<OrgQuery> = (queries(under).into_iter())
        .map(|query| OrgQuery { page, ..query })
        .collect();
    for query in &queries {
        rows(query);
    }
    // The rows of the page, those above them, and what tells who asks and which state it is.
    let most = |listed: usize| 3 * listed + 20;
    for query in &queries {
        let (listed, read) = rows(query);
        assert!(read <= most(listed), "{read} rows for {listed}: {query:?}");
    }
    let create = |tenant: &TenantDraft<'_>| {
        let new = OrgCreation {
            name: Some("New".to_owned()),
            ..OrgCreation::default()
        };
        tenant.create_org(&new).map(drop)
    };
    tenant.change_blocking(create).unwrap();
    for query in &queries {
        let (listed, read) = rows(query);
        assert!(
            read <= most(listed),
            "{read} rows for {listed} after a commit: {query:?}"
        );
    }
}

#[test]
fn a_registration_key_is_found_whatever_the_case_of_its_letters() {
    let tenant = tenant(20);
    let orgs = tenant.read().list_orgs(&all()).unwrap().rows;
    let found = |search: &str| {
        let search = Some(search.to_owned());
        let found = shown(&tenant, &OrgQuery { search, ..all() }).1;
        found.into_iter().map(|row| row.0).collect::<Vec<_>>()
    };
    let mut org = orgs[7].org.clone();
    for stored in ["wXyZ-7777", "WXYZ-7777", "wxyz-7777", "Wxyz-7777"] {
        org.registration_key = stored.parse().unwrap();
        let change = RowChange::Org(org.clone());
        (tenant.change_blocking(move |tenant| tenant.apply(std::slice::from_ref(&change))))
            .unwrap();
        for search in ["wxyz-7777", "WXYZ-7777", "wXYZ-7777"] {
            assert_eq!(found(search), [org.id], "{stored} by {search}");
        }
        for other in ["wxyz-777", " wxyz-7777", "wxyz-7777 "] {
            assert_eq!(found(other), [], "{stored} by {other:?}");
        }
    }
}
