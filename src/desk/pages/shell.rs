//! What every page of the desk has around it: who is there, where one can go, what one may do.

use crate::desk::access::{Permission, Principal, PrincipalKind};

/// A place in the navigation.
pub(super) struct Place {
    pub(super) path: &'static str,
    pub(super) name: &'static str,
    /// Second key after `G`.
    pub(super) key: &'static str,
    pub(super) here: bool,
}

/// The frame around a page.
pub(super) struct Shell {
    pub(super) places: Vec<Place>,
    pub(super) who: String,
    pub(super) role: &'static str,
    /// Somebody who signed in, and so can sign out.
    pub(super) signed_in: bool,
    /// What the page may offer; the server decides again at every request.
    pub(super) may: String,
}

impl Shell {
    /// The frame for a principal at a path.
    pub(super) fn new(principal: &Principal, here: &str) -> Shell {
        let all = [
            ("/", "Live", "l", Permission::ReadCalls),
            ("/review", "Review", "r", Permission::ReadCalls),
            ("/calls", "Calls", "c", Permission::ReadCalls),
            ("/reports", "Reports", "p", Permission::ReadCalls),
            ("/settings", "Settings", "s", Permission::ReadCalls),
        ];
        let places = all
            .into_iter()
            .filter(|(.., needed)| principal.may(*needed))
            .map(|(path, name, key, _)| Place {
                path,
                name,
                key,
                here: path == here,
            })
            .collect();
        let powers = [
            ("hear", Permission::ReadAudio),
            ("act", Permission::ActOnCalls),
            ("review", Permission::Review),
            ("deliver", Permission::ManageDeliveries),
            ("audit", Permission::ReadAudit),
            ("administer", Permission::Administer),
        ];
        let may: Vec<&str> = powers
            .into_iter()
            .filter(|(_, permission)| principal.may(*permission))
            .map(|(name, _)| name)
            .collect();
        let (role, signed_in) = match &principal.kind {
            PrincipalKind::User(role) => (role.as_str(), true),
            PrincipalKind::Key(_) => ("key", false),
            PrincipalKind::ThisMachine => ("no account yet", false),
        };
        Shell {
            places,
            who: principal.name.clone(),
            role,
            signed_in,
            may: may.join(" "),
        }
    }
}
