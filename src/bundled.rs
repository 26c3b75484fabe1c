//! Where the files that come with Offhook lie: the speech model and the demonstration calls.

use std::path::{Path, PathBuf};

/// The file `relative` (as in the repository) in the first of: the working directory, beside the program, the program's
/// `../share/offhook`, the tree the program was built from. `None` where none of them has it.
pub fn find(relative: impl AsRef<Path>) -> Option<PathBuf> {
    let relative = relative.as_ref();
    let program = std::env::current_exe().ok();
    let beside = program.as_deref().and_then(Path::parent);
    [
        Some(PathBuf::from(relative)),
        beside.map(|dir| dir.join(relative)),
        beside.map(|dir| dir.join("../share/offhook").join(relative)),
        Some(Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)),
    ]
    .into_iter()
    .flatten()
    .find(|path| path.exists())
}
