//! Mail and text messages that cannot be delivered, and a mail server that wants TLS.

use std::path::Path;

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use offhook::delivery::{Event, EventType};
use serde_json::json;

use super::outbox::Outbox;
use crate::harness::mail::MailServer;
use crate::harness::receiver::Receiver;
use crate::harness::soon;

fn smtp(mail: &MailServer, tls: &str, ca_file: Option<&Path>) -> String {
    let ca = ca_file.map_or_else(String::new, |file| format!("ca_file = {file:?}\n"));
    format!(
        "[delivery.smtp]\nhost = \"localhost\"\nport = {}\ntls = \"{tls}\"\nfrom = \"Acme <calls@acme.example>\"\n{ca}\
         [[destinations]]\nid = \"desk\"\nkind = \"email\"\nto = [\"desk@acme.example\"]\nallow_fields = [\"*\"]\nevents = [\"record.approved\", \"delivery.dead\"]\n",
        mail.address.port()
    )
}

fn missed(call: &str, at_ms: i64) -> Event {
    let data = json!({ "call_id": call, "vertical": "home_services", "call": { "id": call, "from": "+15125550142" } });
    Event::new(EventType::CallMissed, call, "", at_ms, data)
}

/// Every delivery's destination, state, status and error.
async fn rows(outbox: &Outbox) -> Vec<(String, String, Option<i64>, String)> {
    outbox
        .database
        .read(|sql| {
            let rows = sql.query(
                "SELECT destination_id, state, last_status, coalesce(last_error, '') FROM deliveries ORDER BY created_at_ms, destination_id",
                &[],
            )?;
            rows.iter()
                .map(|r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))
                .collect::<Result<_, offhook::store::DatabaseError>>()
        })
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_goes_under_tls_to_a_server_that_is_trusted_and_to_no_other() {
    let Some(mail) = MailServer::start().await else {
        return;
    };
    let approved = |outbox: &Outbox| super::outbox::approved("call_1", 1, outbox.now_ms());
    let trusted = Outbox::new(&smtp(&mail, "starttls", Some(&mail.certificate)));
    let worker = trusted.worker();
    worker.tell(vec![approved(&trusted)]).await.unwrap();
    soon("the mail", worker.run_due()).await.unwrap();
    assert_eq!(
        rows(&trusted).await[0].1,
        "delivered",
        "{:?}",
        rows(&trusted).await
    );
    assert_eq!(mail.mails().len(), 1);
    let strange = Outbox::new(&smtp(&mail, "starttls", None));
    let worker = strange.worker();
    worker.tell(vec![approved(&strange)]).await.unwrap();
    soon("the refusal", worker.run_due()).await.unwrap();
    let (_, state, status, error) = rows(&strange).await.remove(0);
    assert_eq!((state.as_str(), status), ("retrying", None));
    assert!(
        error.to_lowercase().contains("certificate") || error.to_lowercase().contains("tls"),
        "{error}"
    );
    assert_eq!(mail.mails().len(), 1, "nothing goes in the clear");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_is_none_is_given_up_at_once_and_somebody_is_told() {
    let Some(mail) = MailServer::start().await else {
        return;
    };
    let twilio = Receiver::answering(|got| async move {
        if got.body.contains("To=%2B15125550000") {
            let body = r#"{"code":21211,"message":"The 'To' number +15125550000 is not a valid phone number.","status":400}"#;
            return (StatusCode::BAD_REQUEST, body).into_response();
        }
        (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "120")], r#"{"code":20429}"#).into_response()
    })
    .await;
    let sms = |id: &str, to: &str| {
        format!(
            "[[destinations]]\nid = \"{id}\"\nkind = \"sms\"\nto = [\"{to}\"]\nevents = [\"call.missed\"]\nallow_fields = []\n"
        )
    };
    let outbox = Outbox::new(&format!(
        "[delivery.twilio]\naccount_sid = \"AC1\"\nauth_token = \"hunter2\"\nfrom = \"+15125550100\"\nbase_url = \"http://{}\"\n{}{}{}",
        twilio.address,
        smtp(&mail, "none", None),
        sms("bad", "+15125550000"),
        sms("busy", "+15125550001"),
    ));
    let worker = outbox.worker();
    let begun_ms = outbox.now_ms();
    worker.tell(vec![missed("call_1", begun_ms)]).await.unwrap();
    let next_ms = soon("both attempts and the bad news", worker.run_due())
        .await
        .unwrap();
    let found = rows(&outbox).await;
    let brief: Vec<_> = found
        .iter()
        .map(|r| (r.0.as_str(), r.1.as_str(), r.2))
        .collect();
    assert_eq!(
        brief,
        [
            ("bad", "dead", Some(400)),
            ("busy", "retrying", Some(429)),
            ("desk", "delivered", Some(250))
        ]
    );
    assert_eq!(next_ms, Some(begun_ms + 120_000), "Retry-After holds");
    assert!(found[0].3.contains("errors/21211"), "{}", found[0].3);
    assert!(
        found
            .iter()
            .all(|r| !r.3.contains("5550000") && !r.3.contains("hunter2"))
    );
    // By another channel, and within the same moment.
    let letter = &mail.mails()[0];
    assert!(
        letter.contains("Subject: Not delivered: call.missed to bad"),
        "{letter}"
    );
}
