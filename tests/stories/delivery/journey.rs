//! From a call to everybody who should know of it: fields while it goes on, a correction, the review, and after the approval a webhook, a
//! mail and a text message.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use offhook::call::{CallId, Event, Heard};
use offhook::fields::words_of_text;
use offhook::media::Track;
use offhook::speech::Segment;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::mail::MailServer;
use crate::harness::receiver::{Receiver, SECRET};
use crate::harness::{Engine, Line, Reader, call_sid, until};

/// Settings that come before any table.
pub const PLAIN: &str = "speech.enabled = false\nstore.fsync = false\ndefaults.vertical = \"plumber\"\ndefaults.business_name = \"Acme Plumbing\"\n";

pub const VERTICAL: &str = r#"
[verticals.plumber]
fields = [
  { name = "caller_name", type = "person_name", required = true, policy = "sync", min_confidence = 0.3, confirm = "never" },
  { name = "callback_number", type = "phone", required = true, policy = "sync", confirm = "always" },
  { name = "service_address", type = "address", policy = "approve" },
  { name = "gate_code", type = "code", sensitive = true, policy = "approve" },
]
escalations = [{ id = "gas", when = { any_phrase = ["gas leak"] }, severity = "critical", notify = ["pager"] }]
"#;

/// Lets somebody say something in a call, as the recogniser would report it.
pub struct Talk {
    utterances: [u32; 2],
    at_ms: u64,
}

impl Talk {
    pub fn new() -> Talk {
        Talk {
            utterances: [0; 2],
            at_ms: 0,
        }
    }

    pub async fn say(&mut self, engine: &Engine, call: &Value, track: Track, text: &str) {
        let id: CallId = call.as_str().unwrap().parse().unwrap();
        let mailbox = engine.running.edge().registry.get(id).unwrap();
        let (start_ms, end_ms) = (self.at_ms, self.at_ms + 2_000);
        self.at_ms = end_ms + 500;
        let segment = Segment {
            track,
            utterance: self.utterances[track.index()],
            start_ms,
            end_ms,
            text: text.to_owned(),
            words: words_of_text(text, start_ms, end_ms),
            suspect: false,
            model: "story".into(),
        };
        self.utterances[track.index()] += 1;
        mailbox
            .durable(Event::Heard(Heard::Final(segment)))
            .await
            .unwrap();
    }
}

/// Twilio's Messages resource, as far as it goes.
async fn twilio() -> Receiver {
    Receiver::answering(|got| async move {
        // AC1:token in base64.
        if got.header("authorization") != "Basic QUMxOnRva2Vu" {
            return (
                StatusCode::UNAUTHORIZED,
                r#"{"code":20003,"message":"Authenticate","status":401}"#,
            )
                .into_response();
        }
        if got.body.contains("To=%2B15125550000") {
            return (
                StatusCode::BAD_REQUEST,
                r#"{"code":21211,"message":"Invalid 'To' Phone Number","status":400}"#,
            )
                .into_response();
        }
        (StatusCode::CREATED, r#"{"sid":"SM0123","status":"queued"}"#).into_response()
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_reaches_everybody_who_should_know_of_it() {
    let Some(mail) = MailServer::start().await else {
        return;
    };
    let (crm, twilio) = (Receiver::start().await, twilio().await);
    let engine = Engine::start(&format!(
        r#"{PLAIN}
[delivery]
base_url = "https://desk.example.com"
[delivery.smtp]
host = "127.0.0.1"
port = {mail_port}
tls = "none"
from = "Acme Calls <calls@acme.example>"
[delivery.twilio]
account_sid = "AC1"
auth_token = "token"
from = "+15125550100"
base_url = "http://{twilio}"
{crm}
[[destinations]]
id = "desk"
kind = "email"
to = ["Front Desk <desk@acme.example>"]
events = ["record.approved"]
allow_fields = ["caller_name", "callback_number"]
[[destinations]]
id = "pager"
kind = "sms"
to = ["+15125550999"]
allow_fields = ["callback_number"]
[[destinations]]
id = "caller"
kind = "sms"
to = ["{{callback_number}}"]
allow_fields = ["caller_name", "service_address"]
{VERTICAL}
[[verticals.plumber.actions]]
id = "confirm_to_caller"
kind = "sms"
destination = "caller"
on = "record.approved"
when = {{ field = "callback_number", status = "confirmed" }}
template = "Hi {{caller_name:first}}, {{{{ business }}}} comes to {{service_address:line1}}."
"#,
        mail_port = mail.address.port(),
        twilio = twilio.address,
        crm = crm.destination("crm", "events = [\"record.approved\", \"field.synced\", \"call.started\", \"call.ended\"]\nallow_fields = [\"*\"]"),
    ))
    .await;
    let sid = call_sid();
    let mut line = Line::connect(&engine, &sid).await;
    line.start(&[("from", "+15125550142")]).await;
    line.speak_in_time(5).await;
    let call = engine.live(&sid, "the call", |_| true).await["call_id"].clone();

    assert_eq!(
        crm.event("call.started").await.json()["data"]["call"]["from"],
        "+15125550142"
    );
    // While the call goes on.
    let mut talk = Talk::new();
    talk.say(
        &engine,
        &call,
        Track::Inbound,
        "hello my name is Maria Gonzalez",
    )
    .await;
    let synced = crm.event("field.synced").await;
    assert!(synced.verifies(SECRET) && !synced.verifies("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    let body = synced.json();
    assert_eq!(
        body["data"]["fields"]["caller_name"]["value"],
        "Maria Gonzalez"
    );
    assert_eq!(
        (
            &body["data"]["fields"]["caller_name"]["version"],
            &body["data"]["call_id"]
        ),
        (&json!(1), &call)
    );
    let mut reader = Reader::open(&engine).await;
    reader
        .act(&json!({ "client_id": 1, "call_id": call, "type": "field.set", "field": "caller_name", "value": "Maria Gonzales" }))
        .await;
    let corrected = crm.event("field.corrected").await.json();
    assert_eq!(
        corrected["data"]["fields"]["caller_name"]["value"],
        "Maria Gonzales"
    );
    assert_eq!(
        corrected["data"]["previous"],
        json!({ "field": "caller_name", "version": 1, "value": "Maria Gonzalez" })
    );
    assert!(corrected["sequence"].as_i64() > body["sequence"].as_i64());
    let digits = "five one two five five five oh one eight seven";
    talk.say(
        &engine,
        &call,
        Track::Inbound,
        &format!("my number is {digits}"),
    )
    .await;
    talk.say(
        &engine,
        &call,
        Track::Outbound,
        &format!("so that is {digits}"),
    )
    .await;
    talk.say(&engine, &call, Track::Inbound, "yes that's right")
        .await;
    crm.wait_for("the number", |g| {
        g.json()["data"]["fields"]["callback_number"]["value"] == "+15125550187"
    })
    .await;
    talk.say(&engine, &call, Track::Inbound, "oh and there is a gas leak")
        .await;
    let page = twilio
        .wait_for("the page", |g| g.body.contains("To=%2B15125550999"))
        .await;
    assert!(page.body.contains("CRITICAL"), "{}", page.body);

    // The draft, the review, the approval.
    line.stop().await;
    let record = engine.record(&sid).await;
    let sync = &record["fields"]["caller_name"]["sync"]["crm"];
    assert_eq!(
        (&sync["state"], &sync["version"]),
        (&json!("sent"), &json!(2))
    );
    crm.event("call.ended").await;
    let path = format!("/v1/records/{}", record["id"].as_str().unwrap());
    let mut version = record["version"].as_i64().unwrap();
    let address = json!({ "number": "412", "street": "Oak Street", "unit": null, "city": "Austin", "state": "TX", "postal_code": null });
    for (field, value) in [
        ("service_address", address),
        ("gate_code", json!("4711")),
        ("caller_name", json!("Mary Gonzales")),
    ] {
        let answer = engine
            .request(
                Method::PUT,
                &format!("{path}/fields/{field}"),
                &[("if-match", &format!("\"{version}\""))],
                &json!({ "value": value }),
            )
            .await;
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
        version += 1;
    }
    assert!(
        !crm.got()
            .iter()
            .any(|g| g.json()["type"] == "record.approved"),
        "nothing leaves before the approval"
    );
    let answer = engine
        .request(
            Method::POST,
            &format!("{path}/approve"),
            &[("if-match", &format!("\"{version}\""))],
            &json!({}),
        )
        .await;
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());

    let approved = crm.event("record.approved").await;
    assert!(approved.verifies(SECRET));
    let data = approved.json()["data"].clone();
    assert_eq!(
        data["fields"]["service_address"]["value"]["street"],
        "Oak Street"
    );
    assert_eq!(
        data["fields"]["gate_code"]["status"],
        "withheld_from_destination"
    );
    assert!(!approved.body.contains("4711"));
    let actions = data["post_call_actions"].as_array().unwrap();
    let confirm = actions
        .iter()
        .find(|a| a["id"] == "confirm_to_caller")
        .unwrap();
    assert_eq!(
        (&confirm["state"], &confirm["provider_id"]),
        (&json!("delivered"), &json!("SM0123"))
    );
    assert_eq!(
        data["links"]["ui"],
        format!("https://desk.example.com/calls/{}", call.as_str().unwrap())
    );
    let last = crm
        .got()
        .into_iter()
        .rfind(|g| g.json()["type"] == "field.corrected")
        .unwrap()
        .json();
    assert_eq!(
        (
            &last["data"]["fields"]["caller_name"]["value"],
            &last["data"]["fields"]["caller_name"]["version"]
        ),
        (&json!("Mary Gonzales"), &json!(3))
    );
    let order: Vec<i64> = crm
        .got()
        .iter()
        .map(|g| g.json()["sequence"].as_i64().unwrap())
        .collect();
    assert!(order.is_sorted(), "{order:?}");

    let letter = mail
        .wait_for("the mail", |m| {
            m.contains("To: \"Front Desk\" <desk@acme.example>")
        })
        .await;
    assert!(
        letter.contains("multipart/alternative")
            && letter.contains("text/plain")
            && letter.contains("text/html"),
        "{letter}"
    );
    assert!(
        letter.contains("Subject: Call from +15125550142")
            && letter.contains("Auto-Submitted: auto-generated"),
        "{letter}"
    );
    assert!(
        letter.contains("Mary Gonzales")
            && !letter.contains("Oak Street")
            && !letter.contains("4711"),
        "{letter}"
    );
    let text = twilio
        .wait_for("the text message", |g| g.body.contains("To=%2B15125550187"))
        .await;
    assert_eq!(text.path, "/2010-04-01/Accounts/AC1/Messages.json");
    assert!(
        text.body
            .contains("Body=Hi+Mary%2C+Acme+Plumbing+comes+to+412+Oak+Street."),
        "{}",
        text.body
    );

    // Proof: what moved where, and an unbroken audit trail.
    let delivered = until("the webhook's settlement", async || {
        let list = engine
            .get(&format!(
                "/v1/deliveries?event_type=record.approved&destination=crm&call_id={}",
                call.as_str().unwrap()
            ))
            .await;
        list["data"]
            .as_array()?
            .iter()
            .find(|d| d["state"] == "delivered")
            .cloned()
    })
    .await;
    assert_eq!(
        delivered["fields_sent"],
        json!([
            "callback_number",
            "caller_name",
            "next_action",
            "service_address"
        ])
    );
    use sha2::{Digest, Sha256};
    let hash: String = Sha256::digest(approved.body.as_bytes())
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    assert_eq!(delivered["payload_sha256"], hash);
    let one = engine
        .get(&format!(
            "/v1/deliveries/{}",
            delivered["id"].as_str().unwrap()
        ))
        .await;
    assert_eq!(
        (&one["attempts"][0]["status_code"], &one["payload"]["id"]),
        (&json!(200), &delivered["event_id"])
    );
    assert_eq!(engine.get("/v1/audit-events/verify").await["ok"], true);
}
