//! `org42 pull`: a tenant of one's own that is like another, to rehearse on.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use org42::{Endpoint, Org, OrgId, endpoints};
use org42_authority::import::{Source, SourceOrg};
use org42_authority::{Authority, DEFAULT_ADMIN, Options};
use serde_json::{Map, Value};

use crate::args::{Global, PullArgs};
use crate::connect::{Tenant, connect};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::profile::private_directory;

/// How many organizations are read at the same time.
const AT_ONCE: usize = 8;
const PAGE: usize = 1000;

pub(super) async fn run(args: PullArgs, global: &Global, printer: Printer) -> Result<(), Failure> {
    let PullArgs { into, anonymize } = args;
    let into = into.as_path();
    if Authority::is_in(into) {
        let message = format!("{} holds a tenant already", into.display());
        return Err(Failure::new(Exit::Conflict, message));
    }
    let is_new = |step: &&Path| !step.as_os_str().is_empty() && !step.exists();
    let new: Vec<&Path> = into.ancestors().take_while(is_new).collect();
    let copied = copy(global, printer, into, anonymize).await;
    if copied.is_err() && !Authority::is_in(into) {
        for dir in new {
            // It goes only if nothing is in it.
            let _ = std::fs::remove_dir(dir);
        }
    }
    copied
}

async fn copy(
    global: &Global,
    printer: Printer,
    into: &Path,
    anonymize: bool,
) -> Result<(), Failure> {
    if !global.dry_run {
        // Known before everything is read: whether there is a place for it.
        private_directory(into).map_err(|error| {
            let message = format!("cannot make the directory {}", into.display());
            Failure::because(Exit::Usage, message, error)
        })?;
    }
    let tenant = connect(global, printer).await?;
    // Whoever lacks these has not enough to copy.
    tenant.client.check(endpoints::ORG_SETTING_GET)?;
    let told = read(&tenant).await?;
    let (orgs, users, devices) = (told.orgs.len(), told.users.len(), told.devices.len());
    let what = format!(
        "{orgs} organizations, {users} users and {devices} devices of {}",
        tenant.name
    );
    if global.dry_run {
        printer.note(format_args!(
            "would copy {what}; nothing was written (--dry-run)"
        ));
        return Ok(());
    }
    let dir = into.to_owned();
    let writing =
        move || Authority::copy_into(&dir, &told, anonymize, DEFAULT_ADMIN, &Options::default());
    let written = printer.progress(
        "writing the copy".to_owned(),
        tokio::task::spawn_blocking(writing),
    );
    let left_out = written
        .await
        .map_err(|gone| Failure::of(Exit::Failed, gone))??;
    printer.note(format_args!(
        "copied {what}\nserve it with: org42 authority serve --data {}",
        into.display()
    ));
    if left_out.is_empty() {
        return Ok(());
    }
    let message = format!("these were left out:\n  {}", left_out.join("\n  "));
    Err(Failure::new(Exit::Incomplete, message))
}

async fn read(tenant: &Tenant) -> Result<Source, Failure> {
    let client = &tenant.client;
    let customer = client.get(endpoints::CUSTOMER_MY, &[], &[]).await?;
    let listed: Vec<&Org> = tenant.forest().await?.orgs().collect();
    let ids: HashSet<OrgId> = listed.iter().filter_map(|org| org.org_id).collect();
    let budget = Budget::new(Budget::ORG);
    let bar = tenant
        .printer
        .counting("organizations".to_owned(), listed.len());
    let one = |org: &Org| {
        let id = org.org_id.map(|id| id.to_string()).unwrap_or_default();
        let is_top = org
            .parent_org_id
            .is_none_or(|parent| !ids.contains(&parent));
        let (bar, budget) = (bar.clone(), &budget);
        async move {
            let told = read_org(tenant, &id, is_top, budget).await;
            bar.inc(1);
            told
        }
    };
    let reading: Vec<_> = listed.into_iter().map(one).collect();
    let orgs = stream::iter(reading)
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    bar.finish_and_clear();
    let with_roles = [("incRoles", "true".to_owned())];
    // Only then are they counted.
    let with_counts = [("incCounts", "true".to_owned())];
    Ok(Source {
        tenant_uid: customer["tenantUid"].as_str().map(str::to_owned),
        orgs,
        users: pages(tenant, endpoints::USER_LIST, "users", &with_roles).await?,
        devices: pages(tenant, endpoints::COMPUTER_LIST, "computers", &with_counts).await?,
    })
}

async fn read_org(
    tenant: &Tenant,
    id: &str,
    is_top: bool,
    budget: &Budget,
) -> Result<SourceOrg, Failure> {
    const WITH: [(&str, &str); 3] = [
        ("incSettings", "true"),
        ("incDeviceDefaults", "true"),
        ("incInheritedOrgInfo", "true"),
    ];
    let path = [("orgId", id)];
    let document = tenant.client.get(endpoints::ORG_GET, &path, &WITH).await?;
    let by_key = tenant
        .client
        .get(endpoints::ORG_SETTING_GET, &path, &[])
        .await?;
    let object = |value: Value| match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let document = object(document.into_value());
    let told = SourceOrg::new(document, object(by_key.into_value()), is_top);
    budget.spend(told.memory(), 1)?;
    Ok(told)
}

/// What is kept of a server's answers, in bytes of memory, by how many there are: a tenant takes what it takes, and a
/// server that sends more than any tenant has is not read to its end. What is to come counts for nothing: of that a
/// server may say what it likes.
struct Budget {
    each: usize,
    rows: AtomicUsize,
    spent: AtomicUsize,
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
            rows: AtomicUsize::new(0),
            spent: AtomicUsize::new(0),
        }
    }

    fn spend(&self, bytes: usize, rows: usize) -> Result<(), Failure> {
        let rows = self.rows.fetch_add(rows, Ordering::Relaxed) + rows;
        let spent = self
            .spent
            .fetch_add(bytes, Ordering::Relaxed)
            .saturating_add(bytes);
        let most = Self::BASE
            .saturating_add(self.each.saturating_mul(rows))
            .min(Self::MOST);
        if spent <= most {
            return Ok(());
        }
        let message = format!(
            "the server's answers would take more than {} MB in memory, more than a tenant of this size has; they were not \
             read to their end",
            most >> 20
        );
        Err(Failure::failed(message))
    }
}

/// More users or devices than any tenant has.
const MOST: u64 = 10_000_000;

/// How many rows a listing may have beyond twice those that the server counted first.
const GROWTH: u64 = 1_000;

/// Every page of a listing, until one has nothing new.
pub(crate) async fn pages(
    tenant: &Tenant,
    listing: Endpoint,
    key: &str,
    query: &[(&str, String)],
) -> Result<Vec<Value>, Failure> {
    let mut all: Vec<Value> = Vec::new();
    // Rows may be long; their hashes are not.
    let hashes = RandomState::new();
    let mut seen: HashSet<u64> = HashSet::new();
    let budget = Budget::new(Budget::ROW);
    let mut first: Option<Option<u64>> = None;
    for number in 1_u32.. {
        let (number, size) = (number.to_string(), PAGE.to_string());
        let mut all_of = vec![("pgNum", number.as_str()), ("pgSize", size.as_str())];
        all_of.extend(query.iter().map(|(name, value)| (*name, value.as_str())));
        let reading = tenant.client.get(listing, &[], &all_of);
        let page = tenant
            .printer
            .progress(format!("reading the {key}"), reading)
            .await?;
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
        let most = counted.map_or(MOST, |counted| {
            counted.saturating_mul(2).saturating_add(GROWTH)
        });
        if read > most.min(MOST) {
            let message = format!(
                "the server has sent {read} {key} and goes on, although there should be no more than {most}"
            );
            return Err(Failure::failed(message));
        }
        let is_last = all.len() == before;
        if is_last || total.is_some_and(|total| read >= total) {
            break;
        }
    }
    Ok(all)
}
