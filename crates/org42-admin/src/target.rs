//! How people name an organization: the kind follows from the form of the text alone, never from trying.

use std::fmt;
use std::str::FromStr;

use org42::{Org, OrgGuid, OrgId, OrgUid, RegistrationKey};

use crate::error::{Ambiguous, Candidate, Error, Result};
use crate::text::one_line;
use crate::tree::{Tree, segment};

/// An organization as it is named.
///
/// | text | what it is |
/// |---|---|
/// | up to 10 digits | a number |
/// | 18 to 20 digits | a uid |
/// | a UUID, or 16 letters and digits as older organizations have them | a guid |
/// | `/Europe/Paris`, `/Top/Europe/Paris` | a path; `\/` is a slash in a name |
/// | `my` | the organization of the signed-in person |
/// | `id:`, `uid:`, `guid:`, `name:`, `ext:` and something | that, the last one an external reference |
/// | anything else | a name |
///
/// [`Display`](fmt::Display) writes a text that reads as the same target.
///
/// ```
/// use org42_admin::Target;
///
/// assert_eq!("42".parse::<Target>()?, Target::Id(42.into()));
/// assert_eq!("name:42".parse::<Target>()?, Target::Name("42".to_owned()));
/// assert_eq!("/Europe/Paris".parse::<Target>()?.to_string(), "/Europe/Paris");
/// assert!("id:x".parse::<Target>().is_err());
/// # Ok::<(), org42_admin::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Target {
    /// By number.
    Id(OrgId),
    /// By uid.
    Uid(OrgUid),
    /// By guid, in capitals or not.
    Guid(OrgGuid),
    /// By the names on the way down to it, with or without the top organization.
    Path(Vec<String>),
    /// By name, where only one has it.
    Name(String),
    /// By external reference, where only one has it.
    ExtRef(String),
    /// The organization of the signed-in person.
    My,
}

impl FromStr for Target {
    type Err = Error;

    /// Reads a target. A number that is larger than any id reads as [`Error::NotFound`].
    fn from_str(text: &str) -> Result<Self> {
        let wrong = |error: org42::IdError| Error::InvalidInput(error.to_string());
        if let Some((kind, value)) = text.split_once(':') {
            match kind {
                "name" | "ext" if value.is_empty() => {
                    let message = format!("{kind}: wants something after the colon");
                    return Err(Error::InvalidInput(message));
                }
                "id" if !value.is_empty() && are_digits(value) => return number(value),
                "id" => return value.parse().map(Self::Id).map_err(wrong),
                "uid" => return value.parse().map(Self::Uid).map_err(wrong),
                "guid" => return value.parse().map(Self::Guid).map_err(wrong),
                "name" => return Ok(Self::Name(value.to_owned())),
                "ext" => return Ok(Self::ExtRef(value.to_owned())),
                _ => {}
            }
        }
        match text {
            "my" => Ok(Self::My),
            "" => Err(Error::InvalidInput("an organization has a name".to_owned())),
            _ if text.starts_with('/') => Ok(Self::Path(segments(text))),
            _ if are_digits(text) && text.len() <= 10 => number(text),
            _ if are_digits(text) && (18..=20).contains(&text.len()) => {
                text.parse().map(Self::Uid).map_err(wrong)
            }
            _ if is_guid(text) => text.parse().map(Self::Guid).map_err(wrong),
            _ => Ok(Self::Name(text.to_owned())),
        }
    }
}

fn are_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Digits can be more than any id is; then there is none such.
fn number(digits: &str) -> Result<Target> {
    let not_found = |error: org42::IdError| Error::NotFound(error.to_string());
    digits.parse().map(Target::Id).map_err(not_found)
}

/// Returns the names in a path: `/A\/B/C` is `A/B` and `C`. Of backslashes before a slash or at the end each two are one, so
/// that a name can end with one; elsewhere they are themselves.
fn segments(path: &str) -> Vec<String> {
    let mut segments = Vec::new();
    let mut segment = String::new();
    let mut rest = path;
    while let Some(at) = rest.find(['/', '\\']) {
        segment.push_str(&rest[..at]);
        let after = rest[at..].trim_start_matches('\\');
        let backslashes = rest.len() - at - after.len();
        let counts = after.is_empty() || after.starts_with('/');
        let kept = match counts {
            true => backslashes / 2,
            false => backslashes,
        };
        segment.push_str(&r"\".repeat(kept));
        let is_odd = counts && backslashes % 2 == 1;
        rest = match after.strip_prefix('/') {
            Some(after) if is_odd => {
                segment.push('/');
                after
            }
            Some(after) => {
                segments.push(std::mem::take(&mut segment));
                after
            }
            None => {
                segment.extend(is_odd.then_some('\\'));
                after
            }
        };
    }
    segment.push_str(rest);
    segments.push(segment);
    segments.retain(|segment| !segment.is_empty());
    segments
}

/// Recognizes a UUID, or a registration key in lower case without dashes: what older organizations have for a guid.
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

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "id:{id}"),
            Self::Uid(uid) => write!(f, "uid:{uid}"),
            Self::Guid(guid) => write!(f, "guid:{guid}"),
            Self::Path(path) if path.is_empty() => f.write_str("/"),
            Self::Path(path) => path
                .iter()
                .try_for_each(|name| write!(f, "/{}", segment(name))),
            Self::Name(name) => write!(f, "name:{name}"),
            Self::ExtRef(ext_ref) => write!(f, "ext:{ext_ref}"),
            Self::My => f.write_str("my"),
        }
    }
}

impl From<OrgId> for Target {
    fn from(id: OrgId) -> Self {
        Self::Id(id)
    }
}

impl From<OrgUid> for Target {
    fn from(uid: OrgUid) -> Self {
        Self::Uid(uid)
    }
}

impl From<OrgGuid> for Target {
    fn from(guid: OrgGuid) -> Self {
        Self::Guid(guid)
    }
}

/// By guid where there is one, else by number.
impl TryFrom<&Org> for Target {
    type Error = Error;

    fn try_from(org: &Org) -> Result<Self> {
        match (&org.org_guid, org.org_id) {
            (Some(guid), _) => Ok(Self::Guid(guid.clone())),
            (None, Some(id)) => Ok(Self::Id(id)),
            (None, None) => {
                let message = format!("{:?} has neither a guid nor a number", org.org_name);
                Err(Error::InvalidInput(message))
            }
        }
    }
}

/// How many organizations an error names.
const MOST_CANDIDATES: usize = 20;
/// How many letters of a name it shows, and about how many of a path.
const NAME: usize = 120;
const PATH: usize = 120;

impl Target {
    /// Finds the organization among all of a listing; never [`My`](Self::My), of which a listing does not know.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], and [`Error::Ambiguous`] where several have the name, the path or the reference.
    pub fn find_in<'a>(&self, tree: &'a Tree) -> Result<&'a Org> {
        let found: Vec<&Org> = match self {
            Self::Path(path) => tree.at(path),
            _ => tree.orgs().filter(|org| self.matches(org)).collect(),
        };
        match found[..] {
            [org] => Ok(org),
            [] => Err(self.not_found()),
            _ => Err(several(tree, &found, self.words())),
        }
    }

    /// Finds the top organization of a tree.
    pub(crate) fn top_of(tree: &Tree) -> Result<&Org> {
        let tops: Vec<&Org> = tree.tops().collect();
        match tops[..] {
            [top] => Ok(top),
            [] => Err(Error::NotFound("no organization is visible".to_owned())),
            _ => {
                let what = "no visible organization above them".to_owned();
                Err(several(tree, &tops, what))
            }
        }
    }

    pub(crate) fn not_found(&self) -> Error {
        Error::NotFound(format!("there is no organization with {}", self.words()))
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

fn several(tree: &Tree, found: &[&Org], what: String) -> Error {
    let first = found.iter().take(MOST_CANDIDATES);
    let candidates = first.map(|org| Candidate::new(org.key(), way_to(tree, org)));
    let several = Ambiguous::new(what, found.len(), candidates.collect());
    Error::Ambiguous(Box::new(several))
}

/// Returns the path of a candidate. Names may be of any length, so only so much of it is built.
fn way_to(tree: &Tree, org: &Org) -> String {
    let name = |org: &Org| segment(&one_line(&org.org_name, NAME));
    let mut names = vec![name(org)];
    let mut length = names[0].len();
    for above in tree.ancestors(org) {
        if length > PATH {
            names.push("…".to_owned());
            names.reverse();
            return names.join("/");
        }
        let name = name(above);
        length += name.len() + 1;
        names.push(name);
    }
    names.reverse();
    format!("/{}", names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_the_organization_that_it_was_made_from_and_no_other() {
        let names = [
            r"Team A\",
            "B",
            r"Team A/B",
            r"\",
            r"a\\/b\",
            "/",
            r"/\",
            r"\/",
            r"C:\x",
            r"a\\b",
        ];
        for one in names {
            for other in names {
                let path = Target::Path(vec![one.to_owned(), other.to_owned()]);
                assert_eq!(path.to_string().parse::<Target>().unwrap(), path);
            }
        }
        let plain = r"/C:\x/y".parse::<Target>().unwrap();
        assert_eq!(
            plain,
            Target::Path(vec![r"C:\x".to_owned(), "y".to_owned()])
        );
    }

    #[test]
    fn the_kind_follows_from_the_form() {
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
        assert_eq!(kind("/"), Target::Path(Vec::new()));
        assert_eq!(kind(r"//A\\B/"), Target::Path(vec![r"A\\B".to_owned()]));
        assert_eq!(kind("my"), Target::My);
        assert!("id:x".parse::<Target>().is_err() && "".parse::<Target>().is_err());
        assert!("9999999999".parse::<Target>().unwrap_err().is_not_found());
    }

    #[test]
    fn what_is_written_reads_as_the_same() {
        for text in [
            "42",
            "name:42",
            "Paris",
            r"/Europe/A\/B",
            "/",
            "my",
            "ext:A:7",
        ] {
            let target: Target = text.parse().unwrap();
            assert_eq!(
                target.to_string().parse::<Target>().unwrap(),
                target,
                "{text}"
            );
        }
    }

    /// Builds a thousand organizations of one name, each below the next.
    fn circle(name: &str) -> Tree {
        let org = |id: u32| {
            let parent = id % 1000 + 1;
            let document = serde_json::json!({"orgId": id, "parentOrgId": parent, "orgName": name});
            serde_json::from_value(document).unwrap()
        };
        Tree::new((1..=1000).map(org).collect())
    }

    #[test]
    fn of_many_candidates_the_first_are_named_and_the_rest_counted() {
        for name in ["Same".to_owned(), "x".repeat(2_000), "\u{1b}[2J".to_owned()] {
            let tree = circle(&name);
            let error = Target::Name(name).find_in(&tree).unwrap_err();
            let Error::Ambiguous(several) = &error else {
                panic!("{error}");
            };
            assert_eq!((several.count, several.candidates.len()), (1000, 20));
            let listed = error.to_string();
            let listed = listed.split_once('\n').unwrap().1;
            assert!(listed.ends_with("…and 980 more"), "{listed}");
            assert!(listed.len() < 8_000, "{}", listed.len());
            assert!(!listed.contains('\u{1b}'), "{listed:?}");
        }
    }
}
