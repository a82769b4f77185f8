//! Questions to the user at the terminal.

use std::io::IsTerminal as _;

use super::guard::{TerminalGuard, hidden_line};
use crate::exit::{Exit, Failure};
use crate::printer::{Pause, Printer};

/// Asks for a secret, which is not shown while it is typed.
pub(crate) fn prompt(what: &str, whose: &str) -> Result<String, Failure> {
    let none = format!("no {} of {whose}", what.to_lowercase());
    if !std::io::stdin().is_terminal() {
        let message = format!("{none}: there is nobody to ask");
        return Err(Failure::new(Exit::NotAllowed, message));
    }
    let _pause = Pause::now();
    let typed = hidden_line(&format!("{what} of {whose}: "));
    typed.map_err(|error| Failure::because(Exit::NotAllowed, none, error))
}

/// Asks whether to do something; anything but a yes is a failure.
pub(crate) fn confirm(printer: Printer, what: &str) -> Result<(), Failure> {
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        let message = "this needs --yes where nobody can be asked; nothing was changed";
        return Err(Failure::new(Exit::Declined, message));
    }
    let _guard = TerminalGuard::now(&format!("{what}? [y/N]\n"));
    printer.note(format_args!("{what}? [y/N]"));
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    let agreed = matches!(answer.trim().to_lowercase().as_str(), "y" | "yes");
    if read.is_err() || !agreed {
        return Err(Failure::new(Exit::Declined, "nothing was changed"));
    }
    Ok(())
}
