//! Organizations as an indented tree.

use org42::Org;
use org42_admin::Tree;

use super::text::printable;
use crate::args::Filter;

/// Draws the organizations that `filter` wants, and those above them.
pub(crate) fn tree(tree: &Tree, root: Option<&Org>, filter: Filter) -> String {
    let mut text = String::new();
    // Whether nothing follows, of each organization above but the one at the top.
    let mut above: Vec<bool> = Vec::new();
    for visit in tree.walk_to(root, |org| filter.wants(org)) {
        above.truncate(visit.depth.saturating_sub(1));
        for is_last in &above {
            text.push_str(if *is_last { "    " } else { "│   " });
        }
        if visit.depth > 0 {
            text.push_str(if visit.is_last {
                "└── "
            } else {
                "├── "
            });
            above.push(visit.is_last);
        }
        text.push_str(&label(visit.org));
        text.push('\n');
    }
    text
}

/// Returns the name, the id, and what is unusual about the state.
fn label(org: &Org) -> String {
    let mut label = format!("{} ({})", printable(&org.org_name), org.key());
    if org.active == Some(false) {
        label.push_str(" [deactivated]");
    }
    if org.blocked == Some(true) {
        label.push_str(" [blocked]");
    }
    label
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrowed_tree_keeps_what_is_above() {
        let org = |id: u32, parent: u32, name: &str, active: bool| {
            let document = serde_json::json!({"orgId": id, "parentOrgId": parent, "orgName": name, "active": active});
            serde_json::from_value(document).unwrap()
        };
        let orgs = Tree::new(vec![
            org(1, 900, "Top", true),
            org(2, 1, "Europe", true),
            org(3, 2, "A/B", false),
            org(4, 1, "Asia", true),
            org(5, 4, "Japan", true),
        ]);
        let mut filter = Filter {
            active: false,
            inactive: true,
            blocked: false,
            all: false,
        };
        assert_eq!(
            tree(&orgs, None, filter),
            "Top (1)\n└── Europe (2)\n    └── A/B (3) [deactivated]\n"
        );
        filter.inactive = false;
        assert_eq!(
            tree(&orgs, None, filter),
            "Top (1)\n├── Asia (4)\n│   └── Japan (5)\n└── Europe (2)\n    └── A/B (3) [deactivated]\n"
        );
        let asia = orgs.at(&["Asia"])[0];
        assert_eq!(tree(&orgs, Some(asia), filter), "Asia (4)\n└── Japan (5)\n");
    }
}
