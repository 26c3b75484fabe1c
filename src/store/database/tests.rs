//! The database as its users see it: each test on SQLite and on PostgreSQL.

use std::collections::BTreeSet;

use super::pool::READERS;
use super::review::{Place, QueueFilter, queue};
use super::testing::{Fresh, on_both};
use super::*;

fn call(number: i64) -> CallRow {
    CallRow {
        id: format!("call_{number:04}"),
        provider: "twilio".into(),
        provider_call_id: Some(format!("CA{number:04}")),
        status: "completed".into(),
        started_at_ms: 1_000 * (number / 3),
        ended_at_ms: Some(1_000 * number + 500),
        from_number: Some("+15125550142".into()),
        to_number: Some("+15125550100".into()),
        vertical: Some(if number % 2 == 0 { "clinic" } else { "moving" }.into()),
        location_id: None,
        direction: "inbound".into(),
        record_id: None,
        version: 0,
        call: format!(r#"{{"z":1,"id":{number}, "a":2}}"#),
    }
}

fn draft(number: i64, text: &str) -> Draft {
    let record = RecordRow {
        id: format!("rec_{number:04}"),
        call_id: format!("call_{number:04}"),
        state: "draft".into(),
        version: 0,
        created_at_ms: 5_000,
        updated_at_ms: 5_000,
        record: format!(r#"{{"summary":"{text}"}}"#),
    };
    let segment = |seq| SegmentRow {
        seq,
        track: "inbound".into(),
        speaker: "caller".into(),
        start_ms: 100 * seq,
        end_ms: 100 * seq + 90,
        text: format!("{text} {seq}"),
        segment: "{}".into(),
    };
    let event = |seq| TimelineRow {
        seq,
        at_ms: seq,
        at: "2026-11-20T23:14:05.120Z".into(),
        name: "answered".into(),
        data: "{}".into(),
    };
    Draft {
        call: call(number),
        record,
        segments: (0..3).map(segment).collect(),
        timeline: (0..2).map(event).collect(),
        mark: Some(JournalMark {
            path: "calls/x.journal".into(),
            seal: "ab".repeat(32),
            bytes: 7,
            entries: 3,
        }),
    }
}

async fn a_draft_comes_back_as_it_was_given(database: Database) {
    let draft = draft(1, "leak");
    assert_eq!(
        database.save_draft(draft.clone()).await.unwrap(),
        Saved::Created
    );
    let stored = database.call("CA0001").await.unwrap().unwrap();
    assert_eq!(
        stored,
        CallRow {
            record_id: Some("rec_0001".into()),
            version: 1,
            ..draft.call.clone()
        }
    );
    assert_eq!(database.call("call_0001").await.unwrap(), Some(stored));
    assert_eq!(
        database.record("rec_0001").await.unwrap(),
        Some(RecordRow {
            version: 1,
            ..draft.record.clone()
        })
    );
    assert_eq!(
        database.transcript("call_0001").await.unwrap(),
        draft.segments
    );
    assert_eq!(
        database.timeline("call_0001").await.unwrap(),
        draft.timeline
    );
    assert_eq!(
        database.journal_mark("call_0001").await.unwrap(),
        draft.mark
    );
    assert_eq!(database.call("call_nope").await.unwrap(), None);
    assert_eq!(database.record("rec_nope").await.unwrap(), None);
    assert_eq!(database.transcript("call_nope").await.unwrap(), []);
}

async fn a_draft_saved_again_changes_nothing_and_a_different_one_replaces_it(database: Database) {
    database.save_draft(draft(1, "leak")).await.unwrap();
    assert_eq!(
        database.save_draft(draft(1, "leak")).await.unwrap(),
        Saved::Unchanged(1)
    );
    assert_eq!(
        database.call("call_0001").await.unwrap().unwrap().version,
        1
    );

    let mut second = draft(1, "no heat");
    second.segments.truncate(1);
    second.record.id = "rec_other".into();
    assert_eq!(
        database.save_draft(second.clone()).await.unwrap(),
        Saved::Replaced(2)
    );
    assert_eq!(database.record("rec_0001").await.unwrap(), None);
    assert_eq!(
        database.record("rec_other").await.unwrap().unwrap().version,
        2
    );
    assert_eq!(
        database.transcript("call_0001").await.unwrap(),
        second.segments
    );
    let stored = database.call("call_0001").await.unwrap().unwrap();
    assert_eq!(
        (stored.record_id.as_deref(), stored.version),
        (Some("rec_other"), 2)
    );
}

async fn a_draft_never_replaces_what_a_person_has_changed(database: Database) {
    database.save_draft(draft(1, "leak")).await.unwrap();
    assert_eq!(
        database
            .update_record("rec_0001", 1, "in_review", 6_000, r#"{"mine":1}"#.into())
            .await
            .unwrap(),
        2
    );
    assert_eq!(
        database.save_draft(draft(1, "no heat")).await.unwrap(),
        Saved::KeptEdited(2)
    );
    let record = database.record("rec_0001").await.unwrap().unwrap();
    assert_eq!(
        (
            record.state.as_str(),
            record.record.as_str(),
            record.updated_at_ms
        ),
        ("in_review", r#"{"mine":1}"#, 6_000)
    );
    assert_eq!(
        database
            .call("call_0001")
            .await
            .unwrap()
            .unwrap()
            .record_id
            .as_deref(),
        Some("rec_0001")
    );
    assert_eq!(
        database.transcript("call_0001").await.unwrap()[0].text,
        "no heat 0"
    );
}

async fn of_two_changes_one_wins_and_the_other_is_told(database: Database) {
    database.save_draft(draft(1, "leak")).await.unwrap();
    let change =
        |text: &str| database.update_record("rec_0001", 1, "approved", 1, format!("\"{text}\""));
    let (one, two) = tokio::join!(change("one"), change("two"));
    assert!(one.is_ok() != two.is_ok());
    let lost = one.err().or(two.err()).unwrap();
    assert!(
        matches!(
            lost,
            DatabaseError::Conflict {
                expected: 1,
                current: 2,
                ..
            }
        ),
        "{lost}"
    );
    let missing = database
        .update_record("rec_nope", 1, "approved", 1, "{}".into())
        .await
        .unwrap_err();
    assert!(
        matches!(missing, DatabaseError::NotFound { .. }),
        "{missing}"
    );
}

async fn a_call_without_a_record_is_kept_up_to_date(database: Database) {
    let first = CallRow {
        status: "in_progress".into(),
        provider_call_id: None,
        ..call(1)
    };
    assert_eq!(database.upsert_call(first.clone()).await.unwrap(), 1);
    assert_eq!(database.upsert_call(first).await.unwrap(), 1, "nothing new");
    assert_eq!(database.upsert_call(call(1)).await.unwrap(), 2);
    database.save_draft(draft(1, "leak")).await.unwrap();
    assert_eq!(
        database
            .upsert_call(CallRow {
                ended_at_ms: None,
                ..call(1)
            })
            .await
            .unwrap(),
        4
    );
    let stored = database.call("CA0001").await.unwrap().unwrap();
    assert_eq!(
        (stored.record_id.as_deref(), stored.ended_at_ms),
        (Some("rec_0001"), None)
    );
}

async fn pages_hold_each_row_once_in_order_while_rows_are_added(database: Database) {
    for number in 0..23 {
        database.upsert_call(call(number)).await.unwrap();
    }
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = database
            .calls(CallFilter::default(), 5, cursor.as_deref())
            .await
            .unwrap();
        seen.extend(page.rows);
        database
            .upsert_call(CallRow {
                started_at_ms: 1_000_000,
                ..call(100 + seen.len() as i64)
            })
            .await
            .unwrap();
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    let mut expected: Vec<_> = (0..23).map(call).collect();
    expected.sort_by_key(|call| (-call.started_at_ms, call.id.clone()));
    assert_eq!(
        seen.iter().map(|call| &call.id).collect::<Vec<_>>(),
        expected.iter().map(|call| &call.id).collect::<Vec<_>>()
    );

    let only = |filter| async { database.calls(filter, 200, None).await.unwrap().rows.len() };
    assert_eq!(
        only(CallFilter {
            vertical: Some("clinic".into()),
            started_before_ms: Some(8_000),
            ..CallFilter::default()
        })
        .await,
        12
    );
    assert_eq!(
        only(CallFilter {
            started_from_ms: Some(7_000),
            started_before_ms: Some(8_000),
            ..CallFilter::default()
        })
        .await,
        2
    );
    assert_eq!(
        only(CallFilter {
            status: Some("busy".into()),
            ..CallFilter::default()
        })
        .await,
        0
    );
    assert_eq!(
        only(CallFilter {
            has_record: Some(true),
            ..CallFilter::default()
        })
        .await,
        0
    );
    assert_eq!(
        database
            .calls(CallFilter::default(), 0, None)
            .await
            .unwrap()
            .rows
            .len(),
        1
    );
    for wrong in ["?", "", "YWJj", "YS9i"] {
        let error = database
            .calls(CallFilter::default(), 5, Some(wrong))
            .await
            .unwrap_err();
        assert!(
            matches!(error, DatabaseError::BadCursor),
            "{wrong}: {error}"
        );
    }
}

async fn records_are_listed_by_state(database: Database) {
    for number in 0..7 {
        database.save_draft(draft(number, "leak")).await.unwrap();
    }
    database
        .update_record("rec_0003", 1, "approved", 9_000, "{}".into())
        .await
        .unwrap();
    let listed = async |filter: QueueFilter, limit, cursor: Option<String>| {
        let after = cursor.map(|c| Cursor::decode(&c).unwrap());
        let page = database.read(move |sql| queue(sql, &filter, limit, after.as_ref()));
        page.await.unwrap()
    };
    let drafts = QueueFilter {
        states: Some(vec!["draft".into()]),
        ..QueueFilter::default()
    };
    let first = listed(drafts.clone(), 4, None).await;
    let second = listed(drafts, 4, first.next_cursor.clone()).await;
    let ids: Vec<_> = first
        .rows
        .iter()
        .chain(&second.rows)
        .map(|record| record.id.as_str())
        .collect();
    assert_eq!(
        ids,
        [
            "rec_0000", "rec_0001", "rec_0002", "rec_0004", "rec_0005", "rec_0006"
        ]
    );
    assert_eq!(second.next_cursor, None);
    let of_call = QueueFilter {
        call_id: Some("call_0003".into()),
        ..QueueFilter::default()
    };
    assert_eq!(listed(of_call, 4, None).await.rows[0].state, "approved");

    // The riskiest first, page by page; a location's people see its own; a reason is found by its kind and by its whole name.
    for (number, risk, reason) in [
        (1, 30, "missing:caller_name"),
        (4, 80, "gap:caller_name"),
        (6, 30, "missing:urgency"),
    ] {
        let place = Place {
            risk,
            location_id: Some(format!("l{number}")),
            reasons: vec![reason.into(), "media_gap".into()],
            ..Place::default()
        };
        let id = format!("rec_{number:04}");
        database
            .write(move |sql| super::review::place(sql, &id, &place))
            .await
            .unwrap();
    }
    let by_risk = QueueFilter {
        by_risk: true,
        ..QueueFilter::default()
    };
    let first = listed(by_risk.clone(), 2, None).await;
    let second = listed(by_risk.clone(), 2, first.next_cursor.clone()).await;
    let ids: Vec<_> = first
        .rows
        .iter()
        .chain(&second.rows)
        .map(|r| r.id.as_str())
        .collect();
    assert_eq!(ids, ["rec_0004", "rec_0001", "rec_0006", "rec_0000"]);
    for (reason, found) in [
        ("missing", 2),
        ("missing:urgency", 1),
        ("urgency", 0),
        ("media_gap", 3),
    ] {
        let filter = QueueFilter {
            reason: Some(reason.into()),
            ..by_risk.clone()
        };
        assert_eq!(listed(filter, 9, None).await.rows.len(), found, "{reason}");
    }
    let own = QueueFilter {
        locations: Some(vec!["l4".into(), "l9".into()]),
        ..by_risk.clone()
    };
    assert_eq!(listed(own, 9, None).await.rows.len(), 1);
    let blind = QueueFilter {
        locations: Some(Vec::new()),
        ..by_risk
    };
    assert_eq!(listed(blind, 9, None).await.rows.len(), 0);
}

async fn a_draft_that_cannot_be_stored_whole_is_not_stored_at_all(database: Database) {
    let mut broken = draft(1, "leak");
    broken.timeline[1].data = "not json".into();
    let error = database.save_draft(broken).await.unwrap_err();
    assert!(matches!(error, DatabaseError::Refused { .. }), "{error}");
    assert_eq!(database.call("call_0001").await.unwrap(), None);
    assert_eq!(
        database.save_draft(draft(1, "leak")).await.unwrap(),
        Saved::Created
    );
}

#[tokio::test]
async fn what_was_committed_is_there_after_another_start() {
    for fresh in [Some(Fresh::sqlite()), Fresh::postgres()] {
        let Some(fresh) = fresh else { continue };
        fresh.database.save_draft(draft(1, "leak")).await.unwrap();
        let again = fresh.reopen();
        assert!(again.database.record("rec_0001").await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_full_database_says_so_and_goes_on_when_there_is_room() {
    let Fresh { database, .. } = &Fresh::sqlite();
    let pages = |pages: i64| {
        database.write(move |sql| sql.query(&format!("PRAGMA max_page_count = {pages}"), params![]))
    };
    pages(1).await.unwrap();
    let mut big = draft(1, "leak");
    big.record.record = format!("\"{}\"", "x".repeat(1 << 20));
    let error = database.save_draft(big.clone()).await.unwrap_err();
    assert!(matches!(error, DatabaseError::DiskFull { .. }), "{error}");
    assert_eq!(database.call("call_0001").await.unwrap(), None);
    pages(100_000).await.unwrap();
    assert_eq!(database.save_draft(big).await.unwrap(), Saved::Created);
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("offhook.db");
    std::fs::write(
        &path,
        "this is not a database, it is a text that is longer than a header",
    )
    .unwrap();
    let error = Database::open(&path).err().unwrap();
    assert!(
        matches!(&error, DatabaseError::Corrupt { .. }) && error.to_string().contains("offhook.db"),
        "{error}"
    );

    let path = dir.path().join("newer.db");
    rusqlite::Connection::open(&path)
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let error = Database::open(&path).err().unwrap();
    assert!(
        matches!(error, DatabaseError::NewerSchema { found: 99, .. }),
        "{error}"
    );

    let path = dir.path().join("locked.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = Database::open(&path).err().unwrap();
    assert!(matches!(error, DatabaseError::InUse { .. }), "{error}");

    let error = Database::open(&dir.path().join("missing/offhook.db"))
        .err()
        .unwrap();
    assert!(error.to_string().contains("missing"), "{error}");
}

#[tokio::test]
async fn nodes_that_write_at_the_same_time_lose_nothing() {
    let Some(fresh) = Fresh::postgres() else {
        return;
    };
    let nodes = [
        fresh.database.clone(),
        fresh.another_node(),
        fresh.another_node(),
    ];
    fresh
        .database
        .write(|sql| {
            sql.execute_script(
                "CREATE TABLE counter (n BIGINT NOT NULL); INSERT INTO counter VALUES (0)",
            )
        })
        .await
        .unwrap();
    let mut adding = tokio::task::JoinSet::new();
    for node in nodes {
        adding.spawn(async move {
            for _ in 0..50 {
                // Read and written in two statements: only serialisable transactions that are run again get this right.
                let added = node.write(|sql| {
                    let n: i64 = sql
                        .query_first("SELECT n FROM counter", params![])?
                        .map_or(Ok(-1), |row| row.get(0))?;
                    sql.execute("UPDATE counter SET n = ?1", params![n + 1])
                });
                added.await.unwrap();
            }
        });
    }
    adding.join_all().await;
    let n = fresh.database.read(|sql| {
        sql.query_first("SELECT n FROM counter", params![])?
            .map_or(Ok(-1), |row| row.get::<i64>(0))
    });
    assert_eq!(n.await.unwrap(), 150);
}

#[tokio::test]
async fn a_lost_connection_comes_back() {
    let Some(fresh) = Fresh::postgres() else {
        return;
    };
    let (database, other) = (&fresh.database, fresh.another_node());
    database.save_draft(draft(1, "leak")).await.unwrap();
    let own = |sql: &mut dyn Sql| {
        sql.query_first("SELECT pg_backend_pid(), pg_sleep(0.05)::text", params![])?
            .map_or(Ok(0), |row| row.get::<i64>(0))
    };
    // Long enough for all the readers to be asked.
    let reading = (0..3 * READERS).map(|_| {
        let database = database.clone();
        tokio::spawn(async move { database.read(own).await.unwrap() })
    });
    let mut pids = BTreeSet::from([database.write(own).await.unwrap()]);
    for pid in reading.collect::<Vec<_>>() {
        pids.insert(pid.await.unwrap());
    }
    assert_eq!(pids.len(), 1 + READERS);
    for pid in pids {
        let end = move |sql: &mut dyn Sql| {
            sql.query("SELECT pg_terminate_backend(CAST(?1 AS INT))", params![pid])
        };
        other.write(end).await.unwrap();
    }
    assert!(database.call("call_0001").await.unwrap().is_some());
    assert_eq!(
        database.save_draft(draft(1, "leak")).await.unwrap(),
        Saved::Unchanged(1)
    );
}

#[tokio::test]
async fn a_file_of_the_first_version_is_brought_up_to_date_and_searched() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("offhook.db");
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(
        include_str!("migrations/0001.sql")
            .split("-- [postgres]")
            .next()
            .unwrap(),
    )
    .unwrap();
    let rest = include_str!("migrations/0001.sql");
    old.execute_batch(rest.split("-- [both]").nth(1).unwrap())
        .unwrap();
    old.execute_batch(
        "INSERT INTO calls VALUES ('call_1', 'twilio', NULL, 'completed', 1, 2, NULL, NULL, NULL, NULL, 'inbound', NULL, 1, '{}');
        INSERT INTO segments VALUES ('call_1', 0, 'inbound', 'caller', 0, 1, 'a leak', '{}');
        PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(old);
    let database = Database::open(&path).unwrap();
    let leak = CallFilter {
        question: Question::parse("leak"),
        ..CallFilter::default()
    };
    assert_eq!(database.calls(leak, 5, None).await.unwrap().rows.len(), 1);
}

async fn a_change_that_fails_leaves_nothing_and_the_next_one_goes_on(database: Database) {
    let failed: Result<(), DatabaseError> = database
        .write(|sql| {
            upsert_call(sql, &call(1))?;
            Err(DatabaseError::BadCursor)
        })
        .await;
    assert!(matches!(failed, Err(DatabaseError::BadCursor)));
    assert_eq!(database.call("call_0001").await.unwrap(), None);
    let refused = database
        .read(|sql| upsert_call(sql, &call(1)))
        .await
        .unwrap_err();
    assert!(
        matches!(refused, DatabaseError::Failed { .. }),
        "a reader cannot change anything: {refused}"
    );
    let panicked: Result<(), DatabaseError> = database
        .write(|sql| {
            upsert_call(sql, &call(1))?;
            panic!("a mistake")
        })
        .await;
    assert!(matches!(panicked, Err(DatabaseError::Closed)));
    assert_eq!(database.call("call_0001").await.unwrap(), None);
    assert_eq!(database.upsert_call(call(1)).await.unwrap(), 1);
}

async fn what_was_said_is_found(database: Database) {
    let said = [
        "My kitchen sink is leaking, the gate code is 4412.",
        "There is a leak in the roof",
        "The code for the gate? No leak today.",
        "Ich hätte gern einen Termin; c'est \"urgent\" & so on: (1:2) | ! *",
    ];
    for (number, text) in (0..).zip(said) {
        let mut draft = draft(number, "x");
        draft.segments[1].text = text.into();
        database.save_draft(draft).await.unwrap();
    }
    let found = |q: &str| {
        let filter = CallFilter {
            question: Some(Question::parse(q).unwrap()),
            ..CallFilter::default()
        };
        let database = database.clone();
        async move {
            let rows = database.calls(filter, 50, None).await.unwrap().rows;
            let mut ids: Vec<i64> = rows
                .iter()
                .map(|call| call.id.trim_start_matches("call_").parse().unwrap())
                .collect();
            ids.sort_unstable();
            ids
        }
    };
    assert_eq!(found("leak").await, [0, 1, 2]);
    assert_eq!(found("\"leak\"").await, [1, 2]);
    assert_eq!(found("gate code leak").await, [0, 2]);
    assert_eq!(found("\"gate code\"").await, [0]);
    assert_eq!(found("LEAK -roof").await, [0, 2]);
    assert_eq!(found("4412").await, [0]);
    assert_eq!(found("hätte urgent").await, [3]);
    assert_eq!(found("1:2").await, [3]);
    assert_eq!(
        found("x 0").await,
        [0, 1, 2, 3],
        "other utterances of a call count"
    );
    assert_eq!(found("plumber").await, Vec::<i64>::new());
    // A draft that is replaced is found by its new words alone.
    database.save_draft(draft(1, "plumber")).await.unwrap();
    assert_eq!(found("roof").await, Vec::<i64>::new());
    assert_eq!(found("plumb").await, [1]);
}

on_both!(
    what_was_said_is_found,
    a_draft_comes_back_as_it_was_given,
    a_draft_saved_again_changes_nothing_and_a_different_one_replaces_it,
    a_draft_never_replaces_what_a_person_has_changed,
    of_two_changes_one_wins_and_the_other_is_told,
    a_call_without_a_record_is_kept_up_to_date,
    pages_hold_each_row_once_in_order_while_rows_are_added,
    records_are_listed_by_state,
    a_draft_that_cannot_be_stored_whole_is_not_stored_at_all,
    a_change_that_fails_leaves_nothing_and_the_next_one_goes_on,
);
