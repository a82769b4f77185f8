//! The address of a tenant, and the URLs of the routes on it.

use std::net::IpAddr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::error::{Error, Result};

/// The characters of a path segment that are percent-encoded.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A tenant's address: scheme, host, port, and perhaps a path that is put before every route.
#[derive(Clone, Debug)]
pub(crate) struct Address(Url);

impl Address {
    /// Reads an address as a person writes it: `console.us.code42.com`, `http://127.0.0.1:4200`,
    /// `https://proxy/tenant`.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let refuse =
            |reason: &str| Error::input("use this host", format!("the host given {reason}"));
        let text = text.trim();
        let full = match text.contains("://") {
            true => text.to_owned(),
            false => format!("https://{text}"),
        };
        // The text may hold a password, so it is not repeated in the error.
        let url = Url::parse(&full)
            .map_err(|reason| refuse("is no host name and no URL").because(reason))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refuse("has to begin with https:// or http://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse(
                "has a user name or a password in it; give them as credentials",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("has a query or a fragment in it"));
        }
        Ok(Self(url))
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    pub(crate) fn uri(&self) -> Result<http::Uri> {
        self.0
            .as_str()
            .parse()
            .map_err(|reason: http::uri::InvalidUri| {
                Error::input("use this host", "the host given cannot be in a request")
                    .because(reason)
            })
    }

    pub(crate) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.host().trim_matches(['[', ']']);
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// Builds the address of a route: fills in its `{name}`s from `path`, in any order, and adds the query.
    pub(crate) fn of(
        &self,
        route: &str,
        path: &[(&str, String)],
        query: &[(String, String)],
    ) -> Result<Url, String> {
        let mut filled = self.0.path().trim_end_matches('/').to_owned();
        let route = match filled.ends_with("/c42api") {
            true => route.strip_prefix("/api").unwrap_or(route),
            false => route,
        };
        for segment in route.trim_start_matches('/').split('/') {
            filled.push('/');
            match segment
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'))
            {
                None => filled.push_str(segment),
                Some(name) => {
                    let value = path.iter().find(|(given, _)| *given == name);
                    let (_, value) = value.ok_or_else(|| format!("{name} was not given"))?;
                    filled.push_str(&encoded(name, value)?);
                }
            }
        }
        let mut url = self.0.clone();
        url.set_path(&filled);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }
}

/// Encodes a value as one path segment. Refuses an empty one and the two that mean "here" and "above", in any
/// spelling: they would lead to another route, and no encoding can prevent that.
fn encoded(name: &str, value: &str) -> Result<String, String> {
    match value {
        "" | "." | ".." => Err(format!("{value:?} cannot be an {name}")),
        value => Ok(utf8_percent_encode(value, SEGMENT).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(host: &str, id: &str) -> Result<String, String> {
        let path = [("orgGuid", id.to_owned())];
        let address = Address::parse(host).unwrap();
        Ok(address
            .of("/api/v3/orgs/{orgGuid}/block", &path, &[])?
            .into())
    }

    #[test]
    fn hosts_are_read_as_people_write_them() {
        for (given, read) in [
            ("console.us.code42.com", "https://console.us.code42.com"),
            (" localhost:4200 ", "https://localhost:4200"),
            ("http://127.0.0.1:4200/", "http://127.0.0.1:4200"),
            ("https://h/tenant/", "https://h/tenant"),
        ] {
            assert_eq!(Address::parse(given).unwrap().as_str(), read);
        }
        for given in [
            "",
            "ftp://h",
            "https://a:s3cret@h",
            "h?x=1",
            "h/#top",
            "a b",
        ] {
            let error = Address::parse(given).unwrap_err();
            assert!(error.is_invalid_input(), "{given}");
            assert!(!format!("{error:?}").contains("s3cret"));
        }
    }

    #[test]
    fn the_prefix_of_old_servers_stands_for_that_of_the_api() {
        for (host, whole) in [
            ("https://h/c42api", "https://h/c42api/v3/orgs/g/block"),
            ("https://h/p/c42api/", "https://h/p/c42api/v3/orgs/g/block"),
            ("https://h/xc42api", "https://h/xc42api/api/v3/orgs/g/block"),
        ] {
            assert_eq!(url(host, "g").unwrap(), whole);
        }
    }

    #[test]
    fn an_id_stays_in_its_segment() {
        for (id, segment) in [
            ("a9578c3d-736b", "a9578c3d-736b"),
            ("a/b", "a%2Fb"),
            ("../up", "..%2Fup"),
            ("a?b#c%2e", "a%3Fb%23c%252e"),
            ("%2e%2e", "%252e%252e"),
            ("é ", "%C3%A9%20"),
        ] {
            assert_eq!(
                url("https://h/p", id).unwrap(),
                format!("https://h/p/api/v3/orgs/{segment}/block")
            );
        }
        for id in ["", ".", ".."] {
            assert!(url("https://h", id).is_err(), "{id:?}");
        }
    }

    #[test]
    fn loopback_is_known_by_name_and_number() {
        for (host, loopback) in [
            ("http://127.0.0.1:1", true),
            ("http://[::1]:1", true),
            ("localhost", true),
            ("console.us.code42.com", false),
            ("127.0.0.1.example.com", false),
        ] {
            assert_eq!(
                Address::parse(host).unwrap().is_loopback(),
                loopback,
                "{host}"
            );
        }
    }
}
