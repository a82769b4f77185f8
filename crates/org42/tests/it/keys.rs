//! Idempotency keys: a change that is lost on the way is asked for again with the key that it had.

use org42::endpoints::authority as own;
use org42::{Client, CreateOrg, Error, Happened, Lifecycle, LocalAccount, UpdateOrg, endpoints};
use org42_authority::{Authority, DEFAULT_ADMIN, Door, Options, Running, Sample};
use org42_test::{Model, Reply, Seen, Server, quick};
use serde_json::json;

const PASSWORD: &str = "correct horse";
const KEY: &str = "idempotency-key";

/// Starts a server of a tenant that carries out the first `times` changes and loses the answers.
async fn losing(model: &Model, times: usize) -> Server {
    let model = model.clone();
    Server::start(move |seen: &Seen, before| {
        let reply = model.answer(seen);
        match seen.method == "GET" || before >= times {
            true => reply,
            false => Reply::Hangup,
        }
    })
    .await
}

fn keys(server: &Server) -> Vec<Option<String>> {
    let changes = server.requests().into_iter();
    let changes = changes.filter(|seen| seen.method != "GET");
    changes
        .map(|seen| seen.header(KEY).map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn a_change_has_one_key_in_all_its_attempts() {
    let model = Model::new(3).with_keys();
    let server = losing(&model, 2).await;
    let client = server.client();
    let below = CreateOrg::new().parent("guid-1");
    let made = client.orgs().create_org("Paris", below).await.unwrap();
    assert_eq!(made.org_name, "Paris");
    assert_eq!(model.effects(), ["create Paris"]);
    let sent = keys(&server);
    assert_eq!(sent.len(), 3);
    assert!(
        sent[0].is_some() && sent.iter().all(|key| *key == sent[0]),
        "{sent:?}"
    );

    let again = client
        .orgs()
        .create_org("Lyon", CreateOrg::new().parent("guid-1"))
        .await;
    again.unwrap();
    let sent = keys(&server);
    assert_ne!(sent[3], sent[0], "another change has another key");
}

#[tokio::test]
async fn every_post_is_repeated_by_its_key_and_nothing_else() {
    for lifecycle in [Lifecycle::Block, Lifecycle::Deactivate] {
        let model = Model::new(3).with_keys();
        let server = losing(&model, 2).await;
        let changed = server
            .client()
            .orgs()
            .change_state("guid-2", lifecycle)
            .await;
        assert_eq!(lifecycle.is_reached_by(&changed.unwrap()), Some(true));
        assert_eq!(model.effects().len(), 1, "{lifecycle}");
        assert_eq!(keys(&server).len(), 3, "{lifecycle}");
    }
    let model = Model::new(3).with_keys();
    let server = losing(&model, 1).await;
    let change = UpdateOrg::new().notes("new");
    let updated = server.client().orgs().update_org("guid-2", change).await;
    assert_eq!(updated.unwrap().notes.as_deref(), Some("new"));
    assert_eq!(keys(&server), [None], "a PUT has no key, and is looked at");
}

#[tokio::test]
async fn a_server_that_announces_nothing_gets_no_key_and_no_second_create() {
    let model = Model::new(3);
    let server = losing(&model, usize::MAX).await;
    let below = CreateOrg::new().parent("guid-1");
    let made = server.client().orgs().create_org("Paris", below).await;
    assert_eq!(
        made.unwrap().org_name,
        "Paris",
        "it is found below its parent"
    );
    assert_eq!(keys(&server), [None]);
}

#[tokio::test]
async fn what_is_being_carried_out_is_asked_for_again_and_a_lost_answer_is_known_to_be_done() {
    let model = Model::new(3).with_keys();
    let other = model.clone();
    let server = Server::start(move |seen: &Seen, before| {
        let running = r#"[{"name":"IDEMPOTENCY_KEY_RUNNING","description":"d"}]"#;
        match (seen.method.as_str(), before) {
            ("POST", 0) => Reply::status(409, running),
            _ => other.answer(seen),
        }
    })
    .await;
    server.client().orgs().block("guid-2").await.unwrap();
    assert_eq!((model.effects().len(), keys(&server).len()), (1, 2));

    let model = Model::new(3).with_keys();
    let server = Server::start(move |seen: &Seen, _| match seen.method.as_str() {
        "POST" => Reply::status(
            409,
            r#"[{"name":"IDEMPOTENCY_ANSWER_NOT_KEPT","description":"d"}]"#,
        ),
        _ => model.answer(seen),
    })
    .await;
    let client = server.client();
    client.orgs().get_by_uid("guid-2").await.unwrap_err();
    let path = [("userUid", "7")];
    let sent = client.send(endpoints::USERS_BLOCK, &path, &[], None).await;
    assert_eq!(sent.unwrap_err().happened(), Happened::Yes);
}

/// An authority, a client of it, and faults that lose the answers to its next changes.
async fn authority(lost: u32, takes_keys: bool) -> (Running, Client) {
    let authority = Authority::in_memory(Sample::None, DEFAULT_ADMIN, Options::default()).unwrap();
    authority
        .set_admin_password(DEFAULT_ADMIN, PASSWORD)
        .unwrap();
    let running = authority.serve(Door::at(([127, 0, 0, 1], 0).into()).open().await.unwrap());
    let client = Client::builder(running.url())
        .local_account(LocalAccount::new(DEFAULT_ADMIN, PASSWORD))
        .retry(quick())
        .build()
        .unwrap();
    let switch = json!({ "idempotency_keys": takes_keys });
    client
        .send(own::FIDELITY_SET, &[], &[], Some(&switch))
        .await
        .unwrap();
    let fault = json!({"method": "POST", "path": "/api/v3/orgs", "count": lost, "applied": true, "fault": "reset"});
    client
        .send(own::FAULTS_ADD, &[], &[], Some(&fault))
        .await
        .unwrap();
    (running, client)
}

async fn named(client: &Client, name: &str) -> usize {
    let all = client.orgs().get_all().orgs().try_collect().await.unwrap();
    all.iter().filter(|org| org.org_name == name).count()
}

#[tokio::test]
async fn an_authority_carries_a_create_out_once_however_often_its_answer_is_lost() {
    let (_running, client) = authority(2, true).await;
    let made = client
        .orgs()
        .create_org("Paris", CreateOrg::new())
        .await
        .unwrap();
    assert_eq!(made.org_name, "Paris");
    assert_eq!(named(&client, "Paris").await, 1);
    let (_running, client) = authority(3, true).await;
    let lost: Result<_, Error> = client.orgs().create_org("Paris", CreateOrg::new()).await;
    assert_eq!(
        lost.unwrap().org_name,
        "Paris",
        "it is found below its parent"
    );
    assert_eq!(named(&client, "Paris").await, 1);
}

#[tokio::test]
async fn without_keys_a_create_is_sent_once() {
    let (running, client) = authority(1, false).await;
    let made = client
        .orgs()
        .create_org("Paris", CreateOrg::new())
        .await
        .unwrap();
    assert_eq!(made.org_name, "Paris", "it is found below its parent");
    let noted = client.get(own::REQUESTS, &[], &[]).await.unwrap();
    let creates = noted["requests"].as_array().unwrap().iter();
    let creates = creates.filter(|row| row["method"] == "POST" && row["path"] == "/api/v3/orgs");
    assert_eq!(creates.count(), 1);
    drop(running);
}
