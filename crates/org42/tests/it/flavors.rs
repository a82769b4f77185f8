//! The three flavours of the API, against the authority and against a server that counts requests.

use org42::{
    Client, ClientBuilder, CreateOrg, Error, Flavor, GetPage, LocalAccount, SignInProblem,
    UpdateOrg, endpoints,
};

use crate::authority::started;
use org42_authority::Sample;
use org42_test::fixtures::tenant;
use org42_test::{Reply, Seen, Server, quick};

fn gateway(builder: ClientBuilder, id: &str, secret: &str) -> Client {
    builder
        .flavor(Flavor::Gateway)
        .api_client(id, secret)
        .retry(quick())
        .build()
        .unwrap()
}

#[tokio::test]
async fn the_gateway_does_what_it_can() {
    let (tenant, console) = started(Sample::Orgs(700));
    let made = tenant.authority().tenant().create_api_client().unwrap();
    let orgs = gateway(tenant.builder(), &made.client_id, &made.secret).orgs();
    let all = orgs.get_all().orgs().try_collect().await.unwrap();
    assert_eq!(all.len(), 700);
    assert_eq!(
        orgs.get_page(GetPage::default()).await.unwrap().orgs.len(),
        700
    );

    let paris = orgs
        .create_org("Paris", CreateOrg::new().notes("n"))
        .await
        .unwrap();
    assert_eq!(paris.org_id, None);
    assert_eq!(
        paris.parent_org_guid, all[0].org_guid,
        "below the top one unless said otherwise"
    );
    let guid = paris.org_guid.clone().unwrap();
    assert_eq!(
        orgs.child(&all[0], "Paris").await.unwrap().org_guid,
        paris.org_guid
    );
    assert!(orgs.children(2).await.unwrap_err().is_unsupported());
    let lyon = orgs
        .update_org(&guid, UpdateOrg::new().name("Lyon"))
        .await
        .unwrap();
    assert_eq!(
        (&*lyon.org_name, lyon.notes.as_deref()),
        ("Lyon", Some("n"))
    );
    orgs.deactivate(guid.as_str()).await.unwrap();
    let gone = console.orgs().get_by_guid(&guid).await.unwrap();
    assert_eq!(gone.active, Some(false));
    orgs.reactivate(&*paris).await.unwrap();
    assert_eq!(orgs.get_by_guid(&guid).await.unwrap().active, Some(true));
}

#[tokio::test]
async fn what_the_gateway_lacks_is_said_before_anything_is_sent() {
    let server = Server::start(|seen, _| tenant(seen, 3)).await;
    let orgs = gateway(Client::builder(&server.url), "key-42-1", "s").orgs();
    let errors: Vec<Error> = vec![
        orgs.block("guid-2").await.unwrap_err(),
        orgs.unblock("guid-2").await.unwrap_err(),
        orgs.get_by_id(2).await.unwrap_err(),
        orgs.get_by_uid(890_854_247_383_106_706_u64)
            .await
            .unwrap_err(),
        orgs.update_org(2, UpdateOrg::new().notes("x"))
            .await
            .unwrap_err(),
        orgs.deactivate(2).await.unwrap_err(),
        orgs.get_agent_state(2, "fullDiskAccess").await.unwrap_err(),
        orgs.get_settings(2).await.unwrap_err(),
    ];
    for error in errors {
        assert!(error.is_unsupported(), "{error}");
        let said = error.to_string();
        assert!(
            said.contains("gateway") && said.contains("console"),
            "{said}"
        );
    }
    assert!(server.all().is_empty());
    let person = Client::builder(&server.url)
        .flavor(Flavor::Gateway)
        .local_account(LocalAccount::new("a", "b"))
        .build();
    assert!(person.unwrap_err().is_invalid_input());
}

#[tokio::test]
async fn a_server_is_asked_what_it_speaks_without_credentials() {
    let with = async |routes: &'static [&'static str]| {
        let server =
            Server::with_logins(
                move |seen: &Seen, _| match routes.contains(&seen.path.as_str()) {
                    true if seen.path.ends_with("LoginConfiguration") => {
                        Reply::json(r#"{"data":{"loginType":"LOCAL"}}"#)
                    }
                    true => Reply::status(401, ""),
                    false => Reply::status(404, ""),
                },
            )
            .await;
        let found = Client::builder(&server.url).detect_flavor().await;
        for seen in server.all() {
            assert_eq!(seen.method, "GET");
            assert!(!seen.headers.to_lowercase().contains("authorization"));
        }
        found
    };
    const LOGIN: &str = endpoints::LOGIN_CONFIGURATION.route;
    const CONSOLE: &[&str] = &[LOGIN, endpoints::AGENT_STATE_BY_ORG_V14.route];
    const CRASHPLAN: &[&str] = &[LOGIN, endpoints::AGENT_STATE_BY_ORG_V38.route];
    assert_eq!(with(CONSOLE).await.unwrap(), Flavor::Console);
    assert_eq!(with(CRASHPLAN).await.unwrap(), Flavor::CrashPlan);
    assert_eq!(with(&["/v1/orgs"]).await.unwrap(), Flavor::Gateway);
    assert_eq!(with(&["/api/v1/Org"]).await.unwrap(), Flavor::Console);
    assert!(with(&[]).await.unwrap_err().is_unsupported());
    let alike = with(&["/v1/orgs", "/api/v1/Org"]).await.unwrap_err();
    assert!(alike.to_string().contains("say which"), "{alike}");
}

#[tokio::test]
async fn a_server_that_is_down_is_not_taken_for_another() {
    for status in [429, 503] {
        let server = Server::with_logins(move |_: &Seen, _| Reply::status(status, "")).await;
        let client = Client::builder(&server.url).retry(quick());
        let error = client.detect_flavor().await.unwrap_err();
        assert_eq!(error.http_status(), Some(status), "{error}");
        assert!(!error.is_unsupported());
    }
    // Also where only a later question is put off.
    let server = Server::with_logins(|seen: &Seen, _| match seen.path.as_str() {
        path if path.ends_with("LoginConfiguration") => {
            Reply::json(r#"{"data":{"loginType":"LOCAL"}}"#)
        }
        path if path == endpoints::AGENT_STATE_BY_ORG_V38.route => Reply::status(401, ""),
        _ => Reply::status(429, ""),
    })
    .await;
    let error = Client::builder(&server.url)
        .detect_flavor()
        .await
        .unwrap_err();
    assert_eq!(error.http_status(), Some(429), "{error}");
}

#[tokio::test]
async fn why_nobody_could_sign_in_is_told_apart() {
    let refusal = async |login_type: &'static str, problem: &'static str, code: bool| {
        let server = Server::with_logins(move |seen: &Seen, _| {
            match seen.path.ends_with("LoginConfiguration") {
                true => Reply::json(format!(r#"{{"data":{{"loginType":"{login_type}"}}}}"#)),
                false => Reply::status(
                    401,
                    format!(r#"[{{"name":"{problem}","description":"no"}}]"#),
                ),
            }
        })
        .await;
        let account = LocalAccount::new("a", "b");
        let account = if code {
            account.totp("123456")
        } else {
            account
        };
        let client = Client::builder(&server.url)
            .local_account(account)
            .retry(quick());
        let error = client
            .build()
            .unwrap()
            .orgs()
            .get_current()
            .await
            .unwrap_err();
        error.sign_in_problem().unwrap()
    };
    use SignInProblem as P;
    assert_eq!(refusal("LOCAL", "SYSTEM", false).await, P::WrongCredentials);
    assert_eq!(
        refusal("LOCAL_2FA", "SYSTEM", true).await,
        P::WrongCredentials
    );
    assert_eq!(
        refusal("LOCAL_2FA", "SYSTEM", false).await,
        P::OneTimeCodeNeeded
    );
    assert_eq!(refusal("CLOUD_SSO", "SYSTEM", false).await, P::SingleSignOn);
    assert_eq!(refusal("LOCAL", "USER_IS_BLOCKED", false).await, P::Blocked);
    assert_eq!(refusal("LOCAL", "ACCOUNT_LOCKED", false).await, P::Blocked);
    assert_eq!(
        refusal("LOCAL", "USER_IS_DEACTIVATED", false).await,
        P::Deactivated
    );
    assert_eq!(refusal("", "SYSTEM", false).await, P::WrongCredentials);
}

#[tokio::test]
async fn old_servers_have_another_prefix() {
    let (tenant, _) = started(Sample::None);
    let client = Client::builder("http://localhost/c42api")
        .transport(tenant.transport())
        .local_account(LocalAccount::new(
            org42_authority::DEFAULT_ADMIN,
            org42_authority::START_PASSWORD,
        ))
        .build()
        .unwrap();
    let mine = client.orgs().get_current().await.unwrap();
    assert!(mine.url().contains("/c42api/v1/Org/my"), "{}", mine.url());
    client
        .orgs()
        .create_org("Paris", CreateOrg::new())
        .await
        .unwrap();
}
