//! Setting an organization and all below it: parents before their children, so that one that inherits has the value
//! already when its turn comes, and goes on inheriting.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt as _};
use org42::{Client, Org, SettingKey, SettingsGroup};

use super::edit::SettingsEdit;
use super::one::decide;
use crate::progress::{Items, Observer, Progress};
use crate::report::{RowResult, SettingRow, SettingsReport};

/// How many organizations are worked on at the same time.
const AT_ONCE: usize = 16;

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
    /// As if nothing above were written.
    ForeseeAlone,
    Write,
}

/// The settings that are going to change, by the key of their organization. Only a dry run has any: in a real run, what is
/// above has been written when what is below is read.
type Changing = BTreeSet<(String, SettingKey)>;

impl Subtree {
    pub(crate) fn count(&self) -> usize {
        self.levels.iter().map(Vec::len).sum()
    }

    /// Returns what would be written, organization by organization. Where nothing is allowed, nothing follows from above.
    pub(crate) async fn foresee(
        &self,
        client: &Client,
        observer: &dyn Observer,
        is_allowed: bool,
    ) -> Foreseen {
        let mode = match is_allowed {
            true => Mode::Foresee,
            false => Mode::ForeseeAlone,
        };
        self.run(client, observer, mode).await
    }

    /// Writes, and returns what became of everything. What goes wrong in one organization stops no other.
    pub(crate) async fn write(&self, client: &Client, observer: &dyn Observer) -> SettingsReport {
        self.run(client, observer, Mode::Write).await.report
    }

    async fn run(&self, client: &Client, observer: &dyn Observer, mode: Mode) -> Foreseen {
        let total = self.count();
        let progress = |done| observer.progress(Progress::new(Items::Organizations, done, total));
        progress(0);
        let mut above = Changing::new();
        let mut rows: Vec<SettingRow> = Vec::new();
        let mut errors = Vec::new();
        let mut ends = BTreeSet::new();
        let mut is_stopped = false;
        let mut done = 0;
        for level in &self.levels {
            let work: Vec<_> = level
                .iter()
                .map(|org| self.one(client, observer, mode, org, &above))
                .collect();
            let mut working = stream::iter(work).buffered(AT_ONCE);
            let mut changing = Changing::new();
            while let Some(one) = working.next().await {
                done += 1;
                progress(done);
                rows.extend(one.rows);
                errors.extend(one.errors);
                ends.extend(one.ends);
                is_stopped |= one.is_stopped;
                changing.extend(one.changing);
            }
            drop(working);
            above = changing;
        }
        let report = SettingsReport {
            is_stopped,
            errors,
            ..SettingsReport::new(rows)
        };
        Foreseen { report, ends }
    }

    /// Sets one organization of many, or decides what would be set.
    async fn one(
        &self,
        client: &Client,
        observer: &dyn Observer,
        mode: Mode,
        org: &Org,
        above: &Changing,
    ) -> One {
        if observer.is_stopped() {
            return One {
                is_stopped: true,
                ..One::done(self.untried(org, "interrupted"))
            };
        }
        let parent_will_have = |setting: &SettingKey| {
            let parent = parent_key(org);
            parent.is_some_and(|parent| above.contains(&(parent, setting.clone())))
        };
        let decision = match decide(client, org, &self.edit, parent_will_have).await {
            Ok(decision) => decision,
            Err(error) => {
                let rows = self.untried(org, &error.to_string());
                return One {
                    errors: vec![error],
                    ..One::done(rows)
                };
            }
        };
        match mode {
            Mode::Foresee | Mode::ForeseeAlone => {
                let changing = match mode {
                    Mode::Foresee => decision.changing(),
                    _ => Vec::new(),
                };
                let changing = changing.into_iter();
                One {
                    changing: changing.map(|key| (org.key(), key)).collect(),
                    ends: decision.would_end_inheritance(),
                    ..One::done(decision.foreseen())
                }
            }
            Mode::Write => match decision.write(client).await {
                Ok((rows, errors)) => One {
                    errors,
                    ..One::done(rows)
                },
                Err(error) => {
                    let rows = decision.unwritten(&error.to_string());
                    let call = error.call().cloned();
                    One {
                        errors: call.into_iter().collect(),
                        ..One::done(rows)
                    }
                }
            },
        }
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

/// What a run would come to, or has come to.
pub(crate) struct Foreseen {
    pub(crate) report: SettingsReport,
    /// The groups of which some organization would no longer inherit.
    pub(crate) ends: BTreeSet<SettingsGroup>,
}

/// What became of one organization, and what is yet to become of it.
struct One {
    rows: Vec<SettingRow>,
    errors: Vec<org42::Error>,
    changing: Changing,
    ends: Vec<SettingsGroup>,
    /// Whether it was not tried any more.
    is_stopped: bool,
}

impl One {
    fn done(rows: Vec<SettingRow>) -> Self {
        Self {
            rows,
            errors: Vec::new(),
            changing: Changing::new(),
            ends: Vec::new(),
            is_stopped: false,
        }
    }
}

/// Returns the key of the organization above, as [`Org::key`] has it.
fn parent_key(org: &Org) -> Option<String> {
    let id = org.parent_org_id.map(|id| id.to_string());
    id.or_else(|| org.parent_org_guid.as_ref().map(ToString::to_string))
}
