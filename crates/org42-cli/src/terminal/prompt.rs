//! Questions to the person at the terminal.

use std::io::IsTerminal as _;

use super::guard::{Kept, hidden_line};
use super::progress::Quiet;
use crate::exit::Failure;
use crate::printer::say;

/// Asks for a secret, which is not shown while it is typed.
pub(crate) fn prompt(what: &str, whose: &str) -> Result<String, Failure> {
    let failed = |reason: &dyn std::fmt::Display| {
        let message = format!("no {} of {whose}: {reason}", what.to_lowercase());
        Failure::new(Failure::NOT_ALLOWED, message)
    };
    if !std::io::stdin().is_terminal() {
        return Err(failed(&"there is nobody to ask"));
    }
    let _quiet = Quiet::now();
    hidden_line(&format!("{what} of {whose}: ")).map_err(|error| failed(&error))
}

/// Asks whether to do it.
pub(crate) fn confirm(what: &str) -> Result<(), Failure> {
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        let message = "this needs --yes where nobody can be asked; nothing was changed";
        return Err(Failure::new(Failure::DECLINED, message));
    }
    let _kept = Kept::now(&format!("{what}? [y/N]\n"));
    say(&format!("{what}? [y/N]"));
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    let agreed = matches!(answer.trim().to_lowercase().as_str(), "y" | "yes");
    if read.is_err() || !agreed {
        return Err(Failure::new(Failure::DECLINED, "nothing was changed"));
    }
    Ok(())
}
