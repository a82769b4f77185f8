//! The arguments of the verbs on organizations: `org42 tree`, `org42 list` …

use clap::{Args, Subcommand, ValueEnum};
use org42::Org;

#[derive(Debug, Subcommand)]
pub(crate) enum OrgsCommand {
    /// Show organizations as a tree
    Tree(TreeArgs),
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
    Create(CreateOrgArgs),
    /// Change an organization; what is not mentioned stays
    Update(UpdateOrgArgs),
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
    AgentState(AgentStateArgs),
}

impl OrgsCommand {
    /// Returns the organization that the command is about, as the user named it.
    pub(crate) fn organization(&self) -> Option<&str> {
        match self {
            Self::Tree(args) => args.org.as_deref(),
            Self::List { .. } => None,
            Self::Create(args) => Some(&args.name),
            Self::Update(args) => Some(&args.org),
            Self::AgentState(args) => Some(&args.org),
            Self::Show { org }
            | Self::Block { org }
            | Self::Unblock { org }
            | Self::Deactivate { org }
            | Self::Reactivate { org } => Some(org),
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct TreeArgs {
    /// Only this organization and what is below it
    pub(crate) org: Option<String>,
    #[command(flatten)]
    pub(crate) filter: Filter,
}

#[derive(Args, Debug)]
pub(crate) struct CreateOrgArgs {
    /// Its name: 3 to 220 characters
    pub(crate) name: String,
    /// Below which organization; the top one unless given
    #[arg(long)]
    pub(crate) parent: Option<String>,
    /// External reference
    #[arg(long)]
    pub(crate) ext_ref: Option<String>,
    /// Notes
    #[arg(long)]
    pub(crate) notes: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct UpdateOrgArgs {
    /// Which organization
    pub(crate) org: String,
    /// The new name
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The new notes
    #[arg(long)]
    pub(crate) notes: Option<String>,
    /// The new external reference
    #[arg(long)]
    pub(crate) ext_ref: Option<String>,
    /// Empty a field
    #[arg(long, value_name = "FIELD")]
    pub(crate) clear: Vec<Clearable>,
}

#[derive(Args, Debug)]
pub(crate) struct AgentStateArgs {
    /// Which organization
    pub(crate) org: String,
    /// Which property
    pub(crate) property: String,
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

impl Filter {
    /// Returns whether an organization in this state is one of them.
    pub(crate) fn wants_state(self, active: Option<bool>, blocked: Option<bool>) -> bool {
        (!self.active || active == Some(true))
            && (!self.inactive || active == Some(false))
            && (!self.blocked || blocked == Some(true))
    }

    /// Returns whether an organization is one of them.
    pub(crate) fn wants(self, org: &Org) -> bool {
        self.wants_state(org.active, org.blocked)
    }
}
