//! Many plans carried out as one piece of work.

use org42::{Org, OrgChange};

use super::{Applied, Plan, Step};
use crate::admin::Admin;
use crate::error::{Error, Result};
use crate::progress::{Items, Observer, Progress};

impl Admin {
    /// Carries out many plans, and returns what became of each, in the same order. What goes wrong with one stops no
    /// other.
    ///
    /// Changes of state and updates are sent once each, some at the same time, and looked at together, in one listing that
    /// is read afterwards; an organization is read alone only where what became of its request is unknown. Creations and
    /// settings follow one by one. Read the listing with [`tree`](Self::tree) before planning, so that each plan takes the
    /// organization from it rather than asking for it. Each organization is named by one plan.
    ///
    /// An observer that stops leaves the rest as they are: they are [`Stopped`](org42::ErrorKind::Stopped).
    ///
    /// ```no_run
    /// # async fn run(admin: org42_admin::Admin) -> Result<(), org42_admin::Error> {
    /// use org42_admin::Change;
    ///
    /// admin.tree().await?;
    /// let mut plans = Vec::new();
    /// for closed in ["/Europe/Lyon", "/Europe/Oslo"] {
    ///     plans.push(admin.plan(Change::block(closed.parse()?)).await?);
    /// }
    /// for result in admin.apply_all(plans, &()).await {
    ///     match result {
    ///         Ok(applied) => println!("{applied}"),
    ///         Err(error) => eprintln!("{error}"),
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// For each plan those of [`Plan::apply`].
    pub async fn apply_all(
        &self,
        plans: Vec<Plan>,
        observer: &dyn Observer,
    ) -> Vec<Result<Applied>> {
        let _changing = self.changing();
        let total = plans.len();
        let progress = |done| observer.progress(Progress::new(Items::Organizations, done, total));
        progress(0);
        let steps: Vec<Step> = plans.into_iter().map(|plan| plan.step).collect();
        let together: Vec<(Org, OrgChange)> =
            steps.iter().filter_map(Step::as_one_of_many).collect();
        let count = together.len();
        let go_on = |sent: usize| {
            progress(sent);
            !observer.is_stopped()
        };
        let orgs = self.client().orgs();
        let changed = Box::pin(orgs.change_all(together, &go_on)).await;
        // One that cannot be sent keeps the others from being sent.
        let changed = changed.unwrap_or_else(|error| vec![Err(error); count]);
        progress(count);
        let (mut changed, mut done) = (changed.into_iter(), count);
        let mut results = Vec::with_capacity(total);
        for step in steps {
            if step.as_one_of_many().is_some() {
                let changed = changed.next();
                results.push(match changed {
                    Some(Ok(org)) => Ok(step.applied(org.into_value())),
                    Some(Err(error)) => Err(error.into()),
                    None => Err(stopped(&step)),
                });
                continue;
            }
            results.push(match observer.is_stopped() {
                true => Err(stopped(&step)),
                false => Box::pin(step.apply(self, &())).await,
            });
            done += 1;
            progress(done);
        }
        results
    }
}

/// Returns the error of a plan that was not begun any more.
fn stopped(step: &Step) -> Error {
    org42::Error::stopped(step.to_string()).into()
}
