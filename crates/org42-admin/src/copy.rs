//! Reading a whole tenant, to make another one that is like it. Writing that one is not this crate's.

use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};

use futures_util::stream::{self, StreamExt as _};
use org42::{Client, Endpoint, Org, OrgId, endpoints};
use serde_json::{Map, Value};

use crate::admin::Admin;
use crate::error::{Error, Result};
use crate::progress::{Items, Observer, Progress};

/// How many organizations are read at the same time.
const AT_ONCE: usize = 8;
const PAGE: usize = 1000;

/// Everything that a tenant says of itself, without passwords, sessions and archives, of which it says nothing.
///
/// `T` is what was kept of each organization.
#[derive(Clone)]
#[non_exhaustive]
pub struct TenantSource<T> {
    /// `tenantUid`.
    pub tenant_uid: Option<String>,
    /// Each organization, in the order of the listing.
    pub orgs: Vec<T>,
    /// The documents of the users, with their roles.
    pub users: Vec<Value>,
    /// The documents of the devices.
    pub devices: Vec<Value>,
}

/// Documents hold registration keys, so only how many there are is shown.
impl<T> fmt::Debug for TenantSource<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantSource")
            .field("tenant_uid", &self.tenant_uid)
            .field("orgs", &self.orgs.len())
            .field("users", &self.users.len())
            .field("devices", &self.devices.len())
            .finish()
    }
}

/// Everything that a tenant says of one organization.
#[derive(Clone)]
#[non_exhaustive]
pub struct SourceOrg {
    /// Its document, with settings, device defaults and where they come from.
    pub document: Map<String, Value>,
    /// Its t-settings, by key.
    pub t_settings: Map<String, Value>,
    /// Whether its parent cannot be seen.
    pub is_top: bool,
}

impl fmt::Debug for SourceOrg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceOrg")
            .field("orgId", &self.document.get("orgId"))
            .field("is_top", &self.is_top)
            .finish_non_exhaustive()
    }
}

/// What is kept of an organization, and how many bytes of memory it takes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Kept<T> {
    /// What is kept.
    pub value: T,
    /// About how many bytes it takes.
    pub memory: usize,
}

impl<T> Kept<T> {
    /// Keeps a value that takes about so many bytes of memory.
    #[must_use]
    pub fn new(value: T, memory: usize) -> Self {
        Self { value, memory }
    }
}

impl Admin {
    /// Reads everything that a copy of the tenant needs. Only reads.
    ///
    /// Of each organization `keep` makes what is kept, at once, since there may be many of them and their documents are
    /// large. The listing, `GET /api/v1/Org/{orgId}` and `GET /api/v1/OrgSetting/{orgId}` for each organization, eight at
    /// a time, and the pages of users and devices.
    ///
    /// ```no_run
    /// # async fn run(admin: org42_admin::Admin) -> Result<(), org42_admin::Error> {
    /// use org42_admin::copy::{Kept, SourceOrg};
    ///
    /// let keep = |org: SourceOrg| {
    ///     let text = org42_admin::serde_json::json!(org.document).to_string();
    ///     let memory = text.len();
    ///     Kept::new(text, memory)
    /// };
    /// let tenant = admin.read_tenant(keep, &()).await?;
    /// println!("{} organizations, {} users", tenant.orgs.len(), tenant.users.len());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// When something cannot be read; [`Error::TooMuch`] when the server sends more than a tenant of its size has.
    pub async fn read_tenant<T: Send>(
        &self,
        keep: impl Fn(SourceOrg) -> Kept<T> + Sync,
        observer: &dyn Observer,
    ) -> Result<TenantSource<T>> {
        let client = self.client();
        let customer = client.get(endpoints::CUSTOMER_MY, &[], &[]).await?;
        let tenant_uid = customer["tenantUid"].as_str().map(str::to_owned);
        drop(customer);
        let orgs = self.read_orgs(&keep, observer).await?;
        let with_roles = [("incRoles", "true")];
        // Only then are they counted.
        let with_counts = [("incCounts", "true")];
        Ok(TenantSource {
            tenant_uid,
            orgs,
            users: self
                .read_rows(
                    endpoints::USER_LIST,
                    "users",
                    &with_roles,
                    &|done, total| {
                        observer.progress(Progress::new(Items::Users, done, total));
                    },
                )
                .await?,
            devices: self
                .read_rows(
                    endpoints::COMPUTER_LIST,
                    "computers",
                    &with_counts,
                    &|done, total| {
                        observer.progress(Progress::new(Items::Devices, done, total));
                    },
                )
                .await?,
        })
    }

    async fn read_orgs<T: Send>(
        &self,
        keep: &(impl Fn(SourceOrg) -> Kept<T> + Sync),
        observer: &dyn Observer,
    ) -> Result<Vec<T>> {
        let tree = self.tree().await?;
        let ids: HashSet<OrgId> = tree.orgs().filter_map(|org| org.org_id).collect();
        let is_top = |org: &Org| {
            let parent = org.parent_org_id;
            parent.is_none_or(|parent| !ids.contains(&parent))
        };
        let client = self.client();
        let reading: Vec<_> = tree
            .orgs()
            .map(|org| read_org(client, org, is_top(org)))
            .collect();
        let mut budget = Budget::new(Budget::ORG);
        let total = reading.len();
        let progress = |done| observer.progress(Progress::new(Items::Organizations, done, total));
        progress(0);
        let mut orgs = Vec::with_capacity(total);
        let mut reading = stream::iter(reading).buffered(AT_ONCE);
        while let Some(read) = reading.next().await {
            let Kept { value, memory } = keep(read?);
            budget.spend(memory, 1)?;
            orgs.push(value);
            progress(orgs.len());
        }
        Ok(orgs)
    }

    /// Reads every page of a listing for which the SDK has no method yet, until one has nothing new, and returns the rows
    /// that stand under `key`.
    ///
    /// ```no_run
    /// # async fn run(admin: org42_admin::Admin) -> Result<(), org42_admin::Error> {
    /// use org42_admin::org42::endpoints::USER_LIST;
    ///
    /// for user in admin.rows(USER_LIST, "users", &[("active", "true")]).await? {
    ///     println!("{}", user["username"]);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// When a page cannot be read; [`Error::TooMuch`] when the server goes on beyond what it counted first.
    pub async fn rows(
        &self,
        listing: Endpoint,
        key: &str,
        query: &[(&str, &str)],
    ) -> Result<Vec<Value>> {
        self.read_rows(listing, key, query, &|_, _| {}).await
    }

    async fn read_rows(
        &self,
        listing: Endpoint,
        key: &str,
        query: &[(&str, &str)],
        progress: &(impl Fn(usize, usize) + Sync),
    ) -> Result<Vec<Value>> {
        let mut all: Vec<Value> = Vec::new();
        // Rows may be long; their hashes are not.
        let hashes = RandomState::new();
        let mut seen: HashSet<u64> = HashSet::new();
        let mut budget = Budget::new(Budget::ROW);
        let mut first: Option<Option<u64>> = None;
        for number in 1_u32.. {
            let (number, size) = (number.to_string(), PAGE.to_string());
            let mut with = vec![("pgNum", number.as_str()), ("pgSize", size.as_str())];
            with.extend(query);
            let page = self.client().get(listing, &[], &with).await?;
            let memory = page.json_memory();
            let mut page = page.into_value();
            let total = page["totalCount"].as_u64();
            let counted = *first.get_or_insert(total);
            let rows = match page.get_mut(key).map(Value::take) {
                Some(Value::Array(rows)) => rows,
                _ => Vec::new(),
            };
            // A server without pages sends the same again and again.
            let before = all.len();
            all.extend(
                rows.into_iter()
                    .filter(|row| seen.insert(hashes.hash_one(row.to_string()))),
            );
            budget.spend(memory, all.len() - before)?;
            let read = all.len() as u64;
            let expected = counted.and_then(|count| usize::try_from(count).ok());
            progress(all.len(), expected.unwrap_or(all.len()));
            let most = counted.map_or(MOST, |counted| {
                counted.saturating_mul(2).saturating_add(GROWTH)
            });
            if read > most.min(MOST) {
                return Err(Error::TooMuch(format!(
                    "the server has sent {read} {key} and goes on, although there should be no more than {most}"
                )));
            }
            let is_last = all.len() == before;
            if is_last || total.is_some_and(|total| read >= total) {
                break;
            }
        }
        Ok(all)
    }
}

async fn read_org(client: &Client, org: &Org, is_top: bool) -> Result<SourceOrg> {
    const WITH: [(&str, &str); 3] = [
        ("incSettings", "true"),
        ("incDeviceDefaults", "true"),
        ("incInheritedOrgInfo", "true"),
    ];
    let id = org.org_id.map(|id| id.to_string()).unwrap_or_default();
    let path = [("orgId", id.as_str())];
    let document = client.get(endpoints::ORG_GET, &path, &WITH).await?;
    let t_settings = client.get(endpoints::ORG_SETTING_GET, &path, &[]).await?;
    let fields = |value: Value| match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    Ok(SourceOrg {
        document: fields(document.into_value()),
        t_settings: fields(t_settings.into_value()),
        is_top,
    })
}

/// What is kept of a server's answers, in bytes of memory, by how many there are: a tenant takes what it takes, and a
/// server that sends more than any tenant has is not read to its end. What is to come counts for nothing: of that a
/// server may say what it likes.
struct Budget {
    each: usize,
    rows: usize,
    spent: usize,
}

impl Budget {
    const BASE: usize = 32 << 20;
    /// An organization that has all of its settings to itself takes half of that.
    const ORG: usize = 64 << 10;
    /// A user or a device takes half of that.
    const ROW: usize = 16 << 10;
    /// No tenant takes more than this.
    const MOST: usize = 2 << 30;

    fn new(each: usize) -> Self {
        Self {
            each,
            rows: 0,
            spent: 0,
        }
    }

    fn spend(&mut self, bytes: usize, rows: usize) -> Result<()> {
        self.rows = self.rows.saturating_add(rows);
        self.spent = self.spent.saturating_add(bytes);
        let most = Self::BASE
            .saturating_add(self.each.saturating_mul(self.rows))
            .min(Self::MOST);
        if self.spent <= most {
            return Ok(());
        }
        Err(Error::TooMuch(format!(
            "the server's answers would take more than {} MB in memory, more than a tenant of this size has; they were not \
             read to their end",
            most >> 20
        )))
    }
}

/// More users or devices than any tenant has.
const MOST: u64 = 10_000_000;

/// How many rows a listing may have beyond twice those that the server counted first.
const GROWTH: u64 = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_come_pays_for_what_comes() {
        let mut budget = Budget::new(Budget::ROW);
        assert!(budget.spend(Budget::BASE, 0).is_ok());
        assert!(matches!(budget.spend(1, 0), Err(Error::TooMuch(_))));
        let mut budget = Budget::new(Budget::ROW);
        assert!(budget.spend(Budget::BASE + 100 * Budget::ROW, 100).is_ok());
        let mut budget = Budget::new(Budget::ROW);
        assert!(
            budget
                .spend(Budget::MOST + 1, usize::MAX / Budget::ROW)
                .is_err()
        );
    }
}
