//! The command line: its arguments, their help, and which of them go together. Belongs here: everything that clap reads.
//! Does not: what a command does, or what it writes.

mod authority;
mod global;
mod help;
mod listen;
mod orgs;
mod profile;
mod scope;
mod settings;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use authority::{
    ApiClientCommand, AuthorityCommand, ClockCommand, Fault, FaultsCommand, NewPassword, Place,
    Serve, SnapshotCommand, Switch, Trouble, UserCommand,
};
pub(crate) use global::{Global, LogFormat, Output};
pub(crate) use listen::{Listen, ListenArgs, ListenHost};
pub(crate) use orgs::{
    AgentStateArgs, Clearable, CreateOrgArgs, Filter, OrgsCommand, TreeArgs, UpdateOrgArgs,
};
pub(crate) use profile::{
    CreateProfile, ProfileCommand, ProfileField, Secret, Tool, UpdateProfile,
};
pub(crate) use settings::{SetArgs, SettingsCommand, ShowArgs};

/// Manages the organizations of Code42, CrashPlan and Incydr tenants.
#[derive(Debug, Parser)]
#[command(name = "org42", version, after_help = help::after_help(), max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

impl Cli {
    /// Returns the form that was asked for.
    pub(crate) fn output(&self) -> Option<Output> {
        self.global.output
    }

    /// Returns the options and the verb: `org42 orgs list` is `org42 list`. Refuses an option that the verb would not
    /// honour, or that stands twice among `words`.
    pub(crate) fn checked(
        self,
        words: impl Iterator<Item = OsString>,
    ) -> Result<(Global, Verb), String> {
        let (Command::Orgs(verb) | Command::Verb(verb)) = self.command;
        scope::check_once(words)?;
        scope::check(&self.global, &verb)?;
        Ok((self.global, verb))
    }
}

/// The verb, perhaps behind its noun, as other tools have it.
#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Verb(Verb),
    #[command(subcommand, hide = true, alias = "org")]
    Orgs(Verb),
}

/// What is to be done, by noun.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    #[command(flatten)]
    Orgs(OrgsCommand),
    /// Read, change and compare what organizations are set to
    #[command(subcommand)]
    Settings(SettingsCommand),
    /// Show who is signed in, and to which tenant
    Whoami,
    /// Copy a tenant's organizations, users, devices and settings into one of your own, to rehearse on; the tenant is only
    /// read
    Pull(PullArgs),
    /// Keep tenants and who one is there under names
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Write the completions of a shell
    Completion {
        /// Which shell
        shell: Shell,
    },
    /// Run a tenant of one's own, and use it as a test bench
    #[command(subcommand)]
    Authority(AuthorityCommand),
}

/// Returns whether JSON was asked for by words that are no command line otherwise.
pub(crate) fn wants_json(words: impl Iterator<Item = OsString>) -> bool {
    let words: Vec<String> = words
        .take_while(|word| word != "--")
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let is_json = |form: &str| {
        matches!(
            form,
            "json" | "jsonl" | "raw-json" | "json-pretty" | "json-lines"
        )
    };
    let by_one = words.iter().any(|word| {
        let forms = ["--output=", "--format=", "-o=", "-f=", "-o", "-f"];
        let form = forms.iter().find_map(|option| word.strip_prefix(option));
        form.is_some_and(is_json)
    });
    let by_two = words.windows(2).any(|pair| {
        matches!(pair[0].as_str(), "-o" | "-f" | "--output" | "--format") && is_json(&pair[1])
    });
    by_one || by_two
}

impl Verb {
    /// Returns the organization that the command is about, as the user named it.
    pub(crate) fn organization(&self) -> Option<&str> {
        match self {
            Self::Orgs(command) => command.organization(),
            Self::Settings(command) => command.organization(),
            _ => None,
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct PullArgs {
    /// The directory of the new tenant, for `authority serve --data`
    #[arg(long)]
    pub(crate) into: PathBuf,
    /// Without names, addresses, notes and registration keys
    #[arg(long)]
    pub(crate) anonymize: bool,
}
