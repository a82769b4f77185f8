//! What a tenant is, and its rules, as values and pure functions; nothing that reads, stores, waits or speaks HTTP.
//!
//! A block or a deactivation is *one mark on one organization*. What it means for everything below is worked out from
//! the way down, the organizations from the top one to the one in question, so that it takes effect at once and costs
//! the same for ten organizations and for a million.

mod callers;
pub mod device_defaults;
mod ids;
mod model;
mod refusal;
pub mod rules;
pub mod settings;
mod state;

pub use callers::{ApiClient, EndedToken, KeyedAnswer};
pub use ids::Entropy;
pub use model::{
    AgentStateRow, Archive, BackupPlan, Cold, Deactivation, Device, HoldDays, Mark, OrgRecord,
    Path, Revision, RowChange, Stamp, Tenant, Totp, User,
};
pub use org42_types::roles;
pub use refusal::TenantRefusal;
pub use state::{ArchiveState, DeviceState, OrgState, Retention, StatesInPathOrder, UserState};
