//! Naming an organization, and what is asked of the server for it.

use org42::OrgGuid;
use org42_admin::{Change, Error, Target};

use crate::server::{page, server};
use crate::{admin_at, started};

#[tokio::test]
async fn every_form_finds_the_same_organization_with_and_without_the_listing() {
    let (running, admin) = started().await;
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
        let alone = admin_at(running.url());
        assert_eq!(
            alone.find(&target).await.unwrap().org_guid,
            Some(guid.clone()),
            "{form}"
        );
        let listed = admin_at(running.url());
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
    running.stop().await;
}

#[tokio::test]
async fn what_has_a_route_of_its_own_is_not_looked_for_in_the_listing() {
    let (running, listing) = started().await;
    let paris = listing.find(&"Paris".parse().unwrap()).await.unwrap();
    running.stop().await;
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
        let (url, seen) = server(move |_| (200, answer.clone()));
        let found = admin_at(&url).find(&form.parse().unwrap()).await.unwrap();
        assert_eq!(found.org_guid, Some(guid.clone()));
        assert_eq!(*seen.lock().unwrap(), [asked], "{form}");
    }
}

#[tokio::test]
async fn the_listing_is_read_once_and_again_after_a_change() {
    let (url, seen) = server(|request| match request.starts_with("GET /api/v1/Org?") {
        true => (200, page((1..=3).map(|id| (id, 1, format!("Org {id}"))))),
        false => (200, r#"{"data":{"orgGuid":"guid-2"}}"#.to_owned()),
    });
    let admin = admin_at(&url);
    let listings = || {
        let seen = seen.lock().unwrap();
        seen.iter()
            .filter(|request| request.contains("pgNum"))
            .count()
    };
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
    admin.find(&"Org 2".parse().unwrap()).await.unwrap();
    assert_eq!(listings(), 2);
    admin.refresh().await.unwrap();
    assert_eq!(listings(), 3);
}

#[tokio::test]
async fn of_a_thousand_candidates_in_a_circle_twenty_are_named() {
    let (url, _) = server(|_| {
        let orgs = (1..=1000).map(|id| (id, id % 1000 + 1, "Same".to_owned()));
        (200, page(orgs))
    });
    let admin = admin_at(&url);
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
