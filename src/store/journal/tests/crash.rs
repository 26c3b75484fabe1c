//! What a crash, a torn write or a flipped byte leaves: everything acknowledged, and a report of the rest.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command as Process, Stdio};

use super::*;

/// Set for the process that is to be killed: where its journal is.
const VICTIM_DIR: &str = "OFFHOOK_TEST_JOURNAL_VICTIM";

#[tokio::test]
async fn files_copied_while_calls_are_live_hold_all_that_was_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path());
    let mut split = Vec::new();
    for round in 0..20_u8 {
        for number in 1..=4 {
            let call = journal.call(key(10 * round + number));
            call.append_durable(Kind::Opened, 1, vec![round])
                .await
                .unwrap();
            journal
                .media(key(10 * round + number))
                .push(2, frame(0, &[0xFF; 160]))
                .unwrap();
        }
        journal.split(key(10 * round + 1)).await.unwrap();
        split.push(key(10 * round + 1));

        let crashed = tempfile::tempdir().unwrap();
        copy(dir.path(), crashed.path());
        let settings = JournalSettings {
            fsync: false,
            ..JournalSettings::default()
        };
        let (copied, recovery) = Journal::open(crashed.path(), &settings).unwrap();
        assert_eq!(recovery.damage, []);
        let live: Vec<_> = (0..=round)
            .flat_map(|round| (2..=4).map(move |number| key(10 * round + number)))
            .collect();
        assert_eq!(
            recovery
                .unfinished
                .iter()
                .map(|call| call.key)
                .collect::<Vec<_>>(),
            live
        );
        for call in recovery.unfinished {
            assert!(!call.closed && call.last_at_us >= 1);
            let split = copied.split(call.key).await.unwrap();
            assert!(verify(&split.path).unwrap().is_sound());
        }
        for key in &split {
            assert!(verify(&copied.call_file(*key)).unwrap().is_sound());
        }
    }
}

#[tokio::test]
async fn a_finished_call_stays_finished_when_its_file_is_erased() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path());
    for number in 1..=2 {
        journal
            .call(key(number))
            .append_durable(Kind::Opened, 1, Vec::new())
            .await
            .unwrap();
    }
    let split = journal.split(key(1)).await.unwrap();
    journal.shut_down().await.unwrap();
    drop(journal);
    std::fs::remove_file(split.path).unwrap();
    let (_journal, recovery) = open(dir.path());
    assert_eq!(
        recovery
            .unfinished
            .iter()
            .map(|call| call.key)
            .collect::<Vec<_>>(),
        [key(2)]
    );
}

#[tokio::test]
async fn any_byte_of_the_node_log_may_flip_or_be_the_last() {
    let sound = tempfile::tempdir().unwrap();
    let (journal, _) = open(sound.path());
    for number in 1..=2 {
        for at_us in 1..=2 {
            journal
                .call(key(number))
                .append_durable(Kind::Heard, at_us, vec![b'x'; 5])
                .await
                .unwrap();
        }
    }
    journal.shut_down().await.unwrap();
    drop(journal);
    let name = Path::new("node/000001.log");
    let bytes = std::fs::read(sound.path().join(name)).unwrap();
    // Each entry and where it ends.
    let (mut all, mut reader) = (Vec::new(), read_file(&sound.path().join(name)).unwrap());
    while let Some(raw) = reader.next_raw().map(Result::unwrap) {
        all.push((raw.to_entry(), raw.offset as usize + raw.bytes.len()));
    }
    assert!(all.len() > 4, "four entries and their seals");

    for at in 0..bytes.len() {
        for cut in [false, true] {
            let mut bytes = bytes.clone();
            if cut {
                bytes.truncate(at);
            } else {
                bytes[at] ^= 0x20;
            }
            let hurt = tempfile::tempdir().unwrap();
            std::fs::create_dir(hurt.path().join("node")).unwrap();
            std::fs::write(hurt.path().join(name), &bytes).unwrap();
            let damage = recovery::recover(&Paths::new(hurt.path()), false)
                .unwrap()
                .report
                .damage;
            let log = log(
                hurt.path(),
                Box::new(RealDisk { fsync: false }),
                &JournalSettings::default(),
            );
            let mut found = Vec::new();
            for number in 1..=2 {
                let runs = Runs {
                    runs: log.runs_of(key(number)).into_iter(),
                    current: None,
                };
                found.extend(Reader::headless(runs).map(|item| item.unwrap()));
            }
            let hit = all
                .iter()
                .position(|(_, end)| at < *end)
                .filter(|_| at >= FILE_HEADER_BYTES);
            let kept = |(place, (entry, end)): (usize, &(Entry, usize))| {
                (if cut { *end <= at } else { Some(place) != hit }).then(|| entry.clone())
            };
            let mut expected: Vec<_> = all.iter().enumerate().filter_map(kept).collect();
            expected.sort_by_key(|entry| (entry.key, entry.sequence));
            assert_eq!(found, expected, "byte {at}, cut: {cut}");
            let clean_cut =
                at == 0 || at == FILE_HEADER_BYTES || all.iter().any(|(_, end)| *end == at);
            assert_eq!(
                damage.len(),
                usize::from(!(cut && clean_cut)),
                "byte {at}, cut: {cut}: {damage:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_change_that_checksums_miss_breaks_the_chain() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path());
    let call = journal.call(key(1));
    for at_us in 1..=6 {
        call.append(Kind::Heard, at_us, b"yes".to_vec()).unwrap();
    }
    let path = journal.split(key(1)).await.unwrap().path;
    let sound: Vec<_> = read_file(&path).unwrap().map(Result::unwrap).collect();
    let rewrite = |entries: &[Entry]| {
        let mut bytes = format::file_header().to_vec();
        for Entry {
            key,
            sequence,
            at_us,
            kind,
            body,
        } in entries
        {
            let head = format::Head {
                key: *key,
                sequence: *sequence,
                at_us: *at_us,
                kind: *kind,
                body_bytes: body.len(),
            };
            format::encode_entry(&mut bytes, &head, &[body]);
        }
        std::fs::write(&path, bytes).unwrap();
        verify(&path).unwrap()
    };
    assert!(rewrite(&sound).is_sound());
    for at in 0..6 {
        let mut changed = sound.clone();
        changed[at].body = b"no".to_vec();
        let report = rewrite(&changed);
        assert_eq!(
            (report.damage.len(), report.is_sound()),
            (0, false),
            "{report}"
        );
        assert_eq!(report.calls[&key(1)].seals_bad.len(), 1);

        let mut removed = sound.clone();
        removed.remove(at);
        let report = rewrite(&removed);
        assert!(!report.is_sound(), "{report}");
    }
}

/// Not a test of its own: the process that the next test kills.
#[tokio::test]
async fn victim() {
    let Ok(dir) = std::env::var(VICTIM_DIR) else {
        return;
    };
    let (journal, _) = open(Path::new(&dir));
    let mut calls = Vec::new();
    for number in 1..=8_u8 {
        let journal = journal.clone();
        calls.push(tokio::spawn(async move {
            let (call, mut media) = (journal.call(key(number)), journal.media(key(number)));
            for turn in 1.. {
                for sequence in 0..10 {
                    let _ = media.push(turn, frame(sequence, &[number; 160]));
                }
                call.append_durable(Kind::Person, turn, vec![number])
                    .await
                    .unwrap();
                // One line, one write: what the killer has read was acknowledged.
                std::io::stderr()
                    .write_all(format!("acknowledged {number} {turn}\n").as_bytes())
                    .unwrap();
            }
        }));
    }
    for call in calls {
        call.await.unwrap();
    }
}

#[tokio::test]
async fn kill_nine_loses_nothing_acknowledged() {
    for round in 0..6 {
        let dir = tempfile::tempdir().unwrap();
        let mut victim = Process::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "store::journal::tests::crash::victim",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(VICTIM_DIR, dir.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(victim.stderr.take().unwrap()).lines();
        let mut acknowledged = [0_i64; 9];
        let mut note = |line: String| {
            let mut words = line
                .split_whitespace()
                .skip(1)
                .map(|word| word.parse::<i64>().unwrap());
            let (number, turn) = (words.next().unwrap(), words.next().unwrap());
            acknowledged[number as usize] = acknowledged[number as usize].max(turn);
        };
        for line in lines.by_ref().take(50 + 37 * round) {
            note(line.unwrap());
        }
        victim.kill().unwrap();
        lines.for_each(|line| note(line.unwrap()));
        victim.wait().unwrap();

        let (journal, recovery) = open(dir.path());
        assert!(
            recovery
                .damage
                .iter()
                .all(|(_, damage)| damage.reason == DamageReason::TornTail),
            "{:?}",
            recovery.damage
        );
        for (number, acknowledged) in acknowledged
            .iter()
            .enumerate()
            .skip(1)
            .filter(|call| *call.1 > 0)
        {
            let found = entries(journal.read(key(number as u8)).await.unwrap());
            let turns: Vec<_> = found
                .iter()
                .filter(|entry| entry.kind == Kind::Person)
                .map(|entry| entry.at_us)
                .collect();
            assert!(
                turns.len() as i64 >= *acknowledged,
                "call {number}: {} of {acknowledged}",
                turns.len()
            );
            assert_eq!(turns, (1..=turns.len() as i64).collect::<Vec<_>>());
            // The frames pushed before an acknowledged entry are there too.
            let frames = found
                .iter()
                .filter(|entry| entry.kind == Kind::Media)
                .count();
            assert!(frames >= 10 * turns.len());
        }
        for call in recovery.unfinished {
            let split = journal.split(call.key).await.unwrap();
            let report = verify(&split.path).unwrap();
            assert!(report.is_sound(), "{report}");
        }
    }
}
