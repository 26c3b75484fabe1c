//! Calls that go well: what is added comes back, in order, from the log and from the call's own file.

use super::*;

#[tokio::test]
async fn a_call_is_written_read_and_split() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, recovery) = open(dir.path());
    assert_eq!(recovery, Recovery::default());
    let (call, mut media) = (journal.call(key(1)), journal.media(key(1)));
    call.append_durable(Kind::Opened, 1, b"{}".to_vec())
        .await
        .unwrap();
    for sequence in 0..500 {
        media
            .push(2 + sequence as i64, frame(sequence, &[0xFE; 160]))
            .unwrap();
    }
    call.append(Kind::Heard, 900, br#"{"text":"hello"}"#.to_vec())
        .unwrap();
    call.append_durable(Kind::Closed, 1_000, b"{}".to_vec())
        .await
        .unwrap();

    let live = entries(journal.read(key(1)).await.unwrap());
    assert_eq!(live.len(), 503);
    assert_eq!((live[0].kind, live[502].kind), (Kind::Opened, Kind::Closed));
    let frames: Vec<_> = live
        .iter()
        .filter_map(Entry::media)
        .map(|media| (media.sequence, media.track, media.timestamp_ms))
        .collect();
    assert_eq!(
        frames,
        (0..500)
            .map(|n| (n, (n % 2) as u8, 10 * n as i64))
            .collect::<Vec<_>>()
    );

    let split = journal.split(key(1)).await.unwrap();
    assert_eq!(
        split.path,
        dir.path().join("calls").join(format!("{}.journal", key(1)))
    );
    assert_eq!(split.bytes, std::fs::metadata(&split.path).unwrap().len());
    assert_eq!(split.lost_frames, 0);
    assert_eq!(entries(read_file(&split.path).unwrap()), live);
    assert_eq!(entries(journal.read(key(1)).await.unwrap()), live);
    let report = verify(&split.path).unwrap();
    assert!(report.is_sound(), "{report}");
    let call = &report.calls[&key(1)];
    assert_eq!(
        (call.entries, call.last_seal, call.closed),
        (split.entries, Some(split.seal), true)
    );
    assert_eq!(
        (
            call.unsealed_entries,
            call.first_sequence,
            call.last_sequence
        ),
        (0, 1, split.entries)
    );
    assert!(call.seals_ok > 0);
    assert!(journal.read(key(9)).await.err() == Some(JournalError::UnknownCall { key: key(9) }));

    // Nothing of the call is left in the node log once the log has gone on.
    journal.shut_down().await.unwrap();
    let left = files(&dir.path().join("node"));
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(
        std::fs::metadata(dir.path().join("node").join(&left[0]))
            .unwrap()
            .len(),
        format::FILE_HEADER_BYTES as u64
    );
}

#[tokio::test]
async fn nothing_is_added_to_a_call_that_is_over() {
    let dir = tempfile::tempdir().unwrap();
    let over = Err(JournalError::AlreadySplit { key: key(1) });
    let (journal, _) = open(dir.path());
    let call = journal.call(key(1));
    assert_eq!(
        journal.split(key(1)).await.err(),
        Some(JournalError::UnknownCall { key: key(1) })
    );
    call.append_durable(Kind::Opened, 1, Vec::new())
        .await
        .unwrap();
    journal.split(key(1)).await.unwrap();
    assert_eq!(
        call.append_durable(Kind::Provider, 2, Vec::new()).await,
        over
    );
    assert_eq!(journal.split(key(1)).await.err(), over.clone().err());
    let before = std::fs::read(journal.call_file(key(1))).unwrap();
    drop((call, journal));
    let (journal, recovery) = open(dir.path());
    assert_eq!(recovery.unfinished, []);
    assert_eq!(
        journal
            .call(key(1))
            .append_durable(Kind::Provider, 2, Vec::new())
            .await,
        over
    );
    assert_eq!(std::fs::read(journal.call_file(key(1))).unwrap(), before);
}

#[tokio::test]
async fn what_cannot_be_an_entry_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path());
    let call = journal.call(key(1));
    assert_eq!(
        call.append(Kind::Seal, 1, Vec::new()),
        Err(JournalError::ReservedKind { kind: Kind::Seal })
    );
    let bytes = MAX_BODY_BYTES + 1;
    assert_eq!(
        call.append(Kind::Heard, 1, vec![0; bytes]),
        Err(JournalError::TooLong { bytes })
    );
    call.append_durable(Kind::Heard, 1, vec![b' '; MAX_BODY_BYTES])
        .await
        .unwrap();
    journal.shut_down().await.unwrap();
    assert_eq!(
        call.append(Kind::Heard, 1, Vec::new()),
        Err(JournalError::Stopped)
    );
    assert_eq!(
        journal.split(key(1)).await.err(),
        Some(JournalError::Stopped)
    );
}

#[tokio::test]
async fn what_was_caused_later_stands_later() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path());
    // Two streams and the call's own entries, taken turns at from one task: the journal must show just that order.
    let call = journal.call(key(1));
    let mut streams = [journal.media(key(1)), journal.media(key(1))];
    for at_us in 0..3_000_i64 {
        match at_us % 3 {
            0 => call.append(Kind::Provider, at_us, Vec::new()).unwrap(),
            turn => streams[turn as usize - 1]
                .push(at_us, frame(at_us as u64, &[1; 20]))
                .unwrap(),
        }
        if at_us % 100 == 0 {
            tokio::task::yield_now().await;
        }
    }
    let read = entries(journal.read(key(1)).await.unwrap());
    assert_eq!(
        read.iter().map(|entry| entry.at_us).collect::<Vec<_>>(),
        (0..3_000).collect::<Vec<_>>()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_calls_at_once_keep_apart() {
    let dir = tempfile::tempdir().unwrap();
    // Small segments and a small log, so that calls are carried out of it while they are live.
    let settings = JournalSettings {
        segment_bytes: 64 << 10,
        segments: 3,
        runs: 40,
        ..JournalSettings::default()
    };
    let (journal, _) = Journal::open(dir.path(), &settings).unwrap();
    let calls: Vec<_> = (1..=40_u8)
        .map(|number| {
            let journal = journal.clone();
            tokio::spawn(async move {
                let (call, mut media) = (journal.call(key(number)), journal.media(key(number)));
                for turn in 0..60_i64 {
                    for frames in 0..20 {
                        media
                            .push(turn, frame(20 * turn as u64 + frames, &[number; 160]))
                            .unwrap();
                    }
                    if turn % 20 == 7 {
                        call.append_durable(Kind::Person, turn, vec![number])
                            .await
                            .unwrap();
                    } else {
                        call.append(Kind::Heard, turn, vec![number]).unwrap();
                    }
                    tokio::task::yield_now().await;
                }
                call.append_durable(Kind::Closed, 60, vec![number])
                    .await
                    .unwrap();
                let live = entries(journal.read(key(number)).await.unwrap());
                (number, live, journal.split(key(number)).await.unwrap())
            })
        })
        .collect();
    for call in calls {
        let (number, live, split) = call.await.unwrap();
        assert_eq!(live.len(), 60 * 21 + 1);
        assert!(live.iter().all(|entry| entry.key == key(number)));
        let frames = live
            .iter()
            .filter_map(Entry::media)
            .map(|media| media.sequence);
        assert_eq!(frames.collect::<Vec<_>>(), (0..1_200).collect::<Vec<_>>());
        let turns = live
            .iter()
            .filter(|entry| entry.kind != Kind::Media)
            .map(|entry| entry.at_us);
        assert_eq!(turns.collect::<Vec<_>>(), (0..=60).collect::<Vec<_>>());
        assert_eq!(entries(read_file(&split.path).unwrap()), live);
        let report = verify(&split.path).unwrap();
        assert!(report.is_sound() && report.calls.len() == 1, "{report}");
        assert_eq!(report.calls[&key(number)].last_seal, Some(split.seal));
    }
    journal.shut_down().await.unwrap();
    assert_eq!(
        files(&dir.path().join("node")).len(),
        1,
        "segments of split calls are deleted"
    );
}

#[tokio::test]
async fn a_long_call_does_not_hold_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let settings = JournalSettings {
        segment_bytes: 8 << 10,
        segments: 2,
        ..JournalSettings::default()
    };
    let (journal, _) = Journal::open(dir.path(), &settings).unwrap();
    let (long, busy) = (journal.call(key(1)), journal.call(key(2)));
    for turn in 0..60 {
        long.append(Kind::Heard, turn, vec![b'a'; 100]).unwrap();
        busy.append_durable(Kind::Heard, turn, vec![b'b'; 2_000])
            .await
            .unwrap();
    }
    let node = dir.path().join("node");
    let part = format!("{}.part", key(1));
    assert!(files(&node).contains(&part), "{:?}", files(&node));
    let live = entries(journal.read(key(1)).await.unwrap());
    assert_eq!(
        live.iter().map(|entry| entry.at_us).collect::<Vec<_>>(),
        (0..60).collect::<Vec<_>>()
    );

    // A crash here: the next run finds both calls whole.
    let crashed = tempfile::tempdir().unwrap();
    journal.shut_down().await.unwrap();
    drop(journal);
    copy(dir.path(), crashed.path());
    let (journal, recovery) = Journal::open(crashed.path(), &settings).unwrap();
    assert_eq!(recovery.damage, []);
    assert_eq!(
        recovery
            .unfinished
            .iter()
            .map(|call| call.key)
            .collect::<Vec<_>>(),
        [key(1), key(2)]
    );
    assert_eq!(entries(journal.read(key(1)).await.unwrap()), live);
    for number in [1, 2] {
        let split = journal.split(key(number)).await.unwrap();
        let report = verify(&split.path).unwrap();
        assert!(report.is_sound(), "{report}");
        assert_eq!(entries(read_file(&split.path).unwrap()).len(), 60);
    }
    assert!(!files(&crashed.path().join("node")).contains(&part));
}
