use super::*;

const BUNDLED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/models/offhook-phone-en.bin");

fn bundled() -> Vec<u8> {
    fs::read(BUNDLED).unwrap()
}

fn judge(bytes: &[u8]) -> Result<ModelFacts, ModelError> {
    inspect(Path::new("m.bin"), bytes)
}

fn put(bytes: &mut [u8], index: usize, value: u32) {
    bytes[4 + 4 * index..8 + 4 * index].copy_from_slice(&value.to_le_bytes());
}

#[test]
fn the_bundled_model_is_described() {
    let model = ModelFile::read(Path::new(BUNDLED)).unwrap();
    assert_eq!(&*model.facts.name, "offhook-phone-en");
    assert_eq!(model.facts.n_audio_ctx, 512);
    assert_eq!(model.facts.max_job_ms, 10_000);
    assert_eq!(model.facts.weights(), "q6_k");
    assert_eq!(model.facts.sha256.len(), 64);
    assert!(model.facts.short_window() && !model.facts.multilingual);
}

#[test]
fn the_window_fits_the_audio() {
    let own = judge(&bundled()).unwrap();
    assert_eq!(
        [1, 5, 6, 10].map(|s| own.audio_ctx(s * 16_000)),
        [256, 256, 512, 512]
    );
    let openai = ModelFacts {
        n_audio_ctx: 1_500,
        ..own
    };
    assert_eq!(
        [1, 4, 8, 20, 29, 300].map(|s| openai.audio_ctx(s * 16_000)),
        [192, 320, 512, 1_152, 1_500, 1_500]
    );
}

#[test]
fn a_missing_file_and_a_folder_are_named() {
    let missing = ModelFile::read(Path::new("/nowhere/m.bin")).err().unwrap();
    assert!(matches!(missing, ModelError::Missing { .. }), "{missing}");
    let folder = ModelFile::read(Path::new("/")).err().unwrap();
    assert!(matches!(folder, ModelError::Unreadable { .. }), "{folder}");
}

#[test]
fn a_file_cut_anywhere_is_called_cut_off() {
    let bytes = bundled();
    for len in [
        5,
        20,
        48,
        50,
        60,
        30_000,
        64_500,
        500_000,
        700_000,
        5_000_000,
        bytes.len() - 1,
    ] {
        let error = judge(&bytes[..len]).unwrap_err();
        assert!(
            matches!(error, ModelError::Truncated { .. }),
            "{len}: {error}"
        );
    }
}

#[test]
fn a_file_cut_between_two_tensors_is_called_cut_off() {
    let bytes = bundled();
    // The last tensor is decoder.ln.bias: 12 bytes of head, 4 of size, its name and 128 floats... found by its name.
    let name = b"decoder.ln.bias";
    let at = bytes.windows(name.len()).rposition(|w| w == name);
    if let Some(at) = at {
        let head = at - 12 - 4;
        let error = judge(&bytes[..head]).unwrap_err();
        assert!(matches!(error, ModelError::Truncated { .. }), "{error}");
    }
}

#[test]
fn foreign_files_are_told_apart() {
    for (bytes, told) in [
        (&b""[..], "empty"),
        (b"abc", "few bytes"),
        (b"GGUF....", "GGUF"),
        (b"PK\x03\x04....", "zip"),
        (b"RIFF....WAVE", "WAV"),
        (b"version https://git-lfs.github.com/spec/v1", "git-lfs"),
        (b"<!DOCTYPE html>", "web page"),
        (b"\x7fELF....", "does not begin"),
    ] {
        let error = judge(bytes).unwrap_err();
        assert!(matches!(error, ModelError::Foreign { .. }), "{error}");
        assert!(error.to_string().contains(told), "{error}");
    }
}

#[test]
fn impossible_numbers_are_damage() {
    for (index, value) in [
        (0, 3),
        (0, 1 << 30),
        (1, 0),
        (2, 127),
        (3, 3),
        (4, 0),
        (6, 128),
        (8, 9_999),
        (9, 0),
        (10, 77),
        (10, 4),
    ] {
        let mut bytes = bundled();
        put(&mut bytes, index, value);
        let error = judge(&bytes).unwrap_err();
        assert!(
            matches!(error, ModelError::Damaged { .. }),
            "{index} = {value}: {error}"
        );
    }
    let mut bytes = bundled();
    put(&mut bytes, 4, 5);
    assert!(
        matches!(judge(&bytes), Err(ModelError::Truncated { .. })),
        "a layer more than there are tensors"
    );
    let mut bytes = bundled();
    bytes.extend_from_slice(&[0; 64]);
    assert!(
        matches!(judge(&bytes), Err(ModelError::Damaged { .. })),
        "rubbish behind the last tensor"
    );
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Flipped bytes in the part with structure never panic, and a change of the container's shape is never accepted as another shape.
    #[test]
    fn flipped_bytes_never_panic(flips in proptest::collection::vec((4usize..700_000, 0u8..=255), 1..8)) {
        let mut bytes = bundled();
        for (at, value) in flips {
            bytes[at] = value;
        }
        let _ = judge(&bytes);
    }
}
