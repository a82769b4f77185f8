//! Reads settings from the server.

use std::sync::Arc;

use futures_util::future::try_join;
use org42_types::{Org, OrgId, endpoints};
use serde_json::{Map, Value};

use crate::answer::response::Response;
use crate::call::request::Call;
use crate::error::fault::Fault;
use crate::error::{Error, Result};
use crate::orgs::into_org_key::IntoOrgKey;
use crate::orgs::org_key::OrgKey;
#[cfg(feature = "blocking")]
use crate::orgs::service::blocking;
use crate::orgs::service::{OrgService, about, by_number, named};
use crate::settings::document::above::{self, Above};
use crate::settings::document::org_document::Document;
use crate::settings::document::t_settings::TSettings;
use crate::settings::edit::org_settings::OrgSettings;
use crate::settings::keys::key::SettingKey;
use crate::settings::keys::places::Place;

/// The parts of an organization's document that are settings.
const ALL: [&str; 3] = ["incSettings", "incDeviceDefaults", "incInheritedOrgInfo"];

/// The most levels of organizations above one that are read.
const MOST_LEVELS: usize = 64;

/// The choice of settings to read.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct GetSettings {
    org: bool,
    by_key: bool,
    origins: bool,
}

impl Default for GetSettings {
    fn default() -> Self {
        Self {
            org: true,
            by_key: true,
            origins: false,
        }
    }
}

impl GetSettings {
    /// Creates a choice of all settings, which takes two requests.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads only what these settings need: one request where all of them are t-settings, or none of them is. Asking
    /// the result for a setting of the other kind is an error.
    ///
    /// ```no_run
    /// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
    /// use org42::{GetSettings, SettingKey};
    ///
    /// let keys = [SettingKey::of("archive_hold_days")?];
    /// let only = GetSettings::new().only(&keys);
    /// let settings = client.orgs().get_settings_with(42, only).await?;
    /// println!("{}", settings.get(&keys[0])?.value);
    /// # Ok(()) }
    /// ```
    pub fn only<'a>(self, keys: impl IntoIterator<Item = &'a SettingKey>) -> Self {
        let mut only = Self {
            org: false,
            by_key: false,
            ..self
        };
        for key in keys {
            match key.place() {
                Place::TSetting => only.by_key = self.by_key,
                _ => only.org = self.org,
            }
        }
        only
    }

    /// Sets whether to find out which organization provides the quota and the reporting group where they are inherited
    /// and the document does not name it, as on today's servers, and the name of the one that a t-setting comes from. This
    /// takes the document of the organization, whichever settings are asked for, and one more request for each organization
    /// on the way up, as far as needed; [`Effective::from`](crate::Effective::from) has the result.
    pub fn origins(mut self, origins: bool) -> Self {
        self.origins = origins;
        self
    }
}

impl OrgService {
    /// Reads the settings of an organization: its document with settings, device defaults and where they come from,
    /// and its t-settings.
    ///
    /// Sends `GET /api/v1/Org/{orgId}` and `GET /api/v1/OrgSetting/{orgId}` at once. These routes take the number, so
    /// only an organization named by another id is looked up in the listing first.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) if there is no such organization. The call fails as a whole if one of the
    /// two requests fails.
    pub async fn get_settings(&self, org_id: impl IntoOrgKey) -> Result<OrgSettings> {
        self.get_settings_with(org_id, GetSettings::new()).await
    }

    /// Reads the settings of an organization, or those of one kind; see [`GetSettings::only`].
    ///
    /// # Errors
    ///
    /// Those of [`get_settings`](Self::get_settings).
    pub async fn get_settings_with(
        &self,
        org_id: impl IntoOrgKey,
        what: GetSettings,
    ) -> Result<OrgSettings> {
        let operation = "read the settings of an organization";
        self.client
            .may_send(endpoints::ORG_SETTING_GET, operation)?;
        let key = named(operation, by_number(&org_id))?;
        about(key.id(), self.fetch_settings(operation, &key, what)).await
    }

    async fn fetch_settings(
        &self,
        operation: &str,
        key: &OrgKey,
        what: GetSettings,
    ) -> Result<OrgSettings> {
        let org_id = self.number_of(operation, key).await?;
        let operation = format!("read the settings of organization {org_id}");
        let org = async {
            // It leads to the organizations above, which have the names.
            match what.org || what.origins {
                true => self.read_document(&operation, org_id, &ALL).await.map(Some),
                false => Ok(None),
            }
        };
        let by_key = async {
            match what.by_key {
                true => self.read_t_settings(&operation, org_id).await.map(Some),
                false => Ok(None),
            }
        };
        let (org, by_key) = try_join(org, by_key).await?;
        let mut settings = OrgSettings::new(org_id, org, by_key);
        if what.origins {
            settings.above = Arc::new(self.read_above(&operation, &settings).await?);
        }
        Ok(settings)
    }

    /// Reads the organizations above until each inherited group is found in one. Stops at one that the caller may not
    /// see.
    async fn read_above(&self, operation: &str, settings: &OrgSettings) -> Result<Above> {
        let mut documents: Vec<Document> = Vec::new();
        let mut next = settings.org.as_deref().and_then(above::parent);
        let mut above = Above::default();
        while let Some(org_id) = next.filter(|_| settings.misses_an_origin(&above)) {
            // Stops following a server that leads in circles, or that sends ever more to keep.
            let kept: usize = documents.iter().map(Document::length).sum();
            if documents.len() == MOST_LEVELS || kept > self.client.limits().document {
                break;
            }
            match self
                .read_document(operation, org_id, &["incSettings"])
                .await
            {
                Ok(document) => {
                    next = above::parent(&document);
                    documents.push(document);
                    above = Above::new(&documents, next.is_none());
                }
                Err(error) if error.is_not_found() || error.is_forbidden() => break,
                Err(error) => return Err(error),
            }
        }
        Ok(above)
    }

    async fn read_document(
        &self,
        operation: &str,
        org_id: OrgId,
        with: &[&str],
    ) -> Result<Document> {
        let call = Call::new(endpoints::ORG_GET, operation).path("orgId", org_id);
        let call = with.iter().fold(call, |call, part| call.query(*part, true));
        let org: Response<Org> = self.client.call(call).await?.read_org()?;
        Document::in_answer(org.text()).map_err(|reason| {
            let fault = Fault::Malformed {
                status: org.http_status(),
                message: "not with the document that belongs here".to_owned(),
                text: String::new(),
            };
            let reason = self.client.secrets().reason(&reason);
            Error::new(operation, fault)
                .at(endpoints::ORG_GET)
                .because(reason)
        })
    }

    async fn read_t_settings(&self, operation: &str, org_id: OrgId) -> Result<TSettings> {
        let call = Call::new(endpoints::ORG_SETTING_GET, operation).path("orgId", org_id);
        let all: Response<Option<Map<String, Value>>> = self.client.call(call).await?.read()?;
        let all = all.into_value().unwrap_or_default().into_iter();
        Ok(all.map(|(key, value)| (key, value.into())).collect())
    }
}

#[cfg(feature = "blocking")]
crate::blocking::forms::forms! {
    impl blocking::OrgService {
        pub fn get_settings(&self, org_id: impl IntoOrgKey) -> Result<OrgSettings>;
        pub fn get_settings_with(&self, org_id: impl IntoOrgKey, what: GetSettings) -> Result<OrgSettings>;
    }
}
