//! The Whisper models that whisper.cpp's public hub holds, and by what they are known: size, SHA-256, language, weights.
//!
//! Sizes and sums are those of the hub's own file pages (a file's Git LFS id is its SHA-256), at the revision that [`HUB`] names; each was
//! compared with what other projects pin for the same file. All of it is OpenAI's weights under the MIT licence.

use std::path::Path;

/// Where the files lie: a fixed revision, so that a name leads to the same bytes for ever.
pub const HUB: &str =
    "https://huggingface.co/ggerganov/whisper.cpp/resolve/5359861c739e955e79d9a303bcbc70fb988958b1";

/// A model file of the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Its name in commands: `base.en-q8_0`.
    pub name: &'static str,
    /// Bytes of the file.
    pub size_bytes: u64,
    /// Of the whole file, lower-case hexadecimal.
    pub sha256: &'static str,
}

impl Known {
    /// Its name as a file.
    pub fn file_name(&self) -> String {
        file_name(self.name)
    }

    /// The size of the network: `base` for `base.en-q8_0`.
    pub fn family(&self) -> &'static str {
        self.size_and_language().trim_end_matches(".en")
    }

    /// Hears other languages than English.
    pub fn multilingual(&self) -> bool {
        !self.size_and_language().ends_with(".en")
    }

    /// How the weights are stored: `f16`, `q8_0`, `q5_1`.
    pub fn weights(&self) -> &'static str {
        self.name
            .rsplit_once('-')
            .map(|(_, last)| last)
            .filter(|last| last.starts_with('q'))
            .unwrap_or("f16")
    }

    /// What it is good for.
    pub fn purpose(&self) -> &'static str {
        match (self.family(), self.multilingual()) {
            ("tiny", false) => "most calls a core; rough on free speech",
            ("base", false) => "live calls: the usual choice",
            ("small", false) => "live calls with cores to spare: names and addresses",
            ("tiny" | "base" | "small", true) => "the same for other languages than English",
            _ => "recordings; too slow for live calls without a GPU",
        }
    }

    /// Seconds of one core for a second of speech in a live call, partials included; see `COSTS`. Speed does not depend on weights or
    /// language, so what was measured for one size of network holds for all models of that size.
    pub fn cost(&self) -> Option<f64> {
        let measured = |(family, weights, _): &&(&str, &str, f64)| {
            *family == self.family() && *weights == self.weights()
        };
        COSTS.iter().find(measured).map(|(.., cost)| *cost)
    }

    fn size_and_language(&self) -> &'static str {
        match self.name.rsplit_once('-') {
            Some((front, last)) if last.starts_with('q') => front,
            _ => self.name,
        }
    }
}

/// A model's name as the hub's file.
pub fn file_name(name: &str) -> String {
    format!("ggml-{name}.bin")
}

/// The model of that name.
pub fn by_name(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.name == name)
}

/// The model whose file name this path has.
pub fn by_file(path: &Path) -> Option<&'static Known> {
    let file = path.file_name()?.to_str()?;
    by_name(file.strip_prefix("ggml-")?.strip_suffix(".bin")?)
}

const fn known(name: &'static str, size_bytes: u64, sha256: &'static str) -> Known {
    Known {
        name,
        size_bytes,
        sha256,
    }
}

/// Measured by `offhook bench speech` on one call (the runs and their machine are in benches/results).
const COSTS: [(&str, &str, f64); 1] = [("tiny", "q8_0", 0.42)];

/// All of them: English only first, then the multilingual ones, by size.
#[rustfmt::skip]
pub const KNOWN: [Known; 24] = [
    known("tiny.en", 77_704_715, "921e4cf8686fdd993dcd081a5da5b6c365bfde1162e72b08d75ac75289920b1f"),
    known("tiny.en-q8_0", 43_550_795, "5bc2b3860aa151a4c6e7bb095e1fcce7cf12c7b020ca08dcec0c6d018bb7dd94"),
    known("tiny.en-q5_1", 32_166_155, "c77c5766f1cef09b6b7d47f21b546cbddd4157886b3b5d6d4f709e91e66c7c2b"),
    known("base.en", 147_964_211, "a03779c86df3323075f5e796cb2ce5029f00ec8869eee3fdfb897afe36c6d002"),
    known("base.en-q8_0", 81_781_811, "a4d4a0768075e13cfd7e19df3ae2dbc4a68d37d36a7dad45e8410c9a34f8c87e"),
    known("base.en-q5_1", 59_721_011, "4baf70dd0d7c4247ba2b81fafd9c01005ac77c2f9ef064e00dcf195d0e2fdd2f"),
    known("small.en", 487_614_201, "c6138d6d58ecc8322097e0f987c32f1be8bb0a18532a3f88f734d1bbf9c41e5d"),
    known("small.en-q8_0", 264_477_561, "67a179f608ea6114bd3fdb9060e762b588a3fb3bd00c4387971be4d177958067"),
    known("small.en-q5_1", 190_098_681, "bfdff4894dcb76bbf647d56263ea2a96645423f1669176f4844a1bf8e478ad30"),
    known("tiny", 77_691_713, "be07e048e1e599ad46341c8d2a135645097a538221678b7acdd1b1919c6e1b21"),
    known("tiny-q8_0", 43_537_433, "c2085835d3f50733e2ff6e4b41ae8a2b8d8110461e18821b09a15c40c42d1cca"),
    known("tiny-q5_1", 32_152_673, "818710568da3ca15689e31a743197b520007872ff9576237bda97bd1b469c3d7"),
    known("base", 147_951_465, "60ed5bc3dd14eea856493d334349b405782ddcaf0028d4b5df4088345fba2efe"),
    known("base-q8_0", 81_768_585, "c577b9a86e7e048a0b7eada054f4dd79a56bbfa911fbdacf900ac5b567cbb7d9"),
    known("base-q5_1", 59_707_625, "422f1ae452ade6f30a004d7e5c6a43195e4433bc370bf23fac9cc591f01a8898"),
    known("small", 487_601_967, "1be3a9b2063867b937e64e2ec7483364a79917e157fa98c5d94b5c1fffea987b"),
    known("small-q8_0", 264_464_607, "49c8fb02b65e6049d5fa6c04f81f53b867b5ec9540406812c643f177317f779f"),
    known("small-q5_1", 190_085_487, "ae85e4a935d7a567bd102fe55afc16bb595bdb618e11b2fc7591bc08120411bb"),
    known("medium", 1_533_763_059, "6c14d5adee5f86394037b4e4e8b59f1673b6cee10e3cf0b11bbdbee79c156208"),
    known("medium-q8_0", 823_369_779, "42a1ffcbe4167d224232443396968db4d02d4e8e87e213d3ee2e03095dea6502"),
    known("medium-q5_0", 539_212_467, "19fea4b380c3a618ec4723c3eef2eb785ffba0d0538cf43f8f235e7b3b34220f"),
    known("large-v3-turbo", 1_624_555_275, "1fc70f774d38eb169993ac391eea357ef47c88757ef72ee5943879b7e8e2bc69"),
    known("large-v3-turbo-q8_0", 874_188_075, "317eb69c11673c9de1e1f0d459b253999804ec71ac4c23c17ecf5fbe24e259a1"),
    known("large-v3-turbo-q5_0", 574_041_195, "394221709cd5ad1f40c46e6031ca61bce88931e6e088c188294c6d5a55ffa7e2"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_size_language_and_weights() {
        let what = |name| {
            let known = by_name(name).unwrap();
            (known.family(), known.multilingual(), known.weights())
        };
        assert_eq!(what("base.en-q8_0"), ("base", false, "q8_0"));
        assert_eq!(what("small"), ("small", true, "f16"));
        assert_eq!(what("large-v3-turbo"), ("large-v3-turbo", true, "f16"));
        assert_eq!(
            what("large-v3-turbo-q5_0"),
            ("large-v3-turbo", true, "q5_0")
        );
        assert!(by_name("huge").is_none());
    }

    #[test]
    fn a_file_is_known_by_its_name_wherever_it_lies() {
        assert_eq!(
            by_file(Path::new("/x/ggml-tiny.en.bin")),
            by_name("tiny.en")
        );
        assert_eq!(by_file(Path::new("ggml-mine.bin")), None);
        assert_eq!(by_file(Path::new("tiny.en")), None);
    }

    #[test]
    fn every_sum_is_one_and_none_comes_twice() {
        let mut sums: Vec<&str> = KNOWN.iter().map(|known| known.sha256).collect();
        assert!(
            sums.iter().all(|sum| sum.len() == 64
                && sum.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
        );
        sums.sort_unstable();
        sums.dedup();
        assert_eq!(sums.len(), KNOWN.len());
        // q8_0 keeps 34 of 64 bytes of a block, q5_1 24: a mistyped size would not fit.
        for known in KNOWN {
            let whole = by_name(known.size_and_language()).unwrap().size_bytes as f64;
            let share = known.size_bytes as f64 / whole;
            let fits = match known.weights() {
                "f16" => share == 1.0,
                "q8_0" => (0.53..0.57).contains(&share),
                _ => (0.34..0.42).contains(&share),
            };
            assert!(fits, "{}: {share}", known.name);
        }
    }
}
