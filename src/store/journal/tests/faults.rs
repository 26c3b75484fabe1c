//! A disk that fills up or fails: nothing panics, nobody is told a lie, and it goes on by itself.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use super::super::disk::LogFile;
use super::*;

/// What is wrong with the disk at the moment.
#[derive(Default)]
struct Faults {
    /// Bytes that still fit, when `limited`.
    room: AtomicI64,
    limited: AtomicBool,
    syncs_fail: AtomicBool,
}

impl Faults {
    fn fill(&self, room: i64) {
        self.room.store(room, Ordering::SeqCst);
        self.limited.store(true, Ordering::SeqCst);
    }

    fn mend(&self) {
        self.limited.store(false, Ordering::SeqCst);
        self.syncs_fail.store(false, Ordering::SeqCst);
    }
}

struct FaultyDisk(Arc<Faults>, RealDisk);
struct FaultyFile(Arc<Faults>, Box<dyn LogFile>);

fn faulty() -> (Arc<Faults>, Box<FaultyDisk>) {
    let faults = Arc::new(Faults::default());
    (
        faults.clone(),
        Box::new(FaultyDisk(faults, RealDisk { fsync: false })),
    )
}

impl Disk for FaultyDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        Ok(Box::new(FaultyFile(self.0.clone(), self.1.create(path)?)))
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.1.sync_dir(dir)
    }
}

impl LogFile for FaultyFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.0.limited.load(Ordering::SeqCst) {
            return self.1.append(bytes);
        }
        let room = self.0.room.load(Ordering::SeqCst).max(0) as usize;
        let fits = &bytes[..room.min(bytes.len())];
        self.0.room.fetch_sub(fits.len() as i64, Ordering::SeqCst);
        self.1.append(fits)?;
        if fits.len() < bytes.len() {
            Err(io::ErrorKind::StorageFull.into())
        } else {
            Ok(())
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.0.syncs_fail.load(Ordering::SeqCst) {
            Err(io::Error::from_raw_os_error(libc::EIO))
        } else {
            self.1.sync()
        }
    }

    fn truncate(&mut self, _: u64) -> io::Result<()> {
        // The hardest case: what could not be synced stays in the file.
        Ok(())
    }
}

/// The bodies of a call's entries after another start.
fn recovered(dir: &Path, key: CallId) -> Vec<Vec<u8>> {
    let log = log(
        dir,
        Box::new(RealDisk { fsync: false }),
        &JournalSettings::default(),
    );
    let runs = Runs {
        runs: log.runs_of(key).into_iter(),
        current: None,
    };
    entries(Reader::headless(runs))
        .into_iter()
        .map(|entry| entry.body)
        .collect()
}

#[test]
fn after_a_failed_sync_everything_unsynced_is_written_anew() {
    let dir = tempfile::tempdir().unwrap();
    let (faults, disk) = faulty();
    let mut log = log(dir.path(), disk, &JournalSettings::default());
    let mut now = Instant::now();
    log.stage(key(1), 1, Kind::Heard, &[b"before"]).unwrap();
    assert_eq!(log.commit(true, now).unwrap().entries, 2);

    log.stage(key(1), 2, Kind::Heard, &[b"during"]).unwrap();
    faults.syncs_fail.store(true, Ordering::SeqCst);
    let error = log.commit(true, now).unwrap_err();
    assert!(
        matches!(&error, JournalError::Io { doing: "sync", .. }),
        "{error}"
    );
    faults.mend();
    assert!(
        matches!(log.commit(true, now), Err(JournalError::Failing { .. })),
        "not before the wait is over"
    );
    log.stage(key(1), 3, Kind::Heard, &[b"still"]).unwrap();
    now += Duration::from_secs(1);
    log.commit(true, now).unwrap();
    assert!(log.failing().is_none());

    // "during" is in two segments now; it counts once.
    let written = files(&dir.path().join("node"))
        .iter()
        .flat_map(|name| entries(read_file(&dir.path().join("node").join(name)).unwrap()))
        .filter(|entry| entry.body == b"during")
        .count();
    assert_eq!(written, 2);
    drop(log);
    assert_eq!(
        recovered(dir.path(), key(1)),
        [&b"before"[..], b"during", b"still"]
    );
}

#[test]
fn a_disk_that_fills_up_at_any_byte_loses_nothing() {
    for room in 0..500 {
        let dir = tempfile::tempdir().unwrap();
        let (faults, disk) = faulty();
        let mut log = log(dir.path(), disk, &JournalSettings::default());
        let mut now = Instant::now();
        faults.fill(room);
        let mut refused = 0;
        for turn in 0..6_u8 {
            log.stage(key(1), i64::from(turn), Kind::Heard, &[&[turn; 20]])
                .unwrap();
            refused += u32::from(log.commit(turn % 2 == 0, now).is_err());
            now += Duration::from_secs(3);
        }
        assert!(refused > 0 || room > 400, "room for {room} bytes");
        assert_eq!(log.failing().is_some(), refused > 0);
        faults.mend();
        log.commit(true, now).unwrap();
        drop(log);
        assert_eq!(
            recovered(dir.path(), key(1)),
            (0..6_u8).map(|turn| vec![turn; 20]).collect::<Vec<_>>()
        );
    }
}

#[test]
fn memory_stays_bounded_while_the_disk_refuses() {
    let dir = tempfile::tempdir().unwrap();
    let (faults, disk) = faulty();
    let settings = JournalSettings {
        buffer_bytes: 10_000,
        ..JournalSettings::default()
    };
    let mut log = log(dir.path(), disk, &settings);
    faults.fill(0);
    let now = Instant::now();
    log.stage(key(1), 0, Kind::Heard, &[b"first"]).unwrap();
    assert!(log.commit(true, now).is_err());
    let taken = (0..1_000)
        .filter(|at_us| log.stage(key(1), *at_us, Kind::Media, &[&[0; 200]]).is_ok())
        .count();
    assert!((20..60).contains(&taken), "{taken}");
    assert_eq!(
        log.call_mut(key(1)).unwrap().lost_frames,
        1_000 - taken as u64
    );
    // What is not media is still taken, and the disk's return finds it in its place.
    log.stage(key(1), 1, Kind::Heard, &[b"last"]).unwrap();
    faults.mend();
    log.commit(true, now + Duration::from_secs(1)).unwrap();
    log.stage(key(1), 1, Kind::Media, &[&[0; 200]]).unwrap();
    drop(log);
    let bodies = recovered(dir.path(), key(1));
    assert_eq!(
        (bodies.len(), bodies.last().map(Vec::as_slice)),
        (taken + 2, Some(&b"last"[..]))
    );
}

#[tokio::test]
async fn users_are_told_and_it_resumes_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let (faults, disk) = faulty();
    let (journal, _) = Journal::open_on(dir.path(), &JournalSettings::default(), disk).unwrap();
    let (call, mut media) = (journal.call(key(1)), journal.media(key(1)));
    call.append_durable(Kind::Opened, 1, Vec::new())
        .await
        .unwrap();
    assert_eq!(journal.health(), Health::Ok);

    faults.fill(10);
    media.push(2, frame(0, &[1; 160])).unwrap();
    let error = call
        .append_durable(Kind::Provider, 3, b"held".to_vec())
        .await
        .unwrap_err();
    assert!(
        matches!(
            &error,
            JournalError::Failing { .. } | JournalError::Io { .. }
        ),
        "{error}"
    );
    let mut health = journal.watch_health();
    let failing = health
        .wait_for(|health| *health != Health::Ok)
        .await
        .unwrap()
        .clone();
    assert!(
        matches!(&failing, Health::Failing { error, .. } if error.contains("write to")),
        "{failing:?}"
    );
    let (refused, unknown) = (journal.split(key(1)).await, journal.split(key(9)).await);
    assert!(refused.is_err());
    assert_eq!(
        unknown.err(),
        Some(JournalError::UnknownCall { key: key(9) })
    );

    faults.mend();
    health
        .wait_for(|health| *health == Health::Ok)
        .await
        .unwrap();
    call.append_durable(Kind::Closed, 4, Vec::new())
        .await
        .unwrap();
    let split = journal.split(key(1)).await.unwrap();
    assert!(verify(&split.path).unwrap().is_sound());
    let kinds: Vec<_> = entries(read_file(&split.path).unwrap())
        .iter()
        .map(|entry| entry.kind)
        .collect();
    assert_eq!(
        kinds,
        [Kind::Opened, Kind::Media, Kind::Provider, Kind::Closed]
    );
}

#[tokio::test]
async fn a_split_right_when_the_disk_is_back_is_sealed_to_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let (faults, disk) = faulty();
    let (journal, _) = Journal::open_on(dir.path(), &JournalSettings::default(), disk).unwrap();
    let call = journal.call(key(1));
    faults.fill(10);
    assert!(
        call.append_durable(Kind::Opened, 1, Vec::new())
            .await
            .is_err()
    );
    faults.mend();
    // One of these is the first to find the disk mended.
    let split = loop {
        if let Ok(split) = journal.split(key(1)).await {
            break split;
        }
        tokio::task::yield_now().await;
    };
    let report = verify(&split.path).unwrap();
    assert!(report.is_sound(), "{report}");
}

#[test]
fn a_folder_that_cannot_be_written_to_is_named() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("node"), "in the way").unwrap();
    let error = Journal::open(dir.path(), &JournalSettings::default())
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("node"), "{error}");
}

/// A file system of its own, unmounted when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None` where this process may not mount.
    fn mount(options: &str) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(dir.path())
            .output();
        mounted
            .is_ok_and(|mounted| mounted.status.success())
            .then(|| Self(dir))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount")
            .arg(self.0.path())
            .status();
    }
}

#[tokio::test]
async fn a_real_disk_that_is_full_is_survived() {
    let Some(disk) = SmallDisk::mount("size=1m") else {
        println!("skipped: this process may not mount a small disk");
        return;
    };
    let dir = disk.0.path();
    let (journal, _) = open(dir);
    let call = journal.call(key(1));
    let ballast = dir.join("ballast");
    std::fs::write(&ballast, vec![0; 600 << 10]).unwrap();
    let mut taken = 0;
    while call
        .append_durable(Kind::Heard, taken, vec![b'x'; 10_000])
        .await
        .is_ok()
    {
        taken += 1;
    }
    assert!(taken > 5, "{taken}");
    assert!(
        matches!(journal.health(), Health::Failing { error, .. } if error.contains("No space left"))
    );
    std::fs::remove_file(&ballast).unwrap();
    journal
        .watch_health()
        .wait_for(|health| *health == Health::Ok)
        .await
        .unwrap();
    // Now there is room for what is written twice, but not for the call's own file beside it.
    std::fs::write(&ballast, vec![0; 400 << 10]).unwrap();
    let refused = journal.split(key(1)).await.unwrap_err();
    assert!(
        matches!(
            &refused,
            JournalError::Io {
                kind: io::ErrorKind::StorageFull,
                ..
            }
        ),
        "{refused}"
    );
    std::fs::remove_file(&ballast).unwrap();
    let split = journal.split(key(1)).await.unwrap();
    assert!(verify(&split.path).unwrap().is_sound());
    let found = entries(read_file(&split.path).unwrap());
    assert!(
        (taken..=taken + 1).contains(&(found.len() as i64)),
        "{taken} acknowledged, {} found",
        found.len()
    );
}
