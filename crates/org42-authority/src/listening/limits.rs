//! How much of the authority's time and room one client gets, and all of them together.

use std::time::Duration;

/// What connections may take. A client that takes more loses its connection.
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
    /// How long a request may take until its head is complete, from its first byte, the first one of a connection from
    /// the connection's beginning.
    pub head: Duration,
    /// How long a connection may wait for the next request.
    pub idle: Duration,
    /// How long the agreement on encryption may take.
    pub handshake: Duration,
    /// How fast the body of a request has to arrive while the authority waits for it.
    pub body: Pace,
    /// How fast a client has to read an answer while the authority waits to send on.
    pub answer: Pace,
    /// The largest head of a request, in bytes; at least 8 KiB.
    pub head_bytes: usize,
    /// How many bytes of unfinished heads all connections together may have sent; beyond it the slowest gives way.
    pub unfinished_bytes: usize,
    /// How many connections there are at once; beyond it the slowest gives way.
    pub connections: usize,
}

/// A least number of bytes within a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// So many bytes,
    pub bytes: u64,
    /// each time this has gone by.
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

/// How many connections fit into a number of open files. The rest is for the tenant's own files.
fn connections_of(files: u64) -> usize {
    const MOST: u64 = 1024;
    let reserve = (files / 4).clamp(8, 256);
    let connections = files.saturating_sub(reserve).clamp(8, MOST);
    usize::try_from(connections).unwrap_or(usize::MAX)
}

/// How many files this process may have open.
#[cfg(unix)]
fn open_files() -> u64 {
    rlimit::Resource::NOFILE.get_soft().unwrap_or(256)
}

/// How many files this process may have open.
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
