//! The tenant that a command is connected to.

use std::sync::Arc;

use org42::{Client, Endpoint, endpoints};
use org42_admin::{Admin, Tree};
use org42_authority::Authority;
use tokio::sync::OnceCell;

use crate::args::Global;
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::printer::Printer;

/// A client of a tenant, what the tenant is called, and the authority in this process where there is one.
pub(crate) struct Tenant {
    pub(crate) client: Client,
    pub(crate) admin: Admin,
    /// What messages call the tenant.
    pub(crate) name: String,
    pub(crate) is_user: bool,
    pub(crate) printer: Printer,
    title: OnceCell<String>,
    /// The embedded authority, which ends with this.
    _authority: Option<EndsWithCommand>,
}

impl Tenant {
    pub(crate) fn new(
        client: Client,
        name: String,
        is_user: bool,
        authority: Option<Authority>,
        printer: Printer,
    ) -> Self {
        interrupt::register(&client);
        Self {
            admin: Admin::new(client.clone()),
            client,
            name,
            is_user,
            printer,
            title: OnceCell::new(),
            _authority: authority.map(EndsWithCommand),
        }
    }

    /// Returns the name for questions and previews: with what the tenant calls itself, since many may share one address.
    pub(crate) async fn title(&self) -> &str {
        let read = || async {
            let customer = self.client.get(endpoints::CUSTOMER_MY, &[], &[]).await;
            // A caller that may not read it sees the address alone.
            match customer
                .as_ref()
                .ok()
                .and_then(|customer| customer["name"].as_str())
            {
                Some(name) => format!("{name:?}, {}", self.name),
                None => self.name.clone(),
            }
        };
        self.title.get_or_init(read).await
    }

    /// Returns the same tenant, whose listing may be short.
    pub(crate) fn allowing_partial(self, allow: bool) -> Self {
        Self {
            admin: self.admin.allow_partial(allow),
            ..self
        }
    }

    /// Says what is missing of a listing whose organizations were written; a failure unless that is allowed.
    pub(crate) fn check_whole(
        &self,
        came: u64,
        missing: u64,
        global: &Global,
    ) -> Result<(), Failure> {
        match missing {
            0 => Ok(()),
            missing => {
                let counted = missing.saturating_add(came);
                let message = format!(
                    "only {came} of the {counted} organizations that the server counts have come, {missing} are missing"
                );
                if !global.allow_partial {
                    return Err(Failure::new(Exit::Incomplete, message)
                        .advising("run it again, or take what came with --allow-partial"));
                }
                self.printer.warning(message);
                Ok(())
            }
        }
    }

    /// Returns all organizations as a tree, listed once.
    pub(crate) async fn tree(&self) -> Result<Arc<Tree>, Failure> {
        let reading = self.admin.tree();
        Ok(self.printer.progress(self.listing(), reading).await?)
    }

    /// Returns what is shown while the organizations are listed.
    pub(crate) fn listing(&self) -> String {
        format!("listing the organizations of {}", self.name)
    }

    /// Refuses a change that the client would refuse, before a question is asked or anything is read. A dry run changes
    /// nothing: a read-only profile allows it.
    pub(crate) fn may_change(&self, endpoint: Endpoint, dry_run: bool) -> Result<(), Failure> {
        match self.client.check(endpoint) {
            Err(error) if error.is_read_only() && dry_run => Ok(()),
            checked => Ok(checked?),
        }
    }
}

/// An authority that ends with the command.
struct EndsWithCommand(Authority);

impl Drop for EndsWithCommand {
    fn drop(&mut self) {
        // Its tasks may outlive it, to the end of the process.
        self.0.close();
    }
}
