//! The answers to requests that are refused.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use org42_types::{Problem, idempotency};
use serde_json::json;

use crate::auth::TooManyFailures;
use crate::domain::TenantRefusal;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const CACHE: HeaderValue = HeaderValue::from_static("must-revalidate,no-cache,no-store");

/// A refusal, not yet written.
#[derive(Debug)]
pub(crate) struct ErrorReply {
    status: StatusCode,
    problem: Problem,
    retry_after: Option<u64>,
    is_rule: bool,
}

/// The mark of an answer to a broken rule of the tenant: for some of them the real server's status is not known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BrokenRule;

/// The mark of a refusal: the real server's content type of those is not known for sure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused;

/// The `Retry-After` of a full disk, in seconds.
const WAIT_FOR_ROOM: u64 = 5;

const BUILDER: &str = "com.code42.core.BuilderException";
const COMMAND: &str = "com.code42.core.CommandException";

impl ErrorReply {
    pub(crate) fn new(status: StatusCode, name: &str, description: &str) -> Self {
        Self {
            status,
            problem: Problem::new(name, description),
            retry_after: None,
            is_rule: false,
        }
    }

    /// Missing or invalid credentials.
    pub(crate) fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "SYSTEM",
            "Invalid or missing credentials",
        )
    }

    /// Returns the reply to a request that the framework cannot read.
    pub(crate) fn invalid_request(status: StatusCode) -> Self {
        Self::new(status, "SYSTEM", "Invalid request")
    }

    /// Returns the reply to more requests than are answered in a minute.
    pub(crate) fn too_many_requests(retry_after: u64) -> Self {
        let text = "Too many requests";
        Self {
            retry_after: Some(retry_after),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", text)
        }
    }

    /// Returns the reply to more requests than can be handled or wait at once; nothing was done.
    fn busy(retry_after: u64) -> Self {
        let text = "The authority has too much to do at the moment; nothing was done, try again";
        Self {
            retry_after: Some(retry_after),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "", text)
        }
    }

    /// Returns the reply to a request that is being carried out already.
    fn key_running() -> Self {
        let text = "A request with this idempotency key is being carried out";
        Self {
            retry_after: Some(1),
            ..Self::new(StatusCode::CONFLICT, idempotency::KEY_RUNNING, text)
        }
    }

    /// Returns the reply for a full disk. Once there is room, the request can be sent again.
    fn no_room() -> Self {
        let text = "The authority has no room to write, so nothing was changed; try again once there is some";
        Self {
            retry_after: Some(WAIT_FOR_ROOM),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "", text)
        }
    }

    /// Returns the reply to right credentials of a user who is locked out.
    pub(crate) fn locked_out(name: &str, description: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, name, description)
    }

    /// Returns this refusal in the form for devices' agents: a 403 with a name.
    pub(crate) fn for_agents(self) -> Self {
        let status = StatusCode::FORBIDDEN;
        let refusal = Self {
            is_rule: false,
            ..self
        };
        match refusal.status {
            StatusCode::UNAUTHORIZED => {
                Self::new(status, "BAD_CREDENTIALS", &refusal.problem.description)
            }
            StatusCode::INTERNAL_SERVER_ERROR | StatusCode::NOT_FOUND => Self { status, ..refusal },
            _ => refusal,
        }
    }

    /// Returns this refusal in the form for a list that is limited to something unknown.
    pub(crate) fn unknown_filter(self, description: &str) -> Self {
        if self.status == StatusCode::NOT_FOUND {
            return Self::new(StatusCode::BAD_REQUEST, "SYSTEM", description);
        }
        self
    }
}

impl From<TooManyFailures> for ErrorReply {
    fn from(brake: TooManyFailures) -> Self {
        let text = "Too many failed logins; wait and try again";
        let retry_after = Some(brake.retry_after_seconds);
        Self {
            retry_after,
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", text)
        }
    }
}

impl From<TenantRefusal> for ErrorReply {
    fn from(refusal: TenantRefusal) -> Self {
        const RULE: StatusCode = StatusCode::INTERNAL_SERVER_ERROR;
        const UNKNOWN: StatusCode = StatusCode::NOT_FOUND;
        const FORBIDDEN: StatusCode = StatusCode::FORBIDDEN;
        let (status, name, description) = match refusal {
            TenantRefusal::OrgNotFound => (UNKNOWN, "ORG_NOT_FOUND", "Organization was not found"),
            TenantRefusal::UserNotFound => (UNKNOWN, "USER_NOT_FOUND", "User was not found"),
            TenantRefusal::DeviceNotFound => {
                (UNKNOWN, "COMPUTER_NOT_FOUND", "Computer was not found")
            }
            TenantRefusal::ApiClientNotFound => {
                (UNKNOWN, "API_CLIENT_NOT_FOUND", "API client was not found")
            }
            TenantRefusal::OrgNameMissing => (RULE, "ORG_NAME_MISSING", BUILDER),
            TenantRefusal::OrgNameTooShort => (RULE, "ORG_NAME_TOO_SHORT", BUILDER),
            TenantRefusal::OrgNameTooLong => (RULE, "ORG_NAME_TOO_LONG", BUILDER),
            TenantRefusal::OrgDuplicate => (RULE, "ORG_DUPLICATE", COMMAND),
            TenantRefusal::ParentOrgBlocked => (RULE, "PARENT_ORG_BLOCKED", COMMAND),
            TenantRefusal::ParentOrgNotActive => (RULE, "PARENT_ORG_NOT_ACTIVE", COMMAND),
            TenantRefusal::TreeTooDeep => (RULE, "ORG_TREE_TOO_DEEP", COMMAND),
            TenantRefusal::OwnTenant => (
                FORBIDDEN,
                "OWN_TENANT",
                "This would lock the caller out of the tenant",
            ),
            TenantRefusal::UsernameMissing => (RULE, "INVALID_USERNAME", BUILDER),
            TenantRefusal::UserDuplicate => (RULE, "USER_DUPLICATE", COMMAND),
            TenantRefusal::EmailInvalid => (RULE, "EMAIL_INVALID", BUILDER),
            TenantRefusal::PasswordTooShort => (RULE, "NEW_PASSWORD_INVALID", BUILDER),
            TenantRefusal::UserIsBlocked => (RULE, "USER_IS_BLOCKED", COMMAND),
            TenantRefusal::UserIsDeactivated => (RULE, "USER_IS_DEACTIVATED", COMMAND),
            TenantRefusal::TooManyDevices => (RULE, "TOO_MANY_DEVICES", COMMAND),
            TenantRefusal::BadCredentials => return Self::unauthorized(),
            TenantRefusal::DeviceBlocked => {
                (FORBIDDEN, "COMPUTER_BLOCKED", "The device is blocked")
            }
            TenantRefusal::DeviceDeactivated => (
                FORBIDDEN,
                "COMPUTER_DEACTIVATED",
                "The device is deactivated",
            ),
            TenantRefusal::BackupStopped => (
                FORBIDDEN,
                "BACKUP_STOPPED",
                "A deactivation stopped the backups and nobody has started them again",
            ),
            TenantRefusal::SettingLocked(key) => {
                let text = format!("{key} is locked by an organization above");
                return Self::new(FORBIDDEN, "SETTING_LOCKED", &text);
            }
            TenantRefusal::SnapshotNotFound(name) => {
                let text = format!("There is no snapshot {name}");
                return Self::new(UNKNOWN, "SNAPSHOT_NOT_FOUND", &text);
            }
            TenantRefusal::SnapshotExists(name) => {
                let text = format!("There is a snapshot {name} already");
                return Self::new(StatusCode::CONFLICT, "SNAPSHOT_EXISTS", &text);
            }
            TenantRefusal::KeyReused => (
                StatusCode::UNPROCESSABLE_ENTITY,
                idempotency::KEY_REUSED,
                "This idempotency key was used for another request; nothing was done",
            ),
            TenantRefusal::KeyRunning => return Self::key_running(),
            TenantRefusal::AnswerNotKept => (
                StatusCode::CONFLICT,
                idempotency::ANSWER_NOT_KEPT,
                "The request with this idempotency key was carried out, and its answer is not kept: it holds a secret, \
                 or is too long",
            ),
            TenantRefusal::Forbidden => (FORBIDDEN, "SYSTEM", "Permission denied"),
            TenantRefusal::Invalid(text) => {
                return Self::new(StatusCode::BAD_REQUEST, "SYSTEM", &text);
            }
            TenantRefusal::Busy(seconds) => return Self::busy(seconds),
            // Internal failures are written to the operator's log, not to clients.
            TenantRefusal::NoRoom(error) => {
                crate::log::failure(&error);
                return Self::no_room();
            }
            TenantRefusal::Failed(error) => {
                crate::log::failure(&error);
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "",
                    "The authority cannot reach its storage",
                )
            }
        };
        Self {
            is_rule: status == RULE,
            ..Self::new(status, name, description)
        }
    }
}

impl IntoResponse for ErrorReply {
    fn into_response(self) -> Response {
        let document = match self.problem.name.as_str() {
            // A failure of the server names no business rule, so that clients take it for temporary.
            "" => json!([{"description": self.problem.description}]),
            _ => json!([self.problem]),
        };
        let mut response = (self.status, document.to_string()).into_response();
        response.extensions_mut().insert(Refused);
        if self.is_rule {
            response.extensions_mut().insert(BrokenRule);
        }
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, JSON);
        headers.insert(header::CACHE_CONTROL, CACHE);
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

pub(crate) async fn no_such_route() -> ErrorReply {
    ErrorReply::new(StatusCode::NOT_FOUND, "SYSTEM", "No such resource")
}

pub(crate) async fn no_such_method() -> ErrorReply {
    ErrorReply::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "SYSTEM",
        "The resource has no such method",
    )
}
