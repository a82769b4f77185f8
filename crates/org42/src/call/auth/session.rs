//! The token of a client: fetched once for all callers, renewed shortly before it expires, and once when the server
//! refuses it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use org42_types::endpoints::{self, Repeat};
use org42_types::{ApiToken, UserToken};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::time::Instant;

use crate::answer::response::Answer;
use crate::call::auth::credentials::Credentials;
use crate::call::auth::identity::{Identity, basic};
use crate::call::auth::local_account::LocalAccount;
use crate::call::auth::secret::Secret;
use crate::call::auth::sign_in::{OneTimeCode, explained};
#[cfg(feature = "token-file")]
use crate::call::auth::token_file::TokenFile;
use crate::call::exchange::Exchange;
use crate::call::flavor::Flavor;
use crate::call::request::Call;
use crate::call::retry::Retry;
use crate::call::single_flight::{Fetch, SingleFlight, Versioned};
use crate::call::trace::Span;
use crate::error::{Error, Result, SignInProblem, Verdict};
use crate::http::dates::{now, server_time};
use crate::http::deadline::Deadline;

/// How long before its end a token is renewed.
const EARLY: Duration = Duration::from_secs(60);

/// How long refused credentials that never worked are not tried again, so that a loop over a thousand organizations
/// does not lock the account; and how long a token is kept whose renewal did not help.
const BRAKE: Duration = Duration::from_secs(60);

pub(crate) struct Session {
    credentials: Credentials,
    exchange: Exchange,
    retry: Retry,
    flavor: Flavor,
    #[cfg(feature = "token-file")]
    file: Option<TokenFile>,
    basic: bool,
    token: Arc<SingleFlight<Token>>,
    brakes: Mutex<Brakes>,
}

#[derive(Default)]
struct Brakes {
    has_worked: bool,
    refused: Option<(Instant, Error)>,
    renewal_useless: Option<Instant>,
}

/// A token, ready to be sent.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) identity: Identity,
    #[cfg(feature = "token-file")]
    text: SecretString,
    renew_at: Option<Instant>,
    dies_at: Option<Instant>,
}

impl Token {
    fn new(token: &SecretString, lifetime: Option<Duration>) -> Result<Self> {
        let now = Instant::now();
        let early = |lifetime: Duration| lifetime - EARLY.min(lifetime / 2);
        Ok(Self {
            identity: Identity::bearer(token)?,
            #[cfg(feature = "token-file")]
            text: token.clone(),
            renew_at: lifetime.and_then(|lifetime| now.checked_add(early(lifetime))),
            dies_at: lifetime.and_then(|lifetime| now.checked_add(lifetime)),
        })
    }

    /// Returns credentials that are sent with each request in place of a token, such as Basic.
    fn none(identity: Identity) -> Self {
        Self {
            identity,
            #[cfg(feature = "token-file")]
            text: SecretString::default(),
            // Due for renewal at once, so that each request checks first whether the credentials were refused lately.
            renew_at: Some(Instant::now()),
            dies_at: None,
        }
    }

    fn is_fresh(&self) -> bool {
        self.renew_at.is_none_or(|at| Instant::now() < at)
    }

    /// Returns how much longer the token is valid; `None` if it has expired or its end is not known.
    fn remaining(&self) -> Option<Duration> {
        let left = self.dies_at?.saturating_duration_since(Instant::now());
        Some(left).filter(|left| !left.is_zero())
    }
}

impl Session {
    pub(crate) fn new(
        credentials: Credentials,
        exchange: Exchange,
        retry: Retry,
        flavor: Flavor,
        #[cfg(feature = "token-file")] file: Option<TokenFile>,
        basic: bool,
    ) -> Arc<Self> {
        Arc::new(Self {
            credentials,
            exchange,
            retry,
            flavor,
            #[cfg(feature = "token-file")]
            file: file.filter(|_| !basic),
            basic,
            token: SingleFlight::new(),
            brakes: Mutex::default(),
        })
    }

    pub(crate) fn is_api_client(&self) -> bool {
        self.credentials.is_api_client()
    }

    /// Returns the current token, renewed if it is about to expire, or signs in if there is none. If a renewal fails,
    /// the current token is used as long as it is valid.
    pub(crate) async fn token(self: &Arc<Self>) -> Result<Versioned<Token>> {
        let Some(current) = self.token.current() else {
            return self.newer_than(0).await;
        };
        if current.value.is_fresh() {
            return Ok(current);
        }
        match (
            self.newer_than(current.generation).await,
            current.value.remaining(),
        ) {
            (Err(_), Some(left)) => {
                self.postpone(current.generation, left / 2);
                Ok(current)
            }
            (renewed, _) => renewed,
        }
    }

    /// Returns a token newer than `refused`; `None` if a renewal in the last 60 s was refused too.
    pub(crate) async fn instead_of(
        self: &Arc<Self>,
        refused: u64,
    ) -> Option<Result<Versioned<Token>>> {
        let useless = self.with_brakes(|brakes| brakes.renewal_useless);
        let is_newest = self
            .token
            .current()
            .is_some_and(|token| token.generation == refused);
        if self.basic || is_newest && useless.is_some_and(|since| since.elapsed() < BRAKE) {
            return None;
        }
        Some(self.newer_than(refused).await)
    }

    /// Notes that the server refuses even a token that was renewed because of a refusal.
    pub(crate) fn renewal_was_useless(&self) {
        self.with_brakes(|brakes| brakes.renewal_useless = Some(Instant::now()));
    }

    /// Notes the result of a request that carried Basic credentials: those that never worked are not sent again soon.
    pub(crate) async fn noted<T>(&self, result: Result<T>) -> Result<T> {
        if !self.basic {
            return result;
        }
        let error = match result {
            Err(error) if error.is_unauthorized() => error,
            result => {
                if result.is_ok() {
                    self.with_brakes(|brakes| brakes.has_worked = true);
                }
                return result;
            }
        };
        let error = match &self.credentials {
            Credentials::LocalAccount(account) => {
                explained(error, &self.exchange, account.username(), OneTimeCode::None).await
            }
            _ => wrong_client(error),
        };
        if error.sign_in_problem() == Some(SignInProblem::WrongCredentials) {
            self.credentials.forget().await;
            self.with_brakes(|brakes| {
                if !brakes.has_worked {
                    brakes.refused = Some((Instant::now(), error.clone()));
                }
            });
        }
        Err(error)
    }

    async fn newer_than(self: &Arc<Self>, seen: u64) -> Result<Versioned<Token>> {
        self.token.newer_than(seen, || self.fetch()).await
    }

    fn postpone(&self, generation: u64, by: Duration) {
        self.token.update(|token| {
            if token.generation == generation {
                token.value.renew_at = Instant::now().checked_add(by);
            }
        });
    }

    fn fetch(self: &Arc<Self>) -> Fetch<Token> {
        let session = Arc::clone(self);
        async move { session.kept_or_new().await }.boxed()
    }

    /// Signs in: this build has no token file that another process could have written.
    #[cfg(not(feature = "token-file"))]
    async fn kept_or_new(&self) -> Result<Token> {
        self.sign_in().await
    }

    /// Returns the token that another process has left in the file, or signs in and leaves the new token there.
    #[cfg(feature = "token-file")]
    async fn kept_or_new(&self) -> Result<Token> {
        let Some(file) = &self.file else {
            return self.sign_in().await;
        };
        if let Some(kept) = self.other(file.read(now())) {
            return Ok(kept);
        }
        if let Some(error) = self.braked() {
            return Err(error);
        }
        // Prompts before taking the lock, so other processes do not wait for a person.
        self.credentials.prepare().await?;
        let Some(turn) = file.turn().await else {
            return self.sign_in().await;
        };
        if let Some(kept) = self.other(file.read(now())) {
            return Ok(kept);
        }
        let token = self.sign_in().await?;
        if let Some(left) = token.remaining() {
            // If the token cannot be written, other processes sign in themselves; nothing else is lost.
            let _ = turn.write(&token.text, left, now());
        }
        Ok(token)
    }

    #[cfg(feature = "token-file")]
    /// Returns the token that was read from the file, if it differs from the current one, is valid for a while, and
    /// can be sent in a header.
    fn other(&self, kept: Option<(SecretString, Duration)>) -> Option<Token> {
        let (text, left) = kept.filter(|(_, left)| *left > EARLY)?;
        let known = self.token.current();
        let is_other =
            known.is_none_or(|known| known.value.text.expose_secret() != text.expose_secret());
        Token::new(&text, Some(left)).ok().filter(|_| is_other)
    }

    /// Returns the error of a sign-in that failed too recently to try another one.
    fn braked(&self) -> Option<Error> {
        self.with_brakes(|brakes| match &brakes.refused {
            Some((since, error)) if since.elapsed() < BRAKE => Some(error.clone()),
            _ => None,
        })
    }

    async fn sign_in(&self) -> Result<Token> {
        if let Some(error) = self.braked() {
            return Err(error);
        }
        if self.basic {
            // The request that carries them will show whether they are right.
            return self.credentials_themselves().await;
        }
        let result = match &self.credentials {
            Credentials::LocalAccount(account) => self.sign_in_person(account).await,
            Credentials::ApiClient { id, secret } => self.sign_in_client(id, secret).await,
            Credentials::TokenProvider(ask) => match ask().await {
                // A file usually ends with a line break, which is no part of the token.
                Ok(token) => {
                    let token = SecretString::from(token.expose_secret().trim());
                    Token::new(&token, lifetime(&token, now()))
                        .map_err(|reason| Error::token_provider().because(reason))
                }
                Err(reason) => Err(Error::token_provider().because(reason)),
            },
        };
        if result
            .as_ref()
            .is_err_and(|error| error.http_status() == Some(401))
        {
            self.credentials.forget().await;
        }
        self.with_brakes(|brakes| match &result {
            Ok(_) => brakes.has_worked = true,
            Err(error)
                if error.http_status() == Some(401)
                    && !brakes.has_worked
                    && self.credentials.stay_the_same() =>
            {
                brakes.refused = Some((Instant::now(), error.clone()));
            }
            Err(_) => {}
        });
        result
    }

    /// Returns Basic credentials, which are sent in place of a token.
    async fn credentials_themselves(&self) -> Result<Token> {
        let identity = match &self.credentials {
            Credentials::LocalAccount(account) => account.identity().await?.0,
            Credentials::ApiClient { id, secret } => basic_identity(id, secret).await?,
            Credentials::TokenProvider(_) => Identity::default(),
        };
        Ok(Token::none(identity))
    }

    async fn sign_in_person(&self, account: &LocalAccount) -> Result<Token> {
        let (identity, code) = account.identity().await?;
        let call = Call::new(endpoints::AUTH_JWT, "sign in").query("useBody", true);
        let one_time_code = OneTimeCode::of(code.as_ref());
        let repeat = match one_time_code {
            OneTimeCode::None => call.endpoint.repeat,
            _ => Repeat::WhenNotDone,
        };
        let answer = self.request(&call, &identity, repeat).await;
        if let Err(error) = &answer
            && error.verdict() == Verdict::NotSent
            && let Some(code) = code
        {
            code.unspent();
        }
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                let who = account.username();
                return Err(explained(error, &self.exchange, who, one_time_code).await);
            }
        };
        let asked_at = server_time(&answer.headers);
        let token: SecretString = answer.read_secret::<UserToken>()?.token.into();
        Token::new(&token, lifetime(&token, asked_at))
    }

    async fn sign_in_client(&self, id: &str, secret: &Secret) -> Result<Token> {
        let identity = basic_identity(id, secret).await?;
        let route = self.flavor.route(endpoints::OAUTH_TOKEN);
        let call = Call::new(route.unwrap_or(endpoints::OAUTH_TOKEN), "sign in")
            .query("grant_type", "client_credentials");
        let answer = self.request(&call, &identity, call.endpoint.repeat).await;
        let answer = answer.map_err(|error| match error.http_status() {
            Some(401) => wrong_client(error),
            _ => error,
        })?;
        let token: ApiToken = answer.read_secret()?;
        let lifetime = Duration::from_secs(token.expires_in);
        Token::new(&token.access_token.into(), Some(lifetime))
    }

    async fn request(&self, call: &Call, identity: &Identity, repeat: Repeat) -> Result<Answer> {
        let never = &Deadline::NEVER;
        let tried = self.retry.run(repeat, never, &self.exchange.pace, || {
            self.exchange.send(call, identity, never)
        });
        Span::operation(&call.operation, call.endpoint)
            .noting(Box::pin(tried))
            .await
    }

    fn with_brakes<T>(&self, look: impl FnOnce(&mut Brakes) -> T) -> T {
        look(&mut self.brakes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn wrong_client(error: Error) -> Error {
    error
        .with_hint("check the id and the secret of the API client")
        .with_sign_in_problem(SignInProblem::WrongCredentials)
}

async fn basic_identity(id: &str, secret: &Secret) -> Result<Identity> {
    let (header, secrets) = basic(id, secret.get().await?.expose_secret());
    Identity::new([(AUTHORIZATION, header)], secrets)
}

/// Returns how long a token is valid from `since` on, by its own `exp` claim. The signature is checked by the server
/// alone.
fn lifetime(token: &SecretString, since: Timestamp) -> Option<Duration> {
    #[derive(Deserialize)]
    struct Claims {
        exp: f64,
    }
    let claims = token.expose_secret().split('.').nth(1)?;
    let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    let claims: Claims = serde_json::from_slice(&claims).ok()?;
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds since 1970 are exact in an f64"
    )]
    let left = claims.exp - since.as_second() as f64;
    Duration::try_from_secs_f64(left.max(0.0)).ok()
}
