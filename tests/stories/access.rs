//! Who may: the first account, sign-in, roles, locations, keys; strangers and other sites' pages stay out.

use reqwest::{Client, Method, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::harness::{Engine, Line, call_sid};

const LOCATIONS: &str = "access.open_until_first_account = false\n[[locations]]\nid = \"austin\"\nnumbers = [\"+15125550100\"]\n[[locations]]\nid = \"dallas\"\nnumbers = [\"+12145550100\"]";

/// A browser with its cookies.
struct Browser<'a> {
    engine: &'a Engine,
    http: Client,
}

impl Browser<'_> {
    fn new(engine: &Engine) -> Browser<'_> {
        let http = Client::builder()
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Browser { engine, http }
    }

    async fn get(&self, path: &str) -> Response {
        self.http.get(self.engine.url(path)).send().await.unwrap()
    }

    async fn json(&self, path: &str) -> Value {
        self.get(path).await.json().await.unwrap()
    }

    async fn form(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let kind = (header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.http
            .post(self.engine.url(path))
            .header(kind.0, kind.1)
            .body(body)
            .send()
            .await
            .unwrap()
    }

    async fn post(&self, path: &str, body: Value) -> Response {
        self.http
            .post(self.engine.url(path))
            .json(&body)
            .send()
            .await
            .unwrap()
    }
}

async fn call_to(engine: &Engine, number: &str) -> Value {
    let call = call_sid();
    let mut line = Line::connect(engine, &call).await;
    line.start(&[("to", number)]).await;
    line.speak_in_time(5).await;
    line.stop().await;
    json!(call)
}

/// The first admin's browser.
async fn admin(engine: &Engine) -> Browser<'_> {
    let token = engine.running.edge().access.new_first_link().unwrap();
    let browser = Browser::new(engine);
    let page = browser.get(&format!("/first-run?token={token}")).await;
    assert_eq!(page.status(), StatusCode::OK);
    let form = [
        ("token", token.as_str()),
        ("login", "Dana@Example.com"),
        ("name", "Dana"),
        ("password", "correct horse"),
    ];
    let made = browser.form("/first-run", &form).await;
    assert_eq!(made.status(), StatusCode::SEE_OTHER);
    let cookie = made.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    // The link is good once.
    let again = Browser::new(engine).form("/first-run", &form).await;
    assert_eq!(again.status(), StatusCode::FORBIDDEN);
    browser
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_see_nothing_and_the_first_link_makes_the_first_admin() {
    let engine = Engine::start(LOCATIONS).await;
    let stranger = Browser::new(&engine);
    for path in [
        "/v1/calls",
        "/v1/records",
        "/v1/live/sse",
        "/v1/users",
        "/v1/audit-events",
        "/metrics",
    ] {
        assert_eq!(
            stranger.get(path).await.status(),
            StatusCode::UNAUTHORIZED,
            "{path}"
        );
    }
    for path in ["/healthz", "/readyz", "/sign-in"] {
        assert_eq!(stranger.get(path).await.status(), StatusCode::OK, "{path}");
    }
    let page = stranger
        .http
        .get(engine.url("/calls/x"))
        .header("accept", "text/html")
        .send()
        .await
        .unwrap();
    assert_eq!(page.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        page.headers()[header::LOCATION],
        "/sign-in?then=%2Fcalls%2Fx"
    );
    let forged = stranger
        .form(
            "/first-run",
            &[
                ("token", "first_x"),
                ("login", "eve"),
                ("password", "correct horse"),
            ],
        )
        .await;
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);

    let dana = admin(&engine).await;
    assert_eq!(dana.json("/v1/me").await["role"], "admin");
    assert_eq!(
        dana.json("/v1/users").await["data"][0]["login"],
        "dana@example.com"
    );
    let headers = dana.get("/v1/me").await;
    assert_eq!(headers.headers()["x-content-type-options"], "nosniff");
    assert!(
        headers.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("frame-ancestors 'none'")
    );

    // Another site's page speaks with Dana's cookie and gets nowhere.
    let foreign = dana
        .http
        .post(engine.url("/v1/users"))
        .header("origin", "https://evil.example")
        .json(&json!({ "login": "eve", "role": "admin" }));
    assert_eq!(
        foreign.send().await.unwrap().status(),
        StatusCode::FORBIDDEN
    );

    assert_eq!(
        dana.form("/sign-out", &[]).await.status(),
        StatusCode::SEE_OTHER
    );
    assert_eq!(dana.get("/v1/me").await.status(), StatusCode::UNAUTHORIZED);
    let back = dana
        .form(
            "/sign-in",
            &[
                ("login", "dana@example.com"),
                ("password", "correct horse"),
                ("then", "//evil.example"),
            ],
        )
        .await;
    assert_eq!(back.headers()[header::LOCATION], "/");
    assert_eq!(dana.get("/v1/me").await.status(), StatusCode::OK);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_and_its_locations_bound_what_an_account_sees_and_does() {
    let engine = Engine::start(LOCATIONS).await;
    let dana = admin(&engine).await;
    let (austin, dallas) = (
        call_to(&engine, "+15125550100").await,
        call_to(&engine, "+12145550100").await,
    );
    let stored = |call: Value| {
        let dana = &dana;
        async move {
            crate::harness::until("the draft", async || {
                let call: Value = dana
                    .json(&format!("/v1/calls/{}", call.as_str().unwrap()))
                    .await;
                call["record_id"].is_string().then_some(call)
            })
            .await
        }
    };
    let (austin, dallas) = (stored(austin).await, stored(dallas).await);

    let new = json!({ "login": "lee", "role": "operator", "location_ids": ["austin"] });
    let made: Value = dana
        .post("/v1/users", new.clone())
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(
        dana.post("/v1/users", new).await.status(),
        StatusCode::CONFLICT
    );
    let lost = dana
        .post(
            "/v1/users",
            json!({ "login": "x", "role": "agent", "location_ids": ["mars"] }),
        )
        .await;
    assert_eq!(lost.status(), StatusCode::BAD_REQUEST);
    let link = made["password_link"].as_str().unwrap();
    let token = link.split("token=").nth(1).unwrap();
    let lee = Browser::new(&engine);
    let short = lee
        .form("/set-password", &[("token", token), ("password", "short")])
        .await;
    assert_eq!(short.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        lee.form(
            "/set-password",
            &[("token", token), ("password", "battery staple")]
        )
        .await
        .status(),
        StatusCode::SEE_OTHER
    );
    let used = Browser::new(&engine)
        .form(
            "/set-password",
            &[("token", token), ("password", "another one!")],
        )
        .await;
    assert_eq!(used.status(), StatusCode::FORBIDDEN);

    let listed = lee.json("/v1/calls").await;
    let ids: Vec<&Value> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["id"])
        .collect();
    assert_eq!(ids, [&austin["id"]]);
    assert_eq!(
        lee.json("/v1/records").await["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    for (call, status) in [(&austin, StatusCode::OK), (&dallas, StatusCode::NOT_FOUND)] {
        let (id, record) = (
            call["id"].as_str().unwrap(),
            call["record_id"].as_str().unwrap(),
        );
        for path in [
            format!("/v1/calls/{id}"),
            format!("/v1/calls/{id}/transcript"),
            format!("/v1/records/{record}"),
        ] {
            assert_eq!(lee.get(&path).await.status(), status, "{path}");
        }
        let approve = lee
            .http
            .post(engine.url(&format!("/v1/records/{record}/approve")))
            .header("if-match", "\"1\"");
        assert_eq!(approve.send().await.unwrap().status(), status);
    }
    for path in ["/v1/users", "/v1/api-keys", "/v1/audit-events"] {
        assert_eq!(
            lee.get(path).await.status(),
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }

    // The last admin stays; a disabled account is out at once.
    let me = dana.json("/v1/me").await;
    let fall = dana
        .http
        .patch(engine.url(&format!("/v1/users/{}", me["id"].as_str().unwrap())))
        .json(&json!({ "role": "viewer" }));
    assert_eq!(fall.send().await.unwrap().status(), StatusCode::CONFLICT);
    let out = dana
        .http
        .patch(engine.url(&format!("/v1/users/{}", made["id"].as_str().unwrap())))
        .json(&json!({ "disabled": true }));
    assert_eq!(out.send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(lee.get("/v1/me").await.status(), StatusCode::UNAUTHORIZED);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guessing_gets_slow_and_a_key_does_what_its_scopes_say() {
    let engine = Engine::start(LOCATIONS).await;
    let dana = admin(&engine).await;
    let guess = Browser::new(&engine);
    let mut statuses = Vec::new();
    // Six at once, then as many as time gives: where each takes long, the limit comes a few tries later.
    for _ in 0..40 {
        let answer = guess
            .post(
                "/v1/sessions",
                json!({ "login": "dana@example.com", "password": "a wrong guess" }),
            )
            .await;
        statuses.push(answer.status().as_u16());
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            assert!(answer.headers().contains_key(header::RETRY_AFTER));
            break;
        }
    }
    let (last, before) = statuses.split_last().unwrap();
    assert_eq!(*last, 429);
    assert!(before.len() >= 6 && before.iter().all(|s| *s == 401));

    let made: Value = dana
        .post(
            "/v1/api-keys",
            json!({ "name": "crm", "scopes": ["calls:read"] }),
        )
        .await
        .json()
        .await
        .unwrap();
    let key = made["key"].as_str().unwrap();
    assert!(
        !dana.json("/v1/api-keys").await.to_string().contains(key),
        "a key is shown once"
    );
    let with = |key: &str, method: Method, path: &str| {
        let request = Client::new()
            .request(method, engine.url(path))
            .bearer_auth(key);
        async move { request.send().await.unwrap().status() }
    };
    assert_eq!(with(key, Method::GET, "/v1/calls").await, StatusCode::OK);
    assert_eq!(
        with(key, Method::GET, "/v1/users").await,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        with("ak_nonsense", Method::GET, "/v1/calls").await,
        StatusCode::UNAUTHORIZED
    );
    let gone = dana
        .http
        .delete(engine.url(&format!("/v1/api-keys/{}", made["id"].as_str().unwrap())));
    assert_eq!(gone.send().await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(
        with(key, Method::GET, "/v1/calls").await,
        StatusCode::UNAUTHORIZED
    );
    engine.close().await;
}
