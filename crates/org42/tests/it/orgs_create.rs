//! Creating organizations: below which parent, and what is known of them afterwards.

use org42::CreateOrg;

use org42_test::fixtures::{org, page, tenant};
use org42_test::{Reply, Seen, Server};

const LIST: &str = "GET /api/v1/Org";

#[tokio::test]
async fn creating_without_a_parent_makes_a_child_of_the_top_organization() {
    let server = Server::start(|seen, _| tenant(seen, 3)).await;
    let _ = server
        .client()
        .orgs()
        .create_org("Fresh", CreateOrg::new().notes("n"))
        .await;
    let sent = server
        .requests()
        .into_iter()
        .find(|seen| seen.method == "POST")
        .unwrap();
    assert_eq!(
        sent.body,
        r#"{"orgName":"Fresh","notes":"n","parentOrgGuid":"guid-1"}"#
    );
    assert!(
        server
            .requests()
            .iter()
            .all(|seen| seen.path != "/api/v1/Org/my")
    );
}

#[tokio::test]
async fn the_top_organization_may_have_a_parent_that_is_out_of_sight() {
    let server = Server::start(|seen: &Seen, _| match seen.line().as_str() {
        LIST => page([2, 2], 1),
        _ => Reply::json(org(9)),
    })
    .await;
    server
        .client()
        .orgs()
        .create_org("Fresh", CreateOrg::new())
        .await
        .unwrap();
    let sent = server
        .requests()
        .into_iter()
        .find(|seen| seen.method == "POST")
        .unwrap();
    assert!(sent.body.contains("guid-2"), "{}", sent.body);
}

#[tokio::test]
async fn several_candidates_for_the_top_are_named_and_nothing_is_created() {
    let server = Server::start(|_, _| page([2, 3], 2)).await;
    let error = server
        .client()
        .orgs()
        .create_org("Fresh", CreateOrg::new())
        .await
        .unwrap_err();
    assert!(error.is_ambiguous(), "{error}");
    assert!(error.candidates()[0].contains("Org 2") && error.candidates()[1].contains("Org 3"));
    assert!(server.requests().iter().all(|seen| seen.method == "GET"));
}

#[tokio::test]
async fn a_created_organization_is_known_without_another_listing() {
    let server = Server::start(|seen: &Seen, _| match seen.method.as_str() {
        "POST" if seen.path == "/api/v3/orgs" => Reply::json(format!(r#"{{"data":{}}}"#, org(77))),
        "POST" => Reply::json("{}"),
        _ => tenant(seen, 3),
    })
    .await;
    let orgs = server.client().orgs();
    let made = orgs
        .create_org(
            "Fresh",
            CreateOrg::new().parent_org_uid("890000000000000002"),
        )
        .await
        .unwrap();
    orgs.block(&*made).await.unwrap();
    assert_eq!(
        (
            server.count(LIST),
            server.count("POST /api/v3/orgs/guid-77/block")
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn a_created_organization_of_which_the_server_tells_nothing_is_still_created() {
    for body in ["", "{}", r#"{"data":null}"#] {
        let server = Server::start(move |seen: &Seen, _| match seen.method.as_str() {
            "POST" => Reply::json(body),
            _ => tenant(seen, 3),
        })
        .await;
        let made = server
            .client()
            .orgs()
            .create_org("Fresh", CreateOrg::new())
            .await
            .unwrap();
        assert_eq!((made.org_id, made.http_status()), (None, 200), "{body}");
    }
}

#[tokio::test]
async fn the_top_organization_is_looked_for_again_before_it_is_called_ambiguous() {
    let server = Server::start(|seen: &Seen, before| match seen.line().as_str() {
        LIST if before == 0 => page([2, 3], 2),
        LIST => page([1, 2, 3], 3),
        _ => Reply::json(org(9)),
    })
    .await;
    let orgs = server.client().orgs();
    orgs.org_id_map().await.unwrap();
    orgs.create_org("Fresh", CreateOrg::new()).await.unwrap();
    assert_eq!(server.count(LIST), 2);
}

#[tokio::test]
async fn a_parent_may_be_given_by_any_id() {
    let server = Server::start(|seen: &Seen, _| match seen.method.as_str() {
        "POST" => Reply::json(org(9)),
        _ => tenant(seen, 3),
    })
    .await;
    let orgs = server.client().orgs();
    for options in [
        CreateOrg::new().parent_org_uid(890_000_000_000_000_003_u64),
        CreateOrg::new().parent(3),
        CreateOrg::new().parent("guid-3"),
        CreateOrg::new().parent(890_000_000_000_000_003_u64),
        CreateOrg::new().parent(orgs.get(3).await.unwrap()),
    ] {
        orgs.create_org("  Fresh ", options).await.unwrap();
    }
    let bodies: Vec<_> = server
        .requests()
        .into_iter()
        .filter(|seen| seen.method == "POST")
        .map(|seen| seen.body)
        .collect();
    assert_eq!(
        bodies,
        [r#"{"orgName":"Fresh","parentOrgGuid":"guid-3"}"#; 5]
    );
    let unknown = CreateOrg::new().parent_org_uid("5");
    let error = orgs.create_org("Fresh", unknown).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(server.count("POST /api/v3/orgs"), 5);
}
