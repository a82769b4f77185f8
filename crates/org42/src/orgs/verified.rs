//! Changes to one organization that are looked at: it is read before and after, and what is seen decides whether the
//! change happened. Finding the organization, and what to send, belong to `service`.

use http::StatusCode;
use org42_types::{CreateOrgBody, Field, Org, OrgGuid, Timestamp, UpdateOrgBody};

use crate::answer::response::{Acknowledged, Answer, Response};
use crate::call::request::Call;
use crate::call::trace::decided;
use crate::error::fault::Fault;
use crate::error::{Error, Happened, Result};
use crate::http::dates::now;
use crate::orgs::lifecycle::Lifecycle;
use crate::orgs::service::OrgService;

/// What an organization is to be after a change.
pub(crate) enum Aim {
    State(Lifecycle),
    Fields(Wanted),
}

/// Texts that an organization is to have; what is absent may be anything.
pub(crate) struct Wanted {
    name: Field<String>,
    ext_ref: Field<String>,
    notes: Field<String>,
}

/// How much of an aim an organization shows.
enum Shown {
    /// All of it, or nothing that speaks against it.
    All,
    /// Only some; the text says which.
    Part(String),
    Nothing(String),
}

impl Wanted {
    pub(crate) fn by_update(body: &UpdateOrgBody) -> Self {
        Self {
            name: body.org_name.clone(),
            ext_ref: body.org_ext_ref.clone(),
            notes: body.notes.clone(),
        }
    }

    fn by_create(body: &CreateOrgBody) -> Self {
        Self {
            name: body.org_name.clone(),
            ext_ref: body.org_ext_ref.clone(),
            notes: body.notes.clone(),
        }
    }

    /// Returns each wanted field with its name on the wire, and whether an organization has it.
    fn compared(&self, org: &Org) -> impl Iterator<Item = (&'static str, bool)> {
        let name = Field::Value(org.org_name.clone());
        [
            ("orgName", has(&self.name, &name)),
            ("orgExtRef", has(&self.ext_ref, &org.org_ext_ref)),
            ("notes", has(&self.notes, &org.notes)),
        ]
        .into_iter()
        .filter_map(|(field, has)| Some((field, has?)))
    }
}

/// Compares a wanted text with one that a server shows; `None` if none is wanted. White space around it may be lost,
/// and servers show an empty text as null, or not at all.
fn has(wanted: &Field<String>, shown: &Field<String>) -> Option<bool> {
    let Field::Value(wanted) = wanted else {
        return None;
    };
    let shown = match shown {
        Field::Value(text) => text.as_str(),
        Field::Absent | Field::Null => "",
    };
    Some(wanted.trim() == shown.trim())
}

impl Aim {
    fn shown_by(&self, org: &Org) -> Shown {
        match self {
            Self::State(lifecycle) => match lifecycle.is_reached_by(org) {
                Some(false) => Shown::Nothing(format!("is {}", lifecycle.undone())),
                // The gateway does not say whether an organization is blocked.
                Some(true) | None => Shown::All,
            },
            Self::Fields(wanted) => {
                let missing: Vec<_> = wanted.compared(org).filter(|(_, has)| !has).collect();
                let missing: Vec<_> = missing.into_iter().map(|(field, _)| field).collect();
                let all = wanted.compared(org).count();
                match missing.len() {
                    0 => Shown::All,
                    few if few < all => {
                        Shown::Part(format!("has the old {} still", missing.join(" and ")))
                    }
                    _ => Shown::Nothing(format!("has the old {} still", missing.join(" and "))),
                }
            }
        }
    }

    fn is_reached_by(&self, org: &Org) -> bool {
        matches!(self.shown_by(org), Shown::All)
    }

    /// Returns whether a change of unknown fate is shown to have happened: the organization is as it is to be, and was
    /// not before, or was modified since.
    fn is_proved_by(&self, before: &Org, after: &Org) -> bool {
        let says_so = match self {
            Self::State(lifecycle) => lifecycle.is_reached_by(after).is_some(),
            Self::Fields(_) => true,
        };
        let is_news = !self.is_reached_by(before) || is_touched(before, after) == Some(true);
        says_so && self.is_reached_by(after) && is_news
    }
}

/// Returns whether an organization was modified between two readings; `None` if the server does not say.
fn is_touched(before: &Org, after: &Org) -> Option<bool> {
    let before = before.modification_date.as_ref()?.as_millis();
    let after = after.modification_date.as_ref()?.as_millis();
    // Some routes write no part of a second.
    let is_whole = before % 1_000 == 0 || after % 1_000 == 0;
    Some(match is_whole {
        true => before / 1_000 != after / 1_000,
        false => before != after,
    })
}

/// What became of a change that was sent and not refused.
pub(crate) enum Sent {
    /// The server reports it as done.
    Acknowledged(Acknowledged),
    /// Its fate is unknown.
    Lost(Error),
}

/// What was found out about a request of unknown fate.
enum Fate {
    Settled(Box<Result<Response<Org>>>),
    /// It is as unknown, and the organization is as it was in every respect: another attempt is safe.
    Untouched(Error),
}

impl Fate {
    fn settled(result: Result<Response<Org>>) -> Self {
        Self::Settled(Box::new(result))
    }
}

impl OrgService {
    /// Changes an organization that was read just before, and returns it as it is afterwards.
    ///
    /// A success counts if the organization shows it. A request of unknown fate counts as done if the organization shows
    /// it now and did not before; it is sent once more if nothing was changed meanwhile, the time of the last
    /// modification included, since a late repeat would undo what others have done.
    pub(crate) async fn change(
        &self,
        call: &Call,
        guid: &OrgGuid,
        before: &Org,
        aim: &Aim,
    ) -> Result<Response<Org>> {
        match self.send(call).await? {
            Sent::Acknowledged(acknowledged) => self.look(call, guid, aim, acknowledged).await,
            Sent::Lost(lost) => self.settle(call, guid, before, aim, lost).await,
        }
    }

    /// Sends a change; the error is that of one that was certainly not carried out.
    pub(crate) async fn send(&self, call: &Call) -> Result<Sent> {
        let sent = self.client.call(call.clone()).await;
        match sent.and_then(Answer::acknowledged) {
            Ok(acknowledged) => Ok(Sent::Acknowledged(acknowledged)),
            Err(error) if error.happened() == Happened::Unknown => Ok(Sent::Lost(error)),
            Err(error) => Err(error),
        }
    }

    /// Compares what was reported as done with what the organization shows.
    pub(crate) async fn look(
        &self,
        call: &Call,
        guid: &OrgGuid,
        aim: &Aim,
        acknowledged: Acknowledged,
    ) -> Result<Response<Org>> {
        match self.read_after(call, guid, Some(aim)).await {
            Ok(after) => acknowledged.compared(after, aim),
            Err(unread) => Err(acknowledged.unverified(unread)),
        }
    }

    /// Finds out what became of a request of unknown fate, and sends it once more if that is safe.
    pub(crate) async fn settle(
        &self,
        call: &Call,
        guid: &OrgGuid,
        before: &Org,
        aim: &Aim,
        lost: Error,
    ) -> Result<Response<Org>> {
        let lost = match self.fate(call, guid, before, aim, lost).await {
            Fate::Settled(result) => return *result,
            Fate::Untouched(lost) => lost,
        };
        // What becomes of the first request is as unknown as it was, whatever becomes of this one.
        let again = match self.send(call).await {
            Ok(Sent::Acknowledged(acknowledged)) => self.look(call, guid, aim, acknowledged).await,
            Ok(Sent::Lost(again)) => match self.fate(call, guid, before, aim, again).await {
                Fate::Settled(result) => *result,
                Fate::Untouched(again) => Err(again),
            },
            Err(refused) => Err(refused),
        };
        again.map_err(|_| lost)
    }

    async fn fate(
        &self,
        call: &Call,
        guid: &OrgGuid,
        before: &Org,
        aim: &Aim,
        lost: Error,
    ) -> Fate {
        let Ok(after) = self.read_after(call, guid, Some(aim)).await else {
            decided(format_args!("unknown: the organization cannot be read"));
            return Fate::settled(Err(lost));
        };
        if aim.is_proved_by(before, &after) {
            decided(format_args!(
                "done: the organization shows it, and did not before"
            ));
            return Fate::settled(Ok(after));
        }
        let lost = lost.with_hint(match aim.shown_by(&after) {
            Shown::All => "it was so before: look before trying again".to_owned(),
            Shown::Part(what) | Shown::Nothing(what) => {
                format!("afterwards it {what}: look again before repeating it")
            }
        });
        let repeats = self.client.0.retry.repeats();
        match is_touched(before, &after).filter(|_| repeats) {
            // What will not pass would come again, and a server that was silent may be at work on it still: only with
            // an idempotency key it is carried out once. With a key everything else was sent again already.
            Some(false) if lost.will_pass() && lost.is_timeout() == self.has_key(call) => {
                decided(format_args!(
                    "safe to send again: the organization is as it was"
                ));
                Fate::Untouched(lost)
            }
            _ => {
                decided(format_args!("unknown: the organization does not show it"));
                Fate::settled(Err(lost))
            }
        }
    }

    /// Creates an organization, and returns it as it is then.
    ///
    /// An answer that does not say which organization was created, and a request of unknown fate, lead to a look at the
    /// parent's children: exactly one that has the wanted texts, and was created since, is it.
    pub(crate) async fn create(
        &self,
        call: &Call,
        body: &CreateOrgBody,
        parent: &OrgGuid,
    ) -> Result<Response<Org>> {
        let aim = Aim::Fields(Wanted::by_create(body));
        let since = self.server_time(call, parent).await?;
        let created = self.create_once(call, &aim, parent, since).await;
        match created {
            // The server was silent, and is not any more: with the key it is carried out once.
            Err(lost)
                if self.client.0.retry.repeats()
                    && lost.is_timeout()
                    && lost.happened() == Happened::Unknown
                    && self.has_key(call)
                    && !self.client.0.exchange.pace.is_silent() =>
            {
                let again = self.create_once(call, &aim, parent, since).await;
                again.map_err(|_| lost)
            }
            created => created,
        }
    }

    /// Returns whether a request has an idempotency key that the server takes.
    fn has_key(&self, call: &Call) -> bool {
        call.key.is_some() && self.client.0.exchange.keys.is_announced()
    }

    async fn create_once(
        &self,
        call: &Call,
        aim: &Aim,
        parent: &OrgGuid,
        since: Timestamp,
    ) -> Result<Response<Org>> {
        let sent = self.client.call(call.clone()).await;
        let sent = match sent.and_then(Answer::created) {
            Ok((acknowledged, Some(guid))) => {
                match self.read_after(call, &guid, None).await {
                    Ok(after) => return acknowledged.compared(after, aim),
                    // Some servers show by themselves later what they have in their listing.
                    Err(unread) if unread.is_not_found() => Ok(acknowledged),
                    Err(unread) => return Err(acknowledged.unverified(unread)),
                }
            }
            Ok((acknowledged, None)) => Ok(acknowledged),
            Err(error) if error.happened() != Happened::Unknown => return Err(error),
            Err(error) => Err(error),
        };
        let children = Self::new(self.client.clone()).children(parent).await;
        let found = children.map(|mut children| {
            children.retain(|org| {
                let is_new = org
                    .creation_date
                    .as_ref()
                    .is_some_and(|date| *date >= since);
                is_new && aim.is_reached_by(org)
            });
            children
        });
        match (found, sent) {
            (Ok(mut found), _) if found.len() == 1 => Ok(Response::new(found.remove(0))),
            (Ok(found), Ok(acknowledged)) if found.is_empty() => {
                let seen = "no organization with these texts has appeared there";
                Err(acknowledged.contradicted(seen.to_owned()))
            }
            (Ok(found), sent) => {
                let hint = match found.len() {
                    0 => "afterwards it was not there: look again before repeating it".to_owned(),
                    several => {
                        format!("{several} such organizations have appeared: look whose they are")
                    }
                };
                let lost = sent.map_or_else(|lost| lost, |acknowledged| acknowledged.unseen());
                Err(lost.with_hint(hint))
            }
            (Err(unread), Ok(acknowledged)) => Err(acknowledged.unverified(unread)),
            (Err(_), Err(lost)) => Err(lost),
        }
    }

    /// Returns what the server's clock shows, or did a moment ago; reads the parent if no server has answered yet.
    async fn server_time(&self, call: &Call, parent: &OrgGuid) -> Result<Timestamp> {
        if let Some(time) = self.client.0.exchange.clock.now() {
            return Ok(time);
        }
        let read = self.read_org(&call.operation, parent).await;
        read.map_err(|error| error.before_writing(&call.operation))?;
        // A server without a clock: what was created before this program began is not taken for its work.
        let now = || Timestamp::from_millis(now().as_millisecond()).unwrap_or(Timestamp::EPOCH);
        Ok(self.client.0.exchange.clock.now().unwrap_or_else(now))
    }

    /// Reads an organization after a change. Some servers show one that is not active only when asked for it.
    async fn read_after(
        &self,
        call: &Call,
        guid: &OrgGuid,
        aim: Option<&Aim>,
    ) -> Result<Response<Org>> {
        let read = self.read_org(&call.operation, guid).await;
        match (read, aim) {
            (Err(error), Some(Aim::State(Lifecycle::Deactivate))) if error.is_not_found() => {
                let inactive = self.clone().with_param("active", false);
                inactive.read_org(&call.operation, guid).await
            }
            (read, _) => read,
        }
    }
}

impl Acknowledged {
    /// Returns the organization if it shows what was reported as done.
    pub(crate) fn compared(&self, after: Response<Org>, aim: &Aim) -> Result<Response<Org>> {
        let shown = aim.shown_by(&after);
        match &shown {
            Shown::All => decided(format_args!("done: the organization shows it")),
            Shown::Part(what) | Shown::Nothing(what) => {
                decided(format_args!(
                    "not done, or in part: the organization {what}"
                ));
            }
        }
        match shown {
            Shown::All => Ok(after),
            Shown::Part(what) => Err(self.failed(Fault::PartlyCarriedOut(format!(
                "the server answered {}, but the organization {what}",
                self.status
            )))),
            Shown::Nothing(what) => Err(self.contradicted(format!("the organization {what}"))),
        }
    }

    /// Returns the error for a change of which nothing is seen. What was merely accepted may still come.
    fn contradicted(&self, seen: String) -> Error {
        let message = format!("the server answered {}, but {seen}", self.status);
        match self.status == StatusCode::ACCEPTED {
            true => self.failed(Fault::Unverified(message)),
            false => self.failed(Fault::NotCarriedOut(message)),
        }
    }

    /// Returns the error for a change that was reported as done and cannot be found for certain.
    fn unseen(&self) -> Error {
        let message = format!(
            "the server answered {} without saying which it is",
            self.status
        );
        self.failed(Fault::Unverified(message))
    }

    /// Returns the error for a change that was reported as done, and whose effect could not be read.
    pub(crate) fn unverified(&self, unread: Error) -> Error {
        let message = format!(
            "the server answered {}, but reading it back failed",
            self.status
        );
        self.failed(Fault::Unverified(message)).because(unread)
    }
}
