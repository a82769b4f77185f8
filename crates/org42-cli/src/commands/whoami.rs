//! `org42 whoami`: shows the caller and the tenant.

use org42::endpoints;
use serde_json::{Map, Value, json};

use crate::args::Global;
use crate::connect::connect;
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) async fn run(global: &Global, printer: Printer) -> Result<(), Failure> {
    let tenant = &connect(global, printer).await?;
    let customer = tenant.client.get(endpoints::CUSTOMER_MY, &[], &[]).await?;
    let mut about = Map::new();
    if tenant.is_user {
        about = tenant.admin.mine().await?.document();
        let me = tenant.client.get(endpoints::USER_MY, &[], &[]).await?;
        for key in ["username", "userId", "userUid"] {
            about.insert(key.to_owned(), me[key].clone());
        }
    } else {
        about.insert("apiClient".to_owned(), json!(true));
    }
    about.insert("url".to_owned(), json!(tenant.client.url()));
    let flavor = tenant.client.flavor().to_string();
    about.insert("flavor".to_owned(), json!(flavor));
    about.extend(tenant_name(&customer));
    printer.one(&about)
}

/// Returns the tenant's name and id, which the gateway calls otherwise.
pub(super) fn tenant_name(customer: &Value) -> Map<String, Value> {
    let uid = customer.get("tenantUid").or(customer.get("tenantId"));
    let mut named = Map::new();
    named.insert("tenant".to_owned(), customer["name"].clone());
    named.insert("tenantUid".to_owned(), uid.cloned().unwrap_or_default());
    named
}
