//! Writes changes of settings, and finds out their results.

use std::fmt;

use org42_types::{Org, OrgId, endpoints};
use serde::{Serialize, Serializer};

use crate::answer::response::Response;
use crate::call::request::Call;
use crate::error::fault::Fault;
use crate::error::{Error, Happened, Result};
#[cfg(feature = "blocking")]
use crate::orgs::service::blocking;
use crate::orgs::service::{OrgService, about};
use crate::settings::document::t_settings::Packets;
use crate::settings::edit::body::Sorted;
use crate::settings::edit::effective::SettingChange;
use crate::settings::edit::org_settings::OrgSettings;
use crate::settings::keys::places::Place;
use crate::settings::service::fetch::GetSettings;

/// The options of [`update_settings_with`](crate::OrgService::update_settings_with).
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct UpdateSettings {
    force: bool,
}

impl UpdateSettings {
    /// Creates options that refuse to overwrite what was changed on the server in the meantime.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether to overwrite such changes.
    pub fn force(mut self, force: bool) -> Self {
        self.force = force;
        self
    }
}

/// The result of an update: both answers, as in py42, and the result of each change.
#[derive(Clone, Debug, Default)]
#[must_use = "settings may have been written in part"]
#[non_exhaustive]
pub struct SettingsUpdate {
    /// The answer to the write of the organization, if one was needed.
    pub org_response: Option<Result<Response<Org>>>,
    /// The answer to the write of the t-settings, if one was needed.
    pub org_settings_response: Option<Result<Response<()>>>,
    /// Each change and its result, as read back from the server.
    pub outcomes: Vec<SettingOutcome>,
}

impl SettingsUpdate {
    /// Returns whether every change is written.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let is_written = |outcome: &SettingOutcome| outcome.result == SettingResult::Written;
        self.outcomes.iter().all(is_written)
    }

    /// Returns the errors of the two writes, if there were any.
    pub fn errors(&self) -> impl Iterator<Item = &Error> {
        let org = self.org_response.iter().filter_map(|r| r.as_ref().err());
        let by_key = self.org_settings_response.iter();
        org.chain(by_key.filter_map(|r| r.as_ref().err()))
    }
}

/// A change and its result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SettingOutcome {
    /// The change that was to be made.
    pub change: SettingChange,
    /// Its result.
    pub result: SettingResult,
}

/// The result of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingResult {
    /// It is in force, as the server answered after the write.
    Written,
    /// It is not in force, for this reason.
    NotWritten(String),
    /// It may be in force or not; the text is why that is not known.
    Unknown(String),
}

impl fmt::Display for SettingResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written => f.pad("written"),
            Self::NotWritten(why) => write!(f, "not written: {why}"),
            Self::Unknown(why) => write!(f, "unknown: {why}"),
        }
    }
}

impl Serialize for SettingResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl OrgService {
    /// Writes the changes of an object, and nothing else; returns the result of each.
    ///
    /// Without changes nothing is sent. With changes, the settings to change are first read again: if one of them was
    /// changed on the server since, nothing is written. What is sent is that fresh document with the changes in it, so
    /// that a change of any other setting survives, unless it is made between this reading and the write, which the
    /// API cannot prevent. Afterwards everything is read back. `PUT /api/v1/OrgSetting/{orgId}` is sent for changed
    /// t-settings only, `PUT /api/v1/Org/{orgId}` for changes of the organization's document only; neither is sent
    /// twice.
    ///
    /// When one of the two writes fails, the other is tried all the same: check
    /// [`is_complete`](SettingsUpdate::is_complete). The object keeps its changes; read the settings again before
    /// changing more.
    ///
    /// # Errors
    ///
    /// [`is_conflict`](Error::is_conflict) with [`conflicts`](Error::conflicts) when one of the same settings was
    /// changed on the server; any error of reading the settings. Nothing was written then.
    ///
    /// ```no_run
    /// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
    /// let mut settings = client.orgs().get_settings(42).await?;
    /// settings.set_archive_hold_days(30)?;
    /// for outcome in client.orgs().update_settings(&settings).await?.outcomes {
    ///     println!("{}: {}", outcome.change, outcome.result);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn update_settings(&self, settings: &OrgSettings) -> Result<SettingsUpdate> {
        self.update_settings_with(settings, UpdateSettings::new())
            .await
    }

    /// Writes the changes of an object, if so [forced](UpdateSettings::force) also over changes that were made on the
    /// server in the meantime.
    ///
    /// # Errors
    ///
    /// Those of [`update_settings`](Self::update_settings).
    pub async fn update_settings_with(
        &self,
        settings: &OrgSettings,
        how: UpdateSettings,
    ) -> Result<SettingsUpdate> {
        about(settings.org_id, self.write_changes(settings, how)).await
    }

    async fn write_changes(
        &self,
        settings: &OrgSettings,
        how: UpdateSettings,
    ) -> Result<SettingsUpdate> {
        let changes = settings.changes();
        if changes.is_empty() {
            return Ok(SettingsUpdate::default());
        }
        let operation = format!("write the settings of organization {}", settings.org_id);
        self.client.may_send(endpoints::ORG_UPDATE, &operation)?;
        let needed = GetSettings::new().only(changes.iter().map(|change| &change.key));
        let fresh = self.read_again(&operation, settings.org_id, needed).await?;
        let conflicts = fresh.conflicts(&changes, settings);
        if !how.force && !conflicts.is_empty() {
            return Err(Error::new(operation, Fault::Conflict(conflicts))
                .with_hint("read the settings anew, or write by force"));
        }
        for change in &changes {
            fresh.may_change(&change.key)?;
        }
        let _changing = self.client.changing();
        let mut update = SettingsUpdate::default();
        let Sorted { org, by_key } = settings.sorted();
        let packets = by_key.iter().filter(|change| !fresh.has(change));
        let packets: Vec<_> = packets.map(|change| fresh.packet(change)).collect();
        let body = match org.iter().all(|change| fresh.has(change)) {
            true => None,
            false => Some(fresh.body_with(&org, settings)?),
        };
        if !packets.is_empty() {
            let call = Call::new(endpoints::ORG_SETTING_PUT, &*operation)
                .path("orgId", settings.org_id)
                .json(&Packets { packets: &packets })?;
            let answer = self.client.call(call).await;
            update.org_settings_response = Some(answer.and_then(|answer| answer.read_nothing()));
        }
        if let Some(body) = body {
            let mut call =
                Call::new(endpoints::ORG_UPDATE, &*operation).path("orgId", settings.org_id);
            call.body = Some(body.into());
            let silent = |error: &Error| error.is_timeout() && !surely_not_done(error);
            let was_silent = update.org_settings_response.as_ref();
            let was_silent = was_silent.is_some_and(|first| first.as_ref().is_err_and(silent));
            update.org_response = Some(match was_silent {
                // A dead server is not waited for twice.
                true => Err(call
                    .failed(Fault::Stopped { sent: false })
                    .with_hint("the server was silent when the other settings were written")),
                false => {
                    let answer = self.client.call(call).await;
                    answer.and_then(|answer| answer.read_changed_org())
                }
            });
        }
        update.outcomes = self
            .read_back(settings.org_id, &fresh, changes, &update)
            .await;
        Ok(update)
    }

    async fn read_again(
        &self,
        operation: &str,
        org_id: OrgId,
        needed: GetSettings,
    ) -> Result<OrgSettings> {
        self.get_settings_with(org_id, needed)
            .await
            .map_err(|error| error.before_writing(operation))
    }

    /// Reads the settings again to find the result of each change.
    async fn read_back(
        &self,
        org_id: OrgId,
        fresh: &OrgSettings,
        changes: Vec<SettingChange>,
        update: &SettingsUpdate,
    ) -> Vec<SettingOutcome> {
        let failure = |change: &SettingChange| match change.key.place() {
            Place::TSetting => update.org_settings_response.as_ref()?.as_ref().err(),
            _ => update.org_response.as_ref()?.as_ref().err(),
        };
        let was_sent = |change: &SettingChange| match change.key.place() {
            Place::TSetting => update.org_settings_response.is_some(),
            _ => update.org_response.is_some(),
        };
        // What is merely accepted may still come.
        let is_accepted = |change: &SettingChange| {
            let status = match change.key.place() {
                Place::TSetting => update.org_settings_response.as_ref().map(status_of),
                _ => update.org_response.as_ref().map(status_of),
            };
            status.flatten() == Some(202)
        };
        let is_open = |change: &&SettingChange| {
            was_sent(change) && !failure(change).is_some_and(surely_not_done)
        };
        let keys: Vec<_> = changes
            .iter()
            .filter(is_open)
            .map(|change| &change.key)
            .collect();
        let now = match keys.is_empty() {
            true => Ok(fresh.clone()),
            false => {
                self.get_settings_with(org_id, GetSettings::new().only(keys))
                    .await
            }
        };
        let result = |change: &SettingChange| {
            if !was_sent(change) {
                return SettingResult::Written;
            }
            match (failure(change), &now) {
                (Some(error), _) if surely_not_done(error) => {
                    SettingResult::NotWritten(error.to_string())
                }
                (_, Err(error)) => SettingResult::Unknown(error.to_string()),
                (_, Ok(now)) if now.has(change) => SettingResult::Written,
                (Some(error), _) => SettingResult::Unknown(error.to_string()),
                (None, Ok(now)) if is_accepted(change) => {
                    let there = now.as_read(&change.key);
                    SettingResult::Unknown(format!(
                        "the server may write it later, and has {there}"
                    ))
                }
                (None, Ok(now)) => {
                    let there = now.as_read(&change.key);
                    SettingResult::NotWritten(match change.pins {
                        true => "it is still inherited".to_owned(),
                        false => format!("the server accepted it, and has {there}"),
                    })
                }
            }
        };
        changes
            .into_iter()
            .map(|change| SettingOutcome {
                result: result(&change),
                change,
            })
            .collect()
    }
}

fn status_of<T>(answer: &Result<Response<T>>) -> Option<u16> {
    answer.as_ref().ok().map(Response::http_status)
}

fn surely_not_done(error: &Error) -> bool {
    error.happened() == Happened::No
}

#[cfg(feature = "blocking")]
crate::blocking::forms::forms! {
    impl blocking::OrgService {
        pub fn update_settings(&self, settings: &OrgSettings) -> Result<SettingsUpdate>;
        pub fn update_settings_with(&self, settings: &OrgSettings, how: UpdateSettings) -> Result<SettingsUpdate>;
    }
}
