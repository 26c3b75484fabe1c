use proptest::prelude::*;

use super::*;

fn form(text: &str) -> Form {
    Form::parse(text.as_bytes()).unwrap()
}

#[test]
fn an_incoming_call_is_read_whole() {
    let form = form(
        "CallSid=CA1&AccountSid=AC1&From=%2B15125550142&To=%2B15125550100&CallStatus=ringing&Direction=inbound&CallerName=WIRELESS+CALLER\
         &ForwardedFrom=%2B15125550199&StirVerstat=TN-Validation-Passed-A&New=&CallToken=x%26y",
    );
    let call = IncomingCall::read(&form).unwrap();
    assert_eq!(call.call, "CA1");
    assert_eq!(call.from.number.as_deref(), Some("+15125550142"));
    assert_eq!(call.caller_name.as_deref(), Some("WIRELESS CALLER"));
    assert_eq!(call.verification, Verification::A);
    assert_eq!(call.status, CallStatus::Ringing);
    // The signature covers what nobody reads, too.
    assert_eq!(form.parameters().len(), 11);
    assert_eq!(form.parameters()[9], ("New".into(), String::new()));
    assert!(!format!("{call:?} {form:?}").contains("5550142"));
}

#[test]
fn a_hidden_number_is_withheld_and_an_address_is_not_a_number() {
    for hidden in [
        "",
        "anonymous",
        "Restricted",
        "+266696687",
        "sip:anonymous@anonymous.invalid",
        "+7378742833",
    ] {
        let party = Party::from_wire(Some(hidden));
        assert!(
            party.withheld && party.number.is_none() && party.address.is_none(),
            "{hidden}"
        );
    }
    assert!(Party::from_wire(None).withheld);
    for address in ["client:desk", "sip:bob@example.com", "911", "+1"] {
        let party = Party::from_wire(Some(address));
        assert_eq!(
            (party.withheld, party.number, party.address.as_deref()),
            (false, None, Some(address))
        );
    }
}

#[test]
fn a_status_is_read_with_its_time() {
    let update = StatusUpdate::read(&form(
        "CallSid=CA2&ParentCallSid=CA1&CallStatus=completed&Timestamp=Tue%2C+24+Mar+2026+14%3A12%3A05+%2B0000&SequenceNumber=3\
         &CallDuration=87&Duration=2&SipResponseCode=200&Direction=outbound-dial&From=%2B15125550142&To=%2B15125550100",
    ))
    .unwrap();
    assert_eq!(update.at_ms, Some(1_774_361_525_000));
    assert_eq!(
        (update.sequence, update.duration_s, update.sip_code),
        (Some(3), Some(87), Some(200))
    );
    assert_eq!(
        (update.status, update.parent_call.as_deref(), update.dial),
        (CallStatus::Completed, Some("CA1"), None)
    );
}

#[test]
fn the_end_of_dial_carries_the_talk_time() {
    let update =
        StatusUpdate::read(&form("CallSid=CA1&CallStatus=in-progress&DialCallStatus=no-answer&DialCallSid=CA2&DialCallDuration=0")).unwrap();
    assert_eq!(
        update.dial,
        Some(DialResult {
            status: CallStatus::NoAnswer,
            call: Some("CA2".into()),
            duration_s: Some(0)
        })
    );
}

#[test]
fn what_cannot_be_read_is_named() {
    assert_eq!(
        StatusUpdate::read(&form("CallStatus=busy")),
        Err(FormError::Missing("CallSid"))
    );
    assert_eq!(
        StatusUpdate::read(&form("CallSid=CA1&CallStatus=dancing")),
        Err(FormError::Wrong("CallStatus"))
    );
    assert_eq!(
        StatusUpdate::read(&form("CallSid=CA1&CallStatus=busy&CallDuration=x")),
        Err(FormError::Wrong("CallDuration"))
    );
    assert_eq!(
        StreamUpdate::read(&form("CallSid=CA1")),
        Err(FormError::Missing("StreamEvent"))
    );
    assert_eq!(
        Form::parse("a=1&".repeat(501).as_bytes()),
        Err(FormError::TooMany)
    );
}

#[test]
fn a_stream_that_failed_says_why() {
    let update = StreamUpdate::read(&form(
        "AccountSid=AC1&CallSid=CA1&StreamSid=MZ1&StreamName=x&StreamEvent=stream-error&StreamError=handshake&Timestamp=2026-03-24T14%3A12%3A05.080710Z",
    ))
    .unwrap();
    assert_eq!(
        (update.event, update.error.as_deref(), update.at_ms),
        (
            StreamEvent::Error,
            Some("handshake"),
            Some(1_774_361_525_080)
        )
    );
}

#[test]
fn attestation_counts_only_when_it_passed() {
    for (word, verification) in [
        ("TN-Validation-Passed-A", Verification::A),
        ("TN-Validation-Passed-B-Diverted", Verification::B),
        ("TN-Validation-Passed-C", Verification::C),
        ("TN-Validation-Failed-A", Verification::None),
        ("TN-Validation-Passed-A-Diverted-Failed", Verification::None),
        ("No-TN-Validation", Verification::None),
    ] {
        assert_eq!(Verification::from_wire(word), verification, "{word}");
    }
    assert_eq!(
        serde_json::to_string(&[Verification::A, Verification::None]).unwrap(),
        r#"["A","none"]"#
    );
}

proptest! {
    #[test]
    fn a_call_never_moves_back(order in Just(["initiated", "ringing", "answered", "completed", "busy"]).prop_shuffle()) {
        let mut status = CallStatus::Queued;
        let mut ended = None;
        for word in order {
            let before = status;
            status = status.advance(CallStatus::from_wire(word).unwrap());
            prop_assert!(status.rank() >= before.rank());
            if let Some(end) = ended { prop_assert_eq!(status, end); }
            if status.is_terminal() { ended = Some(status); }
        }
        prop_assert!(status.is_terminal());
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(form) = Form::parse(&bytes) {
            let _ = (IncomingCall::read(&form), StatusUpdate::read(&form), StreamUpdate::read(&form));
        }
    }
}
