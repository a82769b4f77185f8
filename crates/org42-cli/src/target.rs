//! How an organization is named on the command line. The kind is told by form alone, never by trying.

use org42::{Org, OrgGuid, OrgId, OrgUid, RegistrationKey};

use crate::exit::{Exit, Failure};
use crate::forest::Forest;

/// An organization as the user named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Id(OrgId),
    Uid(OrgUid),
    Guid(OrgGuid),
    Path(Vec<String>),
    Name(String),
    ExtRef(String),
    My,
}

impl std::str::FromStr for Target {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let usage = |error: org42::IdError| Failure::of(Exit::Usage, error);
        if let Some((kind, value)) = text.split_once(':') {
            match kind {
                "name" | "ext" if value.is_empty() => {
                    let message = format!("{kind}: wants something after the colon");
                    return Err(Failure::usage(message));
                }
                "id" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                    return number(value);
                }
                "id" => return value.parse().map(Self::Id).map_err(usage),
                "uid" => return value.parse().map(Self::Uid).map_err(usage),
                "guid" => return value.parse().map(Self::Guid).map_err(usage),
                "name" => return Ok(Self::Name(value.to_owned())),
                "ext" => return Ok(Self::ExtRef(value.to_owned())),
                _ => {}
            }
        }
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text {
            "my" => Ok(Self::My),
            "" => Err(Failure::usage("an organization has a name")),
            _ if text.starts_with('/') => Ok(Self::Path(segments(text))),
            _ if digits && text.len() <= 10 => number(text),
            _ if digits && (18..=20).contains(&text.len()) => {
                text.parse().map(Self::Uid).map_err(usage)
            }
            _ if is_guid(text) => text.parse().map(Self::Guid).map_err(usage),
            _ => Ok(Self::Name(text.to_owned())),
        }
    }
}

/// Digits can be more than any id is; then there is none such.
fn number(digits: &str) -> Result<Target, Failure> {
    let not_found = |error: org42::IdError| Failure::of(Exit::NotFound, error);
    digits.parse().map(Target::Id).map_err(not_found)
}

/// `/A\/B/C` is `A/B` and `C`.
fn segments(path: &str) -> Vec<String> {
    let mut segments = vec![String::new()];
    let mut chars = path.chars().skip(1).peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek() == Some(&'/') => {
                chars.next();
                segments
                    .iter_mut()
                    .last()
                    .into_iter()
                    .for_each(|segment| segment.push('/'));
            }
            '/' => segments.push(String::new()),
            c => segments
                .iter_mut()
                .last()
                .into_iter()
                .for_each(|segment| segment.push(c)),
        }
    }
    segments.retain(|segment| !segment.is_empty());
    segments
}

/// A UUID, or a registration key in lower case without dashes: what older organizations have for a guid.
fn is_guid(text: &str) -> bool {
    let uuid = text.len() == 36
        && text.char_indices().all(|(i, c)| match i {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        });
    let key = |byte: u8| {
        !byte.is_ascii_uppercase() && RegistrationKey::ALPHABET.contains(&byte.to_ascii_uppercase())
    };
    uuid || (text.len() == 16 && text.bytes().all(key))
}

impl Target {
    /// Finds the organization among all of the tenant.
    pub(crate) fn find<'a>(&self, forest: &'a Forest) -> Result<&'a Org, Failure> {
        let found: Vec<&Org> = match self {
            Self::Path(path) => forest.at(path),
            _ => forest.orgs().filter(|org| self.matches(org)).collect(),
        };
        match found[..] {
            [org] => Ok(org),
            [] => Err(Failure::new(
                Exit::NotFound,
                format!("there is no organization with {}", self.words()),
            )),
            _ => {
                let mut message = format!(
                    "{} organizations have {}; say which by id:",
                    found.len(),
                    self.words()
                );
                for org in found {
                    message.push_str(&format!(
                        "\n  {}  {}",
                        org.key(),
                        crate::rows::printable(&forest.path_of(org))
                    ));
                }
                Err(Failure::new(Exit::NotFound, message))
            }
        }
    }

    fn matches(&self, org: &Org) -> bool {
        match self {
            Self::Id(id) => org.org_id == Some(*id),
            Self::Uid(uid) => org.org_uid.as_ref() == Some(uid),
            Self::Guid(guid) => org
                .org_guid
                .as_ref()
                .is_some_and(|own| own.as_str().eq_ignore_ascii_case(guid.as_str())),
            Self::Name(name) => org.org_name == *name,
            Self::ExtRef(ext_ref) => org.org_ext_ref.as_deref() == Some(ext_ref),
            Self::Path(_) | Self::My => false,
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Id(id) => format!("the id {id}"),
            Self::Uid(uid) => format!("the uid {uid}"),
            Self::Guid(guid) => format!("the guid {guid}"),
            Self::Path(path) => format!("the path /{}", path.join("/")),
            Self::Name(name) => format!("the name {name:?}"),
            Self::ExtRef(ext_ref) => format!("the external reference {ext_ref:?}"),
            Self::My => "you in it".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_tells_the_kind() {
        let kind = |text: &str| text.parse::<Target>().unwrap();
        assert_eq!(kind("42"), Target::Id(42.into()));
        assert_eq!(
            kind("890854247383106706"),
            Target::Uid("890854247383106706".parse().unwrap())
        );
        assert_eq!(kind("12345678901"), Target::Name("12345678901".to_owned()));
        assert!(matches!(
            kind("a9578c3d-736b-4d96-80e5-71edd8a11ea3"),
            Target::Guid(_)
        ));
        assert!(matches!(kind("8c97h74umc2s8mmm"), Target::Guid(_)));
        assert!(matches!(kind("8C97H74UMC2S8MMM"), Target::Name(_)));
        assert_eq!(kind("name:42"), Target::Name("42".to_owned()));
        assert_eq!(kind("ext:A:7"), Target::ExtRef("A:7".to_owned()));
        assert_eq!(
            kind("Sales: North"),
            Target::Name("Sales: North".to_owned())
        );
        assert_eq!(
            kind(r"/Europe/A\/B"),
            Target::Path(vec!["Europe".to_owned(), "A/B".to_owned()])
        );
        assert_eq!(kind("my"), Target::My);
        assert!("id:x".parse::<Target>().is_err() && "".parse::<Target>().is_err());
    }
}
