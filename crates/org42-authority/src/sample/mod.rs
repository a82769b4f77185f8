//! Samples that tenants are filled with, for development and tests: the same organizations, people and devices every
//! time, dated from the day on which they are made. Tenants of customers come from `import`.

mod outline;

use std::sync::Arc;

use org42_types::OrgId;

use crate::auth::{secrets, tokens};
use crate::clock::{Clock, ManualClock};
use crate::domain::roles::DESKTOP_USER;
use crate::domain::rules::{self, NewDevice, NewOrgRecord, NewUser};
use crate::domain::{
    AgentStateRow, Entropy, OrgRecord, OrgState, RowChange, Stamp, TenantRefusal, User,
};
use crate::fidelity::Fidelity;
use crate::service::{
    Caller, OrgCreation, OrgQuery, PageOf, Service, TenantDraft, TenantService, UserQuery, With,
};
use crate::store::{MAX_CHANGES, OrgLookup, Store, UserLookup};
use outline::Outline;

/// The sample that a new tenant is filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sample {
    /// The top organization and the administrator, no more.
    None,
    /// A company of some thirty organizations on four levels, a few of them blocked or deactivated.
    Small,
    /// Exactly this many organizations, the top one counted, each other one with a person and a device.
    Orgs(u32),
}

impl std::str::FromStr for Sample {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::None),
            "small" => Ok(Self::Small),
            number => match number.parse() {
                Ok(orgs @ 1..=10_000_000) => Ok(Self::Orgs(orgs)),
                _ => Err(
                    "small, none, or a number of organizations from 1 to 10000000 is wanted"
                        .to_owned(),
                ),
            },
        }
    }
}

impl std::fmt::Display for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Small => f.write_str("small"),
            Self::Orgs(orgs) => orgs.fmt(f),
        }
    }
}

/// The outline of the small company; two spaces are one level.
const SMALL: &str = "\
Northwind Group
  Europe
    Germany
      Berlin
      Hamburg
      Munich
    France
      Lyon
      Paris
    Nordics
      Copenhagen
      Oslo
      Stockholm
    Former Iberia
      Lisbon
      Madrid
  Americas
    Canada
      Montreal
      Toronto
    United States
      Austin
      Boston
      Seattle
    Contractors
      Field Engineers
      Seasonal Staff
  Asia Pacific
    Australia
      Melbourne
      Sydney
    Japan
      Osaka
      Tokyo
  Headquarters
    Finance
    Legal
    People
  Closed Labs
    Robotics
";

const BLOCKED: &[&str] = &["Contractors", "Osaka"];
const DEACTIVATED: &[&str] = &["Former Iberia", "Closed Labs", "Hamburg"];

const FIRST_NAMES: &[&str] = &[
    "Ada", "Ben", "Chloe", "Dario", "Elif", "Finn", "Grace", "Hugo", "Ines", "Jonas", "Kaya",
    "Liam", "Mira", "Noah", "Olga", "Paul", "Quinn", "Rosa", "Sven", "Tara",
];
const LAST_NAMES: &[&str] = &[
    "Adler", "Bauer", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Hansen", "Ito", "Jensen",
    "Keller", "Lopez", "Meyer", "Novak", "Olsen", "Peters", "Rossi", "Santos", "Tanaka", "Weber",
];
const SYSTEMS: &[&str] = &["mac", "win", "linux"];
const GIGABYTE: u32 = 1_000_000_000;
const DAY_MILLIS: i64 = 86_400_000;

impl Sample {
    /// Founds a tenant in an empty store and fills it with the sample.
    pub(crate) fn fill(
        self,
        store: &Arc<dyn Store>,
        clock: &Arc<dyn Clock>,
        entropy: &Arc<Entropy>,
        admin_username: &str,
    ) -> Result<(), TenantRefusal> {
        // A sample's ids are the same each time, but its signing key must be secret.
        let signing_key = tokens::new_signing_key(entropy);
        let Some(outline) = self.outline() else {
            let service = TenantService::new(
                store.clone(),
                clock.clone(),
                entropy.clone(),
                Fidelity::default(),
            );
            return found(&service, "My Company", admin_username, signing_key);
        };
        let past = Arc::new(ManualClock::new(clock.now().plus_millis(-200 * DAY_MILLIS)));
        let seeded = Arc::new(Entropy::from_seed(42));
        let service = TenantService::new(store.clone(), past.clone(), seeded, Fidelity::default());
        found(&service, &outline.top, admin_username, signing_key)?;
        let read = service.read();
        let top = read.org(&OrgLookup::Top, With::default())?.org;
        let apply = |rows: Vec<RowChange>| service.change_blocking(move |new| new.apply(&rows));
        Filling::new(&read, &apply, 0)?.write(&outline, &[top])?;
        if self == Self::Small {
            past.advance_millis(197 * DAY_MILLIS);
            service.change_blocking(|new| trouble(new, &OrgLookup::Top))?;
        }
        Ok(())
    }

    /// Adds the sample to a tenant, in an organization of its own below the top one; returns that organization's
    /// number.
    pub(crate) fn add_to(self, service: &TenantDraft<'_>) -> Result<OrgId, TenantRefusal> {
        let nothing = "nothing is added by none: small or a number of organizations is wanted";
        let outline = self
            .outline()
            .ok_or_else(|| TenantRefusal::Invalid(nothing.to_owned()))?;
        let mut made = Err(TenantRefusal::OrgDuplicate);
        let later = (2_u32..).map(|number| format!("{} {number}", outline.top));
        for name in std::iter::once(outline.top.clone()).chain(later) {
            made = service.create_org(&OrgCreation {
                name: Some(name),
                ..OrgCreation::default()
            });
            if !matches!(made, Err(TenantRefusal::OrgDuplicate)) {
                break;
            }
        }
        let id = made?.org.id;
        let top = service.org(&OrgLookup::Top, With::default())?.org;
        let under = service.org(&OrgLookup::Id(id), With::default())?.org;
        // Numbers go on from the tenant's, so that people's names stay unique however often a sample is added.
        let people = service.tenant()?.next_id as usize;
        let apply = |rows: Vec<RowChange>| service.apply(&rows);
        Filling::new(service, &apply, people)?.write(&outline, &[top, under])?;
        if self == Self::Small {
            trouble(service, &OrgLookup::Id(id))?;
        }
        Ok(id)
    }

    fn outline(self) -> Option<Outline> {
        match self {
            Self::None => None,
            Self::Small => Some(Outline::of_text(SMALL, 2)),
            Self::Orgs(orgs) => Some(Outline::of_number(orgs)),
        }
    }
}

fn found(
    service: &TenantService,
    top: &str,
    admin_username: &str,
    signing_key: Vec<u8>,
) -> Result<(), TenantRefusal> {
    let (top, admin_username) = (top.to_owned(), admin_username.to_owned());
    service.change_blocking(move |new| new.found(&top, &admin_username, &signing_key))
}

/// A buffer of rows, which writes as many at once as a commit may have.
struct Filling<'a> {
    service: &'a Service<'a>,
    apply: &'a dyn Fn(Vec<RowChange>) -> Result<(), TenantRefusal>,
    stamp: Stamp,
    next_id: u32,
    people: usize,
    rows: Vec<RowChange>,
}

impl<'a> Filling<'a> {
    fn new(
        service: &'a Service<'a>,
        apply: &'a dyn Fn(Vec<RowChange>) -> Result<(), TenantRefusal>,
        people: usize,
    ) -> Result<Self, TenantRefusal> {
        let tenant = service.tenant()?;
        let stamp = Stamp {
            revision: tenant.revision.next(),
            now: service.clock().now(),
        };
        Ok(Self {
            service,
            apply,
            stamp,
            next_id: tenant.next_id,
            people,
            rows: Vec::new(),
        })
    }

    fn take_id(&mut self) -> u32 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    /// Writes the outline below the last organization of `under`.
    fn write(mut self, outline: &Outline, under: &[OrgRecord]) -> Result<(), TenantRefusal> {
        let mut ways = outline.ways(under);
        for (place, (name, _)) in outline.below.iter().enumerate() {
            let mut way = ways.down_to_parent(place);
            let changes = rules::create_org(&way, None, self.new_org(name), self.stamp)?;
            let made = changes.iter().find_map(|change| match change {
                RowChange::Org(org) => Some(org.clone()),
                _ => None,
            });
            let org = made.ok_or(TenantRefusal::OrgNotFound)?;
            ways.learn(place, &org);
            way.push(org);
            self.add(changes)?;
            for _ in 0..outline.people {
                self.add_person(&way)?;
            }
        }
        // The top organization gets a person only if it is the sample's only organization.
        if outline.below.is_empty() {
            self.add_person(under)?;
        }
        self.commit()
    }

    fn new_org(&mut self, name: &str) -> NewOrgRecord {
        let entropy = self.service.entropy().clone();
        NewOrgRecord {
            id: self.take_id().into(),
            uid: entropy.org_uid(),
            guid: entropy.org_guid(),
            registration_key: entropy.registration_key(),
            name: name.to_owned(),
            ext_ref: None,
            notes: None,
        }
    }

    /// Adds a person with a device that has finished a backup.
    fn add_person(&mut self, way: &[OrgRecord]) -> Result<(), TenantRefusal> {
        let (Some(org), state) = (way.last(), OrgState::of_way(way)) else {
            return Ok(());
        };
        let entropy = self.service.entropy().clone();
        let place = self.people;
        self.people += 1;
        let first = FIRST_NAMES[place % FIRST_NAMES.len()];
        let last = LAST_NAMES[(place * 7 + place / FIRST_NAMES.len()) % LAST_NAMES.len()];
        let username = format!(
            "{}.{}.{place}@example.com",
            first.to_lowercase(),
            last.to_lowercase()
        );
        let new = NewUser {
            id: self.take_id(),
            uid: entropy.decimal(),
            email: Some(username.clone()),
            username,
            first_name: Some(first.to_owned()),
            last_name: Some(last.to_owned()),
            notes: None,
            password_hash: None,
            roles: vec![DESKTOP_USER.to_owned()],
        };
        let changes = rules::create_user(org, &state, None, new, self.stamp)?;
        let user = changes.iter().find_map(|change| match change {
            RowChange::User(user) => Some(user.clone()),
            _ => None,
        });
        self.add(changes)?;
        user.map_or(Ok(()), |user| self.add_device(&state, &user, place))
    }

    fn add_device(
        &mut self,
        state: &OrgState,
        user: &User,
        place: usize,
    ) -> Result<(), TenantRefusal> {
        let entropy = self.service.entropy().clone();
        let os_name = SYSTEMS[place % SYSTEMS.len()];
        let new = NewDevice {
            id: self.take_id(),
            guid: entropy.decimal(),
            plan_uid: entropy.decimal(),
            name: format!("{os_name}-{place:04}"),
            os_name: os_name.to_owned(),
            secret_hash: secrets::digest(&Entropy::from_system().secret()),
        };
        let mut changes = rules::register_device(state, state, user, 0, new, self.stamp)?;
        let device = changes.iter().find_map(|change| match change {
            RowChange::Device(device) => Some(device.clone()),
            _ => None,
        });
        if let Some(device) = device {
            let user_state = crate::domain::UserState::of(state, user);
            let device_state = crate::domain::DeviceState::of(state, &user_state, &device);
            let bytes = u64::from(entropy.below(GIGABYTE)) * 80;
            changes = rules::back_up(
                &device_state,
                &device,
                &[],
                entropy.decimal(),
                bytes,
                self.stamp,
            )?;
            // Some of the Macs have full disk access, some have not, and some have not reported.
            if let ("mac", value @ ("true" | "false")) =
                (os_name, ["true", "false", ""][place / 3 % 3])
            {
                changes.push(RowChange::AgentState(AgentStateRow {
                    device_guid: device.guid,
                    name: "fullDiskAccess".to_owned(),
                    value: value.to_owned(),
                }));
            }
        }
        self.add(changes)
    }

    fn add(&mut self, changes: Vec<RowChange>) -> Result<(), TenantRefusal> {
        if self.rows.len() + changes.len() >= MAX_CHANGES {
            self.commit()?;
        }
        self.rows.extend(changes);
        Ok(())
    }

    fn commit(&mut self) -> Result<(), TenantRefusal> {
        self.rows.push(RowChange::NextId(self.next_id));
        (self.apply)(std::mem::take(&mut self.rows))?;
        self.stamp.revision = self.service.tenant()?.revision.next();
        Ok(())
    }
}

/// Blocks and deactivates a few organizations and people of the small company.
fn trouble(service: &TenantDraft<'_>, under: &OrgLookup) -> Result<(), TenantRefusal> {
    let everything = OrgQuery {
        page: PageOf { num: 1, size: 1000 },
        under: Some(under.clone()),
        ..OrgQuery::default()
    };
    let orgs = service.list_orgs(&everything)?.rows;
    for view in &orgs {
        let key = OrgLookup::Id(view.org.id);
        if BLOCKED.contains(&view.org.name.as_str()) {
            service.block_org(&Caller::ApiClient, &key)?;
        }
        if DEACTIVATED.contains(&view.org.name.as_str()) {
            service.deactivate_org(&Caller::ApiClient, &key)?;
        }
    }
    // In an open organization, one person is blocked alone and one deactivated alone.
    let first = UserQuery {
        page: PageOf { num: 1, size: 3 },
        under: Some(under.clone()),
        ..UserQuery::default()
    };
    let people = service
        .list_users(&first)?
        .rows
        .into_iter()
        .map(|view| view.user)
        .filter(|user| !user.is_admin());
    if let [blocked, deactivated] = people.collect::<Vec<_>>().as_slice() {
        service.block_user(&Caller::ApiClient, &UserLookup::Id(blocked.id))?;
        service.deactivate_user(&Caller::ApiClient, &UserLookup::Id(deactivated.id), false)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_small_company_has_four_levels() {
        let outline = Outline::of_text(SMALL, 1);
        assert!(outline.below.len() >= 30, "{}", outline.below.len());
        let depth = |mut place: usize| {
            let mut depth = 2;
            while let Some(parent) = outline.below[place].1 {
                place = parent;
                depth += 1;
            }
            depth
        };
        assert_eq!((0..outline.below.len()).map(depth).max(), Some(4));
    }

    #[test]
    fn a_numbered_tenant_has_exactly_so_many_organizations() {
        for orgs in [1, 2, 13, 14, 1501] {
            let outline = Outline::of_number(orgs);
            assert_eq!(outline.below.len() + 1, orgs as usize);
            let earlier = |(place, (_, parent)): (usize, &(String, Option<usize>))| {
                parent.is_none_or(|p| p < place)
            };
            assert!(outline.below.iter().enumerate().all(earlier), "{orgs}");
        }
    }
}
