//! Makes the address and the certificate of `org42 authority serve` from its arguments.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use org42_authority::{Door, Host, Tls};

use crate::args::{Listen, ListenArgs, ListenHost};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;

/// Returns the address to listen on; a name is looked up.
async fn address(listen: &Listen) -> Result<SocketAddr, Failure> {
    let name = match &listen.host {
        ListenHost::Address(address) => return Ok((*address, listen.port).into()),
        ListenHost::Name(name) => name.as_str(),
    };
    // Whatever name servers and files say of it.
    if name.parse().is_ok_and(|host: Host| host.is_loopback()) {
        return Ok((Ipv4Addr::LOCALHOST, listen.port).into());
    }
    let unknown = || format!("--listen {name}: cannot find an address of this name");
    let found = tokio::net::lookup_host((name, listen.port)).await;
    let found = found.map_err(|error| Failure::because(Exit::Usage, unknown(), error))?;
    // An address of the older kind is what clients of any age reach.
    found
        .min_by_key(SocketAddr::is_ipv6)
        .ok_or_else(|| Failure::usage(unknown()))
}

/// Returns where and how to listen. Opens nothing yet, and refuses what is unsafe unless it was asked for.
pub(super) async fn door(args: &ListenArgs, printer: Printer) -> Result<Door, Failure> {
    let mut door = Door::at(address(&args.listen).await?);
    if let ListenHost::Name(name) = &args.listen.host
        && let Ok(host) = name.parse()
    {
        door = door.allow_host(host);
    }
    door = args.allow_host.iter().cloned().fold(door, Door::allow_host);
    if let (Some(certificate), Some(key)) = (&args.tls_cert, &args.tls_key) {
        let tls = Tls::from_files(certificate, key);
        let tls = tls.map_err(|why| Failure::of(Exit::Usage, why))?;
        warn_of_readers(key, printer);
        door = door.encrypted(tls);
    }
    if args.insecure_http && door.is_exposed() {
        printer.warning(
            "others on the network can reach this, and passwords travel without encryption",
        );
        return Ok(door.insecure_http());
    }
    door.check().map_err(|why| {
        Failure::of(Exit::Usage, why).advising(
            "nothing was started; give --tls-cert FILE and --tls-key FILE, or --insecure-http to go without encryption, \
             or listen on 127.0.0.1",
        )
    })?;
    Ok(door)
}

/// Returns the URL for clients: by name where there is a certificate, which is made out to a name.
pub(super) fn url(args: &ListenArgs, url: &str) -> String {
    match (&args.listen.host, &args.tls_cert, url.rsplit_once(':')) {
        (ListenHost::Name(name), Some(_), Some((_, port))) => format!("https://{name}:{port}"),
        _ => url.to_owned(),
    }
}

#[cfg(unix)]
fn warn_of_readers(key: &Path, printer: Printer) {
    use std::os::unix::fs::PermissionsExt as _;
    const OTHERS: u32 = 0o077;
    let mode = std::fs::metadata(key).map(|known| known.permissions().mode());
    if mode.is_ok_and(|mode| mode & OTHERS != 0) {
        printer.warning(format_args!(
            "others than its owner can read the key {0}; chmod 600 {0} keeps it to them",
            key.display()
        ));
    }
}

#[cfg(not(unix))]
fn warn_of_readers(_: &Path, _: Printer) {}

/// Raises the limit on open files, so that there is room for connections.
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
