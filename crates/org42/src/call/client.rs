//! The client, and the one path on which every request is sent.

use std::fmt;
use std::num::NonZeroU8;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use org42_types::Endpoint;
use org42_types::endpoints::Repeat;
use serde_json::Value;

use crate::answer::limits::Limits;
use crate::answer::response::{Answer, Response};
use crate::call::auth::session::Session;
use crate::call::exchange::Exchange;
use crate::call::flavor::Flavor;
use crate::call::request::Call;
use crate::call::retry::Retry;
use crate::call::runtime::runtime;
use crate::call::single_flight::SingleFlight;
use crate::call::trace::{Span, decided};
use crate::error::fault::Fault;

use crate::error::{Error, Result};
use crate::http::deadline::{Deadline, StopOrder};
use crate::orgs::id_map::OrgIdMap;
use crate::redact::Secrets;

/// A connection to one tenant with one caller's credentials.
///
/// Cheap to clone; clones share the token, the connections and the map of ids. Build it with
/// [`builder`](Self::builder); nothing is sent before the first call. Calls need a running tokio runtime, and
/// return an error without one; [`blocking`](crate::blocking) brings its own. In a runtime whose timers or I/O are not
/// enabled (`#[tokio::main]` and `enable_all` enable both) tokio panics.
///
/// # Cancellation
///
/// The future of a call may be dropped at any point, as `select!` and `timeout` do. A read is safe to drop. The
/// outcome of a change that is dropped is [`Unknown`](crate::Happened::Unknown), unless the future was never polled:
/// the request may have arrived already, and servers finish what they have begun. Look before repeating it, or run it
/// in a task of its own (`tokio::spawn`) and drop the handle. A sign-in, or a reading of the listing, that other calls
/// wait for goes on when one of them is dropped.
///
/// ```no_run
/// # async fn run() -> Result<(), org42::Error> {
/// use org42::{Client, LocalAccount};
///
/// let client = Client::builder("console.us.code42.com")
///     .local_account(LocalAccount::new("admin@example.com", "correct horse"))
///     .build()?;
/// println!("{}", client.orgs().get_current().await?.org_name);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client(pub(crate) Arc<Shared>);

/// The state that the clones of a client share.
pub(crate) struct Shared {
    pub(crate) exchange: Exchange,
    /// How long one request may take, with signing in, all attempts and pauses.
    pub(crate) call_timeout: Option<Duration>,
    pub(crate) session: Arc<Session>,
    pub(crate) retry: Retry,
    pub(crate) read_only: bool,
    pub(crate) items_per_page: u32,
    pub(crate) pages_at_once: Option<u8>,
    pub(crate) changes_at_once: NonZeroU8,
    pub(crate) flavor: Flavor,
    pub(crate) ids: Arc<SingleFlight<Arc<OrgIdMap>>>,
    /// The ids of organizations that were read one by one since the listing was read, if it was.
    pub(crate) learned: Mutex<OrgIdMap>,
    pub(crate) stop: Arc<StopOrder>,
    /// How many changes are under way, with the readings that belong to them.
    pub(crate) changes: AtomicUsize,
}

impl Client {
    /// Returns the address of the server that this client calls, such as `https://console.us.code42.com`.
    #[must_use]
    pub fn url(&self) -> &str {
        self.0.exchange.address.as_str()
    }

    /// Returns whether others on the network could read what this client sends, passwords included: its address is
    /// that of another machine, and not `https`.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        let address = &self.0.exchange.address;
        !address.is_https() && !address.is_loopback()
    }

    /// Returns how many items a page has unless a call sets another size.
    #[must_use]
    pub fn items_per_page(&self) -> u32 {
        self.0.items_per_page
    }

    /// Reads from a route that has no method yet. Returns the content of the answer's envelope.
    ///
    /// The request is sent like that of every other call: with the token, which is renewed if need be, and again after
    /// temporary failures.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) when the endpoint is not a read, or a parameter of its path is
    /// missing.
    ///
    /// ```no_run
    /// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
    /// use org42::endpoints::USER_MY;
    ///
    /// let me = client.get(USER_MY, &[], &[("incRoles", "true")]).await?;
    /// println!("{}", me["username"]);
    /// # Ok(()) }
    /// ```
    pub async fn get(
        &self,
        endpoint: Endpoint,
        path: &[(&'static str, &str)],
        query: &[(&str, &str)],
    ) -> Result<Response<Value>> {
        let call = Call::new(endpoint, format!("read {}", endpoint.route));
        if !endpoint.method.is_read() {
            return Err(Error::input(call.operation, "only GET reads"));
        }
        self.call(call.with(path, query)).await?.read()
    }

    /// Changes something on the server by a route that has no method yet. Returns the content of the answer's
    /// envelope, or null if the answer has no body.
    ///
    /// The request is sent like that of every other change: with the token, never by a read-only client, and once,
    /// unless it was certainly not carried out or has an idempotency key.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) when the endpoint is a read, or a parameter of its path is
    /// missing; [`is_read_only`](Error::is_read_only).
    ///
    /// ```no_run
    /// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
    /// use org42::endpoints::USERS_BLOCK;
    ///
    /// client.send(USERS_BLOCK, &[("userUid", "907597234820")], &[], None).await?;
    /// # Ok(()) }
    /// ```
    pub async fn send(
        &self,
        endpoint: Endpoint,
        path: &[(&'static str, &str)],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Response<Value>> {
        let call = Call::new(endpoint, format!("{}", endpoint));
        if endpoint.method.is_read() {
            return Err(Error::input(call.operation, "GET changes nothing"));
        }
        let call = call.with(path, query);
        let call = match body {
            Some(body) => call.json(body)?,
            None => call,
        };
        let _changing = self.changing();
        self.call(call).await?.read_changed()
    }

    /// Ends every call of this client and its clones at this time, those to come too: a read, and a change that was not
    /// sent yet, as one that never happened, a change that was sent as one whose fate is
    /// [unknown](crate::Happened::Unknown). Their kind is [`Stopped`](crate::ErrorKind::Stopped). It can be called again
    /// with an earlier time.
    ///
    /// ```no_run
    /// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
    /// use std::time::{Duration, Instant};
    ///
    /// // The work may take a minute altogether.
    /// client.stop_at(Instant::now() + Duration::from_secs(60));
    /// client.orgs().block(42).await?;
    /// # Ok(()) }
    /// ```
    pub fn stop_at(&self, time: Instant) {
        self.0.stop.give(time.into());
    }

    /// Returns whether a change is under way, from the reading before it to the reading after it. For a program that is
    /// to end: a moment more may show what becomes of it.
    #[must_use]
    pub fn is_changing(&self) -> bool {
        self.0.changes.load(Ordering::SeqCst) > 0
    }

    /// Marks a change as under way until what is returned is dropped.
    pub(crate) fn changing(&self) -> Changing<'_> {
        self.0.changes.fetch_add(1, Ordering::SeqCst);
        Changing(&self.0.changes)
    }

    /// Returns which API this client speaks.
    #[must_use]
    pub fn flavor(&self) -> Flavor {
        self.0.flavor
    }

    /// Refuses an endpoint to which this client would not send: one that changes something, if the client is
    /// read-only, and one that the server's flavour does not have. Sends nothing, so that a program can check before
    /// it prompts a person.
    ///
    /// ```
    /// use org42::{Client, Flavor, endpoints};
    ///
    /// let client = Client::builder("api.us.code42.com").api_client("key-42-…", "secret").build()?;
    /// assert!(client.check(endpoints::ORGS_BLOCK).unwrap_err().is_unsupported());
    /// # Ok::<(), org42::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_read_only`](Error::is_read_only), [`is_unsupported`](Error::is_unsupported).
    pub fn check(&self, endpoint: Endpoint) -> Result<()> {
        self.may_send(endpoint, &format!("use {endpoint}"))
            .map(drop)
    }

    /// Refuses endpoints that a read-only client does not call, and those that this flavour does not have. Called
    /// before the reads that prepare a change.
    pub(crate) fn may_send(&self, endpoint: Endpoint, operation: &str) -> Result<Endpoint> {
        if self.0.read_only && !endpoint.method.is_read() {
            let message = "this client is read-only, so nothing was sent";
            return Err(Error::new(operation, Fault::ReadOnly(message)).at(endpoint));
        }
        let route = self.flavor().route(endpoint);
        route.ok_or_else(|| self.lacking(operation, "has no such call"))
    }

    /// Refuses calls that need the numbers of organizations, if the server's organizations have none.
    pub(crate) fn needs_numbers(&self, operation: &str) -> Result<()> {
        match self.flavor().has_numbers() {
            true => Ok(()),
            false => Err(self
                .lacking(operation, "knows organizations by guid alone")
                .with_hint("name it by its orgGuid, or use the tenant's console")),
        }
    }

    fn lacking(&self, operation: &str, what: &str) -> Error {
        let message = format!("the {} API {what}, so nothing was sent", self.flavor());
        let host = self.0.exchange.address.host();
        let hint = match host.strip_prefix("api.") {
            Some(rest) => format!("use the tenant's console, which is console.{rest}"),
            None => "use the tenant's console".to_owned(),
        };
        Error::new(operation, Fault::Lacking(message)).with_hint(hint)
    }

    /// Returns the secrets that this client has used, to be kept out of everything that is shown.
    pub(crate) fn secrets(&self) -> &Secrets {
        &self.0.exchange.secrets
    }

    /// Returns how large an answer this client accepts.
    pub(crate) fn limits(&self) -> &Limits {
        &self.0.exchange.limits
    }

    /// Sends a request: repeats it after failures, with a token in each attempt.
    pub(crate) async fn call(&self, call: Call) -> Result<Answer> {
        let mut call = call;
        call.endpoint = self.may_send(call.endpoint, &call.operation)?;
        runtime(&call.operation)?;
        // The first attempt decides: a repeat must have the key that it had.
        let takes_keys = self.0.exchange.keys.is_announced();
        call.key = call.key.filter(|_| takes_keys);
        let repeat = match call.endpoint.repeat {
            Repeat::ByKey if call.key.is_none() => Repeat::WhenNotDone,
            repeat => repeat,
        };
        let deadline = self.0.call_timeout.map_or(Deadline::NEVER, Deadline::after);
        let deadline = deadline.or_stopped(&self.0.stop);
        let retry = &self.0.retry;
        let mut attempts = 0;
        let tried = retry.run(repeat, &deadline, &self.0.exchange.pace, || {
            attempts += 1;
            self.authorized(&call, &deadline)
        });
        let answer = Span::operation(&call.operation, call.endpoint)
            .noting(Box::pin(tried))
            .await?;
        Ok(Answer { attempts, ..answer })
    }

    /// Sends a request once; and once more with a new token if the answer is 401, which means that it was not carried
    /// out.
    async fn authorized(&self, call: &Call, deadline: &Deadline) -> Result<Answer> {
        let signing_in = |error: Error| error.during_sign_in(&call.operation);
        let late = |elapsed| Err(call.unsent(elapsed));
        let Shared {
            session, exchange, ..
        } = &*self.0;
        let token = deadline.within(session.token()).await;
        let token = token.unwrap_or_else(late).map_err(signing_in)?;
        let sent = exchange.send(call, &token.value.identity, deadline).await;
        let refused = match session.noted(sent).await {
            Err(error) if error.is_unauthorized() => error,
            result => return result,
        };
        decided(format_args!(
            "another token: the server takes this one no more"
        ));
        let renewed = deadline.within(session.instead_of(token.generation)).await;
        let Some(renewed) = renewed.unwrap_or_else(|elapsed| Some(late(elapsed))) else {
            return Err(refused);
        };
        let token = renewed.map_err(signing_in)?;
        let result = exchange.send(call, &token.value.identity, deadline).await;
        if result.as_ref().is_err_and(Error::is_unauthorized) {
            session.renewal_was_useless();
        }
        result
    }
}

/// A change that is under way.
pub(crate) struct Changing<'a>(&'a AtomicUsize);

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("url", &self.url())
            .finish_non_exhaustive()
    }
}
