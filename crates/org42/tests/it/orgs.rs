//! The service for organizations: the faults of py42 that must not exist here, each by name.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use org42::{OrgGuid, OrgId, UpdateOrg, endpoints};

use org42_test::fixtures::{org, page, tenant, tenant_by_number};
use org42_test::{Model, Reply, Seen, Server};

const LIST: &str = "GET /api/v1/Org";
const NOT_FOUND: &str = r#"[{"name":"ORG_NOT_FOUND","description":"no"}]"#;

#[tokio::test]
async fn an_organization_beyond_the_first_page_is_found_by_every_method() {
    let server = Server::of(&Model::new(1501)).await;
    let orgs = server.client().orgs();
    assert_eq!(orgs.get_by_id(1501).await.unwrap().org_name, "Org 1501");
    assert_eq!(
        orgs.get_by_uid(890_000_000_000_001_501_u64)
            .await
            .unwrap()
            .org_name,
        "Org 1501"
    );
    orgs.block(1501).await.unwrap();
    orgs.update_org(1501, UpdateOrg::new().notes("found"))
        .await
        .unwrap();
    // The listing is read once, four pages of it, and it is asked for those that are not active.
    assert_eq!(server.count(LIST), 5);
}

#[tokio::test]
async fn ids_work_as_numbers_texts_ids_and_organizations() {
    let server = Server::start(|seen, _| tenant(seen, 3)).await;
    let orgs = server.client().orgs();
    let org = orgs.get_by_id(2).await.unwrap();
    for same in [
        orgs.get_by_id("2").await,
        orgs.get_by_id(2_u32).await,
        orgs.get_by_id(2_i64).await,
        orgs.get_by_id(String::from("2")).await,
        orgs.get_by_id(OrgId::from(2)).await,
        orgs.get_by_id(&*org).await,
        orgs.get_by_uid("890000000000000002").await,
        orgs.get_by_uid(&*org).await,
        orgs.get_by_id(&org).await,
        orgs.get_by_guid(&org).await,
        orgs.get(2).await,
        orgs.get(2_u16).await,
        orgs.get("2").await,
        orgs.get("890000000000000002").await,
        orgs.get(890_000_000_000_000_002_u64).await,
        orgs.get("guid-2").await,
        orgs.get(&org).await,
        orgs.get(org.clone()).await,
    ] {
        assert_eq!(same.unwrap().org_id, org.org_id);
    }
}

#[tokio::test]
async fn an_organization_is_a_slice_of_its_answer() {
    let server = Server::start(|seen, _| tenant(seen, 3)).await;
    let orgs = server.client().orgs();
    let within = |org: &org42::Org, text: &str| {
        let (start, place) = (text.as_ptr() as usize, org.as_json().as_ptr() as usize);
        (start..start + text.len()).contains(&place) && text.contains(org.as_json())
    };
    let one = orgs.get("guid-2").await.unwrap();
    assert!(within(&one, one.text()), "{}", one.as_json());
    let page = orgs.get_page(org42::GetPage::new()).await.unwrap();
    assert!(page.orgs.iter().all(|org| within(org, page.text())));
    let changed = orgs
        .update_org("guid-2", UpdateOrg::new().name("Org 2"))
        .await;
    let changed = changed.unwrap();
    assert!(within(&changed, changed.text()));
    let text = page.text().to_owned();
    let detached = page.into_value().orgs.remove(1).detach();
    assert!(!within(&detached, &text) && detached == *changed);
}

#[tokio::test]
async fn routes_that_take_the_number_are_given_it() {
    let server = Server::start(|seen: &Seen, _| match seen.path.contains("/agent-state/") {
        true => Reply::json(r#"{"data":[]}"#),
        false => tenant(seen, 3),
    })
    .await;
    let orgs = server.client().orgs();
    let org = orgs.get("guid-2").await.unwrap();
    orgs.get_agent_state(&org, "osPatch").await.unwrap();
    assert_eq!(server.count(LIST), 0, "its own number is known");
    for named in ["2", "guid-2", "890000000000000002"] {
        orgs.get_agent_state(named, "osPatch").await.unwrap();
        let asked = server.requests().pop().unwrap();
        assert_eq!(asked.param("orgId"), Some("2"), "{named}");
        let settings = orgs.get_settings(named).await.unwrap_err();
        assert!(settings.is_not_found(), "{settings}");
        let asked = server.requests().pop().unwrap().path;
        assert!(asked.ends_with("/2"), "{asked}");
    }
    assert_eq!(server.count(LIST), 2);
    let unknown = orgs.get_agent_state("guid-9", "osPatch").await.unwrap_err();
    assert!(unknown.is_not_found(), "{unknown}");
}

#[tokio::test]
async fn an_update_sends_only_what_was_given_and_returns_the_organization() {
    let server = Server::of(&Model::new(3)).await;
    let orgs = server.client().orgs();
    let updated = orgs
        .update_org("2", UpdateOrg::new().name("Renamed"))
        .await
        .unwrap();
    assert_eq!(updated.org_id, Some(OrgId::from(2)));
    orgs.update_org(2, UpdateOrg::new().clear_notes().ext_ref("A-7"))
        .await
        .unwrap();
    let bodies: Vec<_> = server
        .requests()
        .into_iter()
        .filter(|s| s.method == "PUT")
        .map(|s| s.body)
        .collect();
    assert_eq!(
        bodies,
        [
            r#"{"orgName":"Renamed"}"#,
            r#"{"orgExtRef":"A-7","notes":""}"#
        ]
    );
}

#[tokio::test]
async fn a_number_or_a_uid_takes_one_request_and_is_remembered() {
    let server = Server::start(|seen, _| tenant_by_number(seen, 700)).await;
    let orgs = server.client().orgs();
    let uid = "890000000000000650";
    assert_eq!(orgs.get_by_id(650).await.unwrap().org_name, "Org 650");
    assert_eq!(orgs.get_by_uid(uid).await.unwrap().org_name, "Org 650");
    assert_eq!((server.requests().len(), server.count(LIST)), (2, 0));
    // Its guid is known now, and that of another is asked for once.
    let asked = || {
        let all = server.all();
        let by_number = all
            .iter()
            .filter(|seen| seen.path.starts_with("/api/v1/Org/"));
        by_number.count()
    };
    for (id, times) in [(650, 2), (651, 3), (651, 3)] {
        let _ = orgs.block(id).await;
        assert_eq!(asked(), times, "{id}");
    }
    assert_eq!(server.count(LIST), 0);
}

#[tokio::test]
async fn an_unknown_id_is_looked_for_in_the_whole_listing_and_then_said_to_be_unknown() {
    let server = Server::start(|seen, _| tenant(seen, 700)).await;
    let orgs = server.client().orgs();
    let error = orgs.get_by_id(701).await.unwrap_err();
    assert!(
        error.is_not_found() && error.to_string().contains("700"),
        "{error}"
    );
    assert_eq!(server.count(LIST), 3);
    // The organization may have been created since, so the next call reads the listing again.
    assert!(orgs.block(701).await.unwrap_err().is_not_found());
    // Each time it is asked for by itself first.
    assert_eq!((server.count(LIST), server.requests().len()), (6, 8));
}

#[tokio::test]
async fn an_organization_created_elsewhere_is_found() {
    let count = Arc::new(AtomicUsize::new(2));
    let now = Arc::clone(&count);
    let server = Server::start(move |seen, _| tenant(seen, now.load(Ordering::SeqCst))).await;
    let orgs = server.client().orgs();
    orgs.get_by_id(2).await.unwrap();
    count.store(3, Ordering::SeqCst);
    assert_eq!(orgs.get_by_id(3).await.unwrap().org_name, "Org 3");
    assert_eq!(server.count(LIST), 4);
}

#[tokio::test]
async fn a_guid_that_has_changed_is_learnt_again() {
    let server = Server::start(|seen: &Seen, before| match seen.line().as_str() {
        LIST if before < 2 => page([1, 2], 2),
        LIST => Reply::json(format!(
            r#"{{"data":{{"totalCount":1,"orgs":[{}]}}}}"#,
            org(2).replace("guid-2", "new-2")
        )),
        "GET /api/v3/orgs/new-2" => Reply::json(org(2)),
        _ => Reply::status(404, NOT_FOUND),
    })
    .await;
    let orgs = server.client().orgs();
    orgs.org_id_map().await.unwrap();
    assert_eq!(orgs.get_by_id(2).await.unwrap().org_name, "Org 2");
}

#[tokio::test]
async fn a_change_answered_404_is_not_sent_again() {
    let server = Server::start(|seen: &Seen, _| match seen.method.as_str() {
        "POST" => Reply::status(404, NOT_FOUND),
        _ => tenant(seen, 3),
    })
    .await;
    let orgs = server.client().orgs();
    orgs.org_id_map().await.unwrap();
    assert!(orgs.deactivate(2).await.unwrap_err().is_not_found());
    assert_eq!(
        server
            .requests()
            .iter()
            .filter(|seen| seen.method == "POST")
            .count(),
        1
    );
}

#[tokio::test]
async fn many_tasks_share_one_map_and_one_listing() {
    let server = Server::start(|seen, _| tenant(seen, 1200)).await;
    let orgs = server.client().orgs();
    let found = join_all((1..=100).map(|id| orgs.get_by_id(id * 12))).await;
    assert!(found.iter().all(Result::is_ok));
    assert_eq!(server.count(LIST), 4);
}

#[tokio::test]
async fn the_map_answers_in_both_directions_and_can_be_refreshed() {
    let server = Server::start(|seen, _| tenant(seen, 1200)).await;
    let orgs = server.client().orgs();
    let map = orgs.org_id_map().await.unwrap();
    let guid: OrgGuid = "guid-1200".parse().unwrap();
    assert_eq!(
        (map.len(), map.guid_of(1200), map.id_of(&guid)),
        (1200, Some(&guid), Some(1200.into()))
    );
    let uid = map.uid_of(&guid).unwrap();
    assert_eq!(
        (map.guid_of(uid), map.id_of("guid-1")),
        (Some(&guid), Some(1.into()))
    );
    assert_eq!((map.guid_of(1201), map.id_of("")), (None, None));
    orgs.refresh_org_id_map().await.unwrap();
    assert_eq!(server.count(LIST), 8);
}

#[tokio::test]
async fn a_listing_read_elsewhere_saves_reading_it_for_the_ids() {
    let server = Server::of(&Model::new(1200)).await;
    let orgs = server.client().orgs();
    let all = orgs.get_all().orgs().try_collect().await.unwrap();
    orgs.set_org_id_map(all.iter().take(1199).collect());
    orgs.block(1199).await.unwrap();
    assert_eq!(server.count(LIST), 4);
    orgs.block(1200).await.unwrap();
    assert_eq!(
        server.count(LIST),
        8,
        "what is missing is looked for once more"
    );
}

#[tokio::test]
async fn a_server_without_guids_is_told_by_name() {
    let server = Server::start(|seen: &Seen, _| match tenant(seen, 2) {
        Reply::Http(status, headers, body) => {
            let text = String::from_utf8(body).unwrap().replace("orgGuid", "x");
            Reply::Http(status, headers, text.into_bytes())
        }
        other => other,
    })
    .await;
    let orgs = server.client().orgs();
    assert_eq!(orgs.get_all().orgs().try_collect().await.unwrap().len(), 2);
    let error = orgs.get_by_id(2).await.unwrap_err().to_string();
    assert!(
        error.contains("orgGuid") && error.contains("Org 2"),
        "{error}"
    );
}

#[tokio::test]
async fn the_verbs_send_no_body_to_their_own_routes() {
    let server = Server::of(&Model::new(3)).await;
    let orgs = server.client().orgs();
    orgs.block(2).await.unwrap();
    orgs.unblock(2).await.unwrap();
    orgs.deactivate(2).await.unwrap();
    orgs.reactivate(2).await.unwrap();
    let posts: Vec<_> = server
        .requests()
        .into_iter()
        .filter(|seen| seen.method == "POST")
        .collect();
    let lines: Vec<_> = posts
        .iter()
        .map(|seen| seen.path.rsplit('/').next().unwrap())
        .collect();
    assert_eq!(lines, ["block", "unblock", "deactivate", "activate"]);
    assert!(
        posts
            .iter()
            .all(|s| s.body.is_empty() && s.headers.to_lowercase().contains("content-length: 0"))
    );
}

#[tokio::test]
async fn a_guid_that_has_not_changed_is_not_asked_for_twice() {
    let server = Server::start(|seen: &Seen, _| match seen.line().as_str() {
        LIST => page([1, 2], 2),
        _ => Reply::status(404, NOT_FOUND),
    })
    .await;
    let orgs = server.client().orgs();
    orgs.org_id_map().await.unwrap();
    assert!(orgs.get_by_id(2).await.unwrap_err().is_not_found());
    assert_eq!(
        (server.count(LIST), server.count("GET /api/v3/orgs/guid-2")),
        (4, 1)
    );
}

#[tokio::test]
async fn the_response_itself_is_at_hand_without_another_request() {
    let answer = |seen: &Seen, _| tenant_by_number(seen, 3).with_header("X-Trace: 7");
    let server = Server::start(answer).await;
    let org = server
        .client()
        .orgs()
        .with_param("incCounts", true)
        .get_by_id(2)
        .await
        .unwrap();
    assert_eq!((org.http_status(), org.header("x-trace")), (200, Some("7")));
    assert_eq!(
        org.url(),
        format!("{}/api/v1/Org/2?incCounts=true", server.url)
    );
    assert!(org.text().contains(r#""data":{"orgId":2"#));
    assert_eq!(org.json()["data"]["orgName"], "Org 2");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn agent_states_are_asked_for_where_the_product_has_them() {
    let server = Server::start(|seen: &Seen, _| match seen.path.contains("/agent-state/") {
        true => Reply::json(
            r#"{"metadata":{},"data":[{"deviceGuid":"900","name":"osPatch","value":"10.15"}]}"#,
        ),
        false => tenant(seen, 3),
    })
    .await;
    let builder = org42::Client::builder(&server.url).api_client("id", "s3cret");
    let crashplan = builder.flavor(org42::Flavor::CrashPlan).build().unwrap();
    for (client, version) in [(server.client(), "v14"), (crashplan, "v38")] {
        let states = client.orgs().get_agent_state("2", "osPatch").await.unwrap();
        assert_eq!(
            (states[0].device_guid.as_str(), &states[0].value),
            ("900", &"10.15".into())
        );
        let asked = server.requests().pop().unwrap();
        assert_eq!(
            asked.path,
            format!("/api/{version}/agent-state/view-by-organization-id")
        );
        assert_eq!(
            (asked.param("orgId"), asked.param("propertyName")),
            (Some("2"), Some("osPatch"))
        );
    }
}

#[tokio::test]
async fn a_route_without_a_method_can_be_read_and_not_changed() {
    let server = Server::start(|_, _| Reply::json(r#"{"data":{"username":"a"}}"#)).await;
    let client = server.client();
    let user = client
        .get(
            endpoints::USER_GET,
            &[("userId", "../my?x")],
            &[("incRoles", "true")],
        )
        .await
        .unwrap();
    assert_eq!(user["username"], "a");
    let asked = server.requests().remove(0);
    assert_eq!(asked.path, "/api/v1/User/..%2Fmy%3Fx");
    assert_eq!(asked.param("incRoles"), Some("true"));
    for (endpoint, path) in [
        (endpoints::USERS_BLOCK, "1"),
        (endpoints::USER_GET, ".."),
        (endpoints::USER_GET, ""),
    ] {
        let path = [("userId", path), ("userUid", path)];
        let error = client.get(endpoint, &path, &[]).await.unwrap_err();
        assert!(error.is_invalid_input(), "{error}");
    }
    assert_eq!(server.requests().len(), 1);
}
