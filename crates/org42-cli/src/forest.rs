//! A listing as a tree. A forest, since a caller may see several subtrees without what is above them.

use std::collections::HashMap;

use org42::{Org, OrgGuid, OrgId};

use crate::args::Filter;
use crate::rows::printable;

pub(crate) struct Forest {
    orgs: Vec<Org>,
    children: HashMap<Option<usize>, Vec<usize>>,
    places: Places,
}

/// Where an organization is in the listing, by the ids that the server tells.
struct Places {
    by_id: HashMap<OrgId, usize>,
    by_guid: HashMap<OrgGuid, usize>,
}

impl Places {
    fn of(orgs: &[Org]) -> Self {
        let placed = || orgs.iter().enumerate();
        Self {
            by_id: placed()
                .filter_map(|(place, org)| Some((org.org_id?, place)))
                .collect(),
            by_guid: placed()
                .filter_map(|(place, org)| Some((org.org_guid.clone()?, place)))
                .collect(),
        }
    }

    fn find(&self, id: Option<OrgId>, guid: Option<&OrgGuid>) -> Option<usize> {
        let by_id = id.and_then(|id| self.by_id.get(&id));
        by_id.or_else(|| self.by_guid.get(guid?)).copied()
    }

    fn of_org(&self, org: &Org) -> Option<usize> {
        self.find(org.org_id, org.org_guid.as_ref())
    }

    fn of_parent(&self, org: &Org) -> Option<usize> {
        self.find(org.parent_org_id, org.parent_org_guid.as_ref())
    }
}

/// No tenant is deeper than this.
const MOST_LEVELS: usize = 256;

/// The parents, but none where they lead in a circle or deeper than any tenant is: whoever goes down from parents to
/// children comes to an end, whatever the server said.
fn without_circles(mut parents: Vec<Option<usize>>) -> Vec<Option<usize>> {
    const UNKNOWN: usize = 0;
    /// On the way that is being gone.
    const OPEN: usize = usize::MAX;
    let mut levels = vec![UNKNOWN; parents.len()];
    for start in 0..parents.len() {
        let mut way = Vec::new();
        let mut here = Some(start);
        while let Some(place) = here.filter(|place| levels[*place] == UNKNOWN) {
            levels[place] = OPEN;
            way.push(place);
            here = parents[place];
        }
        let mut above = here.map_or(0, |place| levels[place]);
        for place in way.into_iter().rev() {
            if above >= MOST_LEVELS {
                parents[place] = None;
                above = 0;
            }
            above += 1;
            levels[place] = above;
        }
    }
    parents
}

impl Forest {
    pub(crate) fn new(orgs: Vec<Org>) -> Self {
        let places = Places::of(&orgs);
        let mut children: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
        let parents = orgs.iter().map(|org| places.of_parent(org)).collect();
        for (place, parent) in without_circles(parents).into_iter().enumerate() {
            children.entry(parent).or_default().push(place);
        }
        for siblings in children.values_mut() {
            siblings.sort_by(|a, b| orgs[*a].org_name.cmp(&orgs[*b].org_name));
        }
        Self {
            orgs,
            children,
            places,
        }
    }

    pub(crate) fn orgs(&self) -> impl Iterator<Item = &Org> {
        self.orgs.iter()
    }

    fn below(&self, place: Option<usize>) -> &[usize] {
        self.children.get(&place).map_or(&[], Vec::as_slice)
    }

    /// The organizations at a path, with or without the top organization in it.
    pub(crate) fn at(&self, path: &[String]) -> Vec<&Org> {
        let step = |from: &[usize], name: &String| -> Vec<usize> {
            from.iter()
                .copied()
                .filter(|place| self.orgs[*place].org_name == *name)
                .collect()
        };
        let walk = |start: Vec<usize>| {
            let mut here = start;
            for (level, name) in path.iter().enumerate() {
                if level > 0 {
                    here = here
                        .iter()
                        .flat_map(|place| self.below(Some(*place)))
                        .copied()
                        .collect();
                }
                here = step(&here, name);
            }
            here
        };
        let tops = self.below(None).to_vec();
        let below_tops: Vec<usize> = tops
            .iter()
            .flat_map(|top| self.below(Some(*top)))
            .copied()
            .collect();
        let mut found = if path.is_empty() {
            tops.clone()
        } else {
            walk(tops)
        };
        if found.is_empty() {
            found = walk(below_tops);
        }
        found.into_iter().map(|place| &self.orgs[place]).collect()
    }

    /// `/Top/Europe/Paris`
    pub(crate) fn path_of(&self, org: &Org) -> String {
        let name = |org: &Org| org.org_name.replace('/', "\\/");
        let mut names = vec![name(org)];
        let mut place = self.places.of_parent(org);
        // A listing cannot be deeper than it is long, however its parents point.
        for _ in 0..self.orgs.len() {
            let Some(above) = place.map(|place| &self.orgs[place]) else {
                break;
            };
            names.push(name(above));
            place = self.places.of_parent(above);
        }
        names.reverse();
        format!("/{}", names.join("/"))
    }

    /// The organizations right below one.
    pub(crate) fn children(&self, org: &Org) -> Vec<&Org> {
        self.levels(org).into_iter().nth(1).unwrap_or_default()
    }

    /// The organization right above one, if the listing has it.
    pub(crate) fn parent(&self, org: &Org) -> Option<&Org> {
        self.places.of_parent(org).map(|place| &self.orgs[place])
    }

    /// An organization and all below it.
    pub(crate) fn subtree(&self, org: &Org) -> Vec<&Org> {
        self.levels(org).concat()
    }

    /// An organization, then its children, then theirs.
    pub(crate) fn levels(&self, org: &Org) -> Vec<Vec<&Org>> {
        let mut level: Vec<usize> = self.places.of_org(org).into_iter().collect();
        let mut levels = Vec::new();
        while !level.is_empty() {
            levels.push(level.iter().map(|place| &self.orgs[*place]).collect());
            let below = level.iter().flat_map(|place| self.below(Some(*place)));
            level = below.copied().collect();
        }
        levels
    }

    /// Draws what `filter` wants, and what is above it.
    pub(crate) fn draw(&self, root: Option<&Org>, filter: Filter) -> String {
        let mut text = String::new();
        let roots = match root.and_then(|org| self.places.of_org(org)) {
            Some(place) => vec![place],
            None => self.below(None).to_vec(),
        };
        for place in roots
            .into_iter()
            .filter(|place| self.is_shown(*place, filter))
        {
            text.push_str(&label(&self.orgs[place]));
            text.push('\n');
            self.draw_below(place, "", filter, &mut text);
        }
        text
    }

    fn draw_below(&self, place: usize, indent: &str, filter: Filter, text: &mut String) {
        let shown: Vec<usize> = self
            .below(Some(place))
            .iter()
            .copied()
            .filter(|child| self.is_shown(*child, filter))
            .collect();
        for (i, child) in shown.iter().enumerate() {
            let is_last = i + 1 == shown.len();
            let (branch, below) = if is_last {
                ("└── ", "    ")
            } else {
                ("├── ", "│   ")
            };
            text.push_str(indent);
            text.push_str(branch);
            text.push_str(&label(&self.orgs[*child]));
            text.push('\n');
            self.draw_below(*child, &format!("{indent}{below}"), filter, text);
        }
    }

    fn is_shown(&self, place: usize, filter: Filter) -> bool {
        filter.wants(&self.orgs[place])
            || self
                .below(Some(place))
                .iter()
                .any(|child| self.is_shown(*child, filter))
    }
}

fn label(org: &Org) -> String {
    format!("{} ({}){}", printable(&org.org_name), org.key(), marks(org))
}

/// What is unusual about an organization's state.
pub(crate) fn marks(org: &Org) -> String {
    let deactivated = if org.active == Some(false) {
        " [deactivated]"
    } else {
        ""
    };
    let blocked = if org.blocked == Some(true) {
        " [blocked]"
    } else {
        ""
    };
    format!("{deactivated}{blocked}")
}

impl Filter {
    pub(crate) fn wants(&self, org: &Org) -> bool {
        (!self.active || org.active == Some(true))
            && (!self.inactive || org.active == Some(false))
            && (!self.blocked || org.blocked == Some(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forest() -> Forest {
        let org = |id: u32, parent: u32, name: &str, active: bool| {
            let document = serde_json::json!({"orgId": id, "parentOrgId": parent, "orgName": name, "active": active});
            serde_json::from_value(document).unwrap()
        };
        Forest::new(vec![
            org(1, 900, "Top", true),
            org(2, 1, "Europe", true),
            org(3, 2, "A/B", false),
            org(4, 1, "Asia", true),
        ])
    }

    #[test]
    fn paths_lead_to_their_organizations_with_and_without_the_top() {
        let forest = forest();
        for path in [&["Top", "Europe", "A/B"][..], &["Europe", "A/B"]] {
            let path: Vec<String> = path.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(forest.at(&path)[0].org_id, Some(3.into()), "{path:?}");
        }
        assert_eq!(
            forest.path_of(forest.orgs().nth(2).unwrap()),
            r"/Top/Europe/A\/B"
        );
        assert_eq!(forest.at(&[])[0].org_name, "Top");
    }

    #[test]
    fn circles_and_bottomless_pits_have_an_end() {
        let circle = without_circles(vec![Some(1), Some(2), Some(0), Some(3), Some(0), None]);
        assert_eq!(circle, [Some(1), Some(2), None, None, Some(0), None]);
        let deep: Vec<Option<usize>> = (0..10_000_usize)
            .map(|place| place.checked_sub(1))
            .collect();
        let cut = without_circles(deep.clone());
        let backwards = deep
            .iter()
            .rev()
            .map(|parent| parent.map(|parent| 9_999 - parent));
        let cut_backwards = without_circles(backwards.collect());
        for cut in [cut, cut_backwards] {
            let tops = cut.iter().filter(|parent| parent.is_none()).count();
            assert_eq!(tops, 10_000_usize.div_ceil(MOST_LEVELS));
        }
    }

    #[test]
    fn a_narrowed_tree_keeps_what_is_above() {
        let filter = Filter {
            active: false,
            inactive: true,
            blocked: false,
            all: false,
        };
        let drawn = forest().draw(None, filter);
        assert_eq!(
            drawn,
            "Top (1)\n└── Europe (2)\n    └── A/B (3) [deactivated]\n"
        );
    }
}
