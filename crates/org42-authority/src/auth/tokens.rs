//! Tokens: three-part JWTs, signed with the tenant's key by HMAC-SHA-256 and nothing else.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use org42_types::Timestamp;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;

use super::secrets;
use crate::domain::{Entropy, Revision, Tenant, TenantRefusal};
use crate::store::StoreError;

/// How long a user's token is valid, in seconds.
pub(crate) const USER_SECONDS: u32 = 30 * 60;
/// How long an API client's token is valid, in seconds.
pub(crate) const API_CLIENT_SECONDS: u32 = 15 * 60;

const ISSUER: &str = "org42-authority";
const KEY_BYTES: usize = 32;
const MAX_BYTES: usize = 8192;

/// The user or program that a token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A user.
    User {
        /// `userId`.
        id: u32,
        /// `userUid`.
        uid: String,
        /// The username at the login.
        username: String,
    },
    /// An API client.
    ApiClient {
        /// The client's id.
        client_id: String,
    },
}

impl Subject {
    fn seconds(&self) -> u32 {
        match self {
            Self::User { .. } => USER_SECONDS,
            Self::ApiClient { .. } => API_CLIENT_SECONDS,
        }
    }

    /// Returns the one header that is accepted in a token of this subject. Another algorithm, a key's id, its address or a
    /// key itself have no place there.
    fn header(&self) -> &'static str {
        match self {
            Self::User { .. } => r#"{"typ":"JWT","alg":"HS256","c42_ver":"user-v0"}"#,
            Self::ApiClient { .. } => r#"{"typ":"JWT","alg":"HS256","c42_ver":"api-client-v0"}"#,
        }
    }
}

/// The content of a valid token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claims {
    /// The user or program that it stands for.
    pub(crate) subject: Subject,
    /// The tenant's last revision when it was issued.
    pub(crate) revision: Revision,
    /// The time from which it is not valid any more.
    pub(crate) expires: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    iss: String,
    iat: i64,
    exp: i64,
    sub: String,
    /// Makes each token different, so that ending one does not end another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
    tenant_uid: String,
    revision: u64,
    #[serde(flatten)]
    user: Option<UserPart>,
    /// A token that is meant for somebody in particular is not one of ours.
    #[serde(default, skip_serializing)]
    aud: Option<IgnoredAny>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserPart {
    user_id: u32,
    user_uid: String,
    user_name: String,
}

/// Returns a signing key for a new tenant, of 256 bits.
pub(crate) fn new_signing_key(entropy: &Entropy) -> Vec<u8> {
    let mut key = vec![0; KEY_BYTES];
    entropy.fill(&mut key);
    key
}

/// Returns a token for `subject`, valid from `now` for [`USER_SECONDS`] or [`API_CLIENT_SECONDS`].
///
/// # Errors
///
/// When the tenant's key is too short.
pub(crate) fn issue(
    tenant: &Tenant,
    subject: &Subject,
    now: Timestamp,
    entropy: &Entropy,
) -> Result<String, TenantRefusal> {
    let key = signing_key(tenant)
        .ok_or_else(|| StoreError::failed("the tenant's signing key is damaged"))?;
    let issued = now.as_millis().div_euclid(1000);
    let (sub, user) = match subject {
        Subject::ApiClient { client_id } => (client_id, None),
        Subject::User { id, uid, username } => (
            uid,
            Some(UserPart {
                user_id: *id,
                user_uid: uid.clone(),
                user_name: username.clone(),
            }),
        ),
    };
    let payload = Payload {
        iss: ISSUER.to_owned(),
        iat: issued,
        exp: issued + i64::from(subject.seconds()),
        sub: sub.clone(),
        jti: Some(entropy.uuid()),
        tenant_uid: tenant.uid.clone(),
        revision: tenant.revision.0,
        user,
        aud: None,
    };
    let payload = serde_json::to_vec(&payload).map_err(StoreError::failed)?;
    let signed = [subject.header().as_bytes(), &payload].map(|part| BASE64.encode(part));
    let signed = signed.join(".");
    let signature = signing(key, &signed)?.finalize().into_bytes();
    Ok(format!("{signed}.{}", BASE64.encode(signature)))
}

/// Returns whether a part of a token is this JSON document.
fn is_document(part: &str, document: &str) -> bool {
    let read = BASE64.decode(part).ok();
    let read = read.and_then(|read| serde_json::from_slice::<Value>(&read).ok());
    read.is_some() && read == serde_json::from_str(document).ok()
}

/// Begins the signature of a text.
fn signing(key: &[u8], signed: &str) -> Result<Hmac<Sha256>, StoreError> {
    let mut mac = Hmac::new_from_slice(key).map_err(StoreError::failed)?;
    mac.update(signed.as_bytes());
    Ok(mac)
}

/// Returns the content of `token`, if this tenant issued it and it is still valid at `now`.
pub(crate) fn verify(tenant: &Tenant, token: &str, now: Timestamp) -> Option<Claims> {
    read(tenant, token).filter(|claims| now < claims.expires)
}

/// Returns the content of `token`, if this tenant issued it, even if it has expired.
pub(crate) fn read(tenant: &Tenant, token: &str) -> Option<Claims> {
    if token.len() > MAX_BYTES {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let signature = BASE64.decode(signature).ok()?;
    let is_signed = signing(signing_key(tenant)?, signed).ok()?;
    is_signed.verify_slice(&signature).ok()?;
    let (header, payload) = signed.split_once('.')?;
    let payload = BASE64.decode(payload).ok()?;
    let payload: Payload = serde_json::from_slice(&payload).ok()?;
    let subject = match payload.user {
        Some(user) => Subject::User {
            id: user.user_id,
            uid: user.user_uid,
            username: user.user_name,
        },
        None => Subject::ApiClient {
            client_id: payload.sub,
        },
    };
    let expires = Timestamp::from_millis(payload.exp.checked_mul(1000)?)?;
    let is_ours = payload.iss == ISSUER
        && payload.tenant_uid == tenant.uid
        && is_document(header, subject.header())
        && payload.aud.is_none();
    is_ours.then_some(Claims {
        subject,
        revision: Revision(payload.revision),
        expires,
    })
}

/// Returns the digest by which a token is recorded as ended, made of its signed part: that can be written in one way
/// only, while a signature can be written in several.
pub(crate) fn digest(token: &str) -> Vec<u8> {
    let signed = token.rsplit_once('.').map_or(token, |(signed, _)| signed);
    secrets::digest(signed)
}

/// Returns the tenant's key; `None` for one that could be guessed, so that a damaged file lets nobody in.
fn signing_key(tenant: &Tenant) -> Option<&[u8]> {
    (tenant.signing_key.len() >= KEY_BYTES).then_some(tenant.signing_key.as_slice())
}

#[cfg(test)]
mod tests;
