//! Changes to many organizations: each is sent once, and all are looked at together, in one listing. One alone belongs to
//! `changes`.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{StreamExt as _, stream};
use org42_types::{Org, OrgGuid, endpoints};

use crate::answer::response::{Acknowledged, Response};
use crate::call::request::Call;
use crate::error::Result;
use crate::error::fault::Fault;
use crate::orgs::into_org_key::IntoOrgKey as _;
use crate::orgs::lifecycle::Lifecycle;
use crate::orgs::requests::UpdateOrg;
#[cfg(feature = "blocking")]
use crate::orgs::service::blocking;
use crate::orgs::service::{OrgService, about, named};
use crate::orgs::verified::{Aim, Sent, Wanted};

/// A change to one of many organizations, see [`OrgService::change_all`].
///
/// ```
/// use org42::{Lifecycle, OrgChange, UpdateOrg};
///
/// let changes = [
///     OrgChange::State(Lifecycle::Block),
///     OrgChange::Update(UpdateOrg::new().notes("audited")),
/// ];
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum OrgChange {
    /// Blocks, unblocks, deactivates or reactivates it.
    State(Lifecycle),
    /// Changes name, notes or external reference.
    Update(UpdateOrg),
}

/// A change that is ready to be sent.
struct Prepared {
    call: Call,
    guid: OrgGuid,
    aim: Aim,
    before: Org,
}

enum Outcome {
    Settled(Box<Response<Org>>),
    /// It is yet to be looked at.
    Open(Box<(Prepared, Acknowledged)>),
}

impl OrgService {
    /// Changes many organizations, each as it was in a listing that was read just before, and returns what became of each,
    /// in the same order. What goes wrong with one stops no other. Each organization is named once: two changes of one would
    /// come in any order.
    ///
    /// Sends one request for each, four at the same time unless the [client](crate::ClientBuilder::changes_at_once) has
    /// another number, and reads the listing once afterwards to see what has come of them; an organization is read alone
    /// only if what became of its request is unknown, or if it is not in the listing.
    ///
    /// `go_on` is called before each request with how many were sent; where it returns false, no more are sent.
    ///
    /// ```no_run
    /// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
    /// use org42::{Lifecycle, OrgChange};
    ///
    /// let orgs = client.orgs();
    /// let all = orgs.get_all().orgs().try_collect().await?;
    /// let closed = all.into_iter().filter(|org| org.org_name.starts_with("Closed "));
    /// let changes = closed.map(|org| (org, OrgChange::State(Lifecycle::Block)));
    /// for result in orgs.change_all(changes.collect(), &|_| true).await? {
    ///     match result {
    ///         Ok(org) => println!("{} is blocked", org.org_name),
    ///         Err(error) => eprintln!("{error}"),
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// When one of the changes cannot be sent, such as one with an impossible name: then none is. For each organization those of [`change_state`](Self::change_state) and [`update_org`](Self::update_org);
    /// [`Stopped`](crate::ErrorKind::Stopped) where it was not sent any more.
    pub async fn change_all(
        &self,
        changes: Vec<(Org, OrgChange)>,
        go_on: &(dyn Fn(usize) -> bool + Sync),
    ) -> Result<Vec<Result<Response<Org>>>> {
        let prepared = changes.into_iter();
        let prepared = prepared.map(|(org, change)| self.prepared(org, change));
        let prepared: Vec<Prepared> = prepared.collect::<Result<_>>()?;
        let _changing = self.client.changing();
        let sent = AtomicUsize::new(0);
        let sending = prepared.into_iter().map(|change| {
            let (sent, go_on) = (&sent, go_on);
            async move {
                if !go_on(sent.load(Ordering::SeqCst)) {
                    return Err(change.call.failed(Fault::Stopped { sent: false }));
                }
                let organization = change.before.key();
                let outcome = about(organization, self.send_one(change)).await;
                sent.fetch_add(1, Ordering::SeqCst);
                outcome
            }
        });
        let at_once = usize::from(self.client.0.changes_at_once.get());
        let outcomes: Vec<Result<Outcome>> =
            stream::iter(sending).buffered(at_once).collect().await;
        Ok(self.look_at_all(outcomes).await)
    }

    /// Prepares the change of one organization, which has the state of the listing.
    fn prepared(&self, org: Org, change: OrgChange) -> Result<Prepared> {
        let key = named("change organizations", org.to_org_key())?;
        let (endpoint, operation) = match &change {
            OrgChange::State(lifecycle) => (lifecycle.endpoint(), format!("{lifecycle} {key}")),
            OrgChange::Update(_) => (endpoints::ORGS_UPDATE, format!("update {key}")),
        };
        self.client.may_send(endpoint, &operation)?;
        let guid = named(&operation, org.to_org_guid())?;
        let call = Call::new(endpoint, &*operation).path("orgGuid", &guid);
        let (call, aim) = match change {
            OrgChange::State(lifecycle) => (call, Aim::State(lifecycle)),
            OrgChange::Update(update) => {
                let body = update.into_body(&operation)?;
                (call.json(&body)?, Aim::Fields(Wanted::by_update(&body)))
            }
        };
        Ok(Prepared {
            call,
            guid,
            aim,
            before: org,
        })
    }

    async fn send_one(&self, change: Prepared) -> Result<Outcome> {
        match self.send(&change.call).await? {
            Sent::Acknowledged(acknowledged) => Ok(Outcome::Open(Box::new((change, acknowledged)))),
            Sent::Lost(lost) => {
                let Prepared {
                    call,
                    guid,
                    aim,
                    before,
                } = change;
                let settled = self.settle(&call, &guid, &before, &aim, lost).await?;
                Ok(Outcome::Settled(Box::new(settled)))
            }
        }
    }

    /// Compares what was reported as done with the listing.
    async fn look_at_all(&self, outcomes: Vec<Result<Outcome>>) -> Vec<Result<Response<Org>>> {
        let is_open = |outcome: &Result<Outcome>| matches!(outcome, Ok(Outcome::Open(_)));
        let listed = match outcomes.iter().any(is_open) {
            true => self.by_guid().await,
            false => Ok(HashMap::new()),
        };
        let mut results = Vec::with_capacity(outcomes.len());
        for outcome in outcomes {
            results.push(match outcome {
                Err(error) => Err(error),
                Ok(Outcome::Settled(org)) => Ok(*org),
                Ok(Outcome::Open(open)) => {
                    let (change, acknowledged) = *open;
                    let Prepared {
                        call, guid, aim, ..
                    } = change;
                    match &listed {
                        Err(unread) => Err(acknowledged.unverified(unread.clone())),
                        Ok(listed) => match listed.get(&guid) {
                            Some(org) => acknowledged
                                .compared(Response::new(org.clone()), &aim)
                                .map_err(|error| error.about(org.key())),
                            None => {
                                let looking = self.look(&call, &guid, &aim, acknowledged);
                                about(&guid, looking).await
                            }
                        },
                    }
                }
            });
        }
        results
    }

    async fn by_guid(&self) -> Result<HashMap<OrgGuid, Org>> {
        let all = Self::new(self.client.clone()).get_all();
        let all = all.orgs().try_collect().await?;
        let keyed = all.into_iter().filter_map(|org| {
            let guid = org.to_org_guid().ok()?;
            Some((guid, org))
        });
        Ok(keyed.collect())
    }
}

#[cfg(feature = "blocking")]
crate::blocking::forms::forms! {
    impl blocking::OrgService {
        pub fn change_all(&self, changes: Vec<(Org, OrgChange)>, go_on: &(dyn Fn(usize) -> bool + Sync)) -> Result<Vec<Result<Response<Org>>>>;
    }
}
