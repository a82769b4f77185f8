//! Writing settings to a server that fails: what is known of each change afterwards.

use org42::{Happened, Retry, SettingResult, SettingsUpdate};

use crate::org_settings_writes::{results, write};
use crate::settings_tenant::{READ, State, Tenant, WRITE, WRITE_BY_KEY};
use org42_test::{Reply, Seen};

/// Changes on both sides, to a tenant where a request of one line is answered by a fault.
async fn faulty(
    line: &'static str,
    fault: impl Fn(&mut State, &Seen) -> Reply + Send + Sync + 'static,
) -> (Tenant, SettingsUpdate) {
    let tenant =
        Tenant::with(move |seen, _, state| (seen.line() == line).then(|| fault(state, seen))).await;
    let mut settings = tenant.read().await;
    settings.set_notes("new").unwrap();
    settings.set_web_restore_enabled(true).unwrap();
    let client = org42::Client::builder(&tenant.server.url)
        .local_account(org42::LocalAccount::new("admin@example.com", "hunter22"))
        .retry(Retry::default().first_pause(std::time::Duration::from_millis(1)))
        .silence(std::time::Duration::from_millis(500))
        .build()
        .unwrap();
    let update = client.orgs().update_settings(&settings).await.unwrap();
    (tenant, update)
}

#[tokio::test]
async fn a_refused_write_of_the_organization_does_not_hide_the_other_and_is_not_repeated() {
    let body = r#"[{"name":"SYSTEM","description":"notes: no"}]"#;
    let (tenant, update) = faulty(WRITE, move |_, _| Reply::status(400, body)).await;
    assert!(!update.is_complete());
    let error = update.org_response.as_ref().unwrap().as_ref().unwrap_err();
    assert_eq!(error.http_status(), Some(400));
    assert!(update.org_settings_response.as_ref().unwrap().is_ok());
    assert_eq!(update.errors().count(), 1);
    let [notes, restore] = &update.outcomes[..] else {
        panic!("{update:?}")
    };
    assert!(matches!(&notes.result, SettingResult::NotWritten(why) if why.contains("notes: no")));
    assert_eq!(restore.result, SettingResult::Written);
    assert_eq!(tenant.server.count(WRITE), 1);
}

#[tokio::test]
async fn a_refused_write_of_t_settings_does_not_hide_the_other() {
    let (tenant, update) = faulty(WRITE_BY_KEY, |_, _| Reply::status(403, "")).await;
    let error = update.org_settings_response.as_ref().unwrap();
    assert!(error.as_ref().unwrap_err().is_forbidden());
    let results = results(&update);
    assert_eq!(results[0], "notes: written");
    assert!(
        results[1].starts_with(
            "web_restore_enabled: not written: could not write the settings of organization 4200"
        ),
        "{results:?}"
    );
    assert_eq!(
        (
            tenant.server.count(WRITE),
            tenant.server.count(WRITE_BY_KEY)
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn a_write_that_breaks_after_it_was_carried_out_is_found_written() {
    for fault in [
        Reply::Hangup,
        Reply::status(502, "<html>"),
        Reply::Cut(200, b"{".to_vec()),
        Reply::Silence,
    ] {
        let shown = format!("{fault:?}");
        let (tenant, update) = faulty(WRITE, move |state, seen| {
            state.answer(seen);
            fault.clone()
        })
        .await;
        assert!(update.is_complete(), "{shown}: {update:?}");
        assert!(update.org_response.as_ref().unwrap().is_err(), "{shown}");
        assert_eq!(tenant.server.count(WRITE), 1, "{shown}: sent once");
    }
}

#[tokio::test]
async fn a_write_that_breaks_and_is_not_seen_is_unknown() {
    for fault in [Reply::Hangup, Reply::status(502, ""), Reply::Silence] {
        let shown = format!("{fault:?}");
        let (tenant, update) = faulty(WRITE, move |_, _| fault.clone()).await;
        assert!(!update.is_complete());
        let notes = &update.outcomes[0].result;
        assert!(
            matches!(notes, SettingResult::Unknown(_)),
            "{shown}: {notes:?}"
        );
        assert_eq!(update.outcomes[1].result, SettingResult::Written);
        assert_eq!(tenant.server.count(WRITE), 1, "{shown}: sent once");
    }
}

#[tokio::test]
async fn a_server_that_says_yes_and_does_nothing_is_caught() {
    let (_, update) = faulty(WRITE_BY_KEY, |_, _| Reply::status(204, "")).await;
    assert_eq!(
        results(&update),
        [
            "notes: written",
            "web_restore_enabled: not written: the server accepted it, and has false"
        ]
    );
    assert_eq!(update.errors().count(), 0);
    assert!(!update.is_complete());
}

#[tokio::test]
async fn a_read_back_that_fails_leaves_it_unknown() {
    let tenant = Tenant::with(|seen, before, _| {
        (seen.line() == READ && before >= 2).then(|| Reply::status(403, ""))
    })
    .await;
    let mut settings = tenant.read().await;
    settings.set_notes("new").unwrap();
    let update = write(&tenant, &settings).await.unwrap();
    assert!(update.org_response.as_ref().unwrap().is_ok() && !update.is_complete());
    assert!(matches!(
        update.outcomes[0].result,
        SettingResult::Unknown(_)
    ));
}

#[tokio::test]
async fn when_it_cannot_be_read_again_nothing_is_written() {
    let tenant = Tenant::with(|seen, before, _| {
        (seen.line() == READ && before >= 1).then(|| Reply::status(502, ""))
    })
    .await;
    let mut settings = tenant.read().await;
    settings.set_notes("new").unwrap();
    let error = write(&tenant, &settings).await.unwrap_err();
    assert_eq!(error.happened(), Happened::No);
    assert!(
        error.to_string().starts_with(
            "could not write the settings of organization 4200: reading it first failed"
        ),
        "{error}"
    );
    assert_eq!(tenant.server.count(WRITE), 0);
}

#[tokio::test]
async fn a_rate_limited_write_was_not_carried_out_and_is_tried_again() {
    let tenant = Tenant::with(|seen, before, _| {
        (seen.line() == WRITE && before == 0).then(|| Reply::status(429, ""))
    })
    .await;
    let mut settings = tenant.read().await;
    settings.set_notes("new").unwrap();
    assert!(write(&tenant, &settings).await.unwrap().is_complete());
    assert_eq!(tenant.server.count(WRITE), 2);
}
