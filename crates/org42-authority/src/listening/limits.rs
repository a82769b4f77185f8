//! [`Limits`], the time and memory that one client, and all of them together, may take.

use std::time::Duration;

/// The limits of connections. A client that exceeds one loses its connection.
///
/// ```
/// use org42_authority::Limits;
/// use std::time::Duration;
///
/// let quick = Limits { head: Duration::from_millis(200), ..Limits::default() };
/// assert_eq!(quick.idle, Limits::default().idle);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The time until a request's head is complete, from its first byte; for the first request, from the beginning of
    /// the connection.
    pub head: Duration,
    /// The time that a connection may wait for the next request.
    pub idle: Duration,
    /// The time that the TLS handshake may take.
    pub handshake: Duration,
    /// The least pace at which a request's body must arrive while the authority waits for it.
    pub body: Pace,
    /// The least pace at which a client must read an answer while the authority waits to send on.
    pub answer: Pace,
    /// The largest head of a request, in bytes; at least 8 KiB.
    pub head_bytes: usize,
    /// The most bytes in incomplete heads of all connections together; beyond it the slowest connection is ended.
    pub unfinished_bytes: usize,
    /// The most connections at once; beyond it the slowest is ended.
    pub connections: usize,
}

/// A least number of bytes within a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The number of bytes.
    pub bytes: u64,
    /// The time within which they must move.
    pub within: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(20),
            idle: Duration::from_secs(75),
            handshake: Duration::from_secs(10),
            body: Pace {
                bytes: 10 * 1024,
                within: Duration::from_secs(10),
            },
            answer: Pace {
                bytes: 60 * 1024,
                within: Duration::from_secs(60),
            },
            head_bytes: 64 * 1024,
            unfinished_bytes: 8 * 1024 * 1024,
            connections: connections_of(open_files()),
        }
    }
}

/// Returns how many connections fit into a number of open files. The rest is for the tenant's own files.
fn connections_of(files: u64) -> usize {
    const MOST: u64 = 1024;
    let reserve = (files / 4).clamp(8, 256);
    let connections = files.saturating_sub(reserve).clamp(8, MOST);
    usize::try_from(connections).unwrap_or(usize::MAX)
}

/// Returns how many files this process may have open.
#[cfg(unix)]
fn open_files() -> u64 {
    rlimit::Resource::NOFILE.get_soft().unwrap_or(256)
}

/// Returns how many files this process may have open: here there is no limit to ask for.
#[cfg(not(unix))]
fn open_files() -> u64 {
    u64::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tenants_own_files_have_a_reserve() {
        for (files, connections) in [
            (16, 8),
            (64, 48),
            (256, 192),
            (1024, 768),
            (20_000, 1024),
            (u64::MAX, 1024),
        ] {
            assert_eq!(connections_of(files), connections, "{files}");
        }
    }
}
