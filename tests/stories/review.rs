//! What people do to a record: against its version, once per key, with every act in the audit trail.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Desk, Engine, Line, call_sid};

/// A call that left a draft without a word in it.
async fn drafted(engine: &Engine) -> Value {
    let call = call_sid();
    let mut line = Line::open(engine, &call).await;
    line.speak_in_time(10).await;
    line.stop().await;
    engine.record(&call).await
}

/// Does something to a record; status, version and body of the answer.
async fn act(
    desk: &Desk,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: Value,
) -> (StatusCode, Option<String>, Value) {
    let response = desk.request(method, path, headers, &body).await;
    let status = response.status();
    let etag = response
        .headers()
        .get("etag")
        .map(|e| e.to_str().unwrap().to_owned());
    (status, etag, response.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_reviewers_one_wins_and_a_repeated_request_is_done_once() {
    let engine = Engine::start("").await;
    let record = drafted(&engine).await;
    assert_eq!(record["state"], "draft");
    assert!(
        record["review"]["reason"]
            .as_array()
            .unwrap()
            .contains(&json!("missing:callback_number"))
    );
    let path = format!("/v1/records/{}", record["id"].as_str().unwrap());
    let number = format!("{path}/fields/callback_number");
    let value = json!({ "value": "(512) 555-0187" });

    // Without a version nobody changes anything.
    let (status, _, problem) = act(&engine, Method::PUT, &number, &[], value.clone()).await;
    assert_eq!(
        (status, &problem["code"]),
        (
            StatusCode::PRECONDITION_REQUIRED,
            &json!("if_match_required")
        )
    );

    let approve = format!("{path}/approve");
    // Two at the same moment: one wins, the other is told.
    let first = act(
        &engine,
        Method::PUT,
        &number,
        &[("if-match", "\"1\"")],
        value.clone(),
    );
    let second = act(
        &engine,
        Method::POST,
        &approve,
        &[("if-match", "\"1\"")],
        json!({}),
    );
    let (first, second) = tokio::join!(first, second);
    let mut statuses = [first.0.as_u16(), second.0.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    if second.0 == StatusCode::OK {
        let reopened = act(
            &engine,
            Method::POST,
            &format!("{path}/reopen"),
            &[("if-match", "\"2\"")],
            json!({}),
        )
        .await;
        assert_eq!(reopened.0, StatusCode::OK);
        let put = act(
            &engine,
            Method::PUT,
            &number,
            &[("if-match", "\"3\"")],
            value,
        )
        .await;
        assert_eq!(put.0, StatusCode::OK);
    }
    let now = engine.get(&path).await;
    let etag = format!("\"{}\"", now["version"]);
    assert_eq!(now["fields"]["callback_number"]["value"], "+15125550187");
    assert_eq!(now["fields"]["callback_number"]["status"], "confirmed");
    assert!(
        !now["review"]["reason"]
            .as_array()
            .unwrap()
            .contains(&json!("missing:callback_number"))
    );

    // The same request twice is one approval; the same key with another request is refused.
    let keyed = [("if-match", etag.as_str()), ("idempotency-key", "k-1")];
    let once = act(&engine, Method::POST, &approve, &keyed, json!({})).await;
    let twice = act(&engine, Method::POST, &approve, &keyed, json!({})).await;
    assert_eq!(once.0, StatusCode::OK, "{}", once.2);
    assert_eq!(once, twice);
    assert_eq!(once.2["state"], "approved");
    let other = act(
        &engine,
        Method::POST,
        &format!("{path}/reject"),
        &keyed,
        json!({ "reason": "spam" }),
    )
    .await;
    assert_eq!(
        (other.0, &other.2["code"]),
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            &json!("idempotency_key_reused")
        )
    );

    // What is approved stays, unless it is reopened.
    let late = act(
        &engine,
        Method::PUT,
        &number,
        &[("if-match", once.1.as_deref().unwrap())],
        json!({ "value": "+15125550188" }),
    )
    .await;
    assert_eq!(
        (late.0, &late.2["code"]),
        (StatusCode::CONFLICT, &json!("wrong_state"))
    );

    let trail = engine.get("/v1/audit-events").await;
    let actions: Vec<&str> = trail["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions.iter().filter(|a| **a == "record.field_set").count(),
        1,
        "{actions:?}"
    );
    assert!(actions.contains(&"record.approved"));
    assert!(
        !trail.to_string().contains("5125550187"),
        "no value stands in the trail"
    );
    assert_eq!(engine.get("/v1/audit-events/verify").await["ok"], true);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_fit_a_record_is_refused_with_what_would() {
    let engine = Engine::start("").await;
    let record = drafted(&engine).await;
    let path = format!("/v1/records/{}", record["id"].as_str().unwrap());
    let first = [("if-match", "\"1\"")];
    for (method, rest, body, status, said) in [
        (
            Method::PUT,
            "/fields/callback_number",
            json!({ "value": "555" }),
            422,
            "phone number with area code",
        ),
        (
            Method::PUT,
            "/fields/callback_numbr",
            json!({ "value": "x" }),
            404,
            "did you mean \"callback_number\"",
        ),
        (
            Method::PUT,
            "/fields/callback_number",
            json!({ "valu": 1 }),
            400,
            "unknown field `valu`",
        ),
        (
            Method::POST,
            "/fields/email/confirm",
            json!({}),
            409,
            "no value to confirm",
        ),
        (
            Method::POST,
            "/fields/email/bless",
            json!({}),
            404,
            "confirm, reject or decline",
        ),
        (
            Method::POST,
            "/reject",
            json!({ "reason": "because" }),
            422,
            "wants one of spam",
        ),
        (Method::POST, "/reopen", json!({}), 409, "draft"),
        (
            Method::PATCH,
            "",
            json!({ "outcome": "great" }),
            422,
            "outcome wants one of booked",
        ),
        (Method::PATCH, "", json!({}), 400, "names nothing to change"),
    ] {
        let (got, _, problem) = act(&engine, method, &format!("{path}{rest}"), &first, body).await;
        assert_eq!(got.as_u16(), status, "{rest}: {problem}");
        assert!(
            problem["detail"].as_str().unwrap().contains(said),
            "{rest}: {problem}"
        );
    }
    assert_eq!(engine.get(&path).await, record, "nothing has changed");
    for query in ["sort=size", "limit=0", "cursor=x", "colour=red"] {
        assert_eq!(
            engine.ask(&format!("/v1/records?{query}")).await.status(),
            StatusCode::BAD_REQUEST,
            "{query}"
        );
    }
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_whom_nobody_answered_is_work_that_becomes_overdue_and_is_done() {
    let routes = "[verticals.bare]\ntitle = \"Bare\"\n[[verticals.bare.fields]]\nname = \"callback_number\"\ntype = \"phone\"\n[[verticals.bare.routes]]\nwhen = { otherwise = true }\nowner = { department = \"front\" }\nnext_action = { kind = \"callback\", deadline = \"PT1H\" }\n";
    let engine = Engine::start(&format!("defaults.vertical = \"bare\"\n{routes}")).await;
    let call = call_sid();
    let form = |status| {
        [
            ("CallSid", call.clone()),
            ("AccountSid", "AC1".to_owned()),
            ("From", "+15125550142".to_owned()),
            ("To", "+15125550100".to_owned()),
            ("CallStatus", status),
            ("Direction", "inbound".to_owned()),
        ]
    };
    for (path, status) in [
        ("/twilio/voice", "ringing"),
        ("/twilio/status", "no-answer"),
    ] {
        let form = form(status.to_owned());
        let pairs: Vec<(&str, &str)> = form.iter().map(|(k, v)| (*k, v.as_str())).collect();
        assert!(
            engine.post(path, &pairs, None).await.status().is_success(),
            "{path}"
        );
    }
    let record = engine.record(&call).await;
    assert_eq!(
        (&record["outcome"]["code"], &record["outcome"]["group"]),
        (&json!("abandoned"), &json!("unreached"))
    );
    assert_eq!(record["next_action"]["kind"], "call_back");

    let owed = engine.get("/v1/tasks?status=open").await;
    let task = &owed["data"][0];
    assert_eq!(
        (
            &task["kind"],
            &task["owner"]["department_id"],
            &task["overdue"]
        ),
        (&json!("next_action"), &json!("front"), &json!(false))
    );
    let edge = engine.running.edge();
    let later_ms = edge.now_ms() + 2 * 3_600_000;
    assert_eq!(
        offhook::server::upkeep::tell_overdue(edge, later_ms)
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        offhook::server::upkeep::tell_overdue(edge, later_ms)
            .await
            .unwrap(),
        0,
        "told once"
    );

    let report = engine.get("/v1/reports/unresolved").await;
    assert_eq!(
        (
            &report["rows"][0]["open"],
            &report["rows"][0]["next_actions"]
        ),
        (&json!(1), &json!(1))
    );
    let path = format!("/v1/tasks/{}", task["id"].as_str().unwrap());
    let (status, etag, done) = act(
        &engine,
        Method::PATCH,
        &path,
        &[("if-match", "\"1\"")],
        json!({ "status": "done" }),
    )
    .await;
    assert_eq!(
        (status, etag.as_deref(), &done["status"]),
        (StatusCode::OK, Some("\"2\""), &json!("done"))
    );
    assert_eq!(
        act(
            &engine,
            Method::PATCH,
            &path,
            &[("if-match", "\"1\"")],
            json!({ "status": "open" })
        )
        .await
        .0,
        StatusCode::PRECONDITION_FAILED
    );
    let unresolved = engine.get("/v1/reports/unresolved").await;
    assert_eq!(unresolved["rows"][0]["open"], json!(0), "{unresolved}");
    let csv = engine
        .ask("/v1/reports/outcomes?group_by=vertical&format=csv")
        .await;
    assert_eq!(
        csv.text().await.unwrap(),
        "group,outcome,outcome_group,calls,share\r\nbare,abandoned,unreached,1,1\r\n"
    );
    assert_eq!(
        engine.ask("/v1/reports/nonsense").await.status(),
        StatusCode::NOT_FOUND
    );
    engine.close().await;
}
