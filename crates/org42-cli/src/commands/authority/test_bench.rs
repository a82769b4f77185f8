//! A connection to an authority's own routes, and what the verbs on it share.

use org42::{Endpoint, endpoints::authority as own};
use serde_json::Value;

use crate::args::{Global, Place};
use crate::connect::{Tenant, authority, in_directory, served_authority};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::terminal::confirm;

/// An authority whose own routes are used.
pub(super) struct TestBench {
    pub(super) tenant: Tenant,
    pub(super) yes: bool,
}

impl TestBench {
    /// Connects to the authority in a directory, or else to the one that other commands use.
    pub(super) async fn at(
        global: &Global,
        printer: Printer,
        place: Place,
    ) -> Result<Self, Failure> {
        let tenant = match place.data {
            Some(data) => in_directory(data, printer).await?,
            None => authority(global, printer).await?,
        };
        Ok(Self::of(global, tenant))
    }

    /// Connects to an authority that another process serves.
    pub(super) async fn at_served(global: &Global, printer: Printer) -> Result<Self, Failure> {
        Ok(Self::of(global, served_authority(global, printer).await?))
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

    /// Returns the failure for a refusal, in the authority's own words; a server without these routes is no authority.
    pub(super) fn explained(&self, error: org42::Error) -> Failure {
        if error.is_sign_in() {
            return error.into();
        }
        let problem = error.problems().first();
        let names_what_is_missing = names_what_is_missing(&error);
        let code = match error.http_status() {
            Some(400) => Exit::Usage,
            Some(404) if names_what_is_missing => Exit::NotFound,
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

    /// Asks whether to do something, unless it would be refused anyway.
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

/// Returns whether a refusal names what is missing, as an authority does for its own routes.
pub(super) fn names_what_is_missing(error: &org42::Error) -> bool {
    let problem = error.problems().first();
    problem.is_some_and(|problem| problem.name != "SYSTEM")
}
