//! Addresses of tenants, compared and shown.

/// Returns whether two texts are one address, as the client understands them.
pub(crate) fn same_url(one: &str, other: &str) -> bool {
    match (read_url(one), read_url(other)) {
        (Some(one), Some(other)) => {
            one.as_str().trim_end_matches('/') == other.as_str().trim_end_matches('/')
        }
        _ => one.trim() == other.trim(),
    }
}

/// Returns whether two texts are addresses of one tenant, with encryption or without.
pub(crate) fn same_tenant(one: &str, other: &str) -> bool {
    match (tenant(one), tenant(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one.trim() == other.trim(),
    }
}

/// Returns the host, the port unless it is the scheme's, and the path.
fn tenant(text: &str) -> Option<(String, Option<u16>, String)> {
    let url = read_url(text)?;
    let host = url.host_str()?.trim_end_matches('.').to_owned();
    let port = url.port().filter(|port| !matches!(port, 80 | 443));
    Some((host, port, url.path().trim_end_matches('/').to_owned()))
}

fn read_url(text: &str) -> Option<url::Url> {
    let text = text.trim();
    let url = match text.contains("://") {
        true => url::Url::parse(text),
        false => url::Url::parse(&format!("https://{text}")),
    };
    url.ok()
}

/// Returns an address without the name and the password that may stand before an `@`.
pub(crate) fn shown_url(text: &str) -> String {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), text),
    };
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    format!("{scheme}{rest}")
}
