//! Describes a profile, and signs in with it.

use org42::{Flavor, endpoints};
use serde_json::{Map, Value, json};

use crate::commands::whoami::tenant_name;
use crate::connect::{
    AccessOptions, CodeSource, Credentials, Hidden, NO_CODES, SecretSource, Surroundings, Tenant,
    builder, of_profile, shown_url,
};
use crate::env::Environment;
use crate::exit::Failure;
use crate::profile::{Profile, Profiles, SecretPlace};

/// Returns a profile as a document, without secrets.
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
        ("silence", json!(profile.silence)),
    ];
    let fields = fields.map(|(key, value)| (key.to_owned(), value));
    fields.into_iter().collect()
}

/// Returns what is deleted together with a profile, for the question.
pub(super) fn going_along(profile: &Profile) -> &'static str {
    match (profile.secret_place(), profile.totp) {
        (SecretPlace::Keyring, _) | (_, Some(SecretPlace::Keyring)) => {
            ", its secrets in the keyring and its token"
        }
        (SecretPlace::File, _) | (_, Some(SecretPlace::File)) => ", its secrets and its token",
        _ => " and its token",
    }
}

/// Returns the credentials of a profile with a password, or a secret, that is at hand.
pub(super) fn signing_in(
    name: &str,
    profile: &Profile,
    password: String,
    totp: Option<&str>,
) -> Result<Credentials, Failure> {
    let surroundings = Surroundings {
        environment: &Environment::none(),
        profiles: &|| Ok(Profiles::default()),
    };
    let without_codes = Profile {
        totp: None,
        ..profile.clone()
    };
    match (
        of_profile(
            &AccessOptions::default(),
            surroundings,
            name,
            &without_codes,
        )?,
        totp,
    ) {
        (Credentials::Person { username, .. }, totp) => Ok(Credentials::Person {
            username,
            password: SecretSource::at_hand(Some(password)),
            code: match totp {
                Some(secret) => CodeSource::Secret(Hidden(secret.to_owned())),
                None if profile.totp.is_some() => CodeSource::Kept { at_hand: None },
                None => CodeSource::None,
            },
        }),
        (Credentials::ApiClient { .. }, Some(_)) => Err(Failure::usage(NO_CODES)),
        (Credentials::ApiClient { .. }, None) if profile.totp.is_some() => {
            Err(Failure::usage(NO_CODES))
        }
        (Credentials::ApiClient { id, .. }, None) => Ok(Credentials::ApiClient {
            id,
            secret: SecretSource::at_hand(Some(password)),
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

/// Signs in, and returns a document of the tenant.
pub(super) async fn tested(tenant: &Tenant) -> Result<Map<String, Value>, Failure> {
    let customer = tenant.client.get(endpoints::CUSTOMER_MY, &[], &[]).await?;
    let mut about = Map::new();
    about.insert("url".to_owned(), json!(tenant.client.url()));
    let flavor = tenant.client.flavor().to_string();
    about.insert("flavor".to_owned(), json!(flavor));
    about.extend(tenant_name(&customer));
    Ok(about)
}
