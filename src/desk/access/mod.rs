//! Who may: people with passwords and sessions, programs with keys, and what each of them is allowed.
//!
//! Every request is answered for a [`Principal`]. The guard finds out who that is before a handler runs; handlers say which
//! [`Permission`] they need; the storage layer sees only the principal's locations, so that a foreign id is as unknown as one that never
//! was. Secrets (passwords, session tokens, keys, sign-in links) are stored as hashes alone and never written to a log.

mod guard;
mod keys;
mod password;
mod principal;
mod routes;
mod sessions;
mod throttle;
mod token;
mod users;

pub use guard::{Access, Settings, identify};
pub use password::PasswordError;
pub use principal::{ApiScope, Permission, Principal, PrincipalKind, Role, Sight};
pub use routes::routes;
pub(in crate::desk) use routes::{LinkQuery, SignInQuery, administration, destination};
pub use throttle::Throttle;
pub use token::NoRandomness;
