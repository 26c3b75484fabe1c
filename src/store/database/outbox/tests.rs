use super::super::testing::on_both;
use super::super::{Database, DatabaseError};
use super::*;

on_both!(
    an_event_is_numbered_and_taken_once,
    deliveries_of_one_call_go_one_after_the_other,
    a_webhook_waits_for_the_messages_of_its_event,
    an_attempt_is_written_down,
    a_lease_that_runs_out_is_taken_up_again,
    what_is_canceled_stays_so_unless_it_arrived,
    a_range_is_replayed_under_the_same_ids,
    a_destination_keeps_its_state,
    a_call_is_erased,
);

fn event(number: i64, subject: &str) -> EventRow {
    EventRow {
        id: format!("evt_{number}"),
        kind: "record.approved".into(),
        subject: subject.into(),
        sequence: 0,
        call_id: Some(subject.into()),
        record_id: None,
        vertical: "clinic".into(),
        location_id: None,
        at_ms: 1_000 + number,
        data: r#"{"name":"Maria"}"#.into(),
    }
}

fn row(id: &str, event: &EventRow, sequence: i64, kind: &str) -> DeliveryRow {
    DeliveryRow {
        id: id.into(),
        event_id: event.id.clone(),
        event_type: event.kind.clone(),
        destination_id: kind.into(),
        kind: kind.into(),
        call_id: event.call_id.clone(),
        order_key: (kind == "webhook").then(|| event.subject.clone()),
        sequence,
        state: "queued".into(),
        next_attempt_at_ms: event.at_ms,
        created_at_ms: event.at_ms,
        ..DeliveryRow::default()
    }
}

/// Two events of one call and one of another, a webhook each.
async fn three(database: &Database) {
    database
        .write(|sql| {
            for (number, subject) in [(1, "call_a"), (2, "call_a"), (3, "call_b")] {
                let event = event(number, subject);
                let (sequence, _) = insert_event(sql, &event)?;
                insert_delivery(
                    sql,
                    &row(&format!("dlv_{number}"), &event, sequence, "webhook"),
                )?;
            }
            Ok::<_, DatabaseError>(())
        })
        .await
        .unwrap();
}

async fn due_ids(database: &Database, destination: &'static str, now_ms: i64) -> Vec<String> {
    let rows = database
        .read(move |sql| due(sql, destination, now_ms, 10))
        .await
        .unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

async fn settled(database: &Database, id: &'static str, now_ms: i64, state: &'static str) {
    let settled = Settled {
        state,
        next_attempt_at_ms: now_ms + 5_000,
        attempt: Some(AttemptRow {
            n: 0,
            at_ms: now_ms,
            status_code: Some(if state == "delivered" { 200 } else { 500 }),
            error: (state != "delivered").then(|| "500".to_owned()),
            latency_ms: 12,
            response_excerpt: Some("hello".into()),
        }),
        error: (state != "delivered").then(|| "500".to_owned()),
        ack_ref: None,
    };
    database
        .write(move |sql| {
            lease(sql, id, now_ms, now_ms + 60_000)?;
            settle(sql, id, now_ms, &settled)
        })
        .await
        .unwrap();
}

async fn one(database: &Database, id: &'static str) -> DeliveryRow {
    database
        .read(move |sql| delivery(sql, id, None))
        .await
        .unwrap()
        .unwrap()
}

async fn an_event_is_numbered_and_taken_once(database: Database) {
    let numbers = database
        .write(|sql| {
            let mut numbers = Vec::new();
            for (number, subject) in [(1, "call_a"), (2, "call_a"), (3, "call_b"), (1, "call_a")] {
                numbers.push(insert_event(sql, &event(number, subject))?);
            }
            Ok::<_, DatabaseError>(numbers)
        })
        .await
        .unwrap();
    assert_eq!(numbers, [(1, true), (2, true), (1, true), (1, false)]);
    let stored = database
        .read(|sql| super::event(sql, "evt_2"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        stored,
        EventRow {
            sequence: 2,
            ..event(2, "call_a")
        }
    );
}

async fn deliveries_of_one_call_go_one_after_the_other(database: Database) {
    three(&database).await;
    assert_eq!(due_ids(&database, "webhook", 0).await, [""; 0]);
    assert_eq!(
        due_ids(&database, "webhook", 9_000).await,
        ["dlv_1", "dlv_3"]
    );
    settled(&database, "dlv_1", 9_000, "retrying").await;
    assert_eq!(due_ids(&database, "webhook", 9_000).await, ["dlv_3"]);
    assert_eq!(
        database.read(|sql| next_due_ms(sql, 9_000)).await.unwrap(),
        Some(14_000)
    );
    database
        .write(|sql| pull_forward(sql, "webhook", 10_000))
        .await
        .unwrap();
    assert_eq!(
        due_ids(&database, "webhook", 10_000).await,
        ["dlv_3", "dlv_1"]
    );
    settled(&database, "dlv_1", 10_000, "dead").await;
    assert_eq!(
        due_ids(&database, "webhook", 10_000).await,
        ["dlv_2", "dlv_3"]
    );
}

async fn a_webhook_waits_for_the_messages_of_its_event(database: Database) {
    database
        .write(|sql| {
            let event = event(1, "call_a");
            insert_event(sql, &event)?;
            insert_delivery(
                sql,
                &DeliveryRow {
                    hold_until_ms: 11_000,
                    ..row("dlv_w", &event, 1, "webhook")
                },
            )?;
            insert_delivery(sql, &row("dlv_s", &event, 1, "sms"))
        })
        .await
        .unwrap();
    assert_eq!(due_ids(&database, "webhook", 2_000).await, [""; 0]);
    assert_eq!(due_ids(&database, "webhook", 11_000).await, ["dlv_w"]);
    settled(&database, "dlv_s", 2_000, "retrying").await;
    assert_eq!(due_ids(&database, "webhook", 2_000).await, ["dlv_w"]);
}

async fn an_attempt_is_written_down(database: Database) {
    three(&database).await;
    database
        .write(|sql| {
            seal(sql, "dlv_1", "{}", "44136f", r#"["caller_name"]"#)?;
            // What was sealed stays as it is.
            seal(sql, "dlv_1", "other", "other", "[]")
        })
        .await
        .unwrap();
    settled(&database, "dlv_1", 2_000, "retrying").await;
    settled(&database, "dlv_1", 7_000, "delivered").await;
    let row = one(&database, "dlv_1").await;
    assert_eq!(
        (row.state.as_str(), row.attempts, row.finished_at_ms),
        ("delivered", 2, Some(7_000))
    );
    assert_eq!((row.payload.as_deref(), row.last_error), (Some("{}"), None));
    let attempts = database.read(|sql| attempts(sql, "dlv_1")).await.unwrap();
    let brief: Vec<_> = attempts
        .iter()
        .map(|a| (a.n, a.at_ms, a.status_code))
        .collect();
    assert_eq!(brief, [(1, 2_000, Some(500)), (2, 7_000, Some(200))]);
    let filter = DeliveryFilter {
        state: Some("delivered".into()),
        ..DeliveryFilter::default()
    };
    let page = database
        .read(move |sql| deliveries(sql, &filter, 10, None))
        .await
        .unwrap();
    assert_eq!(page.rows.len(), 1);
    let left = database.read(backlog).await.unwrap();
    assert_eq!(
        left,
        [("webhook".to_owned(), "queued".to_owned(), 2, 1_002)]
    );
}

async fn a_lease_that_runs_out_is_taken_up_again(database: Database) {
    three(&database).await;
    database
        .write(|sql| lease(sql, "dlv_1", 2_000, 62_000))
        .await
        .unwrap();
    assert_eq!(due_ids(&database, "webhook", 61_999).await, ["dlv_3"]);
    assert_eq!(
        due_ids(&database, "webhook", 62_000).await,
        ["dlv_1", "dlv_3"]
    );
    database.write(release_leases).await.unwrap();
    assert_eq!(
        due_ids(&database, "webhook", 2_000).await,
        ["dlv_1", "dlv_3"]
    );
}

async fn what_is_canceled_stays_so_unless_it_arrived(database: Database) {
    three(&database).await;
    let cancel = |id| database.write(move |sql| cancel(sql, id, 3_000, "by a person"));
    database
        .write(|sql| lease(sql, "dlv_1", 2_000, 62_000))
        .await
        .unwrap();
    assert!(cancel("dlv_1").await.unwrap());
    let failed = Settled {
        state: "retrying",
        next_attempt_at_ms: 9_000,
        attempt: None,
        error: None,
        ack_ref: None,
    };
    let arrived = Settled {
        state: "delivered",
        ..failed.clone()
    };
    database
        .write(move |sql| settle(sql, "dlv_1", 4_000, &failed))
        .await
        .unwrap();
    assert_eq!(one(&database, "dlv_1").await.state, "canceled");
    database
        .write(move |sql| settle(sql, "dlv_1", 4_000, &arrived))
        .await
        .unwrap();
    assert_eq!(one(&database, "dlv_1").await.state, "delivered");
    assert!(!cancel("dlv_1").await.unwrap() && !cancel("dlv_9").await.unwrap());
}

async fn a_range_is_replayed_under_the_same_ids(database: Database) {
    three(&database).await;
    settled(&database, "dlv_1", 2_000, "delivered").await;
    settled(&database, "dlv_3", 2_000, "dead").await;
    let filter = |state: &str| DeliveryFilter {
        state: Some(state.into()),
        destination_id: Some("webhook".into()),
        since_ms: Some(1_000),
        until_ms: Some(2_000),
        ..DeliveryFilter::default()
    };
    let (dead, delivered) = (filter("dead"), filter("delivered"));
    assert_eq!(
        database
            .write(move |sql| replay(sql, &dead, 5_000))
            .await
            .unwrap(),
        1
    );
    let row = one(&database, "dlv_3").await;
    assert_eq!(
        (
            row.state.as_str(),
            row.attempts,
            row.attempts_before,
            row.event_id.as_str()
        ),
        ("queued", 1, 1, "evt_3")
    );
    assert_eq!(
        database
            .write(move |sql| replay(sql, &delivered, 5_000))
            .await
            .unwrap(),
        1
    );
    assert!(
        database
            .write(|sql| retry(sql, "dlv_2", 6_000))
            .await
            .unwrap()
    );
    assert_eq!(
        due_ids(&database, "webhook", 6_000).await,
        ["dlv_1", "dlv_3"]
    );
}

async fn a_destination_keeps_its_state(database: Database) {
    let state = || async { database.read(|sql| destination(sql, "crm")).await.unwrap() };
    assert_eq!(
        state().await,
        DestinationRow {
            id: "crm".into(),
            ..DestinationRow::default()
        }
    );
    database
        .write(|sql| {
            note_failure(sql, "crm", 1_000, "500", 31_000)?;
            note_failure(sql, "crm", 2_000, "500", 0)?;
            disable(sql, "crm", 3_000, "410")?;
            set_secret(
                sql,
                "crm",
                &crate::secret::Secret::new("whsec_x"),
                4_000,
                5_000,
            )
        })
        .await
        .unwrap();
    let row = state().await;
    assert_eq!(
        (
            row.failures,
            row.paused_until_ms,
            row.disabled_reason.as_deref()
        ),
        (2, 31_000, Some("410"))
    );
    assert!(!format!("{row:?}").contains("whsec_x"));
    assert!(
        database
            .write(|sql| note_success(sql, "crm", 6_000))
            .await
            .unwrap()
    );
    database.write(|sql| enable(sql, "crm")).await.unwrap();
    assert!(
        !database
            .write(|sql| note_success(sql, "crm", 7_000))
            .await
            .unwrap()
    );
    assert_eq!(database.read(destinations).await.unwrap().len(), 1);
}

async fn a_call_is_erased(database: Database) {
    three(&database).await;
    database
        .write(|sql| seal(sql, "dlv_1", "Maria", "abc", r#"["caller_name"]"#))
        .await
        .unwrap();
    settled(&database, "dlv_1", 2_000, "delivered").await;
    let holders = database
        .write(|sql| erase_call(sql, "call_a", 9_000))
        .await
        .unwrap();
    assert_eq!(holders, ["webhook"]);
    let sent = one(&database, "dlv_1").await;
    assert_eq!(
        (
            sent.state.as_str(),
            sent.payload,
            sent.payload_sha256.as_deref()
        ),
        ("delivered", None, Some("abc"))
    );
    assert_eq!(one(&database, "dlv_2").await.state, "canceled");
    assert_eq!(one(&database, "dlv_3").await.state, "queued");
    let event = database
        .read(|sql| super::event(sql, "evt_1"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(event.data, "{}");
}
