//! Where the secrets of the environment may go: to the tenant and the caller that the environment names, and to no other.

use super::address::{same_tenant, shown_url};
use super::credentials::{Credentials, Hidden, same_name};
use crate::env::{
    API_CLIENT_ID, API_CLIENT_SECRET, Environment, PASSWORD, PROFILE, TOTP, URL, USERNAME, Variable,
};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::profile::{EMBEDDED, Profile, Profiles};

/// The environment, and the profiles that it may name, which are read only where they matter.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) profiles: &'a dyn Fn() -> Result<Profiles, Failure>,
}

/// A tenant to which secrets would go, and the caller they would be for.
#[derive(Clone, Copy)]
pub(crate) struct Destination<'a> {
    pub(crate) profile: Option<&'a str>,
    pub(crate) url: &'a str,
    pub(crate) caller: Caller<'a>,
}

/// The caller that a secret is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller<'a> {
    Person(&'a str),
    ApiClient(&'a str),
}

/// The variable that names another destination for the secrets of the environment, and what it says.
pub(crate) struct Mismatch {
    variable: &'static str,
    says: String,
}

impl Mismatch {
    /// Returns the refusal to use a secret, or a code, where it does not belong.
    pub(crate) fn refusal(&self, used: &Variable, to: &Destination<'_>) -> Failure {
        let Self { variable, says } = self;
        let name = used.name;
        let message = format!(
            "{name} stands beside {variable}, which says {says}, and not {}: nothing was sent, since credentials belong \
             together; unset {variable} if {name} is meant for the latter, or else unset {name}",
            to.words()
        );
        Failure::usage(message)
    }
}

impl Destination<'_> {
    fn words(&self) -> String {
        let (Caller::Person(who) | Caller::ApiClient(who)) = self.caller;
        let url = shown_url(self.url);
        match self.profile {
            Some(name) => format!("profile {name} ({who} at {url})"),
            None => format!("{who} at {url}"),
        }
    }
}

impl Surroundings<'_> {
    /// Returns the variable that names another tenant than this one, or another caller there.
    pub(crate) fn other_than(&self, to: &Destination<'_>) -> Result<Option<Mismatch>, Failure> {
        let url = self.environment.get(&URL)?;
        if let Some(url) = url.filter(|url| !same_tenant(url, to.url)) {
            return Ok(Some(Mismatch {
                variable: URL.name,
                says: shown_url(&url),
            }));
        }
        let says = match self.profile_name()? {
            None => None,
            Some(name) if Some(name.as_str()) == to.profile => None,
            Some(name) if name == EMBEDDED => Some(name),
            Some(name) => match (self.profiles)()?.get(&name) {
                Ok(profile) => self.differing(&name, profile, to)?,
                Err(_) => Some(format!("{name}, and there is no such profile")),
            },
        };
        Ok(says.map(|says| Mismatch {
            variable: PROFILE.name,
            says,
        }))
    }

    /// Returns the profile that the environment names; set to nothing, the variable names none where an option says the
    /// tenant.
    fn profile_name(&self) -> Result<Option<String>, Failure> {
        match self.environment.path(&PROFILE) {
            Some(_) => self.environment.get(&PROFILE),
            None => Ok(None),
        }
    }

    /// Returns what a profile is for, unless it is for the same tenant and caller.
    fn differing(
        &self,
        name: &str,
        profile: &Profile,
        to: &Destination<'_>,
    ) -> Result<Option<String>, Failure> {
        if !same_tenant(&profile.url, to.url) {
            return Ok(Some(format!("{name} ({})", shown_url(&profile.url))));
        }
        // Where the environment names the caller itself, that is compared already.
        let (own, is_same) = match to.caller {
            Caller::Person(who) if self.environment.get(&USERNAME)?.is_none() => {
                let own = profile.username.as_deref();
                (own, own.is_none_or(|own| same_name(own, who)))
            }
            Caller::ApiClient(id) if self.environment.get(&API_CLIENT_ID)?.is_none() => {
                let own = profile.api_client_id.as_deref();
                (own, own.is_none_or(|own| own == id))
            }
            _ => (None, true),
        };
        let own = own.filter(|_| !is_same);
        Ok(own.map(|own| format!("{name} ({own} at {})", shown_url(&profile.url))))
    }

    /// Refuses to use one of these secrets where it does not belong.
    pub(crate) fn check(
        &self,
        secrets: &[(&Variable, bool)],
        to: &Destination<'_>,
    ) -> Result<(), Failure> {
        let Some((used, _)) = secrets.iter().find(|(_, is_used)| *is_used) else {
            return Ok(());
        };
        match self.other_than(to)? {
            Some(other) => Err(other.refusal(used, to)),
            None => Ok(()),
        }
    }

    /// Notes which secrets are set and of no use here.
    pub(crate) fn show_unused(
        &self,
        who: Option<&Credentials>,
        printer: Printer,
    ) -> Result<(), Failure> {
        let (unused, why): (&[&Variable], String) = match who {
            None => (
                &[&PASSWORD, &TOTP, &API_CLIENT_SECRET],
                "the embedded tenant has no use for it".to_owned(),
            ),
            Some(Credentials::Person { username, .. }) => (
                &[&API_CLIENT_ID, &API_CLIENT_SECRET],
                format!("{username} signs in, who is a person"),
            ),
            Some(Credentials::ApiClient { id, .. }) => (
                &[&PASSWORD],
                format!("{id} signs in, which is an API client"),
            ),
        };
        for variable in unused {
            if self.environment.get(variable)?.is_some() {
                printer.remark(format_args!("{} is not used: {why}", variable.name));
            }
        }
        Ok(())
    }

    /// Returns the secret in a variable.
    pub(crate) fn hidden(&self, variable: &Variable) -> Result<Option<Hidden>, Failure> {
        Ok(self.environment.get(variable)?.map(Hidden))
    }
}
