//! The environment variables that the command reads. They are read here alone, and the help is made from this list.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::exit::Failure;

/// A variable, and what is said about it.
#[derive(Debug)]
pub(crate) struct Variable {
    pub(crate) name: &'static str,
    meaning: &'static str,
    empty: Empty,
}

/// What it means that a variable is set to nothing.
#[derive(Debug, PartialEq, Eq)]
enum Empty {
    /// The same as not being set.
    Unset,
    /// Nothing that could be guessed.
    Refused,
}

const fn variable(name: &'static str, meaning: &'static str) -> Variable {
    Variable {
        name,
        meaning,
        empty: Empty::Unset,
    }
}

pub(crate) const PROFILE: Variable = Variable {
    name: "ORG42_PROFILE",
    meaning: "the tenant, by the name of a profile; set to nothing, it is refused",
    empty: Empty::Refused,
};
pub(crate) const URL: Variable = variable("ORG42_URL", "the tenant: a host name (https) or a URL");
pub(crate) const USERNAME: Variable = variable("ORG42_USERNAME", "the person who signs in");
pub(crate) const PASSWORD: Variable = variable("ORG42_PASSWORD", "that person's password");
pub(crate) const TOTP: Variable = variable("ORG42_TOTP", "a one-time code of that person");
pub(crate) const API_CLIENT_ID: Variable = variable(
    "ORG42_API_CLIENT_ID",
    "the API client that signs in instead of a person",
);
pub(crate) const API_CLIENT_SECRET: Variable =
    variable("ORG42_API_CLIENT_SECRET", "that API client's secret");
pub(crate) const HOME: Variable = variable(
    "HOME",
    "below it are profiles, secrets, tokens and the embedded tenant",
);
pub(crate) const XDG_CONFIG_HOME: Variable = variable(
    "XDG_CONFIG_HOME",
    "where profiles are, instead of ~/.config",
);
pub(crate) const XDG_DATA_HOME: Variable = variable(
    "XDG_DATA_HOME",
    "where secrets and the embedded tenant are, instead of ~/.local/share",
);
pub(crate) const XDG_CACHE_HOME: Variable =
    variable("XDG_CACHE_HOME", "where tokens are, instead of ~/.cache");
pub(crate) const INCYDR_URL: Variable = variable(
    "INCYDR_URL",
    "the tenant that profile import --from incydr takes over",
);
pub(crate) const INCYDR_API_CLIENT_ID: Variable =
    variable("INCYDR_API_CLIENT_ID", "the API client that it takes over");

/// Every variable, in the order of the help.
const ALL: [&Variable; 13] = [
    &PROFILE,
    &URL,
    &USERNAME,
    &PASSWORD,
    &TOTP,
    &API_CLIENT_ID,
    &API_CLIENT_SECRET,
    &HOME,
    &XDG_CONFIG_HOME,
    &XDG_DATA_HOME,
    &XDG_CACHE_HOME,
    &INCYDR_URL,
    &INCYDR_API_CLIENT_ID,
];

/// What of the variables is set.
pub(crate) struct Environment(BTreeMap<&'static str, OsString>);

impl Environment {
    pub(crate) fn of_process() -> Self {
        let set = |variable: &&Variable| Some((variable.name, std::env::var_os(variable.name)?));
        Self(ALL.iter().filter_map(set).collect())
    }

    /// One in which nothing is set.
    pub(crate) fn none() -> Self {
        Self(BTreeMap::new())
    }

    #[cfg(test)]
    pub(crate) fn of(pairs: &[(&'static str, &str)]) -> Self {
        let pairs = pairs.iter();
        Self(pairs.map(|(name, value)| (*name, value.into())).collect())
    }

    /// The value, unless the variable counts as unset.
    pub(crate) fn get(&self, variable: &Variable) -> Result<Option<String>, Failure> {
        let Some(value) = self.0.get(variable.name) else {
            return Ok(None);
        };
        let refused = |why: &str| {
            let message = format!("the environment variable {} {why}", variable.name);
            Failure::new(Failure::USAGE, message)
        };
        match value.to_str() {
            // What it holds may be a secret.
            None => Err(refused(
                "holds bytes that are no text in UTF-8; nothing was done",
            )),
            Some("") if variable.empty == Empty::Refused => Err(refused(
                "is set to nothing: give it a value or unset it; nothing was done",
            )),
            Some("") => Ok(None),
            Some(value) => Ok(Some(value.to_owned())),
        }
    }

    /// The value as a path, which need not be text.
    pub(crate) fn path(&self, variable: &Variable) -> Option<PathBuf> {
        let value = self.0.get(variable.name)?;
        (!value.is_empty()).then(|| value.into())
    }
}

/// A section of the help.
pub(crate) fn help() -> String {
    let width = ALL.iter().map(|variable| variable.name.len()).max();
    let width = width.unwrap_or_default();
    let line = |variable: &&Variable| format!("\n  {:width$}  {}", variable.name, variable.meaning);
    let lines: String = ALL.iter().map(line).collect();
    format!(
        "Environment; an option goes before its variable, and one that is set to nothing counts as unset:{lines}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_unset_or_refused_and_never_something_else() {
        let empty: Vec<_> = ALL.iter().map(|variable| (variable.name, "")).collect();
        let environment = Environment::of(&empty);
        for variable in ALL {
            let read = environment.get(variable).map_err(|failure| failure.code);
            let expected = match variable.name {
                "ORG42_PROFILE" => Err(Failure::USAGE),
                _ => Ok(None),
            };
            assert_eq!(read, expected, "{}", variable.name);
            assert!(help().contains(variable.name));
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_text_is_named_and_not_repeated() {
        use std::os::unix::ffi::OsStringExt as _;
        for variable in ALL {
            let value = OsString::from_vec(b"hunter\xff".to_vec());
            let environment = Environment(BTreeMap::from([(variable.name, value)]));
            let failure = environment.get(variable).unwrap_err();
            assert_eq!(failure.code, Failure::USAGE);
            assert!(failure.message.contains(variable.name));
            assert!(!failure.message.contains("hunter"));
        }
    }
}
