//! The tenant's end of a connection: host, port, and whether it is encrypted.

use http::Uri;

/// The tenant's end of a connection.
pub(crate) struct Target {
    /// The host without the brackets of an IPv6 address.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) is_https: bool,
}

impl Target {
    pub(crate) fn of(uri: &Uri) -> Self {
        let is_https = uri.scheme_str() == Some("https");
        let usual_port = match is_https {
            true => 443,
            false => 80,
        };
        Self {
            host: uri
                .host()
                .unwrap_or_default()
                .trim_matches(['[', ']'])
                .to_owned(),
            port: uri.port_u16().unwrap_or(usual_port),
            is_https,
        }
    }

    pub(crate) fn authority(&self) -> String {
        authority(&self.host, self.port)
    }
}

/// Returns host and port as requests name them.
pub(crate) fn authority(host: &str, port: u16) -> String {
    match host.contains(':') {
        true => format!("[{host}]:{port}"),
        false => format!("{host}:{port}"),
    }
}
