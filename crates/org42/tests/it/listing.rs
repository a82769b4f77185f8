//! Listings of any size, with pages that the server caps, and listings that change while they are read.

use std::collections::HashSet;

use futures_util::stream::FusedStream;
use futures_util::{FutureExt, StreamExt};
use org42::{GetAll, GetPage};

use org42_test::fixtures::{listed, org, page};
use org42_test::{Reply, Seen, Server};

const LIST: &str = "GET /api/v1/Org";

async fn ids(server: &Server, page_size: u32) -> Result<Vec<u32>, org42::Error> {
    let orgs = server
        .client()
        .orgs()
        .get_all_with(GetAll::new().page_size(page_size))
        .orgs()
        .try_collect()
        .await?;
    Ok(orgs
        .iter()
        .filter_map(|org| org.org_id)
        .map(org42::OrgId::get)
        .collect())
}

#[tokio::test]
async fn every_size_ends_after_the_last_organization() {
    // The last request asks for those that are not active.
    for (count, size, requests) in [
        (0, 5, 1),
        (1, 5, 2),
        (5, 5, 2),
        (6, 5, 3),
        (10, 5, 3),
        (11, 5, 4),
    ] {
        let server = Server::start(move |seen, _| listed(seen, count, 500)).await;
        let all = ids(&server, size).await.unwrap();
        assert_eq!(all.len(), count);
        assert_eq!(
            server.count(LIST),
            requests,
            "{count} organizations by {size}"
        );
    }
}

#[tokio::test]
async fn a_server_that_caps_its_pages_does_not_cut_the_listing() {
    let server = Server::start(|seen, _| listed(seen, 1200, 100)).await;
    let all = ids(&server, 500).await.unwrap();
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 1200);
    // 12 pages, and the question for those that are not active.
    assert_eq!(server.count(LIST), 13);
}

#[tokio::test]
async fn a_server_that_does_not_count_is_read_to_an_empty_page() {
    let server = Server::start(|seen: &Seen, _| {
        let start = (seen.number("pgNum") - 1) * seen.number("pgSize");
        let orgs: Vec<_> = (start + 1..=(start + seen.number("pgSize")).min(10))
            .map(org)
            .collect();
        Reply::json(format!(r#"{{"data":{{"orgs":[{}]}}}}"#, orgs.join(",")))
    })
    .await;
    assert_eq!(ids(&server, 5).await.unwrap().len(), 10);
}

#[tokio::test]
async fn an_organization_that_goes_away_meanwhile_makes_no_other_one_missing() {
    // After the first page organization 1 is gone, so that all others move forward by one.
    let server = Server::start(|seen: &Seen, before| {
        let orgs: Vec<usize> = if before == 0 {
            (1..=12).collect()
        } else {
            (2..=12).collect()
        };
        let start = (seen.number("pgNum") - 1) * 5;
        let end = (start + 5).min(orgs.len());
        page(orgs[start.min(end)..end].iter().copied(), orgs.len())
    })
    .await;
    let mut all = ids(&server, 5).await.unwrap();
    all.sort_unstable();
    assert_eq!(all, (1..=12).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_organization_that_comes_meanwhile_makes_no_other_one_appear_twice() {
    let server = Server::start(|seen: &Seen, before| {
        let orgs: Vec<usize> = if before == 0 {
            (2..=12).collect()
        } else {
            (1..=12).collect()
        };
        let start = (seen.number("pgNum") - 1) * 5;
        let end = (start + 5).min(orgs.len());
        page(orgs[start.min(end)..end].iter().copied(), orgs.len())
    })
    .await;
    let all = ids(&server, 5).await.unwrap();
    assert_eq!(
        all.iter().collect::<HashSet<_>>().len(),
        all.len(),
        "{all:?}"
    );
    assert!((2..=12).all(|id| all.contains(&id)), "{all:?}");
}

#[tokio::test]
async fn a_listing_that_ends_too_early_or_never_is_an_error() {
    let empty = Server::start(|seen: &Seen, before| {
        if before == 0 {
            listed(seen, 12, 5)
        } else {
            page([], 12)
        }
    })
    .await;
    assert!(ids(&empty, 5).await.is_err());
    let stuck = Server::start(|_, _| page(1..=5, 12)).await;
    assert!(ids(&stuck, 5).await.is_err());
    assert!(stuck.count(LIST) < 10);
}

#[tokio::test]
async fn an_error_ends_the_listing() {
    let server = Server::start(|seen: &Seen, _| match seen.number("pgNum") {
        1 => listed(seen, 12, 5),
        _ => Reply::status(403, ""),
    })
    .await;
    let mut pages = server
        .client()
        .orgs()
        .get_all_with(GetAll::new().page_size(5));
    assert!(pages.next().await.unwrap().is_ok());
    assert!(pages.next().await.unwrap().unwrap_err().is_forbidden());
    assert!(pages.next().await.is_none());
}

#[tokio::test]
async fn nothing_is_sent_before_the_first_page_is_asked_for() {
    let server = Server::start(|seen, _| listed(seen, 3, 5)).await;
    let pages = server.client().orgs().get_all();
    assert!(server.all().is_empty());
    drop(pages);
    let first = server
        .client()
        .orgs()
        .get_page(GetPage::default())
        .await
        .unwrap();
    let asked = &server.requests()[0];
    assert_eq!(
        (asked.param("pgNum"), asked.param("pgSize")),
        (Some("1"), Some("500"))
    );
    assert_eq!(
        (
            first.total_count,
            first.http_status(),
            first.json()["data"]["totalCount"].as_u64()
        ),
        (Some(3), 200, Some(3))
    );
}

#[tokio::test]
async fn extra_parameters_go_along_with_reads() {
    let server = Server::start(|seen, _| listed(seen, 3, 5)).await;
    let orgs = server
        .client()
        .orgs()
        .with_param("active", true)
        .with_param("q", "a b&c");
    orgs.get_page(GetPage::default()).await.unwrap();
    let asked = &server.requests()[0];
    assert_eq!(
        (asked.param("active"), asked.param("q")),
        (Some("true"), Some("a+b%26c"))
    );
}

#[tokio::test]
async fn the_place_of_a_page_cannot_be_set_twice() {
    let server = Server::start(|seen, _| listed(seen, 3, 5)).await;
    let orgs = server.client().orgs().with_param("pgSize", 3);
    let page = orgs.get_page(GetPage::default()).await;
    assert!(page.unwrap_err().is_invalid_input());
    let all = orgs.get_all().orgs().try_collect().await;
    assert!(all.unwrap_err().is_invalid_input());
    assert!(server.all().is_empty());
}

#[tokio::test]
async fn a_size_of_zero_ends_with_an_error_at_once() {
    let server = Server::start(|seen, _| listed(seen, 3, 5)).await;
    let mut pages = server
        .client()
        .orgs()
        .get_all_with(GetAll::new().page_size(0));
    let error = pages.next().await.unwrap().unwrap_err();
    assert!(error.is_invalid_input(), "{error}");
    assert!(pages.next().await.is_none() && server.all().is_empty());
}

#[tokio::test]
async fn both_streams_give_the_same() {
    let server = Server::start(|seen, _| listed(seen, 12, 5)).await;
    let all = || {
        server
            .client()
            .orgs()
            .get_all_with(GetAll::new().page_size(5))
    };
    let sizes: Vec<_> = all().map(|page| page.unwrap().orgs.len()).collect().await;
    assert_eq!(sizes, [5, 5, 2]);
    // Two organizations need one page only.
    let before = server.count(LIST);
    let two: Vec<_> = StreamExt::take(all().orgs(), 2).collect().await;
    assert!(two.iter().all(Result::is_ok));
    assert_eq!(server.count(LIST) - before, 1);
}

#[tokio::test]
async fn a_listing_that_is_over_stays_over() {
    let server = Server::start(|seen, _| listed(seen, 12, 5)).await;
    let all = || {
        server
            .client()
            .orgs()
            .get_all_with(GetAll::new().page_size(5))
    };
    let mut pages = all();
    assert_eq!(pages.by_ref().count().await, 3);
    assert!(pages.is_terminated());
    for _ in 0..3 {
        assert!(pages.next().await.is_none());
        assert!(StreamExt::next(&mut pages).await.is_none());
    }
    let mut orgs = all().orgs();
    let mut batches = Vec::new();
    loop {
        let batch = StreamExt::take(orgs.by_ref(), 7).count().await;
        batches.push(batch);
        if batch == 0 {
            break;
        }
    }
    assert_eq!(batches, [7, 5, 0]);
    let mut orgs = all().orgs();
    let mut seen = 0;
    loop {
        tokio::select! {
            Some(org) = orgs.next() => { org.unwrap(); seen += 1; }
            else => break,
        }
    }
    assert!(orgs.is_terminated() && orgs.next().await.is_none());
    assert_eq!(seen, 12);
}

#[tokio::test]
async fn after_an_error_there_is_nothing_more() {
    let server = Server::start(|seen: &Seen, _| match seen.number("pgNum") {
        1 => listed(seen, 12, 5),
        _ => Reply::status(403, ""),
    })
    .await;
    let one_by_one = GetAll::new().pages_at_once(1);
    let mut orgs = server.client().orgs().get_all_with(one_by_one).orgs();
    let results: Vec<_> = orgs.by_ref().map(|org| org.is_ok()).collect().await;
    assert_eq!(results, [true, true, true, true, true, false]);
    for _ in 0..3 {
        assert!(orgs.next().await.is_none());
    }
    assert_eq!(server.count(LIST), 2);
}

#[tokio::test]
async fn a_future_that_is_dropped_loses_no_page() {
    let server = Server::start(|seen, _| listed(seen, 12, 5)).await;
    let mut pages = server
        .client()
        .orgs()
        .get_all_with(GetAll::new().page_size(5));
    let mut sizes = Vec::new();
    while !pages.is_terminated() {
        // Started, and dropped before the answer can have come; at the end there is nothing to start.
        let begun = pages.next().now_or_never();
        assert!(!matches!(begun, Some(Some(_))));
        if let Some(page) = pages.next().await {
            sizes.push(page.unwrap().orgs.len());
        }
    }
    assert_eq!((sizes, server.count(LIST)), (vec![5, 5, 2], 4));
}

#[tokio::test]
async fn children_are_found_in_the_listing() {
    let server = Server::start(|seen, _| match seen.number("pgNum") {
        1 => page(1..=5, 6),
        _ => Reply::json(
            r#"{"data":{"totalCount":6,"orgs":[{"orgId":6,"orgGuid":"guid-6","orgName":"Org 2","parentOrgId":2,
                "parentOrgUid":"890000000000000002","parentOrgGuid":"guid-2"}]}}"#,
        ),
    })
    .await;
    let orgs = server.client().orgs();
    let ids = |orgs: Vec<org42::Org>| orgs.iter().map(org42::Org::key).collect::<Vec<_>>();
    assert_eq!(ids(orgs.children(1).await.unwrap()), ["2", "3", "4", "5"]);
    for named in ["2", "890000000000000002", "guid-2"] {
        assert_eq!(ids(orgs.children(named).await.unwrap()), ["6"], "{named}");
    }
    assert_eq!(ids(orgs.children(6).await.unwrap()), [""; 0]);
    assert!(orgs.children(7).await.unwrap_err().is_not_found());
    assert!(orgs.children("").await.unwrap_err().is_invalid_input());
    assert_eq!(orgs.child(1, " Org 2 ").await.unwrap().key(), "2");
    assert_eq!(orgs.child(2, "Org 2").await.unwrap().key(), "6");
    let none = orgs.child(1, "Org 6").await.unwrap_err();
    assert!(
        none.is_not_found() && none.to_string().contains("Org 6"),
        "{none}"
    );
}

#[tokio::test]
async fn two_children_of_one_name_are_not_chosen_between() {
    let server = Server::start(|_, _| {
        let twin = |id: u32| format!(r#"{{"orgId":{id},"orgName":"Twin","parentOrgId":1}}"#);
        let orgs = [twin(2), twin(3)].join(",");
        Reply::json(format!(r#"{{"data":{{"totalCount":2,"orgs":[{orgs}]}}}}"#))
    })
    .await;
    let error = server.client().orgs().child(1, "Twin").await.unwrap_err();
    assert!(error.is_ambiguous(), "{error}");
    assert_eq!(error.candidates(), ["2", "3"]);
}
