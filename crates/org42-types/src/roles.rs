//! Roles: what a user may do, and where. Servers have more roles than these, and roles that their administrators make.

pub use crate::endpoints::Right;

/// A role. Its rights hold everywhere, or in the organization of the user who has it and below.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Role {
    /// `roleId`.
    pub id: &'static str,
    /// `roleName`.
    pub name: &'static str,
    /// Whether its rights hold in the whole tenant; otherwise in the user's organization and below.
    pub is_everywhere: bool,
    /// The rights that it comes with.
    pub rights: &'static [Right],
}

/// The role of the administrator.
pub const ADMINISTRATOR: &str = "customer-cloud-admin";

/// The role of a user who is created without another.
pub const DESKTOP_USER: &str = "desktop-user";

/// Every role.
pub const ROLES: &[Role] = {
    use Right::{Administer, Change, Create, Deactivate, People, See, Settings};
    &[
        Role {
            id: ADMINISTRATOR,
            name: "Customer Cloud Admin",
            is_everywhere: true,
            rights: &[
                See, Create, Change, Settings, Deactivate, People, Administer,
            ],
        },
        Role {
            id: "all-org-admin",
            name: "All Org Admin",
            is_everywhere: true,
            rights: &[See, Create, Change, Settings, Deactivate, People],
        },
        Role {
            id: "all-org-manager",
            name: "All Org Manager",
            is_everywhere: true,
            rights: &[See],
        },
        Role {
            id: "org-admin",
            name: "Org Admin",
            is_everywhere: false,
            rights: &[See, Create, Change, Deactivate, People],
        },
        Role {
            id: "org-manager",
            name: "Org Manager",
            is_everywhere: false,
            rights: &[See],
        },
        Role {
            id: DESKTOP_USER,
            name: "Desktop User",
            is_everywhere: false,
            rights: &[],
        },
    ]
};

impl Role {
    /// Returns the role with this id or, in any case of the letters, this name.
    ///
    /// ```
    /// use org42_types::roles::{Right, Role};
    ///
    /// let role = Role::find("org admin").unwrap();
    /// assert!(role.rights.contains(&Right::Deactivate) && !role.is_everywhere);
    /// ```
    #[must_use]
    pub fn find(text: &str) -> Option<&'static Self> {
        let is_it = |role: &&Self| role.id == text || role.name.eq_ignore_ascii_case(text);
        ROLES.iter().find(is_it)
    }
}
