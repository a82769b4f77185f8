//! Block, unblock, deactivate, reactivate: say what will be touched, ask, act.

use std::io::IsTerminal as _;

use org42::{Endpoint, Org, endpoints};
use serde_json::Value;

use crate::args::Global;
use crate::commands::{find, whole};
use crate::connect::{Tenant, connect};
use crate::exit::Failure;
use crate::output::printable;
use crate::progress::shown;
use crate::{output, print, say};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
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

pub(crate) async fn run(global: &Global, act: Act, org: &str) -> Result<(), Failure> {
    let tenant = connect(global).await?;
    if !global.dry_run {
        // Nobody is asked about what is refused anyway.
        tenant.client.check(act.endpoint())?;
    }
    let found = find(&tenant, org).await?;
    let name = format!(
        "{:?} (id {}) in {}",
        found.org_name,
        found.key(),
        tenant.name
    );
    let asks = act != Act::Reactivate;
    if asks || global.dry_run {
        preview(&tenant, act, found).await?;
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
            return Err(Failure::new(Failure::CONFLICT, message));
        }
        say("nothing was changed (--dry-run)");
        return Ok(());
    }
    if asks && !global.yes {
        confirm(&format!("{} {name}", act.word()))?;
    }
    let orgs = tenant.client.orgs();
    shown(format!("{} {name}", act.word()), async {
        match act {
            Act::Block => orgs.block(found).await,
            Act::Unblock => orgs.unblock(found).await,
            Act::Deactivate => orgs.deactivate(found).await,
            Act::Reactivate => orgs.reactivate(found).await,
        }
    })
    .await?;
    say(&format!("{} {name}", act.done()));
    if let Some(form) = global.output {
        let now = whole(&tenant, found).await?;
        print(&output::one(now.document(), form)?)?;
    }
    Ok(())
}

/// Says what will be touched.
async fn preview(tenant: &Tenant, act: Act, org: &Org) -> Result<(), Failure> {
    let forest = tenant.forest().await?;
    let counted = whole(tenant, org).await?;
    let count = |key: &str| match counted.document().get(key) {
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.clone(),
        _ => "an unknown number of".to_owned(),
    };
    let below = forest.subtree(org).len().saturating_sub(1);
    say(&format!(
        "{} {} (id {}) in {}: {below} {} below it, {} active users, {} active devices\n  {}",
        act.word(),
        printable(&forest.path_of(org)),
        org.key(),
        tenant.name,
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

/// Asks whether to do it.
pub(crate) fn confirm(what: &str) -> Result<(), Failure> {
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        let message = "this needs --yes where nobody can be asked; nothing was changed";
        return Err(Failure::new(Failure::DECLINED, message));
    }
    say(&format!("{what}? [y/N]"));
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    let agreed = matches!(answer.trim().to_lowercase().as_str(), "y" | "yes");
    if read.is_err() || !agreed {
        return Err(Failure::new(Failure::DECLINED, "nothing was changed"));
    }
    Ok(())
}
