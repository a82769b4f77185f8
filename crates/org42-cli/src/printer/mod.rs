//! Writes for the command: results to standard output; notes, warnings, failures and progress to standard error. Nothing
//! else writes there, save clap its help. Prompts go to the terminal itself.

mod progress;

use std::fmt::Display;
use std::io::{ErrorKind, Write as _};

use serde_json::{Map, Value};

use crate::args::Output;
use crate::exit::{Exit, Failure};
use crate::rows;

pub(crate) use progress::{Counting, Pause};

/// Writes results in the form that was asked for, and notes. Every command is handed one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printer {
    /// The form that `--output` names.
    form: Option<Output>,
}

impl Printer {
    pub(crate) fn new(form: Option<Output>) -> Self {
        Self { form }
    }

    /// Returns the form of a result, and `default` where none was asked for.
    pub(crate) fn form(self, default: Output) -> Output {
        self.form.unwrap_or(default)
    }

    /// Returns whether a form was asked for, so that commands with no result of their own write one.
    pub(crate) fn is_form_given(self) -> bool {
        self.form.is_some()
    }

    /// Writes a result. A reader of the first lines alone, as `head` is, got what it wanted.
    pub(crate) fn result(self, text: impl AsRef<[u8]>) -> Result<(), Failure> {
        self.piece(text.as_ref()).map(drop)
    }

    /// Writes a piece of a result; returns whether somebody reads on.
    pub(crate) fn piece(self, piece: &[u8]) -> Result<bool, Failure> {
        let mut out = std::io::stdout().lock();
        match out.write_all(piece).and_then(|()| out.flush()) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(unwritten(error)),
        }
    }

    /// Writes documents as rows with these columns; as a table unless another form was asked for.
    pub(crate) fn rows(
        self,
        columns: &'static [&'static str],
        documents: &[Value],
    ) -> Result<(), Failure> {
        self.result(&rows::rows(columns, documents, self.form(Output::Table))?)
    }

    /// Writes one document; as a table unless another form was asked for.
    pub(crate) fn one(self, document: &Map<String, Value>) -> Result<(), Failure> {
        self.result(&rows::one(document, self.form(Output::Table))?)
    }

    /// Writes a note for people. A closed stream is no failure.
    pub(crate) fn note(self, text: impl Display) {
        let _ = writeln!(anstream::stderr(), "{text}");
    }

    /// Writes a note that begins with the command's name, about something the user did not ask for.
    pub(crate) fn remark(self, text: impl Display) {
        self.note(format_args!("org42: {text}"));
    }

    /// Writes a warning.
    pub(crate) fn warning(self, text: impl Display) {
        self.remark(format_args!("warning: {text}"));
    }

    /// Writes why the command failed: as one JSON object where JSON was asked for.
    pub(crate) fn failure(self, failure: &Failure) {
        match self.form {
            Some(Output::Json | Output::Jsonl) => self.note(failure.document()),
            _ => self.remark(failure.text()),
        }
    }

    /// Waits for `work`; what takes longer than a second is shown, to people only.
    pub(crate) async fn progress<T>(self, what: String, work: impl Future<Output = T>) -> T {
        progress::shown(what, work).await
    }

    /// Returns a bar that counts what is done of many things, for people only.
    pub(crate) fn counting(self) -> Counting {
        Counting::new()
    }
}

/// Returns the failure of a result that could not be written.
pub(crate) fn unwritten(error: std::io::Error) -> Failure {
    Failure::because(Exit::Failed, "cannot write the result", error)
}
