//! Opens a connection through a proxy to the tenant.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, header};
use http_body_util::Empty;
use hyper_util::rt::TokioIo;
use secrecy::ExposeSecret as _;
use tokio_socks::tcp::{Socks4Stream, Socks5Stream};
use tokio_socks::{Error as SocksError, TargetAddr};

use super::failure::{End, NoConnection, garbled, refused, status_words, unauthorized};
use super::link::AnyStream;
use super::proxy::{Names, Proxy};
use super::target::Target;

/// Asks an HTTP proxy for a connection to the tenant, by `CONNECT`.
pub(crate) async fn by_connect(
    stream: AnyStream,
    proxy: &Proxy,
    target: &Target,
    user_agent: &HeaderValue,
) -> Result<AnyStream, NoConnection> {
    let broken = |error: hyper::Error| broken(proxy, error);
    let io = TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io)
        .await
        .map_err(broken)?;
    tokio::spawn(connection.with_upgrades());
    let authority = target.authority();
    let mut request = Request::connect(&authority)
        .header(header::HOST, &authority)
        .header(header::USER_AGENT, user_agent);
    if let Some(login) = proxy.authorization() {
        request = request.header(header::PROXY_AUTHORIZATION, login);
    }
    let request = request
        .body(Empty::<Bytes>::new())
        .map_err(|error| NoConnection::lasting(error.to_string()))?;
    let response = sender.send_request(request).await.map_err(broken)?;
    match response.status() {
        // A success without content opens no tunnel.
        status @ (StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT) => {
            let answer = format!("answered {} instead of opening a way", status_words(status));
            Err(garbled(proxy, &answer))
        }
        status if status.is_success() => {
            let upgraded = hyper::upgrade::on(response).await.map_err(broken)?;
            Ok(Box::new(TokioIo::new(upgraded)))
        }
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            Err(unauthorized(proxy, &status_words(response.status())))
        }
        status => Err(refused(proxy, &status_words(status))),
    }
}

fn broken(proxy: &Proxy, error: hyper::Error) -> NoConnection {
    let what = match error.is_parse() {
        true => "answers, but not as an HTTP proxy does",
        false => "closed the connection without an answer",
    };
    garbled(proxy, what).because(error)
}

/// Asks a SOCKS proxy for a connection to the tenant.
pub(crate) async fn by_socks(
    stream: AnyStream,
    proxy: &Proxy,
    target: &Target,
    (version, names): (u8, Names),
) -> Result<AnyStream, NoConnection> {
    let to = address(target, names, version).await?;
    let opened = match (version, &proxy.login) {
        (4, _) => Socks4Stream::connect_with_socket(stream, to)
            .await
            .map(Socks4Stream::into_inner),
        (_, Some(login)) => Socks5Stream::connect_with_password_and_socket(
            stream,
            to,
            &login.name,
            login.password.expose_secret(),
        )
        .await
        .map(Socks5Stream::into_inner),
        (_, None) => Socks5Stream::connect_with_socket(stream, to)
            .await
            .map(Socks5Stream::into_inner),
    };
    opened.map_err(|error| of_socks(proxy, error))
}

/// Returns the target for the proxy: its name, or the address that the name resolves to on this machine.
async fn address(
    target: &Target,
    names: Names,
    version: u8,
) -> Result<TargetAddr<'static>, NoConnection> {
    if let Ok(ip) = target.host.parse::<IpAddr>() {
        return Ok(TargetAddr::Ip((ip, target.port).into()));
    }
    if names == Names::AtProxy {
        return Ok(TargetAddr::Domain(target.host.clone().into(), target.port));
    }
    let found = tokio::net::lookup_host((target.host.as_str(), target.port)).await;
    let unknown = || End::Tenant(&target.host).unknown();
    let found: Vec<SocketAddr> = found.map_err(|error| unknown().because(error))?.collect();
    // An IPv4 address goes first: fewer proxies reach IPv6, and SOCKS4 does not know it.
    let old = found.iter().find(|address| address.is_ipv4());
    let any = found.first().filter(|_| version > 4);
    old.or(any).copied().map(TargetAddr::Ip).ok_or_else(unknown)
}

fn of_socks(proxy: &Proxy, error: SocksError) -> NoConnection {
    match error {
        SocksError::Io(error) => {
            garbled(proxy, "closed the connection without an answer").because(error)
        }
        SocksError::PasswordAuthFailure(_) => {
            unauthorized(proxy, "user name and password are not right")
        }
        SocksError::NoAcceptableAuthMethods | SocksError::AuthorizationRequired => {
            unauthorized(proxy, "it wants another way to sign in than was offered")
        }
        SocksError::InvalidResponseVersion
        | SocksError::InvalidReservedByte
        | SocksError::UnknownAuthMethod
        | SocksError::UnknownAddressType
        | SocksError::UnknownError => garbled(
            proxy,
            "answers, but not as a SOCKS proxy of this version does",
        ),
        error => refused(proxy, &error.to_string()),
    }
}
