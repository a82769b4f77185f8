//! The handlers for one-time codes, which the administrator switches on and off.

use axum::extract::State;
use org42_types::endpoints::authority;

use crate::auth::totp;
use crate::domain::Totp;
use crate::http::access::{App, Scoped};
use crate::http::answer::{Bare, NoContent};
use crate::http::carried::Carried;
use crate::http::dto::administration::TotpSecret;
use crate::http::error_reply::ErrorReply;
use crate::store::UserLookup;

crate::http::table::routes! {
    authority {
        TOTP_ON => switch_on,
        TOTP_OFF => switch_off,
    }
}

pub(in crate::http) async fn switch_on(
    State(app): State<App>,
    user: Scoped<UserLookup>,
) -> Result<Carried<Bare<TotpSecret>>, ErrorReply> {
    let secret = totp::new_secret(app.entropy());
    let shown = totp::base32(&secret);
    let totp = Totp {
        secret,
        last_step: 0,
    };
    let switching = user.carry_out(move |user| {
        user.tenant.set_totp(&user.key, Some(&totp))?;
        Ok(Bare(TotpSecret {
            secret: shown.clone(),
            digits: 6,
            period: 30,
            algorithm: "SHA1",
        }))
    });
    Ok(switching.await?)
}

pub(in crate::http) async fn switch_off(user: Scoped<UserLookup>) -> Result<NoContent, ErrorReply> {
    user.change(|user| user.tenant.set_totp(&user.key, None))
        .await?;
    Ok(NoContent)
}
