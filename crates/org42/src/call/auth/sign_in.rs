//! Finds out why signing in failed, as far as the server shows it.

use org42_types::{Problem, endpoints};
use serde::Deserialize;

use crate::call::auth::identity::Identity;
use crate::call::auth::totp::{SpentCode, clock_fault};
use crate::call::exchange::Exchange;
use crate::call::request::Call;
use crate::error::{Error, SignInProblem};
use crate::http::deadline::Deadline;

impl SignInProblem {
    /// Returns the problem that the server's own names for its problems stand for, if it is a known one.
    fn named_in(problems: &[Problem]) -> Option<Self> {
        let says = |words: &[&str]| {
            let mut names = problems.iter().map(|problem| problem.name.as_str());
            names.any(|name| words.iter().any(|word| name.contains(word)))
        };
        match () {
            () if says(&["DEACTIVATED", "NOT_ACTIVE", "INACTIVE"]) => Some(Self::Deactivated),
            () if says(&["BLOCKED", "LOCKED"]) => Some(Self::Blocked),
            () => None,
        }
    }

    fn hint(self, code: OneTimeCode) -> &'static str {
        match self {
            Self::WrongCredentials if code != OneTimeCode::None => {
                "check the user name, the password and the one-time code, which is good once: after another sign-in wait \
                 for the next"
            }
            Self::WrongCredentials => "check the user name and the password",
            Self::OneTimeCodeNeeded => {
                "give a one-time code, or its secret; and check the user name, since servers ask for a code for names they \
                 do not know too"
            }
            Self::SingleSignOn => {
                "this account signs in through single sign-on and has no password here; use an API client"
            }
            Self::Blocked => {
                "the user or the organization is blocked; an administrator can unblock both"
            }
            Self::Deactivated => {
                "the user or the organization is deactivated; an administrator can reactivate both"
            }
        }
    }
}

/// The one-time code that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OneTimeCode {
    None,
    Given,
    /// A code that was computed by this machine's clock.
    Computed,
}

impl OneTimeCode {
    pub(crate) fn of(spent: Option<&SpentCode>) -> Self {
        match spent {
            None => Self::None,
            Some(spent) if spent.is_computed => Self::Computed,
            Some(_) => Self::Given,
        }
    }
}

#[derive(Deserialize)]
struct LoginConfiguration {
    #[serde(rename = "loginType")]
    login_type: String,
}

/// Finds out why a person's sign-in was refused, and adds the reason to the error.
///
/// Sends `GET /api/v3/LoginConfiguration`, which needs no token, if the refusal itself does not name the reason.
pub(crate) async fn explained(
    error: Error,
    exchange: &Exchange,
    username: &str,
    code: OneTimeCode,
) -> Error {
    if error.http_status() != Some(401) {
        return error;
    }
    let problem = match SignInProblem::named_in(error.problems()) {
        Some(problem) => problem,
        None => match login_type(exchange, username).await.as_deref() {
            Some("CLOUD_SSO") => SignInProblem::SingleSignOn,
            Some("LOCAL_2FA") if code == OneTimeCode::None => SignInProblem::OneTimeCodeNeeded,
            _ => SignInProblem::WrongCredentials,
        },
    };
    // The clock only adds words: an attacker who can change the date of an answer must not choose which codes are
    // sent.
    let clock = match (problem, code) {
        (SignInProblem::WrongCredentials, OneTimeCode::Computed) => {
            error.clock_ahead().and_then(clock_fault)
        }
        _ => None,
    };
    let hint = match clock {
        Some(clock) => format!("{clock}; if it is right, {}", problem.hint(code)),
        None => problem.hint(code).to_owned(),
    };
    error.with_hint(hint).with_sign_in_problem(problem)
}

async fn login_type(exchange: &Exchange, username: &str) -> Option<String> {
    let call = Call::new(
        endpoints::LOGIN_CONFIGURATION,
        "ask how this person signs in",
    )
    .query("username", username);
    let nobody = Identity::default();
    let sent = exchange.send(&call, &nobody, &Deadline::NEVER).await;
    let answer = sent.ok()?;
    let configuration = answer.read::<LoginConfiguration>().ok()?.into_value();
    Some(configuration.login_type)
}
