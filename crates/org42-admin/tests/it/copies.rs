//! Reading a tenant for a copy.

use org42_admin::copy::{Kept, SourceOrg};
use org42_admin::{Admin, Error};

use org42_test::fixtures::{org, page};
use org42_test::{Reply, Server};

use crate::started;

#[tokio::test]
async fn a_tenant_is_read_whole() {
    let admin = started();
    let keep = |org: SourceOrg| {
        let id = org.document["orgId"].clone();
        let value = (id, org.is_top, org.t_settings.is_empty());
        Kept::new(value, org.document.len())
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
}

#[tokio::test]
async fn a_server_that_sends_more_than_a_tenant_has_is_not_read_to_its_end() {
    let server = Server::start(|seen, _| match seen.param("pgNum") {
        Some(_) => page([1], 1),
        None => Reply::json(format!(r#"{{"data":{}}}"#, org(1))),
    });
    let admin = Admin::new(server.await.client());
    let keep = |_: SourceOrg| Kept::new((), 1 << 30);
    let error = admin.read_tenant(keep, &()).await.unwrap_err();
    assert!(matches!(error, Error::TooMuch(_)), "{error}");
}
