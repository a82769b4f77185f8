//! Naming an organization, and what is asked of the server for it.

use org42::OrgGuid;
use org42_admin::{Admin, Change, Error, Target};
use org42_authority::Sample;
use org42_test::fixtures::listed;
use org42_test::{Reply, Server, Tenant};

use crate::started;

#[tokio::test]
async fn every_form_finds_the_same_organization_with_and_without_the_listing() {
    let tenant = Tenant::new(Sample::Small);
    let admin = Admin::new(tenant.client());
    let new = org42::CreateOrg::new().ext_ref("T-7");
    let made = admin.client().orgs().create_org("A/B", new).await.unwrap();
    let guid = made.org_guid.clone().unwrap();
    let forms = [
        made.key(),
        made.org_uid.clone().unwrap().to_string(),
        guid.to_string(),
        format!("guid:{}", guid.as_str().to_uppercase()),
        "A/B".to_owned(),
        "ext:T-7".to_owned(),
        r"/Northwind Group/A\/B".to_owned(),
        r"/A\/B".to_owned(),
    ];
    for form in &forms {
        let target: Target = form.parse().unwrap();
        let alone = Admin::new(tenant.client());
        assert_eq!(
            alone.find(&target).await.unwrap().org_guid,
            Some(guid.clone()),
            "{form}"
        );
        let listed = Admin::new(tenant.client());
        listed.tree().await.unwrap();
        assert_eq!(
            listed.find(&target).await.unwrap().org_guid,
            Some(guid.clone()),
            "{form}"
        );
        let whole = listed.read(&target).await.unwrap();
        assert_eq!(whole.document()["userCount"], 0, "{form}");
    }
    for form in [
        "99999",
        "uid:123456789012345678",
        "guid:none",
        "Nowhere",
        "/Europe/Nowhere",
    ] {
        let error = admin.find(&form.parse().unwrap()).await.unwrap_err();
        assert!(error.is_not_found(), "{form}: {error}");
        assert!(
            error
                .to_string()
                .starts_with("there is no organization with"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn what_has_a_route_of_its_own_is_not_looked_for_in_the_listing() {
    let listing = started();
    let paris = listing.find(&"Paris".parse().unwrap()).await.unwrap();
    let document = serde_json::json!({"data": paris}).to_string();
    let (guid, id) = (paris.org_guid.clone().unwrap(), paris.key());
    let uid = paris.org_uid.clone().unwrap();
    for (form, asked) in [
        (format!("guid:{guid}"), format!("GET /api/v3/orgs/{guid}")),
        (id.clone(), format!("GET /api/v1/Org/{id}")),
        (
            uid.to_string(),
            format!("GET /api/v1/Org/{uid}?idType=orgUid"),
        ),
        ("my".to_owned(), "GET /api/v1/Org/my".to_owned()),
    ] {
        let answer = document.clone();
        let server = Server::start(move |_, _| Reply::json(&*answer)).await;
        let admin = Admin::new(server.client());
        let found = admin.find(&form.parse().unwrap()).await.unwrap();
        assert_eq!(found.org_guid, Some(guid.clone()));
        let seen = server.requests();
        let seen: Vec<String> = seen
            .iter()
            .map(|seen| format!("{} {}", seen.method, seen.target()))
            .collect();
        assert_eq!(seen, [asked], "{form}");
    }
}

#[tokio::test]
async fn the_listing_is_read_once_and_again_after_a_change() {
    let server = Server::start(|seen, _| match seen.line().as_str() {
        "GET /api/v1/Org" => listed(seen, 3, 500),
        _ => Reply::json(r#"{"data":{"orgGuid":"guid-2"}}"#),
    });
    let server = server.await;
    let admin = Admin::new(server.client());
    // Each is one page, and the question for those that are not active.
    let listings = || server.count("GET /api/v1/Org") / 2;
    let (one, other) = tokio::join!(admin.tree(), admin.tree());
    assert_eq!((one.unwrap().len(), other.unwrap().len()), (3, 3));
    for name in ["Org 1", "Org 2", "/Org 1/Org 3"] {
        admin.find(&name.parse().unwrap()).await.unwrap();
    }
    assert_eq!(listings(), 1);
    let plan = admin
        .plan(Change::block("Org 2".parse().unwrap()))
        .await
        .unwrap();
    plan.apply().await.unwrap();
    assert_eq!(listings(), 1, "nothing that nobody asked for");
    admin.tree().await.unwrap();
    assert_eq!(listings(), 2);
    admin.refresh().await.unwrap();
    assert_eq!(listings(), 3);
}

#[tokio::test]
async fn of_a_thousand_candidates_in_a_circle_twenty_are_named() {
    let org = |id: u32| {
        let parent = id % 1000 + 1;
        format!(r#"{{"orgId":{id},"orgGuid":"guid-{id}","parentOrgId":{parent},"orgName":"Same"}}"#)
    };
    let orgs: Vec<String> = (1..=1000).map(org).collect();
    let page = format!(
        r#"{{"data":{{"totalCount":1000,"orgs":[{}]}}}}"#,
        orgs.join(",")
    );
    let server = Server::start(move |_, _| Reply::json(&*page)).await;
    let admin = Admin::new(server.client());
    let error = admin.find(&"Same".parse().unwrap()).await.unwrap_err();
    let Error::Ambiguous(several) = &error else {
        unreachable!("{error}");
    };
    assert_eq!((several.count, several.candidates.len()), (1000, 20));
    assert!(error.to_string().ends_with("\n  …and 980 more"), "{error}");
    assert!(error.to_string().len() < 20_000, "{error}");
    // What is unique is found there as well.
    let guid: OrgGuid = "guid-7".parse().unwrap();
    assert_eq!(admin.find(&guid.into()).await.unwrap().key(), "7");
}
