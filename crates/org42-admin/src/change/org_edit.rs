//! What is to be changed about name, notes and external reference of an organization.

use std::fmt;

use org42::{Org, UpdateOrg};

/// What is to be changed about an organization; what is not mentioned stays.
///
/// ```
/// use org42_admin::change::OrgEdit;
///
/// let edit = OrgEdit::new().name("Paris").clear_notes();
/// assert!(!edit.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct OrgEdit {
    name: Option<String>,
    notes: Option<String>,
    ext_ref: Option<String>,
}

/// A field of an organization that can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OrgField {
    /// The name.
    Name,
    /// The notes.
    Notes,
    /// The external reference.
    ExtRef,
}

impl fmt::Display for OrgField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Name => "name",
            Self::Notes => "notes",
            Self::ExtRef => "ext-ref",
        })
    }
}

/// A change of one field. [`Display`](fmt::Display) says what it becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldChange {
    /// Which field.
    pub field: OrgField,
    /// What it is now, if the server sent it.
    pub old: Option<String>,
    /// What it is to be; empty where it is cleared.
    pub new: String,
}

impl fmt::Display for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {:?}", self.field, self.new)
    }
}

impl OrgEdit {
    /// Changes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes the name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Changes the notes.
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Some(notes.into());
        self
    }

    /// Changes the external reference.
    pub fn ext_ref(mut self, ext_ref: impl Into<String>) -> Self {
        self.ext_ref = Some(ext_ref.into());
        self
    }

    /// Empties the notes.
    pub fn clear_notes(self) -> Self {
        self.notes("")
    }

    /// Empties the external reference.
    pub fn clear_ext_ref(self) -> Self {
        self.ext_ref("")
    }

    /// Returns whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn fields(&self, org: &Org) -> Vec<FieldChange> {
        let fields = [
            (OrgField::Name, &self.name, Some(org.org_name.as_str())),
            (OrgField::Notes, &self.notes, org.notes.as_deref()),
            (OrgField::ExtRef, &self.ext_ref, org.org_ext_ref.as_deref()),
        ];
        let change = |(field, new, old): (_, &Option<String>, Option<&str>)| {
            Some(FieldChange {
                field,
                old: old.map(str::to_owned),
                new: new.clone()?,
            })
        };
        fields.into_iter().filter_map(change).collect()
    }

    pub(super) fn body(self) -> UpdateOrg {
        let body = self
            .name
            .into_iter()
            .fold(UpdateOrg::new(), UpdateOrg::name);
        let body = self.notes.into_iter().fold(body, UpdateOrg::notes);
        self.ext_ref.into_iter().fold(body, UpdateOrg::ext_ref)
    }
}
