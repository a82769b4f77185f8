//! The outline of a sample: the tree of its organizations, before anything is written.

use std::collections::HashMap;

use crate::domain::OrgRecord;

/// The organizations of a sample, and how many people each has.
pub(super) struct Outline {
    pub(super) top: String,
    /// The name and parent of each organization but the top one; the parent is an index into this list, or `None` for
    /// the top organization.
    pub(super) below: Vec<(String, Option<usize>)>,
    pub(super) people: usize,
}

impl Outline {
    pub(super) fn of_text(text: &str, people: usize) -> Self {
        let mut lines = text.lines();
        let top = lines.next().unwrap_or_default().to_owned();
        let mut below: Vec<(String, Option<usize>)> = Vec::new();
        let mut way: Vec<usize> = Vec::new();
        for line in lines {
            let name = line.trim_start();
            let level = (line.len() - name.len()) / 2;
            way.truncate(level.saturating_sub(1));
            below.push((name.to_owned(), way.last().copied()));
            way.push(below.len() - 1);
        }
        Self { top, below, people }
    }

    /// Returns the ways down to the organizations of the outline, which starts below the last one of `under`.
    pub(super) fn ways<'a>(&'a self, under: &'a [OrgRecord]) -> OutlineWays<'a> {
        let parents = self.below.iter().filter_map(|(_, parent)| *parent);
        OutlineWays {
            outline: self,
            under,
            parents: parents.map(|place| (place, None)).collect(),
        }
    }

    pub(super) fn of_number(orgs: u32) -> Self {
        const CHILDREN: usize = 12;
        let below = (1..orgs as usize)
            .map(|place| {
                let parent = (place - 1) / CHILDREN;
                (format!("Organization {place}"), parent.checked_sub(1))
            })
            .collect();
        Self {
            top: "Sample Tenant".to_owned(),
            below,
            people: 1,
        }
    }
}

/// The organizations of an outline that others are below. Keeping all of them would copy the whole tenant into
/// memory.
pub(super) struct OutlineWays<'a> {
    outline: &'a Outline,
    under: &'a [OrgRecord],
    parents: HashMap<usize, Option<OrgRecord>>,
}

impl OutlineWays<'_> {
    /// Remembers the organization that was made for an index, if others are below it.
    pub(super) fn learn(&mut self, place: usize, org: &OrgRecord) {
        if let Some(parent) = self.parents.get_mut(&place) {
            *parent = Some(org.clone());
        }
    }

    pub(super) fn down_to_parent(&self, place: usize) -> Vec<OrgRecord> {
        let parent = |place: usize| {
            self.outline
                .below
                .get(place)
                .and_then(|(_, parent)| *parent)
        };
        let above = std::iter::successors(parent(place), |place| parent(*place));
        let mut above: Vec<&OrgRecord> = above
            .filter_map(|place| self.parents.get(&place)?.as_ref())
            .collect();
        above.reverse();
        self.under.iter().chain(above).cloned().collect()
    }
}
