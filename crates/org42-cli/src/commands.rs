//! What each command does.

use clap::CommandFactory as _;
use org42::{CreateOrg, Flavor, Org, OrgGuid, Response, UpdateOrg, endpoints};
use serde_json::{Value, json};

use crate::args::{Clearable, Cli, Filter, Output, Verb};
use crate::connect::{Tenant, connect};
use crate::exit::Failure;
use crate::target::Target;
use crate::verbs::{self, Act};
use crate::{authority, output, print, profile, pull, say, scope, settings};

pub(crate) async fn run(cli: Cli) -> Result<(), Failure> {
    let (global, verb) = cli.command_without_noun();
    scope::check_once(std::env::args_os())?;
    scope::check(&global, &verb)?;
    let form = |default| global.output.unwrap_or(default);
    match verb {
        Verb::Completion { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "org42", &mut script);
            print(&String::from_utf8_lossy(&script))
        }
        Verb::Pull { into, anonymize } => pull::run(&global, &into, anonymize).await,
        Verb::Settings(command) => settings::run(command, &global).await,
        Verb::Profile(command) => profile::run(command, &global).await,
        Verb::Authority(command) => authority::run(command, &global).await,
        Verb::Tree { org, filter } => {
            tree(
                &connect(&global).await?,
                org.as_deref(),
                filter,
                form(Output::Tree),
            )
            .await
        }
        Verb::List { filter } => list(&connect(&global).await?, filter, form(Output::Table)).await,
        Verb::Show { org } => {
            let tenant = connect(&global).await?;
            let found = find(&tenant, &org).await?;
            // The listing knows less of an organization than its own route.
            let org = whole(&tenant, found).await?;
            print(&output::one(&org.document(), form(Output::Table))?)
        }
        Verb::Create {
            name,
            parent,
            ext_ref,
            notes,
        } => {
            let tenant = connect(&global).await?;
            let mut new = CreateOrg::new();
            let mut below = "the top organization".to_owned();
            if let Some(parent) = &parent {
                let parent = find(&tenant, parent).await?;
                if global.dry_run {
                    foresee_child(&tenant, parent, &name).await?;
                }
                below = format!("{:?} (id {})", parent.org_name, parent.key());
                new = match OrgGuid::try_from(parent) {
                    Ok(guid) => new.parent_org_guid(guid),
                    Err(_) => new.parent_org_uid(parent),
                };
            }
            new = ext_ref.into_iter().fold(new, CreateOrg::ext_ref);
            new = notes.into_iter().fold(new, CreateOrg::notes);
            if global.dry_run {
                new.check(&name)?;
                say(&format!(
                    "would create {name:?} below {below} in {}",
                    tenant.name
                ));
                return Ok(());
            }
            let org = tenant.client.orgs().create_org(name, new).await?;
            told("created", &org, &tenant);
            print(&output::one(&org.document(), form(Output::Table))?)
        }
        Verb::Update {
            org,
            name,
            notes,
            ext_ref,
            clear,
        } => {
            let edit = Edit::new(name, notes, ext_ref, &clear)?;
            let tenant = connect(&global).await?;
            let org = find(&tenant, &org).await?;
            if global.dry_run {
                edit.change.check()?;
                say(&format!(
                    "would set of {:?} (id {}) in {}: {}",
                    org.org_name,
                    org.key(),
                    tenant.name,
                    edit.words
                ));
                return Ok(());
            }
            let org = tenant.client.orgs().update_org(org, edit.change).await?;
            told("updated", &org, &tenant);
            print(&output::one(&org.document(), form(Output::Table))?)
        }
        Verb::Block { org } => verbs::run(&global, Act::Block, &org).await,
        Verb::Unblock { org } => verbs::run(&global, Act::Unblock, &org).await,
        Verb::Deactivate { org } => verbs::run(&global, Act::Deactivate, &org).await,
        Verb::Reactivate { org } => verbs::run(&global, Act::Reactivate, &org).await,
        Verb::AgentState { org, property } => {
            let tenant = connect(&global).await?;
            tenant.client.check(endpoints::AGENT_STATE_BY_ORG_V14)?;
            let org = find(&tenant, &org).await?;
            let states = tenant.client.orgs().get_agent_state(org, property).await?;
            let states = states.into_value().into_iter();
            let rows: Vec<Value> = states.map(|state| json!(state)).collect();
            print(&output::rows(
                &["deviceGuid", "name", "value"],
                &rows,
                form(Output::Table),
            )?)
        }
        Verb::Whoami => whoami(&connect(&global).await?, form(Output::Table)).await,
    }
}

/// Says what was done, and where.
fn told(what: &str, org: &Org, tenant: &Tenant) {
    say(&format!(
        "{what} {:?} (id {}) in {}",
        org.org_name,
        org.key(),
        tenant.name
    ));
}

/// Refuses what the listing tells would be refused, so that a dry run does not promise it.
async fn foresee_child(tenant: &Tenant, parent: &Org, name: &str) -> Result<(), Failure> {
    let refuse = |why: String| Err(Failure::new(Failure::CONFLICT, why));
    if parent.active == Some(false) || parent.blocked == Some(true) {
        let state = if parent.active == Some(false) {
            "deactivated"
        } else {
            "blocked"
        };
        return refuse(format!(
            "{:?} is {state}, so nothing can be created below it",
            parent.org_name
        ));
    }
    let siblings = tenant.forest().await?.children(parent);
    match siblings
        .iter()
        .any(|sibling| sibling.org_name == name.trim())
    {
        true => refuse(format!(
            "{:?} has a child called {name:?} already",
            parent.org_name
        )),
        false => Ok(()),
    }
}

/// What an update changes, and the same in words.
struct Edit {
    change: UpdateOrg,
    words: String,
}

impl Edit {
    fn new(
        name: Option<String>,
        notes: Option<String>,
        ext_ref: Option<String>,
        clear: &[Clearable],
    ) -> Result<Self, Failure> {
        let cleared = |field| clear.contains(&field).then(String::new);
        if notes.is_some() && cleared(Clearable::Notes).is_some()
            || ext_ref.is_some() && cleared(Clearable::ExtRef).is_some()
        {
            let message = "a field is either set or cleared";
            return Err(Failure::new(Failure::USAGE, message));
        }
        let notes = notes.or_else(|| cleared(Clearable::Notes));
        let ext_ref = ext_ref.or_else(|| cleared(Clearable::ExtRef));
        let words: Vec<String> = [("name", &name), ("notes", &notes), ("ext-ref", &ext_ref)]
            .into_iter()
            .filter_map(|(field, value)| Some(format!("{field} to {:?}", value.as_ref()?)))
            .collect();
        if words.is_empty() {
            let message = "there is nothing to change: give --name, --notes, --ext-ref or --clear";
            return Err(Failure::new(Failure::USAGE, message));
        }
        let change = name.into_iter().fold(UpdateOrg::new(), UpdateOrg::name);
        let change = notes.into_iter().fold(change, UpdateOrg::notes);
        let change = ext_ref.into_iter().fold(change, UpdateOrg::ext_ref);
        Ok(Self {
            change,
            words: words.join(", "),
        })
    }
}

/// The organization that a text names, as the listing has it.
pub(crate) async fn find<'a>(tenant: &'a Tenant, text: &str) -> Result<&'a Org, Failure> {
    let target = text.parse()?;
    // A flavour without numbers refuses them, rather than finding nothing.
    if tenant.client.flavor() == Flavor::Gateway {
        match &target {
            Target::Id(id) => drop(tenant.client.orgs().get_by_id(id).await?),
            Target::Uid(uid) => drop(tenant.client.orgs().get_by_uid(uid).await?),
            _ => {}
        }
    }
    let forest = tenant.forest().await?;
    match target {
        Target::My => {
            let mine = mine(tenant).await?.key();
            let found = forest.orgs().find(|org| org.key() == mine);
            let missing = "the listing does not have your organization";
            found.ok_or_else(|| Failure::new(Failure::NOT_FOUND, missing))
        }
        target => target.find(forest),
    }
}

/// The organization as its own route has it, with what is in it.
pub(crate) async fn whole(tenant: &Tenant, org: &Org) -> Result<Org, Failure> {
    let orgs = tenant.client.orgs().with_param("incCounts", true);
    let whole = match &org.org_guid {
        Some(guid) => orgs.get_by_guid(guid).await,
        None => orgs.get_by_id(org).await,
    };
    Ok(whole?.into_value())
}

/// The organization of the signed-in person.
async fn mine(tenant: &Tenant) -> Result<Org, Failure> {
    let found = tenant.client.orgs().get_current().await;
    found.map(Response::into_value).map_err(|error| {
        let is_nobody = error.is_invalid_input();
        let failure = Failure::from(error);
        match is_nobody {
            true => Failure::new(Failure::NOT_ALLOWED, failure.message),
            false => failure,
        }
    })
}

async fn list(tenant: &Tenant, filter: Filter, form: Output) -> Result<(), Failure> {
    if filter.blocked {
        // The gateway does not tell who is blocked.
        tenant
            .client
            .check(endpoints::ORGS_BLOCK)
            .or_else(|error| match error.is_read_only() {
                true => Ok(()),
                false => Err(error),
            })?;
    }
    let forest = tenant.forest().await?;
    let wanted: Vec<&Org> = forest.orgs().filter(|org| filter.wants(org)).collect();
    if wanted.is_empty() {
        say("no organizations");
    }
    print(&output::orgs(&wanted, forest, filter, form)?)
}

async fn tree(
    tenant: &Tenant,
    org: Option<&str>,
    filter: Filter,
    form: Output,
) -> Result<(), Failure> {
    let root = match org {
        Some(org) => Some(find(tenant, org).await?),
        None => None,
    };
    let forest = tenant.forest().await?;
    if form == Output::Tree {
        return print(&forest.draw(root, filter));
    }
    let shown = root.map_or_else(|| forest.orgs().collect(), |root| forest.subtree(root));
    let wanted: Vec<&Org> = shown.into_iter().filter(|org| filter.wants(org)).collect();
    print(&output::orgs(&wanted, forest, filter, form)?)
}

async fn whoami(tenant: &Tenant, form: Output) -> Result<(), Failure> {
    let customer = tenant.client.get(endpoints::CUSTOMER_MY, &[], &[]).await?;
    let mut about = serde_json::Map::new();
    if tenant.is_user {
        about = mine(tenant).await?.document();
        let me = tenant.client.get(endpoints::USER_MY, &[], &[]).await?;
        for key in ["username", "userId", "userUid"] {
            about.insert(key.to_owned(), me[key].clone());
        }
    } else {
        about.insert("apiClient".to_owned(), json!(true));
    }
    about.insert("url".to_owned(), json!(tenant.client.url()));
    let flavor = tenant.client.flavor().to_string();
    about.insert("flavor".to_owned(), json!(flavor));
    about.extend(profile::named(&customer));
    print(&output::one(&about, form)?)
}
