//! Which global options each command honours. The others are refused, so that no user believes a tenant was chosen, or a
//! change only tried, where it was not.

use std::ffi::OsString;

use super::Verb;
use super::authority::{
    ApiClientCommand, AuthorityCommand, FaultsCommand, Place, SnapshotCommand, UserCommand,
};
use super::global::Global;
use super::profile::ProfileCommand;
use super::settings::SettingsCommand;

/// What a command does with the global options.
#[derive(Clone, Copy)]
struct Scope {
    /// The options about tenant and caller that it honours.
    takes: &'static [&'static str],
    /// Why it honours no others.
    why: &'static str,
    dry_run: bool,
    /// Whether it writes a result.
    result: bool,
}

const URL: &str = "--url";
const PROFILE: &str = "--profile";
const USERNAME: &str = "--username";
const FLAVOR: &str = "--flavor";
const TOTP: &str = "--totp";
const CA_BUNDLE: &str = "--ca-bundle";

/// The scope of a command that reads a tenant, or that can say what it would change.
const TENANT: Scope = Scope {
    takes: &[URL, PROFILE, USERNAME, FLAVOR, TOTP, CA_BUNDLE],
    why: "",
    dry_run: true,
    result: true,
};

/// The scope of a command on an authority itself.
const AUTHORITY: Scope = Scope {
    dry_run: false,
    ..TENANT
};

/// The scope of a command without a tenant.
const ALONE: Scope = Scope {
    takes: &[],
    why: "this command has to do with no tenant that options choose",
    dry_run: false,
    result: false,
};

/// The scope of a command on profiles.
const PROFILES: Scope = Scope {
    why: "the profile's name says which one is meant",
    result: true,
    ..ALONE
};

impl Scope {
    const fn without_result(self) -> Self {
        Self {
            result: false,
            ..self
        }
    }

    const fn at(self, place: &Place) -> Self {
        match place.data {
            None => self,
            Some(_) => Self {
                takes: &[],
                why: "--data says which tenant is meant",
                ..self
            },
        }
    }

    fn of(verb: &Verb) -> Self {
        match verb {
            Verb::Completion { .. } => ALONE,
            Verb::Pull(_) => TENANT.without_result(),
            Verb::Settings(SettingsCommand::Keys) => Self {
                result: true,
                dry_run: true,
                ..ALONE
            },
            Verb::Profile(command) => Self::of_profile(command),
            Verb::Authority(command) => Self::of_authority(command),
            Verb::Orgs(_) | Verb::Settings(_) | Verb::Whoami => TENANT,
        }
    }

    fn of_profile(command: &ProfileCommand) -> Self {
        match command {
            ProfileCommand::Create(_) => Self {
                takes: &[URL, USERNAME, FLAVOR, TOTP, CA_BUNDLE],
                ..PROFILES
            },
            ProfileCommand::Update(_) => Self {
                takes: &[URL, USERNAME, FLAVOR, CA_BUNDLE],
                ..PROFILES
            },
            ProfileCommand::Show { name: None } => Self {
                takes: &[PROFILE],
                ..PROFILES
            },
            ProfileCommand::Test { name: None } => Self {
                takes: &[PROFILE, TOTP, CA_BUNDLE],
                ..PROFILES
            },
            ProfileCommand::Test { name: Some(_) } => Self {
                takes: &[TOTP, CA_BUNDLE],
                ..PROFILES
            },
            ProfileCommand::List => Self {
                why: "all profiles are listed, whatever their tenant",
                ..PROFILES
            },
            ProfileCommand::Show { .. }
            | ProfileCommand::Use { .. }
            | ProfileCommand::Rename { .. }
            | ProfileCommand::SetSecret { .. } => PROFILES,
            ProfileCommand::Delete { .. } | ProfileCommand::Import { .. } => {
                PROFILES.without_result()
            }
        }
    }

    fn of_authority(command: &AuthorityCommand) -> Self {
        match command {
            AuthorityCommand::Serve(_) | AuthorityCommand::Openapi => ALONE,
            AuthorityCommand::ApiClient(
                ApiClientCommand::Create { place } | ApiClientCommand::List { place },
            ) => AUTHORITY.at(place),
            AuthorityCommand::ApiClient(ApiClientCommand::Revoke { place, .. }) => {
                AUTHORITY.without_result().at(place)
            }
            AuthorityCommand::User(
                UserCommand::Create { place, .. }
                | UserCommand::List { place, .. }
                | UserCommand::Roles { place },
            )
            | AuthorityCommand::Seed { place, .. }
            | AuthorityCommand::Snapshot(SnapshotCommand::List { place }) => AUTHORITY.at(place),
            AuthorityCommand::Reset { place, .. }
            | AuthorityCommand::Snapshot(
                SnapshotCommand::Save { place, .. }
                | SnapshotCommand::Restore { place, .. }
                | SnapshotCommand::Delete { place, .. },
            ) => AUTHORITY.without_result().at(place),
            AuthorityCommand::Requests { forget: true }
            | AuthorityCommand::Faults(FaultsCommand::Clear) => AUTHORITY.without_result(),
            AuthorityCommand::Requests { .. }
            | AuthorityCommand::Faults(_)
            | AuthorityCommand::Clock(_)
            | AuthorityCommand::Fidelity { .. } => AUTHORITY,
        }
    }
}

/// Refuses an option that stands before the command and behind it: only one of the two would count.
pub(super) fn check_once(words: impl Iterator<Item = OsString>) -> Result<(), String> {
    let words: Vec<OsString> = words.take_while(|word| word != "--").collect();
    let is = |word: &OsString, option: &str| {
        let rest = word.to_str().and_then(|word| word.strip_prefix(option));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    };
    let twice = |option: &&&str| words.iter().filter(|word| is(word, option)).count() > 1;
    match TENANT.takes.iter().find(twice) {
        Some(option) => {
            let message = format!("{option} is given twice; nothing was done");
            Err(message)
        }
        None => Ok(()),
    }
}

/// Refuses the options that a command would not honour.
pub(super) fn check(global: &Global, verb: &Verb) -> Result<(), String> {
    let scope = Scope::of(verb);
    let refuse = |message: String| Err(message);
    let given = [
        (URL, global.url.is_some()),
        (PROFILE, global.profile.is_some()),
        (USERNAME, global.username.is_some()),
        (FLAVOR, global.flavor.is_some()),
        (TOTP, global.totp.is_some()),
        (CA_BUNDLE, global.ca_bundle.is_some()),
    ];
    let mut given = given.iter().filter(|(_, given)| *given);
    if let Some((option, _)) = given.find(|(option, _)| !scope.takes.contains(option)) {
        return refuse(format!(
            "{option} means nothing here: {}; nothing was done",
            scope.why
        ));
    }
    // One before the command and one behind it are two all the same.
    if global.url.is_some() && global.profile.is_some() {
        return refuse("--url and --profile both say a tenant: give one".to_owned());
    }
    if global.dry_run && !scope.dry_run {
        return refuse("--dry-run: this command has no dry run; nothing was done".to_owned());
    }
    match global.output.is_some() && !scope.result {
        true => refuse(
            "--output: this command has no result to be written; nothing was done".to_owned(),
        ),
        false => Ok(()),
    }
}
