//! The blocking client: calls, listings and errors as in the async one.

use org42::blocking::Client;
use org42::{
    CreateOrg, GetAll, GetPage, GetSettings, LocalAccount, SettingKey, UpdateOrg, UpdateSettings,
    endpoints,
};

use crate::settings_tenant::{self, ID};
use org42_authority::Sample;
use org42_test::{Model, Server, Tenant, quick};

/// Runs a test with a server on a runtime of its own and a blocking client for it.
fn served<T>(run: impl FnOnce(&Server, Client) -> T) -> T {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(Server::of(&Model::new(1200)));
    let account = LocalAccount::new("admin@example.com", "hunter22");
    let client = Client::builder(&server.url)
        .local_account(account)
        .retry(quick())
        .build()
        .unwrap();
    run(&server, client)
}

#[test]
fn every_method_waits_for_its_answer() {
    served(|server, client| {
        assert_eq!(
            (client.url(), client.items_per_page()),
            (server.url.as_str(), 500)
        );
        let orgs = client.orgs();
        assert_eq!(orgs.get_by_id(1200).unwrap().org_name, "Org 1200");
        assert_eq!(
            orgs.get_by_uid(890_000_000_000_000_007_u64)
                .unwrap()
                .org_name,
            "Org 7"
        );
        assert_eq!(
            orgs.get_page(GetPage::default().page_size(7))
                .unwrap()
                .orgs
                .len(),
            7
        );
        assert_eq!(
            orgs.get_all_with(GetAll::new().page_size(400))
                .map(|page| page.unwrap().orgs.len())
                .collect::<Vec<_>>(),
            [400; 3]
        );
        assert_eq!(orgs.get_all().orgs().filter(Result::is_ok).count(), 1200);
        assert_eq!(orgs.get_all().orgs().try_collect().unwrap().len(), 1200);
        let seven = orgs.get("890000000000000007").unwrap();
        assert_eq!(orgs.get(&seven).unwrap().org_name, "Org 7");
        assert_eq!(orgs.get(7_u8).unwrap().org_name, "Org 7");
        assert_eq!(orgs.children(1).unwrap().len(), 1199);
        assert_eq!(orgs.children(&seven).unwrap(), []);
        assert_eq!(orgs.child("guid-1", "Org 7").unwrap(), *seven);
        assert!(orgs.child(1, "Org 0").unwrap_err().is_not_found());
        orgs.block(2).unwrap();
        orgs.unblock(2).unwrap();
        orgs.deactivate(2).unwrap();
        orgs.reactivate(2).unwrap();
        assert_eq!(
            orgs.update_org(2, UpdateOrg::new().notes("x"))
                .unwrap()
                .org_name,
            "Org 2"
        );
        assert_eq!(orgs.org_id_map().unwrap().len(), 1200);
        let ids = orgs.refresh_org_id_map().unwrap();
        assert_eq!(ids.len(), 1200);
        orgs.set_org_id_map((*ids).clone());
        let counted = orgs
            .clone()
            .with_param("incCounts", true)
            .get_by_id(3)
            .unwrap();
        assert!(counted.url().contains("incCounts=true"));
        assert_eq!(
            client
                .get(endpoints::ORG_LIST, &[], &[("pgNum", "1"), ("pgSize", "1")])
                .unwrap()["totalCount"],
            1200
        );
    });
}

#[test]
fn settings_are_read_and_written() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let tenant = runtime.block_on(settings_tenant::Tenant::start());
    let client = Client::builder(&tenant.server.url)
        .local_account(LocalAccount::new("admin@example.com", "hunter22"))
        .retry(quick())
        .build()
        .unwrap();
    let orgs = client.orgs();
    let mut settings = orgs.get_settings(ID).unwrap();
    settings.set_archive_hold_days(30).unwrap();
    assert!(orgs.update_settings(&settings).unwrap().is_complete());
    let key = SettingKey::of("archive_hold_days").unwrap();
    let only = GetSettings::new().only([&key]);
    let mut mine = orgs.get_settings_with("4200", only).unwrap();
    assert_eq!(mine.archive_hold_days().unwrap(), Some(30));
    mine.set_archive_hold_days(60).unwrap();
    settings.set_archive_hold_days(90).unwrap();
    assert!(orgs.update_settings(&mine).unwrap().is_complete());
    assert!(orgs.update_settings(&settings).unwrap_err().is_conflict());
    let forced = UpdateSettings::new().force(true);
    let update = orgs.update_settings_with(&settings, forced).unwrap();
    assert!(update.is_complete());
    assert_eq!(
        orgs.get_settings(ID).unwrap().archive_hold_days().unwrap(),
        Some(90)
    );
}

#[test]
fn what_a_tenant_answers_is_handed_out() {
    let tenant = Tenant::new(Sample::None);
    let client = Client::builder("http://localhost")
        .transport(tenant.transport())
        .local_account(tenant.admin());
    let orgs = client.build().unwrap().orgs();
    let paris = orgs.create_org("Paris", CreateOrg::new()).unwrap();
    let top = orgs.get_current().unwrap();
    assert_eq!(paris.parent_org_guid, top.org_guid);
    let guid = paris.org_guid.clone().unwrap();
    assert_eq!(orgs.get_by_guid(guid).unwrap().org_name, "Paris");
    let states = orgs.get_agent_state(&*paris, "fullDiskAccess").unwrap();
    assert!(states.is_empty());
    let states = orgs.get_agent_full_disk_access_states(&*paris).unwrap();
    assert!(states.is_empty());
}

#[tokio::test]
async fn called_from_async_code_it_is_an_error_and_no_panic() {
    let server = Server::of(&Model::new(3)).await;
    let client = Client::builder(&server.url)
        .local_account(LocalAccount::new("a", "b"))
        .build()
        .unwrap();
    let orgs = client.orgs();
    let settings = org42::GetSettings::new();
    let errors = [
        orgs.create_org("Paris", CreateOrg::new()).unwrap_err(),
        orgs.get_by_id(2).unwrap_err(),
        orgs.get_by_uid("890854247383106706").unwrap_err(),
        orgs.get_by_guid("guid-2").unwrap_err(),
        orgs.get_page(GetPage::default()).unwrap_err(),
        orgs.get_current().unwrap_err(),
        orgs.update_org(2, UpdateOrg::new().notes("x")).unwrap_err(),
        orgs.block(2).unwrap_err(),
        orgs.unblock(2).unwrap_err(),
        orgs.deactivate(2).unwrap_err(),
        orgs.reactivate(2).unwrap_err(),
        orgs.get_agent_state(2, "x").unwrap_err(),
        orgs.get_agent_full_disk_access_states(2).unwrap_err(),
        orgs.org_id_map().unwrap_err(),
        orgs.refresh_org_id_map().unwrap_err(),
        orgs.get_settings(2).unwrap_err(),
        orgs.get_settings_with(2, settings).unwrap_err(),
        client.get(endpoints::ORG_LIST, &[], &[]).unwrap_err(),
    ];
    for error in errors {
        assert!(error.to_string().contains("async"), "{error}");
    }
    let pages: Vec<_> = client.orgs().get_all().collect();
    assert!(matches!(pages[..], [Err(_)]));
    let orgs: Vec<_> = client.orgs().get_all().orgs().collect();
    assert!(matches!(orgs[..], [Err(_)]));
    assert!(server.all().is_empty());
    // Dropping it here must not panic either.
    drop(client);
}

#[test]
fn a_listing_that_is_over_stays_over() {
    served(|server, client| {
        let mut pages = client.orgs().get_all_with(GetAll::new().page_size(400));
        assert_eq!(pages.by_ref().take(3).filter(Result::is_ok).count(), 3);
        for _ in 0..3 {
            assert!(pages.next().is_none());
        }
        let mut orgs = client.orgs().get_all().orgs();
        let mut seen = 0;
        loop {
            let some = orgs.by_ref().take(700).filter(Result::is_ok).count();
            seen += some;
            if some == 0 {
                break;
            }
        }
        assert_eq!((seen, orgs.next().is_none()), (1200, true));
        let sent = server.all().len();
        let mut wrong = client
            .orgs()
            .get_all_with(GetAll::new().page_size(0))
            .orgs();
        assert!(wrong.next().unwrap().unwrap_err().is_invalid_input());
        assert!(wrong.next().is_none() && wrong.next().is_none());
        assert_eq!(server.all().len(), sent);
    });
}
