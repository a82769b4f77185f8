//! The wire types that the SDK and the authority share: ids, dates, documents and the endpoint table.
//!
//! Nothing here does I/O. A name of the wire keeps its spelling in a serde attribute; whatever a server sends
//! beyond what these types know is kept, see [`Org::as_json`]. Bodies and tokens are not `non_exhaustive`: one side builds
//! what the other reads, so both have to know every field.
//!
//! ```
//! use org42_types::{Field, Org};
//!
//! let org = Org::from_json(
//!     r#"{"orgId": 7, "orgName": "Paris", "active": true, "notes": "", "newField": [1, 2]}"#,
//! )?;
//! assert_eq!(org.org_name, "Paris");
//! assert_eq!(org.notes, Field::Value(String::new()));
//! assert_eq!(org.org_ext_ref, Field::Absent);
//! assert_eq!(org.get("newField"), Some(serde_json::json!([1, 2])));
//! # Ok::<(), serde_json::Error>(())
//! ```

pub mod endpoints;
mod field;
pub mod idempotency;
mod ids;
mod org;
mod problem;
pub mod roles;
#[cfg(feature = "openapi")]
mod schema;
mod timestamp;
mod token;

pub use bytestring::ByteString;
pub use endpoints::{Endpoint, Method};
pub use field::Field;
pub use ids::{IdError, OrgGuid, OrgId, OrgUid, RegistrationKey};
pub use org::{AgentState, CreateOrgBody, Org, OrgFields, OrgMember, OrgPage, UpdateOrgBody};
pub use problem::{Problem, problems_in};
pub use timestamp::{ParseTimestampError, Timestamp};
pub use token::{ApiToken, UserToken};

/// The examples of the README compile and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
