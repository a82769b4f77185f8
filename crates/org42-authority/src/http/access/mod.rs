//! Access: the state that every handler has, and the gates that hand out the tenant. Handlers, routes and answers do
//! not belong here.
//!
//! The tenant is private to this room. A handler gets it from a [gate](gates), which reads the caller and the path by
//! the endpoint's row in the table, and restricts the tenant to the right that the row names. So no right is
//! forgotten.

mod app;
mod caller;
mod credentials;
mod gates;
mod named;
mod sign_in;
mod token_halves;

pub(crate) use app::App;
pub(super) use caller::{has_session, token_of};
pub(crate) use gates::Admin;
pub(super) use gates::{Allowed, Claim, Listed, Open, Scoped, SignedIn};
pub(super) use sign_in::{TRIES, Wrong, braked, guess, look_at};
pub(super) use token_halves::{halves, joined};
