//! `org42 agent-state`: what the agents of an organization's devices report.

use org42::endpoints;
use serde_json::{Value, json};

use crate::args::{AgentStateArgs, Global, Output};
use crate::commands::find::find;
use crate::connect::connect;
use crate::exit::Failure;
use crate::printer::print;
use crate::rows;

pub(super) async fn run(args: AgentStateArgs, global: &Global) -> Result<(), Failure> {
    let tenant = connect(global).await?;
    tenant.client.check(endpoints::AGENT_STATE_BY_ORG_V14)?;
    let org = find(&tenant, &args.org).await?;
    let orgs = tenant.client.orgs();
    let states = orgs.get_agent_state(org, args.property).await?;
    let states = states.into_value().into_iter();
    let states: Vec<Value> = states.map(|state| json!(state)).collect();
    print(&rows::rows(
        &["deviceGuid", "name", "value"],
        &states,
        global.output.unwrap_or(Output::Table),
    )?)
}
