//! `org42 profile test`: signs in, and keeps which API the server speaks.

use serde_json::{Map, Value};

use super::about::{asked, tested};
use super::context::ProfileCommands;
use crate::connect::AccessOptions;
use crate::exit::{Exit, Failure};
use crate::profile::Profile;

impl ProfileCommands<'_> {
    pub(super) async fn test(&self, name: Option<String>) -> Result<(), Failure> {
        let profiles = self.profiles()?;
        let name = self.named(&profiles, name)?;
        let about = self.sign_in(&name, profiles.get(&name)?.clone()).await?;
        self.printer.one(&about)
    }

    /// Asks the server which API it speaks and keeps that, then signs in anew.
    async fn sign_in(&self, name: &str, profile: Profile) -> Result<Map<String, Value>, Failure> {
        // Refused before anything is sent.
        let options = AccessOptions::of(self.global);
        self.show_unused(&self.caller(&options, name, &profile)?)?;
        let mut profile = profile.trusting(self.global.ca_bundle.as_deref());
        let flavor = match (asked(&profile).await, &profile.flavor) {
            (Ok(flavor), _) => Some(flavor.to_string()),
            // What the profile says counts where the server does not say.
            (Err(failure), Some(known)) if failure.exit == Exit::Conflict => Some(known.clone()),
            (Err(failure), _) => return Err(failure),
        };
        if profile.flavor != flavor {
            let mut profiles = self.edit()?;
            let mut kept = profiles.get(name)?.clone();
            kept.flavor.clone_from(&flavor);
            profiles.put(name, kept)?;
            profiles.write()?;
            profile.flavor = flavor;
        }
        self.forget_token(name);
        let who = self.caller(&options, name, &profile)?;
        let tenant = self.tenant(name, &profile, who)?;
        tested(&tenant).await
    }
}
