//! Who acts, and what they may.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::desk::Problem;
use crate::store::audit::{self, Actor};

/// What a person is at this business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads, masked.
    Viewer,
    /// Takes calls: works on them while they last.
    Agent,
    /// Reviews, approves, sends again.
    Operator,
    /// Everything.
    Admin,
    /// Reads the audit trail and nothing of what was said.
    Auditor,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 5] = [
        Role::Viewer,
        Role::Agent,
        Role::Operator,
        Role::Admin,
        Role::Auditor,
    ];

    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Agent => "agent",
            Role::Operator => "operator",
            Role::Admin => "admin",
            Role::Auditor => "auditor",
        }
    }

    /// The role of this name.
    pub fn of(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == name)
    }

    fn may(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Role::Admin => permission != P::ReadRawTranscript,
            Role::Auditor => permission == P::ReadAudit,
            Role::Viewer => permission == P::ReadCalls,
            Role::Agent => matches!(permission, P::ReadCalls | P::ReadAudio | P::ActOnCalls),
            Role::Operator => matches!(
                permission,
                P::ReadCalls | P::ReadAudio | P::ActOnCalls | P::Review | P::ManageDeliveries
            ),
        }
    }
}

/// What a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// See calls, records, reports, the live feed.
    ReadCalls,
    /// Hear recordings and clips.
    ReadAudio,
    /// See what was masked in a transcript.
    ReadRawTranscript,
    /// Set, confirm, reject, flag in a call that goes on.
    ActOnCalls,
    /// Edit, approve, reject records; tasks and contacts.
    Review,
    /// Retry, cancel and replay deliveries.
    ManageDeliveries,
    /// See and check the audit trail.
    ReadAudit,
    /// Erase, hold, export.
    Privacy,
    /// Users, keys, destinations, settings, journals.
    Administer,
}

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ApiScope {
    /// Calls, records, reports, the live feed.
    #[serde(rename = "calls:read")]
    CallsRead,
    /// Review.
    #[serde(rename = "records:write")]
    RecordsWrite,
    /// Deliveries.
    #[serde(rename = "deliveries:write")]
    DeliveriesWrite,
    /// Recordings.
    #[serde(rename = "audio:read")]
    AudioRead,
    /// What was masked.
    #[serde(rename = "transcript:raw")]
    TranscriptRaw,
    /// The audit trail.
    #[serde(rename = "audit:read")]
    AuditRead,
    /// Settings.
    #[serde(rename = "config:write")]
    ConfigWrite,
    /// Erasures.
    #[serde(rename = "privacy:write")]
    PrivacyWrite,
}

impl ApiScope {
    /// All of them.
    pub const ALL: [ApiScope; 8] = [
        ApiScope::CallsRead,
        ApiScope::RecordsWrite,
        ApiScope::DeliveriesWrite,
        ApiScope::AudioRead,
        ApiScope::TranscriptRaw,
        ApiScope::AuditRead,
        ApiScope::ConfigWrite,
        ApiScope::PrivacyWrite,
    ];

    fn grants(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            ApiScope::CallsRead => permission == P::ReadCalls,
            ApiScope::RecordsWrite => matches!(permission, P::Review | P::ActOnCalls),
            ApiScope::DeliveriesWrite => permission == P::ManageDeliveries,
            ApiScope::AudioRead => permission == P::ReadAudio,
            ApiScope::TranscriptRaw => permission == P::ReadRawTranscript,
            ApiScope::AuditRead => permission == P::ReadAudit,
            ApiScope::ConfigWrite => permission == P::Administer,
            ApiScope::PrivacyWrite => permission == P::Privacy,
        }
    }
}

/// What a principal is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrincipalKind {
    /// A person who signed in.
    User(Role),
    /// A program with a key.
    Key(BTreeSet<ApiScope>),
    /// Whoever sits at this machine, while nobody has an account yet.
    ThisMachine,
}

/// Which locations a principal sees.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Sight {
    /// All, and calls that belong to none.
    #[default]
    Everything,
    /// These alone.
    Locations(BTreeSet<String>),
}

impl Sight {
    /// Whether something of this location is seen; what belongs to no location is for those who see everything.
    pub fn sees(&self, location: Option<&str>) -> bool {
        match self {
            Sight::Everything => true,
            Sight::Locations(own) => location.is_some_and(|l| own.contains(l)),
        }
    }

    /// The locations as a list; `None` for all.
    pub fn locations(&self) -> Option<Vec<String>> {
        match self {
            Sight::Everything => None,
            Sight::Locations(own) => Some(own.iter().cloned().collect()),
        }
    }
}

/// Who a request is answered for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// `usr_...`, `key_...` or `this_machine`.
    pub id: String,
    /// For people.
    pub name: String,
    /// What it is.
    pub kind: PrincipalKind,
    /// Which locations it sees.
    pub sight: Sight,
    /// The peer's address, for the audit trail.
    pub ip: Option<std::net::IpAddr>,
}

impl Principal {
    /// Whether this may be done.
    pub fn may(&self, permission: Permission) -> bool {
        match &self.kind {
            PrincipalKind::User(role) => role.may(permission),
            PrincipalKind::Key(scopes) => scopes.iter().any(|s| s.grants(permission)),
            PrincipalKind::ThisMachine => permission != Permission::ReadRawTranscript,
        }
    }

    /// Refuses what may not be done.
    ///
    /// # Errors
    /// 403 with what would be needed.
    pub fn needs(&self, permission: Permission) -> Result<(), Problem> {
        if self.may(permission) {
            return Ok(());
        }
        Err(Problem::new(
            axum::http::StatusCode::FORBIDDEN,
            "forbidden",
            format!(
                "{} may not do this; it needs {}",
                self.name,
                needed(permission)
            ),
        ))
    }

    /// `user`, `api_key` or `local`: the actor's kind in the audit trail.
    pub fn kind_name(&self) -> &'static str {
        match self.kind {
            PrincipalKind::User(_) => "user",
            PrincipalKind::Key(_) => "api_key",
            PrincipalKind::ThisMachine => "local",
        }
    }

    /// How the principal signs what it does in a call.
    pub fn signature(&self) -> &str {
        match self.kind {
            PrincipalKind::ThisMachine => "agent",
            _ => &self.id,
        }
    }

    /// The principal in the audit trail.
    pub fn actor(&self) -> Actor {
        Actor {
            kind: self.kind_name().to_owned(),
            id: (self.kind != PrincipalKind::ThisMachine).then(|| self.id.clone()),
            ip: self.ip.map(|ip| ip.to_string()),
        }
    }

    /// Something done by the principal, for the audit trail.
    pub fn did(&self, action: &'static str, resource: &str, now_ms: i64) -> audit::Event {
        audit::Event::new(now_ms, self.actor(), action, resource)
    }
}

fn needed(permission: Permission) -> &'static str {
    match permission {
        Permission::ReadCalls => "the role viewer or the scope calls:read",
        Permission::ReadAudio => "the role agent or the scope audio:read",
        Permission::ReadRawTranscript => "a key with the scope transcript:raw",
        Permission::ActOnCalls => "the role agent or the scope records:write",
        Permission::Review => "the role operator or the scope records:write",
        Permission::ManageDeliveries => "the role operator or the scope deliveries:write",
        Permission::ReadAudit => "the role admin or auditor, or the scope audit:read",
        Permission::Privacy => "the role admin or the scope privacy:write",
        Permission::Administer => "the role admin or the scope config:write",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(role: Role) -> Principal {
        Principal {
            id: "usr_1".to_owned(),
            name: "Dana".to_owned(),
            kind: PrincipalKind::User(role),
            sight: Sight::Everything,
            ip: None,
        }
    }

    const ALL: [Permission; 9] = [
        Permission::ReadCalls,
        Permission::ReadAudio,
        Permission::ReadRawTranscript,
        Permission::ActOnCalls,
        Permission::Review,
        Permission::ManageDeliveries,
        Permission::ReadAudit,
        Permission::Privacy,
        Permission::Administer,
    ];

    #[test]
    fn each_role_may_all_that_the_one_below_it_may() {
        for pair in [Role::Viewer, Role::Agent, Role::Operator, Role::Admin].windows(2) {
            for permission in ALL {
                let (lower, higher) = (
                    person(pair[0]).may(permission),
                    person(pair[1]).may(permission),
                );
                assert!(higher || !lower, "{pair:?} {permission:?}");
            }
        }
    }

    #[test]
    fn an_auditor_sees_the_trail_and_no_call_and_nobody_sees_what_is_masked() {
        let auditor = person(Role::Auditor);
        assert!(auditor.may(Permission::ReadAudit) && !auditor.may(Permission::ReadCalls));
        assert!(
            Role::ALL
                .iter()
                .all(|r| !person(*r).may(Permission::ReadRawTranscript))
        );
    }

    #[test]
    fn a_key_may_what_its_scopes_say_and_nothing_else() {
        let scopes = BTreeSet::from([ApiScope::CallsRead, ApiScope::AudioRead]);
        let key = Principal {
            kind: PrincipalKind::Key(scopes),
            ..person(Role::Viewer)
        };
        let may: Vec<_> = ALL.into_iter().filter(|p| key.may(*p)).collect();
        assert_eq!(may, [Permission::ReadCalls, Permission::ReadAudio]);
        assert!(key.needs(Permission::Review).is_err());
    }

    #[test]
    fn a_call_of_no_location_is_for_those_who_see_everything() {
        let own = Sight::Locations(BTreeSet::from(["austin".to_owned()]));
        assert!(own.sees(Some("austin")) && !own.sees(Some("dallas")) && !own.sees(None));
        assert!(Sight::Everything.sees(None));
    }
}
