//! Running a tenant of one's own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use org42_authority::store::UserKey;
use org42_authority::{Authority, DEFAULT_ADMIN, Options, Sample};
use serde_json::{Value, json};

use crate::args::{self, ApiClient, Global, Output};
use crate::connect::default_data;
use crate::exit::Failure;
use crate::{output, print, say};

/// How long a stopping server waits for requests in work.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) async fn run(command: args::Authority, global: &Global) -> Result<(), Failure> {
    if global.dry_run {
        let message = "--dry-run is for changes to organizations, not for the authority itself";
        return Err(Failure::new(Failure::USAGE, message));
    }
    match command {
        args::Authority::Serve {
            listen,
            data,
            sample,
            admin_username,
            admin_password,
            admin_password_file,
        } => {
            let given = match (admin_password, admin_password_file) {
                (Some(password), _) => Some(password),
                (None, Some(file)) => Some(read_password(&file)?),
                (None, None) => None,
            };
            let data = data.map_or_else(default_data, Ok)?;
            if sample.is_some() && Authority::is_in(&data) {
                say(&format!(
                    "org42: {} holds a tenant already, so --sample is not used",
                    data.display()
                ));
            }
            let authority = open(data, sample.unwrap_or(Sample::Small), &admin_username).await?;
            serve(authority, listen, &admin_username, given).await
        }
        args::Authority::ApiClient(command) => {
            api_client(command, global.output.unwrap_or(Output::Table)).await
        }
    }
}

async fn serve(
    authority: Authority,
    address: SocketAddr,
    admin: &str,
    password: Option<String>,
) -> Result<(), Failure> {
    if !address.ip().is_loopback() {
        say(
            "org42: warning: others on the network can reach this, and passwords travel without encryption",
        );
    }
    let stopped = stopped()?;
    // A password is made only when it can be told: an address in use must not swallow it.
    let running = authority.clone().listen(address).await?;
    let made = set_password(&authority, admin, password).await?;
    print(&format!("listening on {}\n", running.url()))?;
    // Who listens everywhere is reached here; what this machine is called elsewhere is not known.
    let here = running
        .url()
        .replace("//0.0.0.0:", "//127.0.0.1:")
        .replace("//[::]:", "//[::1]:");
    print(&client_lines(&here, admin, made.as_deref()))?;
    tokio::select! {
        () = stopped => {}
        () = running.ended() => return Err(Failure::new(1, "the server ended by itself")),
    }
    // Whoever keeps a connection open and says nothing is not waited for.
    let _ = tokio::time::timeout(PATIENCE, running.stop()).await;
    Ok(())
}

async fn open(data: PathBuf, sample: Sample, admin: &str) -> Result<Authority, Failure> {
    let admin = admin.to_owned();
    let opening = move || Authority::open(&data, sample, &admin, Options::default());
    let opened = tokio::task::spawn_blocking(opening).await;
    Ok(opened.map_err(|gone| Failure::new(1, gone.to_string()))??)
}

fn read_password(file: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::new(
            Failure::USAGE,
            format!("cannot read {}: {error}", file.display()),
        )
    })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Sets the given password, or makes one where the administrator has none; gives it back only in that case.
async fn set_password(
    authority: &Authority,
    admin: &str,
    given: Option<String>,
) -> Result<Option<String>, Failure> {
    let (authority, admin) = (authority.clone(), admin.to_owned());
    let work = move || {
        if authority
            .tenant()
            .user(&UserKey::Username(admin.clone()))
            .is_err()
        {
            say(&format!(
                "org42: {admin} becomes another administrator of this tenant"
            ));
        }
        if let Some(password) = given {
            authority.set_admin_password(&admin, &password)?;
            return Ok(None);
        }
        if authority.admin_has_password(&admin)? {
            return Ok(None);
        }
        let made = authority.new_password();
        authority.set_admin_password(&admin, &made)?;
        Ok::<_, org42_authority::StartError>(Some(made))
    };
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|gone| Failure::new(1, gone.to_string()))??)
}

/// How each client is pointed at the tenant. The lines can be run as they stand.
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

/// A text as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Ends when somebody wants the server to stop; watches from the call on.
#[cfg(unix)]
fn stopped() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let watch = |kind| {
        signal(kind).map_err(|error| Failure::new(1, format!("cannot watch for signals: {error}")))
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

/// Ends when somebody wants the server to stop.
#[cfg(not(unix))]
fn stopped() -> Result<impl Future<Output = ()>, Failure> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

async fn api_client(command: ApiClient, form: Output) -> Result<(), Failure> {
    let data = match &command {
        ApiClient::Create { data } | ApiClient::List { data } | ApiClient::Revoke { data, .. } => {
            data.clone()
        }
    };
    // Whoever names a directory means the tenant in it, and nobody lists or revokes in a tenant yet to be founded.
    let founds = data.is_none() && matches!(command, ApiClient::Create { .. });
    let data = data.map_or_else(default_data, Ok)?;
    if !founds && !Authority::is_in(&data) {
        let message = format!(
            "there is no tenant in {}; org42 authority serve --data DIR founds one",
            data.display()
        );
        return Err(Failure::new(Failure::NOT_FOUND, message));
    }
    let tenant = open(data, Sample::Small, DEFAULT_ADMIN)
        .await?
        .tenant()
        .clone();
    let refused = |refusal| Failure::from(org42_authority::StartError::from(refusal));
    match command {
        ApiClient::Create { .. } => {
            let new = tenant.create_api_client().map_err(refused)?;
            let document = json!({"clientId": new.client_id, "secret": new.secret});
            let document = document.as_object().cloned().unwrap_or_default();
            print(&output::one(&document, form)?)
        }
        ApiClient::List { .. } => {
            let clients = tenant.api_clients().map_err(refused)?;
            let row = |client: &org42_authority::tree::ApiClient| {
                json!({
                    "clientId": client.client_id,
                    "creationDate": client.created_at.to_string(),
                    "revoked": client.revoked,
                })
            };
            let rows: Vec<Value> = clients.iter().map(row).collect();
            print(&output::rows(
                &["clientId", "creationDate", "revoked"],
                &rows,
                form,
            )?)
        }
        ApiClient::Revoke { client_id, .. } => {
            tenant.revoke_api_client(&client_id).map_err(refused)?;
            say(&format!("revoked {client_id}"));
            Ok(())
        }
    }
}
