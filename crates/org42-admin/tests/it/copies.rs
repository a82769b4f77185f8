//! Reading a tenant for a copy.

use org42_admin::Error;
use org42_admin::copy::{Kept, SourceOrg};

use crate::server::{page, server};
use crate::{admin_at, started};

#[tokio::test]
async fn a_tenant_is_read_whole() {
    let (running, admin) = started().await;
    let keep = |org: SourceOrg| Kept {
        memory: org.document.len(),
        value: (
            org.document["orgId"].clone(),
            org.is_top,
            org.t_settings.is_empty(),
        ),
    };
    let tenant = admin.read_tenant(keep, &()).await.unwrap();
    let tree = admin.tree().await.unwrap();
    let listed: Vec<_> = tree
        .orgs()
        .map(|org| serde_json::json!(org.org_id))
        .collect();
    let read: Vec<_> = tenant.orgs.iter().map(|(id, ..)| id.clone()).collect();
    assert_eq!(read, listed);
    assert_eq!(
        tenant.orgs.iter().filter(|(_, is_top, _)| *is_top).count(),
        1
    );
    assert!(tenant.orgs.iter().all(|(.., is_bare)| !is_bare));
    assert!(tenant.tenant_uid.is_some());
    assert!(!tenant.users.is_empty() && !tenant.devices.is_empty());
    running.stop().await;
}

#[tokio::test]
async fn a_server_that_sends_more_than_a_tenant_has_is_not_read_to_its_end() {
    let (url, _) = server(|request| {
        let body = match request.contains("pgNum") {
            true => page([(1, 1, "Org".to_owned())].into_iter()),
            false => r#"{"data":{"orgId":1,"orgGuid":"guid-1","orgName":"Org"}}"#.to_owned(),
        };
        (200, body)
    });
    let keep = |_: SourceOrg| Kept {
        memory: 1 << 30,
        value: (),
    };
    let error = admin_at(&url).read_tenant(keep, &()).await.unwrap_err();
    assert!(matches!(error, Error::TooMuch(_)), "{error}");
}
