//! Into the outbox, in the transaction of whatever happened.

use super::event::{Event, derived_id};
use super::plan::Planned;
use super::settings::Channel;
use crate::store::DatabaseError;
use crate::store::database::outbox::{DeliveryRow, EventRow, insert_delivery, insert_event};
use crate::store::database::sql::Sql;

/// Longest a webhook waits for the event's messages, ms.
const WAIT_FOR_MESSAGES_MS: i64 = 10_000;

/// Puts an event and its deliveries (those that [`super::due`] gave) into the outbox, as part of the caller's transaction. An event that is
/// there already is not put in again, nor are its deliveries; returns whether it is new.
///
/// Call [`super::Worker::wake`] after the commit, so that nobody waits for the worker's next look.
///
/// # Errors
/// When the database refuses; the caller's transaction must fail with it.
pub fn enqueue(
    sql: &mut dyn Sql,
    event: &Event,
    planned: &[Planned],
) -> Result<bool, DatabaseError> {
    let (sequence, new) = insert_event(
        sql,
        &EventRow {
            id: event.id.clone(),
            kind: event.kind.as_str().to_owned(),
            subject: event.subject.clone(),
            sequence: 0,
            call_id: event.call_id.clone(),
            record_id: event.record_id.clone(),
            vertical: event.vertical.clone(),
            location_id: event.location_id.clone(),
            at_ms: event.at_ms,
            data: event.data.to_string(),
        },
    )?;
    if !new {
        return Ok(false);
    }
    for one in planned {
        let parts = [
            event.id.as_str(),
            &one.destination_id,
            one.action_id.as_deref().unwrap_or_default(),
            one.recipient.as_deref().unwrap_or_default(),
        ];
        let webhook = one.channel == Channel::Webhook;
        let state = if one.refused.is_some() {
            "canceled"
        } else {
            "queued"
        };
        let hold_until_ms = if one.after_messages {
            event.at_ms + WAIT_FOR_MESSAGES_MS
        } else {
            0
        };
        insert_delivery(
            sql,
            &DeliveryRow {
                id: derived_id("dlv", &parts),
                event_id: event.id.clone(),
                event_type: event.kind.as_str().to_owned(),
                destination_id: one.destination_id.clone(),
                action_id: one.action_id.clone(),
                kind: one.channel.as_str().to_owned(),
                recipient: one.recipient.clone(),
                call_id: event.call_id.clone(),
                record_id: event.record_id.clone(),
                location_id: event.location_id.clone(),
                // A page to somebody on call must not wait behind one that could not be sent.
                order_key: webhook.then(|| event.subject.clone()),
                sequence,
                state: state.to_owned(),
                next_attempt_at_ms: event.at_ms,
                hold_until_ms,
                last_error: one.refused.clone(),
                created_at_ms: event.at_ms,
                finished_at_ms: one.refused.is_some().then_some(event.at_ms),
                ..DeliveryRow::default()
            },
        )?;
    }
    Ok(true)
}
