//! From an event to what is sent to one destination: seen through its view, in the form of its channel.

use serde::Serialize;
use serde_json::{Value, json};

use super::event::Event;
use super::message::{self, Made, Scene};
use super::payload::{self, Around, Payload};
use super::rules::{Receiver, Rules, Texts};
use super::settings::{Channel, TranscriptMode};
use super::view;

/// One delivery of an event.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    /// What happened.
    pub event: &'a Event,
    /// Its number within its call.
    pub sequence: i64,
    /// The delivery.
    pub delivery_id: &'a str,
    /// To whom.
    pub receiver: &'a Receiver,
    /// The action that asked for it.
    pub action_id: Option<&'a str>,
    /// The number or address.
    pub recipient: Option<&'a str>,
    /// How the event's other deliveries went, so far.
    pub results: Vec<Value>,
    /// The transcript, where [`wants_transcript`] says so.
    pub transcript: Option<Vec<Value>>,
}

/// Whether a destination gets the transcript in the body.
pub fn wants_transcript(receiver: &Receiver) -> bool {
    receiver.destination.transcript == TranscriptMode::Inline
}

/// What is sent, or why it cannot be.
///
/// # Errors
/// Why nothing can be sent, without any value: the delivery is canceled with it.
pub fn payload(rules: &Rules, order: &Order<'_>) -> Result<Payload, String> {
    let event = order.event;
    let destination = &order.receiver.destination;
    let view = view::of(event, destination, |field| {
        rules.is_sensitive(&event.vertical, field)
    });
    let base_url = rules.base_url();
    let deed = order.action_id.and_then(|id| {
        rules
            .deeds(&event.vertical)
            .iter()
            .find(|d| d.action.id == id)
    });
    let none = Texts::default();
    let texts = [deed.map_or(&none, |d| &d.texts), &order.receiver.texts];
    let scene = Scene {
        event,
        view: &view,
        place: rules.place(event.location_id.as_deref()),
        base_url,
        summary_chars: usize::MAX,
    };
    let to = order.recipient.unwrap_or_default();
    let to_caller = destination.goes_to_a_field();
    match destination.kind {
        Channel::Webhook => {
            let around = Around {
                sequence: order.sequence,
                delivery_id: order.delivery_id,
                results: order.results.clone(),
                transcript: order.transcript.clone(),
                base_url,
            };
            Ok(payload::webhook(event, destination, view.clone(), &around))
        }
        Channel::Email => sealed(
            message::mail(scene, to, texts).map_err(|e| e.to_string())?,
            to_caller,
        ),
        Channel::Sms => sealed(
            message::sms(scene, to, texts).map_err(|e| e.to_string())?,
            to_caller,
        ),
    }
}

/// A message as it is kept. Staff read a dash where something is missing; a caller gets no letter with holes.
fn sealed<T: Serialize>(made: Made<T>, to_caller: bool) -> Result<Payload, String> {
    if made.has_holes && to_caller {
        return Err(
            "the text names a field that this call has no value for; give the action a condition"
                .to_owned(),
        );
    }
    Ok(Payload::new(
        json!(made.message).to_string(),
        made.fields_sent,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::EventType;
    use crate::delivery::rules::tests::{GOOD, compile};

    fn sent(name: Value, action: &str, destination: &str) -> Result<Payload, String> {
        let rules = compile(GOOD).unwrap();
        let address = json!({ "number": "412", "street": "Oak Street", "unit": null, "city": "Austin", "state": "TX", "postal_code": null });
        let record = json!({
            "id": "rec_1", "call_id": "call_1", "vertical": "plumber", "ownership": { "location_id": "austin" },
            "fields": {
                "caller_name": { "value": name, "display": name, "type": "person_name" },
                "service_address": { "value": address, "display": "412 Oak Street, Austin, TX", "type": "address" },
            },
        });
        let event = Event::of_record(EventType::RecordApproved, &record, 1, 0);
        let order = Order {
            event: &event,
            sequence: 1,
            delivery_id: "dlv_1",
            receiver: rules.receiver(destination).unwrap(),
            action_id: Some(action),
            recipient: Some("+15125550187"),
            results: Vec::new(),
            transcript: None,
        };
        payload(&rules, &order)
    }

    #[test]
    fn a_caller_gets_a_whole_message_or_none() {
        let payload = sent(json!("Maria Gonzalez"), "confirm", "caller_sms").unwrap();
        assert_eq!(
            payload.body,
            r#"{"text":"Hi Maria, Austin has you down at 412 Oak Street.","to":"+15125550187"}"#
        );
        assert_eq!(payload.fields_sent, ["caller_name", "service_address"]);
        let refused = sent(Value::Null, "confirm", "caller_sms").unwrap_err();
        assert!(refused.contains("condition"), "{refused}");
    }

    #[test]
    fn staff_get_it_with_a_dash() {
        assert!(sent(Value::Null, "", "on_call_sms").is_ok());
    }

    #[test]
    fn a_webhook_gets_the_envelope() {
        let payload = sent(json!("Maria"), "crm_record", "crm").unwrap();
        let body: Value = serde_json::from_str(&payload.body).unwrap();
        assert_eq!(
            (&body["type"], &body["sequence"]),
            (&json!("record.approved"), &json!(1))
        );
    }
}
