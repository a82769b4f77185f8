//! Settings as the recorded document has them.

use crate::server::{Reply, Server};

pub(crate) const RECORDED: &str = include_str!("../fixtures/org_settings_inherited.json");

#[tokio::test]
async fn the_recorded_document_is_read() {
    let server = Server::start(|seen, _| match seen.path.as_str() {
        "/api/v1/Org/4200" => Reply::json(RECORDED),
        _ => Reply::json(r#"{"data":{}}"#),
    })
    .await;
    let settings = server.client().orgs().get_settings(4200).await.unwrap();
    assert_eq!(settings.archive_hold_days().unwrap(), Some(14));
    assert_eq!(settings.body().unwrap(), None);
}
