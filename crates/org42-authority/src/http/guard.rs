//! Keeps web pages of other origins away: a request must name a host of the authority, and must not come from a page
//! elsewhere.

use std::net::IpAddr;

use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};

use super::error_reply::ErrorReply;
use super::hosts::{Host, Hosts};

/// The way in which a request came in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Via {
    /// The address of this machine that the client connected to.
    pub(crate) local: IpAddr,
    pub(crate) scheme: Scheme,
}

/// The scheme: with or without TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses requests that a web page elsewhere sends, or may have made a browser send.
pub(super) fn check(request: &Parts, via: Via, hosts: &Hosts) -> Result<(), ErrorReply> {
    let port = via.scheme.default_port();
    let host = host_of(request, via.scheme).filter(|host| hosts.allow_for(host, via.local, port));
    let Some(host) = host else {
        return Err(ErrorReply::new(
            StatusCode::MISDIRECTED_REQUEST,
            "SYSTEM",
            "The authority does not answer under the host that the request names; \
             authority serve --allow-host NAME lets it",
        ));
    };
    if !is_of_its_own(&request.headers, &host, via.scheme) {
        let text = "The authority does not answer requests that web pages of elsewhere send";
        return Err(ErrorReply::new(StatusCode::FORBIDDEN, "SYSTEM", text));
    }
    Ok(())
}

/// Returns the value of a header; `None` if there are several.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Returns the host that a request names; `None` for one that names two different hosts.
fn host_of(request: &Parts, scheme: Scheme) -> Option<Host> {
    let host = Host::in_header(only(&request.headers, &header::HOST)?)?;
    let target = request.uri.authority().map(Authority::as_str);
    let is_same = target.is_none_or(|target| {
        Host::in_header(target).is_some_and(|target| target.is(&host, scheme.default_port()))
    });
    let is_own_scheme = request
        .uri
        .scheme_str()
        .is_none_or(|of_target| of_target.eq_ignore_ascii_case(scheme.as_str()));
    (is_same && is_own_scheme).then_some(host)
}

/// Returns whether no page elsewhere is behind the request, by what a browser says. Other clients send no such
/// headers, and pass.
fn is_of_its_own(headers: &HeaderMap, host: &Host, scheme: Scheme) -> bool {
    let is_own_origin = |origin: &str| {
        origin
            .split_once("://")
            .filter(|(of_origin, _)| of_origin.eq_ignore_ascii_case(scheme.as_str()))
            .and_then(|(_, rest)| Host::in_header(rest))
            .is_some_and(|origin| origin.is(host, scheme.default_port()))
    };
    let holds = |name: &HeaderName, is_fine: &dyn Fn(&str) -> bool| {
        !headers.contains_key(name) || only(headers, name).is_some_and(is_fine)
    };
    holds(&header::ORIGIN, &is_own_origin)
        && holds(&SEC_FETCH_SITE, &|site| {
            ["none", "same-origin"].contains(&site)
        })
        && !headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}
