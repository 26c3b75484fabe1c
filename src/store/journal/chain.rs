//! The hash chain of one call: each seal's value is SHA-256 over the value of the seal before it (32 zero bytes before the first) and
//! the bytes of all the call's entries in between. A changed, dropped, added or reordered entry breaks the next seal.

use sha2::{Digest, Sha256};

/// The value of a seal.
pub type SealValue = [u8; 32];

/// The chain up to the last entry seen.
#[derive(Clone)]
pub struct Chain {
    hasher: Sha256,
    unsealed_entries: u64,
}

impl Chain {
    /// The chain of a call without entries.
    pub fn new() -> Self {
        Self::after(&[0; 32])
    }

    /// The chain right after a seal with this value.
    pub fn after(seal: &SealValue) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(seal);
        Self {
            hasher,
            unsealed_entries: 0,
        }
    }

    /// Adds the bytes of one whole entry other than a seal.
    pub fn add(&mut self, entry: &[u8]) {
        self.hasher.update(entry);
        self.unsealed_entries += 1;
    }

    /// Entries since the last seal.
    pub fn unsealed_entries(&self) -> u64 {
        self.unsealed_entries
    }

    /// What a seal right here says.
    pub fn value(&self) -> SealValue {
        self.hasher.clone().finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_is_sha_256_of_zeros_and_the_entries() {
        let mut chain = Chain::new();
        chain.add(b"one");
        chain.add(b"two");
        let mut expected = Sha256::new();
        expected.update([0; 32]);
        expected.update(b"onetwo");
        let expected: SealValue = expected.finalize().into();
        assert_eq!((chain.value(), chain.unsealed_entries()), (expected, 2));
        assert_ne!(Chain::after(&expected).value(), expected);
    }
}
