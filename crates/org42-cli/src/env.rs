//! The registry of environment variables. The help and `docs/COMMAND.md` come from it.
//!
//! The command's own variables are read here alone. Those of certificates and proxies are read by the SDK and stand here
//! to be documented.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::exit::Failure;

/// A variable, and what the help says about it.
#[derive(Debug)]
pub(crate) struct Variable {
    pub(crate) name: &'static str,
    meaning: &'static str,
    empty: Empty,
}

/// What it means that a variable is set to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Empty {
    /// The same as not being set.
    Unset,
    /// A mistake, which is refused.
    Refused,
}

/// Declares the variables, and the list of all of them: what documents one is what the help says of it.
macro_rules! registry {
    ($(#[doc = $meaning:literal] $empty:ident $constant:ident = $name:literal;)+) => {
        $(
            #[doc = $meaning]
            pub(crate) const $constant: Variable = Variable {
                name: $name,
                meaning: $meaning.trim_ascii_start(),
                empty: Empty::$empty,
            };
        )+

        /// Every variable, in the order of the help.
        const ALL: &[&Variable] = &[$(&$constant),+];
    };
}

registry! {
    /// the tenant, by the name of a profile; set to nothing, it is refused
    Refused PROFILE = "ORG42_PROFILE";
    /// the tenant: a host name (https) or a URL
    Unset URL = "ORG42_URL";
    /// the person who signs in
    Unset USERNAME = "ORG42_USERNAME";
    /// that person's password
    Unset PASSWORD = "ORG42_PASSWORD";
    /// a one-time code of that person
    Unset TOTP = "ORG42_TOTP";
    /// the API client that signs in instead of a person
    Unset API_CLIENT_ID = "ORG42_API_CLIENT_ID";
    /// that API client's secret
    Unset API_CLIENT_SECRET = "ORG42_API_CLIENT_SECRET";
    /// below it are profiles, secrets, tokens and the embedded tenant, unless the next three say where
    Unset HOME = "HOME";
    /// where profiles are, instead of ~/.config; an absolute path, as the next two
    Unset XDG_CONFIG_HOME = "XDG_CONFIG_HOME";
    /// where secrets and the embedded tenant are, instead of ~/.local/share
    Unset XDG_DATA_HOME = "XDG_DATA_HOME";
    /// where tokens are, instead of ~/.cache
    Unset XDG_CACHE_HOME = "XDG_CACHE_HOME";
    /// the tenant that profile import --from incydr takes over
    Unset INCYDR_URL = "INCYDR_URL";
    /// the API client that it takes over
    Unset INCYDR_API_CLIENT_ID = "INCYDR_API_CLIENT_ID";
    /// a file with the certificates to trust, and no others
    Unset SSL_CERT_FILE = "SSL_CERT_FILE";
    /// directories with such files, beside it or alone
    Unset SSL_CERT_DIR = "SSL_CERT_DIR";
    /// the same file, as Python's requests call it
    Unset REQUESTS_CA_BUNDLE = "REQUESTS_CA_BUNDLE";
    /// the same file, as curl calls it
    Unset CURL_CA_BUNDLE = "CURL_CA_BUNDLE";
    /// the proxy for https; this one and the next three also in small letters
    Unset HTTPS_PROXY = "HTTPS_PROXY";
    /// the proxy for http
    Unset HTTP_PROXY = "HTTP_PROXY";
    /// the proxy where neither says one
    Unset ALL_PROXY = "ALL_PROXY";
    /// names that are reached without a proxy
    Unset NO_PROXY = "NO_PROXY";
}

/// The variables that are set.
pub(crate) struct Environment(BTreeMap<&'static str, OsString>);

impl Environment {
    /// Reads the variables of this process.
    pub(crate) fn of_process() -> Self {
        let set = |variable: &&Variable| Some((variable.name, std::env::var_os(variable.name)?));
        Self(ALL.iter().filter_map(set).collect())
    }

    /// Returns an environment in which nothing is set.
    pub(crate) fn none() -> Self {
        Self(BTreeMap::new())
    }

    #[cfg(test)]
    pub(crate) fn of(pairs: &[(&'static str, &str)]) -> Self {
        let pairs = pairs.iter();
        Self(pairs.map(|(name, value)| (*name, value.into())).collect())
    }

    /// Returns the value, unless the variable counts as unset.
    pub(crate) fn get(&self, variable: &Variable) -> Result<Option<String>, Failure> {
        let Some(value) = self.0.get(variable.name) else {
            return Ok(None);
        };
        let refused = |why: &str| {
            let message = format!("the environment variable {} {why}", variable.name);
            Failure::usage(message)
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

    /// Returns the value as a path, which need not be text.
    pub(crate) fn path(&self, variable: &Variable) -> Option<PathBuf> {
        let value = self.0.get(variable.name)?;
        (!value.is_empty()).then(|| value.into())
    }
}

/// Returns the name and the meaning of every variable, in the order of the help.
pub(crate) fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    ALL.iter().map(|variable| (variable.name, variable.meaning))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    #[test]
    fn nothing_is_unset_or_refused_and_never_something_else() {
        let empty: Vec<_> = ALL.iter().map(|variable| (variable.name, "")).collect();
        let environment = Environment::of(&empty);
        for variable in ALL {
            let read = environment.get(variable).map_err(|failure| failure.exit);
            let expected = match variable.name {
                "ORG42_PROFILE" => Err(Exit::Usage),
                _ => Ok(None),
            };
            assert_eq!(read, expected, "{}", variable.name);
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
            assert_eq!(failure.exit, Exit::Usage);
            assert!(failure.text().contains(variable.name));
            assert!(!failure.text().contains("hunter"));
        }
    }
}
