//! The switches for what is unknown about the real server. `docs/FIDELITY.md` says why each default is as it is.

use std::fmt;
use std::sync::{PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// How the authority behaves where nobody has recorded how the real server does.
///
/// Names and values are the same everywhere: in a document, in `authority serve --fidelity NAME=VALUE`, and here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fidelity {
    /// Whether reactivating an organization also makes active what its deactivation made inactive below it.
    pub reactivate_below: bool,
    /// Whether a deactivated organization gets another name, so that its own is free.
    pub rename_deactivated: bool,
    /// Whether the old name comes back with a reactivation, where it is free.
    pub restore_name: bool,
    /// Among which organizations a name is unique.
    pub unique_names: UniqueNames,
    /// Whether callers may block or deactivate the organization they belong to, and the top one.
    pub lockout_allowed: bool,
    /// Whether `null` in the body of an update clears a field; otherwise it leaves the field as it is.
    pub null_clears: bool,
    /// Which organizations `GET /api/v1/Org` lists where `active` is not given.
    pub listed: Listed,
    /// The largest page of a listing; a request for more gets this many.
    pub max_page_size: u32,
    /// Where the listing of v3, which has no pages, stops; 0 for nowhere.
    pub v3_list_cap: u32,
    /// Whether `GET /api/v3/orgs/{orgGuid}` heeds the `inc…` parameters.
    pub v3_settings: bool,
    /// How v3 writes the dates of organizations.
    pub v3_dates: V3Dates,
    /// The status of what v3 creates: 200 or 201.
    pub v3_created_status: u16,
    /// The body of a refusal of v3.
    pub v3_errors: V3Errors,
    /// How refusals are labelled.
    pub error_type: ErrorType,
    /// The status of a broken rule, such as a name that is taken: 500, 400, 409 or 422.
    pub rule_status: u16,
    /// What callers get who name an organization outside of their own: 403 or 404.
    pub foreign_status: u16,
    /// How the gateway writes counts.
    pub gateway_counts: GatewayCounts,
    /// How many requests are answered in a minute, the others with 429; 0 for any number.
    pub requests_per_minute: u32,
    /// Whether changes can be asked for with an `Idempotency-Key`, and answers say so.
    pub idempotency_keys: bool,
}

/// Among which organizations a name is unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum UniqueNames {
    /// Among the children of one parent.
    Siblings,
    /// In the whole tenant.
    Tenant,
}

/// Which organizations are listed unless a state is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Listed {
    /// Those of every state.
    All,
    /// The active ones.
    Active,
}

/// How v3 writes dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum V3Dates {
    /// `Mon Feb 22 08:40:43 UTC 2021`.
    Java,
    /// `2021-02-22T08:40:43.000Z`.
    Iso,
}

/// The body of a refusal of v3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum V3Errors {
    /// The array of v1.
    Array,
    /// The envelope of v3, with that array as its `error`.
    Envelope,
}

/// How refusals are labelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ErrorType {
    /// `application/json`, which they are.
    Json,
    /// `text/html;charset=ISO-8859-1`, as recorded; what browsers would take for markup is escaped.
    Html,
}

/// How the gateway writes counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum GatewayCounts {
    /// `7`.
    Numbers,
    /// `"7"`.
    Texts,
}

impl Default for Fidelity {
    fn default() -> Self {
        Self {
            reactivate_below: true,
            rename_deactivated: true,
            restore_name: true,
            unique_names: UniqueNames::Siblings,
            lockout_allowed: false,
            null_clears: false,
            listed: Listed::All,
            max_page_size: 1000,
            v3_list_cap: 100,
            v3_settings: true,
            v3_dates: V3Dates::Java,
            v3_created_status: 200,
            v3_errors: V3Errors::Array,
            error_type: ErrorType::Json,
            rule_status: 500,
            foreign_status: 403,
            gateway_counts: GatewayCounts::Numbers,
            requests_per_minute: 0,
            idempotency_keys: true,
        }
    }
}

/// The error of a switch that does not exist, or of a value that it cannot have; its text says which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuchSwitch(String);

impl fmt::Display for NoSuchSwitch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoSuchSwitch {}

impl Fidelity {
    /// Returns every switch with its value, by name.
    #[must_use]
    pub fn document(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(switches)) => switches,
            _ => Map::new(),
        }
    }

    /// Returns these switches with some set to the values in a document.
    ///
    /// ```
    /// use org42_authority::Fidelity;
    ///
    /// let strict = Fidelity::default().with(&serde_json::json!({"rule_status": 409}).as_object().unwrap())?;
    /// assert_eq!(strict.rule_status, 409);
    /// # Ok::<(), org42_authority::NoSuchSwitch>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When a switch does not exist, or cannot have the value.
    pub fn with(&self, changes: &Map<String, Value>) -> Result<Self, NoSuchSwitch> {
        let known = self.document();
        let mut all = known.clone();
        for (name, value) in changes {
            if !known.contains_key(name) {
                let names: Vec<&str> = known.keys().map(String::as_str).collect();
                let names = names.join(", ");
                return Err(NoSuchSwitch(format!(
                    "there is no switch {name:?}; there are {names}"
                )));
            }
            all.insert(name.clone(), value.clone());
            // One after the other, so that the error can name the wrong one.
            let read: Result<Self, _> = serde_json::from_value(Value::Object(all.clone()));
            let problem = match read {
                Ok(read) => read.problem(),
                Err(error) => Some(error.to_string()),
            };
            if let Some(problem) = problem {
                return Err(NoSuchSwitch(format!("{name} cannot be {value}: {problem}")));
            }
        }
        serde_json::from_value(Value::Object(all)).map_err(|error| NoSuchSwitch(error.to_string()))
    }

    fn problem(&self) -> Option<String> {
        let one_of = |status: u16, known: &[u16]| {
            (!known.contains(&status)).then(|| format!("one of {known:?} is wanted"))
        };
        one_of(self.v3_created_status, &[200, 201])
            .or_else(|| one_of(self.rule_status, &[500, 400, 409, 422]))
            .or_else(|| one_of(self.foreign_status, &[403, 404]))
            .or_else(|| {
                let is_page = (1..=1000).contains(&self.max_page_size);
                (!is_page).then(|| "a page has from 1 to 1000 rows".to_owned())
            })
    }
}

/// The switches of a served tenant, which can be changed while it is served.
#[derive(Debug)]
pub(crate) struct Switches {
    at_start: Fidelity,
    now: RwLock<Fidelity>,
}

impl From<Fidelity> for Switches {
    fn from(at_start: Fidelity) -> Self {
        let now = RwLock::new(at_start);
        Self { at_start, now }
    }
}

impl Switches {
    pub(crate) fn now(&self) -> Fidelity {
        *self.now.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the switches to what `change` returns, unless it fails.
    pub(crate) fn change<E>(
        &self,
        change: impl FnOnce(Fidelity) -> Result<Fidelity, E>,
    ) -> Result<Fidelity, E> {
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        *now = change(*now)?;
        Ok(*now)
    }

    /// Sets the switches back to what they were at the start.
    pub(crate) fn reset(&self) {
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = self.at_start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn set(changes: &Value) -> Result<Fidelity, NoSuchSwitch> {
        Fidelity::default().with(changes.as_object().unwrap())
    }

    #[test]
    fn what_is_not_mentioned_stays() {
        let two = set(&json!({"null_clears": true, "v3_dates": "iso"})).unwrap();
        let wanted = Fidelity {
            null_clears: true,
            v3_dates: V3Dates::Iso,
            ..Fidelity::default()
        };
        assert_eq!(two, wanted);
        assert_eq!(two.with(&Map::new()), Ok(wanted));
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        for (changes, name) in [
            (json!({"nul_clears": true}), "nul_clears"),
            (json!({"null_clears": "yes"}), "null_clears"),
            (json!({"rule_status": 200}), "rule_status"),
            (json!({"foreign_status": 500}), "foreign_status"),
            (json!({"v3_created_status": 204}), "v3_created_status"),
            (json!({"max_page_size": 0}), "max_page_size"),
            (json!({"listed": "some"}), "listed"),
            (json!({"v3_list_cap": -1}), "v3_list_cap"),
        ] {
            let NoSuchSwitch(why) = set(&changes).unwrap_err();
            assert!(why.contains(name), "{changes}: {why}");
        }
    }
}
