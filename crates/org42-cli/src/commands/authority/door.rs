//! The door that `org42 authority serve` opens: names become addresses, files a certificate.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use org42_authority::{Door, Tls};

use crate::args::{Listen, ListenArgs, ListenHost};
use crate::exit::Failure;
use crate::printer::say;

/// The address, looked up where a name was given.
async fn address(listen: &Listen) -> Result<SocketAddr, Failure> {
    let name = match &listen.host {
        ListenHost::Address(address) => return Ok((*address, listen.port).into()),
        ListenHost::Name(name) => name.as_str(),
    };
    // Whatever name servers and files say of it.
    if is_localhost(name) {
        return Ok((Ipv4Addr::LOCALHOST, listen.port).into());
    }
    let unknown = |why: &str| {
        let message = format!("--listen {name}: cannot find an address of this name: {why}");
        Failure::new(Failure::USAGE, message)
    };
    let found = tokio::net::lookup_host((name, listen.port)).await;
    let found = found.map_err(|error| unknown(&error.to_string()))?;
    // An address of the older kind is what clients of any age reach.
    found
        .min_by_key(SocketAddr::is_ipv6)
        .ok_or_else(|| unknown("there is none"))
}

fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

impl ListenArgs {
    /// Where and how to listen, if that is safe or was asked for; nothing is opened yet.
    pub(super) async fn door(&self) -> Result<Door, Failure> {
        let mut door = Door::at(address(&self.listen).await?);
        if let ListenHost::Name(name) = &self.listen.host
            && let Ok(host) = name.parse()
        {
            door = door.allow_host(host);
        }
        door = self.allow_host.iter().cloned().fold(door, Door::allow_host);
        if let (Some(certificate), Some(key)) = (&self.tls_cert, &self.tls_key) {
            let tls = Tls::from_files(certificate, key);
            let tls = tls.map_err(|why| Failure::new(Failure::USAGE, why.to_string()))?;
            warn_of_readers(key);
            door = door.encrypted(tls);
        }
        if self.insecure_http && door.is_exposed() {
            say(
                "org42: warning: others on the network can reach this, and passwords travel without encryption",
            );
            return Ok(door.insecure_http());
        }
        door.check().map_err(|why| {
            let message = format!(
                "{why}; nothing was started. Give --tls-cert FILE and --tls-key FILE, or --insecure-http to go without \
                 encryption, or listen on 127.0.0.1"
            );
            Failure::new(Failure::USAGE, message)
        })?;
        Ok(door)
    }

    /// Where the server is, which listens at `url`: by name where it has a certificate, which is of a name.
    pub(super) fn url(&self, url: &str) -> String {
        match (&self.listen.host, &self.tls_cert, url.rsplit_once(':')) {
            (ListenHost::Name(name), Some(_), Some((_, port))) => format!("https://{name}:{port}"),
            _ => url.to_owned(),
        }
    }

    /// The file with the certificate, where there is one.
    pub(super) fn certificate(&self) -> Option<&Path> {
        self.tls_cert.as_deref()
    }
}

#[cfg(unix)]
fn warn_of_readers(key: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    const OTHERS: u32 = 0o077;
    let mode = std::fs::metadata(key).map(|known| known.permissions().mode());
    if mode.is_ok_and(|mode| mode & OTHERS != 0) {
        say(&format!(
            "org42: warning: others than its owner can read the key {0}; chmod 600 {0} keeps it to them",
            key.display()
        ));
    }
}

#[cfg(not(unix))]
fn warn_of_readers(_: &Path) {}

/// Makes room for connections: the system's first limit on open files is meant for programs that have few.
pub(super) fn raise_open_files() {
    /// As many connections as the authority takes at most, and the tenant's own files.
    #[cfg(unix)]
    const WANTED: u64 = 1024 + 256;
    // Failing that there is room for fewer connections.
    #[cfg(unix)]
    let _ = rlimit::increase_nofile_limit(WANTED);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn localhost_is_this_machine_whatever_files_say() {
        for name in ["localhost", "LOCALHOST.", "a.localhost"] {
            let listen: Listen = format!("{name}:7").parse().unwrap();
            let address = address(&listen).await.unwrap();
            assert_eq!(address, ([127, 0, 0, 1], 7).into(), "{name}");
        }
    }
}
