//! What each command does.

use clap::CommandFactory as _;
use org42::{CreateOrg, Org, UpdateOrg, endpoints};
use serde_json::{Value, json};

use crate::args::{Clearable, Cli, Command, Filter, Output};
use crate::connect::{Tenant, connect};
use crate::exit::Failure;
use crate::forest::Forest;
use crate::progress::shown;
use crate::target::Target;
use crate::verbs::{self, Verb};
use crate::{authority, output, print, say};

pub(crate) async fn run(cli: Cli) -> Result<(), Failure> {
    let global = cli.global;
    let form = |default| global.output.unwrap_or(default);
    match cli.command {
        Command::Completion { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "org42", &mut script);
            print(&String::from_utf8_lossy(&script))
        }
        Command::Authority(command) => authority::run(command, global.output).await,
        Command::Tree { org, filter } => {
            tree(
                &connect(&global).await?,
                org.as_deref(),
                filter,
                form(Output::Tree),
            )
            .await
        }
        Command::List { filter } => {
            list(&connect(&global).await?, filter, form(Output::Table)).await
        }
        Command::Show { org } => {
            let tenant = connect(&global).await?;
            let org = find(&tenant, &org).await?;
            let org = tenant.client.orgs().get_by_id(&org).await?;
            print(&output::one(org.document(), form(Output::Table))?)
        }
        Command::Create {
            name,
            parent,
            ext_ref,
            notes,
        } => {
            let tenant = connect(&global).await?;
            let mut new = CreateOrg::new();
            if let Some(parent) = &parent {
                new = new.parent_org_uid(&find(&tenant, parent).await?);
            }
            new = ext_ref.into_iter().fold(new, CreateOrg::ext_ref);
            new = notes.into_iter().fold(new, CreateOrg::notes);
            if global.dry_run {
                let below = parent.as_deref().unwrap_or("the top organization");
                say(&format!(
                    "would create {name:?} below {below} in {}",
                    tenant.name
                ));
                return Ok(());
            }
            let org = tenant.client.orgs().create_org(name, new).await?;
            print(&output::one(org.document(), form(Output::Table))?)
        }
        Command::Update {
            org,
            name,
            notes,
            ext_ref,
            clear,
        } => {
            let mut change = UpdateOrg::new();
            change = name.into_iter().fold(change, UpdateOrg::name);
            change = notes.into_iter().fold(change, UpdateOrg::notes);
            change = ext_ref.into_iter().fold(change, UpdateOrg::ext_ref);
            change = clear.into_iter().fold(change, |change, field| match field {
                Clearable::Notes => change.clear_notes(),
                Clearable::ExtRef => change.clear_ext_ref(),
            });
            let tenant = connect(&global).await?;
            let org = find(&tenant, &org).await?;
            if global.dry_run {
                say(&format!(
                    "would update {} ({}) in {}",
                    org.org_name,
                    org.key(),
                    tenant.name
                ));
                return Ok(());
            }
            let org = tenant.client.orgs().update_org(&org, change).await?;
            print(&output::one(org.document(), form(Output::Table))?)
        }
        Command::Block { org } => verbs::run(&global, Verb::Block, &org).await,
        Command::Unblock { org } => verbs::run(&global, Verb::Unblock, &org).await,
        Command::Deactivate { org } => verbs::run(&global, Verb::Deactivate, &org).await,
        Command::Reactivate { org } => verbs::run(&global, Verb::Reactivate, &org).await,
        Command::AgentState { org, property } => {
            let tenant = connect(&global).await?;
            let org = find(&tenant, &org).await?;
            let states = tenant.client.orgs().get_agent_state(&org, property).await?;
            let rows: Vec<Value> = states.iter().map(|state| json!(state)).collect();
            print(&output::rows(
                &["deviceGuid", "name", "value"],
                &rows,
                form(Output::Table),
            )?)
        }
        Command::Whoami => whoami(&connect(&global).await?, form(Output::Table)).await,
    }
}

/// Reads the whole listing.
pub(crate) async fn forest(tenant: &Tenant) -> Result<Forest, Failure> {
    let listing = tenant.client.orgs().get_all().orgs().collect();
    let orgs = shown(
        format!("listing the organizations of {}", tenant.name),
        listing,
    )
    .await?;
    Ok(Forest::new(orgs))
}

pub(crate) async fn find(tenant: &Tenant, text: &str) -> Result<Org, Failure> {
    match text.parse()? {
        Target::My => Ok(tenant.client.orgs().get_current().await?.into_value()),
        // The map of ids is the cheapest way to an id, and the one that the next call needs anyway.
        Target::Id(id) => Ok(tenant.client.orgs().get_by_id(id).await?.into_value()),
        Target::Uid(uid) => Ok(tenant.client.orgs().get_by_uid(uid).await?.into_value()),
        target => Ok(target.find(&forest(tenant).await?)?.clone()),
    }
}

async fn list(tenant: &Tenant, filter: Filter, form: Output) -> Result<(), Failure> {
    let forest = forest(tenant).await?;
    let wanted: Vec<&Org> = forest.orgs().filter(|org| filter.wants(org)).collect();
    if wanted.is_empty() {
        say("no organizations");
    }
    print(&output::orgs(&wanted, &forest, filter, form)?)
}

async fn tree(
    tenant: &Tenant,
    org: Option<&str>,
    filter: Filter,
    form: Output,
) -> Result<(), Failure> {
    let target: Option<Target> = org.map(str::parse).transpose()?;
    let forest = forest(tenant).await?;
    let root = match target {
        Some(Target::My) => {
            let mine = tenant.client.orgs().get_current().await?.org_id;
            forest.orgs().find(|org| org.org_id == mine)
        }
        Some(target) => Some(target.find(&forest)?),
        None => None,
    };
    if form == Output::Tree {
        return print(&forest.draw(root, filter));
    }
    let shown = root.map_or_else(|| forest.orgs().collect(), |root| forest.subtree(root));
    let wanted: Vec<&Org> = shown.into_iter().filter(|org| filter.wants(org)).collect();
    print(&output::orgs(&wanted, &forest, filter, form)?)
}

async fn whoami(tenant: &Tenant, form: Output) -> Result<(), Failure> {
    let customer = tenant.client.get(endpoints::CUSTOMER_MY, &[], &[]).await?;
    let mut about = serde_json::Map::new();
    about.insert("url".to_owned(), json!(tenant.client.url()));
    about.insert("tenant".to_owned(), customer["name"].clone());
    about.insert("tenantUid".to_owned(), customer["tenantUid"].clone());
    if tenant.is_user {
        let me = tenant.client.get(endpoints::USER_MY, &[], &[]).await?;
        for key in [
            "username", "userId", "userUid", "orgId", "orgUid", "orgName", "status",
        ] {
            about.insert(key.to_owned(), me[key].clone());
        }
    } else {
        about.insert("apiClient".to_owned(), json!(true));
    }
    print(&output::one(&about, form)?)
}
