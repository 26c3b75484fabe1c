//! Who hears of an event.

use serde_json::Value;

use super::event::{Event, EventType};
use super::rules::Rules;
use super::settings::{Channel, Destination, field_of};
use crate::fields::vertical::When;

/// A delivery that an event calls for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// To whom.
    pub destination_id: String,
    /// By what.
    pub channel: Channel,
    /// The action that asks for it; none where the destination hears of such events by itself, or an escalation names it.
    pub action_id: Option<String>,
    /// The number or address, where a delivery has one of its own.
    pub recipient: Option<String>,
    /// Waits a moment for the event's messages, whose results go with it.
    pub after_messages: bool,
    /// Why it cannot be sent: kept as canceled, so that it is seen.
    pub refused: Option<String>,
}

/// The deliveries that an event calls for. Each is told of it once.
pub fn due(rules: &Rules, event: &Event) -> Vec<Planned> {
    let mut planned: Vec<Planned> = Vec::new();
    for deed in rules.deeds(&event.vertical) {
        let action = &deed.action;
        if action.on == event.kind
            && action.when.as_ref().is_none_or(|w| holds(w, event))
            && let Some(destination) = hearing(rules, &action.destination, event)
        {
            plan(event, destination, Some(&action.id), &mut planned);
        }
    }
    if event.kind == EventType::EscalationRaised {
        let trigger = event.data["escalation"]["trigger"]
            .as_str()
            .unwrap_or_default();
        for id in rules.told_of(&event.vertical, trigger) {
            if let Some(destination) = hearing(rules, id, event)
                && !planned.iter().any(|p| p.destination_id == *id)
            {
                plan(event, destination, None, &mut planned);
            }
        }
    }
    for receiver in rules.receivers() {
        let destination = &receiver.destination;
        let wanted = match event.kind {
            // A test goes to the one it is about.
            EventType::TestPing => event.data["destination_id"] == destination.id.as_str(),
            // Whoever was told a value is told of its correction.
            EventType::FieldCorrected => {
                destination.hears_of(EventType::FieldSynced)
                    || destination.hears_of(EventType::FieldCorrected)
            }
            kind => destination.hears_of(kind),
        };
        if wanted
            && hearing(rules, &destination.id, event).is_some()
            && !planned.iter().any(|p| p.destination_id == destination.id)
        {
            plan(event, destination, None, &mut planned);
        }
    }
    let messages = planned
        .iter()
        .any(|p| p.channel != Channel::Webhook && p.refused.is_none());
    for webhook in planned.iter_mut().filter(|p| p.channel == Channel::Webhook) {
        webhook.after_messages = messages;
    }
    planned
}

/// The destination, if it hears of this event's place and has something to hear.
fn hearing<'a>(rules: &'a Rules, id: &str, event: &Event) -> Option<&'a Destination> {
    let destination = &rules.receiver(id)?.destination;
    let ping = event.kind == EventType::TestPing;
    if !ping && !destination.serves(event.location_id.as_deref()) && event.call_id.is_some() {
        return None;
    }
    match event.kind {
        // Bad news of a destination does not go by that destination.
        EventType::DeliveryDead if event.data["delivery"]["destination_id"] == id => None,
        // A field it may not see is no news.
        EventType::FieldSynced | EventType::FieldCorrected => {
            let fields = event.data["fields"].as_object()?;
            fields
                .keys()
                .any(|f| destination.may_see(f, rules.is_sensitive(&event.vertical, f)))
                .then_some(destination)
        }
        _ => Some(destination),
    }
}

fn plan(
    event: &Event,
    destination: &Destination,
    action_id: Option<&str>,
    planned: &mut Vec<Planned>,
) {
    let one = |recipient: Option<String>, refused: Option<String>| Planned {
        destination_id: destination.id.clone(),
        channel: destination.kind,
        action_id: action_id.map(str::to_owned),
        recipient,
        after_messages: false,
        refused,
    };
    if destination.kind == Channel::Webhook {
        planned.push(one(None, None));
        return;
    }
    for to in &destination.to {
        planned.push(match field_of(to) {
            None => one(Some(to.clone()), None),
            Some(field) => match event.data["fields"][field]["value"].as_str() {
                Some(value) => one(Some(value.to_owned()), None),
                None => one(None, Some(format!("the call has no {field} to send it to"))),
            },
        });
    }
}

/// Whether an action's condition holds.
fn holds(when: &When, event: &Event) -> bool {
    if let Some(severity) = &when.severity
        && event.data["escalation"]["severity"] != severity.as_str()
    {
        return false;
    }
    let Some(name) = &when.field else {
        return true;
    };
    let field = &event.data["fields"][name.as_str()];
    let is_one_of = |value: &Value| {
        value
            .as_str()
            .is_some_and(|v| when.one_of.iter().any(|w| w == v))
    };
    let value = match &field["value"] {
        _ if when.one_of.is_empty() => true,
        Value::Array(items) => items.iter().any(is_one_of),
        value => is_one_of(value),
    };
    let status = when
        .status
        .as_ref()
        .is_none_or(|wanted| field["status"] == wanted.as_str());
    value && status && !field.is_null()
}

#[cfg(test)]
mod tests;
