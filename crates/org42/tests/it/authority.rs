//! The client against the authority: within one process, and once over a real connection.

use org42::{
    Client, CreateOrg, Error, ErrorKind, Field, Flavor, LocalAccount, Org, OrgService, Response,
    UpdateOrg, endpoints,
};

use org42_authority::{Authority, DEFAULT_ADMIN, START_PASSWORD, Sample};
use org42_test::Tenant;
use serde_json::json;

pub(crate) fn started(sample: Sample) -> (Tenant, Client) {
    let tenant = Tenant::new(sample);
    let client = tenant.client();
    (tenant, client)
}

async fn below(orgs: &OrgService, parent: &Org) -> Result<Response<()>, Error> {
    let below = CreateOrg::new().parent(parent);
    let made = orgs.create_org("Below", below).await;
    made.map(|_| Response::new(()))
}

#[tokio::test]
async fn an_organization_lives_through_everything() {
    let (_, client) = started(Sample::None);
    let orgs = client.orgs();
    let made = orgs
        .create_org("Paris", CreateOrg::new().notes("n").ext_ref("A-7"))
        .await
        .unwrap();
    assert_eq!(made.parent_org_id, orgs.get_current().await.unwrap().org_id);
    let states = [
        (orgs.block(&*made).await.unwrap(), "Active, Blocked"),
        (orgs.unblock(&*made).await.unwrap(), "Active"),
        (orgs.deactivate(&*made).await.unwrap(), "Deactivated"),
    ];
    assert!(
        states
            .iter()
            .all(|(response, _)| response.http_status() == 200)
    );
    let gone = orgs.get_by_id(&*made).await.unwrap();
    assert_eq!(
        (gone.status.as_deref(), gone.deactivation_date.is_some()),
        (Some("Deactivated"), true)
    );
    assert_ne!(gone.org_name, "Paris");
    orgs.reactivate(&*made).await.unwrap();
    let renamed = orgs
        .update_org(&*made, UpdateOrg::new().name("Lyon").clear_notes())
        .await
        .unwrap();
    assert_eq!(
        (renamed.org_name.as_str(), &renamed.notes),
        ("Lyon", &Field::Null)
    );
    assert_eq!(renamed.org_ext_ref.as_deref(), Some("A-7"));
    let twin = orgs.create_org("Lyon", CreateOrg::new()).await.unwrap_err();
    assert!(twin.is_conflict() && twin.is_name_taken(), "{twin}");
    let blocked = orgs.block(&made).await.and(below(&orgs, &made).await);
    let blocked = blocked.unwrap_err();
    assert_eq!(blocked.kind(), ErrorKind::ParentBlocked, "{blocked}");
    orgs.unblock(&made).await.unwrap();
    orgs.deactivate(&made).await.unwrap();
    let inactive = below(&orgs, &made).await.unwrap_err();
    assert_eq!(inactive.kind(), ErrorKind::ParentInactive, "{inactive}");
    assert!(blocked.is_conflict() && !blocked.is_name_taken());
}

#[tokio::test]
async fn the_last_of_1501_organizations_is_found_updated_blocked_and_built_upon() {
    let (_, client) = started(Sample::Orgs(1501));
    let orgs = client.orgs();
    let all = orgs.get_all().orgs().try_collect().await.unwrap();
    assert_eq!(all.len(), 1501);
    let last = all.last().unwrap();
    assert_eq!(orgs.get_by_id(last).await.unwrap().org_name, last.org_name);
    assert_eq!(orgs.get_by_uid(last).await.unwrap().org_id, last.org_id);
    let top = orgs.get_current().await.unwrap();
    let children = orgs.children(&top).await.unwrap();
    let expected = all.iter().filter(|org| org.parent_org_id == top.org_id);
    assert!(children.iter().eq(expected), "{}", children.len());
    let child = orgs.child(top.org_uid.as_ref().unwrap(), &children[3].org_name);
    assert_eq!(child.await.unwrap(), children[3]);
    let below = CreateOrg::new().parent_org_uid(last);
    assert_eq!(
        orgs.create_org("Below", below).await.unwrap().parent_org_id,
        last.org_id
    );
    orgs.update_org(last, UpdateOrg::new().notes("the last"))
        .await
        .unwrap();
    orgs.block(last).await.unwrap();
    let now = orgs.get_by_id(last).await.unwrap();
    assert_eq!(
        (now.blocked, now.notes.as_deref()),
        (Some(true), Some("the last"))
    );
}

#[tokio::test]
async fn agent_states_come_as_reported() {
    let (_, client) = started(Sample::Small);
    let mut values = Vec::new();
    let mut all = client.orgs().get_all().orgs();
    while let Some(org) = all.next().await {
        let states = client
            .orgs()
            .get_agent_full_disk_access_states(&org.unwrap())
            .await
            .unwrap();
        values.extend(states.iter().map(|state| state.value.clone()));
    }
    assert!(
        values.contains(&"true".into()) && values.contains(&"false".into()),
        "{values:?}"
    );
}

#[tokio::test]
async fn an_api_client_manages_organizations_but_has_none() {
    let (tenant, _) = started(Sample::None);
    let key = tenant.authority().tenant().create_api_client().unwrap();
    let client = tenant
        .builder()
        .api_client(&key.client_id, key.secret)
        .build()
        .unwrap();
    let made = client
        .orgs()
        .create_org("Paris", CreateOrg::new())
        .await
        .unwrap();
    client.orgs().block(&*made).await.unwrap();
    assert!(
        client
            .orgs()
            .get_current()
            .await
            .unwrap_err()
            .to_string()
            .contains("needs a user")
    );
    tenant
        .authority()
        .tenant()
        .revoke_api_client(&key.client_id)
        .unwrap();
    assert!(
        client
            .orgs()
            .unblock(&*made)
            .await
            .unwrap_err()
            .is_unauthorized()
    );
}

#[tokio::test]
async fn one_time_codes_are_computed_from_the_shared_secret() {
    let (tenant, client) = started(Sample::None);
    let me = client.get(endpoints::USER_MY, &[], &[]).await.unwrap();
    let uid = me["userUid"].as_str().unwrap();
    let switch_on = endpoints::authority::TOTP_ON;
    let path = [("userUid", uid)];
    let answer = client.send(switch_on, &path, &[], None).await.unwrap();
    let typed = answer["secret"].as_str().unwrap().to_lowercase();
    let account = LocalAccount::new(DEFAULT_ADMIN, START_PASSWORD);
    let without = tenant.builder().local_account(account.clone());
    let without = without.build().unwrap().orgs().get_current().await;
    assert!(without.unwrap_err().is_unauthorized());
    let with = account.totp_secret(typed).unwrap();
    let with = tenant.builder().local_account(with);
    let mine = with.build().unwrap().orgs().get_current().await;
    assert!(mine.is_ok(), "{mine:?}");
    for no_secret in ["", "short", "not base32 at all 1890!"] {
        let error = LocalAccount::new("a", "b")
            .totp_secret(no_secret)
            .unwrap_err();
        assert!(error.is_invalid_input());
    }
}

#[tokio::test]
async fn a_started_tenant_is_gone_when_it_is_dropped() {
    let running = Authority::start().await.unwrap();
    let account = LocalAccount::new(DEFAULT_ADMIN, START_PASSWORD);
    let client = Client::builder(running.url()).local_account(account);
    let client = client.build().unwrap();
    client.orgs().get_current().await.unwrap();
    drop(running);
    let gone = async {
        while client.orgs().get_current().await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    gone.await;
}

#[tokio::test]
async fn any_route_is_used_by_token_or_with_name_and_password_each_time() {
    use endpoints::authority as own;
    let tenant = Tenant::new(Sample::None);
    let robot = tenant.authority().tenant().create_api_client().unwrap();
    let person = || {
        let account = LocalAccount::new(DEFAULT_ADMIN, START_PASSWORD);
        tenant.builder().local_account(account)
    };
    let program = || {
        let builder = tenant.builder().flavor(Flavor::Gateway);
        builder.api_client(&robot.client_id, robot.secret.as_str())
    };
    let on = json!({"null_clears": true});
    for builder in [person(), person().basic(), program(), program().basic()] {
        let client = builder.build().unwrap();
        let set = client.send(own::FIDELITY_SET, &[], &[], Some(&on)).await;
        assert_eq!(set.unwrap()["null_clears"], true);
        let back = client.send(own::FIDELITY_RESET, &[], &[], None).await;
        assert!(back.unwrap().is_null());
        let now = client.get(own::FIDELITY, &[], &[]).await.unwrap();
        assert_eq!(now["null_clears"], false);
    }
    let each_time = person().basic().build().unwrap();
    let before = each_time.get(own::REQUESTS, &[], &[]).await.unwrap();
    let count = |value: &serde_json::Value| value["requests"].as_array().unwrap().len();
    each_time.get(endpoints::USER_MY, &[], &[]).await.unwrap();
    let v3 = each_time.get(endpoints::CUSTOMER_MY, &[], &[]).await;
    assert!(v3.unwrap_err().is_unauthorized());
    let after = each_time.get(own::REQUESTS, &[], &[]).await.unwrap();
    let new = &after["requests"].as_array().unwrap()[count(&before)..];
    let paths: Vec<_> = new
        .iter()
        .map(|row| row["path"].as_str().unwrap())
        .collect();
    assert!(!paths.contains(&"/api/v3/auth/jwt"), "{paths:?}");
    let wrong = tenant
        .builder()
        .api_client(&robot.client_id, "guessed")
        .basic()
        .build()
        .unwrap();
    let tries = async || {
        let rows = tenant.authority().tenant().read().api_clients().unwrap();
        let refused = wrong.get(endpoints::USER_LIST, &[], &[]).await.unwrap_err();
        assert_eq!(rows.len(), 1);
        assert!(
            refused.is_unauthorized() && refused.sign_in_problem().is_some(),
            "{refused}"
        );
    };
    let count_of = async || {
        let rows = each_time.get(own::REQUESTS, &[], &[]).await.unwrap();
        let rows = rows["requests"].as_array().unwrap().clone();
        rows.iter()
            .filter(|row| row["path"] == "/api/v1/User")
            .count()
    };
    tries().await;
    tries().await;
    assert_eq!(
        count_of().await,
        1,
        "what never worked is not sent again soon"
    );
    let read_only = person().read_only(true).build().unwrap();
    let refused = read_only.send(own::RESET, &[], &[], None).await;
    assert!(refused.unwrap_err().is_read_only());
    let no_change = read_only.send(endpoints::USER_MY, &[], &[], None).await;
    assert!(no_change.unwrap_err().is_invalid_input());
}
