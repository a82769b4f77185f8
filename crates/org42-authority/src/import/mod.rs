//! Makes a new tenant from the documents of another one; fetching them is the caller's work.
//!
//! Ids, uids and guids stay, so that a change can be rehearsed on the copy. The API does not show passwords, sessions
//! and archives, and what agents report is not copied, so a copy has none of these.

mod anonymous;
mod orgs;
mod people;
mod settings;

use std::sync::Arc;

use org42_types::Timestamp;
use serde_json::{Map, Value};

use crate::domain::{Deactivation, Entropy, Revision, RowChange, Tenant};
use crate::error::StartError;
use crate::options::Options;
use crate::store::{Extent, MAX_CHANGES, Store, StoreError};

/// The revision of everything that the documents describe.
const FOUNDED: Revision = Revision(1);
/// The revision of blocks and deactivations, which come after what they mark.
const MARKED: Revision = Revision(2);

/// The documents of a tenant.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// `tenantUid`.
    pub tenant_uid: Option<String>,
    /// The organizations.
    pub orgs: Vec<OrgSource>,
    /// The users, as documents of the API.
    pub users: Vec<Value>,
    /// The devices, as documents of the API.
    pub devices: Vec<Value>,
}

/// The documents of one organization, kept as text and without what it only inherits, because there may be many.
#[derive(Clone, Debug, Default)]
pub struct OrgSource {
    document: Box<str>,
    by_key: Box<str>,
}

impl OrgSource {
    /// Keeps what a copy needs of an organization's document, which includes settings, device defaults and where they
    /// come from, and of its settings by key.
    #[must_use]
    pub fn new(
        mut document: Map<String, Value>,
        mut by_key: Map<String, Value>,
        is_top: bool,
    ) -> Self {
        if !is_top && !settings::has_device_defaults(&document) {
            document.remove("deviceDefaults");
        }
        let id = document.get("orgId").cloned().unwrap_or_default();
        by_key.retain(|_, setting| setting["id"] == id);
        let text = |fields| Value::Object(fields).to_string().into_boxed_str();
        Self {
            document: text(document),
            by_key: text(by_key),
        }
    }

    /// Returns how many bytes of memory it takes, approximately.
    #[must_use]
    pub fn memory(&self) -> usize {
        size_of::<Self>() + self.document.len() + self.by_key.len()
    }

    fn document(&self) -> Map<String, Value> {
        fields(&self.document)
    }

    fn by_key(&self) -> Map<String, Value> {
        fields(&self.by_key)
    }
}

fn fields(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

fn refused(why: impl Into<String>) -> StartError {
    StartError::Refused(why.into())
}

/// Writes a copy into an empty store; returns what had to be left out, and why.
///
/// # Errors
///
/// When the documents contradict each other, or the storage fails.
pub(crate) fn write(
    source: &Source,
    anonymize: bool,
    admin_username: &str,
    store: &Arc<dyn Store>,
    options: &Options,
) -> Result<Vec<String>, StartError> {
    let copying = Copying {
        now: options.clock.now(),
        entropy: &options.entropy,
        anonymize,
    };
    let orgs = copying.orgs(&source.orgs)?;
    let mut left_out = Vec::new();
    let users = copying.users(&source.users, &orgs, admin_username, &mut left_out)?;
    let devices = copying.devices(&source.devices, &users, &mut left_out);
    let ids = orgs.iter().map(|org| org.id.get());
    let ids = ids.chain(users.iter().map(|user| user.id));
    let ids = ids.chain(devices.iter().map(|device| device.id));
    let known = settings::destinations(&source.orgs, anonymize);
    let next_id = ids.max().unwrap_or(3).saturating_add(1);
    let mut changes = vec![RowChange::Tenant(Tenant {
        revision: FOUNDED,
        uid: source
            .tenant_uid
            .clone()
            .unwrap_or_else(|| options.entropy.uuid()),
        next_id,
        destinations: known.clone(),
        signing_key: copying.signing_key(),
    })];
    for org in &orgs {
        changes.extend(org.deactivated.map(|mark| {
            RowChange::Deactivation(Deactivation {
                org_id: org.id,
                mark,
            })
        }));
    }
    changes.extend(copying.settings(&source.orgs, &orgs, &known));
    let rows = orgs.into_iter().map(RowChange::Org);
    let rows = rows.chain(users.into_iter().map(RowChange::User));
    let rows = rows.chain(devices.into_iter().map(RowChange::Device));
    // The tenant comes first, and what belongs to organizations after them.
    let mut all: Vec<RowChange> = changes.drain(..1).chain(rows).collect();
    all.append(&mut changes);
    let mut last = Revision::default();
    let mut all = all.into_iter().peekable();
    while all.peek().is_some() {
        last = apply(store, all.by_ref().take(MAX_CHANGES).collect())?;
    }
    // The tenant's revision must not be older than the marks in it.
    if last < MARKED {
        apply(store, Vec::new())?;
    }
    Ok(left_out)
}

fn apply(store: &Arc<dyn Store>, rows: Vec<RowChange>) -> Result<Revision, StoreError> {
    store.write(Extent::Rows, move |draft| draft.apply(&rows))
}

/// The settings of a copy in progress.
#[derive(Clone, Copy)]
struct Copying<'a> {
    now: Timestamp,
    entropy: &'a Entropy,
    anonymize: bool,
}

impl Copying<'_> {
    fn signing_key(&self) -> Vec<u8> {
        let mut key = vec![0; 32];
        self.entropy.fill(&mut key);
        key
    }
}
