//! What the API says of itself is what it does: each operation of `/openapi.json` is asked, with what it wants and with nonsense.

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Engine, Line, call_sid};

/// A value that fits a parameter.
fn fitting(name: &str, schema: &Value, call: &Value) -> String {
    if let Some(values) = schema["enum"].as_array() {
        return values[0].as_str().unwrap().to_owned();
    }
    match (name, schema["type"].as_str(), schema["format"].as_str()) {
        ("id", ..) => call["id"].as_str().unwrap().to_owned(),
        ("name", ..) => "callback_number".to_owned(),
        ("cursor", ..) => String::new(),
        ("to_ms", ..) => "100".to_owned(),
        (_, Some("integer"), _) => "1".to_owned(),
        (_, Some("boolean"), _) => "true".to_owned(),
        ("to" | "until" | "started_before" | "due_before", _, Some("date-time")) => {
            "2099-01-01T00:00:00Z".to_owned()
        }
        (_, _, Some("date-time")) => "2020-01-01T00:00:00Z".to_owned(),
        _ => "x".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_is_answered_and_nonsense_never_breaks_the_server() {
    let engine = Engine::start("").await;
    let sid = call_sid();
    let mut line = Line::open(&engine, &sid).await;
    line.speak_in_time(10).await;
    line.stop().await;
    let call = engine.call(&sid).await;
    let api = engine.get("/openapi.json").await;
    let http = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let mut asked = 0;
    for (path, operations) in api["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            if operation["responses"]["101"].is_object() || path.ends_with("/sse") {
                continue; // The feed has stories of its own.
            }
            let named = |place: &str| -> Vec<(String, String)> {
                let all = operation["parameters"].as_array().unwrap().iter();
                all.filter(|p| p["in"] == place)
                    .map(|p| {
                        let name = p["name"].as_str().unwrap();
                        (name.to_owned(), fitting(name, &p["schema"], &call))
                    })
                    .filter(|(_, value)| !value.is_empty())
                    .collect()
            };
            let mut address = path.clone();
            for (name, value) in named("path") {
                let id = if path.starts_with("/v1/records") {
                    call["record_id"].as_str().unwrap()
                } else {
                    &value
                };
                let value = if name == "id" { id } else { &value };
                address = address.replace(&format!("{{{name}}}"), value);
            }
            let query: String = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(named("query"))
                .finish();
            let method: Method = method.to_ascii_uppercase().parse().unwrap();
            let versioned = operation["parameters"]
                .as_array()
                .unwrap()
                .iter()
                .any(|p| p["name"] == "If-Match");
            let bodies: [Option<&str>; 5] = [
                None,
                Some("{}"),
                Some("[]"),
                Some("{\"value\": {\"deep\": [null]}, \"é\": 1e999}"),
                Some("not json \u{0}"),
            ];
            for body in bodies {
                let mut request =
                    http.request(method.clone(), engine.url(&format!("{address}?{query}")));
                if versioned {
                    request = request.header("if-match", "\"999\"");
                }
                if let Some(body) = body {
                    request = request
                        .header("content-type", "application/json")
                        .body(body.to_owned());
                }
                let answer = request.send().await.unwrap();
                let status = answer.status();
                assert!(
                    !status.is_server_error() && status != StatusCode::METHOD_NOT_ALLOWED,
                    "{method} {address} {body:?}: {status}"
                );
                if status.is_client_error() {
                    assert_eq!(
                        answer.headers()["content-type"],
                        "application/problem+json",
                        "{method} {address} {body:?}: {status}"
                    );
                    let problem: Value = answer.json().await.unwrap();
                    assert!(
                        problem["detail"]
                            .as_str()
                            .is_some_and(|d| d != "there is no such page"),
                        "{method} {address}: {problem}"
                    );
                }
                asked += 1;
                if method == Method::GET {
                    break;
                }
            }
            // What is not in the description is refused, not overlooked.
            if method == Method::GET
                && operation["parameters"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|p| p["in"] == "query")
            {
                let answer = http
                    .get(engine.url(&format!("{address}?no_such_parameter=1")))
                    .send()
                    .await
                    .unwrap();
                assert!(
                    answer.status().is_client_error() || path.contains("transcript"),
                    "{address}: {}",
                    answer.status()
                );
            }
        }
    }
    assert!(asked > 60, "{asked}");
    assert_eq!(engine.get("/v1/me").await["kind"], json!("local"));
    engine.close().await;
}
