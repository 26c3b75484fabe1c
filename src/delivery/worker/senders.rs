//! One sender for each way out.

use std::collections::BTreeMap;

use crate::delivery::email::Mailer;
use crate::delivery::message::{Mail, Sms};
use crate::delivery::outbox::{Attempt, Verdict};
use crate::delivery::rules::Rules;
use crate::delivery::settings::Channel;
use crate::delivery::signature::SigningKey;
use crate::delivery::sms::Texter;
use crate::delivery::webhook::{Message, SenderError, Webhook};
use crate::store::database::outbox::DeliveryRow;

/// The senders of all destinations.
pub(super) struct Senders {
    webhooks: BTreeMap<String, Webhook>,
    mailer: Option<Mailer>,
    texter: Option<Texter>,
}

impl Senders {
    /// Makes them; no connection is opened yet.
    pub(super) fn new(rules: &Rules) -> Result<Senders, SenderError> {
        let mut webhooks = BTreeMap::new();
        for receiver in rules.receivers() {
            let destination = &receiver.destination;
            if destination.kind == Channel::Webhook {
                webhooks.insert(destination.id.clone(), Webhook::new(destination)?);
            }
        }
        Ok(Senders {
            webhooks,
            mailer: rules.settings.smtp.as_ref().map(Mailer::new).transpose()?,
            texter: rules
                .settings
                .twilio
                .as_ref()
                .map(Texter::new)
                .transpose()?,
        })
    }

    /// Sends a delivery's payload.
    pub(super) async fn send(
        &self,
        row: &DeliveryRow,
        payload: &str,
        keys: &[SigningKey],
        now_ms: i64,
    ) -> Attempt {
        let unusable = || {
            Attempt::failed(
                Verdict::Final,
                None,
                "the configuration has no way to send this",
            )
        };
        match Channel::from_name(&row.kind) {
            Some(Channel::Webhook) => match self.webhooks.get(&row.destination_id) {
                Some(webhook) => {
                    let message = Message {
                        id: &row.event_id,
                        at_ms: now_ms,
                        body: payload,
                    };
                    webhook.send(keys, message).await
                }
                None => unusable(),
            },
            Some(Channel::Email) => match (&self.mailer, serde_json::from_str::<Mail>(payload)) {
                (Some(mailer), Ok(mail)) => mailer.send(&row.id, &mail).await,
                _ => unusable(),
            },
            Some(Channel::Sms) => match (&self.texter, serde_json::from_str::<Sms>(payload)) {
                (Some(texter), Ok(sms)) => texter.send(&sms, now_ms).await,
                _ => unusable(),
            },
            None => unusable(),
        }
    }
}
