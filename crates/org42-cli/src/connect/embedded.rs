//! Tenants in a directory, opened by the command that uses them.

use std::path::{Path, PathBuf};

use org42::exports::bytes::Bytes;
use org42::exports::http;
use org42::{Client, ResponseBody, Transport, TransportError};
use org42_authority::service::{PageOf, UserQuery};
use org42_authority::store::OrgLookup;
use org42_authority::{Authority, AuthorityService, DEFAULT_ADMIN, Options, Sample, StartError};

use super::credentials::same_name;
use super::tenant::Tenant;
use crate::env::Environment;
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::profile::{ELSEWHERE, Places};

/// Warns of what an authority notes about its directory.
pub(crate) fn show_notes(authority: &Authority, printer: Printer) {
    for note in authority.notes() {
        printer.warning(format_args!("{note}"));
    }
}

/// Returns the directory of the tenant that commands use when none is named.
pub(crate) fn default_data() -> Result<PathBuf, Failure> {
    let places = Places::of_user(&Environment::of_process());
    places.tenant().map(Path::to_owned)
}

/// Returns the name of an administrator who can sign in: `authority serve` may have founded this tenant with another than
/// the usual one.
fn administrator(authority: &Authority) -> Result<String, Failure> {
    let query = UserQuery {
        under: Some(OrgLookup::Top),
        active: Some(true),
        page: PageOf { num: 1, size: 1000 },
        ..UserQuery::default()
    };
    let users = authority
        .tenant()
        .read()
        .list_users(&query)
        .map_err(StartError::from)?;
    let able = users
        .rows
        .into_iter()
        .filter(|view| view.user.is_admin() && view.state.may_log_in());
    let mut names: Vec<String> = able.map(|view| view.user.username).collect();
    if names.iter().any(|name| name == DEFAULT_ADMIN) {
        return Ok(DEFAULT_ADMIN.to_owned());
    }
    match names.is_empty() {
        false => Ok(names.swap_remove(0)),
        true => Err(Failure::new(
            Exit::NotAllowed,
            "the administrators of the embedded tenant are blocked or deactivated; \
             org42 authority serve --admin-password-file FILE lets one in again",
        )),
    }
}

/// Connects to the embedded tenant as its administrator; `named` has to be their name.
pub(super) async fn embedded(
    places: &Places,
    named: Option<&str>,
    printer: Printer,
) -> Result<Tenant, Failure> {
    let data = places.tenant()?.to_owned();
    let name = "the embedded authority";
    if let Some(other) = named.filter(|_| !Authority::is_in(&data)) {
        // Refused before such a tenant is founded.
        check_named(name, DEFAULT_ADMIN, Some(other))?;
    }
    printer.remark(format_args!("using the embedded authority in {}; for a real tenant see org42 profile create --help, or give --url \
         HOST and ORG42_USERNAME",
        data.display()
    ));
    let opened = opened(data, name.to_owned(), named, printer).await;
    opened.map_err(or_elsewhere)
}

/// Returns the failure with advice on where else a tenant could be.
pub(crate) fn or_elsewhere(failure: Failure) -> Failure {
    match failure.exit {
        Exit::Failed => failure.advising(ELSEWHERE),
        _ => failure,
    }
}

/// Connects to the tenant in a directory.
pub(crate) async fn in_directory(data: PathBuf, printer: Printer) -> Result<Tenant, Failure> {
    let name = format!("the authority in {}", data.display());
    if !Authority::is_in(&data) {
        let message = format!(
            "there is no tenant in {}; org42 authority serve --data DIR founds one",
            data.display()
        );
        return Err(Failure::new(Exit::NotFound, message));
    }
    opened(data, name, None, printer).await
}

/// Refuses a name that is not the administrator's.
fn check_named(tenant: &str, admin: &str, named: Option<&str>) -> Result<(), Failure> {
    match named.filter(|named| !same_name(named, admin)) {
        Some(other) => Err(Failure::usage(format!(
            "{tenant} is used as its administrator {admin}, and {other} is named (--username or ORG42_USERNAME): \
                 leave that out, or give --url HOST"
        ))),
        None => Ok(()),
    }
}

/// Opens the tenant in a directory, which is founded where there is none.
pub(crate) async fn open(
    data: PathBuf,
    sample: Sample,
    admin: String,
    options: Options,
) -> Result<Authority, Failure> {
    let opening = move || Authority::open(&data, sample, &admin, options);
    let opened = tokio::task::spawn_blocking(opening).await;
    Ok(opened.map_err(|gone| Failure::of(Exit::Failed, gone))??)
}

async fn opened(
    data: PathBuf,
    name: String,
    named: Option<&str>,
    printer: Printer,
) -> Result<Tenant, Failure> {
    let admin = DEFAULT_ADMIN.to_owned();
    let authority = open(data, Sample::Small, admin, Options::default()).await?;
    show_notes(&authority, printer);
    let admin = administrator(&authority)?;
    check_named(&name, &admin, named)?;
    let issuer = authority.clone();
    let client = Client::builder("http://localhost")
        .transport(InProcess(authority.service()))
        .token_provider_blocking(move || issuer.admin_token(&admin))
        .build()?;
    Ok(Tenant::new(client, name, true, Some(authority), printer))
}

/// Carries the command's requests to its own authority, without a port.
struct InProcess(AuthorityService);

impl Transport for InProcess {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<ResponseBody>, TransportError> {
        let answer = self.0.answer(request).await;
        answer
            .map(|answer| answer.map(ResponseBody::new))
            .map_err(TransportError::fate_unknown)
    }
}
