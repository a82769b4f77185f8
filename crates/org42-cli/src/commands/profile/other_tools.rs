//! Reads the profiles of other tools. Their secrets stay where they are.

use std::io::ErrorKind;
use std::path::Path;

use ini::Ini;

use crate::args::Tool;
use crate::env::{Environment, INCYDR_API_CLIENT_ID, INCYDR_URL};
use crate::exit::{Exit, Failure};
use crate::input;
use crate::profile::Profile;

/// The profiles that were found, by name, and the one that the tool uses by default.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) profiles: Vec<(String, Profile)>,
    pub(crate) default: Option<String>,
    /// Remarks for the user, about what could not be taken over.
    pub(crate) remarks: Vec<String>,
}

/// Reads the profiles of a tool.
pub(crate) fn read(tool: Tool, home: &Path, environment: &Environment) -> Result<Found, Failure> {
    let file = match tool {
        Tool::Code42Cli => home.join(".code42cli").join("config.cfg"),
        Tool::CrashPlanCli => home.join(".crashplancli").join("config.cfg"),
        Tool::Incydr => home.join(".config").join("incydr").join(".env"),
    };
    if tool == Tool::Incydr {
        // Incydr looks where it is started first.
        let texts = [if_there(Path::new(".env"))?, if_there(&file)?];
        let url = environment.get(&INCYDR_URL)?;
        let id = environment.get(&INCYDR_API_CLIENT_ID)?;
        return incydr(&texts, |name| match name == INCYDR_URL.name {
            true => url.clone(),
            false => id.clone(),
        });
    }
    let text = input::text(&file).map_err(|error| {
        let message = format!("cannot read {}", file.display());
        Failure::because(Exit::NotFound, message, error)
    })?;
    code42(&text)
}

/// Returns the text of a file, or nothing where there is none.
fn if_there(file: &Path) -> Result<String, Failure> {
    match input::text(file) {
        Ok(text) => Ok(text),
        // A directory of this name is something else, such as Python's.
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory
            ) =>
        {
            Ok(String::new())
        }
        Err(error) => {
            let message = format!("cannot read {}", file.display());
            Err(Failure::because(Exit::Failed, message, error))
        }
    }
}

/// Reads the format that code42cli and crashplancli share.
fn code42(text: &str) -> Result<Found, Failure> {
    let file = Ini::load_from_str_noescape(text).map_err(|error| unreadable(&error))?;
    let mut found = Found::default();
    for (section, keys) in &file {
        let Some(name) = section else { continue };
        if name == "Internal" {
            found.default = keys
                .get("default_profile")
                .filter(|name| *name != "__DEFAULT__")
                .map(plain_name);
            continue;
        }
        // Each of the two tools has a prefix of its own.
        let known = |key: &str| {
            let mut values = ["c42", "cpg"]
                .into_iter()
                .filter_map(|tool| keys.get(format!("{tool}_{key}")));
            values.find(|value| *value != "__DEFAULT__")
        };
        let (Some(url), Some(who)) = (known("authority_url"), known("username")) else {
            found
                .remarks
                .push(format!("{name} has no address or no user"));
            continue;
        };
        if keys.get("ignore-ssl-errors") == Some("True") {
            found.remarks.push(format!(
                "{name} did not check certificates; org42 does: give --ca-bundle if yours are your own"
            ));
        }
        let plain = plain_name(name);
        if plain != name {
            found
                .remarks
                .push(format!("{name:?} is called {plain} here"));
        }
        let is_client = keys.get("api-client-auth") == Some("True");
        let who = Some(who.to_owned());
        found.profiles.push((
            plain,
            Profile {
                url: url.to_owned(),
                username: who.clone().filter(|_| !is_client),
                api_client_id: who.filter(|_| is_client),
                ..Profile::default()
            },
        ));
    }
    Ok(found)
}

/// Returns a name that a profile can have: letters that it cannot have become dashes.
fn plain_name(name: &str) -> String {
    let plain = |c: char| match c.is_ascii_alphanumeric() || "-_.".contains(c) {
        true => c,
        false => '-',
    };
    name.chars().map(plain).collect()
}

/// Reads variables, and for those that are not set files of `NAME=value`.
fn incydr(texts: &[String], variable: impl Fn(&str) -> Option<String>) -> Result<Found, Failure> {
    let value = |name: &str| {
        let in_files = || texts.iter().find_map(|text| in_env_file(text, name));
        variable(name).or_else(in_files)
    };
    let (Some(url), Some(id)) = (value("INCYDR_URL"), value("INCYDR_API_CLIENT_ID")) else {
        let message = "there is no INCYDR_URL or no INCYDR_API_CLIENT_ID, nor a file ~/.config/incydr/.env with them";
        return Err(Failure::new(Exit::NotFound, message));
    };
    let profile = Profile {
        url,
        api_client_id: Some(id),
        ..Profile::default()
    };
    Ok(Found {
        profiles: vec![("incydr".to_owned(), profile)],
        ..Found::default()
    })
}

/// Returns the value of a line `NAME=value`, perhaps quoted and behind `export`, in any case of the name.
fn in_env_file(text: &str, name: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (key, value) = line.split_once('=')?;
        let value = value.trim();
        let unquoted = ['"', '\''].into_iter().find_map(|quote| {
            value
                .strip_prefix(quote)
                .and_then(|value| value.strip_suffix(quote))
        });
        key.trim()
            .eq_ignore_ascii_case(name)
            .then(|| unquoted.unwrap_or(value).to_owned())
    })
}

fn unreadable(error: &ini::ParseError) -> Failure {
    // The line itself may be a secret.
    let message = format!("line {} of the tool's file cannot be read", error.line);
    Failure::failed(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_of_code42cli_are_read() {
        let text = "\
[Internal]
default_profile = work

[work]
c42_authority_url = console.us.code42.com
c42_username = ann@example.com
ignore-ssl-errors = True
api-client-auth = False

[robot]
cpg_authority_url = https://console.us2.crashplan.com
cpg_username = key-42-abc
api-client-auth = True

[half]
c42_authority_url = __DEFAULT__
c42_username = __DEFAULT__
";
        let found = code42(text).unwrap();
        let person = Profile {
            url: "console.us.code42.com".to_owned(),
            username: Some("ann@example.com".to_owned()),
            ..Profile::default()
        };
        let robot = Profile {
            url: "https://console.us2.crashplan.com".to_owned(),
            api_client_id: Some("key-42-abc".to_owned()),
            ..Profile::default()
        };
        assert_eq!(
            found.profiles,
            [("work".to_owned(), person), ("robot".to_owned(), robot)]
        );
        assert_eq!(found.default.as_deref(), Some("work"));
        assert_eq!(found.remarks.len(), 2);
    }

    #[test]
    fn the_environment_goes_before_the_file() {
        let text = "INCYDR_URL=\"https://api.us.code42.com\"\nincydr_api_client_id=key-42-file\nINCYDR_API_CLIENT_SECRET=s3cret\n";
        let found = incydr(&[String::new(), text.to_owned()], |name| {
            (name == "INCYDR_API_CLIENT_ID").then(|| "key-42-env".to_owned())
        })
        .unwrap();
        let (name, profile) = &found.profiles[0];
        assert_eq!(name, "incydr");
        assert_eq!(profile.url, "https://api.us.code42.com");
        assert_eq!(profile.api_client_id.as_deref(), Some("key-42-env"));
        assert!(!format!("{found:?}").contains("s3cret"));
        let exported = "export INCYDR_URL='https://api.us.code42.com'\nINCYDR_API_CLIENT_ID = key-42-x\n=\n[\n";
        let found = incydr(&[exported.to_owned()], |_| None).unwrap();
        assert_eq!(
            found.profiles[0].1.api_client_id.as_deref(),
            Some("key-42-x")
        );
        assert!(incydr(&[], |_| None).is_err());
    }
}
