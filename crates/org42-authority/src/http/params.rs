//! The query of a request, as names and values; types are read from it in `query`.

use std::collections::BTreeMap;

use axum::http::Uri;

use crate::domain::TenantRefusal;

/// How many parameters a query may have, since each is read, searched and echoed.
const MOST: usize = 200;

/// The names and values, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads the query of a request.
    ///
    /// # Errors
    ///
    /// When it has too many parameters.
    pub(super) fn of(uri: &Uri) -> Result<Self, TenantRefusal> {
        let query = uri.query().unwrap_or_default();
        let pairs = form_urlencoded::parse(query.as_bytes());
        let pairs: Vec<_> = pairs.take(MOST + 1).collect();
        if pairs.len() > MOST {
            let text = format!("A query has at most {MOST} parameters");
            return Err(TenantRefusal::Invalid(text));
        }
        let owned = pairs.into_iter();
        Ok(Self(
            owned
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        ))
    }

    /// Returns the parameters that `metadata.params` repeats: the last value of each name.
    pub(super) fn echo(&self) -> BTreeMap<String, String> {
        self.0.iter().cloned().collect()
    }

    /// Returns the first value of a name that is not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }
}
