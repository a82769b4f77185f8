//! Founding a tenant, its administrator, and its API clients.

use super::{Service, TenantDraft, TenantService, UserCreation};
use crate::auth::secrets;
use crate::domain::roles::ADMINISTRATOR;
use crate::domain::rules::{self, NewOrgRecord, org_name};
use crate::domain::settings::Destination;
use crate::domain::{ApiClient, Revision, RowChange, Stamp, Tenant, TenantRefusal};
use crate::store::{OrgLookup, UserLookup};

/// The beginning of every API client's id.
pub(crate) const API_CLIENT_PREFIX: &str = "key-42-";

/// A new API client; the secret is shown this once.
#[derive(Clone)]
#[non_exhaustive]
pub struct NewApiClient {
    /// The id, which is public.
    pub client_id: String,
    /// The secret.
    pub secret: String,
}

impl Service<'_> {
    /// Returns all API clients, oldest first.
    ///
    /// # Errors
    ///
    /// When the storage fails.
    pub fn api_clients(&self) -> Result<Vec<ApiClient>, TenantRefusal> {
        self.look(|view| Ok(view.api_clients()?))
    }

    /// Returns one API client that may log in.
    ///
    /// # Errors
    ///
    /// When no client has this id, or it was revoked.
    pub fn api_client(&self, client_id: &str) -> Result<ApiClient, TenantRefusal> {
        let client = self.look(|view| Ok(view.api_client(client_id)?))?;
        client
            .filter(|client| !client.revoked)
            .ok_or(TenantRefusal::ApiClientNotFound)
    }
}

impl TenantDraft<'_> {
    /// Founds the tenant in an empty store: the top organization and an administrator in it, who has no password yet.
    ///
    /// # Errors
    ///
    /// When the name of the organization is invalid, or the store is not empty.
    pub(crate) fn found(
        &self,
        top_name: &str,
        admin_username: &str,
        signing_key: &[u8],
    ) -> Result<(), TenantRefusal> {
        if !self.is_empty()? {
            let why = "there is a tenant already".to_owned();
            return Err(TenantRefusal::Invalid(why));
        }
        let stamp = Stamp {
            revision: Revision::default().next(),
            now: self.clock().now(),
        };
        let tenant = Tenant {
            revision: stamp.revision,
            uid: self.entropy().uuid(),
            next_id: 4,
            destinations: Destination::of_new_tenant(),
            signing_key: signing_key.to_owned(),
        };
        let top = NewOrgRecord {
            id: 2.into(),
            uid: self.entropy().org_uid(),
            guid: self.entropy().org_guid(),
            registration_key: self.entropy().registration_key(),
            name: org_name(Some(top_name))?,
            ext_ref: None,
            notes: None,
        };
        let mut changes = vec![RowChange::Tenant(tenant)];
        changes.extend(rules::create_org(&[], None, top, stamp)?);
        let Some(RowChange::Org(top)) = changes.last().cloned() else {
            return Err(TenantRefusal::OrgNotFound);
        };
        let admin = UserCreation {
            username: admin_username.to_owned(),
            email: Some(admin_username.to_owned()).filter(|name| name.contains('@')),
            roles: vec![ADMINISTRATOR.to_owned()],
            ..UserCreation::default()
        };
        let state = crate::domain::OrgState::of_way(std::slice::from_ref(&top));
        changes.extend(rules::create_user(
            &top,
            &state,
            None,
            self.new_user(3, &admin),
            stamp,
        )?);
        self.apply(&changes)
    }

    /// Makes sure that the top organization has an administrator of this name with this password who can log in: one
    /// who was moved away, deactivated or blocked is moved back, activated and unblocked.
    ///
    /// # Errors
    ///
    /// When an ordinary user has this name, the top organization is blocked, or the storage fails.
    pub fn set_admin(&self, username: &str, password_hash: &str) -> Result<(), TenantRefusal> {
        let known = self.look(|view| Ok(view.user(&UserLookup::Username(username.to_owned()))?))?;
        let Some(user) = known else {
            let admin = UserCreation {
                org: Some(OrgLookup::Top),
                username: username.to_owned(),
                email: Some(username.to_owned()).filter(|name| name.contains('@')),
                password_hash: Some(password_hash.to_owned()),
                roles: vec![ADMINISTRATOR.to_owned()],
                ..UserCreation::default()
            };
            return self.create_user(&admin).map(|_| ());
        };
        if !user.is_admin() {
            return Err(TenantRefusal::Invalid(format!(
                "{username} is an ordinary user of this tenant; choose another name for the administrator"
            )));
        }
        let key = UserLookup::Id(user.id);
        self.move_user(&key, &OrgLookup::Top)?;
        self.activate_user(&key, true)?;
        self.change(|view, stamp| {
            let user = super::users::find(view, &key)?.user;
            let mut admin = user.clone();
            admin.password_hash = Some(password_hash.to_owned());
            admin.sessions_end = stamp.revision;
            admin.modified_at = stamp.after(user.modified_at);
            Ok(vec![RowChange::User(admin)])
        })
    }

    /// Removes a user's password and ends the user's sessions.
    ///
    /// # Errors
    ///
    /// When there is no such user, or the storage fails.
    pub fn withdraw_password(&self, username: &str) -> Result<(), TenantRefusal> {
        let key = UserLookup::Username(username.to_owned());
        self.change(|view, stamp| {
            let mut user = super::users::find(view, &key)?.user;
            user.password_hash = None;
            user.sessions_end = stamp.revision;
            user.modified_at = stamp.after(user.modified_at);
            Ok(vec![RowChange::User(user)])
        })
    }

    /// Creates an API client, which has the rights of the administrator.
    ///
    /// # Errors
    ///
    /// When the storage fails.
    pub fn create_api_client(&self) -> Result<NewApiClient, TenantRefusal> {
        let new = NewApiClient {
            client_id: format!("{API_CLIENT_PREFIX}{}", self.entropy().uuid()),
            secret: self.entropy().secret(),
        };
        self.change(|_, stamp| {
            Ok(vec![RowChange::ApiClient(ApiClient {
                client_id: new.client_id.clone(),
                secret_hash: secrets::digest(&new.secret),
                created_at: stamp.now,
                revoked: false,
            })])
        })?;
        Ok(new)
    }

    /// Revokes an API client; its tokens are invalid from now on.
    ///
    /// # Errors
    ///
    /// When no client has this id.
    pub fn revoke_api_client(&self, client_id: &str) -> Result<(), TenantRefusal> {
        self.change(|view, _| {
            let client = view
                .api_client(client_id)?
                .ok_or(TenantRefusal::ApiClientNotFound)?;
            if client.revoked {
                return Ok(Vec::new());
            }
            Ok(vec![RowChange::ApiClient(ApiClient {
                revoked: true,
                ..client
            })])
        })
    }
}

impl TenantService {
    /// Creates an API client as [`TenantDraft::create_api_client`] does, and blocks the thread until it is done.
    ///
    /// # Errors
    ///
    /// When the storage fails.
    pub fn create_api_client(&self) -> Result<NewApiClient, TenantRefusal> {
        self.change_blocking(|tenant| tenant.create_api_client())
    }

    /// Revokes an API client as [`TenantDraft::revoke_api_client`] does, and blocks the thread until it is done.
    ///
    /// # Errors
    ///
    /// When no client has this id.
    pub fn revoke_api_client(&self, client_id: &str) -> Result<(), TenantRefusal> {
        let client_id = client_id.to_owned();
        self.change_blocking(move |tenant| tenant.revoke_api_client(&client_id))
    }
}
