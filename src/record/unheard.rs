//! Calls in which nobody spoke to anybody: given up while it rang, busy, failed. They are work too: somebody wanted something.

use crate::call::Call;
use crate::fields::{Code, NextAction, Outcome};
use crate::media::webhook::CallStatus;

/// How sure: the provider itself says that nobody answered.
const CONFIDENCE: f64 = 0.97;

/// Whether the provider says that the call never came to be, and nothing was heard that says otherwise.
pub fn was_missed(call: &Call) -> bool {
    let never = matches!(
        call.header().status,
        CallStatus::Busy | CallStatus::NoAnswer | CallStatus::Canceled | CallStatus::Failed
    );
    never && call.transcript().is_empty()
}

/// What came of a call: by what was said, or, where nothing could be said, by what the provider reports.
pub(super) fn outcome(call: &Call) -> Outcome {
    let heard = call.extractor().outcome();
    if !was_missed(call) {
        return heard;
    }
    Outcome {
        code: Code::Abandoned,
        confidence: CONFIDENCE,
        ..heard
    }
}

/// What comes next: a caller whom nobody answered is called back, if it is known at which number.
pub(super) fn next_action(call: &Call) -> NextAction {
    let inbound = call.header().direction == "inbound";
    if !was_missed(call) || !inbound || call.header().caller_id().is_none() {
        return call.extractor().next_action();
    }
    NextAction {
        description: "call the caller back: nobody answered".to_owned(),
        ..call.extractor().routed("call_back".to_owned(), None)
    }
}

/// The group of an outcome, by which reports add up.
pub fn group(code: Code) -> &'static str {
    match code {
        Code::Booked => "won",
        Code::CallbackNeeded | Code::MessageTaken | Code::Escalated | Code::Transferred => "open",
        Code::InformationGiven => "handled",
        Code::NotServed => "lost",
        Code::Abandoned | Code::Voicemail => "unreached",
        Code::Spam | Code::WrongNumber => "excluded",
        Code::Unclassified => "unclassified",
    }
}
