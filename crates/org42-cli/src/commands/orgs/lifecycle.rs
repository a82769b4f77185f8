//! Block, unblock, deactivate, reactivate: say what will be touched, ask, act.

use org42::{Endpoint, Org, endpoints};
use serde_json::Value;

use crate::args::Global;
use crate::commands::find::{find, whole};
use crate::connect::{Tenant, connect};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::rows::printable;
use crate::terminal::confirm;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Block,
    Unblock,
    Deactivate,
    Reactivate,
}

impl Act {
    fn word(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Unblock => "unblock",
            Self::Deactivate => "deactivate",
            Self::Reactivate => "reactivate",
        }
    }

    fn endpoint(self) -> Endpoint {
        match self {
            Self::Block => endpoints::ORGS_BLOCK,
            Self::Unblock => endpoints::ORGS_UNBLOCK,
            Self::Deactivate => endpoints::ORGS_DEACTIVATE,
            Self::Reactivate => endpoints::ORGS_ACTIVATE,
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Block => "blocked",
            Self::Unblock => "unblocked",
            Self::Deactivate => "deactivated",
            Self::Reactivate => "reactivated",
        }
    }

    fn consequence(self) -> &'static str {
        match self {
            Self::Block => "nobody in it can log in and no device can register; backups go on",
            Self::Unblock => {
                "its organizations are free again; its users stay blocked until each is unblocked"
            }
            Self::Deactivate => {
                "logins and backups stop, and archives go to cold storage, from where they are purged"
            }
            Self::Reactivate => "logins are possible again; backups do not start by themselves",
        }
    }
}

pub(super) async fn run(
    global: &Global,
    printer: Printer,
    act: Act,
    org: &str,
) -> Result<(), Failure> {
    let tenant = connect(global, printer).await?;
    tenant.may_change(act.endpoint(), global.dry_run)?;
    let found = find(&tenant, org).await?;
    let asks = act != Act::Reactivate;
    // Questions and previews name the tenant.
    let place = match (asks && !global.yes) || global.dry_run {
        true => tenant.title().await,
        false => tenant.name.as_str(),
    };
    let name = format!("{:?} (id {}) in {place}", found.org_name, found.key());
    if asks || global.dry_run {
        preview(&tenant, act, found, place).await?;
    }
    if global.dry_run {
        let parent = tenant.forest().await?.parent(found);
        let in_the_way = match act {
            Act::Unblock => parent.filter(|parent| parent.blocked == Some(true)),
            Act::Reactivate => {
                parent.filter(|parent| parent.blocked == Some(true) || parent.active == Some(false))
            }
            Act::Block | Act::Deactivate => None,
        };
        if let Some(parent) = in_the_way {
            let message = format!(
                "this would be refused: its parent {:?} is blocked or deactivated",
                parent.org_name
            );
            return Err(Failure::new(Exit::Conflict, message));
        }
        printer.note("nothing was changed (--dry-run)");
        return Ok(());
    }
    if asks && !global.yes {
        confirm(printer, &format!("{} {name}", act.word()))?;
    }
    let orgs = tenant.client.orgs();
    printer
        .progress(format!("{} {name}", act.word()), async {
            match act {
                Act::Block => orgs.block(found).await,
                Act::Unblock => orgs.unblock(found).await,
                Act::Deactivate => orgs.deactivate(found).await,
                Act::Reactivate => orgs.reactivate(found).await,
            }
        })
        .await?;
    // A reactivated organization may have its old name again.
    let is_read = act == Act::Reactivate || printer.is_form_given();
    let now = match is_read {
        true => Some(whole(&tenant, found).await),
        false => None,
    };
    let name = match &now {
        Some(Ok(now)) => &now.org_name,
        // It is done, whether or not it can be read.
        _ => &found.org_name,
    };
    printer.note(format_args!(
        "{} {name:?} (id {}) in {place}",
        act.done(),
        found.key()
    ));
    match now.filter(|_| printer.is_form_given()) {
        Some(now) => printer.one(&now?.document()),
        None => Ok(()),
    }
}

/// Says what will be touched.
async fn preview(tenant: &Tenant, act: Act, org: &Org, place: &str) -> Result<(), Failure> {
    let forest = tenant.forest().await?;
    let counted = whole(tenant, org).await?;
    let count = |key: &str| match counted.document().get(key) {
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.clone(),
        _ => "an unknown number of".to_owned(),
    };
    let below = forest.subtree(org).len().saturating_sub(1);
    tenant.printer.note(format_args!(
        "{} {} (id {}) in {}: {below} {} below it, {} active users, {} active devices\n  {}",
        act.word(),
        printable(&forest.path_of(org)),
        org.key(),
        place,
        if below == 1 {
            "organization"
        } else {
            "organizations"
        },
        count("userCount"),
        count("computerCount"),
        act.consequence()
    ));
    Ok(())
}
