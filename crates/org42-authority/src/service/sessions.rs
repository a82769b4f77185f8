//! Sign-ins, and the users and API clients that tokens stand for.
//!
//! Passwords are checked outside of any view, since that takes long. Therefore the credentials that were checked are
//! compared again in the view that a sign-in is decided on: a password that was changed meanwhile is refused.

use org42_types::Timestamp;

use super::user_view::UserView;
use super::users::find;
use super::{Caller, Service, TenantDraft, tenant_of};
use crate::auth::{secrets, tokens};
use crate::domain::{EndedToken, Revision, RowChange, Tenant, TenantRefusal, Totp, User};
use crate::store::{ReadView, UserLookup, username_key};

/// How many expired records are removed when one more token is ended.
const FORGOTTEN_AT_ONCE: u64 = 100;

/// A user's credentials at the time when they were checked.
#[derive(Clone)]
pub(crate) struct Seen {
    uid: String,
    name: String,
    password_hash: Option<String>,
    totp_secret: Option<Vec<u8>>,
}

/// A user who has signed in.
pub(crate) struct SignedIn {
    /// The user.
    pub(crate) view: UserView,
    /// The tenant that the user signed in to.
    pub(crate) tenant: Tenant,
}

impl Seen {
    /// Returns the present credentials of a user.
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

    /// Returns the user who has these credentials, unless they have been changed.
    pub(super) fn find(&self, view: &dyn ReadView) -> Result<Option<UserView>, TenantRefusal> {
        match find(view, &UserLookup::Uid(self.uid.clone())) {
            Ok(found) if self.is_still_of(&found.user) => Ok(Some(found)),
            Ok(_) | Err(TenantRefusal::UserNotFound) => Ok(None),
            Err(other) => Err(other),
        }
    }
}

/// Returns the user after a one-time code was used up: codes of `step` and before are refused from now on.
///
/// # Errors
///
/// When the code was used up already, here or in another process.
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
    /// Signs in the user whose credentials were checked. Returns `None` when the credentials have been changed since.
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
    /// When no client of this id may log in, or the secret is wrong.
    pub(crate) fn sign_in_program(
        &self,
        client_id: &str,
        secret: &str,
    ) -> Result<Tenant, TenantRefusal> {
        self.look(|view| {
            let client = view.api_client(client_id)?;
            // Comparing for an unknown client too makes it take as long as a wrong secret.
            let wanted = client.filter(|client| !client.revoked);
            let wanted = wanted.map(|client| client.secret_hash).unwrap_or_default();
            match secrets::matches(secret, &wanted) {
                true => tenant_of(view),
                false => Err(TenantRefusal::BadCredentials),
            }
        })
    }

    /// Returns the caller that a token stands for.
    ///
    /// # Errors
    ///
    /// When it is not this tenant's, has expired, was ended, or its user or client may not log in any more.
    pub(crate) fn caller_of(&self, token: &str) -> Result<Caller, TenantRefusal> {
        let now = self.clock().now();
        self.look(|view| {
            let state = view.committed();
            let known = state.and_then(|state| self.kept().caller(state, token, now));
            if let Some(known) = known {
                return Ok(known);
            }
            let claims = claims(view, token, now)?;
            let caller = match claims.subject {
                tokens::Subject::User { uid, .. } => session(view, &uid, claims.revision)?.0,
                tokens::Subject::ApiClient { client_id } => {
                    let client = view.api_client(&client_id)?;
                    let client = client.filter(|client| !client.revoked);
                    client.ok_or(TenantRefusal::BadCredentials)?;
                    Caller::Program(client_id)
                }
            };
            if let Some(state) = state {
                let kept = self.kept();
                kept.keep_caller(state, token, &caller, claims.expires);
            }
            Ok(caller)
        })
    }

    /// Returns the name of the user that a token stands for.
    ///
    /// # Errors
    ///
    /// As for [`caller_of`](Self::caller_of), and when it stands for an API client.
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
    /// Returns whether a token can be [ended](TenantDraft::end_token). The request needs no credentials, so a token
    /// that is worthless anyway must not cost a change.
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

    /// Ends a token of this tenant, in every process and however it is written. Records of tokens that have expired
    /// until `past` are removed at the same time.
    ///
    /// A token that has expired by this clock alone is ended too: the clock may be set back.
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

/// Returns the content of a token that can be ended: one of this tenant's that was not ended yet, and had not expired
/// at `past`.
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

/// Returns the content of a valid token.
fn claims(
    view: &dyn ReadView,
    token: &str,
    now: Timestamp,
) -> Result<tokens::Claims, TenantRefusal> {
    let claims = tokens::verify(&tenant_of(view)?, token, now);
    unless_ended(view, token, claims)
}

/// Returns the content of a token that was not ended, whether it has expired or not.
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

/// Returns the caller of a session that began at `revision`, and the user's name, if the session is still valid.
fn session(
    view: &dyn ReadView,
    user_uid: &str,
    revision: Revision,
) -> Result<(Caller, String), TenantRefusal> {
    // A tenant that was founded anew uses the same numbers again, but not the same uids.
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
    /// Returns whether a session of this user that began at `revision` is still valid.
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
