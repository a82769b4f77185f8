//! Finds the proxy that environment variables, or the system's settings, name.

use std::env::var_os;
use std::ffi::OsString;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;

use super::proxy::{NamedBy, Proxy};
use crate::error::{Error, Result};
use crate::http::text::is_blank;

const HTTPS: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];
const HTTP: [&str; 2] = ["HTTP_PROXY", "http_proxy"];
const ALL: [&str; 2] = ["ALL_PROXY", "all_proxy"];
const NONE: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// Returns the proxy for an address. Reads every variable that names a proxy, whether it counts for this address or
/// not: a mistake in one of them must not silently lead past the proxy that its writer wanted.
pub(crate) fn proxy_for(
    operation: &str,
    address: &Uri,
    is_loopback: bool,
) -> Result<Option<Proxy>> {
    let named = Named::read(operation, &|name| var_os(name))?;
    if is_loopback || named.is_exempt(address) {
        return Ok(None);
    }
    if named.is_empty() {
        return Ok(of_system(address));
    }
    Ok(named.proxy_for(address))
}

/// Returns the proxy of the system's settings, on systems that have such settings.
fn of_system(address: &Uri) -> Option<Proxy> {
    match cfg!(any(windows, target_vendor = "apple")) {
        true => {
            let proxy = Matcher::from_system().intercept(address)?;
            let proxy = Proxy::parse(&proxy.uri().to_string()).ok()?;
            Some(proxy.named_by(NamedBy::System))
        }
        false => None,
    }
}

struct Named {
    https: Option<Proxy>,
    http: Option<Proxy>,
    all: Option<Proxy>,
    none: String,
}

impl Named {
    fn read(operation: &str, read: &impl Fn(&str) -> Option<OsString>) -> Result<Self> {
        let proxy = |names: &[&'static str]| -> Result<Option<Proxy>> {
            match first(names, read) {
                None => Ok(None),
                Some((name, value)) => {
                    let text = value.to_str().ok_or("is no UTF-8");
                    let proxy = text.and_then(Proxy::parse).map_err(|reason| {
                        let message =
                            format!("{name} has to be the address of a proxy, and {reason}");
                        Error::input(operation, message)
                            .with_hint("write it like http://proxy.example.com:3128, or unset it")
                    })?;
                    Ok(Some(proxy.named_by(NamedBy::Variable(name))))
                }
            }
        };
        // A web server passes its clients' header "Proxy" to CGI programs as HTTP_PROXY, so that clients could set it.
        let is_cgi = read("REQUEST_METHOD").is_some();
        let http = match is_cgi {
            true => &HTTP[1..],
            false => &HTTP[..],
        };
        let none = first(&NONE, read).map(|(_, value)| value.to_string_lossy().into_owned());
        Ok(Self {
            https: proxy(&HTTPS)?,
            http: proxy(http)?,
            all: proxy(&ALL)?,
            none: none.unwrap_or_default(),
        })
    }

    fn is_empty(&self) -> bool {
        [&self.https, &self.http, &self.all]
            .iter()
            .all(|proxy| proxy.is_none())
    }

    fn is_exempt(&self, address: &Uri) -> bool {
        let any = Matcher::builder().all("http://proxy");
        let port = address.port_u16().unwrap_or(match address.scheme_str() {
            Some("https") => 443,
            _ => 80,
        });
        let list = normal(&self.none, port);
        any.no(list).build().intercept(address).is_none()
    }

    fn proxy_for(self, address: &Uri) -> Option<Proxy> {
        let own = match address.scheme_str() {
            Some("https") => self.https,
            _ => self.http,
        };
        own.or(self.all)
    }
}

/// Returns the first variable that is not empty or blank.
fn first(
    names: &[&'static str],
    read: &impl Fn(&str) -> Option<OsString>,
) -> Option<(&'static str, OsString)> {
    names.iter().find_map(|name| {
        let value = read(name).filter(|value| !is_blank(value))?;
        Some((*name, value))
    })
}

/// Rewrites `NO_PROXY` in the one spelling that the matcher reads: leaves out entries for other ports, and removes
/// this port from the rest.
fn normal(list: &str, port: u16) -> String {
    let entries = list
        .split(|c: char| c == ',' || c.is_whitespace())
        .filter_map(|entry| entry_for(entry, port));
    entries.collect::<Vec<_>>().join(",")
}

fn entry_for(entry: &str, port: u16) -> Option<&str> {
    let (host, wanted) = match entry.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            (host, rest.strip_prefix(':'))
        }
        None => match entry.split_once(':') {
            // A name with more than one colon is an IPv6 address.
            Some((host, digits)) if !digits.contains(':') => (host, Some(digits)),
            _ => (entry, None),
        },
    };
    if wanted.is_some_and(|digits| digits.parse() != Ok(port)) {
        return None;
    }
    let host = match host.strip_prefix("*.") {
        Some(_) => &host[1..],
        None => host,
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(variables: &[(&str, &str)]) -> Result<Named> {
        Named::read("test", &|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.into())
        })
    }

    fn chosen(variables: &[(&str, &str)], address: &str) -> Option<String> {
        let proxy = named(variables)
            .unwrap()
            .proxy_for(&address.parse().unwrap());
        proxy.map(|proxy| match proxy.named_by {
            NamedBy::Variable(name) => format!("{name}={proxy}"),
            other => format!("{other:?}={proxy}"),
        })
    }

    #[test]
    fn the_scheme_decides_and_what_is_empty_is_not_there() {
        let all = ("ALL_PROXY", "a:1");
        for (variables, address, proxy) in [
            (
                &[("HTTPS_PROXY", "h:1"), all][..],
                "https://t",
                "HTTPS_PROXY=h:1",
            ),
            (&[("HTTPS_PROXY", "h:1"), all], "http://t", "ALL_PROXY=a:1"),
            (&[("HTTPS_PROXY", ""), all], "https://t", "ALL_PROXY=a:1"),
            (&[("HTTPS_PROXY", " \t"), all], "https://t", "ALL_PROXY=a:1"),
            (
                &[("HTTPS_PROXY", ""), ("https_proxy", "l:1")],
                "https://t",
                "https_proxy=l:1",
            ),
            (&[("http_proxy", "l:1"), all], "http://t", "http_proxy=l:1"),
            (
                &[("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "evil:1"), all],
                "http://t",
                "ALL_PROXY=a:1",
            ),
        ] {
            let found = chosen(variables, address);
            assert_eq!(found.as_deref(), Some(proxy), "{variables:?}");
        }
        assert_eq!(chosen(&[("HTTP_PROXY", "h:1")], "https://t"), None);
        assert!(named(&[("HTTP_PROXY", "")]).unwrap().is_empty());
    }

    #[test]
    fn a_variable_that_cannot_be_read_is_named_without_its_value() {
        for name in [
            "HTTPS_PROXY",
            "https_proxy",
            "http_proxy",
            "ALL_PROXY",
            "all_proxy",
        ] {
            let error = named(&[(name, "htp://joe:s3cret@h")]).err().unwrap();
            let shown = format!("{error} {error:?}");
            assert!(error.is_invalid_input(), "{shown}");
            assert!(shown.contains(name) && !shown.contains("s3cret"), "{shown}");
        }
    }

    #[test]
    fn the_exempt_are_told_in_every_spelling() {
        for (list, address, exempt) in [
            ("*", "https://tenant.example", true),
            ("tenant.example", "https://tenant.example", true),
            ("TENANT.example.", "https://tenant.example", true),
            ("other, .example", "https://tenant.example", true),
            ("other example", "https://tenant.example", true),
            ("*.example", "https://a.b.example", true),
            ("tenant.example:8443", "https://tenant.example:8443", true),
            ("tenant.example:8443", "https://tenant.example", false),
            ("tenant.example:443", "https://tenant.example", true),
            ("tenant.example:80", "http://tenant.example", true),
            ("ample", "https://tenant.example", false),
            ("10.0.0.0/8", "https://10.1.2.3", true),
            ("10.0.0.0/8", "https://11.1.2.3", false),
            ("[fd00::1]:443", "https://[fd00::1]", true),
            ("fd00::/16", "https://[fd00::1]", true),
            ("", "https://tenant.example", false),
        ] {
            let named = named(&[("no_proxy", list)]).unwrap();
            assert_eq!(
                named.is_exempt(&address.parse().unwrap()),
                exempt,
                "{list:?} {address}"
            );
        }
    }
}
