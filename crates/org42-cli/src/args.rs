//! The command line: words, options and their help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use org42::{Flavor, SettingKey, SettingsGroup};

use crate::access::Said;
use crate::authority::words::Authority;
use crate::environment;
use crate::profile::words::Profile;
use crate::settings::Assignment;

const EXIT_CODES: &str = "\
An ORG is an id (up to 10 digits), a uid (18 to 20 digits), a guid, a path (/Europe/Paris, or with the top organization
first; \\/ for a slash in a name), the word my, or a name. id:, uid:, guid:, name: and ext: force a kind.

Exit codes:
  0  done                              5  conflict, or not possible in this state
  1  failed                            7  not reachable, or asked to slow down
  2  wrong usage                       8  declined, or --yes is needed
  3  organization not found or ambiguous, or no such profile
  4  not signed in, or not allowed     9  the profile is read-only
  6  not everything was written       10  something differs from what is expected

The tenant is the one of --profile or --url, else of ORG42_PROFILE or ORG42_URL, else of the default profile, else an
embedded one, filled with a sample at first use; its profile is called embedded.

Certificates are checked against --ca-bundle, else the profile's bundle, else SSL_CERT_FILE (and SSL_CERT_DIR), else
REQUESTS_CA_BUNDLE, else CURL_CA_BUNDLE, else the system's authorities: the first of these counts alone. The proxy is the
profile's, else that of HTTPS_PROXY or HTTP_PROXY, else of ALL_PROXY, in capitals or not; NO_PROXY names exceptions, and
this machine is one. Of these, one that is empty counts as unset, and one that cannot be used ends the command.

Credentials belong together: a profile's name and another one beside it, by an option or a variable, are refused. What a
profile keeps goes before ORG42_PASSWORD and ORG42_API_CLIENT_SECRET. With --url, profiles are not even read.

Commands that only read do so with --dry-run too; what else has no dry run refuses it.";

fn after_help() -> String {
    format!("{EXIT_CODES}\n\n{}", environment::help())
}

/// A text that says something.
pub(crate) fn filled(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("it is empty; leave the option out, or give it a value".to_owned()),
        _ => Ok(text.to_owned()),
    }
}

/// Manages the organizations of Code42, CrashPlan and Incydr tenants.
#[derive(Debug, Parser)]
#[command(name = "org42", version, after_help = after_help(), max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// `org42 orgs list` is `org42 list`.
    pub(crate) fn command_without_noun(self) -> (Global, Verb) {
        match self.command {
            Command::Orgs(verb) | Command::Verb(verb) => (self.global, verb),
        }
    }
}

/// The noun may stand before the verb, as other tools want it.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    Verb(Verb),
    #[command(subcommand, hide = true, alias = "org")]
    Orgs(Verb),
}

/// Options that every command has.
#[derive(Args, Clone, Debug)]
pub(crate) struct Global {
    /// The tenant, by the name of a profile [env: ORG42_PROFILE]
    #[arg(long, global = true, conflicts_with = "url", value_parser = filled)]
    pub(crate) profile: Option<String>,
    /// The tenant: a host name (https) or a URL [env: ORG42_URL]
    #[arg(long, global = true, value_parser = filled)]
    pub(crate) url: Option<String>,
    /// Which API it speaks: console, crashplan or gateway; told from the host's name unless given
    #[arg(long, global = true)]
    pub(crate) flavor: Option<Flavor>,
    /// Sign in as this person; the password comes from ORG42_PASSWORD or a prompt [env: ORG42_USERNAME]
    #[arg(long, global = true, value_parser = filled)]
    pub(crate) username: Option<String>,
    /// A one-time code to sign in with; good for one command [env: ORG42_TOTP]
    #[arg(long, global = true, value_parser = filled)]
    pub(crate) totp: Option<String>,
    /// Trust the certificates in this file (PEM or DER) and no others, such as the one that the server has signed itself
    /// [env: SSL_CERT_FILE, else REQUESTS_CA_BUNDLE, else CURL_CA_BUNDLE]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) ca_bundle: Option<PathBuf>,
    /// How the result is written
    #[arg(
        short,
        long,
        visible_short_alias = 'f',
        visible_alias = "format",
        global = true
    )]
    pub(crate) output: Option<Output>,
    /// Do what is asked without asking back
    #[arg(short, long, visible_alias = "assume-yes", global = true)]
    pub(crate) yes: bool,
    /// Say what would be done, and change nothing
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
}

impl Global {
    /// What these options say about whom and where.
    pub(crate) fn said(&self) -> Said<'_> {
        Said {
            profile: self.profile.as_deref(),
            url: self.url.as_deref(),
            flavor: self.flavor,
            username: self.username.as_deref(),
            totp: self.totp.as_deref(),
        }
    }
}

/// How a result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// Columns for people
    Table,
    /// More columns
    Wide,
    /// One document, with the API's own field names
    #[value(alias = "raw-json", alias = "json-pretty")]
    Json,
    /// One document a line
    #[value(alias = "json-lines")]
    Jsonl,
    /// Comma-separated, with a header
    Csv,
    /// Indented
    Tree,
    /// Only the ids, one a line
    Ids,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Show organizations as a tree
    Tree {
        /// Only this organization and what is below it
        org: Option<String>,
        #[command(flatten)]
        filter: Filter,
    },
    /// List organizations
    List {
        #[command(flatten)]
        filter: Filter,
    },
    /// Show one organization
    #[command(visible_aliases = ["get", "view", "info"])]
    Show {
        /// Which organization
        org: String,
    },
    /// Create an organization
    Create {
        /// Its name: 3 to 220 characters
        name: String,
        /// Below which organization; the top one unless given
        #[arg(long)]
        parent: Option<String>,
        /// External reference
        #[arg(long)]
        ext_ref: Option<String>,
        /// Notes
        #[arg(long)]
        notes: Option<String>,
    },
    /// Change an organization; what is not mentioned stays
    Update {
        /// Which organization
        org: String,
        /// The new name
        #[arg(long)]
        name: Option<String>,
        /// The new notes
        #[arg(long)]
        notes: Option<String>,
        /// The new external reference
        #[arg(long)]
        ext_ref: Option<String>,
        /// Empty a field
        #[arg(long, value_name = "FIELD")]
        clear: Vec<Clearable>,
    },
    /// Block an organization and all below it: no logins, no registrations; backups go on
    Block {
        /// Which organization
        org: String,
    },
    /// Remove a block from an organization and those below it; users stay blocked
    Unblock {
        /// Which organization
        org: String,
    },
    /// Deactivate an organization and all below it: backups stop, archives go to cold storage
    Deactivate {
        /// Which organization
        org: String,
    },
    /// Make an organization active again; backups do not start by themselves
    #[command(visible_alias = "activate")]
    Reactivate {
        /// Which organization
        org: String,
    },
    /// Show what the agents of an organization's devices report, such as fullDiskAccess
    AgentState {
        /// Which organization
        org: String,
        /// Which property
        property: String,
    },
    /// Read, change and compare what organizations are set to
    #[command(subcommand)]
    Settings(Settings),
    /// Show who is signed in, and to which tenant
    Whoami,
    /// Copy a tenant's organizations, users, devices and settings into one of your own, to rehearse on; the tenant is only
    /// read
    Pull {
        /// The directory of the new tenant, for `authority serve --data`
        #[arg(long)]
        into: PathBuf,
        /// Without names, addresses, notes and registration keys
        #[arg(long)]
        anonymize: bool,
    },
    /// Keep tenants and who one is there under names
    #[command(subcommand)]
    Profile(Profile),
    /// Write the completions of a shell
    Completion {
        /// Which shell
        shell: Shell,
    },
    /// Run a tenant of one's own, and use it as a test bench
    #[command(subcommand)]
    Authority(Authority),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Settings {
    /// Show what is in force, whether it is inherited and from where, and whether it is locked
    #[command(visible_alias = "get")]
    Show {
        /// Which organization
        org: String,
        /// Which settings; all of them unless given
        keys: Vec<SettingKey>,
        /// Only what is set here, not what is inherited
        #[arg(long)]
        own: bool,
    },
    /// Change settings, and read back whether they are in force
    Set {
        /// Which organization
        org: String,
        /// What to set: numbers, true or false, unlimited; lists by comma or as JSON
        #[arg(required = true, value_name = "KEY=VALUE")]
        values: Vec<Assignment>,
        /// Also every organization below it; those that have the value already are left alone
        #[arg(short, long)]
        recursive: bool,
        /// Make it the organization's own also where the same value is inherited
        #[arg(long)]
        own: bool,
    },
    /// Go back to the values of the parent
    Inherit {
        /// Which organization
        org: String,
        /// Which settings: quota, reporting or destinations
        group: SettingsGroup,
    },
    /// Show what two organizations have differently
    Diff {
        /// The one
        left: String,
        /// The other
        right: String,
    },
    /// Compare with what is expected; ends with 10 when something differs
    Check {
        /// Which organization
        org: String,
        /// A file, or - for standard input: KEY=VALUE lines, a JSON object, or what `settings show -o json` writes
        #[arg(long, value_name = "FILE")]
        expect: PathBuf,
    },
    /// List every setting with its unit, where it lives and what it means
    Keys,
}

/// A field that can be emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Clearable {
    Notes,
    ExtRef,
}

/// Which organizations; all of them unless narrowed.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Filter {
    /// Only active ones
    #[arg(long, conflicts_with = "inactive")]
    pub(crate) active: bool,
    /// Only deactivated ones
    #[arg(long)]
    pub(crate) inactive: bool,
    /// Only blocked ones
    #[arg(long)]
    pub(crate) blocked: bool,
    /// Every state, which is the default
    #[arg(long, conflicts_with_all = ["active", "inactive", "blocked"])]
    pub(crate) all: bool,
}
