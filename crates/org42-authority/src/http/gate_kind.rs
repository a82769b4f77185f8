//! Which gate an endpoint's row wants, decided while compiling; what gates do belongs to `access`.

use org42_types::Endpoint;
use org42_types::endpoints::{Access, ScopeKind};

/// What an argument of a handler lets in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum GateKind {
    Open,
    SignedIn,
    Listed,
    /// A right over one of these, which the path names.
    Scoped(&'static [ScopeKind]),
    /// A right over one of these, which the query or the body names.
    Claim(&'static [ScopeKind]),
    Admin,
}

impl GateKind {
    /// Returns whether this is the gate that the endpoint's row requires.
    pub(crate) const fn fits(self, endpoint: &Endpoint) -> bool {
        match (endpoint.access, self) {
            (Access::Anyone | Access::Credentials(_), Self::Open)
            | (Access::SignedIn, Self::SignedIn)
            | (Access::Listed, Self::Listed)
            | (Access::Administrator, Self::Admin) => true,
            (Access::Right(_, over), Self::Scoped(finds)) => {
                contains(finds, over) && endpoint.has_path_parameters()
            }
            (Access::Right(_, over), Self::Claim(finds)) => {
                contains(finds, over) && !endpoint.has_path_parameters()
            }
            _ => false,
        }
    }

    /// Returns whether a handler with these arguments takes one gate, and takes the one that the endpoint's row wants.
    pub(crate) const fn is_alone_and_fits(arguments: &[Option<Self>], endpoint: &Endpoint) -> bool {
        let (mut at, mut gates, mut fits) = (0, 0, true);
        while at < arguments.len() {
            if let Some(gate) = arguments[at] {
                gates += 1;
                fits = fits && gate.fits(endpoint);
            }
            at += 1;
        }
        gates == 1 && fits
    }
}

const fn contains(kinds: &[ScopeKind], wanted: ScopeKind) -> bool {
    let mut at = 0;
    while at < kinds.len() {
        if kinds[at] as u8 == wanted as u8 {
            return true;
        }
        at += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use org42_types::endpoints::{
        GATEWAY_OAUTH, ORGS_BLOCK, ORGS_CREATE, ORGS_LIST, USER_MY, USERS_BLOCK, authority,
    };

    use super::*;

    const ORGS: &[ScopeKind] = &[ScopeKind::Org, ScopeKind::Inside];
    const GATES: [GateKind; 6] = [
        GateKind::Open,
        GateKind::SignedIn,
        GateKind::Listed,
        GateKind::Scoped(ORGS),
        GateKind::Claim(ORGS),
        GateKind::Admin,
    ];

    #[test]
    fn a_row_takes_its_own_gate_and_no_other() {
        let rows = [
            GATEWAY_OAUTH,
            USER_MY,
            ORGS_LIST,
            ORGS_BLOCK,
            ORGS_CREATE,
            authority::API_CLIENTS,
        ];
        for (at, row) in rows.iter().enumerate() {
            for (other, gate) in GATES.iter().enumerate() {
                let fits = GateKind::is_alone_and_fits(&[None, Some(*gate)], row);
                assert_eq!(fits, at == other, "{row} and {gate:?}");
            }
        }
        assert!(
            !GateKind::Scoped(ORGS).fits(&USERS_BLOCK),
            "of another kind"
        );
    }

    #[test]
    fn a_handler_without_a_gate_or_with_two_fits_nothing() {
        let gate = Some(GateKind::Admin);
        let row = &authority::API_CLIENTS;
        assert!(GateKind::is_alone_and_fits(&[gate], row));
        assert!(!GateKind::is_alone_and_fits(&[None, None], row));
        assert!(!GateKind::is_alone_and_fits(&[gate, gate], row));
    }
}
