//! From top to bottom, one organization at a time.

use org42::Org;

use super::Tree;

/// An organization on a [`DepthFirst`] walk.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Visit<'a> {
    /// The organization.
    pub org: &'a Org,
    /// How many levels it is below the one where the walk began.
    pub depth: usize,
    /// Whether no sibling of it follows.
    pub is_last: bool,
}

/// A walk through a tree, depth first: each organization is followed by those below it, siblings come by name.
///
/// Made by [`Tree::walk`] and [`Tree::walk_to`].
#[derive(Debug)]
#[must_use = "a walk does nothing unless it is iterated"]
pub struct DepthFirst<'a> {
    tree: &'a Tree,
    /// Which places are visited; all of them if there is none.
    shown: Option<Vec<bool>>,
    /// What is still to be visited; the next one is at the end.
    next: Vec<(usize, usize, bool)>,
}

impl<'a> DepthFirst<'a> {
    pub(super) fn new(tree: &'a Tree, roots: &[usize], shown: Option<Vec<bool>>) -> Self {
        let mut walk = Self {
            tree,
            shown,
            next: Vec::new(),
        };
        walk.push(roots, 0);
        walk
    }

    fn push(&mut self, siblings: &[usize], depth: usize) {
        let is_shown = |place: &usize| self.shown.as_ref().is_none_or(|shown| shown[*place]);
        let mut is_last = true;
        for place in siblings.iter().copied().rev().filter(is_shown) {
            self.next.push((place, depth, is_last));
            is_last = false;
        }
    }
}

impl<'a> Iterator for DepthFirst<'a> {
    type Item = Visit<'a>;

    fn next(&mut self) -> Option<Visit<'a>> {
        let (place, depth, is_last) = self.next.pop()?;
        let tree = self.tree;
        self.push(tree.below(place), depth + 1);
        Some(Visit {
            org: tree.at_place(place),
            depth,
            is_last,
        })
    }
}
