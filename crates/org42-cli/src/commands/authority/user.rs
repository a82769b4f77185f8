//! `org42 authority user …`: makes and lists users, and what they may do.

use std::path::Path;

use org42::endpoints;
use serde_json::{Value, json};

use crate::args::{Global, NewPassword, Place, UserCommand};
use crate::commands::find::find;
use crate::connect::{Tenant, check_username, connect, in_directory};
use crate::exit::{Exit, Failure};
use crate::input;
use crate::printer::Printer;

pub(super) async fn run(
    command: UserCommand,
    global: &Global,
    printer: Printer,
) -> Result<(), Failure> {
    match command {
        UserCommand::Create {
            name,
            org,
            role,
            secret,
            place,
        } => {
            check_username(Some(&name))?;
            // A file that cannot be used is refused before a tenant is founded.
            let in_file = match secret.password_file.as_deref() {
                Some(file) if file != Path::new("-") => Some(password(&secret)?),
                _ => None,
            };
            let tenant = at(global, printer, place).await?;
            // Refused before anybody is asked for anything.
            tenant.client.check(endpoints::USER_CREATE)?;
            let roles = roles(&tenant, &role).await?;
            let mut body = json!({"username": name});
            if name.contains('@') {
                body["email"] = json!(name);
            }
            if let Some(org) = &org {
                let org = find(&tenant, org).await?;
                body["orgId"] = json!(org.org_id);
            }
            let (password, made) = match in_file {
                Some(read) => read,
                None => password(&secret)?,
            };
            if let Some(password) = &password {
                body["password"] = json!(password);
            }
            create(&tenant, &body, &roles, made.then_some(password).flatten()).await
        }
        UserCommand::List { org, place } => {
            let tenant = at(global, printer, place).await?;
            let org_id = match &org {
                Some(org) => find(&tenant, org).await?.org_id,
                None => None,
            };
            let org_id = org_id.map(|id| id.to_string());
            let mut query = vec![("incRoles", "true")];
            query.extend(org_id.iter().map(|id| ("orgId", id.as_str())));
            let reading = tenant.admin.rows(endpoints::USER_LIST, "users", &query);
            let users = printer.progress("reading the users".to_owned(), reading);
            let users = users.await?;
            let columns = &["userId", "username", "orgId", "orgName", "status", "roles"];
            printer.rows(columns, &users)
        }
        UserCommand::Roles { place } => {
            let tenant = at(global, printer, place).await?;
            let all = tenant.client.get(endpoints::ROLE_LIST, &[], &[]);
            let all = all.await?.into_value();
            let all = all.as_array().map(Vec::as_slice).unwrap_or_default();
            let columns = &["roleId", "roleName", "permissionIds"];
            printer.rows(columns, all)
        }
    }
}

/// Connects to the tenant in a directory, or else to the one that other commands use.
async fn at(global: &Global, printer: Printer, place: Place) -> Result<Tenant, Failure> {
    match place.data {
        Some(data) => in_directory(data, printer).await,
        None => connect(global, printer).await,
    }
}

/// Returns the ids of roles by name or id; refuses unknown ones before a user is created.
async fn roles(tenant: &Tenant, wanted: &[String]) -> Result<Vec<String>, Failure> {
    let all = tenant.client.get(endpoints::ROLE_LIST, &[], &[]);
    let all = all.await?.into_value();
    let all: Vec<(&str, &str)> = (all.as_array().into_iter().flatten())
        .filter_map(|role| Some((role["roleId"].as_str()?, role["roleName"].as_str()?)))
        .collect();
    let id_of = |wanted: &String| {
        let is_it = |(id, name): &&(&str, &str)| id == wanted || name.eq_ignore_ascii_case(wanted);
        let found = all.iter().find(is_it).map(|(id, _)| (*id).to_owned());
        found.ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|(_, name)| *name).collect();
            let message = format!(
                "there is no role {wanted:?}; there are {}",
                names.join(", ")
            );
            Failure::usage(message)
        })
    };
    wanted.iter().map(id_of).collect()
}

/// Returns the password that was given, or else a new one, and whether it is new.
fn password(secret: &NewPassword) -> Result<(Option<String>, bool), Failure> {
    if secret.no_password {
        return Ok((None, false));
    }
    match input::secret_given(secret.password_file.as_deref(), secret.password_stdin)? {
        Some(given) if given.chars().count() < 8 => {
            Err(Failure::usage("a password has at least 8 characters"))
        }
        Some(given) => Ok((Some(given), false)),
        None => Ok((Some(org42_authority::new_password()), true)),
    }
}

async fn create(
    tenant: &Tenant,
    body: &Value,
    roles: &[String],
    made: Option<String>,
) -> Result<(), Failure> {
    let client = &tenant.client;
    let user = client
        .send(endpoints::USER_CREATE, &[], &[], Some(body))
        .await?
        .into_value();
    // From here on there is a user, whatever else goes wrong.
    if made.is_some() {
        tenant
            .printer
            .remark("the password was made now and is shown this once");
    }
    let uid = user["userUid"].as_str().unwrap_or_default();
    let id = user["userId"].to_string();
    let finishing = async {
        if !roles.is_empty() {
            let path = [("userUid", uid)];
            let body = json!({"roleIds": roles});
            client
                .send(endpoints::USERS_ROLES_SET, &path, &[], Some(&body))
                .await?;
        }
        let path = [("userId", id.as_str())];
        client
            .get(endpoints::USER_GET, &path, &[("incRoles", "true")])
            .await
    };
    let (stored, failure) = match finishing.await {
        Ok(stored) => (stored.into_value(), None),
        Err(error) => {
            let message = format!(
                "{} was created (id {id}), perhaps without its roles",
                user["username"]
            );
            let failure = Failure::from(error).under(message);
            (user.clone(), Some(failure.ending(Exit::Incomplete)))
        }
    };
    let mut shown = serde_json::Map::new();
    for key in ["username", "userId", "userUid", "orgId", "orgName", "roles"] {
        shown.insert(key.to_owned(), stored[key].clone());
    }
    if let Some(password) = made {
        shown.insert("password".to_owned(), json!(password));
    }
    tenant.printer.one(&shown)?;
    failure.map_or(Ok(()), Err)
}
