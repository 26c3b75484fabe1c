//! What the provider says about a call: numbers, status, times. Reads the provider's messages and forms as they came.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::call::{EndReason, Opening, ProviderEvent, Source, ms_between, rfc3339};
use crate::media::webhook::{CallStatus, Form, IncomingCall, Party, StatusUpdate, Verification};
use crate::media::{Dialect, MediaEvent};

/// Telephony facts of one call.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Status; it never moves backwards.
    pub status: CallStatus,
    /// Who calls, as soon as the provider has said so.
    pub from: Option<Party>,
    /// Who was dialled.
    pub to: Option<Party>,
    /// The name the network gives for the caller.
    pub caller_name: Option<String>,
    /// How far the network vouches for the number.
    pub verification: Verification,
    /// `inbound`, `outbound_api` or `outbound_dial`.
    pub direction: String,
    /// When the call was opened, unix microseconds.
    pub start_us: i64,
    /// When it was answered.
    pub answered_us: Option<i64>,
    /// When the agent's leg was answered, where the provider reports that leg.
    pub agent_answered_us: Option<i64>,
    /// When it ended.
    pub end_us: Option<i64>,
    /// How long the agent talked, by the provider's count, ms.
    pub dialled_ms: Option<u64>,
    /// Time in a queue, by the provider's count, ms.
    pub hold_ms: u64,
    /// The SIP cause of the end, where the provider names one.
    pub cause_code: Option<u16>,
    /// Custom parameters of the stream, but for our own token.
    pub parameters: BTreeMap<String, String>,
}

/// What a provider event means for the call.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum News {
    /// A stream joined.
    StreamStarted {
        /// The provider's id of the stream.
        id: String,
    },
    /// A stream said `stop`.
    StreamStopped,
    /// A key was pressed.
    Key(char),
    /// The agent's telephone was rung: whatever comes before that is over.
    Dialled,
    /// The provider asks for what comes after the announcement.
    ConsentAnswered(Form),
    /// The provider says that the call is over.
    Ended(EndReason),
}

impl Header {
    pub(super) fn new(now_us: i64) -> Self {
        Header {
            status: CallStatus::Queued,
            from: None,
            to: None,
            caller_name: None,
            verification: Verification::None,
            direction: "inbound".to_owned(),
            start_us: now_us,
            answered_us: None,
            agent_answered_us: None,
            end_us: None,
            dialled_ms: None,
            hold_ms: 0,
            cause_code: None,
            parameters: BTreeMap::new(),
        }
    }

    /// The caller's number, if it is one that can be called back.
    pub fn caller_id(&self) -> Option<&str> {
        self.from.as_ref()?.number.as_deref()
    }

    fn advance(&mut self, status: CallStatus, now_us: i64) {
        let next = self.status.advance(status);
        if next != self.status && next == CallStatus::InProgress {
            self.answered_us.get_or_insert(now_us);
        }
        self.status = next;
    }

    /// The call has ended: an answered call is `completed`, one that never was is `canceled`, unless the provider said otherwise.
    pub(super) fn close(&mut self, now_us: i64) {
        self.end_us.get_or_insert(now_us);
        let end = if self.answered_us.is_some() {
            CallStatus::Completed
        } else {
            CallStatus::Canceled
        };
        self.advance(end, now_us);
    }

    /// Takes in what the provider sent. What cannot be read changes nothing: it stays in the journal, and the edge has counted it.
    pub(super) fn read(
        &mut self,
        opening: &Opening,
        event: &ProviderEvent,
        now_us: i64,
    ) -> Vec<News> {
        if event.source == Source::Media {
            return self.read_message(&opening.provider, &event.text, now_us);
        }
        let Ok(form) = Form::parse(event.text.as_bytes()) else {
            return Vec::new();
        };
        if let Some(seconds) = form.get("QueueTime").and_then(|t| t.parse::<u64>().ok()) {
            self.hold_ms = seconds.saturating_mul(1000);
        }
        match event.source {
            Source::Voice => IncomingCall::read(&form)
                .map_or_else(|_| Vec::new(), |call| self.read_incoming(call, now_us)),
            Source::Status => StatusUpdate::read(&form).map_or_else(
                |_| Vec::new(),
                |update| self.read_status(&opening.provider_call_id, update, now_us),
            ),
            Source::Consent => vec![News::ConsentAnswered(form)],
            Source::StreamStatus | Source::Media => Vec::new(),
        }
    }

    fn read_message(&mut self, provider: &str, text: &str, now_us: i64) -> Vec<News> {
        let dialect = Dialect::from_name(provider).unwrap_or(Dialect::Twilio);
        match dialect.parse(text) {
            Ok(MediaEvent::Start(start)) => {
                let parameter = |name: &str| start.parameters.get(name).cloned();
                self.set_parties(
                    start.from.clone().or_else(|| parameter("from")),
                    start.to.clone().or_else(|| parameter("to")),
                );
                self.parameters = start.parameters.clone();
                // Our own one-use secret: nobody needs it any more.
                self.parameters.remove("token");
                self.advance(CallStatus::InProgress, now_us);
                vec![News::StreamStarted { id: start.stream }]
            }
            Ok(MediaEvent::Dtmf { digit, .. }) => vec![News::Key(digit)],
            Ok(MediaEvent::Stop { .. }) => vec![News::StreamStopped],
            _ => Vec::new(),
        }
    }

    fn set_parties(&mut self, from: Option<String>, to: Option<String>) {
        // A message that does not name a party says nothing about it; only a named one can be withheld.
        if let (None, Some(from)) = (&self.from, from) {
            self.from = Some(Party::from_wire(Some(&from)));
        }
        if let (None, Some(to)) = (&self.to, to) {
            self.to = Some(Party::from_wire(Some(&to)));
        }
    }

    fn read_incoming(&mut self, call: IncomingCall, now_us: i64) -> Vec<News> {
        self.from.get_or_insert(call.from);
        self.to.get_or_insert(call.to);
        self.caller_name = self.caller_name.take().or(call.caller_name);
        self.verification = call.verification;
        self.direction = call.direction.replace('-', "_");
        // The webhook's own status says how far the network is; we answer it, so the call rings until its stream or a status says more.
        self.advance(CallStatus::Ringing, now_us);
        Vec::new()
    }

    fn read_status(
        &mut self,
        provider_call_id: &str,
        update: StatusUpdate,
        now_us: i64,
    ) -> Vec<News> {
        if update.call != provider_call_id {
            // A leg of this call (the agent's telephone): its answer ends the ringing, its end is not the call's.
            if update.status == CallStatus::InProgress {
                self.agent_answered_us.get_or_insert(now_us);
            }
            return vec![News::Dialled];
        }
        for (own, told) in [(&mut self.from, update.from), (&mut self.to, update.to)] {
            if own.is_none() && (told.number.is_some() || told.address.is_some()) {
                *own = Some(told);
            }
        }
        if let Some(direction) = update.direction {
            self.direction = direction.replace('-', "_");
        }
        let mut news = Vec::new();
        if let Some(dial) = update.dial {
            self.dialled_ms = dial.duration_s.map(|s| u64::from(s) * 1000);
            news.push(News::Dialled);
        }
        self.cause_code = update.sip_code.or(self.cause_code);
        if self.status.is_terminal() {
            return news;
        }
        self.advance(update.status, now_us);
        let end = match update.status {
            CallStatus::Completed => Some(EndReason::Hangup),
            CallStatus::Canceled => Some(EndReason::Canceled),
            CallStatus::Busy | CallStatus::NoAnswer | CallStatus::Failed => {
                Some(EndReason::Rejected)
            }
            CallStatus::Queued
            | CallStatus::Initiated
            | CallStatus::Ringing
            | CallStatus::InProgress => None,
        };
        news.extend(end.map(News::Ended));
        news
    }

    /// From the opening to the answer, ms: the agent's answer where the provider reports it.
    pub fn ring_ms(&self) -> u64 {
        ms_between(
            self.start_us,
            self.agent_answered_us
                .or(self.answered_us)
                .or(self.end_us)
                .unwrap_or(self.start_us),
        )
    }

    /// Time talked, ms: the provider's count of the agent's leg, else from the answer to the end without the time on hold.
    pub fn talk_ms(&self) -> u64 {
        match (
            self.dialled_ms,
            self.agent_answered_us.or(self.answered_us),
            self.end_us,
        ) {
            (Some(ms), ..) => ms,
            (None, Some(answered), Some(end)) => {
                ms_between(answered, end).saturating_sub(self.hold_ms)
            }
            _ => 0,
        }
    }

    pub(super) fn json(&self, opening: &Opening, end: Option<(EndReason, i64)>) -> Value {
        let at = |us: Option<i64>| us.map(rfc3339);
        let dialled = |party: &Option<Party>| {
            party
                .as_ref()
                .and_then(|p| p.number.clone().or_else(|| p.address.clone()))
        };
        let duration = self
            .answered_us
            .zip(self.end_us)
            .map(|(a, e)| ms_between(a, e).div_ceil(1000));
        json!({
            "id": opening.call,
            "provider": opening.provider,
            "provider_call_id": opening.provider_call_id,
            "source": { "kind": "inbound_number", "id": dialled(&self.to) },
            "direction": self.direction,
            "status": self.status,
            "end": end.map(|(reason, _)| json!({
                "reason": reason,
                "cause_code": self.cause_code,
                "cause_family": self.cause_code.map(|_| "sip"),
            })),
            "from": dialled(&self.from),
            "to": dialled(&self.to),
            "caller_id": {
                "number": self.caller_id(),
                "withheld": self.from.as_ref().is_some_and(|p| p.withheld),
                "verified": self.verification,
                "name": self.caller_name,
            },
            "start_time": rfc3339(self.start_us),
            "answered_time": at(self.answered_us),
            "end_time": at(self.end_us),
            "duration_seconds": duration,
            "timing": { "ring_ms": self.ring_ms(), "hold_ms": self.hold_ms, "talk_ms": self.talk_ms() },
            "parameters": self.parameters,
            "vertical": opening.vertical,
            "config_version": opening.config_version,
            "parent_call_id": opening.parent,
            "is_test": false,
        })
    }
}

/// The word of a status in JSON and on the timeline.
pub(super) fn status_word(status: CallStatus) -> &'static str {
    match status {
        CallStatus::Queued => "queued",
        CallStatus::Initiated => "initiated",
        CallStatus::Ringing => "ringing",
        CallStatus::InProgress => "answered",
        CallStatus::Completed => "completed",
        CallStatus::Busy => "busy",
        CallStatus::NoAnswer => "no_answer",
        CallStatus::Canceled => "canceled",
        CallStatus::Failed => "failed",
    }
}
