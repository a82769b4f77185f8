//! Changes are looked at: what the server says is compared with what it shows. The server's own count of effects is the
//! judge.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use org42::{Answered, CreateOrg, Error, ErrorKind, Happened, Lifecycle, Org, UpdateOrg, Verdict};
use serde_json::json;

use org42_test::{Model, Reply, Seen, Server};

/// What a server does with a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Applied,
    Ignored,
}

/// Starts a server of a tenant that answers the first `times` changes like this, with or without carrying them out.
async fn odd(model: &Model, effect: Effect, times: usize, reply: Reply) -> Server {
    let model = model.clone();
    Server::start(move |seen: &Seen, before| match seen.method.as_str() {
        "GET" => model.answer(seen),
        _ if before < times => {
            if effect == Effect::Applied {
                let _ = model.answer(seen);
            }
            reply.clone()
        }
        _ => model.answer(seen),
    })
    .await
}

/// Answers that are a success by their status, and say nothing that could be relied on.
fn empty_successes() -> Vec<Reply> {
    let error = r#"[{"name":"SYSTEM","description":"com.code42.core.CommandException"}]"#;
    vec![
        Reply::json("{}"),
        Reply::json("null"),
        Reply::json(""),
        Reply::json(r#"{"data":{}}"#),
        Reply::json(error),
        Reply::json(format!(r#"{{"error":{error}}}"#)),
        Reply::json("<html>welcome</html>"),
        Reply::status(202, r#"{"data":{}}"#),
        Reply::status(204, ""),
        Reply::status(201, ""),
    ]
}

/// Answers that leave open whether a change was carried out.
fn open_answers() -> Vec<Reply> {
    let system = r#"[{"name":"SYSTEM","description":"com.code42.core.CommandException"}]"#;
    let named = r#"[{"name":"ORG_DUPLICATE","description":"d"}]"#;
    vec![
        Reply::Hangup,
        Reply::Cut(200, b"{\"data\":".to_vec()),
        Reply::status(303, "").with_header("Location: /api/v3/orgs/guid-2"),
        Reply::status(302, "").with_header("Location: https://elsewhere.test/"),
        Reply::status(404, ""),
        Reply::status(404, "<html>nothing here</html>"),
        Reply::status(408, ""),
        Reply::status(425, ""),
        Reply::status(500, ""),
        Reply::status(500, system),
        Reply::status(500, r#"[{"name":"NEVER_HEARD_OF","description":"d"}]"#),
        Reply::status(502, named),
        Reply::status(503, named),
        Reply::status(504, named),
        Reply::status(503, system),
    ]
}

async fn change(server: &Server, lifecycle: Lifecycle) -> Result<Org, Error> {
    let orgs = server.client().orgs();
    let changed = orgs.change_state("guid-2", lifecycle).await;
    changed.map(org42::Response::into_value)
}

#[tokio::test]
async fn a_success_counts_if_the_organization_shows_it() {
    let verbs = [
        Lifecycle::Block,
        Lifecycle::Unblock,
        Lifecycle::Deactivate,
        Lifecycle::Reactivate,
    ];
    for lifecycle in verbs {
        for reply in empty_successes() {
            for effect in [Effect::Applied, Effect::Ignored] {
                let model = Model::new(3);
                let undone = match lifecycle {
                    Lifecycle::Unblock => json!({"blocked": true}),
                    Lifecycle::Reactivate => json!({"active": false}),
                    _ => json!({}),
                };
                model.touch("guid-2", undone);
                let server = odd(&model, effect, usize::MAX, reply.clone()).await;
                let case = format!("{lifecycle}, {effect:?}: {reply:?}");
                match (change(&server, lifecycle).await, effect) {
                    (Ok(org), Effect::Applied) => {
                        assert_eq!(lifecycle.is_reached_by(&org), Some(true), "{case}");
                        assert_eq!(model.effects().len(), 1, "{case}");
                    }
                    (Err(error), Effect::Ignored) => {
                        // What was only accepted, and what is no answer of the API, may still come.
                        let happened = match &reply {
                            Reply::Http(202, ..) => Happened::Unknown,
                            Reply::Http(_, _, body) if body.starts_with(b"<") => Happened::Unknown,
                            Reply::Http(_, _, body) if body.ends_with(b"Exception\"}]") => {
                                Happened::Unknown
                            }
                            Reply::Http(_, _, body) if body.ends_with(b"Exception\"}]}") => {
                                Happened::Unknown
                            }
                            _ => Happened::No,
                        };
                        assert_eq!(error.happened(), happened, "{case}: {error}");
                        if happened == Happened::No {
                            assert_eq!(error.kind(), ErrorKind::NotCarriedOut, "{case}");
                        }
                        let text = error.to_string();
                        assert!(
                            text.contains("it is still") || text.contains("is still"),
                            "{text}"
                        );
                    }
                    (result, _) => panic!("{case}: {result:?}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn an_open_answer_to_a_change_that_was_carried_out_is_a_success() {
    for reply in open_answers() {
        let model = Model::new(3);
        let server = odd(&model, Effect::Applied, usize::MAX, reply.clone()).await;
        let blocked = change(&server, Lifecycle::Block).await;
        assert_eq!(blocked.unwrap().blocked, Some(true), "{reply:?}");
        assert_eq!(model.effects(), ["block guid-2"], "{reply:?}");

        let model = Model::new(3);
        let server = odd(&model, Effect::Applied, usize::MAX, reply.clone()).await;
        let edit = UpdateOrg::new().name(" Paris ").notes("n").clear_ext_ref();
        let updated = server.client().orgs().update_org("guid-2", edit).await;
        assert_eq!(updated.unwrap().org_name, " Paris ".trim(), "{reply:?}");
        assert_eq!(model.effects(), ["update guid-2"], "{reply:?}");

        let model = Model::new(3);
        let server = odd(&model, Effect::Applied, usize::MAX, reply.clone()).await;
        let new = CreateOrg::new().parent("guid-2").notes("n");
        let created = server.client().orgs().create_org("Paris", new).await;
        assert_eq!(created.unwrap().org_id, Some(4.into()), "{reply:?}");
        assert_eq!(model.effects(), ["create Paris"], "{reply:?}");
    }
}

#[tokio::test]
async fn an_open_answer_without_effect_is_unknown_and_a_create_is_never_repeated() {
    for reply in open_answers() {
        let model = Model::new(3);
        let server = odd(&model, Effect::Ignored, usize::MAX, reply.clone()).await;
        let error = change(&server, Lifecycle::Block).await.unwrap_err();
        assert_eq!(error.happened(), Happened::Unknown, "{reply:?}: {error}");
        assert_eq!(error.verdict(), Verdict::Unknown);
        assert!(
            error.hint().unwrap().contains("still not blocked"),
            "{error}"
        );
        assert_eq!(model.effects().len(), 0);

        let server = odd(&model, Effect::Ignored, usize::MAX, reply.clone()).await;
        let new = CreateOrg::new().parent("guid-2");
        let created = server.client().orgs().create_org("Paris", new).await;
        let error = created.unwrap_err();
        assert_eq!(error.happened(), Happened::Unknown, "{reply:?}: {error}");
        assert_eq!(server.count("POST /api/v3/orgs"), 1, "{reply:?}");
    }
}

#[tokio::test]
async fn an_untouched_organization_is_blocked_by_a_second_request() {
    let model = Model::new(3);
    let reply = Reply::status(502, "");
    let server = odd(&model, Effect::Ignored, 1, reply.clone()).await;
    assert_eq!(
        change(&server, Lifecycle::Block).await.unwrap().blocked,
        Some(true)
    );
    assert_eq!(model.effects(), ["block guid-2"]);

    // Somebody else changes it meanwhile: a repeat might undo that.
    let model = Model::new(3);
    let inner = model.clone();
    let server = Server::start(move |seen: &Seen, _| match seen.method.as_str() {
        "GET" => inner.answer(seen),
        _ => {
            inner.touch("guid-2", json!({"notes": "unblocked by hand"}));
            reply.clone()
        }
    })
    .await;
    let error = change(&server, Lifecycle::Block).await.unwrap_err();
    assert_eq!(error.happened(), Happened::Unknown, "{error}");
    assert_eq!(server.count("POST /api/v3/orgs/guid-2/block"), 1);
}

#[tokio::test]
async fn a_change_costs_one_reading_before_and_one_after() {
    let model = Model::new(3);
    let server = Server::of(&model).await;
    let orgs = server.client().orgs();
    let requests = |from: usize| -> Vec<String> {
        let seen = server.requests();
        seen[from..].iter().map(Seen::line).collect()
    };
    orgs.block("guid-2").await.unwrap();
    let one = "GET /api/v3/orgs/guid-2";
    let block = "POST /api/v3/orgs/guid-2/block";
    assert_eq!(requests(0), [one, block, one]);
    orgs.update_org("guid-2", UpdateOrg::new().notes("n"))
        .await
        .unwrap();
    assert_eq!(requests(3), [one, "PUT /api/v3/orgs/guid-2", one]);
    let new = CreateOrg::new().parent("guid-2");
    orgs.create_org("Paris", new).await.unwrap();
    assert_eq!(
        requests(6),
        ["POST /api/v3/orgs", "GET /api/v3/orgs/guid-4"]
    );
}

#[tokio::test]
async fn a_refusal_is_final_and_nothing_is_read_after_it() {
    for (status, body) in [
        (500, r#"[{"name":"PARENT_ORG_BLOCKED","description":"d"}]"#),
        (400, ""),
        (403, ""),
        (404, r#"[{"name":"ORG_NOT_FOUND","description":"d"}]"#),
        (409, ""),
        (422, ""),
    ] {
        let model = Model::new(3);
        let server = odd(&model, Effect::Ignored, 9, Reply::status(status, body)).await;
        let error = change(&server, Lifecycle::Unblock).await.unwrap_err();
        assert_eq!(error.verdict(), Verdict::Answered(Answered::Permanent));
        assert_eq!(
            (error.happened(), server.requests().len()),
            (Happened::No, 2)
        );
    }
}

#[tokio::test]
async fn an_update_that_is_ignored_or_done_by_half_says_which_fields() {
    let edit = || UpdateOrg::new().name("Paris").notes("opened in May");
    let model = Model::new(3);
    let server = odd(&model, Effect::Ignored, 9, Reply::json("{}")).await;
    let ignored = server.client().orgs().update_org("guid-2", edit()).await;
    let error = ignored.unwrap_err();
    assert_eq!(error.happened(), Happened::No);
    assert!(
        error.to_string().contains("old orgName and notes"),
        "{error}"
    );

    let model = Model::new(3);
    let inner = model.clone();
    let server = Server::start(move |seen: &Seen, _| match seen.method.as_str() {
        "GET" => inner.answer(seen),
        _ => {
            inner.touch("guid-2", json!({"orgName": "Paris"}));
            Reply::json("{}")
        }
    })
    .await;
    let half = server.client().orgs().update_org("guid-2", edit()).await;
    let error = half.unwrap_err();
    let is_half = error.happened() == Happened::Yes && error.kind() == ErrorKind::NotCarriedOut;
    assert!(
        is_half && error.to_string().contains("the old notes"),
        "{error}"
    );
}

#[tokio::test]
async fn what_cannot_be_read_back_is_not_called_done() {
    for effect in [Effect::Applied, Effect::Ignored] {
        let model = Model::new(3);
        let inner = model.clone();
        let server = Server::start(move |seen: &Seen, before| match seen.method.as_str() {
            "GET" if before > 0 => Reply::status(500, ""),
            "POST" if effect == Effect::Ignored => Reply::json("{}"),
            _ => inner.answer(seen),
        })
        .await;
        let error = change(&server, Lifecycle::Block).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unverified, "{error}");
        assert_eq!(error.happened(), Happened::Unknown, "{effect:?}");
        let because = std::error::Error::source(&error).unwrap().to_string();
        assert!(because.contains("500"), "{because}");
    }
}

#[tokio::test]
async fn a_child_that_was_there_before_is_not_taken_for_the_new_one() {
    let model = Model::new(3);
    let server = odd(&model, Effect::Ignored, 9, Reply::Hangup).await;
    let new = CreateOrg::new().parent("guid-1");
    let created = server.client().orgs().create_org("Org 2", new).await;
    assert_eq!(created.unwrap_err().happened(), Happened::Unknown);
}

#[tokio::test]
async fn a_server_that_is_dead_from_the_change_on_is_tried_twice_in_all() {
    for (has_keys, is_create) in [(false, false), (true, false), (false, true), (true, true)] {
        let model = match has_keys {
            true => Model::new(3).with_keys(),
            false => Model::new(3),
        };
        let is_dead = AtomicBool::new(false);
        let server = Server::start(move |seen: &Seen, _| {
            is_dead.fetch_or(seen.method == "POST", Ordering::SeqCst);
            match is_dead.load(Ordering::SeqCst) {
                true => Reply::Silence,
                false => model.answer(seen),
            }
        })
        .await;
        let client = org42::Client::builder(&server.url)
            .local_account(org42::LocalAccount::new("admin@example.com", "hunter22"))
            .silence(Duration::from_secs(1))
            .build()
            .unwrap();
        let orgs = client.orgs();
        let lost = match is_create {
            true => {
                orgs.create_org("Paris", CreateOrg::new().parent("guid-1"))
                    .await
            }
            false => orgs.block("guid-2").await,
        };
        assert_eq!(lost.unwrap_err().happened(), Happened::Unknown);
        let lines: Vec<String> = server.requests().iter().map(Seen::line).collect();
        let change = lines.iter().position(|line| line.starts_with("POST"));
        assert_eq!(lines.len() - change.unwrap(), 2, "{lines:?}");
    }
}

#[tokio::test]
async fn who_wants_one_attempt_gets_one() {
    for has_keys in [false, true] {
        let model = match has_keys {
            true => Model::new(3).with_keys(),
            false => Model::new(3),
        };
        let server = odd(&model, Effect::Ignored, 1, Reply::status(502, "")).await;
        let client = org42::Client::builder(&server.url)
            .local_account(org42::LocalAccount::new("admin@example.com", "hunter22"))
            .retry(org42::Retry::default().attempts(1))
            .build()
            .unwrap();
        let lost = client.orgs().block("guid-2").await.unwrap_err();
        assert_eq!(lost.happened(), Happened::Unknown);
        assert_eq!(server.count("POST /api/v3/orgs/guid-2/block"), 1);
    }
}
