//! What there is to say about a profile, and whether it signs in.

use org42::{Flavor, endpoints};
use serde_json::{Map, Value, json};

use crate::commands::whoami::tenant_name;
use crate::connect::{
    Around, Code, Hidden, NO_CODES, Said, Source, Tenant, Who, builder, of_profile, shown_url,
};
use crate::env::Environment;
use crate::exit::Failure;
use crate::profile::{Profile, Profiles, SecretPlace};

/// What there is to say about a profile: no secret.
pub(super) fn document(profiles: &Profiles, name: &str, profile: &Profile) -> Map<String, Value> {
    let who = profile.username.as_ref().or(profile.api_client_id.as_ref());
    let fields = [
        ("name", json!(name)),
        ("default", json!(profiles.default_name() == Some(name))),
        ("url", json!(shown_url(&profile.url))),
        ("flavor", json!(profile.flavor)),
        ("signsInAs", json!(who)),
        ("apiClient", json!(profile.api_client_id.is_some())),
        ("secret", json!(profile.secret_place())),
        ("passwordCommand", json!(profile.password_command)),
        ("totp", json!(profile.totp)),
        ("readOnly", json!(profile.read_only)),
        ("proxy", json!(profile.proxy.as_deref().map(shown_url))),
        ("caBundle", json!(profile.ca_bundle)),
    ];
    let fields = fields.map(|(key, value)| (key.to_owned(), value));
    fields.into_iter().collect()
}

/// What is deleted together with a profile.
pub(super) fn going_along(profile: &Profile) -> &'static str {
    match (profile.secret_place(), profile.totp) {
        (SecretPlace::Keyring, _) | (_, Some(SecretPlace::Keyring)) => {
            ", its secrets in the keyring and its token"
        }
        (SecretPlace::File, _) | (_, Some(SecretPlace::File)) => ", its secrets and its token",
        _ => " and its token",
    }
}

/// Who a profile signs in with a password, or a secret, that is at hand.
pub(super) fn signing_in(
    name: &str,
    profile: &Profile,
    password: String,
    totp: Option<&str>,
) -> Result<Who, Failure> {
    let around = Around {
        environment: &Environment::none(),
        profiles: &|| Ok(Profiles::default()),
    };
    let without_codes = Profile {
        totp: None,
        ..profile.clone()
    };
    match (
        of_profile(&Said::default(), around, name, &without_codes)?,
        totp,
    ) {
        (Who::Person { username, .. }, totp) => Ok(Who::Person {
            username,
            password: Source::at_hand(Some(password)),
            code: match totp {
                Some(secret) => Code::Secret(Hidden(secret.to_owned())),
                None if profile.totp.is_some() => Code::Kept { at_hand: None },
                None => Code::None,
            },
        }),
        (Who::ApiClient { .. }, Some(_)) => Err(Failure::usage(NO_CODES)),
        (Who::ApiClient { .. }, None) if profile.totp.is_some() => Err(Failure::usage(NO_CODES)),
        (Who::ApiClient { id, .. }, None) => Ok(Who::ApiClient {
            id,
            secret: Source::at_hand(Some(password)),
        }),
    }
}

/// Asks the server of a profile which API it speaks.
pub(super) async fn asked(profile: &Profile) -> Result<Flavor, Failure> {
    let mut builder = builder(&profile.url);
    if let Some(proxy) = &profile.proxy {
        builder = builder.proxy(proxy);
    }
    if let Some(file) = &profile.ca_bundle {
        builder = builder.ca_bundle(file);
    }
    Ok(builder.detect_flavor().await?)
}

/// Signs in and says to what.
pub(super) async fn tested(tenant: &Tenant) -> Result<Map<String, Value>, Failure> {
    let customer = tenant.client.get(endpoints::CUSTOMER_MY, &[], &[]).await?;
    let mut about = Map::new();
    about.insert("url".to_owned(), json!(tenant.client.url()));
    let flavor = tenant.client.flavor().to_string();
    about.insert("flavor".to_owned(), json!(flavor));
    about.extend(tenant_name(&customer));
    Ok(about)
}
