//! `org42 agent-state`: shows what the agents of an organization's devices report.

use org42::endpoints;
use serde_json::{Value, json};

use crate::args::{AgentStateArgs, Global};
use crate::commands::find::find;
use crate::connect::connect;
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) async fn run(
    args: AgentStateArgs,
    global: &Global,
    printer: Printer,
) -> Result<(), Failure> {
    let tenant = connect(global, printer).await?;
    tenant.client.check(endpoints::AGENT_STATE_BY_ORG_V14)?;
    let org = find(&tenant, &args.org).await?;
    let orgs = tenant.client.orgs();
    let states = orgs.get_agent_state(&org, args.property).await?;
    let states = states.into_value().into_iter();
    let states: Vec<Value> = states.map(|state| json!(state)).collect();
    printer.rows(&["deviceGuid", "name", "value"], &states)
}
