//! Faults on demand: the requests that they hit, and what goes wrong with them.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::http::spelling::is_own;

/// How many faults there may be at once.
pub(crate) const MAX_FAULTS: usize = 1_000;
/// The longest pause that a fault may cause, in milliseconds.
const MAX_MILLIS: u64 = 600_000;

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) enum Trouble {
    /// This status and body.
    #[serde(rename_all = "camelCase")]
    Status {
        /// From 200 to 599.
        status: u16,
        /// The body; empty unless given.
        #[serde(default)]
        body: String,
        /// The type of the body.
        #[serde(default)]
        content_type: Option<String>,
    },
    /// 429, and when to try again.
    #[serde(rename_all = "camelCase")]
    TooManyRequests {
        /// When to try again.
        retry_after_seconds: u32,
        /// Says it as a date.
        #[serde(default)]
        as_date: bool,
    },
    /// The answer comes later.
    Delay {
        /// How much later.
        millis: u64,
    },
    /// The body of the answer comes in pieces.
    #[serde(rename_all = "camelCase")]
    SlowBody {
        /// How many, from 1.
        pieces: u32,
        /// The pause between two of them.
        pause_millis: u64,
    },
    /// The connection ends in the middle of the answer's body.
    TruncatedBody,
    /// The connection is reset.
    Reset,
    /// 401, as for a token that is not good any more.
    ExpiredToken,
    /// 200 with something that looks like JSON only at first.
    InvalidJson,
    /// 200 with a page for people, as proxies and portals send them.
    HtmlPage,
}

impl Trouble {
    /// Returns whether the fault needs the right answer, so that the request is handled first in any case.
    pub(crate) fn needs_answer(&self) -> bool {
        matches!(
            self,
            Self::Delay { .. } | Self::SlowBody { .. } | Self::TruncatedBody
        )
    }

    fn problem(&self) -> Option<String> {
        match self {
            Self::Status { status, .. } if !(200..=599).contains(status) => {
                Some(format!("{status} is no status from 200 to 599"))
            }
            Self::Status {
                content_type: Some(kind),
                ..
            } if axum::http::HeaderValue::from_str(kind).is_err() => {
                Some("contentType cannot be sent".to_owned())
            }
            Self::Delay { millis }
            | Self::SlowBody {
                pause_millis: millis,
                ..
            } if *millis > MAX_MILLIS => {
                Some(format!("no pause is longer than {MAX_MILLIS} milliseconds"))
            }
            Self::SlowBody { pieces: 0, .. } => Some("pieces is a number from 1".to_owned()),
            _ => None,
        }
    }
}

/// A fault as it is asked for.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = FaultRule)]
pub(crate) struct Rule {
    /// Any unless given.
    #[serde(default)]
    method: Option<String>,
    /// `*` or `{name}` stands for one segment, `**` at the end for any number of them.
    path: String,
    /// How many requests are hit; all unless given.
    #[serde(default)]
    count: Option<u64>,
    /// How likely a request is hit, from 0 to 1.
    #[serde(default = "always")]
    probability: f64,
    /// The same seed hits the same requests.
    #[serde(default)]
    seed: u64,
    /// Whether the request is worked on before it goes wrong.
    #[serde(default)]
    applied: bool,
    fault: Trouble,
}

impl Rule {
    /// Returns the rule with its path in the spelling that requests are compared in.
    pub(crate) fn spelled(self, spell: impl FnOnce(&str) -> String) -> Self {
        let path = spell(&self.path);
        Self { path, ..self }
    }

    /// Returns why the rule could never hit a request, if it could not.
    fn problem(&self) -> Option<String> {
        const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];
        let path = &self.path;
        let wanted = "such as /api/v3/orgs/*/block, or is **";
        if path != "**" && !path.starts_with('/') {
            return Some(format!("path begins with a slash, {wanted}"));
        }
        if path.contains(['?', '#']) {
            return Some("path ends before the question mark".to_owned());
        }
        if is_own(path) {
            return Some("the authority's own routes are spared".to_owned());
        }
        let stars = path.split('/').filter(|segment| segment.contains('*'));
        let is_whole = |segment: &str| segment == "*" || segment == "**";
        let is_inside = path
            .strip_suffix("**")
            .unwrap_or(path)
            .split('/')
            .any(|segment| segment == "**");
        if is_inside || !stars.into_iter().all(is_whole) {
            return Some("* stands for a whole part of a path, and ** only at its end".to_owned());
        }
        if let Some(method) = &self.method
            && !METHODS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(method))
        {
            return Some(format!("there is no method {method:?}"));
        }
        (self.count == Some(0)).then(|| "count is a number from 1".to_owned())
    }
}

fn always() -> f64 {
    1.0
}

/// A fault that is in force.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InForce {
    /// Counted from 1 since the start.
    number: u64,
    /// How many requests it has hit.
    hits: u64,
    #[serde(flatten)]
    rule: Rule,
}

impl PartialSchema for InForce {
    /// Returns the schema of the rule with two more fields. The two cannot stand beside it: a rule has no other fields.
    fn schema() -> RefOr<Schema> {
        let RefOr::T(Schema::Object(rule)) = Rule::schema() else {
            return Rule::schema();
        };
        let count = |text: &str| {
            let count = ObjectBuilder::new().schema_type(Type::Integer);
            count.minimum(Some(0)).description(Some(text))
        };
        ObjectBuilder::from(rule)
            .property("number", count("Counted from 1 since the start."))
            .required("number")
            .property("hits", count("How many requests it has hit."))
            .required("hits")
            .description(Some("A fault that is in force."))
            .into()
    }
}

impl ToSchema for InForce {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Fault")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Rule::schemas(schemas);
    }
}

/// A fault with the random numbers that decide whether it hits.
#[derive(Debug)]
struct Loaded {
    fault: InForce,
    dice: StdRng,
}

/// A fault that has hit a request.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    pub(crate) number: u64,
    pub(crate) applied: bool,
    pub(crate) trouble: Trouble,
}

/// The faults in force.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<List>);

#[derive(Debug, Default)]
struct List {
    last: u64,
    rows: Vec<Loaded>,
}

impl Faults {
    fn with<T>(&self, act: impl FnOnce(&mut List) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds a fault behind the others and returns it.
    ///
    /// # Errors
    ///
    /// When the rule is invalid, or there are too many faults; the text says why.
    pub(crate) fn add(&self, rule: Rule) -> Result<InForce, String> {
        if let Some(problem) = rule.fault.problem() {
            return Err(problem);
        }
        if !(0.0..=1.0).contains(&rule.probability) {
            return Err("probability is a number from 0 to 1".to_owned());
        }
        if let Some(problem) = rule.problem() {
            return Err(problem);
        }
        self.with(|list| {
            if list.rows.len() == MAX_FAULTS {
                return Err(format!("there are {MAX_FAULTS} faults already"));
            }
            list.last += 1;
            let dice = StdRng::seed_from_u64(rule.seed);
            let fault = InForce {
                number: list.last,
                hits: 0,
                rule,
            };
            list.rows.push(Loaded {
                fault: fault.clone(),
                dice,
            });
            Ok(fault)
        })
    }

    /// Returns the faults in force, oldest first.
    pub(crate) fn all(&self) -> Vec<InForce> {
        self.with(|list| list.rows.iter().map(|row| row.fault.clone()).collect())
    }

    /// Removes all faults.
    pub(crate) fn clear(&self) {
        self.with(|list| list.rows.clear());
    }

    /// Returns the fault for a request to the route spelled `path`: the first whose rule matches and that hits.
    pub(crate) fn hit(&self, method: &str, path: &str) -> Option<Hit> {
        self.with(|list| list.rows.iter_mut().find_map(|row| row.hit(method, path)))
    }
}

impl Loaded {
    fn hit(&mut self, method: &str, path: &str) -> Option<Hit> {
        let InForce { number, hits, rule } = &mut self.fault;
        let is_meant = rule.count.is_none_or(|count| *hits < count)
            && rule
                .method
                .as_deref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && matches(&rule.path, path);
        if !is_meant || !self.dice.random_bool(rule.probability) {
            return None;
        }
        *hits += 1;
        Some(Hit {
            number: *number,
            applied: rule.applied || rule.fault.needs_answer(),
            trouble: rule.fault.clone(),
        })
    }
}

/// Returns whether a path matches a pattern. The case of letters does not count, as legacy names are read in any
/// case.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, is_open) = match pattern.strip_suffix("**") {
        Some(start) => (start.trim_end_matches('/'), true),
        None => (pattern, false),
    };
    let mut segments = path.split('/');
    let fits = pattern.split('/').all(|wanted| {
        let stands_for_any = wanted == "*" || (wanted.starts_with('{') && wanted.ends_with('}'));
        segments
            .next()
            .is_some_and(|found| stands_for_any || wanted.eq_ignore_ascii_case(found))
    });
    fits && (is_open || segments.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_stand_for_segments() {
        let fits = |pattern| matches(pattern, "/api/v3/orgs/Ab/block");
        for pattern in [
            "/api/v3/orgs/*/block",
            "/api/v3/Orgs/{orgGuid}/block",
            "/api/v3/orgs/**",
            "/api/v3/orgs/Ab/block/**",
            "/**",
            "**",
        ] {
            assert!(fits(pattern), "{pattern}");
        }
        for pattern in [
            "/api/v3/orgs/*",
            "/api/v3/orgs/*/block/*",
            "/api/v1/**",
            "/",
        ] {
            assert!(!fits(pattern), "{pattern}");
        }
    }
}
