//! An authority as a test bench, through its own routes.

use org42::{Endpoint, endpoints::authority as own};
use serde_json::Value;

use crate::args::{Global, Place};
use crate::connect::{Tenant, bench, in_directory, served};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::terminal::confirm;

/// An authority.
pub(super) struct TestBench {
    pub(super) tenant: Tenant,
    pub(super) yes: bool,
}

impl TestBench {
    /// The one in a directory, or else the one that other commands speak to.
    pub(super) async fn at(
        global: &Global,
        printer: Printer,
        place: Place,
    ) -> Result<Self, Failure> {
        let tenant = match place.data {
            Some(data) => in_directory(data, printer).await?,
            None => bench(global, printer).await?,
        };
        Ok(Self::of(global, tenant))
    }

    /// One that is served by another process.
    pub(super) async fn served(global: &Global, printer: Printer) -> Result<Self, Failure> {
        Ok(Self::of(global, served(global, printer).await?))
    }

    fn of(global: &Global, tenant: Tenant) -> Self {
        Self {
            tenant,
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
    pub(super) fn explained(&self, error: org42::Error) -> Failure {
        if error.is_sign_in() {
            return error.into();
        }
        let problem = error.problems().first();
        let is_told = is_told(&error);
        let code = match error.http_status() {
            Some(400) => Exit::Usage,
            Some(404) if is_told => Exit::NotFound,
            Some(409) => Exit::Conflict,
            Some(404 | 405) => {
                let message = format!(
                    "{} is no authority, or an older one: it does not have this",
                    self.tenant.name
                );
                return Failure::new(Exit::Conflict, message);
            }
            _ => return error.into(),
        };
        match problem {
            Some(problem) => Failure::new(code, problem.description.clone()),
            None => error.into(),
        }
    }

    /// Asks whether to do it, unless it is refused anyway.
    pub(super) async fn ask(&self, what: &str, endpoint: Endpoint) -> Result<(), Failure> {
        self.tenant.client.check(endpoint)?;
        if self.yes {
            return Ok(());
        }
        let about = self.get(own::TENANT).await?;
        confirm(
            self.tenant.printer,
            &format!(
                "{what} {}, {}, with {} organizations and {} users",
                about["name"], self.tenant.name, about["orgs"], about["users"]
            ),
        )
    }

    pub(super) fn print_rows(
        &self,
        header: &'static [&'static str],
        rows: &Value,
    ) -> Result<(), Failure> {
        let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
        self.tenant.printer.rows(header, rows)
    }

    pub(super) fn print_one(&self, document: &Value) -> Result<(), Failure> {
        let document = document.as_object().cloned().unwrap_or_default();
        self.tenant.printer.one(&document)
    }
}

/// Whether a refusal says of what there is none.
pub(super) fn is_told(error: &org42::Error) -> bool {
    let problem = error.problems().first();
    problem.is_some_and(|problem| problem.name != "SYSTEM")
}
