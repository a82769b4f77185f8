//! An authority as a test bench, through its own routes: samples, snapshots, requests, faults, the clock, the switches.

use org42::{Endpoint, endpoints::authority as own};
use org42_authority::Sample;
use serde_json::{Map, Value, json};

use super::restoration;
use super::words::{Clock, Faults, Place, Snapshot, Switch};
use crate::args::{Global, Output};
use crate::connect::{Tenant, bench, served};
use crate::embedded::in_directory;
use crate::exit::Failure;
use crate::verbs::confirm;
use crate::{output, print, say};

/// An authority.
pub(super) struct Bench {
    pub(super) tenant: Tenant,
    pub(super) form: Output,
    yes: bool,
}

impl Bench {
    /// The one in a directory, or else the one that other commands speak to.
    pub(super) async fn at(global: &Global, place: Place) -> Result<Self, Failure> {
        let tenant = match place.data {
            Some(data) => in_directory(data).await?,
            None => bench(global).await?,
        };
        Ok(Self::of(global, tenant))
    }

    /// One that is served by another process.
    async fn served(global: &Global) -> Result<Self, Failure> {
        Ok(Self::of(global, served(global).await?))
    }

    fn of(global: &Global, tenant: Tenant) -> Self {
        Self {
            tenant,
            form: global.output.unwrap_or(Output::Table),
            yes: global.yes,
        }
    }

    pub(super) async fn get(&self, endpoint: Endpoint) -> Result<Value, Failure> {
        let got = self.tenant.client.get(endpoint, &[], &[]).await;
        got.map(org42::Response::into_value)
            .map_err(|error| self.explained(error))
    }

    pub(super) async fn send(
        &self,
        endpoint: Endpoint,
        path: &[(&'static str, &str)],
        body: Option<&Value>,
    ) -> Result<Value, Failure> {
        let sent = self.tenant.client.send(endpoint, path, &[], body).await;
        sent.map(org42::Response::into_value)
            .map_err(|error| self.explained(error))
    }

    /// Only an authority has these routes, and it says itself what is wrong.
    fn explained(&self, error: org42::Error) -> Failure {
        if error.is_sign_in() {
            return error.into();
        }
        let problem = error.problems().first();
        let is_told = is_told(&error);
        let code = match error.status() {
            Some(400) => Failure::USAGE,
            Some(404) if is_told => Failure::NOT_FOUND,
            Some(409) => Failure::CONFLICT,
            Some(404 | 405) => {
                let message = format!(
                    "{} is no authority, or an older one: it does not have this",
                    self.tenant.name
                );
                return Failure::new(Failure::CONFLICT, message);
            }
            _ => return error.into(),
        };
        match problem {
            Some(problem) => Failure::new(code, problem.description.clone()),
            None => error.into(),
        }
    }

    /// Asks whether to do it, unless it is refused anyway.
    async fn ask(&self, what: &str, endpoint: Endpoint) -> Result<(), Failure> {
        self.tenant.client.check(endpoint)?;
        if self.yes {
            return Ok(());
        }
        let about = self.get(own::TENANT).await?;
        confirm(&format!(
            "{what} {}, {}, with {} organizations and {} users",
            about["name"], self.tenant.name, about["orgs"], about["users"]
        ))
    }

    /// What a restoration brings back and what it does not, in words.
    async fn what_comes_back(&self, name: &str) -> Result<String, Failure> {
        let path = [("name", name)];
        let got = self.tenant.client.get(own::SNAPSHOTS_PREVIEW, &path, &[]);
        match got.await {
            Ok(told) => Ok(restoration::in_words(&told.into_value())),
            // An older authority cannot tell.
            Err(error) if matches!(error.status(), Some(404 | 405)) && !is_told(&error) => {
                Ok("what comes back is not told by this authority".to_owned())
            }
            Err(error) => Err(self.explained(error)),
        }
    }

    pub(super) fn print_rows(
        &self,
        header: &'static [&'static str],
        rows: &Value,
    ) -> Result<(), Failure> {
        let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
        print(&output::rows(header, rows, self.form)?)
    }

    pub(super) fn print_one(&self, document: &Value) -> Result<(), Failure> {
        let document = document.as_object().cloned().unwrap_or_default();
        print(&output::one(&document, self.form)?)
    }
}

/// Whether a refusal says of what there is none.
fn is_told(error: &org42::Error) -> bool {
    let problem = error.problems().first();
    problem.is_some_and(|problem| problem.name != "SYSTEM")
}

pub(super) async fn seed(global: &Global, sample: Sample, place: Place) -> Result<(), Failure> {
    let bench = Bench::at(global, place).await?;
    let body = json!({"sample": sample.to_string()});
    let org = bench.send(own::SEED, &[], Some(&body)).await?;
    say(&format!(
        "added a sample to {}, below {} (id {})",
        bench.tenant.name, org["orgName"], org["orgId"]
    ));
    match global.output {
        Some(_) => bench.print_one(&org),
        None => Ok(()),
    }
}

pub(super) async fn reset(
    global: &Global,
    sample: Option<Sample>,
    place: Place,
) -> Result<(), Failure> {
    let bench = Bench::at(global, place).await?;
    bench
        .ask(
            "delete every organization, user, device and archive of",
            own::RESET,
        )
        .await?;
    let body = json!({"sample": sample.map(|sample| sample.to_string())});
    bench.send(own::RESET, &[], Some(&body)).await?;
    say(&format!(
        "{} is as new; administrators and API clients go on, every other session is over",
        bench.tenant.name
    ));
    Ok(())
}

pub(super) async fn snapshot(global: &Global, command: Snapshot) -> Result<(), Failure> {
    match command {
        Snapshot::Save {
            name,
            replace,
            place,
        } => {
            let bench = Bench::at(global, place).await?;
            let body = json!({"name": name, "replace": replace});
            bench.send(own::SNAPSHOTS_SAVE, &[], Some(&body)).await?;
            say(&format!("saved {} as {name}", bench.tenant.name));
            Ok(())
        }
        Snapshot::Restore { name, place } => {
            let bench = Bench::at(global, place).await?;
            bench.tenant.client.check(own::SNAPSHOTS_RESTORE)?;
            let words = bench.what_comes_back(&name).await?;
            if !bench.yes {
                say(&words);
            }
            let what = format!("put the snapshot {name} in the place of all that is in");
            bench.ask(&what, own::SNAPSHOTS_RESTORE).await?;
            let path = [("name", name.as_str())];
            bench.send(own::SNAPSHOTS_RESTORE, &path, None).await?;
            say(&format!("{} is as it was in {name}", bench.tenant.name));
            if bench.yes {
                say(&words);
            }
            say("every session from before is over; whoever goes on signs in again");
            Ok(())
        }
        Snapshot::List { place } => {
            let bench = Bench::at(global, place).await?;
            let all = bench.get(own::SNAPSHOTS).await?;
            bench.print_rows(&["name", "savedAt", "bytes"], &all["snapshots"])
        }
        Snapshot::Delete { name, place } => {
            let bench = Bench::at(global, place).await?;
            let what = format!("delete the snapshot {name} of");
            bench.ask(&what, own::SNAPSHOTS_DELETE).await?;
            let path = [("name", name.as_str())];
            bench.send(own::SNAPSHOTS_DELETE, &path, None).await?;
            say(&format!("the snapshot {name} is gone"));
            Ok(())
        }
    }
}

pub(super) async fn requests(global: &Global, forget: bool) -> Result<(), Failure> {
    let bench = Bench::served(global).await?;
    if forget {
        bench.send(own::REQUESTS_FORGET, &[], None).await?;
        say("the requests are forgotten");
        return Ok(());
    }
    let all = bench.get(own::REQUESTS).await?;
    const COLUMNS: &[&str] = &[
        "number", "time", "method", "path", "query", "status", "fault",
    ];
    const WIDE: &[&str] = &[
        "number", "time", "method", "path", "query", "status", "fault", "body", "answer",
    ];
    let columns = match bench.form {
        Output::Table | Output::Tree => COLUMNS,
        _ => WIDE,
    };
    bench.print_rows(columns, &all["requests"])
}

pub(super) async fn faults(global: &Global, command: Faults) -> Result<(), Failure> {
    const COLUMNS: &[&str] = &[
        "number",
        "hits",
        "method",
        "path",
        "count",
        "probability",
        "seed",
        "applied",
        "fault",
    ];
    let bench = Bench::served(global).await?;
    match command {
        Faults::List => {
            let all = bench.get(own::FAULTS).await?;
            bench.print_rows(COLUMNS, &all["faults"])
        }
        Faults::Add(fault) => {
            let body = fault.document();
            let added = bench.send(own::FAULTS_ADD, &[], Some(&body)).await?;
            bench.print_rows(COLUMNS, &json!([added]))
        }
        Faults::Clear => {
            bench.send(own::FAULTS_CLEAR, &[], None).await?;
            say("no faults are in force");
            Ok(())
        }
    }
}

pub(super) async fn clock(global: &Global, command: Clock) -> Result<(), Failure> {
    let bench = Bench::served(global).await?;
    let turn = match command {
        Clock::Show => None,
        Clock::Set { time } => Some(json!({"set": time})),
        Clock::Advance { by } => Some(json!({"advanceSeconds": by.0})),
        Clock::Stop => Some(json!("stop")),
        Clock::Run => Some(json!("run")),
        Clock::Reset => {
            bench.send(own::CLOCK_LET_GO, &[], None).await?;
            None
        }
    };
    let reading = match turn {
        Some(turn) => bench.send(own::CLOCK_TURN, &[], Some(&turn)).await?,
        None => bench.get(own::CLOCK).await?,
    };
    bench.print_one(&reading)
}

/// Switches as a document.
pub(super) fn document(switches: &[Switch]) -> Map<String, Value> {
    let pairs = switches
        .iter()
        .map(|switch| (switch.name.clone(), switch.value.clone()));
    pairs.collect()
}

pub(super) async fn fidelity(
    global: &Global,
    switches: &[Switch],
    reset: bool,
) -> Result<(), Failure> {
    let bench = Bench::served(global).await?;
    if reset {
        bench.send(own::FIDELITY_RESET, &[], None).await?;
    }
    let all = match switches {
        [] => bench.get(own::FIDELITY).await?,
        some => {
            let body = Value::Object(document(some));
            bench.send(own::FIDELITY_SET, &[], Some(&body)).await?
        }
    };
    bench.print_one(&all)
}
