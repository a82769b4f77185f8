//! `org42 authority openapi`: writes the OpenAPI document of everything that an authority serves.

use crate::exit::Failure;
use crate::printer::Printer;

pub(super) fn run(printer: Printer) -> Result<(), Failure> {
    printer.result(org42_authority::openapi())
}
