//! The spellings of a path: old clients leave out the version, write resource names in any case, or use a prefix.

use axum::extract::Request;
use tower::util::MapRequest;

/// A service to which every path comes in one spelling.
pub(crate) type Spelled<S> = MapRequest<S, fn(Request) -> Request>;

/// Wraps a service so that every path comes to it in one spelling.
pub(super) fn spelled<S>(service: S) -> Spelled<S> {
    MapRequest::new(service, respell)
}

/// The path as the client wrote it, but with prefix and version filled in: `Content-Location` echoes it.
#[derive(Clone)]
pub(super) struct AsTyped(pub(super) String);

/// The path and query as the client sent them.
#[derive(Clone)]
pub(super) struct AsReceived(pub(super) axum::http::Uri);

fn respell(mut request: Request) -> Request {
    let received = AsReceived(request.uri().clone());
    request.extensions_mut().insert(received);
    let typed = with_version(request.uri().path());
    let query = request
        .uri()
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    request
        .extensions_mut()
        .insert(AsTyped(format!("{typed}{query}")));
    if let Ok(uri) = format!("{}{query}", registered(&typed)).parse() {
        *request.uri_mut() = uri;
    }
    request
}

/// Fills in prefix and version: `/c42api/Org/2` and `/api/Org/2/` become `/api/v1/Org/2`.
fn with_version(path: &str) -> String {
    let path = path
        .strip_suffix('/')
        .filter(|path| !path.is_empty())
        .unwrap_or(path);
    let lower = path.to_ascii_lowercase();
    let Some(rest) = ["/api/", "/c42api/"]
        .iter()
        .find(|p| lower.starts_with(**p))
        .map(|p| &path[p.len()..])
    else {
        return path.to_owned();
    };
    let first = rest.split('/').next().unwrap_or_default();
    let is_version = first
        .strip_prefix(['v', 'V'])
        .is_some_and(|n| n.parse::<u16>().is_ok());
    // In a pattern, a star stands for any version.
    if is_version || first.starts_with('*') {
        format!("/api/{rest}")
    } else {
        format!("/api/v1/{rest}")
    }
}

/// Returns whether a path is one of the authority's own routes, which no real server has.
pub(crate) fn is_own(path: &str) -> bool {
    path == "/_authority" || path.starts_with("/_authority/")
}

/// Returns the one spelling of a path, or of a pattern of paths.
pub(crate) fn one_spelling(path: &str) -> String {
    registered(&with_version(path))
}

/// Returns a route in the form in which it is registered: version and resource name in lower case, ids as they are.
pub(super) fn registered(route: &str) -> String {
    let mut segments = route.split('/').map(str::to_owned).collect::<Vec<_>>();
    if segments.get(1).is_some_and(|first| first == "api") {
        let known = segments.iter().take(4).count();
        for segment in &mut segments[..known] {
            segment.make_ascii_lowercase();
        }
        // A word behind the resource, such as `my`, may be in any case too.
        if let Some(word) = segments
            .get_mut(4)
            .filter(|word| word.eq_ignore_ascii_case("my"))
        {
            word.make_ascii_lowercase();
        }
    }
    segments.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_route_is_the_same_route() {
        for path in [
            "/api/org/2",
            "/api/Org/2/",
            "/api/v1/ORG/2",
            "/c42api/v1/Org/2",
            "/C42API/org/2",
            "/API/V1/Org/2",
        ] {
            assert_eq!(one_spelling(path), "/api/v1/org/2", "{path}");
        }
        assert_eq!(one_spelling("/c42api/**"), "/api/**");
        assert_eq!(one_spelling("/api/Org/*"), "/api/v1/org/*");
        assert_eq!(
            registered(&with_version("/api/v3/orgs/AbC/block")),
            "/api/v3/orgs/AbC/block"
        );
        assert_eq!(
            registered(&with_version("/api/orgBlock/My")),
            "/api/v1/orgblock/my"
        );
        assert_eq!(
            registered(&with_version("/_authority/agent/login")),
            "/_authority/agent/login"
        );
        assert_eq!(with_version("/"), "/");
    }
}
