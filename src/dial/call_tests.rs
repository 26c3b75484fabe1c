use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::super::Load;
use super::*;
use crate::media::{Dialect, MediaEvent, Track};

/// A server that keeps what it is sent. After `close_after` messages it closes with a reason.
async fn server(close_after: Option<usize>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/twilio/media", listener.local_addr().unwrap());
    let kept = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        let mut kept = Vec::new();
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Text(text) = message {
                kept.push(text.to_string());
            }
            if close_after == Some(kept.len()) {
                let frame = tungstenite::protocol::CloseFrame {
                    code: 1013.into(),
                    reason: "try again later".into(),
                };
                let _ = socket.close(Some(frame)).await;
                while let Some(Ok(_)) = socket.next().await {}
                break;
            }
        }
        kept
    });
    (url, kept)
}

/// A server that answers every upgrade in the same way.
async fn refusing(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/twilio/media", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4_096]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    url
}

fn audio(frames: usize, stereo: bool) -> Arc<CallAudio> {
    let bytes = vec![0x55; frames * 160];
    Arc::new(CallAudio::from_mulaw(&bytes, stereo.then_some(&bytes[..])))
}

#[tokio::test]
async fn a_call_is_what_twilio_would_send() {
    let (url, kept) = server(None).await;
    let mut call = Call::new(url, audio(5, true)).unwrap();
    call.speed = 20.0;
    call.parameters = vec![("token".into(), "t".into())];
    call.dtmf = vec![(40, '7')];
    let report = call.clone().place().await.unwrap();
    let kept = kept.await.unwrap();
    let events: Vec<_> = kept
        .iter()
        .map(|text| Dialect::Twilio.parse(text).unwrap())
        .collect();
    assert_eq!(events[0], MediaEvent::Connected);
    let MediaEvent::Start(start) = &events[1] else {
        panic!("{:?}", events[1])
    };
    assert_eq!(
        (
            &start.call,
            &start.tracks[..],
            start.parameters["token"].as_str()
        ),
        (&call.call_sid, &Track::BOTH[..], "t")
    );
    let media: Vec<_> = events
        .iter()
        .filter_map(|event| {
            if let MediaEvent::Media(media) = event {
                Some((media.sequence.unwrap(), media.track, media.timestamp_ms))
            } else {
                None
            }
        })
        .collect();
    // Both tracks in turn, one numbering for everything; the key takes number 6.
    let expected: Vec<_> = (0..10u64)
        .map(|n| {
            (
                n + 2 + u64::from(n >= 4),
                Track::BOTH[n as usize % 2],
                102 + 20 * (n as i64 / 2),
            )
        })
        .collect();
    assert_eq!(media, expected);
    assert!(events.contains(&MediaEvent::Dtmf {
        track: Some(Track::Inbound),
        digit: '7',
        sequence: Some(6)
    }));
    assert_eq!(
        events.last(),
        Some(&MediaEvent::Stop {
            call: Some(call.call_sid.clone().into())
        })
    );
    assert_eq!(
        (report.frames_sent, report.bytes_sent),
        (10, kept.iter().map(|text| text.len() as u64).sum())
    );
    assert_eq!(
        (report.lateness.count(), report.ended),
        (10, Ended::Stopped)
    );
}

#[tokio::test]
async fn a_hang_up_in_mid_sentence_and_a_dropped_line() {
    let (url, kept) = server(None).await;
    let mut call = Call::new(url, audio(100, false)).unwrap();
    (call.speed, call.length_ms, call.send_stop) = (0.0, Some(60), false);
    assert_eq!(call.place().await.unwrap().ended, Ended::Dropped);
    let kept = kept.await.unwrap();
    assert_eq!(
        (kept.len(), kept.last().unwrap().contains("\"media\"")),
        (5, true)
    );
}

#[tokio::test]
async fn lost_frames_leave_a_jump_in_time_and_none_in_the_numbers() {
    let (url, kept) = server(None).await;
    let mut call = Call::new(url, audio(400, false)).unwrap();
    (call.speed, call.loss, call.seed) = (0.0, 0.25, 7);
    let report = call.place().await.unwrap();
    assert_eq!(report.frames_sent + report.frames_lost, 400);
    assert!(
        (60..140).contains(&report.frames_lost),
        "{}",
        report.frames_lost
    );
    assert_eq!(kept.await.unwrap().len() as u64, report.frames_sent + 3);
}

#[tokio::test]
async fn a_server_that_closes_early_is_quoted() {
    let (url, _kept) = server(Some(6)).await;
    let mut call = Call::new(url, audio(2_000, false)).unwrap();
    call.speed = 20.0;
    let error = call.place().await.unwrap_err();
    assert!(
        matches!(error, DialError::Closed { frames: 4.., .. }),
        "{error:?}"
    );
    assert!(
        error.to_string().contains("1013, try again later"),
        "{error}"
    );
}

#[tokio::test]
async fn a_refusal_and_a_wrong_address_are_one_clear_line() {
    let url = refusing("HTTP/1.1 403 Forbidden\r\ncontent-length: 9\r\n\r\nsignature").await;
    let error = Call::new(url, audio(1, false))
        .unwrap()
        .place()
        .await
        .unwrap_err();
    assert!(
        matches!(error, DialError::Refused { status: 403, .. }),
        "{error:?}"
    );
    assert!(error.to_string().contains("HTTP 403"), "{error}");
    for (url, says) in [
        ("wss://127.0.0.1/m", "TLS"),
        ("http://127.0.0.1/m", "must begin with ws://"),
        ("ws://127.0.0.1:1/m", "is the server running"),
    ] {
        let error = Call::new(url, audio(1, false))
            .unwrap()
            .place()
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains(says) && !error.contains('\n'), "{error}");
    }
}

#[tokio::test]
async fn the_upgrade_is_signed_as_twilio_signs_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut call = Call::new(
        format!("ws://{}/twilio/media", listener.local_addr().unwrap()),
        audio(1, false),
    )
    .unwrap();
    call.auth_token = Some(Secret::new("12345"));
    call.public_url = Some(signature::PublicUrl::parse("https://h.example").unwrap());
    let placed = tokio::spawn(call.place());
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = vec![0; 4_096];
    let n = stream.read(&mut request).await.unwrap();
    let request = String::from_utf8_lossy(&request[..n]).into_owned();
    let signature = request
        .lines()
        .find_map(|line| line.strip_prefix("x-twilio-signature: "))
        .unwrap();
    let url = signature::PublicUrl::parse("https://h.example").unwrap();
    assert!(
        signature::Verifier::new(Secret::new("12345"), url)
            .upgrade("/twilio/media", signature)
            .is_ok()
    );
    drop(stream);
    assert!(placed.await.unwrap().is_err());
}

#[tokio::test]
async fn a_load_counts_what_was_refused() {
    let url = refusing("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n").await;
    let load = Load {
        call: Call::new(url, audio(1, false)).unwrap(),
        calls: 5,
        ramp: Duration::from_millis(5),
    };
    let report = load.place().await.unwrap();
    assert_eq!(
        (report.calls, report.failed(), report.refused.get(&503)),
        (5, 5, Some(&5))
    );
    assert!(report.to_string().contains("5 with HTTP 503"), "{report}");
}

#[tokio::test]
async fn a_load_gives_each_call_its_own_ids() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/twilio/media", listener.local_addr().unwrap());
    let calls = tokio::spawn(async move {
        let mut calls = std::collections::BTreeSet::new();
        let mut sockets = Vec::new();
        for _ in 0..4 {
            let (stream, _) = listener.accept().await.unwrap();
            sockets.push(tokio::spawn(async move {
                let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
                let mut call = None;
                while let Some(Ok(message)) = socket.next().await {
                    if let Message::Text(text) = &message
                        && let Ok(MediaEvent::Start(start)) = Dialect::Twilio.parse(text)
                    {
                        call = Some((start.call, start.stream));
                    }
                }
                call.unwrap()
            }));
        }
        for socket in sockets {
            calls.insert(socket.await.unwrap());
        }
        calls
    });
    let mut call = Call::new(url, audio(3, true)).unwrap();
    call.speed = 10.0;
    let report = Load {
        call,
        calls: 4,
        ramp: Duration::ZERO,
    }
    .place()
    .await
    .unwrap();
    assert_eq!(
        (
            report.completed,
            report.frames_sent,
            report.lateness.count()
        ),
        (4, 24, 24)
    );
    assert_eq!(calls.await.unwrap().len(), 4);
}

/// A whole server for one call: voice webhook, stream, status webhook, as Twilio visits them.
#[tokio::test]
async fn an_announced_call_takes_its_token_from_the_webhook() {
    async fn request(listener: &TcpListener, answer: &str) -> String {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 8_192];
        let n = stream.read(&mut request).await.unwrap();
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
            answer.len()
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&request[..n]).into_owned()
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let public = signature::PublicUrl::parse("https://h.example").unwrap();
    let mut call = Call::new(
        format!("ws://{}/twilio/media", listener.local_addr().unwrap()),
        audio(2, false),
    )
    .unwrap();
    call.speed = 10.0;
    call.auth_token = Some(Secret::new("12345"));
    call.public_url = Some(public.clone());
    call.announcement = Some(Announcement {
        from: "+15125550142".into(),
        to: "+15125550100".into(),
    });
    call.parameters = vec![("vertical".into(), "clinic".into())];
    let call_sid = call.call_sid.clone();
    let placed = tokio::spawn(call.place());

    let settings = crate::media::Settings::default();
    let consent = crate::media::ConsentSettings::default();
    let parameters = [("token", "t0ken")];
    let twiml = crate::media::twiml::answer(&settings, &consent, &public, &parameters).unwrap();
    let voice = request(&listener, &twiml).await;
    let (head, body) = voice.split_once("\r\n\r\n").unwrap();
    let form = crate::media::webhook::Form::parse(body.as_bytes()).unwrap();
    let signed = head
        .lines()
        .find_map(|line| line.strip_prefix("x-twilio-signature: "))
        .unwrap();
    let verifier = signature::Verifier::new(Secret::new("12345"), public);
    assert!(
        verifier
            .webhook("/twilio/voice", form.parameters(), signed)
            .is_ok()
    );
    let incoming = crate::media::webhook::IncomingCall::read(&form).unwrap();
    assert_eq!(
        (incoming.call, incoming.from.number.as_deref()),
        (call_sid.clone(), Some("+15125550142"))
    );

    let (stream, _) = listener.accept().await.unwrap();
    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
    let mut parameters = None;
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Text(text) = &message
            && let Ok(MediaEvent::Start(start)) = Dialect::Twilio.parse(text)
        {
            parameters = Some(start.parameters);
        }
    }
    let parameters = parameters.unwrap();
    assert_eq!(
        (
            parameters["token"].as_str(),
            parameters["vertical"].as_str()
        ),
        ("t0ken", "clinic")
    );

    let status = request(&listener, "").await;
    let form =
        crate::media::webhook::Form::parse(status.split_once("\r\n\r\n").unwrap().1.as_bytes())
            .unwrap();
    let update = crate::media::webhook::StatusUpdate::read(&form).unwrap();
    assert_eq!(
        (update.call, update.status),
        (call_sid, crate::media::webhook::CallStatus::Completed)
    );
    assert_eq!(placed.await.unwrap().unwrap().frames_sent, 2);
}

#[tokio::test]
async fn a_webhook_that_gives_no_stream_is_told() {
    let url =
        refusing("HTTP/1.1 200 OK\r\ncontent-length: 11\r\nconnection: close\r\n\r\n<Response/>")
            .await;
    let mut call = Call::new(url, audio(1, false)).unwrap();
    call.announcement = Some(Announcement::default());
    let error = call.place().await.unwrap_err();
    assert!(matches!(error, DialError::NoStream { .. }), "{error:?}");
}
