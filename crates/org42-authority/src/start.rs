//! Tenants in memory for a single test, at a port and with a known password.

use crate::authority::Authority;
use crate::error::StartError;
use crate::options::{DEFAULT_ADMIN, Options};
use crate::running::Running;
use crate::{PasswordCost, Sample};

/// The administrator's password in a tenant made by [`Authority::start`].
pub const START_PASSWORD: &str = "for tests alone";

impl Authority {
    /// Starts an empty tenant in memory on a free loopback port, ready within milliseconds. It is gone when the
    /// returned value is dropped.
    ///
    /// [`DEFAULT_ADMIN`] signs in with [`START_PASSWORD`]. The password is public and hashed at little cost, so the
    /// tenant is suitable for tests alone.
    ///
    /// ```
    /// use org42_authority::{Authority, DEFAULT_ADMIN, START_PASSWORD};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), org42_authority::StartError> {
    /// let tenant = Authority::start().await?;
    /// println!("{} as {DEFAULT_ADMIN} with {START_PASSWORD:?}", tenant.url());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// When no port is free.
    pub async fn start() -> Result<Running, StartError> {
        Self::start_with(Sample::None).await
    }

    /// Starts a tenant like [`start`](Self::start), with a sample in it.
    ///
    /// # Errors
    ///
    /// When no port is free, or the sample cannot be made.
    pub async fn start_with(sample: Sample) -> Result<Running, StartError> {
        let options = Options {
            password_cost: PasswordCost::Cheap,
            ..Options::default()
        };
        let authority = Self::in_memory(sample, DEFAULT_ADMIN, options)?;
        authority.set_admin_password(DEFAULT_ADMIN, START_PASSWORD)?;
        authority.listen(([127, 0, 0, 1], 0).into()).await
    }
}
