//! Passwords: hashed and verified with argon2id, on a few threads that do nothing else.

mod pool;

use std::fmt;

use argon2::password_hash::phc::{Output, ParamsString, Salt};
use argon2::{Algorithm, Argon2, Params, PasswordHash, Version};

pub(crate) use self::pool::Line;
use self::pool::{Memory, Pool};
use crate::domain::{Entropy, TenantRefusal};
use crate::store::StoreError;

const MIN_CHARACTERS: usize = 8;
const MAX_BYTES: usize = 1024;
const SALT_BYTES: usize = 16;

/// The cost of hashing one password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PasswordCost {
    /// 19 MiB and two passes, for real use.
    #[default]
    Default,
    /// 8 KiB and one pass, for tests that log in very often.
    Cheap,
}

impl PasswordCost {
    fn params(self) -> Params {
        let (kibibytes, passes) = match self {
            Self::Default => (19 * 1024, 2),
            Self::Cheap => (8, 1),
        };
        Params::new(kibibytes, passes, 1, None).unwrap_or_default()
    }
}

/// Checks that a text may become a password: it has at least 8 characters, and at most 1024 bytes.
///
/// # Errors
///
/// [`TenantRefusal::PasswordTooShort`], or [`TenantRefusal::Invalid`] when it is too long.
pub(crate) fn check_password(password: &str) -> Result<(), TenantRefusal> {
    if password.chars().count() < MIN_CHARACTERS {
        return Err(TenantRefusal::PasswordTooShort);
    }
    if password.len() > MAX_BYTES {
        return Err(TenantRefusal::Invalid(format!(
            "A password has at most {MAX_BYTES} bytes."
        )));
    }
    Ok(())
}

/// A pool of threads that hash and verify passwords, so that a flood of sign-ins takes neither all memory nor all
/// processors, and delays nothing but other sign-ins.
pub(crate) struct Passwords {
    params: Params,
    pool: Pool,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords")
            .field("params", &self.params)
            .finish_non_exhaustive()
    }
}

impl Passwords {
    /// How many passwords an authority works on at the same time.
    pub(crate) const AT_ONCE: usize = 2;
    /// How many passwords may wait in each line: about two seconds' work.
    pub(crate) const WAITING: usize = 256;

    /// Works on `at_once` passwords at the same time, at least one, while at most `waiting` wait in each line.
    pub(crate) fn new(cost: PasswordCost, at_once: usize, waiting: usize) -> Self {
        Self {
            params: cost.params(),
            pool: Pool::new(at_once.max(1), waiting),
        }
    }

    /// Returns the hash of `password` to be stored, in PHC form.
    ///
    /// # Errors
    ///
    /// As for [`check_password`]; [`TenantRefusal::Busy`] when too many wait already; or when there is not enough
    /// memory.
    pub(crate) async fn hash(
        &self,
        line: Line,
        password: &str,
        entropy: &Entropy,
    ) -> Result<String, TenantRefusal> {
        check_password(password)?;
        let (params, password, salt) =
            (self.params.clone(), password.to_owned(), new_salt(entropy));
        let work = move |memory: &mut Memory| hash(params, &password, &salt, memory);
        Ok(self.pool.run(line, work).await??)
    }

    /// Hashes as [`hash`](Self::hash) does, on the calling thread; for setting up, where nothing else waits.
    ///
    /// # Errors
    ///
    /// As for [`hash`](Self::hash), but it is never busy.
    pub(crate) fn hash_blocking(
        &self,
        password: &str,
        entropy: &Entropy,
    ) -> Result<String, TenantRefusal> {
        check_password(password)?;
        let salt = new_salt(entropy);
        Ok(hash(
            self.params.clone(),
            password,
            &salt,
            &mut Memory::default(),
        )?)
    }

    /// Returns whether `stored` is a hash of `password`.
    ///
    /// With `None`, for a user that does not exist or has no password, the same work is done, so that the time
    /// reveals nothing, and the answer is no.
    ///
    /// # Errors
    ///
    /// [`TenantRefusal::Busy`] when too many wait already; the password was not looked at then.
    pub(crate) async fn verify(
        &self,
        line: Line,
        password: &str,
        stored: Option<&str>,
    ) -> Result<bool, TenantRefusal> {
        // No stored password is this long, so a huge one is wrong without being hashed.
        let (password, stored) = if password.len() > MAX_BYTES {
            ("", None)
        } else {
            (password, stored)
        };
        let (params, password, stored) = (
            self.params.clone(),
            password.to_owned(),
            stored.map(str::to_owned),
        );
        let work = move |memory: &mut Memory| verify(params, &password, stored.as_deref(), memory);
        self.pool.run(line, work).await
    }
}

fn new_salt(entropy: &Entropy) -> [u8; SALT_BYTES] {
    let mut salt = [0; SALT_BYTES];
    entropy.fill(&mut salt);
    salt
}

fn hash(
    params: Params,
    password: &str,
    salt: &[u8],
    memory: &mut Memory,
) -> Result<String, StoreError> {
    let argon2 = Argon2::from(params);
    let made = output(&argon2, password, salt, memory)?;
    let hash = PasswordHash {
        algorithm: Algorithm::default().ident(),
        version: Some(Version::default().into()),
        params: ParamsString::try_from(argon2.params()).map_err(StoreError::failed)?,
        salt: Some(Salt::new(salt).map_err(StoreError::failed)?),
        hash: Some(made),
    };
    Ok(hash.to_string())
}

fn verify(params: Params, password: &str, stored: Option<&str>, memory: &mut Memory) -> bool {
    let again = stored.and_then(|phc| made_as(&PasswordHash::new(phc).ok()?));
    let Some((argon2, salt, wanted)) = again else {
        let as_long = output(&Argon2::from(params), password, &[0; SALT_BYTES], memory);
        std::hint::black_box(as_long.is_ok());
        return false;
    };
    // `Output` compares in constant time.
    output(&argon2, password, salt.as_ref(), memory).is_ok_and(|made| made == wanted)
}

/// Returns the algorithm with its parameters, the salt and the output of a stored password.
fn made_as(stored: &PasswordHash) -> Option<(Argon2<'static>, Salt, Output)> {
    let algorithm = Algorithm::try_from(stored.algorithm.as_str()).ok()?;
    let version = stored.version.map(Version::try_from).transpose().ok()?;
    let params = Params::try_from(stored).ok()?;
    let argon2 = Argon2::new(algorithm, version.unwrap_or_default(), params);
    Some((argon2, stored.salt?, stored.hash?))
}

fn output(
    argon2: &Argon2<'_>,
    password: &str,
    salt: &[u8],
    memory: &mut Memory,
) -> Result<Output, StoreError> {
    let params = argon2.params();
    let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    let mut bytes = [0; Output::MAX_LENGTH];
    let bytes = (bytes.get_mut(..length))
        .ok_or_else(|| StoreError::failed("a password's hash has an impossible length"))?;
    memory
        .with(params.block_count(), |blocks| {
            argon2.hash_password_into_with_memory(password.as_bytes(), salt, bytes, blocks)
        })
        .map_err(StoreError::failed)?;
    Output::new(bytes).map_err(StoreError::failed)
}

#[cfg(test)]
mod tests;
