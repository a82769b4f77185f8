//! Passwords, secrets and codes: from where they are kept, the environment, or the person at the terminal.

use std::io::IsTerminal as _;

use futures_util::future::BoxFuture;

use crate::args::Global;
use crate::connect::variable;
use crate::exit::Failure;
use crate::profile::{Kind, Places, Profile, Secrets};
use crate::progress::Quiet;

/// A code from the command line or the environment.
pub(crate) fn one_time_code(global: &Global) -> Option<String> {
    global.totp.clone().or_else(|| variable("ORG42_TOTP"))
}

/// Looks for a secret where a profile has it: kept, in the environment, with the person at the terminal.
pub(crate) fn asking(
    places: &Places,
    name: &str,
    profile: &Profile,
    kind: Kind,
) -> impl Fn() -> BoxFuture<'static, Result<String, String>> + Send + Sync + use<> {
    let (secrets, name, profile) = (Secrets::of(places), name.to_owned(), profile.clone());
    move || {
        let (secrets, name, profile) = (secrets.clone(), name.clone(), profile.clone());
        let looking = async move {
            if let Some(kept) = secrets.get(&name, &profile, kind).await? {
                return Ok(kept);
            }
            let asking = move || match (kind, &profile.username, &profile.api_client_id) {
                (Kind::Totp, ..) => {
                    let message =
                        format!("the secret of the one-time codes of profile {name} is not kept");
                    Err(Failure::new(Failure::NOT_ALLOWED, message))
                }
                (_, Some(username), _) => ask_password(username, &profile.url),
                (_, None, Some(id)) => ask_secret(id),
                (_, None, None) => Err(Failure::new(Failure::USAGE, "nobody signs in")),
            };
            let asked = tokio::task::spawn_blocking(asking).await;
            asked.map_err(|gone| Failure::new(1, gone.to_string()))?
        };
        Box::pin(async move { looking.await.map_err(|failure: Failure| failure.message) })
    }
}

/// The secret of an API client from the environment, or else from the person at the terminal.
fn ask_secret(id: &str) -> Result<String, Failure> {
    match variable("ORG42_API_CLIENT_SECRET") {
        Some(secret) => Ok(secret),
        None if !std::io::stdin().is_terminal() => Err(Failure::new(
            Failure::NOT_ALLOWED,
            format!("no secret for API client {id}: set ORG42_API_CLIENT_SECRET"),
        )),
        None => prompt("Secret of the API client", id),
    }
}

/// A password from the environment, or else from the person at the terminal.
pub(crate) fn ask_password(username: &str, url: &str) -> Result<String, Failure> {
    match variable("ORG42_PASSWORD") {
        Some(password) => Ok(password),
        None if !std::io::stdin().is_terminal() => Err(Failure::new(
            Failure::NOT_ALLOWED,
            format!("no password for {username}: set ORG42_PASSWORD"),
        )),
        None => prompt("Password", &format!("{username} at {url}")),
    }
}

/// Asks for a secret, which is not shown while it is typed.
pub(crate) fn prompt(what: &str, whose: &str) -> Result<String, Failure> {
    let failed = |reason: &dyn std::fmt::Display| {
        let message = format!("no {} of {whose}: {reason}", what.to_lowercase());
        Failure::new(Failure::NOT_ALLOWED, message)
    };
    if !std::io::stdin().is_terminal() {
        return Err(failed(&"there is nobody to ask"));
    }
    let _quiet = Quiet::now();
    rpassword::prompt_password(format!("{what} of {whose}: ")).map_err(|error| failed(&error))
}
