//! Manage the organizations of Code42, CrashPlan and Incydr tenants.
//!
//! Each method of py42's `OrgService` is here under its own name:
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
//! out; every method takes an organization by any of its ids, as a number or a text, and as the organization itself, see
//! [`IntoOrgKey`].
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
//!
//! Code that handles responses and errors is tested with [`Response::new`], [`Org::from_json`] and [`Error::builder`].

mod answer;
pub mod blocking;
mod call;
mod error;
mod http;
mod list;
mod orgs;
mod settings;

pub use answer::response::Response;
pub use call::auth::credentials::LocalAccount;
pub use call::builder::ClientBuilder;
pub use call::client::Client;
pub use call::flavor::Flavor;
pub use call::retry::Retry;
pub use error::builder::ErrorBuilder;
pub use error::{Error, ErrorKind, Outcome, Result, SignInProblem};
pub use list::pages::{Orgs, Pages};
pub use org42_types::{
    AgentState, ByteString, Endpoint, Field, IdError, Method, Org, OrgGuid, OrgId, OrgPage, OrgUid,
    Problem, RegistrationKey, Timestamp, endpoints,
};
pub use orgs::id_map::OrgIdMap;
pub use orgs::into_org_key::IntoOrgKey;
pub use orgs::org_key::OrgKey;
pub use orgs::requests::{CreateOrg, GetAll, GetPage, UpdateOrg};
pub use orgs::service::OrgService;
pub use settings::{
    BackupDestination, BackupSet, Days, DeviceDefaults, Effective, GetSettings, Gigabytes, Limit,
    OrgSettings, Origin, Packet, Place, Quota, SettingChange, SettingConflict, SettingDifference,
    SettingKey, SettingOutcome, SettingResult, SettingValue, SettingsGroup, SettingsUpdate,
    TSetting, Unit, UpdateSettings,
};
