//! A change to a tenant: described, planned, and then shown or carried out.
//!
//! A [`Change`] is plain data. [`Admin::plan`] finds the organizations that it names; a dry run shows the [`Plan`] that
//! comes of it, a real run carries it out, and one function decides for both what is sent. Questions and output belong to
//! the program.

mod applied;
mod consequence;
mod many;
mod new_org;
mod org_edit;
mod preview;
mod reach;
mod step;

use std::fmt;

use org42::{Endpoint, Org, endpoints};

use crate::admin::Admin;
use crate::error::Result;
use crate::progress::Observer;
use crate::settings::SettingsEdit;
use crate::target::Target;

pub use applied::Applied;
pub use consequence::Consequence;
pub use new_org::NewOrg;
pub use org_edit::{FieldChange, OrgEdit, OrgField};
pub use org42::Lifecycle;
pub use preview::Preview;
pub use reach::Reach;
use step::{Step, TOP, named};

/// A change to a tenant, not yet planned.
///
/// ```
/// use org42_admin::Change;
/// use org42_admin::change::{NewOrg, OrgEdit};
///
/// let changes = [
///     Change::create(NewOrg::new("Paris").below("/Europe/France".parse()?)),
///     Change::update("/Europe/France".parse()?, OrgEdit::new().notes("audited")),
///     Change::block("ext:T-7".parse()?),
/// ];
/// # Ok::<(), org42_admin::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Change {
    /// Creates an organization.
    Create(NewOrg),
    /// Changes name, notes or external reference of an organization.
    Update(Target, OrgEdit),
    /// Blocks, unblocks, deactivates or reactivates an organization and what is below it.
    Lifecycle(Lifecycle, Target),
    /// Changes the settings of an organization.
    Settings(Target, SettingsEdit),
    /// Changes the settings of an organization and of all below it.
    SubtreeSettings(Target, SettingsEdit),
}

impl Change {
    /// Creates an organization.
    #[must_use]
    pub fn create(new: NewOrg) -> Self {
        Self::Create(new)
    }

    /// Changes name, notes or external reference of an organization.
    #[must_use]
    pub fn update(org: Target, edit: OrgEdit) -> Self {
        Self::Update(org, edit)
    }

    /// Blocks an organization and all below it.
    #[must_use]
    pub fn block(org: Target) -> Self {
        Self::Lifecycle(Lifecycle::Block, org)
    }

    /// Removes a block from an organization and those below it; users stay blocked.
    #[must_use]
    pub fn unblock(org: Target) -> Self {
        Self::Lifecycle(Lifecycle::Unblock, org)
    }

    /// Deactivates an organization and all below it.
    #[must_use]
    pub fn deactivate(org: Target) -> Self {
        Self::Lifecycle(Lifecycle::Deactivate, org)
    }

    /// Makes an organization active again.
    #[must_use]
    pub fn reactivate(org: Target) -> Self {
        Self::Lifecycle(Lifecycle::Reactivate, org)
    }

    /// Changes the settings of one organization. Those below that inherit follow by themselves.
    #[must_use]
    pub fn settings(org: Target, edit: SettingsEdit) -> Self {
        Self::Settings(org, edit)
    }

    /// Changes the settings of an organization and of all below it. Those that have the value already, their own or
    /// inherited, are left alone.
    ///
    /// ```
    /// use org42_admin::{Assignment, Change, SettingsEdit};
    ///
    /// let days: Assignment = "archive_hold_days=30".parse()?;
    /// let change = Change::subtree_settings("/Europe".parse()?, SettingsEdit::set([days])?);
    /// # Ok::<(), org42_admin::Error>(())
    /// ```
    #[must_use]
    pub fn subtree_settings(org: Target, edit: SettingsEdit) -> Self {
        Self::SubtreeSettings(org, edit)
    }

    /// Returns the route that the change goes by.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        match self {
            Self::Create(_) => endpoints::ORGS_CREATE,
            Self::Update(..) => endpoints::ORGS_UPDATE,
            Self::Lifecycle(lifecycle, _) => lifecycle.endpoint(),
            Self::Settings(_, edit) | Self::SubtreeSettings(_, edit) => match edit.inherits() {
                Some(_) => endpoints::ORG_UPDATE,
                None => endpoints::ORG_SETTING_PUT,
            },
        }
    }
}

/// A change whose organizations were found, ready to be shown or carried out.
///
/// Made by [`Admin::plan`]. What is decided when:
///
/// | change | when it is planned | when it is shown or carried out |
/// |---|---|---|
/// | create, update, a change of state | what is sent | nothing |
/// | settings of one organization | what is sent, from the settings that were read | nothing |
/// | settings of a subtree | which organizations, in which order | what is sent to each, from its settings then |
///
/// It is no promise of the server, which decides last: between planning and carrying out, others may change the tenant.
///
/// ```no_run
/// # async fn run(admin: org42_admin::Admin) -> Result<(), org42_admin::Error> {
/// use org42_admin::Change;
///
/// let plan = admin.plan(Change::unblock("/Europe/France".parse()?)).await?;
/// println!("about to {plan}");
/// let applied = plan.apply().await?;
/// println!("{applied}");
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "a plan does nothing until it is applied"]
pub struct Plan {
    admin: Admin,
    step: Step,
}

impl Admin {
    /// Refuses a change that the client would not send: any, if it is read-only, and one that the flavour of the server
    /// has no route for. For asking before anything is read, and before people are asked.
    ///
    /// # Errors
    ///
    /// [`Call`](crate::Error::Call) with the SDK's refusal.
    pub fn check(&self, change: &Change) -> Result<()> {
        Ok(self.client().check(change.endpoint())?)
    }

    /// Finds the organizations that a change names, and decides what is to be sent. Nothing is changed, and a read-only
    /// client plans too.
    ///
    /// Settings are read for it; everything else needs only what finding an organization needs, see
    /// [`find`](Self::find).
    ///
    /// # Errors
    ///
    /// Those of [`find`](Self::find); [`NothingToDo`](crate::Error::NothingToDo) for a change that changes nothing; [`Call`](crate::Error::Call) for
    /// settings that cannot be what they are to be.
    ///
    /// ```no_run
    /// # async fn run(admin: org42_admin::Admin) -> Result<(), org42_admin::Error> {
    /// use org42_admin::Change;
    ///
    /// let plan = admin.plan(Change::deactivate("/Europe/France".parse()?)).await?;
    /// let preview = plan.preview().await?;
    /// if let Some(reach) = &preview.reach {
    ///     println!("{} organizations below it", reach.organizations_below);
    /// }
    /// preview.check()?;
    /// plan.apply().await?;
    /// # Ok(()) }
    /// ```
    pub async fn plan(&self, change: Change) -> Result<Plan> {
        let step = Box::pin(Step::plan(self, change)).await?;
        Ok(Plan {
            admin: self.clone(),
            step,
        })
    }
}

impl Plan {
    /// Returns the organization that is changed; the parent of one that is created, if a parent was named.
    #[must_use]
    pub fn org(&self) -> Option<&Org> {
        self.step.org()
    }

    /// Returns the name and the key of that organization, such as `"Paris" (id 42)`.
    #[must_use]
    pub fn subject(&self) -> String {
        self.org().map_or_else(|| TOP.to_owned(), named)
    }

    /// Returns how many organizations are written to, at most. Those that only inherit or follow are not counted.
    #[must_use]
    pub fn organizations(&self) -> usize {
        self.step.organizations()
    }

    /// Returns what the plan comes to: what it touches, what follows from it, and what would refuse it. Reads the listing
    /// and more where that is needed; sends no change.
    ///
    /// A subtree's settings are read, and decided on as [`apply`](Self::apply) decides. What is above is not written yet, so
    /// a setting that would be inherited from it counts as unchanged, as it will be then. Of a setting in no group, servers
    /// do not say whether it is inherited: its row is one that would be written, with that reservation in its detail.
    ///
    /// # Errors
    ///
    /// When something cannot be read.
    pub async fn preview(&self) -> Result<Preview> {
        self.preview_with(&()).await
    }

    /// Like [`preview`](Self::preview), watched: a subtree is read organization by organization.
    ///
    /// # Errors
    ///
    /// Those of [`preview`](Self::preview).
    pub async fn preview_with(&self, observer: &dyn Observer) -> Result<Preview> {
        let preview = Box::pin(self.step.preview(&self.admin, observer)).await?;
        let Some((right, org)) = self.step.needs(&preview).zip(self.org()) else {
            return Ok(preview);
        };
        match Box::pin(self.admin.lacking(right, org)).await {
            Some(refusal) => Ok(Box::pin(self.step.refused(&self.admin, preview, refusal)).await),
            None => Ok(preview),
        }
    }

    /// Returns what the plan touches and what follows from it, as [`preview`](Self::preview) does, for those who are about
    /// to carry it out: nothing is read to find out what would refuse a change of state, and whether the caller's roles
    /// allow the change.
    ///
    /// # Errors
    ///
    /// Those of [`preview`](Self::preview).
    ///
    /// ```no_run
    /// # async fn run(plan: org42_admin::Plan) -> Result<(), org42_admin::Error> {
    /// println!("{}", plan.facts().await?);
    /// # Ok(()) }
    /// ```
    pub async fn facts(&self) -> Result<Preview> {
        Box::pin(self.step.facts(&self.admin, &())).await
    }

    /// Carries the plan out. The listing is forgotten, so that what is looked for next is found as it is.
    ///
    /// Nothing is read to foresee the server's refusals: it refuses by itself what [`preview`](Self::preview) shows as
    /// refused, and the listing may have been older than the tenant. What the SDK would not send is not sent here either.
    ///
    /// A dropped future of a change leaves open whether it was carried out; the listing is forgotten all the same.
    ///
    /// # Errors
    ///
    /// [`Call`](crate::Error::Call) when the server refuses or cannot be reached; [`Partial`](crate::Error::Partial) when some settings were written and
    /// some were not.
    pub async fn apply(self) -> Result<Applied> {
        self.apply_with(&()).await
    }

    /// Like [`apply`](Self::apply), watched: a subtree is written organization by organization, and can be stopped.
    ///
    /// # Errors
    ///
    /// Those of [`apply`](Self::apply).
    pub async fn apply_with(self, observer: &dyn Observer) -> Result<Applied> {
        let Self { admin, step } = self;
        let _changing = admin.changing();
        Box::pin(step.apply(&admin, observer)).await
    }
}

/// What is done to which organization, such as `block "Paris" (id 42)`.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.step.fmt(f)
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("step", &self.step)
            .finish_non_exhaustive()
    }
}
