//! What the signed-in person may do, as far as that is known before it is tried.

use org42::endpoints::{Right, USER_MY};
use org42::{Org, roles::Role};
use serde_json::Value;

use crate::admin::Admin;
use crate::refusal::Refusal;

impl Admin {
    /// Returns the refusal of what the roles of the signed-in person do not allow over an organization; `None` where they
    /// allow it, and where that is not known: API clients have no roles that can be read, and servers have roles of their
    /// own.
    pub(crate) async fn lacking(&self, right: Right, org: &Org) -> Option<Refusal> {
        let me = self
            .client()
            .get(USER_MY, &[], &[("incRoles", "true")])
            .await;
        let me = me.ok()?;
        let names: Vec<&str> = me["roles"]
            .as_array()?
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let roles: Vec<&Role> = names
            .iter()
            .map(|name| Role::find(name))
            .collect::<Option<_>>()?;
        let has = |role: &&&Role| role.rights.contains(&right);
        let (everywhere, inside): (Vec<&Role>, Vec<&Role>) = roles
            .iter()
            .filter(has)
            .partition(|role| role.is_everywhere);
        let is_allowed = match (everywhere.is_empty(), inside.is_empty()) {
            (false, _) => true,
            (true, true) => false,
            (true, false) => {
                let (mine, tree) = (self.mine().await.ok()?, self.tree().await.ok()?);
                let is_it = |below: &&Org| below.key() == org.key();
                tree.subtree(&mine).iter().any(is_it)
            }
        };
        let roles = names.join(", ");
        (!is_allowed).then_some(Refusal::NotAllowed { roles })
    }
}
