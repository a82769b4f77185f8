//! Finds the organization that an ORG argument names.

use org42::{Flavor, Org, Response};

use crate::connect::Tenant;
use crate::exit::{Exit, Failure};
use crate::target::Target;

/// Returns the organization that a text names, as the listing has it.
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
            found.ok_or_else(|| Failure::new(Exit::NotFound, missing))
        }
        target => target.find(forest),
    }
}

/// Returns an organization as its own route has it, with counts of what is in it.
pub(crate) async fn whole(tenant: &Tenant, org: &Org) -> Result<Org, Failure> {
    let orgs = tenant.client.orgs().with_param("incCounts", true);
    let whole = match &org.org_guid {
        Some(guid) => orgs.get_by_guid(guid).await,
        None => orgs.get_by_id(org).await,
    };
    Ok(whole?.into_value())
}

/// Returns the organization of the person who is signed in.
pub(super) async fn mine(tenant: &Tenant) -> Result<Org, Failure> {
    let found = tenant.client.orgs().get_current().await;
    found.map(Response::into_value).map_err(|error| {
        let is_nobody = error.is_invalid_input();
        let failure = Failure::from(error);
        match is_nobody {
            true => failure.ending(Exit::NotAllowed),
            false => failure,
        }
    })
}
