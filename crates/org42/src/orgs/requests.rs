//! The options of requests: an organization to create, what to change about one, and the page to read.

use org42_types::{CreateOrgBody, Field, OrgGuid, UpdateOrgBody};

use crate::error::{Error, Result};
use crate::orgs::into_org_key::IntoOrgKey;
use crate::orgs::org_key::OrgKey;

/// The options of a new organization beside its name.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct CreateOrg {
    ext_ref: Option<String>,
    notes: Option<String>,
    parent: Option<Result<OrgKey, String>>,
}

impl CreateOrg {
    /// Creates a request with the name alone; the new organization becomes a child of the top organization.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the external reference, such as a serial number, asset tag, employee id or help desk issue.
    pub fn ext_ref(mut self, ext_ref: impl Into<String>) -> Self {
        self.ext_ref = Some(ext_ref.into());
        self
    }

    /// Sets the notes, which are free text.
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Some(notes.into());
        self
    }

    /// Sets the organization below which the new one is created. Naming it by guid, or by an [`Org`](crate::Org) of
    /// today's servers, saves looking the guid up.
    pub fn parent(mut self, parent: impl IntoOrgKey) -> Self {
        self.parent = Some(parent.to_org_key().map_err(|error| error.to_string()));
        self
    }

    /// Sets the organization below which the new one is created by its uid, as py42 takes it.
    pub fn parent_org_uid(mut self, uid: impl IntoOrgKey) -> Self {
        let uid = uid.to_org_uid().map(OrgKey::Uid);
        self.parent = Some(uid.map_err(|error| error.to_string()));
        self
    }

    /// Refuses a request that [`create_org`](crate::OrgService::create_org) would refuse before sending anything.
    ///
    /// ```
    /// use org42::CreateOrg;
    ///
    /// assert!(CreateOrg::new().check("Paris").is_ok());
    /// assert!(CreateOrg::new().check("ab").unwrap_err().is_invalid_input());
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) for an impossible name or parent.
    pub fn check(&self, org_name: &str) -> Result<()> {
        let operation = format!("create organization {:?}", shortened(org_name));
        checked_name(&operation, org_name)?;
        self.parent_key(&operation).map(drop)
    }

    /// Returns the parent, if one was set.
    pub(crate) fn parent_key(&self, operation: &str) -> Result<Option<OrgKey>> {
        self.parent
            .clone()
            .transpose()
            .map_err(|reason| Error::input(operation, reason))
    }

    pub(crate) fn into_body(self, name: &str, parent: OrgGuid) -> CreateOrgBody {
        let text = |text: Option<String>| text.map_or(Field::Absent, Field::Value);
        CreateOrgBody {
            org_name: Field::Value(name.to_owned()),
            org_ext_ref: text(self.ext_ref),
            notes: text(self.notes),
            parent_org_guid: Field::Value(parent),
            ..CreateOrgBody::default()
        }
    }
}

/// The changes to make to an organization. Fields that are not set are not sent, and stay as they are.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct UpdateOrg(UpdateOrgBody);

impl UpdateOrg {
    /// Creates a request that changes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the new name: 3 to 220 characters.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.org_name = Field::Value(name.into());
        self
    }

    /// Sets the new notes.
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.0.notes = Field::Value(notes.into());
        self
    }

    /// Sets the new external reference.
    pub fn ext_ref(mut self, ext_ref: impl Into<String>) -> Self {
        self.0.org_ext_ref = Field::Value(ext_ref.into());
        self
    }

    /// Clears the notes by sending an empty text. The vendor's clients send null for fields that they do not change,
    /// so a server cannot treat null as a wish to clear.
    pub fn clear_notes(self) -> Self {
        self.notes("")
    }

    /// Clears the external reference, by sending an empty text too.
    pub fn clear_ext_ref(self) -> Self {
        self.ext_ref("")
    }

    /// Refuses a request that [`update_org`](crate::OrgService::update_org) would refuse before sending anything.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) when there is nothing to change, or for an impossible name.
    pub fn check(&self) -> Result<()> {
        self.clone().into_body("update an organization").map(drop)
    }

    /// Returns the body to send.
    pub(crate) fn into_body(self, operation: &str) -> Result<UpdateOrgBody> {
        let Self(mut body) = self;
        if body == UpdateOrgBody::default() {
            return Err(Error::input(operation, "there is nothing to change"));
        }
        if let Field::Value(name) = &mut body.org_name {
            *name = checked_name(operation, name)?.to_owned();
        }
        Ok(body)
    }
}

/// The page of a listing to read.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct GetPage {
    pub(crate) num: u32,
    pub(crate) size: Option<u32>,
}

impl Default for GetPage {
    /// Returns a request for the first page, with the client's items per page.
    fn default() -> Self {
        Self { num: 1, size: None }
    }
}

impl GetPage {
    /// Creates a request for the first page, with the client's items per page.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the page to read; the first is 1.
    pub fn page_num(mut self, num: u32) -> Self {
        self.num = num;
        self
    }

    /// Sets how many organizations a page has; not 0.
    pub fn page_size(mut self, size: u32) -> Self {
        self.size = Some(size);
        self
    }
}

/// The way in which [`get_all_with`](crate::OrgService::get_all_with) reads a listing.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct GetAll {
    pub(crate) page_size: Option<u32>,
    pub(crate) pages_at_once: Option<u8>,
    pub(crate) allow_partial: bool,
}

impl GetAll {
    /// Creates a request for pages with the client's items per page.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how many organizations to request per page; not 0.
    pub fn page_size(mut self, size: u32) -> Self {
        self.page_size = Some(size);
        self
    }

    /// Sets how many pages are requested at once, at most, instead of what is set for the
    /// [client](crate::ClientBuilder::pages_at_once).
    pub fn pages_at_once(mut self, most: u8) -> Self {
        self.pages_at_once = Some(most);
        self
    }

    /// Sets whether a listing may end although the server counts more organizations than have come. Otherwise it ends
    /// with an error; [`Pages::missing`](crate::Pages::missing) says how many are missing in either case.
    pub fn allow_partial(mut self, allow: bool) -> Self {
        self.allow_partial = allow;
        self
    }
}

/// Returns the name without white space around it, if its length is one that servers accept.
pub(crate) fn checked_name<'a>(operation: &str, name: &'a str) -> Result<&'a str> {
    let name = name.trim();
    match name.chars().count() {
        3..=220 => Ok(name),
        length => {
            let shown = shortened(name);
            let message = format!("a name has 3 to 220 characters, {shown:?} has {length}");
            Err(Error::input(operation, message))
        }
    }
}

/// Returns the start of a text, so that an error stays short however long the name is.
pub(crate) fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}
