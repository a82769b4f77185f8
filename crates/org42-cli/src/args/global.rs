//! The options that every command has.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use org42::Flavor;

use crate::duration::duration;

/// Options that every command has.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The tenant, by the name of a profile [env: ORG42_PROFILE]
    #[arg(long, global = true, conflicts_with = "url", value_parser = filled)]
    pub(crate) profile: Option<String>,
    /// The tenant: a host name (https) or a URL [env: ORG42_URL]
    #[arg(long, global = true, value_parser = filled)]
    pub(crate) url: Option<String>,
    /// Which API it speaks: console, crashplan or gateway; taken from the host's name unless given
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
    /// Go on with what came of a listing that is shorter than the server counts; otherwise that ends with 6
    #[arg(long, global = true)]
    pub(crate) allow_partial: bool,
    /// How long the command may take from its start, such as 30s or 2m; ends with 7 when it is over
    #[arg(long, global = true, value_name = "TIME", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    /// How long a server may be silent, such as 180s; 60s unless set, here or by the profile
    #[arg(long, global = true, value_name = "TIME", value_parser = duration)]
    pub(crate) silence: Option<Duration>,
    /// Show each request, attempt, wait and decision on standard error; no secrets
    #[arg(long, global = true)]
    pub(crate) debug: bool,
    /// Write the same to a file, at its end
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) log_file: Option<PathBuf>,
    /// How that file is written
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        requires = "log_file"
    )]
    pub(crate) log_format: LogFormat,
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

/// How a log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// A line for people
    #[default]
    Text,
    /// One document a line
    Json,
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

/// Parses a text that is not blank.
pub(crate) fn filled(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("it is empty; leave the option out, or give it a value".to_owned()),
        _ => Ok(text.to_owned()),
    }
}
