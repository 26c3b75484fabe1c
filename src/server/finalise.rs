//! The last step of a call: closing mark, its own journal file, and the draft, so that each can be found from the other.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::call::Call;
use crate::delivery::{self, Event, EventType};
use crate::record::{self, Draft, unheard};
use crate::server::edge::Edge;
use crate::server::shelve;
use crate::store::StoreError;
use crate::store::database::{
    self, CallRow, JournalMark, RecordRow, Saved, SegmentRow, TimelineRow, review, tasks,
};
use crate::store::journal::Kind;

/// Stores a finished call. It may be done again after a crash at any point: the closing mark is written twice at most, and the draft
/// replaces itself.
///
/// # Errors
/// When the disk or the database refuses; the call's entries are safe in the node log then.
pub async fn store(edge: &Edge, call: &mut Call) -> Result<(), StoreError> {
    let finalised_us = call.finalised_us();
    record::outward::notices(call, finalised_us);
    let draft = record::draft(call);
    let events = events(call, &draft);
    let rules = Arc::clone(edge.delivery.rules());
    let place = shelve::place(&draft.record);
    let tasks = shelve::tasks(&draft.record, call.finalised_us() / 1000);
    let closing =
        json!({ "record_id": draft.record_id, "record_sha256": record::digest(&draft.record) });
    let rows = rows(call, draft);
    edge.store
        .database
        .write(move |sql| {
            let saved = database::save_draft(sql, &rows)?;
            // A record that a person has changed keeps the place and the tasks that person gave it.
            if !matches!(saved, Saved::KeptEdited(_)) {
                review::place(sql, &rows.record.id, &place)?;
                tasks::replace_tasks(sql, &rows.call.id, &tasks)?;
            }
            delivery::tell(sql, &rules, &events)
        })
        .await?;
    edge.delivery.wake();
    close(edge, call, &closing).await?;
    metrics::counter!("offhook_drafts_total").increment(1);
    let reason = call
        .end()
        .and_then(|(reason, _)| json!(reason).as_str().map(str::to_owned))
        .unwrap_or_default();
    metrics::counter!("offhook_calls_ended_total", "reason" => reason).increment(1);
    Ok(())
}

/// Ends the journal of a call whose draft is stored. Only then does the node log let go of it: until the database has taken the draft, a
/// start finds the call unfinished and drafts it again.
async fn close(edge: &Edge, call: &Call, closing: &Value) -> Result<(), StoreError> {
    let journal = &edge.store.journal;
    let body = closing.to_string().into_bytes();
    journal
        .call(call.id())
        .append_durable(Kind::Closed, call.finalised_us(), body)
        .await?;
    let mark = JournalMark::from(&journal.split(call.id()).await?);
    let call_id = call.id().to_string();
    edge.store
        .database
        .write(move |sql| database::upsert_mark(sql, &call_id, &mark))
        .await?;
    Ok(())
}

/// Everything that others should hear of the call. What they were told while it lasted is among it: whatever a crash kept from the outbox
/// then gets there now, and the rest is there already under the same id.
fn events(call: &Call, draft: &Draft) -> Vec<Event> {
    let at_ms = call.finalised_us() / 1000;
    let mut events: Vec<Event> = call
        .told()
        .notices
        .iter()
        .filter_map(|n| Event::of_notice(call.id(), n))
        .collect();
    let over = if unheard::was_missed(call) {
        EventType::CallMissed
    } else {
        EventType::CallEnded
    };
    for kind in [over, EventType::RecordDrafted] {
        events.push(Event::of_record(kind, &draft.record, 1, at_ms));
    }
    if draft.record["state"] == "approved" {
        let mut record = draft.record.clone();
        events.extend(delivery::on_approval(&mut record, 1, at_ms));
    }
    events
}

/// The draft as the database keeps it: columns to search by, JSON texts to give back.
fn rows(call: &Call, draft: Draft) -> database::Draft {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let ms = |us: i64| us / 1000;
    let header = call.header();
    let segment = |value: &Value| SegmentRow {
        seq: value["seq"].as_i64().unwrap_or(0),
        track: text(&value["track"]).unwrap_or_default(),
        speaker: text(&value["speaker"]).unwrap_or_default(),
        start_ms: value["start_ms"].as_i64().unwrap_or(0),
        end_ms: value["end_ms"].as_i64().unwrap_or(0),
        text: text(&value["text"]).unwrap_or_default(),
        segment: value.to_string(),
    };
    let moment = |(seq, value): (i64, &Value)| TimelineRow {
        seq,
        at_ms: value["at_ms"].as_i64().unwrap_or(0),
        at: text(&value["at"]).unwrap_or_default(),
        name: text(&value["name"]).unwrap_or_default(),
        data: value["data"].to_string(),
    };
    database::Draft {
        call: CallRow {
            id: draft.call_id.clone(),
            provider: call.opening().provider.clone(),
            provider_call_id: Some(call.opening().provider_call_id.clone()),
            status: text(&draft.call["status"]).unwrap_or_default(),
            started_at_ms: ms(header.start_us),
            ended_at_ms: header.end_us.map(ms),
            from_number: header.caller_id().map(str::to_owned),
            to_number: header.to.as_ref().and_then(|p| p.number.clone()),
            vertical: Some(call.opening().vertical.clone()),
            location_id: call.opening().location.clone(),
            direction: header.direction.clone(),
            record_id: Some(draft.record_id.clone()),
            version: 0,
            call: draft.call.to_string(),
        },
        record: RecordRow {
            id: draft.record_id,
            call_id: draft.call_id,
            state: text(&draft.record["state"]).unwrap_or_else(|| "draft".to_owned()),
            version: 0,
            created_at_ms: ms(call.finalised_us()),
            updated_at_ms: ms(call.finalised_us()),
            record: draft.record.to_string(),
        },
        segments: draft.segments.iter().map(segment).collect(),
        timeline: (0..).zip(&draft.timeline).map(moment).collect(),
        // It is known once the journal has its own file.
        mark: None,
    }
}
