//! Short dialogues through the extractor, each with the few values that it is about.

// The evaluation looks at more of a miss.
#[allow(dead_code)]
mod exchange;

use std::path::Path;

#[test]
fn dialogues_end_with_what_was_meant() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/dialogues");
    let dialogues: Vec<_> = exchange::files(&folder)
        .iter()
        .flat_map(|p| exchange::read(&std::fs::read_to_string(p).expect("a file of dialogues")))
        .collect();
    assert!(dialogues.len() > 100);
    let wrong: Vec<String> = (exchange::run(&dialogues).iter().flatten())
        .map(ToString::to_string)
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
