//! The faults, and by hand what each means for a read and for a change.

use std::time::Duration;

use org42_test::raw_server::gzip;
use org42_test::{Reply, Then};

/// What a fault means for a request that reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OfRead {
    /// It may pass: the request is sent again, three times in all.
    Passes,
    /// The server is silent: the request is sent once more.
    Silent,
    /// The server asks to slow down.
    Throttled,
    /// The session is over: the request is sent again with another token.
    Renewed,
    /// The request would fail again.
    Fails,
    /// Nothing is wrong.
    Harmless,
}

/// What a fault means for a request that changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OfChange {
    /// It was certainly not carried out, and would be refused again.
    Refused,
    /// It was certainly not carried out: the server asks to slow down.
    Throttled,
    /// It was certainly not carried out: the session is over.
    Renewed,
    /// It was carried out or not; the reason may pass.
    Open,
    /// It was carried out or not, or is yet to be: the server is silent.
    Silent,
    /// It was carried out or not; the reason will not pass.
    OpenForGood,
    /// The server reports a success, and says nothing that could be relied on.
    Acknowledged,
    /// The server reports that the change may come.
    Accepted,
    /// Nothing is wrong.
    Harmless,
}

impl OfChange {
    /// Returns whether the change may have been carried out before the fault, and whether it may not have been.
    pub(crate) fn may_be(self, carried_out: bool) -> bool {
        match self {
            Self::Refused | Self::Throttled | Self::Renewed => !carried_out,
            Self::Harmless => carried_out,
            _ => true,
        }
    }
}

/// A fault: what is sent in the place of the right answer.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    pub(crate) reply: fn(Reply) -> Reply,
    pub(crate) read: OfRead,
    pub(crate) change: OfChange,
}

const SYSTEM: &str = r#"[{"name":"SYSTEM","description":"com.code42.core.CommandException"}]"#;
const RULE: &str =
    r#"[{"name":"PARENT_ORG_BLOCKED","description":"com.code42.core.CommandException"}]"#;
const PAGE: &str = "<html><body><h1>It works!</h1></body></html>";
const JSON: &str = "Content-Type: application/json\r\n";

fn status(status: u16, body: &str) -> Reply {
    Reply::status(status, body)
}

fn asked_to_wait(wait: &str) -> Reply {
    Reply::status(429, "").with_header(&format!("Retry-After: {wait}"))
}

fn moved(status: u16, place: &str) -> Reply {
    Reply::status(status, "").with_header(&format!("Location: {place}"))
}

fn bytes(bytes: &[u8], then: Then) -> Reply {
    Reply::Bytes(bytes.to_vec(), then)
}

fn with_body(body: impl Into<Vec<u8>>) -> Reply {
    Reply::Http(200, JSON.to_owned(), body.into())
}

/// Returns the right answer with other bytes before its body.
fn behind(right: Reply, mark: &[u8]) -> Reply {
    match right {
        Reply::Http(status, headers, body) if !body.is_empty() => {
            Reply::Http(status, headers, [mark, &body].concat())
        }
        other => other,
    }
}

/// A bomb: a few kilobytes on the wire, 8 MB in memory.
fn bomb() -> Reply {
    let packed = gzip(&[&vec![b' '; 8_000_000]]);
    Reply::Http(200, format!("{JSON}Content-Encoding: gzip\r\n"), packed)
}

macro_rules! faults {
    ($($name:literal, $read:ident, $change:ident: $reply:expr;)*) => {
        &[$(Fault {
            name: $name,
            reply: $reply,
            read: OfRead::$read,
            change: OfChange::$change,
        }),*]
    };
}

pub(crate) const FAULTS: &[Fault] = faults! {
    // The connection.
    "connection closed before an answer", Passes, Open: |_| Reply::Hangup;
    "connection reset before an answer", Passes, Open: |_| bytes(b"", Then::Reset);
    "head of the answer cut off", Passes, Open: |_| bytes(b"HTTP/1.1 200 O", Then::Close);
    "head of the answer cut off by a reset", Passes, Open: |_| bytes(b"HTTP/1.1 200 OK\r\nDa", Then::Reset);
    "body shorter than its length", Passes, Open: |_| Reply::Cut(200, b"{\"data\":".to_vec());
    "chunk of the body missing", Passes, Open: |_| bytes(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"data\"\r\n", Then::Close);
    "another protocol", Passes, Open: |_| bytes(b"SSH-2.0-OpenSSH_9.2\r\n", Then::Close);
    // Waiting.
    "no answer", Silent, Silent: |_| Reply::Silence;
    "head of the answer without an end", Silent, Silent: |_| bytes(b"HTTP/1.1 200 OK\r\nX-Slow: ", Then::Silence);
    "body without an end", Silent, Silent: |_| bytes(
        b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"data\":", Then::Silence);
    "body slower than 10 bytes a second", Silent, Silent: |_| Reply::Trickle(
        [b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n".to_vec(), vec![b' '; 900]].concat(),
        Duration::from_millis(300));
    // The server asks for something.
    "429", Throttled, Throttled: |_| status(429, "");
    "429, Retry-After: 0", Throttled, Throttled: |_| asked_to_wait("0");
    "429, Retry-After: a date that is over", Throttled, Throttled: |_| asked_to_wait("Mon, 01 Jan 2024 00:00:00 GMT");
    "429, Retry-After: -5", Throttled, Throttled: |_| asked_to_wait("-5");
    "429, Retry-After: an hour", Fails, Refused: |_| asked_to_wait("3600");
    "429, Retry-After: words", Throttled, Throttled: |_| asked_to_wait("soon");
    "401", Renewed, Renewed: |_| status(401, "");
    // The server is in trouble.
    "408", Passes, Open: |_| status(408, "");
    "425", Passes, Open: |_| status(425, "");
    "500 without a body", Passes, Open: |_| status(500, "");
    "500, SYSTEM", Passes, Open: |_| status(500, SYSTEM);
    "500, a name that nobody has recorded", Passes, Open: |_| status(500, r#"[{"name":"NEVER_HEARD_OF"}]"#);
    "500, a rule of the tenant", Fails, Refused: |_| status(500, RULE);
    "502, a page", Passes, Open: |_| status(502, PAGE);
    "502, a rule of the tenant", Passes, Open: |_| status(502, RULE);
    "503", Passes, Open: |_| status(503, "");
    "503, Retry-After: 0", Passes, Open: |_| status(503, "").with_header("Retry-After: 0");
    "503, SYSTEM", Passes, Open: |_| status(503, SYSTEM);
    "504", Passes, Open: |_| status(504, PAGE);
    // The server refuses.
    "400", Fails, Refused: |_| status(400, SYSTEM);
    "403", Fails, Refused: |_| status(403, SYSTEM);
    "404, an error of the API", Fails, Refused: |_| status(404, r#"[{"name":"ORG_NOT_FOUND","description":"d"}]"#);
    "404, a page", Fails, OpenForGood: |_| status(404, PAGE);
    "404 without a body", Fails, OpenForGood: |_| status(404, "");
    "409", Fails, Refused: |_| status(409, SYSTEM);
    "412", Fails, Refused: |_| status(412, "");
    "422", Fails, Refused: |_| status(422, "");
    // The server points elsewhere.
    "301 to the same host", Fails, OpenForGood: |_| moved(301, "/api/v3/orgs/guid-3");
    "302 to another host", Fails, OpenForGood: |_| moved(302, "https://elsewhere.test/");
    "303 to the same host", Fails, OpenForGood: |_| moved(303, "/api/v3/orgs/guid-3");
    "307 to the same host", Fails, OpenForGood: |_| moved(307, "/api/v3/orgs/guid-3");
    // A success, with a document that is none.
    "200, an error document", Fails, OpenForGood: |_| with_body(SYSTEM);
    "200, a rule of the tenant", Fails, Refused: |_| with_body(RULE);
    "200, a page", Fails, OpenForGood: |_| with_body(PAGE);
    "200, half a document", Fails, OpenForGood: |_| with_body(&b"{\"data\": {\"orgs\": ["[..]);
    "200, 100,000 brackets", Fails, OpenForGood: |_| with_body(vec![b'['; 100_000]);
    "200, bytes that are no text", Fails, OpenForGood: |_| with_body(&b"{\"data\": \xff\xfe"[..]);
    "200, a bomb of 8 MB", Fails, OpenForGood: |_| bomb();
    "200, packed wrongly", Fails, OpenForGood: |_| Reply::Http(
        200, format!("{JSON}Content-Encoding: gzip\r\n"), b"no gzip".to_vec());
    "200, null", Fails, Acknowledged: |_| with_body(&b"null"[..]);
    "200 without a body", Fails, Acknowledged: |_| with_body(&b""[..]);
    "200, {}", Fails, Acknowledged: |_| with_body(&b"{}"[..]);
    "200, another document", Fails, Acknowledged: |_| with_body(&b"{\"data\":{\"orgName\":7,\"orgGuid\":[]}}"[..]);
    "201 without a body", Fails, Acknowledged: |_| status(201, "");
    "204", Fails, Acknowledged: |_| status(204, "");
    "202, {\"data\":{}}", Fails, Accepted: |_| status(202, r#"{"data":{}}"#);
    // Nothing is wrong.
    "a byte order mark before the document", Harmless, Harmless: |right| behind(right, b"\xef\xbb\xbf");
    "connection closed after the answer", Harmless, Harmless: |right| right.with_header("Connection: close");
};
