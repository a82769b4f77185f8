//! Makes a server's parents harmless before anything follows them.

/// No tenant is deeper than this.
pub(super) const MOST_LEVELS: usize = 256;

/// Returns the parents without those that lead in a circle or deeper than any tenant is, so that every way up and every
/// way down comes to an end, whatever the server said.
pub(super) fn without_circles(mut parents: Vec<Option<usize>>) -> Vec<Option<usize>> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
