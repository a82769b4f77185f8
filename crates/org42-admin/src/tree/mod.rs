//! A listing as a tree: who is below whom, paths, and a walk from top to bottom. Knows no server.
//!
//! There may be several tops, since a caller may see several subtrees without what is above them.

mod circles;
mod depth_first;

use std::collections::HashMap;
use std::fmt;

use org42::{Org, OrgGuid, OrgId};

pub use depth_first::{DepthFirst, Visit};

/// The organizations of a listing, and who is below whom.
///
/// Parents that a server names in a circle, or deeper than any tenant is, are left out, so every way through the tree comes
/// to an end. Siblings are ordered by name. Organizations are asked for as [`Org`]s, found by number or guid; one that is
/// not in the listing has nothing below it.
///
/// ```
/// use org42_admin::Tree;
/// use org42_admin::serde_json::{from_value, json};
///
/// let org = |id: u32, parent: u32, name: &str| {
///     from_value(json!({"orgId": id, "parentOrgId": parent, "orgName": name}))
/// };
/// let tree = Tree::new(vec![org(1, 900, "Top")?, org(3, 2, "A/B")?, org(2, 1, "Europe")?]);
/// let paris = tree.orgs().find(|org| org.org_name == "A/B").unwrap();
/// assert_eq!(tree.path_of(paris), r"/Top/Europe/A\/B");
/// for visit in tree.walk() {
///     println!("{}{}", "  ".repeat(visit.depth), visit.org.org_name);
/// }
/// # Ok::<(), org42_admin::serde_json::Error>(())
/// ```
pub struct Tree {
    orgs: Vec<Org>,
    parents: Vec<Option<usize>>,
    children: Vec<Vec<usize>>,
    tops: Vec<usize>,
    places: Places,
    missing: u64,
}

/// Returns a name as it stands in a path. Backslashes are doubled where they would otherwise change what the next slash
/// means: before a slash of the name, and at its end.
pub(crate) fn segment(name: &str) -> String {
    let parts = name.split('/').map(|part| {
        let kept = part.trim_end_matches('\\');
        format!("{kept}{}", r"\\".repeat(part.len() - kept.len()))
    });
    parts.collect::<Vec<_>>().join(r"\/")
}

/// Where an organization is in the listing, by the ids that the server sent.
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

impl Tree {
    /// Builds the tree of a listing.
    #[must_use]
    pub fn new(orgs: Vec<Org>) -> Self {
        let places = Places::of(&orgs);
        let parents = orgs.iter().map(|org| places.of_parent(org)).collect();
        let parents = circles::without_circles(parents);
        let mut children = vec![Vec::new(); orgs.len()];
        let mut tops = Vec::new();
        for (place, parent) in parents.iter().enumerate() {
            match parent {
                Some(parent) => children[*parent].push(place),
                None => tops.push(place),
            }
        }
        for siblings in children.iter_mut().chain([&mut tops]) {
            siblings.sort_by(|a, b| orgs[*a].org_name.cmp(&orgs[*b].org_name));
        }
        Self {
            orgs,
            parents,
            children,
            tops,
            places,
            missing: 0,
        }
    }

    pub(crate) fn missing_some(self, missing: u64) -> Self {
        Self { missing, ..self }
    }

    /// Returns how many organizations the server counts that have not come, where a listing was
    /// [allowed](crate::Admin::allow_partial) to be short.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// Returns every organization, in the order of the listing.
    pub fn orgs(&self) -> impl ExactSizeIterator<Item = &Org> {
        self.orgs.iter()
    }

    /// Returns how many organizations there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.orgs.len()
    }

    /// Returns whether the caller sees no organization.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.orgs.is_empty()
    }

    /// Returns the organization that has the same number or guid as `org`, as the listing has it.
    #[must_use]
    pub fn same(&self, org: &Org) -> Option<&Org> {
        self.places.of_org(org).map(|place| self.at_place(place))
    }

    /// Returns the organizations that have none above them that can be seen.
    pub fn tops(&self) -> impl ExactSizeIterator<Item = &Org> {
        self.tops.iter().map(|place| self.at_place(*place))
    }

    /// Returns the organizations at a path, with or without the top organization in it; those at the top for a path
    /// without names. There can be several of one name.
    ///
    /// ```
    /// # let org = |id: u32, parent: u32, name: &str| {
    /// #     org42_admin::serde_json::from_value(org42_admin::serde_json::json!(
    /// #         {"orgId": id, "parentOrgId": parent, "orgName": name})).unwrap()
    /// # };
    /// # let tree = org42_admin::Tree::new(vec![org(1, 900, "Top"), org(2, 1, "Europe")]);
    /// assert_eq!(tree.at(&["Top", "Europe"])[0].key(), "2");
    /// assert_eq!(tree.at(&["Europe"])[0].key(), "2");
    /// ```
    #[must_use]
    pub fn at<S: AsRef<str>>(&self, path: &[S]) -> Vec<&Org> {
        let Some((first, others)) = path.split_first() else {
            return self.tops().collect();
        };
        let named = |places: Vec<usize>, name: &S| -> Vec<usize> {
            let is_named = |place: &usize| self.orgs[*place].org_name == name.as_ref();
            places.into_iter().filter(is_named).collect()
        };
        let all_below = |places: &[usize]| -> Vec<usize> {
            let below = places.iter().flat_map(|place| self.below(*place));
            below.copied().collect()
        };
        let from = |start: Vec<usize>| {
            let start = named(start, first);
            let step = |here: Vec<usize>, name| named(all_below(&here), name);
            others.iter().fold(start, step)
        };
        let mut found = from(self.tops.clone());
        if found.is_empty() {
            found = from(all_below(&self.tops));
        }
        found
            .into_iter()
            .map(|place| self.at_place(place))
            .collect()
    }

    /// Returns the path of an organization from the top down, such as `/Top/Europe/Paris`; `\/` stands for a slash in a
    /// name, and `\\` for a backslash before a slash or at a name's end. Parsed as a [`Target`](crate::Target), it names that organization and no other.
    #[must_use]
    pub fn path_of(&self, org: &Org) -> String {
        let name = |org: &Org| segment(&org.org_name);
        let mut names = vec![name(org)];
        names.extend(self.ancestors(org).map(name));
        names.reverse();
        format!("/{}", names.join("/"))
    }

    /// Returns the organization right above one, if the listing has it.
    #[must_use]
    pub fn parent(&self, org: &Org) -> Option<&Org> {
        self.ancestors(org).next()
    }

    /// Returns the organizations above one, the nearest first.
    pub fn ancestors(&self, org: &Org) -> impl Iterator<Item = &Org> {
        let above = match self.places.of_org(org) {
            Some(place) => self.parents[place],
            None => self.places.of_parent(org),
        };
        std::iter::successors(above, |place| self.parents[*place]).map(|place| self.at_place(place))
    }

    /// Returns the organizations right below one, by name.
    pub fn children(&self, org: &Org) -> impl Iterator<Item = &Org> {
        let place = self.places.of_org(org).into_iter();
        let below = place.flat_map(|place| self.below(place));
        below.map(|place| self.at_place(*place))
    }

    /// Returns an organization and all below it, level by level.
    #[must_use]
    pub fn subtree(&self, org: &Org) -> Vec<&Org> {
        self.levels(org).concat()
    }

    /// Returns an organization, then its children, then theirs.
    #[must_use]
    pub fn levels(&self, org: &Org) -> Vec<Vec<&Org>> {
        let mut level: Vec<usize> = self.places.of_org(org).into_iter().collect();
        let mut levels = Vec::new();
        while !level.is_empty() {
            levels.push(level.iter().map(|place| self.at_place(*place)).collect());
            let below = level.iter().flat_map(|place| self.below(*place));
            level = below.copied().collect();
        }
        levels
    }

    /// Walks through all organizations, depth first.
    pub fn walk(&self) -> DepthFirst<'_> {
        DepthFirst::new(self, &self.tops, None)
    }

    /// Walks to the organizations that are wanted, through those above them, depth first; below `root`, or from the tops
    /// if there is none.
    ///
    /// ```
    /// # fn show(tree: &org42_admin::Tree) {
    /// for visit in tree.walk_to(None, |org| org.blocked == Some(true)) {
    ///     println!("{}{}", "  ".repeat(visit.depth), visit.org.org_name);
    /// }
    /// # }
    /// ```
    pub fn walk_to(&self, root: Option<&Org>, wanted: impl Fn(&Org) -> bool) -> DepthFirst<'_> {
        let mut shown = vec![false; self.orgs.len()];
        for place in (0..self.orgs.len()).filter(|place| wanted(&self.orgs[*place])) {
            let mut here = Some(place);
            while let Some(place) = here.filter(|place| !shown[*place]) {
                shown[place] = true;
                here = self.parents[place];
            }
        }
        match root {
            None => DepthFirst::new(self, &self.tops, Some(shown)),
            Some(root) => {
                let root: Vec<usize> = self.places.of_org(root).into_iter().collect();
                DepthFirst::new(self, &root, Some(shown))
            }
        }
    }

    fn below(&self, place: usize) -> &[usize] {
        &self.children[place]
    }

    fn at_place(&self, place: usize) -> &Org {
        &self.orgs[place]
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree")
            .field("orgs", &self.orgs.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        let org = |id: u32, parent: u32, name: &str, active: bool| {
            let document = serde_json::json!({"orgId": id, "parentOrgId": parent, "orgName": name, "active": active});
            serde_json::from_value(document).unwrap()
        };
        Tree::new(vec![
            org(1, 900, "Top", true),
            org(2, 1, "Europe", true),
            org(3, 2, "A/B", false),
            org(4, 1, "Asia", true),
        ])
    }

    fn visits(walk: DepthFirst<'_>) -> Vec<(&str, usize, bool)> {
        walk.map(|visit| (visit.org.org_name.as_str(), visit.depth, visit.is_last))
            .collect()
    }

    #[test]
    fn paths_lead_to_their_organizations_with_and_without_the_top() {
        let tree = tree();
        for path in [&["Top", "Europe", "A/B"][..], &["Europe", "A/B"]] {
            assert_eq!(tree.at(path)[0].org_id, Some(3.into()), "{path:?}");
        }
        assert_eq!(
            tree.path_of(tree.orgs().nth(2).unwrap()),
            r"/Top/Europe/A\/B"
        );
        assert_eq!(tree.at::<&str>(&[])[0].org_name, "Top");
        assert!(tree.at(&["Europe", "Asia"]).is_empty());
    }

    #[test]
    fn a_walk_goes_down_before_it_goes_on() {
        let tree = tree();
        let all = [
            ("Top", 0, true),
            ("Asia", 1, false),
            ("Europe", 1, true),
            ("A/B", 2, true),
        ];
        assert_eq!(visits(tree.walk()), all);
        let europe = tree.orgs().nth(1);
        assert_eq!(
            visits(tree.walk_to(europe, |_| true)),
            [("Europe", 0, true), ("A/B", 1, true)]
        );
    }

    #[test]
    fn a_narrowed_walk_keeps_what_is_above() {
        let tree = tree();
        let inactive = |org: &Org| org.active == Some(false);
        assert_eq!(
            visits(tree.walk_to(None, inactive)),
            [("Top", 0, true), ("Europe", 1, true), ("A/B", 2, true)]
        );
        assert_eq!(
            visits(tree.walk_to(None, |org| org.org_name == "Asia")).len(),
            2
        );
        assert!(visits(tree.walk_to(None, |_| false)).is_empty());
    }

    #[test]
    fn in_a_circle_every_way_ends() {
        let org = |id: u32| {
            let document =
                serde_json::json!({"orgId": id, "parentOrgId": id % 1000 + 1, "orgName": "Same"});
            serde_json::from_value(document).unwrap()
        };
        let tree = Tree::new((1..=1000).map(org).collect());
        let lengths = tree.orgs().map(|org| tree.path_of(org).len());
        assert!(lengths.max().unwrap() <= circles::MOST_LEVELS * "/Same".len());
        assert_eq!(tree.walk().count(), 1000);
    }

    #[test]
    fn what_the_listing_does_not_have_has_nothing_below_it() {
        let tree = tree();
        let stranger = serde_json::json!({"orgId": 77, "parentOrgId": 2, "orgName": "New"});
        let stranger: Org = serde_json::from_value(stranger).unwrap();
        assert!(tree.subtree(&stranger).is_empty() && tree.same(&stranger).is_none());
        assert_eq!(tree.path_of(&stranger), "/Top/Europe/New");
        assert_eq!(tree.walk_to(Some(&stranger), |_| true).count(), 0);
    }
}
