//! Listings of servers that do not stand still: whatever stays is listed once, or it is said that something is missing.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use org42::{ErrorKind, GetAll};
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use org42_test::{Reply, Seen, Server};

const COUNT: usize = 2500;

fn org(id: usize) -> Value {
    let is_new = id > COUNT;
    let created = if is_new { "2099" } else { "2020" };
    json!({"orgId": id, "orgGuid": format!("guid-{id}"), "orgName": format!("Org {id}"), "active": true,
        "creationDate": format!("{created}-01-01T00:00:00Z")})
}

fn page(ids: &[usize], total: impl Into<Value>) -> Reply {
    let orgs: Vec<Value> = ids.iter().map(|id| org(*id)).collect();
    Reply::json(json!({"data": {"totalCount": total.into(), "orgs": orgs}}).to_string())
}

/// The part of `ids` that a request asks for.
fn part<'a>(ids: &'a [usize], seen: &Seen, size: usize) -> &'a [usize] {
    let start = (seen.number("pgNum") - 1) * size;
    let end = (start + size).min(ids.len());
    &ids[start.min(end)..end]
}

/// Lists what a server answers to each request for a page; the script gets the requests before it.
async fn listed(
    script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static,
) -> (Result<Vec<usize>, org42::Error>, usize) {
    let server = Server::start(move |seen, before| match seen.param("active") {
        Some(_) => page(&[], 0),
        None => script(seen, before),
    })
    .await;
    let mut orgs = server.client().orgs().get_all().orgs();
    let ids = orgs.try_collect().await.map(|orgs| {
        let ids = orgs.iter().filter_map(|org| org.org_id);
        ids.map(|id| usize::try_from(id.get()).unwrap()).collect()
    });
    (ids, server.count("GET /api/v1/Org"))
}

fn once(ids: &[usize], wanted: impl IntoIterator<Item = usize>) {
    let all: HashSet<usize> = ids.iter().copied().collect();
    assert_eq!(all.len(), ids.len(), "one comes twice");
    let missing: Vec<usize> = wanted.into_iter().filter(|id| !all.contains(id)).collect();
    assert!(missing.is_empty(), "{} missing: {missing:?}", missing.len());
}

#[tokio::test]
async fn pages_of_varying_size_are_read_again_until_all_has_come() {
    for seed in 0..20 {
        let random = Mutex::new(StdRng::seed_from_u64(seed));
        let (ids, requests) = listed(move |seen, _| {
            let all: Vec<usize> = (1..=COUNT).collect();
            let most = random.lock().unwrap().random_range(100..=500);
            page(part(&all, seen, seen.number("pgSize").min(most)), COUNT)
        })
        .await;
        once(&ids.unwrap(), 1..=COUNT);
        assert!(requests < 200, "{requests}");
    }
}

#[tokio::test]
async fn an_order_that_changes_between_requests_hides_nothing() {
    for seed in 0..10 {
        let random = Mutex::new(StdRng::seed_from_u64(seed));
        let (ids, requests) = listed(move |seen, _| {
            let mut all: Vec<usize> = (1..=COUNT).collect();
            all.shuffle(&mut *random.lock().unwrap());
            page(part(&all, seen, seen.number("pgSize").min(500)), COUNT)
        })
        .await;
        match ids {
            Ok(ids) => once(&ids, 1..=COUNT),
            // By chance the last few may stay hidden, and then it is said.
            Err(error) => assert_eq!(error.kind(), ErrorKind::IncompleteListing, "{error}"),
        }
        assert!(requests < 120, "{requests}");
    }
}

#[tokio::test]
async fn those_that_leave_and_arrive_in_equal_number_make_no_other_missing() {
    for after in 1..5 {
        for gone in [1..=10, 300..=700, 490..=510] {
            let left = gone.clone();
            let (ids, _) = listed(move |seen, before| {
                let arrived = COUNT + 1..=COUNT + left.clone().count();
                let all: Vec<usize> = match before >= after {
                    true => (1..=COUNT)
                        .filter(|id| !left.contains(id))
                        .chain(arrived)
                        .collect(),
                    false => (1..=COUNT).collect(),
                };
                page(part(&all, seen, seen.number("pgSize").min(500)), COUNT)
            })
            .await;
            once(&ids.unwrap(), (1..=COUNT).filter(|id| !gone.contains(id)));
        }
    }
}

#[tokio::test]
async fn what_stays_short_is_said_unless_that_is_allowed() {
    // The server hides every seventh organization, and counts it all the same.
    let script = |seen: &Seen, _| match seen.param("active") {
        Some(_) => page(&[], 0),
        None => {
            let all: Vec<usize> = (1..=COUNT).collect();
            let ids = part(&all, seen, seen.number("pgSize").min(500));
            let shown: Vec<usize> = ids.iter().copied().filter(|id| id % 7 > 0).collect();
            page(&shown, COUNT)
        }
    };
    let server = Server::start(script).await;
    let error = server.client().orgs().get_all().orgs().try_collect().await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IncompleteListing);
    assert!(error.to_string().contains("2143 of the 2500"), "{error}");
    let mut pages = server.client().orgs().get_all();
    let (mut came, mut last) = (0, None);
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => came += page.orgs.len(),
            Err(error) => last = Some(error),
        }
    }
    assert_eq!(
        (came, pages.missing()),
        (2143, 357),
        "all that came is handed out first"
    );
    assert!(last.is_some());
    let how = GetAll::new().allow_partial(true);
    let mut orgs = server.client().orgs().get_all_with(how).orgs();
    let mut came = 0;
    while let Some(org) = orgs.next().await {
        org.unwrap();
        came += 1;
    }
    assert_eq!((came, orgs.missing()), (2143, 357));
}

#[tokio::test]
async fn a_count_that_is_none_refuses_no_listing() {
    for count in [json!(-1), json!("3"), json!(3.0), json!(null)] {
        let shown = count.clone();
        let (ids, requests) = listed(move |seen, _| {
            page(part(&[1, 2, 3], seen, seen.number("pgSize")), shown.clone())
        })
        .await;
        assert_eq!(ids.unwrap(), [1, 2, 3], "{count}");
        assert!(requests <= 3, "{count}: {requests}");
    }
}

/// How a server takes `active`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Active {
    /// Lists active ones unless asked for others.
    ByDefault,
    Ignored,
    Honoured,
}

#[tokio::test]
async fn those_that_are_not_active_are_asked_for_where_they_did_not_come() {
    for (takes, inactive, requests) in [
        (Active::ByDefault, 700, 3 + 2),
        (Active::ByDefault, 0, 3 + 1),
        (Active::Ignored, 0, 3 + 1),
        (Active::Ignored, 700, 4),
        (Active::Honoured, 700, 4),
        (Active::Honoured, 0, 3 + 1),
    ] {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = Arc::clone(&asked);
        let server = Server::start(move |seen: &Seen, _| {
            log.lock().unwrap().push(seen.target());
            let is_listed = |id: &usize| match (takes, seen.param("active")) {
                (Active::Ignored, _) | (Active::Honoured, None) => true,
                (_, Some("false")) => *id > 1200,
                _ => *id <= 1200,
            };
            let all: Vec<usize> = (1..=1200 + inactive).filter(is_listed).collect();
            let ids = part(&all, seen, seen.number("pgSize").min(500));
            let orgs: Vec<Value> = ids
                .iter()
                .map(|id| {
                    let mut org = org(*id);
                    org["active"] = json!(*id <= 1200);
                    org
                })
                .collect();
            let page = json!({"data": {"totalCount": all.len(), "orgs": orgs}});
            Reply::json(page.to_string())
        })
        .await;
        let mut orgs = server.client().orgs().get_all().orgs();
        let all = orgs.try_collect().await.unwrap();
        assert_eq!(all.len(), 1200 + inactive, "{takes:?} {inactive}");
        let asked = asked.lock().unwrap();
        assert_eq!(asked.len(), requests, "{takes:?} {inactive}: {asked:?}");
        assert!(!asked[0].contains("active"));
    }
}
