//! Decides which tenant a command works on, as whom, and with which secret: from options, environment and profiles.
//!
//! Credentials belong together. A name that is given beside another one is refused rather than mixed with it, and a
//! password of the environment goes with the name, and to the tenant, that the environment has it for.

use org42::Flavor;

use super::credentials::{AccessOptions, CodeSource, Credentials, Hidden, SecretSource, same_name};
use super::surroundings::{Caller, Destination, Surroundings};
use crate::env::{
    API_CLIENT_ID, API_CLIENT_SECRET, Environment, PASSWORD, PROFILE, TOTP, URL, USERNAME,
};
use crate::exit::{Exit, Failure};
use crate::profile::{EMBEDDED, Profile, SecretPlace};

/// A tenant, and who signs in there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// The embedded tenant, as its administrator; a name that is given has to be theirs.
    Embedded { username: Option<String> },
    Url {
        url: String,
        flavor: Option<Flavor>,
        who: Credentials,
    },
    Profile {
        name: String,
        profile: Box<Profile>,
        who: Credentials,
    },
}

fn usage<T>(message: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::usage(message))
}

/// Returns the tenant and the credentials. Profiles are read only where they matter: with `--url` a broken file of profiles
/// is no obstacle.
pub(crate) fn resolve(
    options: &AccessOptions<'_>,
    surroundings: Surroundings<'_>,
) -> Result<Access, Failure> {
    let environment = surroundings.environment;
    let named = match (options.url, options.profile) {
        (Some(_), Some(_)) => return usage("--url and --profile both say a tenant: give one"),
        (Some(url), None) => return at_url(options, surroundings, url),
        (None, Some(name)) => Some(name.to_owned()),
        (None, None) => match (environment.get(&PROFILE)?, environment.get(&URL)?) {
            (Some(_), Some(_)) => {
                return usage(
                    "ORG42_PROFILE and ORG42_URL are both set, and only one says the tenant: unset the other",
                );
            }
            (None, Some(url)) => return at_url(options, surroundings, &url),
            (named, None) => named,
        },
    };
    if named.as_deref() == Some(EMBEDDED) {
        return embedded(options, environment);
    }
    let profiles = (surroundings.profiles)()?;
    match named.as_deref().or(profiles.default_name()) {
        Some(name) if name != EMBEDDED => {
            let profile = profiles.get(name)?;
            Ok(Access::Profile {
                name: name.to_owned(),
                profile: Box::new(profile.clone()),
                who: of_profile(options, surroundings, name, profile)?,
            })
        }
        _ if options.username.is_some()
            || environment.get(&USERNAME)?.is_some()
            || environment.get(&API_CLIENT_ID)?.is_some() =>
        {
            let why = profiles.why_none();
            let why = why.map_or(String::new(), |why| format!(" (no profiles: {why})"));
            usage(format!(
                "there are credentials but no tenant{why}: give --url, set ORG42_URL, or make a profile"
            ))
        }
        _ => embedded(options, environment),
    }
}

/// Returns the embedded tenant, which takes no credentials but its own.
fn embedded(options: &AccessOptions<'_>, environment: &Environment) -> Result<Access, Failure> {
    if options.flavor.is_some() || options.totp.is_some() {
        return usage("--flavor and --totp go with --url: the embedded tenant has no use for them");
    }
    if let Some(id) = environment.get(&API_CLIENT_ID)? {
        return usage(format!(
            "the embedded tenant is used as its administrator, and ORG42_API_CLIENT_ID says {id}: unset it, or give \
             --url HOST"
        ));
    }
    let username = match options.username {
        Some(username) => Some(username.to_owned()),
        None => environment.get(&USERNAME)?,
    };
    Ok(Access::Embedded { username })
}

fn at_url(
    options: &AccessOptions<'_>,
    surroundings: Surroundings<'_>,
    url: &str,
) -> Result<Access, Failure> {
    Ok(Access::Url {
        url: url.to_owned(),
        flavor: options.flavor,
        who: without_profile(options, surroundings, url)?,
    })
}

/// Returns the credentials where no profile has them.
fn without_profile(
    options: &AccessOptions<'_>,
    surroundings: Surroundings<'_>,
    url: &str,
) -> Result<Credentials, Failure> {
    let environment = surroundings.environment;
    let to = |caller| Destination {
        profile: None,
        url,
        caller,
    };
    match identity(options, environment)? {
        Identity::Person(username) => {
            let password = environment.get(&PASSWORD)?;
            let code = environment.get(&TOTP)?;
            let other = environment.get(&USERNAME)?;
            // With nothing to be mixed up, the option simply goes before the variable.
            if let Some(other) = other.filter(|other| !same_name(other, &username))
                && (password.is_some() || code.is_some())
            {
                return usage(format!(
                    "--username says {username}, and the password and codes of the environment are those of {other} \
                     (ORG42_USERNAME): nothing was sent; unset ORG42_PASSWORD and ORG42_TOTP, or set ORG42_USERNAME"
                ));
            }
            let uses_code = options.totp.is_none() && code.is_some();
            surroundings.check(
                &[(&PASSWORD, password.is_some()), (&TOTP, uses_code)],
                &to(Caller::Person(&username)),
            )?;
            let code = options.totp.map(str::to_owned).or(code);
            Ok(Credentials::Person {
                username,
                password: SecretSource::at_hand(password),
                code: code.map_or(CodeSource::None, |code| CodeSource::Once(Hidden(code))),
            })
        }
        Identity::ApiClient(id) => {
            no_codes(options, environment)?;
            let secret = environment.get(&API_CLIENT_SECRET)?;
            surroundings.check(
                &[(&API_CLIENT_SECRET, secret.is_some())],
                &to(Caller::ApiClient(&id)),
            )?;
            Ok(Credentials::ApiClient {
                id,
                secret: SecretSource::at_hand(secret),
            })
        }
        Identity::Nobody => {
            let half = match (
                environment.get(&PASSWORD)?,
                environment.get(&API_CLIENT_SECRET)?,
            ) {
                (Some(_), _) => "ORG42_PASSWORD is set and ORG42_USERNAME is not",
                (None, Some(_)) => "ORG42_API_CLIENT_SECRET is set and ORG42_API_CLIENT_ID is not",
                (None, None) => "no credentials",
            };
            let message = format!(
                "{half}: set ORG42_USERNAME and ORG42_PASSWORD, or ORG42_API_CLIENT_ID and ORG42_API_CLIENT_SECRET"
            );
            Err(Failure::new(Exit::NotAllowed, message))
        }
    }
}

/// The caller that options or variables name.
pub(crate) enum Identity {
    Person(String),
    ApiClient(String),
    Nobody,
}

/// Returns the caller that is named outside of profiles; an option goes before the variables.
pub(crate) fn identity(
    options: &AccessOptions<'_>,
    environment: &Environment,
) -> Result<Identity, Failure> {
    if let Some(username) = options.username {
        return Ok(Identity::Person(username.to_owned()));
    }
    match (
        environment.get(&USERNAME)?,
        environment.get(&API_CLIENT_ID)?,
    ) {
        (Some(username), Some(id)) => usage(format!(
            "ORG42_USERNAME says {username} and ORG42_API_CLIENT_ID says {id}, and only one signs in: unset one of them, \
             or give --username"
        )),
        (Some(username), None) => Ok(Identity::Person(username)),
        (None, Some(id)) => Ok(Identity::ApiClient(id)),
        (None, None) => Ok(Identity::Nobody),
    }
}

/// Returns the credentials of a profile; refuses another caller named beside it.
pub(crate) fn of_profile(
    options: &AccessOptions<'_>,
    surroundings: Surroundings<'_>,
    name: &str,
    profile: &Profile,
) -> Result<Credentials, Failure> {
    let environment = surroundings.environment;
    if options.flavor.is_some() {
        return usage(format!(
            "profile {name} says which API its tenant speaks: --flavor goes with --url"
        ));
    }
    let by_option = options.username.map(|name| ("--username", name.to_owned()));
    let person = environment.get(&USERNAME)?;
    let client = environment.get(&API_CLIENT_ID)?;
    let given = [
        by_option,
        person.map(|person| (USERNAME.name, person)),
        client.map(|client| (API_CLIENT_ID.name, client)),
    ];
    let kept = profile.secret_place() != SecretPlace::Ask;
    let (own, variable) = match (&profile.username, &profile.api_client_id) {
        (Some(username), None) => (username, &PASSWORD),
        (None, Some(id)) => (id, &API_CLIENT_SECRET),
        _ => {
            return usage(format!(
                "profile {name} needs a username or an api_client_id, one of the two"
            ));
        }
    };
    let is_same = |from: &str, given: &str| match from == API_CLIENT_ID.name {
        true => profile.api_client_id.as_deref() == Some(given),
        false => (profile.username.as_deref()).is_some_and(|own| same_name(own, given)),
    };
    let differing = given.into_iter().flatten();
    if let Some((from, other)) = differing
        .into_iter()
        .find(|(from, given)| !is_same(from, given))
    {
        return usage(format!(
            "profile {name} signs in as {own}, and {from} says {other}: nothing was sent, since credentials belong \
             together; for {other} give --url HOST or another --profile, for {own} leave {from} out"
        ));
    }
    let to = Destination {
        profile: Some(name),
        url: &profile.url,
        caller: match profile.api_client_id.is_some() {
            true => Caller::ApiClient(own),
            false => Caller::Person(own),
        },
    };
    let at_hand = surroundings.hidden(variable)?;
    let code = surroundings
        .hidden(&TOTP)?
        .filter(|_| options.totp.is_none());
    // A profile that is named on the command line may be of another tenant than the credentials around it.
    let elsewhere = match at_hand.is_some() || code.is_some() {
        true => surroundings.other_than(&to)?,
        false => None,
    };
    if let Some(other) = &elsewhere {
        let needed = [
            (variable, !kept && at_hand.is_some()),
            (&TOTP, profile.totp.is_none() && code.is_some()),
        ];
        if let Some((used, _)) = needed.into_iter().find(|(_, is_needed)| *is_needed) {
            return Err(other.refusal(used, &to));
        }
    }
    let source = SecretSource {
        kept,
        at_hand: at_hand.filter(|_| elsewhere.is_none()),
    };
    let code = code.filter(|_| elsewhere.is_none());
    if let Some(id) = &profile.api_client_id {
        if profile.totp.is_some() {
            return usage(NO_CODES);
        }
        no_codes(options, environment)?;
        return Ok(Credentials::ApiClient {
            id: id.clone(),
            secret: source,
        });
    }
    let code = match (options.totp, profile.totp, code) {
        (Some(code), ..) => CodeSource::Once(Hidden(code.to_owned())),
        (None, Some(_), at_hand) => CodeSource::Kept { at_hand },
        (None, None, Some(code)) => CodeSource::Once(code),
        (None, None, None) => CodeSource::None,
    };
    Ok(Credentials::Person {
        username: own.clone(),
        password: source,
        code,
    })
}

pub(crate) const NO_CODES: &str =
    "an API client signs in without one-time codes: leave --totp and ORG42_TOTP out";

fn no_codes(options: &AccessOptions<'_>, environment: &Environment) -> Result<(), Failure> {
    match options.totp.is_some() || environment.get(&TOTP)?.is_some() {
        true => usage(NO_CODES),
        false => Ok(()),
    }
}

#[cfg(test)]
#[path = "access_tests.rs"]
mod tests;
