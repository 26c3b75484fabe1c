//! One delivery, from its lease to its settlement.

use std::time::Instant;

use serde_json::{Value, json};
use tracing::{info, warn};

use super::{Inner, tell};
use crate::delivery::event::{Event, EventType};
use crate::delivery::outbox::{self as states, Attempt, Next, State};
use crate::delivery::payload::Payload;
use crate::delivery::prepare::{self, Order};
use crate::delivery::rules::{Receiver, Rules};
use crate::delivery::signature::SigningKey;
use crate::store::DatabaseError;
use crate::store::database::outbox::{
    self, AttemptRow, DeliveryRow, DestinationRow, EventRow, Settled,
};
use crate::store::database::sql::Sql;
use crate::store::database::{SegmentRow, transcript};

/// How long the configured secret signs beside one that was made here, ms: a day to bring the new one to the receiver.
pub const OLD_SECRET_MS: i64 = 24 * 3_600_000;

/// A leased delivery, ready to be sent.
pub(super) struct Job {
    /// As it was when it was leased.
    pub(super) row: DeliveryRow,
    /// What is sent.
    payload: String,
    /// What signs it.
    keys: Vec<SigningKey>,
    /// What happened.
    event: Option<EventRow>,
}

/// Makes what is sent, once and for all, as part of the lease's transaction. What cannot be sent is called off, where it is seen.
pub(super) fn seal(
    sql: &mut dyn Sql,
    rules: &Rules,
    row: DeliveryRow,
    state: &DestinationRow,
    now_ms: i64,
) -> Result<Option<Job>, DatabaseError> {
    let Some(receiver) = rules.receiver(&row.destination_id) else {
        return Ok(None);
    };
    let event = outbox::event(sql, &row.event_id)?;
    let payload = match &row.payload {
        Some(payload) => payload.clone(),
        None => match prepared(sql, rules, receiver, &row, event.as_ref())? {
            Ok(Payload {
                body,
                sha256,
                fields_sent,
            }) => {
                outbox::seal(
                    sql,
                    &row.id,
                    &body,
                    &sha256,
                    &json!(fields_sent).to_string(),
                )?;
                body
            }
            Err(why) => {
                call_off(sql, &row, why, now_ms)?;
                return Ok(None);
            }
        },
    };
    Ok(Some(Job {
        payload,
        keys: keys(receiver, state, now_ms),
        event,
        row,
    }))
}

/// What is sent, or why nothing can be.
fn prepared(
    sql: &mut dyn Sql,
    rules: &Rules,
    receiver: &Receiver,
    row: &DeliveryRow,
    event: Option<&EventRow>,
) -> Result<Result<Payload, String>, DatabaseError> {
    let Some((event, sequence)) = event.and_then(|e| Some((read(e)?, e.sequence))) else {
        return Ok(Err("what happened is not known any more".to_owned()));
    };
    let transcript = match &event.call_id {
        Some(call_id) if prepare::wants_transcript(receiver) => {
            let line = |s: &SegmentRow| json!({ "speaker": s.speaker, "start_ms": s.start_ms, "end_ms": s.end_ms, "text": s.text });
            Some(transcript(sql, call_id)?.iter().map(line).collect())
        }
        _ => None,
    };
    let results = outbox::siblings(sql, &row.event_id)?
        .iter()
        .filter(|other| other.action_id.is_some() || other.id == row.id)
        .map(|other| result(other, &row.id))
        .collect();
    let order = Order {
        event: &event,
        sequence,
        delivery_id: &row.id,
        receiver,
        action_id: row.action_id.as_deref(),
        recipient: row.recipient.as_deref(),
        results,
        transcript,
    };
    Ok(prepare::payload(rules, &order))
}

/// Nothing can be sent: seen in the list, with the reason.
fn call_off(
    sql: &mut dyn Sql,
    row: &DeliveryRow,
    why: String,
    now_ms: i64,
) -> Result<(), DatabaseError> {
    warn!(
        delivery = row.id,
        destination = row.destination_id,
        reason = why,
        "a delivery was canceled"
    );
    count(&row.kind, State::Canceled);
    let settled = Settled {
        state: State::Canceled.as_str(),
        next_attempt_at_ms: now_ms,
        attempt: None,
        error: Some(why),
        ack_ref: None,
    };
    outbox::settle(sql, &row.id, now_ms, &settled)
}

/// How an attempt went, with everything that follows, to be written down.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    row: DeliveryRow,
    now_ms: i64,
    next: Next,
    settled: Settled,
    dead: Option<Event>,
}

impl Outcome {
    /// Writes it down.
    pub(super) fn write(&self, sql: &mut dyn Sql, rules: &Rules) -> Result<(), DatabaseError> {
        let destination = self.row.destination_id.as_str();
        outbox::settle(sql, &self.row.id, self.now_ms, &self.settled)?;
        match &self.settled.error {
            None => {
                if outbox::note_success(sql, destination, self.now_ms)? {
                    outbox::pull_forward(sql, destination, self.now_ms)?;
                }
            }
            Some(error) => {
                let pause_ms = self.next.pause_until_ms.unwrap_or(0);
                outbox::note_failure(sql, destination, self.now_ms, error, pause_ms)?;
            }
        }
        if let Some(reason) = self.next.disable {
            outbox::disable(sql, destination, self.now_ms, reason)?;
        }
        tell(sql, rules, self.dead.as_slice())
    }
}

impl Inner {
    /// Sends a delivery and settles it.
    pub(super) async fn deliver(&self, job: Job) -> Result<(), DatabaseError> {
        let at_ms = (self.now)();
        let began = Instant::now();
        let attempt = self
            .senders
            .send(&job.row, &job.payload, &job.keys, at_ms)
            .await;
        let latency = began.elapsed();
        metrics::histogram!("offhook_delivery_attempt_seconds").record(latency.as_secs_f64());
        let outcome = self.outcome(job, at_ms, latency.as_millis(), attempt);
        self.settling
            .settle(&self.database, &self.rules, outcome)
            .await
    }

    fn outcome(&self, job: Job, at_ms: i64, latency_ms: u128, attempt: Attempt) -> Outcome {
        let row = job.row;
        let now_ms = (self.now)();
        let failed_before = u32::try_from(row.attempts - row.attempts_before).unwrap_or(0);
        let next = states::after(&attempt, failed_before, now_ms, (self.chance)());
        report(&row, &attempt, &next);
        let settled = Settled {
            state: next.state.as_str(),
            next_attempt_at_ms: next.at_ms,
            attempt: Some(AttemptRow {
                n: 0,
                at_ms,
                status_code: attempt.status.map(i64::from),
                error: attempt.error.clone(),
                latency_ms: i64::try_from(latency_ms).unwrap_or(i64::MAX),
                response_excerpt: attempt.excerpt,
            }),
            error: attempt.error,
            ack_ref: attempt.ack_ref,
        };
        let dead = (next.state == State::Dead)
            .then(|| dead_event(&row, job.event.as_ref(), &settled, now_ms))
            .flatten();
        Outcome {
            row,
            now_ms,
            next,
            settled,
            dead,
        }
    }
}

/// The keys that sign: one made here before the configured one, which goes on for a day.
fn keys(receiver: &Receiver, state: &DestinationRow, now_ms: i64) -> Vec<SigningKey> {
    let own = state
        .secret
        .as_ref()
        .and_then(|s| SigningKey::parse(s).ok());
    let old_holds = own.is_none()
        || state
            .old_secret_until_ms
            .is_some_and(|until| now_ms < until);
    let mut keys: Vec<SigningKey> = own.into_iter().collect();
    if let Some(configured) = receiver
        .key
        .as_ref()
        .filter(|key| old_holds && !keys.contains(key))
    {
        keys.push(configured.clone());
    }
    keys
}

/// An event as it was before it was kept.
fn read(row: &EventRow) -> Option<Event> {
    let data: Value = serde_json::from_str(&row.data).ok()?;
    // An erased event says nothing any more.
    data.as_object().filter(|d| !d.is_empty())?;
    Some(Event {
        id: row.id.clone(),
        kind: EventType::from_name(&row.kind)?,
        subject: row.subject.clone(),
        call_id: row.call_id.clone(),
        record_id: row.record_id.clone(),
        vertical: row.vertical.clone(),
        location_id: row.location_id.clone(),
        at_ms: row.at_ms,
        data,
    })
}

/// How another delivery of the event went, for the webhook's `post_call_actions`.
fn result(row: &DeliveryRow, own: &str) -> Value {
    let state = if row.id == own {
        "in_progress"
    } else {
        &row.state
    };
    let mut result = json!({
        "id": row.action_id, "kind": row.kind, "destination": row.destination_id, "state": state,
        "attempts": row.attempts + i64::from(row.id == own),
    });
    if let Some(reference) = &row.ack_ref {
        result["provider_id"] = json!(reference);
    }
    if let Some(at_ms) = row.finished_at_ms {
        result["at"] = json!(crate::call::rfc3339(at_ms * 1000));
    }
    if row.state != "delivered"
        && let Some(error) = &row.last_error
    {
        result["error"] = json!(error);
    }
    result
}

/// The bad news of a delivery that was given up; none for bad news that could not be delivered: that is in the log and on the page.
fn dead_event(
    row: &DeliveryRow,
    event: Option<&EventRow>,
    settled: &Settled,
    now_ms: i64,
) -> Option<Event> {
    if row.event_type == EventType::DeliveryDead.as_str() {
        return None;
    }
    let attempts = row.attempts + 1;
    let data = json!({
        "call_id": row.call_id,
        "record_id": row.record_id,
        "vertical": event.map(|e| e.vertical.as_str()).unwrap_or_default(),
        "ownership": { "location_id": row.location_id },
        "delivery": {
            "id": row.id, "event_id": row.event_id, "event_type": row.event_type, "destination_id": row.destination_id,
            "kind": row.kind, "attempts": attempts, "status_code": settled.attempt.as_ref().and_then(|a| a.status_code), "error": settled.error,
        },
        "links": { "ui": row.call_id.as_ref().map(|id| format!("/calls/{id}")), "delivery": format!("/v1/deliveries/{}", row.id) },
    });
    let subject = row
        .call_id
        .clone()
        .unwrap_or_else(|| format!("delivery {}", row.id));
    let occurrence = format!("{} {attempts}", row.id);
    Some(Event::new(
        EventType::DeliveryDead,
        subject,
        &occurrence,
        now_ms,
        data,
    ))
}

fn report(row: &DeliveryRow, attempt: &Attempt, next: &Next) {
    count(&row.kind, next.state);
    let (delivery, destination) = (&row.id, &row.destination_id);
    // The receiver's own words may repeat callers' data: status and state are enough here, the rest is in the list of deliveries.
    match next.state {
        State::Delivered => info!(delivery, destination, event = row.event_type, "delivered"),
        State::Dead => tracing::error!(
            delivery,
            destination,
            event = row.event_type,
            status = attempt.status,
            "a delivery was given up; see /v1/dead-letters"
        ),
        _ => warn!(
            delivery,
            destination,
            event = row.event_type,
            status = attempt.status,
            attempt = row.attempts + 1,
            "a delivery failed and is tried again"
        ),
    }
    if next.disable.is_some() {
        tracing::error!(
            destination,
            "the destination wants nothing any more and was disabled; POST /v1/destinations/{destination}/enable when that has changed"
        );
    }
}

fn count(kind: &str, state: State) {
    metrics::counter!("offhook_delivery_attempts_total", "kind" => kind.to_owned(), "state" => state.as_str()).increment(1);
}
