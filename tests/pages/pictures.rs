//! Pictures of the pages, held against those that were found good: `tests/pages/reference`.
//!
//! What a picture shows is pinned: words, ids and times are given, the moment is always the same one, nothing moves. So a picture differs
//! only where a page does. Where it does, the test fails and leaves the picture and the difference in `target/pages`. A change that is
//! wanted is looked at there and accepted with
//!
//! ```sh
//! OFFHOOK_PICTURES=accept cargo test --test pages pictures
//! ```
//!
//! Another machine may have other fonts or another Chromium, and then every word is drawn otherwise: `reference/drawn-with.txt` says with
//! what the references were drawn, and elsewhere the comparison is left out with a line that says so.

use std::path::{Path, PathBuf};

use image::RgbImage;
use image_compare::rgb_hybrid_compare;

use crate::browser::{Tab, settle};

/// A pixel that differs more than this (0 to 255, structure and colour together) is seen.
const SEEN: u8 = 48;
/// The share of pixels that may be seen to differ: less than a letter of the smallest text at 360 px, so that rounding alone passes.
const TOLERANCE: f64 = 0.000_1;

/// A picture is never higher than this, px.
const HIGHEST: u32 = 6_000;

/// What the page's widths of text are with this machine's fonts, and who draws them.
const DRAWN_WITH: &str = "(() => {
    const canvas = document.createElement('canvas').getContext('2d');
    const of = (selector) => getComputedStyle(document.querySelector(selector)).fontFamily;
    const width = (font, text) => { canvas.font = font; return canvas.measureText(text).width.toFixed(2); };
    const text = 'Before you hang up: 0123456789 (512) 555-0142 ✓ ▶ ● — …';
    const version = navigator.userAgent.match(/Chrome\\/(\\d+)/)[1];
    return `Chromium ${version}, widths ${width(`400 15px ${of('body')}`, text)} ${width(`650 15px ${of('body')}`, text)} ${width('600 13px monospace', text)}`;
})()";

fn references() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages/reference")
}

fn fresh() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pages")
}

/// What is done with pictures in this run.
enum Use {
    /// They become the references.
    Accept,
    /// They are held against the references.
    Compare,
    /// They are only taken: the references were drawn with something else.
    Take,
}

/// The pictures of one run.
pub struct Pictures {
    how: Use,
    /// What was found, a line each.
    found: Vec<String>,
}

impl Pictures {
    /// Asks the browser what it draws with, on a page that is open in `tab`.
    pub async fn begin(tab: &Tab<'_>) -> Pictures {
        let drawn_with = tab.value(DRAWN_WITH).await;
        let drawn_with = drawn_with.as_str().unwrap();
        let noted = references().join("drawn-with.txt");
        std::fs::create_dir_all(fresh()).unwrap();
        let how = if std::env::var("OFFHOOK_PICTURES").is_ok_and(|v| v == "accept") {
            std::fs::write(noted, format!("{drawn_with}\n")).unwrap();
            Use::Accept
        } else {
            let before = std::fs::read_to_string(noted).unwrap_or_default();
            if before.trim() == drawn_with {
                Use::Compare
            } else {
                eprintln!(
                    "skipped: pictures are not compared, they were drawn with {} and here it is {drawn_with}",
                    before.trim()
                );
                Use::Take
            }
        };
        Pictures {
            how,
            found: Vec::new(),
        }
    }

    /// Takes a page's pictures, from its top to its bottom: wide and narrow, light and dark. Nothing of it may be wider than the window.
    pub async fn take(&mut self, tab: &Tab<'_>, name: &str) {
        for (width, height) in [(1280, 800), (360, 740)] {
            for dark in [false, true] {
                tab.look(width, height, dark).await;
                settle(tab).await;
                // A window as high as the page: what is fixed to its lower edge then stands below the rest, not over it.
                let whole = tab.value("document.documentElement.scrollHeight").await;
                let whole = u32::try_from(whole.as_u64().unwrap()).unwrap();
                if whole > height {
                    tab.look(width, whole.min(HIGHEST), dark).await;
                    settle(tab).await;
                }
                let over = tab
                    .value("document.documentElement.scrollWidth - innerWidth")
                    .await;
                if over.as_i64().unwrap() > 0 {
                    self.found
                        .push(format!("{name} is {over} px too wide at {width}"));
                }
                let scheme = if dark { "dark" } else { "light" };
                self.look_at(
                    &format!("{name}-{width}-{scheme}.png"),
                    &tab.picture().await,
                );
            }
        }
        tab.look(1280, 800, false).await;
    }

    fn look_at(&mut self, file: &str, png: &[u8]) {
        std::fs::write(fresh().join(file), png).unwrap();
        let reference = references().join(file);
        match self.how {
            // What nobody would see stays as it was, so that a change names the pictures that it is seen in.
            Use::Accept => {
                let before = std::fs::read(&reference);
                if before.map_or(true, |b| difference(&read(&b), &read(png)).is_some()) {
                    std::fs::write(reference, png).unwrap();
                }
            }
            Use::Compare => {
                let Ok(wanted) = std::fs::read(&reference) else {
                    // A new page has none until somebody has looked at it and accepted it.
                    eprintln!("not compared: {file} has no reference yet");
                    return;
                };
                if let Some(difference) = difference(&read(&wanted), &read(png)) {
                    let shown = fresh().join(format!("differs-{file}"));
                    difference.picture.save(&shown).unwrap();
                    self.found.push(format!(
                        "{file}: {:.3} % of it differ, see {}",
                        difference.share * 100.0,
                        shown.display()
                    ));
                }
            }
            Use::Take => {}
        }
    }

    /// Fails if anything was found.
    pub fn end(self) {
        assert!(
            self.found.is_empty(),
            "{}\nlook at them; if they are wanted: OFFHOOK_PICTURES=accept cargo test --test pages pictures",
            self.found.join("\n")
        );
    }
}

fn read(png: &[u8]) -> RgbImage {
    image::load_from_memory(png).unwrap().into_rgb8()
}

struct Difference {
    share: f64,
    picture: RgbImage,
}

/// How two pictures differ, if one sees it.
fn difference(wanted: &RgbImage, got: &RgbImage) -> Option<Difference> {
    let Ok(compared) = rgb_hybrid_compare(wanted, got) else {
        // They are not even of one size.
        return Some(Difference {
            share: 1.0,
            picture: got.clone(),
        });
    };
    let picture = compared.image.to_color_map().into_rgb8();
    let seen = picture
        .pixels()
        .filter(|p| p.0.iter().any(|c| *c > SEEN))
        .count();
    let share = seen as f64 / f64::from(picture.width() * picture.height());
    (share > TOLERANCE).then_some(Difference { share, picture })
}

#[test]
fn a_changed_word_is_seen_and_a_shade_is_not() {
    let plain = RgbImage::from_pixel(360, 740, image::Rgb([245, 246, 248]));
    assert!(difference(&plain, &plain).is_none());
    let mut shade = plain.clone();
    shade.pixels_mut().for_each(|p| p.0[2] -= 2);
    assert!(difference(&plain, &shade).is_none(), "a shade");
    let mut word = plain.clone();
    for (x, y) in (0..22).flat_map(|x| (0..9).map(move |y| (x, y))) {
        if (x + y) % 3 == 0 {
            word.put_pixel(100 + x, 200 + y, image::Rgb([22, 27, 34]));
        }
    }
    assert!(difference(&plain, &word).is_some(), "a word");
    let other = RgbImage::new(360, 741);
    assert!(difference(&plain, &other).is_some(), "another size");
}
