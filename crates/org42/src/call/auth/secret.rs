//! Secrets that are set as values or come from callbacks: passwords, secrets of API clients, codes, tokens. What they
//! are used for does not belong here.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use secrecy::SecretString;

use crate::error::{Error, Result};

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;
pub(crate) type Ask =
    Arc<dyn Fn() -> BoxFuture<'static, Result<SecretString, BoxError>> + Send + Sync>;

/// A password or an API client's secret.
#[derive(Clone)]
pub(crate) enum Secret {
    Known(SecretString),
    /// A callback that is called at the first login, and its secret, which is kept until it is refused.
    Ask(Ask, Arc<tokio::sync::Mutex<Option<SecretString>>>),
}

impl Secret {
    pub(crate) fn ask<F, T, E>(ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Into<SecretString> + 'static,
        E: Into<BoxError> + 'static,
    {
        Self::Ask(boxed(ask), Arc::default())
    }

    pub(crate) async fn get(&self) -> Result<SecretString> {
        let (ask, kept) = match self {
            Self::Known(secret) => return Ok(secret.clone()),
            Self::Ask(ask, kept) => (ask, kept),
        };
        let mut kept = kept.lock().await;
        if let Some(secret) = &*kept {
            return Ok(secret.clone());
        }
        let secret = ask().await.map_err(|reason| {
            Error::credentials("no password or secret was given").because(reason)
        })?;
        *kept = Some(secret.clone());
        Ok(secret)
    }

    /// Forgets the secret of a callback, so that the next login calls it again.
    pub(crate) async fn forget(&self) {
        if let Self::Ask(_, kept) = self {
            kept.lock().await.take();
        }
    }
}

pub(crate) fn boxed<F, T, E>(ask: impl Fn() -> F + Send + Sync + 'static) -> Ask
where
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: Into<SecretString> + 'static,
    E: Into<BoxError> + 'static,
{
    Arc::new(move || {
        ask()
            .map(|answer| answer.map(Into::into).map_err(Into::into))
            .boxed()
    })
}

pub(crate) fn in_own_thread<T, E>(
    ask: impl Fn() -> Result<T, E> + Send + Sync + 'static,
) -> impl Fn() -> BoxFuture<'static, Result<SecretString, BoxError>> + Send + Sync + 'static
where
    T: Into<SecretString> + Send + 'static,
    E: Into<BoxError> + Send + 'static,
{
    let ask = Arc::new(ask);
    move || {
        let ask = Arc::clone(&ask);
        let answer = tokio::task::spawn_blocking(move || ask());
        async move { answer.await?.map(Into::into).map_err(Into::into) }.boxed()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use secrecy::ExposeSecret;

    use super::*;

    #[tokio::test]
    async fn what_was_refused_is_asked_for_again() {
        let asked = Arc::new(AtomicU64::new(0));
        let counting = Arc::clone(&asked);
        let secret = Secret::ask(move || {
            let number = counting.fetch_add(1, Ordering::SeqCst);
            async move { Ok::<_, Error>(format!("guess {number}")) }
        });
        for _ in 0..2 {
            assert_eq!(secret.get().await.unwrap().expose_secret(), "guess 0");
        }
        secret.forget().await;
        assert_eq!(secret.get().await.unwrap().expose_secret(), "guess 1");
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }
}
