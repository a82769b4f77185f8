//! The endpoint table: one row per endpoint of the API. Only facts about endpoints belong here, no code that calls or
//! serves one.
//!
//! A row says the method, the route, whether the request may be repeated, and what a caller needs; its doc comment is
//! the endpoint's one-line summary. The SDK builds URLs and its retry policy from the table; the authority registers
//! handlers, checks rights and writes its OpenAPI document by it. A row that lacks one of these does not compile.

mod access;
pub mod authority;
mod console;
mod gateway;
mod people;
mod testbench;

pub use access::{Access, Credentials, Right, ScopeKind};
pub use console::*;
pub use gateway::*;
pub use people::*;

/// The HTTP methods that the API uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// Reads.
    Get,
    /// Changes something.
    Post,
    /// Changes something.
    Put,
    /// Changes something.
    Delete,
}

impl Method {
    /// Returns the method's name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    /// Returns whether a request with this method changes nothing on the server.
    #[must_use]
    pub fn is_read(self) -> bool {
        self == Self::Get
    }
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// When a client may send a request again that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Repeat {
    /// Always: the request changes nothing.
    Freely,
    /// Only when the first one was certainly not carried out: the request changes something, or uses something up.
    WhenNotDone,
    /// As [`WhenNotDone`](Self::WhenNotDone); and where the server takes idempotency keys, with the key that the first
    /// one had.
    ByKey,
}

impl Repeat {
    /// Returns a name for it, as the OpenAPI document has it: `freely`, `when-not-done` or `by-key`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Freely => "freely",
            Self::WhenNotDone => "when-not-done",
            Self::ByKey => "by-key",
        }
    }
}

/// One row of the table: an endpoint, and what is to be known about it.
///
/// ```
/// use org42_types::endpoints::{Access, ORGS_BLOCK, ScopeKind, Repeat, Right};
///
/// assert_eq!(ORGS_BLOCK.to_string(), "POST /api/v3/orgs/{orgGuid}/block");
/// assert_eq!(ORGS_BLOCK.access, Access::Right(Right::Change, ScopeKind::Org));
/// assert_eq!(ORGS_BLOCK.repeat, Repeat::ByKey);
/// assert_eq!(ORGS_BLOCK.path_parameters().collect::<Vec<_>>(), ["orgGuid"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Endpoint {
    /// The name of its constant in this module, such as `ORGS_BLOCK`.
    pub name: &'static str,
    /// The method.
    pub method: Method,
    /// The path from the host's root, such as `/api/v3/orgs/{orgGuid}`; `{name}` stands for one path segment.
    pub route: &'static str,
    /// When the request may be sent again.
    pub repeat: Repeat,
    /// What a caller needs.
    pub access: Access,
    /// What the endpoint does, in one line.
    pub summary: &'static str,
}

impl Endpoint {
    /// Whether the path has parameters.
    #[must_use]
    pub const fn has_path_parameters(&self) -> bool {
        let route = self.route.as_bytes();
        let mut at = 0;
        while at < route.len() {
            if route[at] == b'{' {
                return true;
            }
            at += 1;
        }
        false
    }

    /// Returns the names of the parameters in the path, in order.
    pub fn path_parameters(&self) -> impl Iterator<Item = &'static str> + use<> {
        let segments = self.route.split('/');
        segments.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.route)
    }
}

macro_rules! endpoints {
    ($(
        #[doc = $summary:literal]
        $name:ident = $method:ident $route:literal, $repeat:ident, $access:expr;
    )*) => {
        $(
            #[doc = $summary]
            pub const $name: $crate::Endpoint = $crate::Endpoint {
                name: stringify!($name),
                method: $crate::Method::$method,
                route: $route,
                repeat: $crate::endpoints::Repeat::$repeat,
                access: $access,
                summary: $summary.trim_ascii(),
            };
        )*

        /// The rows above, in this order.
        pub(super) const ROWS: &[$crate::Endpoint] = &[$($name),*];
    };
}
pub(crate) use endpoints;

/// Every endpoint of the three APIs. Those that only an authority has are in [`authority::ALL`].
pub const ALL: &[Endpoint] = &joined::<
    { console::ROWS.len() + gateway::ROWS.len() + people::ROWS.len() },
>(&[console::ROWS, gateway::ROWS, people::ROWS]);

/// Joins parts of the table, which have `N` rows together.
const fn joined<const N: usize>(parts: &[&[Endpoint]]) -> [Endpoint; N] {
    let mut all = [console::ORG_LIST; N];
    let (mut at, mut part) = (0, 0);
    while part < parts.len() {
        let mut row = 0;
        while row < parts[part].len() {
            all[at] = parts[part][row];
            at += 1;
            row += 1;
        }
        part += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn every() -> impl Iterator<Item = &'static Endpoint> {
        ALL.iter().chain(authority::ALL)
    }

    #[test]
    fn no_route_is_written_twice() {
        let distinct: HashSet<_> = every().map(ToString::to_string).collect();
        assert_eq!(distinct.len(), every().count());
    }

    #[test]
    fn every_post_that_changes_something_for_a_session_takes_a_key() {
        let is_bench = |endpoint: &Endpoint| {
            let bench = authority::TEST_BENCH;
            bench.contains(endpoint)
        };
        for endpoint in every() {
            let is_session = matches!(
                endpoint.access,
                Access::Right(..) | Access::Administrator | Access::SignedIn
            );
            let takes = endpoint.method == Method::Post && is_session && !is_bench(endpoint);
            assert_eq!(endpoint.repeat == Repeat::ByKey, takes, "{endpoint}");
        }
    }

    #[test]
    fn only_reads_use_get_and_only_what_changes_nothing_is_repeated_freely() {
        let verbs = [
            "/block",
            "/unblock",
            "/deactivate",
            "/activate",
            "/move",
            "/update",
            "/remove",
        ];
        for endpoint in every() {
            if verbs.iter().any(|verb| endpoint.route.ends_with(verb)) {
                assert!(!endpoint.method.is_read(), "{endpoint}");
            }
            // A token for an API client is issued without anything being changed.
            let changes_nothing = endpoint.method.is_read()
                || endpoint.access == Access::Credentials(Credentials::ClientSecret);
            let is_repeated = endpoint.repeat == Repeat::Freely;
            assert_eq!(is_repeated, changes_nothing, "{endpoint}");
        }
    }

    #[test]
    fn a_summary_is_one_sentence_that_starts_with_a_verb() {
        for endpoint in every() {
            let summary = endpoint.summary;
            let verb = summary.split([' ', ',']).next().unwrap();
            assert!(verb.ends_with('s'), "{endpoint}: {summary}");
            assert!(
                summary.ends_with('.') && !summary.starts_with(' '),
                "{endpoint}: {summary}"
            );
        }
    }
}
