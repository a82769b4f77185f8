//! `org42 authority serve`: serves a tenant over HTTP until it is stopped.

use std::path::Path;
use std::time::Duration;

use org42_authority::store::UserLookup;
use org42_authority::{Authority, Fidelity, Listening, Options, Running, Sample};
use serde_json::json;

use super::door::{door, raise_open_files, url};
use super::fidelity::document;
use crate::args::{ListenArgs, Serve};
use crate::connect::{default_data, open, or_elsewhere, show_notes};
use crate::exit::{Exit, Failure};
use crate::input;
use crate::interrupt::SignalClaim;
use crate::printer::Printer;

/// How long a stopping server waits for requests that it has begun.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn run(args: Serve, printer: Printer) -> Result<(), Failure> {
    let Serve {
        listen,
        data,
        sample,
        admin_username,
        admin_password,
        admin_password_file,
        trusted_proxy,
        fidelity,
    } = args;
    let given = match (admin_password, admin_password_file) {
        (Some(password), _) => Some(password),
        (None, Some(file)) => Some(input::secret(&file)?),
        (None, None) => None,
    };
    if let Some(password) = &given {
        Authority::check_password(password)?;
    }
    let switches = document(&fidelity);
    let fidelity = Fidelity::default().with(&switches);
    let fidelity = fidelity.map_err(|why| Failure::of(Exit::Usage, why))?;
    raise_open_files();
    let door = door(&listen, printer).await?;
    let is_default = data.is_none();
    let data = data.map_or_else(default_data, Ok)?;
    if sample.is_some() && Authority::is_in(&data) {
        printer.remark(format_args!(
            "{} holds a tenant already, so --sample is not used, except by a reset",
            data.display()
        ));
    }
    let options = Options {
        fidelity,
        trusted_proxies: trusted_proxy,
        ..Options::default()
    };
    let sample = sample.unwrap_or(Sample::Small);
    // An address in use must leave no new tenant behind, nor swallow the password of one.
    let listening = door.open().await?;
    let authority = open(data, sample, admin_username.clone(), options).await;
    let authority = match is_default {
        true => authority.map_err(or_elsewhere)?,
        false => authority?,
    };
    show_notes(&authority, printer);
    serve(
        authority,
        listening,
        &listen,
        &admin_username,
        given,
        printer,
    )
    .await
}

async fn serve(
    authority: Authority,
    listening: Listening,
    listen: &ListenArgs,
    admin: &str,
    password: Option<String>,
    printer: Printer,
) -> Result<(), Failure> {
    let stopped = stopped()?;
    let _claim = SignalClaim::interrupts_and_ends();
    // Who connects before waits, so that nobody is refused for a password that is about to be set.
    let made = set_password(&authority, admin, password, printer).await?;
    let running = authority.clone().serve(listening);
    let announced = announce(&running, listen, admin, made.as_deref(), printer);
    if let (Err(_), Some(_)) = (&announced, &made) {
        // Nobody has seen it: the next start makes another.
        authority.withdraw_admin_password(admin)?;
    }
    announced?;
    tokio::select! {
        () = stopped => {}
        () = running.ended() => return Err(Failure::failed("the server ended by itself")),
    }
    // A client that keeps a connection open and says nothing is not waited for.
    let _ = tokio::time::timeout(PATIENCE, running.stop()).await;
    // Nor are requests that never end.
    let _ = tokio::task::spawn_blocking(move || authority.close()).await;
    Ok(())
}

/// Writes where the server answers, and how each client is pointed at it.
fn announce(
    running: &Running,
    listen: &ListenArgs,
    admin: &str,
    made: Option<&str>,
    printer: Printer,
) -> Result<(), Failure> {
    let url = url(listen, running.url());
    printer.result(format!("listening on {url}\n"))?;
    // A server that listens everywhere is reached here; what this machine is called elsewhere is not known.
    let here = url
        .replace("//0.0.0.0:", "//127.0.0.1:")
        .replace("//[::]:", "//[::1]:");
    let trust = listen
        .tls_cert
        .as_deref()
        .map(trust_line)
        .unwrap_or_default();
    printer.result(&(trust + &client_lines(&here, admin, made)))
}

/// Sets the given password. Makes one where none is given and the administrator has none, and returns that.
async fn set_password(
    authority: &Authority,
    admin: &str,
    given: Option<String>,
    printer: Printer,
) -> Result<Option<String>, Failure> {
    let (authority, admin) = (authority.clone(), admin.to_owned());
    let work = move || {
        if authority
            .tenant()
            .read()
            .user(&UserLookup::Username(admin.clone()))
            .is_err()
        {
            printer.remark(format_args!(
                "{admin} becomes another administrator of this tenant"
            ));
        }
        if let Some(password) = given {
            authority.set_admin_password(&admin, &password)?;
            return Ok(None);
        }
        if authority.admin_has_password(&admin)? {
            return Ok(None);
        }
        let made = org42_authority::new_password();
        authority.set_admin_password(&admin, &made)?;
        Ok::<_, org42_authority::StartError>(Some(made))
    };
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|gone| Failure::of(Exit::Failed, gone))??)
}

/// Returns how clients come to trust a certificate that the machine does not trust by itself.
fn trust_line(certificate: &Path) -> String {
    let file = std::path::absolute(certificate).unwrap_or_else(|_| certificate.to_owned());
    let file = quoted(&file.display().to_string());
    format!(
        "# where the machine does not trust the certificate by itself:\n# export REQUESTS_CA_BUNDLE={file}\n"
    )
}

/// Returns how each client is pointed at the tenant, in lines that can be run as they stand.
fn client_lines(url: &str, admin: &str, made: Option<&str>) -> String {
    let password = made
        .map(|password| format!("export ORG42_PASSWORD={}\n", quoted(password)))
        .unwrap_or_default();
    let python = |package: &str| {
        // A JSON text is a Python text too.
        let program = format!(
            "import os, {package}.sdk; sdk = {package}.sdk.from_local_account({}, {}, os.environ[\"ORG42_PASSWORD\"]); \
             print(sdk.orgs.get_current()[\"orgName\"])",
            json!(url),
            json!(admin)
        );
        format!("python3 -c {}\n", quoted(&program))
    };
    let admin = match admin
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"@._-+".contains(&byte))
    {
        true => admin.to_owned(),
        false => quoted(admin),
    };
    let note = match made {
        Some(_) => "# the administrator's password, made now and shown this once:\n",
        None => "# with the administrator's password in ORG42_PASSWORD:\n",
    };
    let org42 = format!("ORG42_URL={url} ORG42_USERNAME={admin} org42 tree\n");
    format!(
        "{note}{password}{}{}{org42}",
        python("py42"),
        python("pycpg")
    )
}

/// Returns a text quoted as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Waits for the signal that stops the server; watches from the call on.
#[cfg(unix)]
fn stopped() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let watch = |kind| {
        signal(kind)
            .map_err(|error| Failure::because(Exit::Failed, "cannot watch for signals", error))
    };
    let mut interrupted = watch(SignalKind::interrupt())?;
    let mut terminated = watch(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}

/// Waits for the signal that stops the server.
#[cfg(not(unix))]
fn stopped() -> Result<impl Future<Output = ()>, Failure> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
