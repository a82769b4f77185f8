//! A page that was fetched.

use std::hash::RandomState;

use crate::answer::response::Answer;
use crate::error::Result;
use crate::list::row::Scanned;
use crate::orgs::service::OrgService;

pub(super) const LIST: &str = "list the organizations";

/// A page, and what was found on it.
pub(super) struct Listed {
    pub(super) answer: Answer,
    pub(super) page: Scanned,
}

impl OrgService {
    /// Fetches a page, and finds the organizations on it.
    pub(super) async fn list_page(
        &self,
        number: u32,
        size: u32,
        hashes: &RandomState,
    ) -> Result<Listed> {
        let answer = self.send_page(LIST, number, size).await?;
        let page = answer.scan(hashes)?;
        Ok(Listed { answer, page })
    }
}
