//! Running a tenant of one's own.

use std::path::{Path, PathBuf};

use org42_authority::{Authority, DEFAULT_ADMIN, Options, Sample};
use serde_json::{Value, json};

use crate::args::{self, ApiClient, Output};
use crate::connect::default_data;
use crate::exit::Failure;
use crate::{output, print, say};

pub(crate) async fn run(command: args::Authority, form: Option<Output>) -> Result<(), Failure> {
    match command {
        args::Authority::Serve {
            listen,
            data,
            sample,
            admin_username,
            admin_password,
            admin_password_file,
        } => {
            let authority = open(data, sample, &admin_username).await?;
            let given = match (admin_password, admin_password_file) {
                (Some(password), _) => Some(password),
                (None, Some(file)) => Some(read_password(&file)?),
                (None, None) => None,
            };
            let made = set_password(&authority, &admin_username, given).await?;
            if !listen.ip().is_loopback() {
                say(
                    "org42: warning: others on the network can reach this, and passwords travel without encryption",
                );
            }
            let running = authority.listen(listen).await?;
            print(&greeting(running.url(), &admin_username, made.as_deref()))?;
            tokio::select! {
                () = stopped() => {}
                () = running.ended() => return Err(Failure::new(1, "the server ended by itself")),
            }
            running.stop().await;
            Ok(())
        }
        args::Authority::ApiClient(command) => {
            api_client(command, form.unwrap_or(Output::Table)).await
        }
    }
}

async fn open(data: Option<PathBuf>, sample: Sample, admin: &str) -> Result<Authority, Failure> {
    let data = data.map_or_else(default_data, Ok)?;
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

/// Where the tenant is, and how each client is pointed at it. The lines can be run as they stand.
fn greeting(url: &str, admin: &str, made: Option<&str>) -> String {
    let password = made
        .map(|password| format!("export ORG42_PASSWORD='{password}'\n"))
        .unwrap_or_default();
    let python = |package: &str| {
        format!(
            "python3 -c 'import os, {package}.sdk; sdk = {package}.sdk.from_local_account(\"{url}\", \"{admin}\", \
             os.environ[\"ORG42_PASSWORD\"]); print(sdk.orgs.get_current()[\"orgName\"])'\n"
        )
    };
    let note = match made {
        Some(_) => "# the administrator's password, made now and shown this once:\n",
        None => "# with the administrator's password in ORG42_PASSWORD:\n",
    };
    let org42 = format!("ORG42_URL={url} ORG42_USERNAME={admin} org42 tree\n");
    format!(
        "listening on {url}\n{note}{password}{}{}{org42}",
        python("py42"),
        python("pycpg")
    )
}

/// Waits until somebody wants the server to stop.
async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = interrupted.await;
    }
}

async fn api_client(command: ApiClient, form: Output) -> Result<(), Failure> {
    let data = match &command {
        ApiClient::Create { data } | ApiClient::List { data } | ApiClient::Revoke { data, .. } => {
            data.clone()
        }
    };
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
