//! What follows from a call: its outcome by the vertical's own name, what comes next and who owes it, what was promised.

use super::evidence::Evidence;
use super::extractor::Extractor;
use super::outcome::{NextAction, Outcome, Task};
use super::value::Value;
use super::vertical::When;

impl Extractor {
    /// What the call came to, as far as it has come.
    pub fn outcome(&self) -> Outcome {
        let (code, confidence, evidence) = self.state.outcome_code();
        let local = self
            .state
            .vertical
            .outcomes
            .iter()
            .find(|o| o.maps_to == code.as_str() && self.holds(&o.when))
            .map(|o| o.id.clone());
        Outcome {
            code,
            local,
            confidence,
            evidence: evidence.into_iter().cloned().collect(),
        }
    }

    /// Whether a condition of the vertical's file holds now.
    pub fn holds(&self, when: &When) -> bool {
        if when.otherwise {
            return true;
        }
        let Some(name) = &when.field else {
            return when.any_phrase.is_empty();
        };
        let Some(field) = self.field(name) else {
            return false;
        };
        let value = when.one_of.is_empty()
            || field
                .value
                .as_ref()
                .and_then(Value::text)
                .is_some_and(|t| when.one_of.iter().any(|w| w == t));
        let status = when.status.as_ref().is_none_or(|s| {
            serde_json::to_value(field.status)
                .ok()
                .and_then(|v| v.as_str().map(|v| v == s))
                .unwrap_or(false)
        });
        value && status
    }

    /// What comes next, with owner, deadline and destination by the vertical's routes.
    pub fn next_action(&self) -> NextAction {
        let (code, _, evidence) = self.state.outcome_code();
        let kind = self
            .state
            .field("next_action")
            .and_then(|f| self.state.value(f))
            .and_then(Value::text)
            .map_or_else(|| self.state.next_kind(code).to_owned(), str::to_owned);
        self.routed(kind, evidence.cloned())
    }

    /// A next action of this kind, with owner, deadline and destination by the vertical's routes.
    pub fn routed(&self, kind: String, evidence: Option<Evidence>) -> NextAction {
        let route = self
            .state
            .vertical
            .routes
            .iter()
            .find(|r| self.holds(&r.when));
        let deadline = route
            .and_then(|r| r.next_action.deadline.parse::<jiff::Span>().ok())
            .and_then(|span| {
                let end = self
                    .state
                    .ctx
                    .started_at
                    .checked_add(jiff::Span::new().milliseconds(self.state.last_end_ms as i64))
                    .ok()?;
                let zoned = end
                    .to_zoned(self.state.ctx.timezone.clone())
                    .checked_add(span)
                    .ok()?;
                Some(zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
            });
        let when = self
            .field("preferred_time")
            .and_then(|f| f.display)
            .filter(|_| kind == "visit_scheduled");
        let description = match kind.as_str() {
            "call_back" => "call the caller back".to_owned(),
            "visit_scheduled" => {
                when.map_or_else(|| "appointment".to_owned(), |w| format!("appointment {w}"))
            }
            "dispatch" => "send somebody now".to_owned(),
            "transfer" => "call was put through".to_owned(),
            "send_info" => "send what was promised".to_owned(),
            "call_911" => "caller was told to call 911; follow up".to_owned(),
            _ => String::new(),
        };
        let owed = kind != "none";
        NextAction {
            owner: route
                .map(|r| r.owner.department.clone())
                .filter(|o| owed && !o.is_empty()),
            deadline: deadline.filter(|_| owed),
            destination: route
                .map(|r| r.next_action.destination.clone())
                .filter(|o| owed && !o.is_empty()),
            kind,
            description,
            evidence: evidence.into_iter().collect(),
        }
    }

    /// What was promised.
    pub fn tasks(&self) -> Vec<Task> {
        let Some(field) = self.field("tasks") else {
            return Vec::new();
        };
        let Some(Value::Tasks(list)) = field.value else {
            return Vec::new();
        };
        list.into_iter()
            .enumerate()
            .map(|(i, p)| Task {
                owner: p.owner,
                text: p.text,
                evidence: field.evidence.get(i).cloned().into_iter().collect(),
            })
            .collect()
    }
}
