//! One-time codes: their sources, and why they are refused. Reading typed texts is in `typed` and `setup`, computing
//! codes in `computed`.

#[cfg(feature = "totp")]
mod computed;
#[cfg(feature = "totp")]
mod setup;
mod typed;

use std::sync::{Arc, Mutex, PoisonError};

#[cfg(feature = "totp")]
use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::call::auth::secret::Ask;
use crate::error::{Error, Result};

#[cfg(feature = "totp")]
pub(crate) use computed::Computed;
use typed::code_in;
#[cfg(feature = "totp")]
use typed::{is_address, unwrapped};

/// The source of one-time codes.
#[derive(Clone)]
pub(crate) enum Totp {
    /// A code that was set as a value; valid for one use.
    Once(Place),
    /// The error of a text that was set as a code and is none.
    Never(Error),
    Ask(Ask),
    #[cfg(feature = "totp")]
    Computed(Arc<Computed>),
}

type Place = Arc<Mutex<Option<SecretString>>>;

impl Totp {
    pub(crate) fn once(code: &SecretString) -> Self {
        match code_in(code) {
            Ok(code) => Self::Once(Arc::new(Mutex::new(Some(code)))),
            #[cfg(feature = "totp")]
            // An address in the place of a code is the source of codes.
            Err(_) if is_address(unwrapped(code.expose_secret())) => {
                match Computed::of(code.clone()) {
                    Ok(computed) => Self::Computed(computed),
                    Err(error) => Self::Never(error),
                }
            }
            Err(error) => Self::Never(error),
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        match self {
            Self::Never(error) => Err(error.clone()),
            _ => Ok(()),
        }
    }

    /// Returns whether another login would send the same code, or none again.
    pub(crate) fn is_constant(&self) -> bool {
        matches!(self, Self::Once(_) | Self::Never(_))
    }

    pub(crate) async fn next(&self) -> Result<SpentCode> {
        match self {
            Self::Once(place) => {
                let code = place.lock().unwrap_or_else(PoisonError::into_inner).take();
                let code = code.ok_or_else(|| {
                    Error::credentials("the one-time code that was given has been used already").with_hint(
                        "sign in again with a new code, or give a callback that is asked for one (totp_with)",
                    )
                })?;
                Ok(SpentCode {
                    place: Some(Arc::clone(place)),
                    ..SpentCode::given(code)
                })
            }
            Self::Never(error) => Err(error.clone()),
            Self::Ask(ask) => {
                let asked = ask().await.map_err(|reason| {
                    Error::credentials("no one-time code was given").because(reason)
                })?;
                Ok(SpentCode::given(code_in(&asked)?))
            }
            #[cfg(feature = "totp")]
            Self::Computed(computed) => computed.next().await,
        }
    }

    /// Returns the secrets in it that must not be shown.
    pub(crate) fn known(&self) -> Vec<SecretString> {
        match self {
            Self::Once(place) => {
                let code = place.lock().unwrap_or_else(PoisonError::into_inner);
                code.iter().cloned().collect()
            }
            #[cfg(feature = "totp")]
            Self::Computed(computed) => computed.known(),
            Self::Never(_) | Self::Ask(_) => Vec::new(),
        }
    }
}

/// A one-time code on its way to the server.
pub(crate) struct SpentCode {
    pub(crate) text: SecretString,
    place: Option<Place>,
    /// Whether this machine's clock decided which code is the current one.
    pub(crate) is_computed: bool,
}

impl SpentCode {
    fn given(text: SecretString) -> Self {
        Self {
            text,
            place: None,
            is_computed: false,
        }
    }

    #[cfg(feature = "totp")]
    fn computed(text: SecretString) -> Self {
        Self {
            is_computed: true,
            ..Self::given(text)
        }
    }

    /// Puts the code back, because the server has never received it.
    pub(crate) fn unspent(self) {
        if let Some(place) = self.place {
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.text);
        }
    }
}

/// Returns what is wrong with this machine's clock, if that can be why its codes are refused: servers also accept the
/// code before and the one after.
pub(crate) fn clock_fault(ahead: i64) -> Option<String> {
    const TOLERATED: u64 = 30;
    let seconds = ahead.unsigned_abs();
    if seconds <= TOLERATED {
        return None;
    }
    let off = match seconds {
        0..=120 => format!("{seconds} s"),
        121..=7200 => format!("{} min", (seconds + 30) / 60),
        7201..=172_800 => format!("{} h", (seconds + 1800) / 3600),
        _ => format!("{} days", (seconds + 43_200) / 86_400),
    };
    let way = match ahead > 0 {
        true => "behind",
        false => "ahead",
    };
    Some(format!(
        "your clock is {off} {way} by the server's, and one-time codes are computed by the clock: set it"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_told_in_the_right_unit() {
        for (ahead, words) in [
            (90, "90 s behind"),
            (-90, "90 s ahead"),
            (180, "3 min behind"),
            (-3600, "60 min ahead"),
            (3 * 3600, "3 h behind"),
            (-400 * 86_400, "400 days ahead"),
        ] {
            let told = clock_fault(ahead).unwrap();
            assert!(told.contains(words), "{told}");
        }
        assert_eq!((clock_fault(30), clock_fault(-30)), (None, None));
        assert!(clock_fault(i64::MIN).is_some());
    }
}
