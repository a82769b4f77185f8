//! Creating organizations: below which parent, and what is known of them afterwards.

use org42::CreateOrg;

use org42_test::fixtures::page;
use org42_test::{Model, Reply, Seen, Server};

const LIST: &str = "GET /api/v1/Org";

#[tokio::test]
async fn creating_without_a_parent_makes_a_child_of_the_top_organization() {
    let server = Server::of(&Model::new(3)).await;
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
    let model = Model::new(3);
    let server = Server::start(move |seen: &Seen, _| match seen.line().as_str() {
        LIST => page([2, 2], 1),
        _ => model.answer(seen),
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
    let server = Server::of(&Model::new(76)).await;
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
        (2, 1)
    );
}

#[tokio::test]
async fn a_created_organization_of_which_the_answer_says_nothing_is_found_among_the_children() {
    for body in ["", "{}", "null", r#"{"data":null}"#] {
        let model = Model::new(3);
        let inner = model.clone();
        let server = Server::start(move |seen: &Seen, _| match seen.method.as_str() {
            "POST" => {
                let _ = inner.answer(seen);
                Reply::json(body)
            }
            _ => inner.answer(seen),
        })
        .await;
        let new = CreateOrg::new().notes(" n ");
        let made = server.client().orgs().create_org("Fresh", new).await;
        let made = made.unwrap();
        assert_eq!((made.org_id, &*made.org_name), (Some(4.into()), "Fresh"));
        assert_eq!(model.effects(), ["create Fresh"], "{body}");
    }
}

#[tokio::test]
async fn the_top_organization_is_looked_for_again_before_it_is_called_ambiguous() {
    let model = Model::new(3);
    let server = Server::start(move |seen: &Seen, before| match seen.line().as_str() {
        // Two requests a listing: one asks for those that are not active.
        LIST if before < 2 => page([2, 3], 2),
        _ => model.answer(seen),
    })
    .await;
    let orgs = server.client().orgs();
    orgs.org_id_map().await.unwrap();
    orgs.create_org("Fresh", CreateOrg::new()).await.unwrap();
    assert_eq!(server.count(LIST), 4);
}

#[tokio::test]
async fn a_parent_may_be_given_by_any_id() {
    let server = Server::of(&Model::new(3)).await;
    let orgs = server.client().orgs();
    let parents = [
        CreateOrg::new().parent_org_uid(890_000_000_000_000_003_u64),
        CreateOrg::new().parent(3),
        CreateOrg::new().parent("guid-3"),
        CreateOrg::new().parent(890_000_000_000_000_003_u64),
        CreateOrg::new().parent(orgs.get(3).await.unwrap()),
    ];
    for (number, options) in parents.into_iter().enumerate() {
        let name = format!("  Fresh {number} ");
        orgs.create_org(name, options).await.unwrap();
    }
    let bodies: Vec<_> = server
        .requests()
        .into_iter()
        .filter(|seen| seen.method == "POST")
        .map(|seen| seen.body)
        .collect();
    let sent = |number| format!(r#"{{"orgName":"Fresh {number}","parentOrgGuid":"guid-3"}}"#);
    assert_eq!(bodies, [0, 1, 2, 3, 4].map(sent));
    let unknown = CreateOrg::new().parent_org_uid("5");
    let error = orgs.create_org("Fresh", unknown).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(server.count("POST /api/v3/orgs"), 5);
}
