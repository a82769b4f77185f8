//! Who speaks: signing in, and what tokens stand for.
//!
//! Passwords are looked at outside of any view, since that takes long. So what was looked at is looked for again in
//! the view that a sign-in is decided on: a password that was changed meanwhile opens nothing.

use org42_types::Timestamp;

use super::users::{UserView, find};
use super::{Caller, Service, TenantDraft, tenant_of};
use crate::auth::{secrets, tokens};
use crate::domain::{EndedToken, Revision, RowChange, Tenant, TenantRefusal, Totp, User};
use crate::store::{ReadView, UserLookup, username_key};

/// How many tokens are forgotten, whose time has come, when one more is ended.
const FORGOTTEN_AT_ONCE: u64 = 100;

/// A user's credentials, as they were when they were looked at.
#[derive(Clone)]
pub(crate) struct Seen {
    uid: String,
    name: String,
    password_hash: Option<String>,
    totp_secret: Option<Vec<u8>>,
}

/// A user who has signed in.
pub(crate) struct SignedIn {
    /// Who.
    pub(crate) view: UserView,
    /// The tenant that they signed in to.
    pub(crate) tenant: Tenant,
}

impl Seen {
    /// Those of this user.
    pub(crate) fn of(user: &User) -> Self {
        Self {
            uid: user.uid.clone(),
            name: username_key(&user.username),
            password_hash: user.password_hash.clone(),
            totp_secret: user.totp.as_ref().map(|totp| totp.secret.clone()),
        }
    }

    fn is_still_of(&self, user: &User) -> bool {
        let totp_secret = user.totp.as_ref().map(|totp| &totp.secret);
        self.uid == user.uid
            && self.name == username_key(&user.username)
            && self.password_hash == user.password_hash
            && self.totp_secret.as_ref() == totp_secret
    }

    fn sign_in(&self, view: &dyn ReadView) -> Result<Option<SignedIn>, TenantRefusal> {
        let found = self.find(view)?;
        let tenant = tenant_of(view)?;
        Ok(found.map(|view| SignedIn { view, tenant }))
    }

    /// Who has these credentials, unless they have been changed.
    pub(super) fn find(&self, view: &dyn ReadView) -> Result<Option<UserView>, TenantRefusal> {
        match find(view, &UserLookup::Uid(self.uid.clone())) {
            Ok(found) if self.is_still_of(&found.user) => Ok(Some(found)),
            Ok(_) | Err(TenantRefusal::UserNotFound) => Ok(None),
            Err(other) => Err(other),
        }
    }
}

/// The user after a one-time code was used up: no code of `step` or before will be taken again.
///
/// # Errors
///
/// When it was used up already, here or in another process.
pub(super) fn with_code_used(user: &User, step: u64) -> Result<User, TenantRefusal> {
    let totp = user.totp.clone().filter(|totp| totp.last_step < step);
    let totp = totp.ok_or(TenantRefusal::BadCredentials)?;
    Ok(User {
        totp: Some(Totp {
            last_step: step,
            ..totp
        }),
        ..user.clone()
    })
}

impl Service<'_> {
    /// Signs in the user who was seen to have the right credentials. Returns none when the credentials have been changed
    /// since.
    ///
    /// # Errors
    ///
    /// When the storage fails.
    pub(crate) fn sign_in(&self, seen: &Seen) -> Result<Option<SignedIn>, TenantRefusal> {
        self.look(|view| seen.sign_in(view))
    }

    /// Signs in an API client; returns the tenant.
    ///
    /// # Errors
    ///
    /// When there is none of this id that may log in, or the secret is wrong.
    pub(crate) fn sign_in_program(
        &self,
        client_id: &str,
        secret: &str,
    ) -> Result<Tenant, TenantRefusal> {
        self.look(|view| {
            let client = view.api_client(client_id)?;
            // An unknown client takes as long as a wrong secret.
            let wanted = client.filter(|client| !client.revoked);
            let wanted = wanted.map(|client| client.secret_hash).unwrap_or_default();
            match secrets::matches(secret, &wanted) {
                true => tenant_of(view),
                false => Err(TenantRefusal::BadCredentials),
            }
        })
    }

    /// Who a token speaks for.
    ///
    /// # Errors
    ///
    /// When it is not this tenant's, its time is over, it was ended, or its user or client may not log in any more.
    pub(crate) fn caller_of(&self, token: &str) -> Result<Caller, TenantRefusal> {
        let now = self.clock().now();
        self.look(|view| {
            let claims = claims(view, token, now)?;
            match claims.subject {
                tokens::Subject::User { uid, .. } => Ok(session(view, &uid, claims.revision)?.0),
                tokens::Subject::ApiClient { client_id } => {
                    let client = view.api_client(&client_id)?;
                    let client = client.filter(|client| !client.revoked);
                    client.ok_or(TenantRefusal::BadCredentials)?;
                    Ok(Caller::Program(client_id))
                }
            }
        })
    }

    /// The name of the user that a token speaks for.
    ///
    /// # Errors
    ///
    /// As for [`caller_of`](Self::caller_of), and when it speaks for no user.
    pub(crate) fn username_of(&self, token: &str) -> Result<String, TenantRefusal> {
        let now = self.clock().now();
        self.look(|view| {
            let claims = claims(view, token, now)?;
            match claims.subject {
                tokens::Subject::User { uid, .. } => Ok(session(view, &uid, claims.revision)?.1),
                tokens::Subject::ApiClient { .. } => Err(TenantRefusal::BadCredentials),
            }
        })
    }
}

impl Service<'_> {
    /// Whether there is something to [end](TenantDraft::end_token). Anybody may ask to end a token, and one that could not
    /// be good is not worth a change.
    ///
    /// # Errors
    ///
    /// When the storage fails.
    pub(crate) fn can_end_token(
        &self,
        token: &str,
        past: Timestamp,
    ) -> Result<bool, TenantRefusal> {
        let past = past.min(self.clock().now());
        self.look(|view| Ok(claims_to_end(view, token, past)?.is_some()))
    }
}

impl TenantDraft<'_> {
    /// Signs in as [`Service::sign_in`] does, and uses up the step of the user's one-time code.
    ///
    /// # Errors
    ///
    /// When the code was used up already.
    pub(crate) fn sign_in_with_code(
        &self,
        seen: &Seen,
        step: u64,
    ) -> Result<Option<SignedIn>, TenantRefusal> {
        self.change_and(|view, _| {
            let signed_in = seen.sign_in(view)?;
            let user = signed_in.as_ref().map(|signed_in| &signed_in.view.user);
            let used = user.map(|user| with_code_used(user, step)).transpose()?;
            Ok((used.map(RowChange::User).into_iter().collect(), signed_in))
        })
    }

    /// Ends a token of this tenant, in every process and however it is written. Those that have ended by themselves until
    /// `past` are forgotten on the way.
    ///
    /// One whose time is over by this clock alone is ended too: the clock may be set back.
    ///
    /// # Errors
    ///
    /// When the storage fails.
    pub(crate) fn end_token(&self, token: &str, past: Timestamp) -> Result<(), TenantRefusal> {
        self.change(|view, stamp| {
            let Some(claims) = claims_to_end(view, token, past.min(stamp.now))? else {
                return Ok(Vec::new());
            };
            let over = view.ended_tokens_until(past.min(stamp.now), FORGOTTEN_AT_ONCE)?;
            let over = over.into_iter();
            let mut changes: Vec<_> = over
                .map(|token| RowChange::EndedTokenGone(token.digest))
                .collect();
            changes.push(RowChange::EndedToken(EndedToken {
                digest: tokens::digest(token),
                expires: claims.expires,
            }));
            Ok(changes)
        })
    }
}

/// What a token says that can be ended: one of this tenant's that nobody has ended, and that was not over at `past`.
fn claims_to_end(
    view: &dyn ReadView,
    token: &str,
    past: Timestamp,
) -> Result<Option<tokens::Claims>, TenantRefusal> {
    match not_ended(view, token) {
        Ok(claims) => Ok(Some(claims).filter(|claims| claims.expires > past)),
        Err(TenantRefusal::BadCredentials) => Ok(None),
        Err(other) => Err(other),
    }
}

/// What a good token says.
fn claims(
    view: &dyn ReadView,
    token: &str,
    now: Timestamp,
) -> Result<tokens::Claims, TenantRefusal> {
    let claims = tokens::verify(&tenant_of(view)?, token, now);
    unless_ended(view, token, claims)
}

/// What a token says that nobody has ended, good or over.
fn not_ended(view: &dyn ReadView, token: &str) -> Result<tokens::Claims, TenantRefusal> {
    let claims = tokens::read(&tenant_of(view)?, token);
    unless_ended(view, token, claims)
}

fn unless_ended(
    view: &dyn ReadView,
    token: &str,
    claims: Option<tokens::Claims>,
) -> Result<tokens::Claims, TenantRefusal> {
    let claims = claims.ok_or(TenantRefusal::BadCredentials)?;
    match view.ended_token(&tokens::digest(token))? {
        None => Ok(claims),
        Some(_) => Err(TenantRefusal::BadCredentials),
    }
}

/// Who a session speaks for that began at `revision`, and their name, if it still holds.
fn session(
    view: &dyn ReadView,
    user_uid: &str,
    revision: Revision,
) -> Result<(Caller, String), TenantRefusal> {
    // Numbers are given again in a tenant that began anew, uids are not.
    let found = match find(view, &UserLookup::Uid(user_uid.to_owned())) {
        Err(TenantRefusal::UserNotFound) => return Err(TenantRefusal::BadCredentials),
        found => found?,
    };
    if !found.session_holds(revision) {
        return Err(TenantRefusal::BadCredentials);
    }
    let name = found.user.username.clone();
    Ok((found.caller(revision), name))
}

impl UserView {
    /// Whether a session that began at `revision` still holds.
    pub(super) fn session_holds(&self, revision: Revision) -> bool {
        (self.state).session_holds(&self.org_state, &self.user, revision)
    }

    /// Returns this user as a caller whose session began at `revision`.
    pub(crate) fn caller(self, revision: Revision) -> Caller {
        Caller::User {
            id: self.user.id,
            is_admin: self.user.is_admin(),
            uid: self.user.uid,
            org_path: self.org.path,
            since: revision,
        }
    }
}

#[cfg(test)]
mod tests;
