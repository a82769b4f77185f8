//! The limits on the size of answers: on the wire, unpacked, and in memory once they are built.

use org42_types::{Endpoint, endpoints as e};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// The limits of a client, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The longest answer of any kind, on the wire and unpacked.
    pub(crate) answer: usize,
    /// The largest document: its text, and the values that are built from it.
    pub(crate) document: usize,
    /// The longest refusal.
    pub(crate) refusal: usize,
    /// The memory that a collected listing may take.
    pub(crate) listing: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            answer: 64 * MIB,
            document: 8 * MIB,
            refusal: 256 * KIB,
            listing: 512 * MIB,
        }
    }
}

/// The kind of content that an answer is expected to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// A token, or a few words about a person.
    Small,
    /// One document.
    Document,
    /// A list of unknown length.
    List,
    /// This many rows of a listing.
    Rows(usize),
    /// A listing as a whole.
    Whole,
}

/// The limits of one answer, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// The length on the wire and unpacked.
    pub(crate) text: usize,
    /// The memory for the values that are built from the text.
    pub(crate) built: usize,
    /// The memory for the values of one row.
    pub(crate) row: usize,
    /// The memory for all rows, beyond what the length of their text allows.
    pub(crate) rows: usize,
}

/// The length that a page may have for each requested row.
const ROW: usize = 32 * KIB;

/// The routes whose answers are little more than a token.
const SMALL: [Endpoint; 4] = [
    e::AUTH_JWT,
    e::OAUTH_TOKEN,
    e::GATEWAY_OAUTH,
    e::LOGIN_CONFIGURATION,
];

/// The bytes of memory that a row may take for each byte of its text. Shorter rows than real ones take more.
const PAID: usize = 4;

impl Bounds {
    /// Returns how much memory rows with a text of this length may take.
    pub(crate) fn of_rows(&self, length: usize) -> usize {
        self.rows.saturating_add(length.saturating_mul(PAID))
    }
}

impl Size {
    pub(crate) fn of(endpoint: Endpoint, query: &[(String, String)]) -> Self {
        let last = endpoint.route.rsplit('/').next().unwrap_or_default();
        let rows = query
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("pgSize"));
        match rows {
            _ if SMALL.contains(&endpoint) => Self::Small,
            _ if endpoint == e::GATEWAY_ORGS_LIST => Self::Whole,
            _ if !endpoint.method.is_read() || last.starts_with('{') || last == "my" => {
                Self::Document
            }
            Some((_, rows)) => Self::Rows(rows.parse().unwrap_or_default()),
            None => Self::List,
        }
    }
}

impl Limits {
    /// Returns the bounds for an answer of this size.
    pub(crate) fn of(&self, size: Size) -> Bounds {
        let (text, built) = match size {
            Size::Small => (self.refusal, self.refusal.saturating_mul(8)),
            Size::Document => (self.document, self.document),
            Size::List => {
                let list = self.document.saturating_mul(4);
                (list, list)
            }
            Size::Rows(rows) => {
                let page = self.document.saturating_add(rows.saturating_mul(ROW));
                (page, page.min(self.answer))
            }
            Size::Whole => (self.answer, self.answer),
        };
        Bounds {
            text: text.min(self.answer),
            built,
            row: self.document,
            rows: self.document.saturating_mul(4),
        }
    }

    /// Returns how many bytes of memory a collected listing may take. The server chooses its count, so little is
    /// allowed before that many organizations have come. An ordinary organization takes less than its share of what
    /// has come.
    pub(crate) fn collected(&self, counted: Option<u64>, come: usize) -> usize {
        let by_count = match counted {
            Some(counted) => (self.listing / 32).saturating_add(
                (self.listing / (128 * KIB))
                    .saturating_mul(usize::try_from(counted).unwrap_or(usize::MAX)),
            ),
            None => self.listing / 8,
        };
        let by_come =
            (self.listing / 16).saturating_add((self.listing / (256 * KIB)).saturating_mul(come));
        by_count.min(by_come).min(self.listing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(endpoint: Endpoint, query: &[(&str, &str)]) -> Size {
        let query: Vec<_> = query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Size::of(endpoint, &query)
    }

    #[test]
    fn an_answer_has_the_size_of_what_was_asked_for() {
        assert_eq!(size(e::AUTH_JWT, &[("useBody", "true")]), Size::Small);
        assert_eq!(size(e::ORGS_GET, &[]), Size::Document);
        assert_eq!(size(e::ORG_MY, &[]), Size::Document);
        assert_eq!(size(e::CUSTOMER_MY, &[]), Size::Document);
        assert_eq!(size(e::ORGS_BLOCK, &[]), Size::Document);
        assert_eq!(size(e::ORG_SETTING_GET, &[]), Size::Document);
        assert_eq!(size(e::AGENT_STATE_BY_ORG_V14, &[]), Size::List);
        assert_eq!(size(e::GATEWAY_ORGS_LIST, &[]), Size::Whole);
        let query = [("pgNum", "1"), ("pgSize", "250")];
        assert_eq!(size(e::USER_LIST, &query), Size::Rows(250));
    }

    #[test]
    fn no_answer_is_longer_than_any_answer_may_be() {
        let limits = Limits {
            answer: 1000,
            ..Limits::default()
        };
        for size in [
            Size::Small,
            Size::Document,
            Size::List,
            Size::Rows(usize::MAX),
            Size::Whole,
        ] {
            assert_eq!(limits.of(size).text, 1000, "{size:?}");
        }
    }

    #[test]
    fn a_listing_has_a_share_for_each_that_is_counted_and_has_come() {
        let limits = Limits::default();
        let ordinary = 2 * KIB;
        for counted in [10, 1000, 100_000, 200_000] {
            let come = usize::try_from(counted).unwrap();
            let most = limits.collected(Some(counted), come);
            assert!(most > ordinary * come, "{counted}");
        }
        assert_eq!(limits.collected(Some(0), 1000), 16 * MIB);
        assert_eq!(limits.collected(Some(u64::MAX), 0), 32 * MIB);
        assert_eq!(limits.collected(Some(u64::MAX), usize::MAX), 512 * MIB);
        assert_eq!(limits.collected(None, usize::MAX), 64 * MIB);
    }

    #[test]
    fn an_ordinary_organization_takes_less_than_its_share() {
        let text = r#"{"orgId":9087,"orgUid":"1007759454961904673","orgGuid":"a9578c3d-736b-4d96-80e5-71edd8a11ea3",
            "orgName":"An ordinary name of one","orgExtRef":null,"notes":"some words about it","status":"Active","active":true,
            "blocked":false,"parentOrgId":2,"parentOrgUid":"1007759454961904673",
            "parentOrgGuid":"a9578c3d-736b-4d96-80e5-71edd8a11ea3","type":"ENTERPRISE","classification":"BASIC",
            "externalId":"a9578c3d-736b-4d96-80e5-71edd8a11ea3","hierarchyCounts":{},"configInheritanceCounts":{},
            "creationDate":"2021-05-19T10:10:43.459Z","modificationDate":"2021-05-20T14:43:42.276Z",
            "deactivationDate":null,"registrationKey":"ABCD-EFGH-IJKL-MNOP","reporting":{"orgManagers":[]},
            "customConfig":false,"settings":null,"settingsInherited":null,"settingsSummary":null}"#;
        let memory = org42_types::Org::from_json(text).unwrap().memory();
        assert!((1024..2 * KIB).contains(&memory), "{memory}");
    }
}
