//! Idempotency keys on the wire: names that client and server share. Only an authority is known to take keys.

/// The request header with the key: a text of the client's own.
pub const KEY: &str = "idempotency-key";

/// The response header that says how long keys are kept, in seconds. A server that sends it takes keys.
pub const LIFETIME: &str = "idempotency-key-lifetime";

/// The response header of an answer that was given before; its value is `true`.
pub const REPLAYED: &str = "idempotency-replayed";

/// The name of the problem of a request whose key was used for another one. Nothing was done.
pub const KEY_REUSED: &str = "IDEMPOTENCY_KEY_REUSED";

/// The name of the problem of a request that is being carried out already.
pub const KEY_RUNNING: &str = "IDEMPOTENCY_KEY_RUNNING";

/// The name of the problem of a request that was carried out, and whose answer was not kept.
pub const ANSWER_NOT_KEPT: &str = "IDEMPOTENCY_ANSWER_NOT_KEPT";
