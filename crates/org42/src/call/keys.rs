//! Idempotency keys: whether a server takes them, and the key of a request.

use std::sync::atomic::{AtomicBool, Ordering};

use http::{HeaderMap, HeaderValue, StatusCode};
use org42_types::Endpoint;
use org42_types::endpoints::Repeat;
use org42_types::idempotency::LIFETIME;
use uuid::Builder;

/// Whether the server has said that it takes keys.
#[derive(Debug, Default)]
pub(crate) struct KeyTaking(AtomicBool);

impl KeyTaking {
    /// Notes what an answer says. A failure may be that of a proxy, which does not speak for the server.
    pub(crate) fn learn(&self, headers: &HeaderMap, status: StatusCode) {
        match headers.contains_key(LIFETIME) {
            true => self.0.store(true, Ordering::Relaxed),
            false if status.is_success() => self.0.store(false, Ordering::Relaxed),
            false => {}
        }
    }

    pub(crate) fn is_announced(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Returns a new key for a request, if its endpoint is one that takes keys.
pub(crate) fn key_for(endpoint: Endpoint) -> Option<HeaderValue> {
    if endpoint.repeat != Repeat::ByKey {
        return None;
    }
    let key = Builder::from_random_bytes(rand::random()).into_uuid();
    HeaderValue::from_str(&key.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use org42_types::endpoints::{ORG_BLOCK, ORGS_BLOCK, ORGS_GET};

    use super::*;

    #[test]
    fn a_server_takes_keys_as_long_as_it_says_so() {
        let keys = KeyTaking::default();
        assert!(!keys.is_announced());
        let announced = HeaderMap::from_iter([(
            http::HeaderName::from_static(LIFETIME),
            HeaderValue::from_static("86400"),
        )]);
        let silent = HeaderMap::new();
        for (headers, status, is_announced) in [
            (&silent, 200, false),
            (&announced, 401, true),
            (&silent, 502, true),
            (&silent, 200, false),
        ] {
            keys.learn(headers, StatusCode::from_u16(status).unwrap());
            assert_eq!(keys.is_announced(), is_announced, "{status}");
        }
    }

    #[test]
    fn only_posts_that_change_something_have_keys_and_each_its_own() {
        let key = key_for(ORGS_BLOCK).unwrap();
        assert_eq!(key.len(), 36);
        assert_ne!(Some(key), key_for(ORGS_BLOCK));
        assert_eq!((key_for(ORG_BLOCK), key_for(ORGS_GET)), (None, None));
    }
}
