//! Setting: say what will change, ask, write, read back, tell.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::stream::{self, StreamExt as _};
use org42::{Org, OrgSettings, SettingKey, SettingResult, SettingsUpdate, endpoints};
use serde_json::{Value, json};

use super::{read, which};
use crate::args::{Assignment, Global, SetArgs};
use crate::commands::find::find;
use crate::connect::{Tenant, connect};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::rows::printable;
use crate::terminal::{SignalClaim, confirm};

/// How many organizations are worked on at the same time.
const AT_ONCE: usize = 8;

const COLUMNS: &[&str] = &["orgId", "orgName", "key", "old", "new", "result", "detail"];

/// What is to be set.
struct Wanted {
    values: Vec<Assignment>,
    keys: Vec<SettingKey>,
    own: bool,
}

impl Wanted {
    fn new(values: Vec<Assignment>, own: bool) -> Result<Self, Failure> {
        let keys: Vec<SettingKey> = values.iter().map(|value| value.key.clone()).collect();
        let distinct: BTreeSet<&SettingKey> = keys.iter().collect();
        if distinct.len() < keys.len() {
            let message = "a setting is given more than once";
            return Err(Failure::usage(message));
        }
        if let Some(key) = keys.iter().find(|key| key.is_read_only()) {
            let message = format!("{key} can only be read");
            return Err(Failure::usage(message));
        }
        Ok(Self { values, keys, own })
    }

    /// Makes the changes on an object; gives what cannot be set, and why.
    fn apply(&self, settings: &mut OrgSettings) -> Vec<(SettingKey, org42::Error)> {
        let mut refused = Vec::new();
        for Assignment { key, value } in &self.values {
            let mut set = settings.set(key, value.clone());
            let is_changed = settings.changes().iter().any(|change| change.key == *key);
            if set.is_ok() && self.own && !is_changed {
                set = match settings.get(key) {
                    Ok(found) if found.inherited == Some(false) => Ok(()),
                    _ => settings.pin(key),
                };
            }
            if let Err(error) = set {
                refused.push((key.clone(), error));
            }
        }
        refused
    }
}

pub(super) async fn run(args: SetArgs, global: &Global, printer: Printer) -> Result<(), Failure> {
    let wanted = Wanted::new(args.values, args.own)?;
    let tenant = &connect(global, printer).await?;
    tenant.may_change(endpoints::ORG_SETTING_PUT, global.dry_run)?;
    let org = find(tenant, &args.org).await?;
    match args.recursive {
        true => run_below(global, tenant, org, &wanted).await,
        false => run_here(global, tenant, org, &wanted).await,
    }
}

/// Sets one organization.
async fn run_here(
    global: &Global,
    tenant: &Tenant,
    org: &Org,
    wanted: &Wanted,
) -> Result<(), Failure> {
    let printer = tenant.printer;
    let before = read(tenant, org, which(&wanted.keys)).await?;
    let mut settings = before.clone();
    if let Some((_, error)) = wanted.apply(&mut settings).into_iter().next() {
        return Err(error.into());
    }
    let name = format!("{:?} (id {}) in {}", org.org_name, org.key(), tenant.name);
    if settings.is_unchanged() {
        printer.note(format_args!("unchanged: {name} has this already"));
        let rows: Vec<Value> = unchanged(org, &settings, wanted).collect();
        return printer.rows(COLUMNS, &rows);
    }
    printer.note(format_args!("settings of {name}:"));
    for change in settings.changes() {
        printer.note(format_args!(
            "  {} {}",
            printable(&change.to_string()),
            change.key.unit()
        ));
    }
    let changed = settings.changes();
    let ends: BTreeSet<_> = changed
        .iter()
        .filter_map(|change| before.ends_inheritance(&change.key))
        .collect();
    for group in ends {
        printer.note(format_args!(
            "  this ends the inheritance of {group}: the organization keeps what it has now, and what is changed above \
             no longer reaches it"
        ));
    }
    if global.dry_run {
        printer.note("nothing was changed (--dry-run)");
        return Ok(());
    }
    if !global.yes {
        confirm(
            printer,
            &format!(
                "write this to {:?} (id {}) in {}",
                org.org_name,
                org.key(),
                tenant.title().await
            ),
        )?;
    }
    write(tenant, org, settings).await
}

/// Writes the changes of an object and says what became of them.
pub(super) async fn write(
    tenant: &Tenant,
    org: &Org,
    settings: OrgSettings,
) -> Result<(), Failure> {
    let what = format!("writing the settings of {:?}", org.org_name);
    let orgs = tenant.client.orgs();
    let printer = tenant.printer;
    let update = printer
        .progress(what, Box::pin(orgs.update_settings(&settings)))
        .await?;
    let rows: Vec<Value> = outcomes(org, &update).collect();
    printer.rows(COLUMNS, &rows)?;
    match update.is_complete() {
        true => Ok(()),
        false => {
            let mut message = "not everything was written".to_owned();
            for error in update.errors() {
                message.push_str(&format!("\n  {error}"));
            }
            Err(Failure::new(Exit::Incomplete, message))
        }
    }
}

fn outcomes<'a>(org: &'a Org, update: &'a SettingsUpdate) -> impl Iterator<Item = Value> + 'a {
    update.outcomes.iter().map(|outcome| {
        let (result, detail) = match &outcome.result {
            SettingResult::Written => ("written", ""),
            SettingResult::NotWritten(why) => ("refused", why.as_str()),
            SettingResult::Unknown(why) => ("unknown", why.as_str()),
            _ => ("unknown", ""),
        };
        let change = &outcome.change;
        json!({
            "orgId": org.org_id,
            "orgName": org.org_name,
            "key": change.key,
            "old": change.old,
            "new": change.new,
            "result": result,
            "detail": detail,
        })
    })
}

fn unchanged<'a>(
    org: &'a Org,
    settings: &'a OrgSettings,
    wanted: &'a Wanted,
) -> impl Iterator<Item = Value> + 'a {
    let changed: BTreeSet<SettingKey> = (settings.changes().into_iter())
        .map(|change| change.key)
        .collect();
    let same = wanted
        .values
        .iter()
        .filter(move |value| !changed.contains(&value.key));
    same.map(|value| result(org, value, "unchanged", ""))
}

fn result(org: &Org, wanted: &Assignment, result: &str, detail: &str) -> Value {
    json!({
        "orgId": org.org_id,
        "orgName": org.org_name,
        "key": wanted.key,
        "old": null,
        "new": wanted.value,
        "result": result,
        "detail": detail,
    })
}

/// Sets an organization and all below it: parents before their children, so that whoever inherits has the value already
/// when its turn comes and goes on inheriting.
async fn run_below(
    global: &Global,
    tenant: &Tenant,
    top: &Org,
    wanted: &Wanted,
) -> Result<(), Failure> {
    let printer = tenant.printer;
    let forest = tenant.forest().await?;
    let levels = forest.levels(top);
    let count: usize = levels.iter().map(Vec::len).sum();
    let values: Vec<String> = wanted
        .values
        .iter()
        .map(|value| format!("{}={}", value.key, value.value))
        .collect();
    let what = format!(
        "set {} of {} and {} below it in {}",
        printable(&values.join(", ")),
        printable(&forest.path_of(top)),
        count - 1,
        match global.yes || global.dry_run {
            true => tenant.name.as_str(),
            false => tenant.title().await,
        }
    );
    if !global.dry_run && !global.yes {
        printer.note(
            "  organizations that have the value already, their own or inherited, are left alone; where another value is",
        );
        printer.note("  inherited, this ends the inheritance of its group");
        confirm(printer, &what)?;
    }
    // Whoever interrupts it is told how far it came.
    let _claim = SignalClaim::interrupts();
    let bar = printer.counting("organizations".to_owned(), count);
    let stop = AtomicBool::new(false);
    let work = Work {
        tenant,
        wanted,
        dry_run: global.dry_run,
        stop: &stop,
    };
    let mut rows: Vec<Value> = Vec::new();
    let all = async {
        let mut reached = Reached::new();
        for level in &levels {
            let above = &reached;
            let work = &work;
            let bar = &bar;
            let done: Vec<Vec<Value>> = stream::iter(level)
                .map(|org| async move {
                    let rows = work.one(org, above).await;
                    bar.inc(1);
                    rows
                })
                .buffered(AT_ONCE)
                .collect()
                .await;
            let done = done.concat();
            reached.extend(
                done.iter()
                    .filter(|row| row["result"] != "refused")
                    .map(place),
            );
            rows.extend(done);
        }
    };
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.store(true, Ordering::Relaxed);
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = all => {}
        () = interrupted => {}
    }
    bar.finish_and_clear();
    tell(global, printer, &rows, stop.load(Ordering::Relaxed))
}

/// The organizations that have, or would have, the value of a key: the number of each, and the key.
type Reached = BTreeSet<(Option<u64>, String)>;

fn place(row: &Value) -> (Option<u64>, String) {
    let key = row["key"].as_str().unwrap_or_default();
    (row["orgId"].as_u64(), key.to_owned())
}

/// What a dry run would write.
const WOULD: &str = "would be written";

struct Work<'a> {
    tenant: &'a Tenant,
    wanted: &'a Wanted,
    dry_run: bool,
    stop: &'a AtomicBool,
}

impl Work<'_> {
    /// Sets one organization of many; whatever goes wrong is its own affair.
    async fn one(&self, org: &Org, above: &Reached) -> Vec<Value> {
        let all = |word: &str, detail: &str| -> Vec<Value> {
            let values = self.wanted.values.iter();
            values
                .map(|value| result(org, value, word, detail))
                .collect()
        };
        if self.stop.load(Ordering::Relaxed) {
            return all("refused", "not tried: interrupted");
        }
        let orgs = self.tenant.client.orgs();
        let reading = orgs.get_settings_with(org, which(&self.wanted.keys));
        let mut settings = match reading.await {
            Ok(settings) => settings,
            Err(error) => return all("refused", &format!("not tried: {error}")),
        };
        if self.dry_run {
            return self.foresee(org, settings, above);
        }
        let refused = self.wanted.apply(&mut settings);
        let mut rows: Vec<Value> = self.refusals(org, &refused).collect();
        let is_refused = |row: &Value| refused.iter().any(|(key, _)| row["key"] == key.name());
        rows.extend(unchanged(org, &settings, self.wanted).filter(|row| !is_refused(row)));
        if settings.is_unchanged() {
            return rows;
        }
        match orgs.update_settings(&settings).await {
            Ok(update) => rows.extend(outcomes(org, &update)),
            Err(error) => {
                let changed = settings.changes();
                let values = self.wanted.values.iter();
                let values = values.filter(|value| changed.iter().any(|c| c.key == value.key));
                rows.extend(values.map(|value| result(org, value, "refused", &error.to_string())));
            }
        }
        rows
    }

    fn refusals<'a>(
        &'a self,
        org: &'a Org,
        refused: &'a [(SettingKey, org42::Error)],
    ) -> impl Iterator<Item = Value> + 'a {
        refused.iter().filter_map(move |(key, error)| {
            let value = self.wanted.values.iter().find(|value| value.key == *key)?;
            Some(result(org, value, "refused", &error.to_string()))
        })
    }

    /// What a run would do. Whoever inherits from a parent that would have the value follows it.
    fn foresee(&self, org: &Org, mut settings: OrgSettings, above: &Reached) -> Vec<Value> {
        let parent = org.parent_org_id.map(|id| u64::from(id.get()));
        let follows = |key: &SettingKey| {
            let found = settings.get(key).ok();
            found.is_some_and(|found| found.inherited == Some(true))
                && above.contains(&(parent, key.name().to_owned()))
        };
        let follows: Vec<SettingKey> = self
            .wanted
            .keys
            .iter()
            .filter(|key| follows(key))
            .cloned()
            .collect();
        let refused = self.wanted.apply(&mut settings);
        let changes = settings.changes();
        let rows = self.wanted.values.iter().map(|value| {
            let error = refused.iter().find(|(key, _)| *key == value.key);
            let change = changes.iter().find(|change| change.key == value.key);
            match (error, change) {
                (Some((_, error)), _) => result(org, value, "refused", &error.to_string()),
                (None, Some(_)) if follows.contains(&value.key) && !self.wanted.own => {
                    result(org, value, "unchanged", "would follow its parent")
                }
                (None, Some(change)) => {
                    let mut row = result(org, value, WOULD, "");
                    row["old"] = json!(change.old);
                    row
                }
                (None, None) => result(org, value, "unchanged", ""),
            }
        });
        rows.collect()
    }
}

/// Writes the table, and says how it went.
fn tell(
    global: &Global,
    printer: Printer,
    rows: &[Value],
    interrupted: bool,
) -> Result<(), Failure> {
    printer.rows(COLUMNS, rows)?;
    let count = |word: &str| rows.iter().filter(|row| row["result"] == word).count();
    let (refused, unknown) = (count("refused"), count("unknown"));
    let summary = format!(
        "{} written, {} unchanged, {refused} refused, {unknown} unknown",
        count("written"),
        count("unchanged"),
    );
    if global.dry_run {
        printer.note(format_args!(
            "{} {WOULD}, {} unchanged, {refused} refused; nothing was changed (--dry-run)",
            count(WOULD),
            count("unchanged")
        ));
        return Ok(());
    }
    match refused + unknown {
        _ if interrupted => Err(Failure::new(
            Exit::Interrupted,
            format!("interrupted: {summary}"),
        )),
        0 => {
            printer.note(&summary);
            Ok(())
        }
        _ => Err(Failure::new(Exit::Incomplete, summary)),
    }
}
