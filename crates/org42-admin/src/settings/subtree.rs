//! Setting an organization and all below it: parents before their children, so that one that inherits has the value
//! already when its turn comes, and goes on inheriting.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt as _};
use org42::{Client, Org, SettingKey};

use super::edit::SettingsEdit;
use super::one::{Decision, decide};
use crate::progress::{Items, Observer, Progress};
use crate::report::{RowResult, SettingRow, SettingsReport};

/// How many organizations are worked on at the same time.
const AT_ONCE: usize = 8;

/// An organization and all below it, level by level, and what they are to be set to.
#[derive(Clone, Debug)]
pub(crate) struct Subtree {
    pub(crate) top: Org,
    pub(crate) path: String,
    pub(crate) levels: Vec<Vec<Org>>,
    pub(crate) edit: SettingsEdit,
}

/// Whether what is decided is shown or carried out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Foresee,
    Write,
}

/// The organizations that have, or would have, the value of a key.
type Reached = BTreeSet<(String, SettingKey)>;

impl Subtree {
    pub(crate) fn count(&self) -> usize {
        self.levels.iter().map(Vec::len).sum()
    }

    /// What would be written, organization by organization.
    pub(crate) async fn foresee(&self, client: &Client, observer: &dyn Observer) -> SettingsReport {
        self.run(client, observer, Mode::Foresee).await
    }

    /// Writes, and returns what became of everything. What goes wrong in one organization stops no other.
    pub(crate) async fn write(&self, client: &Client, observer: &dyn Observer) -> SettingsReport {
        self.run(client, observer, Mode::Write).await
    }

    async fn run(&self, client: &Client, observer: &dyn Observer, mode: Mode) -> SettingsReport {
        let total = self.count();
        let progress = |done| observer.progress(Progress::new(Items::Organizations, done, total));
        progress(0);
        let mut reached = Reached::new();
        let mut rows: Vec<SettingRow> = Vec::new();
        let mut done = 0;
        for level in &self.levels {
            let above = &reached;
            let work: Vec<_> = level
                .iter()
                .map(|org| self.one(client, observer, mode, org, above))
                .collect();
            let mut working = stream::iter(work).buffered(AT_ONCE);
            let mut level_rows: Vec<(String, Vec<SettingRow>)> = Vec::new();
            while let Some(one) = working.next().await {
                done += 1;
                progress(done);
                level_rows.push(one);
            }
            drop(working);
            for (org, done) in level_rows {
                let has = done.iter().filter(|row| row.result != RowResult::Refused);
                reached.extend(has.map(|row| (org.clone(), row.key.clone())));
                rows.extend(done);
            }
        }
        let is_stopped = observer.is_stopped();
        SettingsReport {
            is_stopped,
            ..SettingsReport::new(rows)
        }
    }

    /// Sets one organization of many; returns its key with what became of it.
    async fn one(
        &self,
        client: &Client,
        observer: &dyn Observer,
        mode: Mode,
        org: &Org,
        above: &Reached,
    ) -> (String, Vec<SettingRow>) {
        let key = org.key();
        if observer.is_stopped() {
            return (key, self.untried(org, "interrupted"));
        }
        let decision = match decide(client, org, &self.edit).await {
            Ok(decision) => decision,
            Err(error) => return (key, self.untried(org, &error.to_string())),
        };
        let rows = match mode {
            Mode::Foresee => decision.foreseen(|setting| {
                let parent = parent_key(org);
                parent.is_some_and(|parent| above.contains(&(parent, setting.clone())))
            }),
            Mode::Write => carry_out(client, &decision).await,
        };
        (key, rows)
    }

    fn untried(&self, org: &Org, why: &str) -> Vec<SettingRow> {
        let why = format!("not tried: {why}");
        let values = self.edit.values().iter();
        values
            .map(|value| {
                SettingRow::new(org, &value.key, &value.value, RowResult::Refused).because(&*why)
            })
            .collect()
    }
}

/// The key of the organization above, as [`Org::key`] has it.
fn parent_key(org: &Org) -> Option<String> {
    let id = org.parent_org_id.map(|id| id.to_string());
    id.or_else(|| org.parent_org_guid.as_ref().map(ToString::to_string))
}

async fn carry_out(client: &Client, decision: &Decision) -> Vec<SettingRow> {
    let mut rows = decision.settled();
    if decision.is_unchanged() {
        return rows;
    }
    match decision.write(client).await {
        Ok((written, _)) => rows.extend(written),
        Err(error) => rows.extend(decision.unwritten(&error.to_string())),
    }
    rows
}
