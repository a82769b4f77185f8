//! The generator of new ids, keys and secrets.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use org42_types::{OrgGuid, OrgUid, RegistrationKey};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

/// The source of all ids, keys and secrets that an authority makes.
pub struct Entropy(Mutex<StdRng>);

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy([redacted])")
    }
}

impl Entropy {
    /// Returns a generator that is seeded by the operating system, for real use.
    #[must_use]
    pub fn from_system() -> Self {
        Self(Mutex::new(rand::make_rng()))
    }

    /// Returns a generator that makes the same sequence for the same seed, for samples and tests.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }

    fn with<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        draw(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns a number below `bound`, which must not be zero.
    pub fn below(&self, bound: u32) -> u32 {
        self.with(|rng| rng.random_range(0..bound.max(1)))
    }

    /// Returns a decimal text of 19 digits, the form of uids and of the guids of devices and archives.
    pub fn decimal(&self) -> String {
        self.with(|rng| rng.random_range(1_000_000_000_000_000_000_u64..10_000_000_000_000_000_000))
            .to_string()
    }

    /// Returns a UUID of version 4.
    pub fn uuid(&self) -> String {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes)
            .into_uuid()
            .to_string()
    }

    /// Returns a new `orgUid`.
    pub fn org_uid(&self) -> OrgUid {
        OrgUid::from(self.with(|rng| {
            rng.random_range(1_000_000_000_000_000_000_u64..10_000_000_000_000_000_000)
        }))
    }

    /// Returns a new `orgGuid`.
    pub fn org_guid(&self) -> OrgGuid {
        loop {
            if let Ok(guid) = self.uuid().parse() {
                return guid;
            }
        }
    }

    /// Returns a new registration key.
    pub fn registration_key(&self) -> RegistrationKey {
        RegistrationKey::from_bits(self.with(|rng| rng.random()))
    }

    /// Returns a secret of 52 letters and digits, 260 random bits.
    pub fn secret(&self) -> String {
        const SYMBOLS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        self.with(|rng| {
            (0..52)
                .map(|_| char::from(SYMBOLS[rng.random_range(0..32)]))
                .collect()
        })
    }

    /// Fills `bytes` with random ones.
    pub fn fill(&self, bytes: &mut [u8]) {
        self.with(|rng| rng.fill_bytes(bytes));
    }
}
