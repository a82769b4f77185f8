//! Changes: what a preview says, and that applying does the same.

use org42::Happened;
use org42_admin::change::{NewOrg, OrgEdit};
use org42_admin::{Admin, Applied, Change, Error, Refusal, Target};
use org42_authority::Sample;
use org42_test::fixtures::tenant;
use org42_test::{Reply, Server, Tenant};

use crate::started;

fn target(text: &str) -> Target {
    text.parse().unwrap()
}

/// Previews a change and returns why it would be refused, if it would be.
async fn refusal(admin: &Admin, change: Change) -> Option<Refusal> {
    let plan = admin.plan(change).await.unwrap();
    let preview = plan.preview().await.unwrap();
    let refused = preview.refusals.first().cloned();
    assert_eq!(preview.check().is_err(), refused.is_some());
    refused
}

#[tokio::test]
async fn a_subtree_is_frozen_and_thawed() {
    let admin = started();
    let plan = admin
        .plan(Change::block(target("/Europe/France")))
        .await
        .unwrap();
    let preview = plan.preview().await.unwrap();
    let reach = preview.reach.as_ref().unwrap();
    assert_eq!(reach.path, "/Northwind Group/Europe/France");
    assert_eq!(reach.organizations_below, 2);
    assert!(reach.users.is_some_and(|users| users > 0));
    let said = preview.to_string();
    assert!(said.starts_with("block \"France\" (id "), "{said}");
    assert!(said.contains("backups go on"), "{said}");
    let before = admin.find(&target("Paris")).await.unwrap();
    assert_eq!(before.blocked, Some(false), "a preview changes nothing");

    let applied = plan.apply().await.unwrap();
    assert!(
        applied.to_string().starts_with("blocked \"France\" (id "),
        "{applied}"
    );
    let paris = admin.find(&target("Paris")).await.unwrap();
    assert_eq!(paris.blocked, Some(true));
    let below = refusal(&admin, Change::unblock(target("Paris"))).await;
    assert!(
        matches!(below, Some(Refusal::BelowClosed { .. })),
        "{below:?}"
    );
    let plan = admin.plan(Change::unblock(target("France"))).await.unwrap();
    assert!(!plan.preview().await.unwrap().is_refused());
    plan.apply().await.unwrap();
    assert_eq!(
        admin.find(&target("Paris")).await.unwrap().blocked,
        Some(false)
    );
}

#[tokio::test]
async fn what_a_preview_refuses_the_server_refuses() {
    let admin = started();
    let below = |name: &str, parent: &str| Change::create(NewOrg::new(name).below(target(parent)));
    let kyoto = admin.plan(below("Kyoto", "Japan")).await.unwrap();
    assert!(!kyoto.preview().await.unwrap().is_refused());
    kyoto.apply().await.unwrap();
    let japan = admin
        .plan(Change::deactivate(target("Japan")))
        .await
        .unwrap();
    japan.apply().await.unwrap();
    let edit = OrgEdit::new().name("ab");
    for change in [
        below("Paris", "France"),
        below("New here", "Osaka"),
        below("ab", "France"),
        Change::update(target("France"), edit),
        Change::reactivate(target("Kyoto")),
    ] {
        let refused = refusal(&admin, change.clone()).await.unwrap();
        let plan = admin.plan(change.clone()).await.unwrap();
        let error = plan.apply().await.unwrap_err();
        let call = error.call().unwrap();
        let agrees = match &refused {
            Refusal::Invalid(_) => call.is_invalid_input() && call.happened() == Happened::No,
            Refusal::NameTaken { .. } => call.is_name_taken(),
            Refusal::ParentClosed { .. } | Refusal::BelowClosed { .. } => {
                call.is_parent_blocked() || call.is_parent_inactive()
            }
            _ => false,
        };
        assert!(agrees, "{change:?}: {refused}: {error}");
    }
}

#[tokio::test]
async fn an_organization_is_created_and_updated_as_planned() {
    let admin = started();
    let new = NewOrg::new("Lab")
        .below(target("France"))
        .notes("first")
        .ext_ref("L-1");
    let plan = admin.plan(Change::create(new)).await.unwrap();
    assert_eq!(plan.org().unwrap().org_name, "France");
    let Applied::Created(lab) = plan.apply().await.unwrap() else {
        unreachable!();
    };
    let edit = OrgEdit::new().name("Lab Two").clear_notes();
    let plan = admin
        .plan(Change::update(target("Lab"), edit))
        .await
        .unwrap();
    let preview = plan.preview().await.unwrap();
    let fields = &preview.fields;
    let old: Vec<Option<&str>> = fields.iter().map(|field| field.old.as_deref()).collect();
    assert_eq!(old, [Some("Lab"), Some("first")]);
    assert!(
        preview
            .to_string()
            .contains("name to \"Lab Two\"\n  notes to \"\""),
        "{preview}"
    );
    let Applied::Updated(updated) = plan.apply().await.unwrap() else {
        unreachable!();
    };
    assert_eq!(
        (updated.key(), updated.org_name.as_str()),
        (lab.key(), "Lab Two")
    );
    assert_eq!(
        updated.org_ext_ref.as_deref(),
        Some("L-1"),
        "what is not mentioned stays"
    );
    let nothing = Change::update(target("Lab Two"), OrgEdit::new());
    let error = admin.plan(nothing).await.unwrap_err();
    assert!(matches!(error, Error::NothingToDo(_)), "{error}");
}

#[tokio::test]
async fn a_read_only_client_plans_and_previews_and_changes_nothing() {
    let tenant = Tenant::new(Sample::Small);
    let client = tenant.builder().local_account(tenant.admin());
    let admin = Admin::new(client.read_only(true).build().unwrap());
    let change = Change::block(target("France"));
    assert!(
        admin
            .check(&change)
            .unwrap_err()
            .call()
            .unwrap()
            .is_read_only()
    );
    let plan = admin.plan(change).await.unwrap();
    plan.preview().await.unwrap();
    let error = plan.apply().await.unwrap_err();
    assert!(error.call().unwrap().is_read_only(), "{error}");
}

#[tokio::test]
async fn a_change_that_was_dropped_half_way_leaves_no_old_listing() {
    let server = Server::start(|seen, _| match seen.line().as_str() {
        _ if seen.method == "GET" => tenant(seen, 3),
        _ => Reply::Silence,
    });
    let server = server.await;
    let admin = Admin::new(server.client());
    let plan = admin.plan(Change::block(target("Org 2"))).await.unwrap();
    let is_sent = async {
        while server.requests().iter().all(|seen| seen.method == "GET") {
            tokio::task::yield_now().await;
        }
        // Another task reads the listing while the change is under way.
        admin.tree().await.unwrap();
    };
    tokio::select! {
        applied = plan.apply() => unreachable!("{applied:?}"),
        () = is_sent => {}
    }
    let before = server.count("GET /api/v1/Org");
    admin.find(&target("Org 2")).await.unwrap();
    // It is searched for.
    assert_eq!(server.count("GET /api/v1/Org"), before + 1);
}

#[tokio::test]
async fn plans_are_carried_out_by_many_tasks() {
    let admin = started();
    let mut tasks = Vec::new();
    for name in ["Paris", "Lyon", "Berlin", "Oslo"] {
        let admin = admin.clone();
        tasks.push(tokio::spawn(async move {
            let plan = admin.plan(Change::block(target(name))).await?;
            plan.preview().await?;
            plan.apply().await
        }));
    }
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let tree = admin.refresh().await.unwrap();
    for name in ["Paris", "Lyon", "Berlin", "Oslo"] {
        assert_eq!(
            target(name).find_in(&tree).unwrap().blocked,
            Some(true),
            "{name}"
        );
    }
}
