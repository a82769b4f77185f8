//! The answers of the login routes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The answer of [`AUTH_JWT`](crate::endpoints::AUTH_JWT), inside `data`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserToken {
    /// The signed token. Its name on the wire, `v3_user_token`, comes from the scheme word of its first years.
    #[serde(rename = "v3_user_token")]
    pub token: String,
}

impl fmt::Debug for UserToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserToken([redacted])")
    }
}

/// The answer of [`OAUTH_TOKEN`](crate::endpoints::OAUTH_TOKEN), bare.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiToken {
    /// The signed token.
    pub access_token: String,
    /// Always `bearer`.
    pub token_type: String,
    /// How long the token lives from now on, in seconds.
    pub expires_in: u64,
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiToken")
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}
