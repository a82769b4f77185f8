//! The three APIs for the same organizations, and which of their routes correspond.

use std::fmt;
use std::str::FromStr;

use org42_types::{Endpoint, endpoints as e};

use crate::call::auth::identity::Identity;
use crate::call::exchange::Exchange;
use crate::call::request::Call;
use crate::error::Error;
use crate::error::fault::Fault;
use crate::http::deadline::Deadline;

/// The API that a server speaks.
///
/// Derived from the host's name unless [set](crate::ClientBuilder::flavor); an unknown host counts as
/// [`Console`](Self::Console). [`detect_flavor`](crate::ClientBuilder::detect_flavor) asks the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Flavor {
    /// Code42's console API: `console.*.code42.com`.
    Console,
    /// CrashPlan's console API: the same, but with other version numbers in some routes.
    CrashPlan,
    /// Incydr's gateway: `api.*.code42.com`. Organizations have no numbers there, only guids; there are no pages, no
    /// block and unblock, no settings and no agent states, and only API clients sign in.
    Gateway,
}

/// Routes of Code42's console, each with the route of CrashPlan's console that replaces it.
const CRASHPLAN: &[(Endpoint, Endpoint)] = &[
    (e::AGENT_STATE_BY_ORG_V14, e::AGENT_STATE_BY_ORG_V38),
    (e::AGENT_STATE_BY_DEVICE_V14, e::AGENT_STATE_BY_DEVICE_V38),
];

/// Routes of the console, each with the gateway's route that replaces it. The gateway has no others.
const GATEWAY: &[(Endpoint, Endpoint)] = &[
    (e::OAUTH_TOKEN, e::GATEWAY_OAUTH),
    (e::CUSTOMER_MY, e::GATEWAY_CUSTOMER),
    (e::ORG_LIST, e::GATEWAY_ORGS_LIST),
    (e::ORGS_CREATE, e::GATEWAY_ORGS_CREATE),
    (e::ORGS_GET, e::GATEWAY_ORGS_GET),
    (e::ORGS_UPDATE, e::GATEWAY_ORGS_UPDATE),
    (e::ORGS_DEACTIVATE, e::GATEWAY_ORGS_DEACTIVATE),
    (e::ORGS_ACTIVATE, e::GATEWAY_ORGS_ACTIVATE),
];

impl Flavor {
    const ALL: [Self; 3] = [Self::Console, Self::CrashPlan, Self::Gateway];

    /// Returns the flavour of a server by its host name; [`Console`](Self::Console) for a name that is not known.
    #[must_use]
    pub fn of_host(host: &str) -> Self {
        Self::named_by(host).unwrap_or(Self::Console)
    }

    /// Returns the flavour that a host's name shows, if it shows one.
    fn named_by(host: &str) -> Option<Self> {
        let is_at = |domain: &str| {
            host.strip_suffix(domain)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        match () {
            () if is_at("crashplan.com") || is_at("crashplanpro.com") => Some(Self::CrashPlan),
            () if is_at("code42.com") && host.starts_with("api.") => Some(Self::Gateway),
            () if is_at("code42.com") => Some(Self::Console),
            () => None,
        }
    }

    /// Returns the route that does in this API what a route of the console does, if there is one.
    pub(crate) fn route(self, console: Endpoint) -> Option<Endpoint> {
        let listed = |table: &[(Endpoint, Endpoint)]| {
            let row = table.iter().find(|(known, _)| *known == console);
            row.map(|(_, here)| *here)
        };
        match self {
            Self::Console => Some(console),
            Self::CrashPlan => listed(CRASHPLAN).or(Some(console)),
            // The authority's own routes belong to no flavour, so every flavour sends them as they are.
            Self::Gateway if !e::ALL.contains(&console) => Some(console),
            Self::Gateway => listed(GATEWAY),
        }
    }

    /// Returns whether organizations have numbers and listings have pages.
    pub(crate) fn has_numbers(self) -> bool {
        self != Self::Gateway
    }

    fn name(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::CrashPlan => "crashplan",
            Self::Gateway => "gateway",
        }
    }
}

/// Finds out which API a server speaks by reads without credentials, whose refusals show which routes exist. A host's
/// name that shows the flavour is trusted.
pub(crate) async fn detected(exchange: &Exchange) -> Result<Flavor, Error> {
    const OPERATION: &str = "find out which API the server speaks";
    /// A user name that does not exist: the routes answer without looking it up.
    const NOBODY: &str = "nobody@example.com";
    if let Some(flavor) = Flavor::named_by(exchange.address.host()) {
        return Ok(flavor);
    }
    let ask = async |call: Call| {
        let nobody = Identity::default();
        exchange.send(&call, &nobody, &Deadline::NEVER).await
    };
    // A route that exists refuses for lack of credentials; one that does not is not found.
    let has = async |endpoint: Endpoint| match ask(Call::new(endpoint, OPERATION)).await {
        Ok(_) => Ok(true),
        Err(error) => match error.http_status() {
            Some(401 | 403) => Ok(true),
            Some(400..=407 | 409..=428) => Ok(false),
            _ => Err(error),
        },
    };
    let configuration = Call::new(e::LOGIN_CONFIGURATION, OPERATION).query("username", NOBODY);
    let is_console = match ask(configuration).await {
        Ok(answer) => {
            let told = answer.read::<serde_json::Value>();
            told.is_ok_and(|told| told["loginType"].is_string())
        }
        // A server that is down, or asks to wait, shows nothing about its routes.
        Err(error) if !matches!(error.http_status(), Some(400..=407 | 409..=428)) => {
            return Err(error);
        }
        Err(_) => false,
    };
    if !is_console {
        // A gateway may answer 403 for routes that it does not have, so its own route alone proves nothing.
        match (has(e::GATEWAY_ORGS_LIST).await?, has(e::ORG_LIST).await?) {
            (true, false) => return Ok(Flavor::Gateway),
            (false, true) => {}
            (true, true) => {
                return Err(unclear(exchange, "answers the same for all three APIs"));
            }
            (false, false) => {
                return Err(unclear(
                    exchange,
                    "answers, but with none of the three APIs",
                ));
            }
        }
    }
    let is_new = has(e::AGENT_STATE_BY_ORG_V38).await? && !has(e::AGENT_STATE_BY_ORG_V14).await?;
    Ok(match is_new {
        true => Flavor::CrashPlan,
        false => Flavor::Console,
    })
}

fn unclear(exchange: &Exchange, how: &str) -> Error {
    let message = format!("{} {how}", exchange.address.as_str());
    Error::new(
        "find out which API the server speaks",
        Fault::Lacking(message),
    )
    .with_hint("check the host's name, or say which: console, crashplan or gateway")
}

impl fmt::Display for Flavor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Flavor {
    type Err = Error;

    /// Parses a flavour's name, or its product's: `code42` and `incydr`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let name = match text {
            "code42" => "console",
            "incydr" => "gateway",
            other => other,
        };
        let found = Self::ALL.into_iter().find(|flavor| flavor.name() == name);
        found.ok_or_else(|| {
            let message = format!("there is no API {text:?}");
            Error::input("choose the API", message)
                .with_hint("there are console, crashplan and gateway")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_tell_their_flavour() {
        for (host, flavor) in [
            ("console.us.code42.com", Flavor::Console),
            ("api.us.code42.com", Flavor::Gateway),
            ("console.us1.crashplan.com", Flavor::CrashPlan),
            ("www.crashplanpro.com", Flavor::CrashPlan),
            ("notcrashplan.com", Flavor::Console),
            ("api.example.com", Flavor::Console),
            ("127.0.0.1", Flavor::Console),
        ] {
            assert_eq!(Flavor::of_host(host), flavor, "{host}");
        }
    }

    #[test]
    fn a_route_of_another_flavour_does_the_same_and_takes_the_same() {
        for (console, here) in CRASHPLAN.iter().chain(GATEWAY) {
            assert_eq!(console.method, here.method);
            let names = |endpoint: &Endpoint| {
                let segments = endpoint.route.split('/');
                segments
                    .filter(|s| s.starts_with('{'))
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            assert_eq!(names(console), names(here));
        }
    }
}
