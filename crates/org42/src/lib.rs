//! Manage the organizations of Code42, CrashPlan and Incydr tenants.
//!
//! Whoever knows py42 finds each method of its `OrgService` under its own name:
//!
//! | py42 | org42 |
//! |---|---|
//! | `py42.sdk.from_local_account(host, user, password, totp)` | [`Client::builder`]`(host).`[`local_account`](ClientBuilder::local_account)`(…).build()` |
//! | `from_api_client(host, id, secret)` | [`api_client`](ClientBuilder::api_client) |
//! | `from_jwt_provider(host, provider)` | [`token_provider`](ClientBuilder::token_provider) |
//! | `sdk.orgs` | [`client.orgs()`](Client::orgs) |
//! | `create_org`, `get_by_id`, `get_by_uid`, `get_page`, `get_all`, `get_current`, `update_org` | the same, on [`OrgService`] |
//! | `block`, `unblock`, `deactivate`, `reactivate` | the same |
//! | `get_agent_state`, `get_agent_full_disk_access_states` | the same |
//! | `get_settings`, `update_settings`, and the properties of their `OrgSettings` | the same; what is in force, from where, and more: [`OrgSettings`] |
//! | `org_id_map` | [`org_id_map`](OrgService::org_id_map), in every direction |
//! | extra keyword arguments | [`with_param`](OrgService::with_param) |
//! | `py42.settings` | settings of each client: [`ClientBuilder`] |
//!
//! What differs: any organization is found, wherever it stands in the listing; creating without a parent works; an update
//! sends only what was given; a request that changes something is never sent twice unless it certainly was not carried
//! out; ids may be numbers or texts.
//!
//! ```no_run
//! # async fn run() -> Result<(), org42::Error> {
//! use org42::{Client, UpdateOrg};
//!
//! let client = Client::builder("console.us.code42.com").api_client("key-42-…", "secret").build()?;
//! let mut orgs = client.orgs().get_all().orgs();
//! while let Some(org) = orgs.next().await {
//!     println!("{}", org?.org_name);
//! }
//! client.orgs().update_org(42, UpdateOrg::new().notes("audited")).await?;
//! # Ok(()) }
//! ```
//!
//! Without async: [`blocking`].

mod address;
pub mod blocking;
mod body;
mod builder;
mod cell;
mod client;
mod credentials;
mod error;
mod fault;
mod flavor;
mod id_map;
mod limits;
mod look_up;
mod net;
mod org_key;
mod orgs;
mod pages;
mod redact;
mod redirect;
mod refusal;
mod requests;
mod response;
mod retry;
mod rows;
mod session;
mod settings;
mod sign_in;
mod tls;
mod token_file;
mod totp;
mod transport;
mod walk;
mod weight;

pub use builder::ClientBuilder;
pub use client::Client;
pub use credentials::LocalAccount;
pub use error::{Error, Outcome, Result};
pub use flavor::Flavor;
pub use id_map::OrgIdMap;
pub use org_key::OrgKey;
pub use org42_types::{
    AgentState, Endpoint, Field, IdError, Method, Org, OrgGuid, OrgId, OrgPage, OrgUid, Problem,
    RegistrationKey, Timestamp, endpoints,
};
pub use orgs::OrgService;
pub use pages::{Orgs, Pages};
pub use requests::{CreateOrg, GetPage, UpdateOrg};
pub use response::Response;
pub use retry::Retry;
pub use settings::{
    BackupDestination, BackupSet, Days, DeviceDefaults, Effective, GetSettings, Gigabytes, Limit,
    OrgSettings, Origin, Packet, Place, Quota, SettingChange, SettingConflict, SettingDifference,
    SettingKey, SettingOutcome, SettingResult, SettingValue, SettingsGroup, SettingsUpdate,
    TSetting, Unit, UpdateSettings,
};
pub use sign_in::SignInProblem;
