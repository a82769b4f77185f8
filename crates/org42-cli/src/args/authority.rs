//! The arguments of `org42 authority …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use org42::Timestamp;
use org42_authority::Sample;
use serde_json::{Value, json};

use super::listen::ListenArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum AuthorityCommand {
    /// Serve a tenant over HTTP
    ///
    /// As with the real product, anybody with the registration key of an organization can make a user in it, by
    /// registering a device under a name that nobody has yet. A block of the organization stops that.
    Serve(Serve),
    /// Make, list and revoke API clients; works while the tenant is served
    #[command(subcommand)]
    ApiClient(ApiClientCommand),
    /// Make and list users, and what they may do
    #[command(subcommand)]
    User(UserCommand),
    /// Add a sample, in an organization of its own below the top one
    Seed {
        /// Which: small, or a number of organizations
        #[arg(default_value = "small")]
        sample: Sample,
        #[command(flatten)]
        place: Place,
    },
    /// Make the tenant what a new one is; administrators and API clients go on, every other session ends
    Reset {
        /// What it is filled with: small, none, or a number of organizations; unless given, what --sample of
        /// `authority serve` said, or else small
        #[arg(long)]
        sample: Option<Sample>,
        #[command(flatten)]
        place: Place,
    },
    /// Keep the tenant as it is, and bring it back
    #[command(subcommand)]
    Snapshot(SnapshotCommand),
    /// Show the last requests that a served tenant has received, without secrets
    Requests {
        /// Forget them
        #[arg(long)]
        forget: bool,
    },
    /// Let something go wrong in a served tenant
    #[command(subcommand, visible_alias = "fault")]
    Faults(FaultsCommand),
    /// Show, set and move the clock of a served tenant
    #[command(subcommand)]
    Clock(ClockCommand),
    /// Show and set the switches for what is unknown about the real server
    Fidelity {
        /// What to set; all switches are shown in any case
        #[arg(value_name = "NAME=VALUE")]
        switches: Vec<Switch>,
        /// Set all of them as they were at the start first
        #[arg(long)]
        reset: bool,
    },
    /// Print the OpenAPI document of everything that an authority serves
    Openapi,
}

/// Where the tenant is; the one that other commands speak to unless given.
#[derive(Args, Clone, Debug)]
pub(crate) struct Place {
    /// The tenant's directory; works while it is served, and goes before the variables of the environment
    #[arg(long)]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) listen: ListenArgs,
    /// The tenant's directory; made if missing. Unless given, the one that commands use without a --url
    #[arg(long)]
    pub(crate) data: Option<PathBuf>,
    /// What a new tenant is filled with: small, none, or a number of organizations; small unless given
    #[arg(long)]
    pub(crate) sample: Option<Sample>,
    /// The administrator; in a tenant that has none of this name, another one
    #[arg(long, default_value = org42_authority::DEFAULT_ADMIN)]
    pub(crate) admin_username: String,
    /// The administrator's password. Others on this machine can read it: only for tests on loopback
    #[arg(long, conflicts_with = "admin_password_file")]
    pub(crate) admin_password: Option<String>,
    /// A file with the administrator's password
    #[arg(long)]
    pub(crate) admin_password_file: Option<PathBuf>,
    /// A proxy whose word counts for where requests come from, by address or network such as 10.0.0.0/8: failed sign-ins
    /// count against the address in its X-Forwarded-For or Forwarded header. Several times for several
    #[arg(long, value_name = "CIDR")]
    pub(crate) trusted_proxy: Vec<org42_authority::Network>,
    /// How to behave where the real server is unknown, such as null_clears=true; `authority fidelity` shows the switches
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) fidelity: Vec<Switch>,
}

/// A switch and its value.
#[derive(Clone, Debug)]
pub(crate) struct Switch {
    pub(crate) name: String,
    pub(crate) value: Value,
}

impl std::str::FromStr for Switch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text
            .split_once('=')
            .ok_or("NAME=VALUE is wanted, such as null_clears=true")?;
        Ok(Self {
            name: name.to_owned(),
            // What is no number and neither true nor false is a word.
            value: serde_json::from_str(value).unwrap_or_else(|_| json!(value)),
        })
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum ApiClientCommand {
    /// Make an API client; its secret is shown this once
    Create {
        #[command(flatten)]
        place: Place,
    },
    /// List the API clients
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Revoke an API client
    Revoke {
        /// Its id
        client_id: String,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make a user; unless it is given, a password is made and shown this once
    Create {
        /// The name to sign in with
        name: String,
        /// In which organization; the top one unless given
        #[arg(long)]
        org: Option<String>,
        /// What the user may do, by name or id, such as "Org Admin"; several times for several
        #[arg(long, value_name = "ROLE")]
        role: Vec<String>,
        #[command(flatten)]
        secret: NewPassword,
        #[command(flatten)]
        place: Place,
    },
    /// List the users with their roles
    List {
        /// Only those of this organization and below it
        #[arg(long)]
        org: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// List the roles there are
    Roles {
        #[command(flatten)]
        place: Place,
    },
}

/// Where the password of a new user comes from; one is made unless this says.
#[derive(Args, Clone, Debug)]
#[group(multiple = false)]
pub(crate) struct NewPassword {
    /// Read it from standard input
    #[arg(long)]
    pub(crate) password_stdin: bool,
    /// Read it from a file
    #[arg(long)]
    pub(crate) password_file: Option<PathBuf>,
    /// Give none: nobody signs in as this user
    #[arg(long)]
    pub(crate) no_password: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SnapshotCommand {
    /// Save the tenant as it is
    Save {
        /// Under which name
        name: String,
        /// Write over the one that has this name
        #[arg(long)]
        replace: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Make the tenant what it was then; says before what comes back and what does not
    ///
    /// The administrators and API clients of now go on signing in. Who had a role then and has it no more comes back
    /// without it, and every session from before ends.
    Restore {
        /// Which one
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// List the snapshots
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Delete a snapshot
    Delete {
        /// Which one
        name: String,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum FaultsCommand {
    /// List those in force, with how many requests each has hit
    List,
    /// Add one; of several that are meant for a request the oldest hits
    Add(Fault),
    /// Take all away
    Clear,
}

#[derive(Args, Debug)]
pub(crate) struct Fault {
    /// Which requests: a path, * for one part of it, ** at the end for any number, such as '/api/v3/orgs/*/block'
    pub(crate) path: String,
    /// Only requests with this method
    #[arg(long, global = true)]
    pub(crate) method: Option<String>,
    /// How many requests; all unless given
    #[arg(long, global = true)]
    pub(crate) count: Option<u64>,
    /// How likely a request is hit, from 0 to 1
    #[arg(long, global = true, default_value_t = 1.0, value_parser = probability)]
    pub(crate) probability: f64,
    /// The same seed hits the same requests
    #[arg(long, global = true, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Carry the request out before it goes wrong
    #[arg(long, global = true)]
    pub(crate) applied: bool,
    #[command(subcommand)]
    pub(crate) trouble: Trouble,
}

/// Parses a number from 0 to 1.
fn probability(text: &str) -> Result<f64, String> {
    let number = text.parse().ok();
    let number = number.filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "a number from 0 to 1 is wanted".to_owned())
}

/// What goes wrong.
#[derive(Debug, Subcommand)]
pub(crate) enum Trouble {
    /// Answer with a status
    Status {
        /// From 200 to 599
        status: u16,
        /// The body of the answer
        #[arg(long, default_value = "")]
        body: String,
        /// Of which type it is; JSON unless given
        #[arg(long)]
        content_type: Option<String>,
    },
    /// Answer 429, and when to try again
    TooManyRequests {
        /// In how many seconds
        #[arg(long, default_value_t = 1)]
        retry_after: u32,
        /// Say it as a date
        #[arg(long)]
        as_date: bool,
    },
    /// Answer later
    Delay {
        /// By how many milliseconds
        millis: u64,
    },
    /// Send the body of the answer in pieces
    SlowBody {
        /// How many
        #[arg(long, default_value_t = 10)]
        pieces: u32,
        /// How many milliseconds before each
        #[arg(long, default_value_t = 100)]
        pause_millis: u64,
    },
    /// End the connection in the middle of the answer's body
    TruncatedBody,
    /// Reset the connection; with --applied after the request was carried out
    Reset,
    /// Answer 401, as for a token that is not good any more
    ExpiredToken,
    /// Answer 200 with what looks like JSON only at first
    InvalidJson,
    /// Answer 200 with a page for people
    HtmlPage,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClockCommand {
    /// Show the time, and whether the clock runs
    Show,
    /// Show this time, and stand still
    Set {
        /// Such as 2027-01-01T00:00:00Z
        time: Timestamp,
    },
    /// Show a later time
    Advance {
        /// By how much: 90s, 30m, 12h or 15d
        by: Span,
    },
    /// Stand still
    Stop,
    /// Run on from the time that is shown
    Run,
    /// Show the machine's time again
    Reset,
}

/// A span of time, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) u32);

impl std::str::FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = || format!("{text:?} is no span of time such as 90s, 30m, 12h or 15d");
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let seconds = match &text[digits.len()..] {
            "" | "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => return Err(wanted()),
        };
        let number: u32 = digits.parse().map_err(|_| wanted())?;
        number.checked_mul(seconds).map(Self).ok_or_else(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_a_unit() {
        let read = |text: &str| text.parse::<Span>().ok().map(|Span(seconds)| seconds);
        assert_eq!(read("90"), Some(90));
        assert_eq!(read("90s"), Some(90));
        assert_eq!(read("30m"), Some(1800));
        assert_eq!(read("15d"), Some(1_296_000));
        for text in ["", "d", "-5s", "1.5h", "3w", "5 m", "4294967295d", "1é"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_switch_is_a_number_a_yes_or_no_or_a_word() {
        let read = |text: &str| text.parse::<Switch>().map(|switch| switch.value);
        assert_eq!(read("rule_status=409"), Ok(json!(409)));
        assert_eq!(read("null_clears=true"), Ok(json!(true)));
        assert_eq!(read("v3_dates=iso"), Ok(json!("iso")));
        assert!(read("null_clears").is_err());
    }
}
