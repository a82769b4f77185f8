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
//! What differs: any organization is found, wherever it stands in the listing; creating without a parent works; an
//! update sends only what was set; a request that changes something is never sent twice unless it was certainly not
//! carried out; every method takes an organization by any of its ids, as a number or a text, and as the organization
//! itself, see [`IntoOrgKey`].
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
//! Without async: [`blocking`]. Every future may be dropped; [`Client`](Client#cancellation) describes what that means
//! for a change.
//!
//! # Testing your own code
//!
//! Code that handles responses and errors is tested with [`Response::new`], [`Org::from_json`] and [`Error::builder`]. A
//! [`Transport`] answers in the place of a server, within the process. The crate `org42-authority` has a whole tenant for
//! tests: `Authority::start().await?` serves an empty one on a free port, with an administrator who can sign in.
//!
//! # Features
//!
//! | feature | default | what for |
//! |---|---|---|
//! | `blocking` | yes | [`blocking`] |
//! | `totp` | yes | one-time codes that are computed: [`LocalAccount::totp_secret`] |
//! | `token-file` | yes | tokens that are kept in a file: [`ClientBuilder::token_file`] |
//! | `platform-verifier` | yes | the authorities of the system are trusted; without it a CA bundle has to be named |
//! | `ring` | yes | encryption by ring |
//! | `aws-lc-rs` | no | encryption by aws-lc-rs instead, which has more algorithms and takes longer to build; without both the process has to install a provider of rustls |
//! | `tracing` | no | spans of each operation, its attempts and its waits; no address, header or body is in them |

mod answer;
#[cfg(feature = "blocking")]
pub mod blocking;
mod call;
mod error;
mod http;
mod list;
mod orgs;
mod redact;
mod settings;

/// The crates whose types stand in this crate's signatures, in the versions that it uses.
pub mod exports {
    pub use ::http;
    pub use bytes;
    pub use futures_core;
    pub use http_body;
    pub use secrecy;
    pub use serde_json;
}

pub use answer::response::Response;
pub use call::auth::local_account::LocalAccount;
pub use call::builder::ClientBuilder;
pub use call::client::Client;
pub use call::flavor::Flavor;
pub use call::retry::Retry;
pub use error::builder::ErrorBuilder;
pub use error::{Answered, Error, ErrorKind, Happened, Result, SignInProblem, Verdict};
pub use http::transport::{ResponseBody, Transport, TransportError};
pub use list::pages::{Orgs, Pages};
pub use list::raw::{RawOrg, RawOrgs, RawPage, RawPages};
pub use org42_types::{
    AgentState, ByteString, Endpoint, Field, IdError, Method, Org, OrgFields, OrgGuid, OrgId,
    OrgMember, OrgPage, OrgUid, Problem, RegistrationKey, Timestamp, endpoints, roles,
};
pub use orgs::id_map::OrgIdMap;
pub use orgs::into_org_key::IntoOrgKey;
pub use orgs::lifecycle::Lifecycle;
pub use orgs::many::OrgChange;
pub use orgs::org_key::OrgKey;
pub use orgs::requests::{CreateOrg, GetAll, GetPage, UpdateOrg};
pub use orgs::service::OrgService;
pub use settings::{
    BackupDestination, BackupSet, Days, DeviceDefaults, Effective, GetSettings, Gigabytes, Limit,
    OrgSettings, Origin, Packet, Place, Quota, SettingChange, SettingConflict, SettingDifference,
    SettingKey, SettingOutcome, SettingResult, SettingValue, SettingsGroup, SettingsUpdate,
    TSetting, Unit, UpdateSettings,
};

/// The examples of the README compile and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
