//! The arguments of `org42 settings …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use org42::{SettingKey, SettingsGroup};
use org42_admin::Assignment;

#[derive(Debug, Subcommand)]
pub(crate) enum SettingsCommand {
    /// Show what is in force, whether it is inherited and from where, and whether it is locked
    #[command(visible_alias = "get")]
    Show(ShowArgs),
    /// Change settings, and read back whether they are in force
    Set(SetArgs),
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

impl SettingsCommand {
    /// Returns the organization that the command is about, as the user named it; none where there are two.
    pub(crate) fn organization(&self) -> Option<&str> {
        match self {
            Self::Show(args) => Some(&args.org),
            Self::Set(args) => Some(&args.org),
            Self::Inherit { org, .. } | Self::Check { org, .. } => Some(org),
            Self::Diff { .. } | Self::Keys => None,
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct ShowArgs {
    /// Which organization
    pub(crate) org: String,
    /// Which settings; all of them unless given
    pub(crate) keys: Vec<SettingKey>,
    /// Only what is set here, not what is inherited
    #[arg(long)]
    pub(crate) own: bool,
}

#[derive(Args, Debug)]
pub(crate) struct SetArgs {
    /// Which organization
    pub(crate) org: String,
    /// What to set: numbers, true or false, unlimited; lists by comma or as JSON
    #[arg(required = true, value_name = "KEY=VALUE")]
    pub(crate) values: Vec<Assignment>,
    /// Also every organization below it; those that have the value already are left alone
    #[arg(short, long)]
    pub(crate) recursive: bool,
    /// Make it the organization's own also where the same value is inherited
    #[arg(long)]
    pub(crate) own: bool,
}
