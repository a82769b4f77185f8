//! What a new organization is to be.

use org42::{CreateOrg, Org};

use crate::target::Target;

/// A new organization: its name, and where it is to be.
///
/// ```
/// use org42_admin::change::NewOrg;
///
/// let paris = NewOrg::new("Paris").below("/Europe/France".parse()?).notes("opened in May");
/// # Ok::<(), org42_admin::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct NewOrg {
    pub(super) name: String,
    pub(super) parent: Option<Target>,
    ext_ref: Option<String>,
    notes: Option<String>,
}

impl NewOrg {
    /// Describes an organization of this name below the tenant's top organization.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            parent: None,
            ext_ref: None,
            notes: None,
        }
    }

    /// Names the organization below which it is created.
    pub fn below(mut self, parent: Target) -> Self {
        self.parent = Some(parent);
        self
    }

    /// Sets the external reference.
    pub fn ext_ref(mut self, ext_ref: impl Into<String>) -> Self {
        self.ext_ref = Some(ext_ref.into());
        self
    }

    /// Sets the notes.
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Some(notes.into());
        self
    }

    pub(super) fn options(&self, parent: &Org) -> CreateOrg {
        let options = CreateOrg::new().parent(parent);
        let options = self
            .ext_ref
            .iter()
            .fold(options, |options, text| options.ext_ref(text));
        self.notes
            .iter()
            .fold(options, |options, text| options.notes(text))
    }
}
