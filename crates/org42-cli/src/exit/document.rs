//! A failure as one JSON object, for programs.

use org42::{Error, ErrorKind, Happened};
use org42_admin::report::RowResult;
use serde_json::{Value, json};

use super::{Exit, Failure};

impl Failure {
    /// Returns the failure as one object: what was attempted, on which organization, whether it happened, what the server
    /// answered, and the safe next step.
    pub(crate) fn document(&self) -> Value {
        let call = self.call();
        let texts: Vec<String> = self.chain().map(ToString::to_string).collect();
        let (message, causes) = match texts.split_first() {
            Some((message, causes)) => (message.as_str(), causes),
            None => ("", &[][..]),
        };
        let problems: Vec<Value> = call
            .into_iter()
            .flat_map(Error::problems)
            .map(|problem| json!({"name": problem.name, "description": problem.description}))
            .collect();
        let attempts = call.map(Error::attempts).filter(|attempts| *attempts > 0);
        let wait = call.and_then(Error::retry_after);
        json!({
            "error": {
                "message": message,
                "operation": call.map(Error::operation),
                "organization": self.organization(),
                "endpoint": call.and_then(Error::endpoint).map(|endpoint| endpoint.to_string()),
                "attempts": attempts,
                "happened": self.happened().as_str(),
                "kind": call.map(|call| format!("{:?}", call.kind())),
                "httpStatus": call.and_then(Error::http_status),
                "problems": problems,
                "retryAfterSeconds": wait.map(|wait| wait.as_secs()),
                "next": self.next_step(),
                "causes": causes,
            },
            "exit": self.exit.code(),
        })
    }

    /// Returns whether what the command was to do has happened.
    fn happened(&self) -> Happened {
        if let Some(org42_admin::Error::Partial(report)) = self.admin() {
            return match report.count(RowResult::Unknown) {
                0 if report.count(RowResult::Written) == 0 => Happened::No,
                0 => Happened::Yes,
                _ => Happened::Unknown,
            };
        }
        match (self.call(), self.exit) {
            (Some(call), _) => call.happened(),
            // A listing that is short has changed nothing.
            (None, Exit::Incomplete) if self.admin().is_none() => Happened::No,
            (None, Exit::Incomplete) => Happened::Yes,
            (None, Exit::Unknown) => Happened::Unknown,
            (None, _) => Happened::No,
        }
    }

    /// Returns what can safely be done next.
    fn next_step(&self) -> String {
        let call = self.call();
        let of_call = call.and_then(Error::hint);
        // Where it may have happened, the step is to look, whatever else there is to say.
        let hint = match self.happened() {
            Happened::Unknown => of_call.or(self.hint()),
            _ => self.hint().or(of_call),
        };
        if let Some(hint) = hint {
            return hint.to_owned();
        }
        if let Some(wait) = call.and_then(Error::retry_after) {
            return format!("run it again in {} s", wait.as_secs());
        }
        let named = call.map(Error::kind);
        match (self.exit, named) {
            (Exit::Unknown, _) => "look at the organization before repeating it",
            (Exit::Incomplete, _) => "look at what is done, and run it again for the rest",
            (Exit::Usage, _) => "see org42 --help",
            (Exit::NotFound, _) => "see org42 list for the organizations that there are",
            (Exit::NotAllowed, Some(ErrorKind::Forbidden)) => "sign in as someone who may do this",
            (Exit::NotAllowed, _) => "see org42 whoami, and check the credentials",
            (Exit::Unreachable | Exit::Interrupted, _) => "run it again",
            (Exit::Declined, _) => "run it again with --yes",
            (Exit::ReadOnly, _) => "use a profile that may change the tenant",
            (_, Some(ErrorKind::NotTheApi)) => "check the address of the tenant",
            _ => "nothing was changed; mend what the message says, and run it again",
        }
        .to_owned()
    }
}
