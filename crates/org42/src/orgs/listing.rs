//! Listings of a tenant's organizations, one page or all; going from page to page belongs to `list`.

use org42_types::{OrgPage, endpoints};

use crate::answer::response::{Answer, Response};
use crate::call::request::Call;
use crate::error::{Error, Result};
use crate::list::pages::Pages;
use crate::orgs::requests::{GetAll, GetPage};
use crate::orgs::service::OrgService;
#[cfg(feature = "blocking")]
use crate::orgs::service::blocking;

impl OrgService {
    /// Reads one page of organizations, of every state unless a parameter narrows it.
    ///
    /// Sends `GET /api/v1/Org`.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) for page 0 and size 0, before anything is sent.
    pub async fn get_page(&self, page: GetPage) -> Result<Response<OrgPage>> {
        let operation = format!("read page {} of the organizations", page.num);
        let size = page.size.unwrap_or(self.client.items_per_page());
        self.send_page(&operation, page.num, size)
            .await?
            .read_page()
    }

    /// Asks for a page, and returns it unread.
    pub(crate) async fn send_page(&self, operation: &str, num: u32, size: u32) -> Result<Answer> {
        if num == 0 || size == 0 {
            return Err(Error::input(
                operation,
                "pages and their sizes count from 1",
            ));
        }
        let is_place = |name: &str| ["pgnum", "pgsize"].contains(&&*name.to_ascii_lowercase());
        if let Some((name, _)) = self.params.iter().find(|(name, _)| is_place(name)) {
            let message = format!("the parameter {name} is set already");
            return Err(Error::input(operation, message)
                .with_hint("say which page, and of what size, by page_num and page_size"));
        }
        let call = Call::new(endpoints::ORG_LIST, operation);
        let call = match self.client.flavor().has_numbers() {
            true => call.query("pgNum", num).query("pgSize", size),
            false if num == 1 => call,
            false => {
                let message = "the gateway has no pages: the first one holds everything";
                return Err(Error::input(operation, message));
            }
        };
        self.client.call(self.with_params(call)).await
    }

    /// Returns all organizations, page by page; [`Pages::orgs`] returns them one by one. Nothing is sent yet.
    ///
    /// Reading it sends `GET /api/v1/Org` once for each page.
    pub fn get_all(&self) -> Pages {
        self.get_all_with(GetAll::new())
    }

    /// Returns all organizations, as [`get_all`](Self::get_all) does, read as `how` describes.
    ///
    /// ```no_run
    /// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
    /// use org42::GetAll;
    ///
    /// let mut all = client.orgs().get_all_with(GetAll::new().page_size(100)).orgs();
    /// println!("{} organizations", all.try_collect().await?.len());
    /// # Ok(()) }
    /// ```
    pub fn get_all_with(&self, how: GetAll) -> Pages {
        let size = how.page_size.unwrap_or(self.client.items_per_page());
        let at_once = how.pages_at_once.or(self.client.0.pages_at_once);
        Pages::new(self.clone(), size, at_once, how.allow_partial)
    }
}

#[cfg(feature = "blocking")]
impl blocking::OrgService {
    /// Returns the pages of [`org42::OrgService::get_all`](crate::OrgService::get_all) as an iterator, which blocks
    /// for each page.
    pub fn get_all(&self) -> crate::blocking::pages::Pages {
        self.get_all_with(GetAll::new())
    }

    /// Returns the pages of [`org42::OrgService::get_all_with`](crate::OrgService::get_all_with) as an iterator, which
    /// blocks for each page.
    pub fn get_all_with(&self, how: GetAll) -> crate::blocking::pages::Pages {
        let pages = self.inner.get_all_with(how);
        crate::blocking::pages::Pages::new(pages, self.runtime.clone())
    }
}

#[cfg(feature = "blocking")]
crate::blocking::forms::forms! {
    impl blocking::OrgService {
        pub fn get_page(&self, page: GetPage) -> Result<Response<OrgPage>>;
    }
}
