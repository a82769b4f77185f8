//! A proxy: its address, its protocol, and the credentials for it.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

/// The protocol of a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Http,
    /// HTTP within TLS.
    Https,
    Socks4 {
        names: Names,
    },
    Socks5 {
        names: Names,
    },
}

/// Where the tenant's name is turned into an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    Here,
    AtProxy,
}

impl Kind {
    const ALL: [(&'static str, Self, u16); 6] = [
        ("http", Self::Http, 80),
        ("https", Self::Https, 443),
        ("socks4", Self::Socks4 { names: Names::Here }, 1080),
        (
            "socks4a",
            Self::Socks4 {
                names: Names::AtProxy,
            },
            1080,
        ),
        ("socks5", Self::Socks5 { names: Names::Here }, 1080),
        (
            "socks5h",
            Self::Socks5 {
                names: Names::AtProxy,
            },
            1080,
        ),
    ];

    /// Returns whether the proxy reads unencrypted requests and answers them itself.
    pub(crate) fn is_http(self) -> bool {
        matches!(self, Self::Http | Self::Https)
    }
}

/// The place that names a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NamedBy {
    /// A setting of the client.
    Setting,
    /// An environment variable.
    Variable(&'static str),
    /// The settings of the system.
    System,
}

#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) name: String,
    pub(crate) password: SecretString,
}

impl Login {
    /// Returns name and password in base64, as in a Basic header.
    fn pair(&self) -> String {
        STANDARD.encode(format!("{}:{}", self.name, self.password.expose_secret()))
    }
}

#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) kind: Kind,
    /// The host without the brackets of an IPv6 address.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) login: Option<Login>,
    pub(crate) named_by: NamedBy,
}

impl Proxy {
    /// Reads the address of a proxy, such as `http://proxy.example.com:3128`; an address without a scheme is that of
    /// an HTTP proxy.
    ///
    /// The error never repeats the text: it may contain a password.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err("has a space, a control character or a backslash in it");
        }
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let known = Kind::ALL
            .iter()
            .find(|(name, ..)| name.eq_ignore_ascii_case(scheme));
        let Some(&(_, kind, usual_port)) = known else {
            return Err(
                "does not begin with http://, https://, socks5://, socks5h://, socks4:// or socks4a://",
            );
        };
        // `Url` drops a port that is its scheme's default; read with two schemes, one of them keeps it.
        let read = |scheme: &str| Url::parse(&format!("{scheme}://{rest}"));
        let (Ok(url), Ok(other)) = (read("http"), read("https")) else {
            return Err("has no host or no port that can be");
        };
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(
                "has more behind host and port; in a password /, ? and # are %2F, %3F and %23",
            );
        }
        if !is_host(written_host(rest)) {
            return Err("has no host that can be");
        }
        let host = url.host_str().unwrap_or_default();
        let port = url.port().or(other.port()).unwrap_or(usual_port);
        if host.is_empty() || port == 0 {
            return Err("has no host or no port that can be");
        }
        Ok(Self {
            kind,
            host: host.trim_matches(['[', ']']).to_owned(),
            port,
            login: login(&url, kind)?,
            named_by: NamedBy::Setting,
        })
    }

    pub(crate) fn named_by(self, named_by: NamedBy) -> Self {
        Self { named_by, ..self }
    }

    /// Returns the header that identifies the sender of a request to an HTTP proxy.
    pub(crate) fn authorization(&self) -> Option<HeaderValue> {
        let login = self.login.as_ref().filter(|_| self.kind.is_http())?;
        let mut value = HeaderValue::try_from(format!("Basic {}", login.pair())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Returns the secrets of this proxy in each form in which they are sent, so that they are not shown.
    pub(crate) fn secrets(&self) -> Vec<SecretString> {
        let secrets = self.login.iter();
        secrets
            .flat_map(|login| [login.pair().into(), login.password.clone()])
            .collect()
    }
}

/// Returns the host as it was written: `Url` turns numbers into addresses, and skips slashes before the host.
fn written_host(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit('@').next().unwrap_or_default();
    match place.find(']') {
        Some(end) if place.starts_with('[') => &place[..=end],
        _ => place.split(':').next().unwrap_or_default(),
    }
}

/// Returns whether a text can be a host: an address, or a name. Letters beyond ASCII are left to `Url`.
fn is_host(text: &str) -> bool {
    if let Some(address) = text.strip_prefix('[') {
        let address = address.strip_suffix(']').unwrap_or_default();
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let name = text.strip_suffix('.').unwrap_or(text);
    let is_label = |label: &str| {
        let may_be = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c) || !c.is_ascii();
        !label.is_empty()
            && label.chars().all(may_be)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    let hex = last.strip_prefix("0x").or(last.strip_prefix("0X"));
    let is_decimal = !last.is_empty() && last.chars().all(|c| c.is_ascii_digit());
    let is_hex = hex.is_some_and(|digits| digits.chars().all(|c| c.is_ascii_hexdigit()));
    match is_decimal || is_hex {
        true => text.parse::<Ipv4Addr>().is_ok(),
        false => name.split('.').all(is_label),
    }
}

fn login(url: &Url, kind: Kind) -> Result<Option<Login>, &'static str> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(None);
    }
    let decoded = |text| match percent_decode_str(text).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err("has a user name or a password in it that is no UTF-8"),
    };
    let name = decoded(url.username())?;
    let password = decoded(url.password().unwrap_or_default())?;
    match kind {
        Kind::Socks4 { .. } => Err("has a user name or a password in it, and SOCKS4 knows none"),
        Kind::Socks5 { .. } if !(1..=255).contains(&name.len()) || password.len() > 255 => {
            Err("has a user name or a password in it that SOCKS5 cannot carry")
        }
        Kind::Http | Kind::Https if name.contains(':') => {
            Err("has a user name with a colon in it, which HTTP cannot carry")
        }
        _ => Ok(Some(Login {
            name,
            password: password.into(),
        })),
    }
}

/// Shows host and port only: the rest may be a secret.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        for (text, kind, shown) in [
            (
                "proxy.example.com:3128",
                Kind::Http,
                "proxy.example.com:3128",
            ),
            ("http://proxy", Kind::Http, "proxy:80"),
            ("HTTP://proxy:443/", Kind::Http, "proxy:443"),
            (" https://proxy\r\n", Kind::Https, "proxy:443"),
            ("https://proxy:80", Kind::Https, "proxy:80"),
            ("http://[::1]:3128", Kind::Http, "[::1]:3128"),
            ("http://10.0.0.1:3128", Kind::Http, "10.0.0.1:3128"),
            (
                "http://my_proxy-1.lan.:3128",
                Kind::Http,
                "my_proxy-1.lan.:3128",
            ),
            (
                "http://bücher.example:1",
                Kind::Http,
                "xn--bcher-kva.example:1",
            ),
            ("socks5://p", Kind::Socks5 { names: Names::Here }, "p:1080"),
            (
                "socks5h://p:80",
                Kind::Socks5 {
                    names: Names::AtProxy,
                },
                "p:80",
            ),
            ("socks4://p", Kind::Socks4 { names: Names::Here }, "p:1080"),
        ] {
            let proxy = Proxy::parse(text).unwrap();
            assert_eq!((proxy.kind, &*proxy.to_string()), (kind, shown), "{text}");
            assert!(proxy.login.is_none(), "{text}");
        }
    }

    #[test]
    fn who_one_is_there_is_decoded_and_not_shown() {
        for text in ["http://joe:p%40ss%2F@h:1", "joe:p@ss%2f@h:1"] {
            let proxy = Proxy::parse(text).unwrap();
            let login = proxy.login.clone().unwrap();
            assert_eq!(login.name, "joe");
            assert_eq!(login.password.expose_secret(), "p@ss/");
            assert_eq!(proxy.to_string(), "h:1");
            let header = proxy.authorization().unwrap();
            assert_eq!(header, "Basic am9lOnBAc3Mv");
            assert!(header.is_sensitive());
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_repeated() {
        for text in [
            "",
            " ",
            ":::",
            "://",
            "http://",
            "http://:3128",
            "http://[::1",
            "http://[h]:1",
            "http://*:3128",
            "http://.:1",
            "http://..:3128",
            "http://a..b:1",
            "http://-x:1",
            "http://x-:1",
            "http://a$b:1",
            "http://%41:1",
            "1",
            "0",
            "3128",
            "http://0x7f000001:1",
            "http://127.1:1",
            "http://1.2.3.256:1",
            "http:///h",
            "http:////h:1",
            "http://h:99999",
            "http://h:0",
            "http://h:port",
            "htp://s3cret",
            "socks://s3cret",
            "http:/s3cret:3128",
            "http:\\\\s3cret",
            "http://a s3cret",
            "http://a\ns3cret",
            "http://joe:12/s3cret@h:3128",
            "http://joe:12#s3cret@h:3128",
            "http://h:3128/s3cret",
            "http://h:3128?s3cret",
            "http://a%3Ab:s3cret@h",
            "socks4://joe:s3cret@h",
            "socks5://:s3cret@h",
            "http://joe:%ff@h",
        ] {
            let reason = Proxy::parse(text).map(|proxy| proxy.to_string());
            assert!(
                reason
                    .as_ref()
                    .is_err_and(|reason| !reason.contains("s3cret")),
                "{text:?}: {reason:?}"
            );
        }
    }
}
