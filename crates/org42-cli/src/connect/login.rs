//! Looks for passwords, secrets and codes when a login needs them: where a profile keeps them, in the environment, with the
//! person at the terminal.

use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;

use super::credentials::{Hidden, SecretSource};
use crate::env::TOTP;
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::profile::{Profile, SecretKind, Secrets};
use crate::terminal::prompt;

/// The caller whose secret is looked for.
#[derive(Clone)]
pub(super) enum SecretOwner {
    /// A person by name, and the address of the tenant.
    Person(String, String),
    ApiClient(String),
}

/// A profile that keeps secrets, and where they are.
#[derive(Clone)]
pub(super) struct Keeper {
    pub(crate) secrets: Secrets,
    pub(crate) name: String,
    pub(crate) profile: Profile,
}

/// Returns what looks for a password or a secret whenever a login needs it.
pub(super) fn asking(
    source: SecretSource,
    whose: SecretOwner,
    keeper: Option<Keeper>,
    printer: Printer,
) -> impl Fn() -> BoxFuture<'static, Result<String, Failure>> + Send + Sync + use<> {
    move || {
        let (source, whose, keeper) = (source.clone(), whose.clone(), keeper.clone());
        Box::pin(looked_for(source, whose, keeper, printer))
    }
}

async fn looked_for(
    source: SecretSource,
    whose: SecretOwner,
    keeper: Option<Keeper>,
    printer: Printer,
) -> Result<String, Failure> {
    let mut missing = None;
    if let Some(keeper) = keeper.filter(|_| source.kept) {
        let Keeper {
            secrets,
            name,
            profile,
        } = keeper;
        let has_other = source.at_hand.is_some();
        match secrets
            .get(&name, &profile, SecretKind::Password, has_other)
            .await
        {
            Ok(Some(kept)) => return Ok(kept),
            Ok(None) => {}
            Err(failure) => missing = Some(failure),
        }
    }
    if let Some(Hidden(secret)) = source.at_hand {
        if let Some(failure) = missing {
            let name = whose.variable();
            printer.remark(format_args!("{}; {name} is used", failure.clause()));
        }
        return Ok(secret);
    }
    if let Some(failure) = missing {
        if !std::io::stdin().is_terminal() {
            return Err(failure);
        }
        printer.failure(&failure);
    }
    let asked = tokio::task::spawn_blocking(move || whose.ask()).await;
    asked.map_err(|gone| Failure::of(Exit::Failed, gone))?
}

/// Returns what looks for the secret of one-time codes that a profile keeps. Where it cannot be had, a code at hand is good
/// for one login.
pub(super) fn asking_for_codes(
    keeper: Keeper,
    at_hand: Option<Hidden>,
    printer: Printer,
) -> impl Fn() -> BoxFuture<'static, Result<String, Failure>> + Send + Sync + use<> {
    let at_hand = Arc::new(Mutex::new(at_hand));
    move || {
        let Keeper {
            secrets,
            name,
            profile,
        } = keeper.clone();
        let at_hand = Arc::clone(&at_hand);
        Box::pin(async move {
            let place = || at_hand.lock().unwrap_or_else(PoisonError::into_inner);
            let has_other = place().is_some();
            let kept = secrets
                .get(&name, &profile, SecretKind::Totp, has_other)
                .await;
            let missing = match kept {
                Ok(Some(secret)) => return Ok(secret),
                Ok(None) => {
                    let what = format!("the secret of the one-time codes of profile {name}");
                    Failure::new(Exit::NotAllowed, format!("{what} is not kept"))
                }
                Err(failure) => failure,
            };
            let Some(Hidden(code)) = place().take() else {
                return Err(missing);
            };
            printer.remark(format_args!("{}; {} is used", missing.clause(), TOTP.name));
            Ok(code)
        })
    }
}

impl SecretOwner {
    fn variable(&self) -> &'static str {
        match self {
            Self::Person(..) => crate::env::PASSWORD.name,
            Self::ApiClient(_) => crate::env::API_CLIENT_SECRET.name,
        }
    }

    /// Asks the person at the terminal.
    fn ask(&self) -> Result<String, Failure> {
        let is_there = std::io::stdin().is_terminal();
        match self {
            Self::Person(username, url) if is_there => {
                prompt("Password", &format!("{username} at {url}"))
            }
            Self::ApiClient(id) if is_there => prompt("Secret of the API client", id),
            Self::Person(username, _) => Err(Failure::new(
                Exit::NotAllowed,
                format!("no password for {username}: set {}", self.variable()),
            )),
            Self::ApiClient(id) => Err(Failure::new(
                Exit::NotAllowed,
                format!("no secret for API client {id}: set {}", self.variable()),
            )),
        }
    }
}
