//! What the fuzz target and the property test share: any bytes as a journal, read to their end.

use offhook::store::journal::{
    Damage, DamageReason, ENTRY_FRAME_BYTES, Entry, FILE_HEADER_BYTES, Reader,
};

/// Reads `bytes` as a journal file: every byte must turn up exactly once, as header, in an entry or as damage.
pub fn read(bytes: &[u8]) -> (Vec<Entry>, Vec<Damage>) {
    let (mut entries, mut damage) = (Vec::new(), Vec::<Damage>::new());
    let mut accounted = 0;
    for item in Reader::new(bytes) {
        match item {
            Ok(entry) => {
                accounted += ENTRY_FRAME_BYTES + entry.body.len();
                drop(format!("{:?}", entry.media()));
                entries.push(entry);
            }
            Err(hurt) => {
                // Of a header that is missing altogether there are no bytes to count.
                assert!(
                    hurt.bytes > 0 || hurt.reason == DamageReason::FileHeader,
                    "{hurt}"
                );
                assert!(
                    damage
                        .last()
                        .is_none_or(|before| before.offset + before.bytes <= hurt.offset)
                );
                accounted += hurt.bytes as usize;
                damage.push(hurt);
            }
        }
    }
    let headless = bytes.is_empty() || damage.first().is_some_and(|hurt| hurt.offset == 0);
    assert_eq!(
        accounted + if headless { 0 } else { FILE_HEADER_BYTES },
        bytes.len()
    );
    (entries, damage)
}
