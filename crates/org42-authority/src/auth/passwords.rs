//! Passwords: argon2id, a few at a time.

use std::fmt;
use std::hint::black_box;
use std::sync::Arc;

use argon2::{Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::store::StoreError;
use crate::tree::{Entropy, Refusal};

const MIN_CHARACTERS: usize = 8;
const MAX_BYTES: usize = 1024;
const SALT_BYTES: usize = 16;

/// How much work one password is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PasswordCost {
    /// 19 MiB and two passes, for real use.
    #[default]
    Default,
    /// 8 KiB and one pass, for tests that log in very often.
    Cheap,
}

impl PasswordCost {
    fn argon2(self) -> Argon2<'static> {
        let (kibibytes, passes) = match self {
            Self::Default => (19 * 1024, 2),
            Self::Cheap => (8, 1),
        };
        Params::new(kibibytes, passes, 1, None)
            .unwrap_or_default()
            .into()
    }
}

/// Whether this may become somebody's password: at least 8 characters, at most 1024 bytes.
pub(crate) fn check_password(password: &str) -> Result<(), Refusal> {
    if password.chars().count() < MIN_CHARACTERS {
        return Err(Refusal::PasswordTooShort);
    }
    if password.len() > MAX_BYTES {
        return Err(Refusal::Invalid(format!(
            "A password has at most {MAX_BYTES} bytes."
        )));
    }
    Ok(())
}

/// Hashes and verifies passwords, off the threads that answer requests and only a few at the same time, so that a
/// flood of logins takes neither all memory nor all processors.
pub(crate) struct Passwords {
    argon2: Argon2<'static>,
    permits: Arc<Semaphore>,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords")
            .field("params", self.argon2.params())
            .finish_non_exhaustive()
    }
}

impl Passwords {
    /// How many passwords an authority works on at the same time.
    pub(crate) const AT_ONCE: usize = 2;

    /// Works on at most `at_once` passwords at the same time, and on one if that is zero.
    pub(crate) fn new(cost: PasswordCost, at_once: usize) -> Self {
        let permits = at_once.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            argon2: cost.argon2(),
            permits: Arc::new(Semaphore::new(permits)),
        }
    }

    /// What is stored of `password`, in PHC form.
    ///
    /// # Errors
    ///
    /// See [`check_password`]; or when there is not enough memory.
    pub(crate) async fn hash(&self, password: &str, entropy: &Entropy) -> Result<String, Refusal> {
        check_password(password)?;
        let (argon2, password, salt) =
            (self.argon2.clone(), password.to_owned(), new_salt(entropy));
        Ok(self.run(move || hash(&argon2, &password, &salt)).await??)
    }

    /// Like [`hash`](Self::hash), on the calling thread; for setting up, where nothing else waits.
    ///
    /// # Errors
    ///
    /// As for [`hash`](Self::hash).
    pub(crate) fn hash_blocking(
        &self,
        password: &str,
        entropy: &Entropy,
    ) -> Result<String, Refusal> {
        check_password(password)?;
        Ok(hash(&self.argon2, password, &new_salt(entropy))?)
    }

    /// Whether `stored` was made of `password`.
    ///
    /// Give none for a user that does not exist or has no password: the same work is done, so that the time does not
    /// tell, and the answer is no.
    pub(crate) async fn verify(&self, password: &str, stored: Option<&str>) -> bool {
        // No stored password is this long, and nobody makes us read a huge one to find that out.
        let (password, stored) = if password.len() > MAX_BYTES {
            ("", None)
        } else {
            (password, stored)
        };
        let (argon2, password, stored) = (
            self.argon2.clone(),
            password.to_owned(),
            stored.map(str::to_owned),
        );
        self.run(move || verify(&argon2, &password, stored.as_deref()))
            .await
            .unwrap_or(false)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(StoreError::failed)?;
        // The work goes on when the caller no longer waits for it, so the permit belongs to the work.
        let working = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        });
        working.await.map_err(StoreError::failed)
    }
}

fn new_salt(entropy: &Entropy) -> [u8; SALT_BYTES] {
    let mut salt = [0; SALT_BYTES];
    entropy.fill(&mut salt);
    salt
}

fn hash(argon2: &Argon2<'_>, password: &str, salt: &[u8]) -> Result<String, StoreError> {
    let hash = argon2.hash_password_with_salt(password.as_bytes(), salt);
    hash.map(|hash| hash.to_string())
        .map_err(StoreError::failed)
}

fn verify(argon2: &Argon2<'_>, password: &str, stored: Option<&str>) -> bool {
    match stored.and_then(|phc| PasswordHash::new(phc).ok()) {
        Some(stored) => argon2.verify_password(password.as_bytes(), &stored).is_ok(),
        None => {
            let _ =
                black_box(argon2.hash_password_with_salt(password.as_bytes(), &[0; SALT_BYTES]));
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn cheap() -> (Passwords, Entropy) {
        (
            Passwords::new(PasswordCost::Cheap, Passwords::AT_ONCE),
            Entropy::from_seed(42),
        )
    }

    #[tokio::test]
    async fn only_the_password_itself_is_right() {
        let (passwords, entropy) = cheap();
        let stored = passwords.hash("pass word", &entropy).await.unwrap();
        assert!(passwords.verify("pass word", Some(&stored)).await);
        for wrong in [
            "",
            "pass wor",
            "pass word ",
            "Pass word",
            &"pass word".repeat(200),
        ] {
            assert!(!passwords.verify(wrong, Some(&stored)).await, "{wrong:?}");
        }
    }

    #[tokio::test]
    async fn without_a_stored_password_none_is_right() {
        let (passwords, _) = cheap();
        for stored in [
            None,
            Some(""),
            Some("pass word"),
            Some("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA"),
        ] {
            for password in ["", "pass word"] {
                assert!(
                    !passwords.verify(password, stored).await,
                    "{password:?} {stored:?}"
                );
            }
        }
    }

    #[test]
    fn what_is_stored_says_how_it_was_made() {
        let entropy = Entropy::from_seed(42);
        for (cost, start) in [
            (PasswordCost::Default, "$argon2id$v=19$m=19456,t=2,p=1$"),
            (PasswordCost::Cheap, "$argon2id$v=19$m=8,t=1,p=1$"),
        ] {
            let stored = Passwords::new(cost, 1)
                .hash_blocking("pass word", &entropy)
                .unwrap();
            assert!(
                stored.starts_with(start) && !stored.contains("pass word"),
                "{stored}"
            );
        }
    }

    #[tokio::test]
    async fn a_stored_password_of_another_cost_is_still_right() {
        let (cheap, entropy) = cheap();
        let stored = Passwords::new(PasswordCost::Default, 1)
            .hash_blocking("pass word", &entropy)
            .unwrap();
        assert!(cheap.verify("pass word", Some(&stored)).await);
        assert!(!cheap.verify("pass word!", Some(&stored)).await);
    }

    #[test]
    fn the_salt_is_new_each_time_and_comes_from_the_entropy() {
        let (passwords, entropy) = cheap();
        let first = passwords.hash_blocking("pass word", &entropy).unwrap();
        assert_ne!(
            first,
            passwords.hash_blocking("pass word", &entropy).unwrap()
        );
        assert_eq!(
            first,
            passwords
                .hash_blocking("pass word", &Entropy::from_seed(42))
                .unwrap()
        );
    }

    #[tokio::test]
    async fn a_password_has_8_characters_or_more() {
        let (passwords, entropy) = cheap();
        for short in ["", "1234567", "äöüäöüä"] {
            assert!(
                matches!(
                    passwords.hash(short, &entropy).await,
                    Err(Refusal::PasswordTooShort)
                ),
                "{short:?}"
            );
        }
        for long_enough in ["12345678", "äöüäöüäö", &"x".repeat(1024)] {
            assert!(
                passwords.hash(long_enough, &entropy).await.is_ok(),
                "{long_enough:?}"
            );
        }
        assert!(matches!(
            passwords.hash_blocking(&"x".repeat(1025), &entropy),
            Err(Refusal::Invalid(_))
        ));
        assert!(matches!(
            passwords.hash_blocking("1234567", &entropy),
            Err(Refusal::PasswordTooShort)
        ));
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_any_more_still_counts() {
        let passwords = Arc::new(Passwords::new(PasswordCost::Cheap, 1));
        let (started, has_started) = tokio::sync::oneshot::channel();
        let (finish, may_finish) = mpsc::channel::<()>();
        let caller = tokio::spawn({
            let passwords = Arc::clone(&passwords);
            async move {
                let work = move || {
                    started.send(()).unwrap();
                    may_finish.recv()
                };
                passwords.run(work).await
            }
        });
        has_started.await.unwrap();
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        assert_eq!(passwords.permits.available_permits(), 0);
        finish.send(()).unwrap();
        assert!(!passwords.verify("pass word", None).await);
    }
}
