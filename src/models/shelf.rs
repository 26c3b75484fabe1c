//! Where model files lie, and which of them a name means.

use std::path::{Path, PathBuf};

use crate::bundled;
use crate::speech::catalogue::{self, Known};

/// The model that comes with Offhook.
pub const BUNDLED: &str = "models/offhook-phone-en.bin";
/// Where pulled models are put, in the working directory.
pub const FOLDER: &str = "models";

/// The folders that are looked into: `models` of the working directory, then the bundled model's.
pub fn folders() -> Vec<PathBuf> {
    let own = bundled::find(BUNDLED).and_then(|path| path.parent().map(Path::to_path_buf));
    let mut seen = std::collections::BTreeSet::new();
    [Some(PathBuf::from(FOLDER)), own]
        .into_iter()
        .flatten()
        .filter(|dir| seen.insert(dir.canonicalize().unwrap_or_else(|_| dir.clone())))
        .collect()
}

/// Every model file of some folders, the bundled one first.
pub fn present(folders: &[PathBuf]) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = folders
        .iter()
        .flat_map(|dir| std::fs::read_dir(dir).into_iter().flatten().flatten())
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "bin") && path.is_file())
        .collect();
    files.sort_by_key(|path| (!is_bundled(path), path.clone()));
    files
}

/// Does this file bear the bundled model's name?
pub fn is_bundled(path: &Path) -> bool {
    path.file_name() == Path::new(BUNDLED).file_name()
}

/// The file of a known model, if it is in one of the folders.
pub fn file_of(known: &Known, folders: &[PathBuf]) -> Option<PathBuf> {
    folders
        .iter()
        .map(|dir| dir.join(known.file_name()))
        .find(|path| path.is_file())
}

/// What `--model` and `speech.model` mean: a file as it stands or where bundled files lie; else a known model's name (`base.en-q8_0`)
/// that was pulled. What is found nowhere stays as it is, for the error to name it.
pub fn resolve(model: &Path) -> PathBuf {
    bundled::find(model)
        .or_else(|| file_of(catalogue::by_name(model.to_str()?)?, &folders()))
        .unwrap_or_else(|| model.to_path_buf())
}
