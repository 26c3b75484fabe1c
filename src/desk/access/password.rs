//! Passwords: argon2id, off the threads that serve sockets.

use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};

/// Fewest letters of a password. Length is what counts (NIST SP 800-63B); no rule asks for signs or capitals.
pub(super) const MIN_CHARS: usize = 10;
/// Longest password taken, bytes: hashing longer ones would be work for the asking.
pub(super) const MAX_BYTES: usize = 256;

/// Why a password cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too short.
    #[error("the password needs at least {MIN_CHARS} characters")]
    Short,
    /// Too long.
    #[error("the password may have at most {MAX_BYTES} bytes")]
    Long,
    /// The hash could not be made.
    #[error("the password could not be hashed")]
    Failed,
}

/// The hash of a new password, in PHC form.
pub(super) async fn hash(password: String) -> Result<String, PasswordError> {
    if password.chars().count() < MIN_CHARS {
        return Err(PasswordError::Short);
    }
    if password.len() > MAX_BYTES {
        return Err(PasswordError::Long);
    }
    let work = move || {
        let salt = SaltString::generate(&mut OsRng);
        Argon2::default()
            .hash_password(password.as_bytes(), &salt)
            .map(|hash| hash.to_string())
            .map_err(|_| PasswordError::Failed)
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| PasswordError::Failed)?
}

/// Whether a password is the one of `stored`. Without a stored hash it takes as long and says no, so that the time tells nobody which
/// names exist.
pub(super) async fn matches(password: String, stored: Option<String>) -> bool {
    if password.len() > MAX_BYTES {
        return false;
    }
    let work = move || match stored {
        Some(stored) => PasswordHash::new(&stored).is_ok_and(|hash| {
            Argon2::default()
                .verify_password(password.as_bytes(), &hash)
                .is_ok()
        }),
        None => {
            let salt = SaltString::generate(&mut OsRng);
            let _ = Argon2::default().hash_password(password.as_bytes(), &salt);
            false
        }
    };
    tokio::task::spawn_blocking(work).await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_alone() {
        let stored = hash("correct horse".to_owned()).await.unwrap();
        assert!(stored.starts_with("$argon2id$"), "{stored}");
        assert!(matches("correct horse".to_owned(), Some(stored.clone())).await);
        assert!(!matches("correct hors".to_owned(), Some(stored)).await);
        assert!(!matches("correct horse".to_owned(), None).await);
    }

    #[tokio::test]
    async fn short_and_endless_passwords_are_refused() {
        assert_eq!(hash("short".to_owned()).await, Err(PasswordError::Short));
        assert_eq!(hash("x".repeat(300)).await, Err(PasswordError::Long));
    }
}
