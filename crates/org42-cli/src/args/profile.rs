//! The arguments of `org42 profile …`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::global::filled;

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileCommand {
    /// Make a profile of the tenant at --url, and sign in to see that it works
    ///
    /// It keeps --url, --flavor, --username and --ca-bundle too.
    Create(CreateProfile),
    /// Change a profile; what is not mentioned stays
    ///
    /// What it keeps is for its tenant and for who signs in there: with another --url, --username or --api-client-id the
    /// kept secret, the password command, the secret of one-time codes and the token are forgotten, and asked for anew.
    Update(UpdateProfile),
    /// List the profiles
    List,
    /// Show a profile; no secret is shown
    Show {
        /// Which one; the default one unless given
        name: Option<String>,
    },
    /// Make a profile the default; embedded stands for the embedded tenant
    Use {
        /// Which one
        name: String,
    },
    /// Sign in, and change nothing
    Test {
        /// Which one; the default one unless given
        name: Option<String>,
    },
    /// Give a profile another name
    Rename {
        /// Which one
        name: String,
        /// The new name
        new: String,
    },
    /// Keep another password or API client secret for a profile, or the secret of its one-time codes
    SetSecret {
        /// Which one
        name: String,
        #[command(flatten)]
        secret: Secret,
        /// A file with the secret that an authenticator app is given; the password stays unless it is given too
        #[arg(long)]
        totp_secret_file: Option<PathBuf>,
    },
    /// Forget a profile and its secrets; asks first
    Delete {
        /// Which one
        name: String,
    },
    /// Take over the profiles of another tool; their secrets stay where they are
    Import {
        /// Which tool
        #[arg(long)]
        from: Tool,
    },
}

#[derive(Args, Debug)]
pub(crate) struct CreateProfile {
    /// The profile's name
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) way: Way,
    /// Refuse every command that would change something
    #[arg(long)]
    pub(crate) read_only: bool,
    /// Do not sign in
    #[arg(long)]
    pub(crate) no_test: bool,
}

#[derive(Args, Debug)]
pub(crate) struct UpdateProfile {
    /// Which one
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) way: Way,
    /// Whether to refuse every command that would change something
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub(crate) read_only: Option<bool>,
    /// Take a value away
    #[arg(long, value_name = "FIELD")]
    pub(crate) clear: Vec<ProfileField>,
}

impl UpdateProfile {
    /// Returns whether nothing is given.
    pub(crate) fn is_empty(&self) -> bool {
        let given = self.way.api_client_id.is_some()
            || self.way.secret.is_given()
            || self.way.totp_secret_file.is_some()
            || self.read_only.is_some()
            || self.way.proxy.is_some();
        !given && self.clear.is_empty()
    }
}

/// The caller of a profile and the way to its tenant, beside the global options.
#[derive(Args, Debug)]
pub(crate) struct Way {
    /// Sign in as this API client instead of a person
    #[arg(long, value_parser = filled)]
    pub(crate) api_client_id: Option<String>,
    #[command(flatten)]
    pub(crate) secret: Secret,
    /// A file with the secret that an authenticator app is given; one-time codes are computed from it
    #[arg(long)]
    pub(crate) totp_secret_file: Option<PathBuf>,
    /// Go through this proxy: http://HOST:PORT, https://, socks5:// or socks5h:// (names are looked up there)
    #[arg(long)]
    pub(crate) proxy: Option<String>,
}

/// A field of a profile that can be taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileField {
    Flavor,
    Proxy,
    CaBundle,
    Totp,
    Silence,
}

/// Where a password, or the secret of an API client, comes from; it is asked for unless this says.
#[derive(Args, Clone, Debug)]
#[group(multiple = false)]
pub(crate) struct Secret {
    /// Read it from standard input
    #[arg(long)]
    pub(crate) password_stdin: bool,
    /// Read it from a file, which is - for standard input: the first line, in UTF-8 or UTF-16
    #[arg(long)]
    pub(crate) password_file: Option<PathBuf>,
    /// Run this command whenever it is needed; its first line of output is it
    #[arg(long)]
    pub(crate) password_command: Option<String>,
    /// Keep none: it comes from ORG42_PASSWORD or ORG42_API_CLIENT_SECRET, or a prompt, whenever it is needed
    #[arg(long)]
    pub(crate) no_password: bool,
}

impl Secret {
    /// Returns whether any of these options is given.
    pub(crate) fn is_given(&self) -> bool {
        self.password_stdin
            || self.no_password
            || self.password_file.is_some()
            || self.password_command.is_some()
    }
}

/// A tool that has profiles, or something like it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tool {
    /// `~/.code42cli/config.cfg`
    #[value(name = "code42cli")]
    Code42Cli,
    /// `~/.crashplancli/config.cfg`
    #[value(name = "crashplancli")]
    CrashPlanCli,
    /// INCYDR_URL and INCYDR_API_CLIENT_ID, or ~/.config/incydr/.env
    Incydr,
}
